"""``extract`` and ``parse``: documents on this machine, without server or database."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from fieldproof.cli.progress import progress
from fieldproof.cli.templates import read_template
from fieldproof.core import codec
from fieldproof.core.document import ParsedDocument
from fieldproof.core.errors import FieldproofError, Invalid
from fieldproof.core.result import Extraction
from fieldproof.core.schema import SchemaInvalid, parse_schema
from fieldproof.extraction.child import PRELOAD as EXTRACTION
from fieldproof.extraction.child import extract_to_bytes
from fieldproof.parsing import ParseConfig, show
from fieldproof.parsing.child import PRELOAD as PARSING
from fieldproof.parsing.child import parse_to_bytes, render_to_bytes
from fieldproof.parsing.config import are_languages
from fieldproof.sandbox import Sandbox

Files = Annotated[list[Path], typer.Argument(help="The documents.")]
Languages = Annotated[str, typer.Option(help="Comma-separated languages that OCR may expect (en, de, …).")]
AT_ONCE = 2


def add_to(app: typer.Typer) -> None:
    app.command("extract")(extract)
    app.command("parse")(parse)


def extract(
    files: Files,
    template: Annotated[Path, typer.Option(help="The schema, or a whole template, as a JSON file.")],
    out: Annotated[Path | None, typer.Option(help="Folder for one JSON file a document.")] = None,
    engine: Annotated[str, typer.Option(help="The engine: local.")] = "local",
    languages: Languages = "en",
) -> None:
    """Extracts fields with their proof: one JSON a document, to standard output or into a folder."""
    if engine != "local":
        raise typer.BadParameter("Without a server only the local engine runs.", param_hint="--engine")
    given = read_template(template)
    config = ParseConfig(languages=codes_of(languages))
    with extractor(given, config) as work:
        names = _names(files, out) if out is not None else {}
        failures = 0
        for file, outcome in each(files, work, label="Extracting"):
            if isinstance(outcome, str):
                failures += 1
                print(f"fieldproof: {file}: {outcome}", file=sys.stderr)
            elif out is not None:
                names[file].write_bytes(orjson.dumps(outcome, option=orjson.OPT_INDENT_2))
            else:
                option = orjson.OPT_INDENT_2 if len(files) == 1 else 0
                sys.stdout.write(orjson.dumps(outcome, option=option).decode() + "\n")
    if failures:
        raise typer.Exit(1)


def parse(
    file: Annotated[Path, typer.Argument(help="The document.")],
    is_json: Annotated[bool, typer.Option("--json", help="Everything, chunks included, as JSON.")] = False,
    is_markdown: Annotated[bool, typer.Option("--markdown", help="The text as Markdown (the default).")] = False,
    boxes: Annotated[Path | None, typer.Option(help="Folder for page pictures with the boxes drawn in.")] = None,
    languages: Languages = "en",
) -> None:
    """Shows what was understood of a document."""
    config = ParseConfig(languages=codes_of(languages))
    with Sandbox(preload=PARSING) as sandbox:
        parsed = codec.load(_parsed(sandbox, config, file))
        if boxes is not None:
            picture = partial(_picture, sandbox, file, config)
            for written in show.draw_boxes(file, parsed, boxes, config, render_page=picture):
                print(written, file=sys.stderr)
    if is_json:
        sys.stdout.write(show.to_json(parsed).decode() + "\n")
    elif is_markdown or boxes is None:
        sys.stdout.write(show.to_markdown(parsed))


@contextmanager
def extractor(template: dict[str, Any], config: ParseConfig) -> Iterator[Callable[[Path], dict[str, Any]]]:
    """What makes of a file the answer about it. Raises: Invalid for a bad schema."""
    schema = _checked(template["schema_json"])
    options = {"examples": [], "settings": template.get("settings") or {}}
    with Sandbox(preload=(*PARSING, *EXTRACTION)) as sandbox:
        yield partial(_extract_file, sandbox, schema, options, config)


def parsed_file(file: Path, config: ParseConfig) -> ParsedDocument:
    """A document read in the sandbox. Raises: FieldproofError with what is wrong with it."""
    with Sandbox(preload=PARSING) as sandbox:
        return codec.load(_parsed(sandbox, config, file))


def codes_of(languages: str) -> tuple[str, ...]:
    codes = [code.strip() for code in languages.split(",") if code.strip()]
    if not are_languages(codes):
        raise typer.BadParameter("Two-letter codes are expected, such as en,de.", param_hint="--languages")
    return tuple(codes)


def answer_of(extraction: Extraction) -> dict[str, Any]:
    """``data``, ``audit_data`` and ``fields``: dotted path → value, confidence and sources with boxes in [0, 1]."""
    fields = {
        ".".join(map(str, value.path)): {
            "value": value.value,
            "raw": value.raw,
            "confidence": value.confidence,
            "reasoning": value.reasoning,
            "sources": [
                {"page": c.page, "bbox": c.box.as_list(), "text": c.text, "match": c.match} for c in value.citations
            ],
        }
        for value in extraction.values
    }
    audit: dict[str, dict[str, Any]] = {}
    for path, entry in fields.items():
        group, _, name = path.partition(".")
        audit.setdefault(group, {})[name] = {k: entry[k] for k in ("reasoning", "sources", "confidence")}
    return {
        "title": extraction.title,
        "engine": extraction.engine,
        "data": extraction.data,
        "audit_data": audit,
        "fields": fields,
        "ledgers": [_ledger(x) for x in extraction.ledgers],
        "warnings": list(extraction.warnings),
    }


def _ledger(ledger: Any) -> dict[str, Any]:
    rows = [
        {"page": r.page, "text": r.text, "outcome": r.outcome, "reason": r.reason, "item": r.item} for r in ledger.rows
    ]
    path = ".".join(map(str, ledger.path))
    return {"path": path, "is_complete": ledger.is_complete, "checks": list(ledger.checks), "rows": rows}


def _extract_file(sandbox: Sandbox, schema: Any, options: dict[str, Any], config: ParseConfig, file: Path) -> Any:
    encoded = _parsed(sandbox, config, file)
    done = sandbox.run(extract_to_bytes, [(file.name, file.name, encoded)], schema, options)
    return answer_of(codec.extraction_from_json(done))


def _parsed(sandbox: Sandbox, config: ParseConfig, file: Path) -> bytes:
    if not file.is_file():
        raise FieldproofError("There is no such file.")
    return sandbox.run(parse_to_bytes, str(file.resolve()), config, file.name)


def _picture(sandbox: Sandbox, file: Path, config: ParseConfig, number: int, width_px: int) -> bytes:
    return sandbox.run(render_to_bytes, str(file.resolve()), number, width_px, config, file.name)


def _checked(schema_json: Any) -> Any:
    try:
        parse_schema(schema_json)
    except SchemaInvalid as error:
        raise Invalid(error.problems) from error
    return schema_json


def _names(files: Sequence[Path], out: Path) -> dict[Path, Path]:
    """``invoice.pdf`` → ``invoice.json``; twins get their extension, then a number."""
    out.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    names = {}
    for file in files:
        options = [file.stem, file.name, *(f"{file.name}-{n}" for n in range(2, len(files) + 2))]
        name = next(option for option in options if option not in taken)
        taken.add(name)
        names[file] = out / f"{name}.json"
    return names


def each(files: Sequence[Path], work: Callable[[Path], Any], *, label: str) -> Iterator[tuple[Path, Any]]:
    """Each file with its outcome, in order; a sentence where it failed."""

    def attempt(file: Path) -> Any:
        try:
            return work(file)
        except FieldproofError as error:
            return error.message

    with progress(label, len(files)) as advance, ThreadPoolExecutor(AT_ONCE) as pool:
        for file, outcome in zip(files, pool.map(attempt, files), strict=True):
            advance()
            yield file, outcome
