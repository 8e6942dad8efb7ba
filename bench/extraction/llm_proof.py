"""What the LLM engine's judge makes of a model that is right, and of models that lie, over the labelled documents.

No model is needed: three scripted ones answer from the truth. ``right`` quotes the true place; ``wrong value`` quotes the true
place for another value; ``wrong quote`` quotes words that are not there, for another value.
``python bench/extraction/llm_proof.py [DATASET …] [--write]``
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from corpus import Labelled, corpus, shared_folder

from fieldproof.core.geometry import Box
from fieldproof.core.result import FieldValue
from fieldproof.core.schema import Group
from fieldproof.extraction import Options, SourceDocument, llm
from fieldproof.extraction.llm.form import Leaf, leaves_of
from fieldproof.extraction.llm.messages import Ask, Reply

CONFIG = llm.LlmConfig(
    llm.Provider.COMPATIBLE, "scripted", "", concurrency=1, max_document_tokens=10**7, max_fields_per_call=500
)
RESULT = Path(__file__).resolve().parents[1] / "results" / "llm-proof.md"
Script = Callable[[dict[str, Any], Any], tuple[Any, str]]  # the truth and another document's value → value, quote


class Scripted:
    """A model that knows the truth and says what its script makes of it."""

    name = "scripted"

    def __init__(self, answers: dict[str, tuple[Any, str]]) -> None:
        self._answers = answers

    def complete(self, ask: Ask, deadline: float) -> Reply:
        if "rows" in ask.schema["properties"]:
            return Reply('{"rows": []}', 1, 1)
        form = {
            key: dict(zip(("value", "quote"), self._answers.get(key, ("", "")), strict=True))
            for key in ask.schema["properties"]
        }
        return Reply(orjson.dumps(form).decode(), 1, 1)


def right(truth: dict[str, Any], other: Any) -> tuple[Any, str]:
    """the true value, quoting its place"""
    return _said(truth["value"]), truth["sources"][0]["text"]


def wrong_value(truth: dict[str, Any], other: Any) -> tuple[Any, str]:
    """a lie, quoting the true value's place"""
    return _said(other), truth["sources"][0]["text"]


def wrong_quote(truth: dict[str, Any], other: Any) -> tuple[Any, str]:
    """a lie, quoting words that are not there"""
    return _said(other), f"as agreed on the telephone: {other}"


SCRIPTS: tuple[Script, ...] = (right, wrong_value, wrong_quote)
OUTCOMES = (
    "proved, right place",
    "proved, other place",
    "kept out",
    "marked",
    "stands elsewhere, cited",
    "LET THROUGH",
)


def main(arguments: list[str]) -> None:
    shared = shared_folder()
    if shared is None:
        sys.exit("The labelled documents are not here.")
    documents = corpus(shared / "data" / "bench" / "dev", [a for a in arguments if a != "--write"])
    tally: Counter[tuple[str, str]] = Counter()
    for labelled in documents:
        for script in SCRIPTS:
            for truth, other, value in _judged(labelled, script):
                tally[script.__name__, _outcome(truth, other, value, script)] += 1
    report = _report(len(documents), tally)
    print(report)
    if "--write" in arguments:
        RESULT.write_text(report + "\n", "utf-8")


def _report(count: int, tally: Counter[tuple[str, str]]) -> str:
    lines = [
        "# What the LLM engine's judge lets through",
        "",
        f"`python bench/extraction/llm_proof.py --write`, {count} labelled documents (`dev`, `words.json`), three scripted models. Each row: every single field",
        "that has a value and a place. A lie is nearly right: 100.01 more, a day later, another last digit, another name.",
        "",
        "| model says | " + " | ".join(OUTCOMES) + " |",
        "|---" * (len(OUTCOMES) + 1) + "|",
    ]
    for script in SCRIPTS:
        total = sum(n for (s, _), n in tally.items() if s == script.__name__)
        cells = [f"{tally[script.__name__, o]:,} ({tally[script.__name__, o] / max(1, total):.2%})" for o in OUTCOMES]
        lines.append(f"| {script.__doc__} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _judged(labelled: Labelled, script: Script) -> list[tuple[dict[str, Any], Any, FieldValue]]:
    """Truth, the lie and the outcome, for every field that has a place."""
    found = []
    document = SourceDocument(labelled.folder.name, "document.pdf", labelled.document)
    for group in labelled.schema.groups:
        truths = {leaf: _truth(labelled, leaf) for leaf in leaves_of(group) if _truth(labelled, leaf)}
        others = {leaf: _altered(truth["value"]) for leaf, truth in truths.items()}
        answers = {leaf.key: script(truth, others[leaf]) for leaf, truth in truths.items()}
        for value in _run(labelled, group, document, answers):
            leaf = next((x for x in truths if x.path == value.path), None)
            if leaf is not None:
                found.append((truths[leaf], others[leaf], value))
    return found


def _run(
    labelled: Labelled, group: Group, document: SourceDocument, answers: dict[str, tuple[Any, str]]
) -> tuple[FieldValue, ...]:
    schema = replace(labelled.schema, groups=(replace(group, depends_on=(), iterates_on=None),))
    return llm.LlmEngine(Scripted(answers), CONFIG).extract([document], schema, Options()).values


def _truth(labelled: Labelled, leaf: Leaf) -> dict[str, Any] | None:
    truth = labelled.expected["fields"].get(".".join(leaf.path))
    return truth if truth and truth["value"] is not None and truth.get("sources") else None


def _outcome(truth: dict[str, Any], other: Any, value: FieldValue, script: Script) -> str:
    if value.value is None:
        return "kept out"
    if not value.is_supported:
        return "marked"
    if script is not right:
        if any(_says(c.text, other) for c in value.citations):
            return "stands elsewhere, cited"
        _show(truth, value)
        return "LET THROUGH"
    is_there = any(
        c.page == s["page"] and _hits(c.box, Box(*s["bbox"])) for c in value.citations for s in truth["sources"]
    )
    return "proved, right place" if is_there else "proved, other place"


def _show(truth: dict[str, Any], value: FieldValue) -> None:
    print(f"  {value.value!r} let through; true {truth['value']!r}; {value.reasoning}")


def _says(text: str, value: Any) -> bool:
    """Another reader than the judge's own, so that the judge does not mark its own work."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        digits = [int(d) for d in re.findall(r"\d+", text)]
        year, month, day = map(int, value.split("-"))
        return (
            day in digits
            and bool({year, year % 100} & set(digits))
            and (month in digits or any(map(str.isalpha, text)))
        )
    plain = re.sub(r"[\W_]", "", f"{value:.2f}" if isinstance(value, float) else str(value)).casefold()
    return plain in re.sub(r"[\W_]", "", text).casefold()


def _hits(a: Box, b: Box) -> bool:
    return a.contains(*b.middle) or b.contains(*a.middle) or a.iou(b) > 0.3


def _altered(value: Any) -> Any:
    """Nearly the same: a hundred more, a day later, another digit, another name."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return round(value + 100.01, 2) if isinstance(value, float) else value + 101
    if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        return (dt.date.fromisoformat(value) + dt.timedelta(days=1)).isoformat()
    digits = re.search(r"\d(?=\D*$)", str(value))
    if digits:
        return value[: digits.start()] + str((int(digits.group()) + 3) % 10) + value[digits.end() :]
    return "Zephyr Quillon Trust"


def _said(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    main(sys.argv[1:])
