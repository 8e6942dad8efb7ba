"""Page ranges read apart and joined: the same document, byte for byte, as the file gives at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from fieldproof.core import codec
from fieldproof.core.document import BlockKind, FailureCode
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing import ParseConfig, join, page_count, parse
from fieldproof.parsing.child import count_pages_to_bytes, join_to_bytes, parse_to_bytes
from parsing.drawn import Drawing
from parsing.test_pdf import ROWS, a_form, draw_table, hide_by_colour, paragraph

PLAIN = ParseConfig(ocr="never")


def a_report(path: Path) -> Path:
    """Seven pages: running header and footer, headings of two sizes, a table over two pages, hidden text."""
    drawing = Drawing(path)
    for number in range(1, 8):
        drawing.text(50, 25, "Northwind Traders Annual Report")
        if number != 4:
            drawing.text(50, 60, f"Chapter {number}", size=20 if number == 1 else 15)
            paragraph(drawing, 50, 120, number * 9, 10)
        if number == 3:
            draw_table(drawing, ROWS, 650, is_ruled=True)
            hide_by_colour(drawing)
        if number == 4:
            draw_table(
                drawing,
                [ROWS[0], *[[f"B{n}", "Spare part", str(n), f"{n}.25"] for n in range(1, 6)]],
                60,
                is_ruled=True,
            )
        drawing.text(280, 810, f"Page {number} of 7")
        if number < 7:
            drawing.next_page()
    return drawing.save()


def in_parts(path: Path, config: ParseConfig, *ranges: tuple[int, int]) -> bytes:
    return join_to_bytes([parse_to_bytes(str(path), replace(config, pages=pages)) for pages in ranges])


@pytest.mark.parametrize(
    "ranges",
    [[(1, 7)], [(1, 3), (4, 7)], [(5, 99), (1, 2), (3, 4)], [(n, n) for n in range(1, 8)]],
    ids=["one", "two", "out of order", "single pages"],
)
def test_parts_of_a_pdf_join_to_the_whole(tmp_path: Path, ranges: list[tuple[int, int]]):
    path = a_report(tmp_path / "a.pdf")
    whole = parse(path, PLAIN)
    assert {BlockKind.HEADER, BlockKind.FOOTER, BlockKind.HEADING} <= {b.kind for p in whole.pages for b in p.blocks}
    assert [b.table.is_continuation for p in whole.pages for b in p.blocks if b.table] == [False, True]
    assert in_parts(path, PLAIN, *ranges) == codec.dump(whole)


def test_forms_and_attached_files_come_once(tmp_path: Path):
    a_form(tmp_path / "form.pdf")
    a_report(tmp_path / "report.pdf")
    with pikepdf.open(tmp_path / "form.pdf") as form, pikepdf.open(tmp_path / "report.pdf") as report:
        form.pages.extend(report.pages)
        form.attachments["data.xml"] = pikepdf.AttachedFileSpec(form, b"<a/>", filename="data.xml")
        form.save(tmp_path / "a.pdf")
    whole = parse(tmp_path / "a.pdf", PLAIN)
    assert len(whole.attachments) == 1
    assert in_parts(tmp_path / "a.pdf", PLAIN, (1, 1), (2, 5), (6, 8)) == codec.dump(whole)


def test_parts_of_a_fax_join_to_the_whole(tmp_path: Path):
    pages = []
    for text in ("Total due 120.00", "Northwind Traders"):
        page = Image.new("L", (500, 120), 255)
        ImageDraw.Draw(page).text((20, 30), text, fill=0, font=ImageFont.load_default(40))
        pages.append(page)
    pages[0].save(tmp_path / "a.tiff", save_all=True, append_images=pages[1:], dpi=(100, 100))
    config = ParseConfig(ocr_dpi=100)
    assert page_count(tmp_path / "a.tiff", config) == 2
    whole = parse(tmp_path / "a.tiff", config)
    assert "Northwind" in whole.text
    assert in_parts(tmp_path / "a.tiff", config, (1, 1), (2, 2)) == codec.dump(whole)


def test_a_part_knows_its_pages_by_their_number(tmp_path: Path):
    part = parse(a_report(tmp_path / "a.pdf"), replace(PLAIN, pages=(3, 4)))
    assert [page.number for page in part.pages] == [3, 4]
    assert {item.page for item in part.hidden} == {3}


def test_lost_and_foreign_parts_are_refused(tmp_path: Path):
    path = a_report(tmp_path / "a.pdf")
    first, last = (parse(path, replace(PLAIN, pages=pages)) for pages in ((1, 3), (5, 7)))
    for parts in ([], [first], [last], [first, last], [first, first]):
        with pytest.raises(ValueError):
            join(parts)


@pytest.mark.parametrize("pages", [(8, 9), (0, 3), (3, 2)])
def test_pages_that_are_not_there(tmp_path: Path, pages: tuple[int, int]):
    with pytest.raises(ParsingFailed) as caught:
        parse(a_report(tmp_path / "a.pdf"), replace(PLAIN, pages=pages))
    assert caught.value.code is FailureCode.CORRUPT


def test_what_has_no_pages_of_its_own_is_not_read_in_parts(tmp_path: Path):
    (tmp_path / "a.txt").write_text("Total due 120.00")
    assert count_pages_to_bytes(str(tmp_path / "a.txt"), PLAIN) == b""
    with pytest.raises(ValueError):
        parse(tmp_path / "a.txt", replace(PLAIN, pages=(1, 1)))


def test_pages_are_counted(tmp_path: Path):
    assert count_pages_to_bytes(str(a_report(tmp_path / "a.pdf")), PLAIN) == b"7"


def test_the_configuration_of_a_part_is_that_of_the_whole():
    assert replace(PLAIN, pages=(1, 2)).canonical() == PLAIN.canonical()
