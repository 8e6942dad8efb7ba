"""Sheets: values as a person sees them, tables found, nothing trusted that the file only claims."""

from __future__ import annotations

import datetime
import io
import re
import zipfile

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.worksheet.table import Table, TableStyleInfo

from fieldproof.core.document import Block, BlockKind, FailureCode, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing.numbers import shown, shown_text
from parsing.formats import build
from parsing.formats.biff import XlsSheet, xls
from parsing.formats.conftest import Read


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1234.5, "General", "1234.5"),
        (0.1 + 0.2, "General", "0.3"),
        (1e15, "General", "1E+15"),
        (1234.5, "#,##0.00", "1,234.50"),
        (1.005, "0.00", "1.01"),
        (2.5, "0", "3"),
        (-1234.5, "#,##0.00;(#,##0.00)", "(1,234.50)"),
        (-3.456, "0.00", "-3.46"),
        (-0.001, "0.00", "0.00"),
        (0.056, "0.0%", "5.6%"),
        (1234.5, '#,##0.00 "€"', "1,234.50 €"),
        (1234567, "[$€-407] #,##0", "€ 1,234,567"),
        (1234567, '0.0,,"M"', "1.2M"),
        (42, "00000", "00042"),
        (123456789, "000-00-0000", "123-45-6789"),
        (5551234567, "(000) 000-0000", "(555) 123-4567"),
        (3.5, "#.##", "3.5"),
        (1.25, "# ?/?", "1 1/4"),
        (12345678, "0.00E+00", "1.23E+07"),
        (7, '"No. "0', "No. 7"),
        (0, '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-', "-"),
        (150, "[>100]0.0;0", "150.0"),
        (5, ";;;", ""),
        (45366, "dd.mm.yyyy", "15.03.2024"),
        (45366, "d mmmm yyyy", "15 March 2024"),
        (45366, "ddd", "Fri"),
        (45366.75, "m/d/yy h:mm AM/PM", "3/15/24 6:00 PM"),
        (45366.123456, "hh:mm:ss.00", "02:57:46.59"),
        (1.5, "[h]:mm", "36:00"),
        (1, "yyyy-mm-dd", "1900-01-01"),
        (-1, "yyyy-mm-dd", "########"),
    ],
)
def test_numbers_are_shown_as_their_format_says(value: float, code: str, text: str) -> None:
    assert shown(value, code).text == text


def test_dates_of_the_1904_system() -> None:
    assert shown(43904, "yyyy-mm-dd", is_1904=True).text == "2024-03-15"


def test_text_formats() -> None:
    assert shown_text("abc", '"<"@">"').text == "<abc>"
    assert shown_text("abc", ";;;").text == ""
    assert shown_text("abc", "0.00").text == "abc"


def _blocks(document: ParsedDocument) -> list[Block]:
    return [block for page in document.pages for block in page.blocks]


def test_regions_of_a_sheet_are_told_apart(read: Read) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        sheet["A1"] = "Invoice"
        sheet["A3"], sheet["B3"] = "Date", "2024-03-14"
        for values in (["Item", "Qty", "Price"], ["Bolt", 2, 3.5], ["Nut", 1, 0.5]):
            sheet.append(values)
        sheet["B9"], sheet["C9"] = "Total", 7.5

    blocks = _blocks(read(build.workbook(fill), "a.xlsx"))
    assert [block.kind for block in blocks] == [BlockKind.PARAGRAPH, BlockKind.TABLE, BlockKind.TABLE]
    assert [block.anchor for block in blocks] == ["Sheet!A1", "Sheet!A3:C6", "Sheet!B9:C9"]


def test_columns_of_a_sheet_stand_below_each_other(read: Read) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        for values in (["Item", "Qty", "Price"], ["Bolt", 2, 1234.5], [], ["Total of all items", None, 99]):
            book.active.append(values)

    [page] = read(build.workbook(fill), "a.xlsx").pages
    right = {word.text: word.box.right for word in page.words}
    assert right["1234.5"] == pytest.approx(right["99"], abs=1e-4)


def test_header_rows_are_found(read: Read) -> None:
    content = build.workbook(
        lambda book: [book.active.append(row) for row in (["Item", "Qty"], ["Bolt", 2], ["Nut", 1])]
    )
    [block] = _blocks(read(content, "a.xlsx"))
    assert block.table is not None
    assert block.table.header_rows == 1
    assert [cell.text for cell in block.table.cells if cell.is_header] == ["Item", "Qty"]


def test_merged_cells_span(read: Read) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        for values in (["Group", None, "x"], ["a", "b", "c"], [None, "d", "e"]):
            book.active.append(values)
        book.active.merge_cells("A1:B1")
        book.active.merge_cells("A2:A3")

    [block] = _blocks(read(build.workbook(fill), "a.xlsx"))
    assert block.table is not None
    spans = {cell.text: (cell.row_span, cell.column_span) for cell in block.table.cells}
    assert spans["Group"] == (1, 2)
    assert spans["a"] == (2, 1)
    assert spans["e"] == (1, 1)


def test_rows_that_the_file_holds_out_of_order_are_put_in_order(read: Read) -> None:
    content = build.workbook(
        lambda book: [book.active.append(row) for row in (["Item", "Qty"], ["Bolt", 2], ["Nut", 1])]
    )
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = "xl/worksheets/sheet1.xml"
    head, *rows = re.split(rb"(?=<row )|(?=</sheetData>)", parts[name])
    parts[name] = b"".join([head, *reversed(rows[:3]), *rows[3:]])
    [block] = _blocks(read(build.archive(parts), "a.xlsx"))
    assert block.text == "Item\tQty\nBolt\t2\nNut\t1"
    assert block.anchor == "Sheet!A1:B3"


def test_text_that_no_page_can_hold_goes_on_in_rows_of_its_own(read: Read) -> None:
    words = [f"word{number}" for number in range(900)]

    def fill(book: openpyxl.Workbook) -> None:
        for values in (["Clause", "No."], [" ".join(words), 7], ["שלום עולם", 8], ["請求書\n合計", 9]):
            book.active.append(values)

    document = read(build.workbook(fill), "a.xlsx")
    assert len(document.pages) > 1
    assert [word.text for page in document.pages for word in page.words if word.text.startswith("word")] == words
    for page in document.pages:
        for cell in page.blocks[0].table.cells:
            for word in (page.words[index] for index in cell.words):
                assert cell.box.left <= word.box.left <= word.box.right <= cell.box.right
                assert cell.box.top <= word.box.top <= word.box.bottom <= cell.box.bottom
    hebrew = [word.box.left for word in document.pages[-1].words if not word.text.isascii()][:2]
    assert hebrew == sorted(hebrew, reverse=True)


def test_every_sheet_starts_a_page_that_names_it(read: Read) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active["A1"] = "one"
        book.create_sheet("Other")["A1"] = "two"

    document = read(build.workbook(fill), "a.xlsx")
    assert [page.anchor for page in document.pages] == ["Sheet", "Other"]


def test_wide_sheets_widen_their_page_and_keep_rows_whole(read: Read) -> None:
    names = [f"Column number {number}" for number in range(40)]
    content = build.workbook(lambda book: [book.active.append(names), book.active.append(list(range(40)))])
    [page] = read(content, "a.xlsx").pages
    assert page.width_pt > 800
    assert page.blocks[0].table is not None
    assert page.blocks[0].table.column_count == 40
    tops = {round(page.words[cell.words[0]].box.top, 4) for cell in page.blocks[0].table.cells if cell.row == 1}
    assert len(tops) == 1


def test_long_sheets_go_on_over_pages(read: Read) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.append(["Item", "Qty"])
        for number in range(200):
            book.active.append([f"Bolt {number}", number])

    document = read(build.workbook(fill), "a.xlsx")
    tables = [block.table for block in _blocks(document) if block.table]
    assert len(tables) == len(document.pages) > 2
    assert [table.is_continuation for table in tables] == [False] + [True] * (len(tables) - 1)
    assert sum(table.row_count for table in tables) == 201
    assert tables[0].header_rows == 1
    assert tables[1].header_rows == 0


def test_shared_and_rich_strings_escapes_booleans_errors_and_formulas(read: Read) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.append(["Zeile_x000D_zwei", True, "#N/A"])

    content = build.workbook(fill)
    assert read(content, "a.xlsx").text == "Zeile zwei\tTRUE\t#N/A"


def test_table_styles_paint_their_header(read: Read) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        for values in (["Item", "Qty"], ["Bolt", 2]):
            sheet.append(values)
        for cell in sheet[1]:
            cell.font = Font(color="FFFFFFFF")
        table = Table(displayName="Lines", ref="A1:B2")
        table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
        sheet.add_table(table)

    document = read(build.workbook(fill), "a.xlsx")
    assert document.hidden == ()
    assert "Item" in document.text


FORMATS = ["General", '#,##0.00 "EUR"', "dd.mm.yyyy", "General"]


def test_old_workbooks_show_formats_and_hide_what_is_hidden(read: Read) -> None:
    visible = XlsSheet(
        "Invoice",
        [
            (0, 0, "Item", 0), (0, 1, "Price", 0), (0, 2, "Due", 0), (0, 3, "secret column", 0),
            (1, 0, "Bolt", 0), (1, 1, 1234.5, 1), (1, 2, 45366.0, 2), (2, 0, "secret row", 0), (3, 0, "pale", 3),
        ],
        hidden_rows=(2,),
        hidden_columns=(3,),
    )  # fmt: skip
    content = xls([visible, XlsSheet("Other", [(0, 0, "secret sheet", 0)], visibility=1)], FORMATS, white_styles=(3,))
    document = read(content, "a.xls")
    assert document.text == "Item\tPrice\tDue\nBolt\t1,234.50 EUR\t15.03.2024"
    assert [(hidden.text, hidden.reason, hidden.anchor) for hidden in document.hidden] == [
        ("secret column", "hidden_column", "Invoice!D:D"),
        ("secret row", "hidden_row", "Invoice!3:3"),
        ("pale", "colour", "Invoice!A4"),
        ("secret sheet", "hidden_sheet", "Other"),
    ]


def test_old_workbooks_behind_a_password_are_encrypted(read: Read) -> None:
    content = xls([XlsSheet("A", [(0, 0, "x" * 3_000, 0)])], ["General"])
    head = content.find(b"\x09\x08\x10\x00")
    locked = content[: head + 20] + b"\x2f\x00\x00\x00" + content[head + 24 :]
    with pytest.raises(ParsingFailed) as failure:
        read(locked, "a.xls")
    assert failure.value.code is FailureCode.ENCRYPTED


def test_separators_encodings_and_ragged_rows(read: Read) -> None:
    content = 'Größe|Preis\n1|2,50\n"a|b"|3\n4|5\n6|7\n'.encode("utf-16")
    assert read(content, "a.csv").text == "Größe\tPreis\n1\t2,50\na|b\t3\n4\t5\n6\t7"


def test_a_declared_separator_is_used(read: Read) -> None:
    assert read(b"sep=;\nA;B\n1;2\n3;4\n5;6\n7;8\n9;10\n", "a.csv").text.startswith("A\tB\n1\t2")


def test_dates_are_not_taken_for_headers(read: Read) -> None:
    content = build.workbook(
        lambda book: [book.active.append([datetime.date(2024, 1, day), day]) for day in range(1, 5)]
    )
    [block] = _blocks(read(content, "a.xlsx"))
    assert block.table is not None
    assert block.table.header_rows == 0
    assert "2024-01-01" in block.text
