"""Hidden text: attacks in five formats, and clean files and scans that must raise no alarm."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from bench.parsing.places import LABELLED, table
from bench.parsing.speed import files
from reportlab.pdfgen.canvas import Canvas

from fieldproof.core.document import ParsedDocument
from fieldproof.parsing import ParseConfig, parse
from parsing import test_pdf as attacks
from parsing.drawn import A4, Drawing, picture_of
from parsing.formats import test_hidden as office

CONFIG = ParseConfig(ocr="never")
ON_A_PAGE = (
    attacks.hide_by_mode,
    attacks.hide_by_colour,
    attacks.hide_by_near_colour,
    attacks.hide_on_a_fill,
    attacks.hide_by_size,
    attacks.hide_off_page,
    attacks.hide_under_a_fill,
    attacks.hide_transparent,
    attacks.hide_by_clip,
    attacks.hide_squeezed,
    attacks.hide_on_a_picture,
    attacks.hide_under_a_round_shape,
    attacks.hide_under_many_stripes,
    attacks.hide_under_a_broad_line,
)
IN_FILES = {
    "DOCX": (".docx", office.WORD_ATTACKS),
    "XLSX": (".xlsx", office.SHEET_ATTACKS),
    "PPTX": (".pptx", office.SLIDE_ATTACKS),
    "HTML": (".html", office.PAGE_ATTACKS),
}
CLEAN, SCANS = 50, 8
# A real file of the set: a web page of a regulator, printed, with a second text of one point under its pictures.
NOT_CLEAN = {"nda-724a6c9ea4"}


def run() -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [_row("PDF", [_attacked(folder / "a.pdf", attack, n) for n, attack in enumerate(ON_A_PAGE)])]
        for kind, (extension, contents) in IN_FILES.items():
            rows.append(_row(kind, [_read(folder / f"a{extension}", content) for content in contents.values()]))
        born_digital = [path for path in _spread(files()) if path.parent.name not in NOT_CLEAN][:CLEAN]
        clean = [
            ("born-digital PDFs of real and made senders", [parse(path, CONFIG) for path in born_digital]),
            ("DOCX, XLSX, PPTX, HTML with white, small, grey text that is seen", [
                _read(folder / _name(content), content) for content in office.CLEAN.values()
            ]),
            ("drawn scans with an OCR layer over or under the picture", [
                _scan(folder, number) for number in range(SCANS)
            ]),
        ]  # fmt: skip
    alarms = [[what, str(len(found)), str(sum(bool(d.hidden) for d in found))] for what, found in clean]
    return (
        table(["attacks in", "tried", "kept out of the text", "reported with their place"], rows)
        + "\n\n"
        + table(["clean files", "read", "alarms"], alarms)
    )


def _row(kind: str, documents: list[ParsedDocument]) -> list[str]:
    kept = sum("instructions" not in document.text for document in documents)
    told = sum(
        any("instructions" in h.text and (h.page or h.anchor) for h in document.hidden) for document in documents
    )
    return [kind, str(len(documents)), str(kept), str(told)]


def _attacked(path: Path, attack, number: int) -> ParsedDocument:
    drawing = Drawing(path)
    drawing.lines(
        60, 40, ["Invoice of Northwind Traders", f"Total due {random.Random(number).randint(1, 9999)}.00 EUR"]
    )
    attack(drawing)
    return parse(drawing.save(), CONFIG)


def _read(path: Path, content: bytes) -> ParsedDocument:
    path.write_bytes(content)
    return parse(path, CONFIG)


def _name(content: bytes) -> str:
    return "a.html" if content.startswith(b"<!DOCTYPE") else "a.docx"


def _spread(paths: list[Path]) -> list[Path]:
    """Files of every kind first."""
    return sorted(paths, key=lambda path: (paths.index(path) % 12, path))


def _scan(folder: Path, number: int) -> ParsedDocument:
    """A page as picture, its words once more in an invisible layer above it, or in a plain one below."""
    plain = Drawing(folder / "plain.pdf")
    plain.lines(60, 100, [f"Invoice {number} of Northwind Traders", "Total due 120.00 EUR"], pitch=30, size=14)
    (folder / "scan.png").write_bytes(picture_of(plain.save()))
    canvas = Canvas(str(folder / "a.pdf"), pagesize=A4)
    is_over = number % 2 == 0
    if is_over:
        canvas.drawImage(str(folder / "scan.png"), 0, 0, *A4)
    text = canvas.beginText(60, A4[1] - 112)
    text.setFont("Helvetica", 14, 30)
    text.setTextRenderMode(3 if is_over else 0)
    text.textLines(f"Invoice {number} of Northwind Traders\nTotal due 120.00 EUR")
    canvas.drawText(text)
    if not is_over:
        canvas.drawImage(str(folder / "scan.png"), 0, 0, *A4)
    canvas.save()
    return parse(folder / "a.pdf", CONFIG)


if __name__ == "__main__":
    assert LABELLED.exists()
    print(run())
