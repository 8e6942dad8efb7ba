"""What fixed files gave when PARSER_VERSION was last raised: digests of their documents and chunks.

``PYTHONPATH=tests python -m parsing.golden`` writes golden.json anew.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from fieldproof.parsing import PARSER_VERSION, ParseConfig, chunk, parse
from parsing.drawn import Drawing
from parsing.formats.samples import SAMPLES

RECORD = Path(__file__).parent / "golden.json"


def found() -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        return {path.name: _digest(path) for path in _files(Path(folder))}


def recorded() -> dict[str, dict[str, str]]:
    """Digests by file name, by parser version."""
    return json.loads(RECORD.read_text())


def _files(folder: Path) -> Iterator[Path]:
    for sample in SAMPLES:
        (folder / sample.name).write_bytes(sample.content)
        yield folder / sample.name
    yield _invoice(folder / "invoice.pdf")


def _invoice(path: Path) -> Path:
    drawing = Drawing(path)
    drawing.text(60, 60, "Invoice 2041", size=18, font="Helvetica-Bold")
    drawing.lines(60, 100, ["Northwind Traders", "12 Harbour Road"])
    drawing.lines(330, 100, ["Date 14.03.2024", "Total due 120.00 EUR"])
    for row, values in enumerate((("Item", "Qty", "Price"), ("Bolt", "2", "100.00"), ("Nut", "1", "20.00"))):
        drawing.rule(60, 200 + 20 * row, 400, 200 + 20 * row)
        for column, value in enumerate(values):
            drawing.text(64 + 110 * column, 204 + 20 * row, value)
    drawing.text(60, 400, "Nobody sees this", colour=1.0)
    drawing.next_page()
    drawing.lines(
        60, 60, ["Thank you for your order.", "Please pay the total amount of this invoice by the date given."]
    )
    return drawing.save()


def _digest(path: Path) -> str:
    """Without properties: the libraries that make the samples write the time into them."""
    document = replace(parse(path, ParseConfig()), properties={}, attachments=())
    return hashlib.sha256(repr((document, chunk(document))).encode()).hexdigest()[:16]


if __name__ == "__main__":
    RECORD.write_text(json.dumps({PARSER_VERSION: found()}, indent=2) + "\n")
