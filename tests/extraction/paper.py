"""Small documents for tests: lines of text at places, as a parser would give them."""

from __future__ import annotations

from fieldproof.core.document import Line, Page, PageSource, ParsedDocument, Word
from fieldproof.core.geometry import Box, union
from fieldproof.extraction import SourceDocument

WIDTH, HEIGHT = 600.0, 800.0
_LETTER, _LINE = 5.5, 10.0

Placed = tuple[float, float, str]  # left and top in points, text


def page_of(number: int, placed: list[Placed], at: int) -> tuple[Page, str]:
    words: list[Word] = []
    lines: list[Line] = []
    texts: list[str] = []
    for left, top, text in placed:
        first, x = len(words), left
        for piece in text.split():
            right = x + _LETTER * len(piece)
            box = Box(x / WIDTH, top / HEIGHT, right / WIDTH, (top + _LINE) / HEIGHT)
            words.append(Word(piece, box, at, at + len(piece), font_size=_LINE))
            at += len(piece) + 1
            x = right + _LETTER
        texts.append(" ".join(text.split()))
        around = union(w.box for w in words[first:])
        assert around is not None
        lines.append(Line(around, tuple(range(first, len(words)))))
    return Page(number, WIDTH, HEIGHT, tuple(words), tuple(lines), (), PageSource.TEXT), "\n".join(texts)


def document(*pages: list[Placed]) -> ParsedDocument:
    made, texts, at = [], [], 0
    for number, placed in enumerate(pages, 1):
        page, text = page_of(number, placed, at)
        made.append(page)
        texts.append(text)
        at += len(text) + 1
    return ParsedDocument("application/pdf", "\n".join(texts), tuple(made))


def source(*pages: list[Placed], id_: str = "d1") -> SourceDocument:
    return SourceDocument(id_, f"{id_}.pdf", document(*pages))


INVOICE: list[Placed] = [
    (40, 40, "Northwind Supplies Ltd"), (40, 54, "12 Harbour Street"), (40, 68, "Bristol BS1 4DJ"),
    (400, 40, "INVOICE"),
    (340, 70, "Invoice number:"), (460, 70, "NW-2024-0815"),
    (340, 84, "Invoice date:"), (460, 84, "14 March 2024"),
    (340, 98, "Due date:"), (460, 98, "13 April 2024"),
    (40, 130, "Bill to"), (40, 144, "Alder Works GmbH"), (40, 158, "Lindenstraße 7"), (40, 172, "10969 Berlin"),
    (40, 220, "Description"), (300, 220, "Quantity"), (380, 220, "Unit price"), (480, 220, "Amount"),
    (40, 236, "Oak board"), (320, 236, "10"), (390, 236, "12.50"), (480, 236, "125.00"),
    (40, 252, "Pine board"), (320, 252, "4"), (390, 252, "8.00"), (480, 252, "32.00"),
    (40, 268, "Screws, box"), (320, 268, "2"), (390, 268, "4.50"), (480, 268, "9.00"),
    (380, 300, "Subtotal"), (480, 300, "166.00"),
    (380, 314, "VAT 20%"), (480, 314, "33.20"),
    (380, 328, "Total"), (480, 328, "199.20"),
    (40, 400, "IBAN: DE89 3704 0044 0532 0130 00"),
]  # fmt: skip
