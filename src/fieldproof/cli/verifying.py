"""``verify``: does a document still say what an extraction quotes from it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from fieldproof.cli.files import Languages, codes_of, parsed_file
from fieldproof.cli.jsonfiles import print_json
from fieldproof.core.document import ParsedDocument
from fieldproof.core.errors import Malformed
from fieldproof.core.geometry import Box
from fieldproof.extraction.verify import Standing, verify
from fieldproof.parsing import ParseConfig

_SAID = {
    Standing.HOLDS: "ok   ",
    Standing.MOVED: "MOVED",
    Standing.ABSENT: "GONE ",
}


@dataclass(frozen=True)
class Finding:
    field: str
    page: int
    quote: str
    standing: Standing


def add_to(app: typer.Typer) -> None:
    app.command("verify")(verify_proofs)


def verify_proofs(
    file: Annotated[Path, typer.Argument(help="The document.")],
    proof: Annotated[Path, typer.Argument(help="What `fieldproof extract` wrote about it.")],
    is_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    languages: Languages = "en",
) -> None:
    """Reads the document again and looks for every quote in its box; exit status 1 when one does not stand there."""
    fields = _fields(proof)
    document = parsed_file(file, ParseConfig(languages=codes_of(languages)))
    findings = list(_findings(document, fields, proof.name))
    broken = [finding for finding in findings if finding.standing is not Standing.HOLDS]
    if is_json:
        print_json([asdict(f) for f in findings])
    else:
        for finding in findings:
            typer.echo(f"{_SAID[finding.standing]} {finding.field}: “{finding.quote}” on page {finding.page}")
        typer.echo(f"{len(findings) - len(broken)} of {len(findings)} quotes stand where they are said to.", err=True)
    if broken:
        raise typer.Exit(1)


def _fields(proof: Path) -> dict[str, Any]:
    try:
        fields = orjson.loads(proof.read_bytes())["fields"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Malformed(f"{proof.name} is not what `fieldproof extract` writes: it has no fields.") from error
    if not isinstance(fields, dict):
        raise Malformed(f"{proof.name} is not what `fieldproof extract` writes: its fields are no object.")
    return fields


def _findings(document: ParsedDocument, fields: dict[str, Any], name: str) -> Iterator[Finding]:
    for path, entry in fields.items():
        try:
            for source in entry["sources"]:
                page, quote = int(source["page"]), str(source["text"])
                left, top, right, bottom = map(float, source["bbox"])
                yield Finding(path, page, quote, verify(document, page, Box(left, top, right, bottom), quote))
        except (KeyError, TypeError, ValueError) as error:
            raise Malformed(f"{name}: the sources of {path} need page, text and bbox.") from error
