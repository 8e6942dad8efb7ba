"""A writer of small .xls workbooks (BIFF8)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from parsing.formats.ole import container


@dataclass
class XlsSheet:
    """Cells as (row, column, value, style); a style is a number in ``xls``'s list of formats."""

    name: str
    cells: list[tuple[int, int, str | float, int]]
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    visibility: int = 0
    offset_record: int = field(default=0, init=False)


def xls(sheets: list[XlsSheet], formats: list[str], *, white_styles: tuple[int, ...] = ()) -> bytes:
    """A workbook; every style has its number format, and white ink where listed."""
    head = [_record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))]
    for ink in (0x7FFF, 9):
        head.append(_record(0x31, struct.pack("<HHHHHBBBB", 200, 0, ink, 400, 0, 0, 0, 0, 0) + b"\x05\x00Arial"))
    for number, code in enumerate(formats):
        head.append(_record(0x41E, struct.pack("<HHB", 164 + number, len(code), 1) + code.encode("utf-16-le")))
    for number in range(len(formats)):
        font = 1 if number in white_styles else 0
        head.append(_record(0xE0, struct.pack("<HHHBBBBIIH", font, 164 + number, 0, 0, 0, 0, 0, 0, 0, 0x20C0)))
    bodies = [_sheet(sheet) for sheet in sheets]
    bounds = [_bound(sheet, 0) for sheet in sheets]
    end = _record(0x0A, b"")
    offset = sum(map(len, head)) + sum(map(len, bounds)) + len(end)
    bounds = []
    for sheet, body in zip(sheets, bodies, strict=True):
        bounds.append(_bound(sheet, offset))
        offset += len(body)
    return container({"Workbook": b"".join([*head, *bounds, end, *bodies])})


def _bound(sheet: XlsSheet, offset: int) -> bytes:
    name = sheet.name.encode("latin-1")
    return _record(0x85, struct.pack("<IBBBB", offset, sheet.visibility, 0, len(name), 0) + name)


def _sheet(sheet: XlsSheet) -> bytes:
    records = [_record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))]
    for column in sheet.hidden_columns:
        records.append(_record(0x7D, struct.pack("<HHHHHH", column, column, 2560, 0, 1, 0)))
    for row in sheet.hidden_rows:
        records.append(_record(0x208, struct.pack("<HHHHHHI", row, 0, 256, 255, 0, 0, 0x20)))
    for row, column, value, style in sheet.cells:
        if isinstance(value, str):
            content = struct.pack("<HHHHB", row, column, style, len(value), 1) + value.encode("utf-16-le")
            records.append(_record(0x204, content))
        else:
            records.append(_record(0x203, struct.pack("<HHHd", row, column, style, value)))
    return b"".join([*records, _record(0x0A, b"")])


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content
