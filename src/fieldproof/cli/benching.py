"""``bench``: how well a template does on documents whose right values are known."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from fieldproof.cli.files import Languages, codes_of, each, extractor
from fieldproof.cli.jsonfiles import print_json, read_json
from fieldproof.cli.templates import read_template
from fieldproof.core.errors import Malformed
from fieldproof.extraction.scoring import Leaf, Score, Verdict, compare, threshold
from fieldproof.parsing import ParseConfig

_PRECISION = 0.99  # of what would be taken unseen


@dataclass
class Report:
    fields: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    total: Score = field(default_factory=Score)
    sure: list[tuple[float, bool]] = field(default_factory=list)
    mistakes: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    documents: int = 0
    seconds: float = 0.0

    def add(self, name: str, leaf: Leaf, confidence: float | None) -> None:
        self.fields[leaf.field].add(leaf.verdict)
        self.total.add(leaf.verdict)
        if leaf.given is not None and confidence is not None:
            self.sure.append((confidence, leaf.verdict is Verdict.RIGHT))
        if leaf.verdict is not Verdict.RIGHT:
            told = {"field": leaf.field, "expected": leaf.expected, "given": leaf.given, "verdict": leaf.verdict}
            self.mistakes.append({"document": name, **told})


def add_to(app: typer.Typer) -> None:
    app.command("bench")(bench)


def bench(
    folder: Annotated[
        Path, typer.Argument(help="Documents, each with its right values beside it: NAME.pdf, NAME.json.")
    ],
    template: Annotated[Path, typer.Option(help="The schema, or a whole template, as a JSON file.")],
    is_json: Annotated[bool, typer.Option("--json", help="For machines, every mistake included.")] = False,
    languages: Languages = "en",
) -> None:
    """Extracts from documents whose right values are known, and counts what is right, field by field.

    The values are those of `data` in what `fieldproof extract` writes, or `data` alone: correct such a file, and it is
    what this command compares with.
    """
    given = read_template(template)
    truths = dict(_truths(folder, template))
    report, started = Report(), time.perf_counter()
    with extractor(given, ParseConfig(languages=codes_of(languages))) as work:
        for file, outcome in each(list(truths), work, label="Extracting"):
            if isinstance(outcome, str):
                report.failures.append({"document": file.name, "error": outcome})
                continue
            report.documents += 1
            for leaf in compare(truths[file], outcome["data"]):
                report.add(file.name, leaf, outcome["fields"].get(leaf.path, {}).get("confidence"))
    report.seconds = time.perf_counter() - started
    if is_json:
        print_json(_for_machines(report))
    else:
        _print(report)
    for failure in report.failures:
        typer.echo(f"fieldproof: {failure['document']}: {failure['error']}", err=True)
    if report.failures:
        raise typer.Exit(1)


def _truths(folder: Path, template: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if not folder.is_dir():
        raise Malformed(f"{folder} is no folder.")
    files = sorted(p for p in folder.iterdir() if p.is_file())
    for file in files:
        if file.suffix.lower() != ".json" or file.resolve() == template.resolve():
            continue
        documents = [p for p in files if p.stem == file.stem and p != file]
        if len(documents) != 1:
            raise Malformed(
                f"{file.name} should have exactly one document of that name beside it, not {len(documents)}."
            )
        yield documents[0], _truth(file)


def _truth(file: Path) -> dict[str, Any]:
    value = read_json(file)
    data = value.get("data", value) if isinstance(value, dict) else None
    if not isinstance(data, dict):
        raise Malformed(f"{file.name} must hold the right values as an object: group, field, value.")
    return data


def _for_machines(report: Report) -> dict[str, Any]:
    accepted = threshold(report.sure, _PRECISION)
    return {
        "documents": report.documents, "seconds": round(report.seconds, 3), "total": _scored(report.total),
        "fields": {name: _scored(score) for name, score in report.fields.items()},
        "accepted": {"precision": _PRECISION, "confidence": accepted[0], "share": accepted[1]} if accepted else None,
        "mistakes": report.mistakes, "failures": report.failures,
    }  # fmt: skip


def _scored(score: Score) -> dict[str, Any]:
    counts = {verdict.value: getattr(score, verdict.value) for verdict in Verdict}
    return {**counts, "precision": score.precision, "recall": score.recall, "f1": score.f1}


def _print(report: Report) -> None:
    table = Table("field", *(Verdict), "F1", box=None, pad_edge=False, header_style="dim")
    for name, score in [*report.fields.items(), ("all", report.total)]:
        table.add_row(name, *(str(getattr(score, verdict.value)) for verdict in Verdict), f"{score.f1:.3f}")
    console = Console()
    console.print(table)
    console.print(f"{report.documents} documents in {report.seconds:.1f} s.")
    accepted = threshold(report.sure, _PRECISION)
    if accepted is not None:
        console.print(
            f"From a confidence of {accepted[0]:.2f} on, {_PRECISION:.0%} of the values are right: {accepted[1]:.0%} of those given."
        )
