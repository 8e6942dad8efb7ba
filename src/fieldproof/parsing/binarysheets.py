"""The binary workbooks (.xls, .xlsb), looked at before calamine reads their values.

calamine gives values only, and makes a dense table of whatever extent the cells span. This pass over
the records says whether that is sane, and adds what is hidden and how numbers are shown (.xls).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import olefile

from fieldproof.core.document import FailureCode
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing import ole
from fieldproof.parsing.cells import column_name
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.filetype import XLSB, FileType
from fieldproof.parsing.numbers import BUILT_IN
from fieldproof.parsing.package import opened

MAX_DENSE_CELLS = 20_000_000

_BOF, _FILEPASS = 0x0809, 0x002F
_COLINFO, _ROW = 0x007D, 0x0208
_MULRK = 0x00BD
_CELLS = frozenset((0x0203, 0x027E, 0x0006, 0x00FD, 0x0204, 0x0205, 0x00D6))
_WHITE_INKS = frozenset((1, 9))  # of the usual palette
_NO_PATTERN, _SOLID = 0, 1
_BIFF8 = 0x0600


@dataclass(slots=True)
class Facts:
    """About one sheet: formats of its cells, rows and columns that are hidden, cells nobody can see."""

    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    white_cells: set[tuple[int, int]] = field(default_factory=set)

    def code(self, row: int, column: int) -> str:
        return self.formats.get((row, column), "General")

    def hidden_because(self, row: int, column: int) -> str | None:
        if row in self.hidden_rows:
            return "hidden_row"
        if any(first <= column <= last for first, last in self.hidden_columns):
            return "hidden_column"
        return "colour" if (row, column) in self.white_cells else None

    @staticmethod
    def place(sheet: str, row: int, column: int, reason: str) -> str:
        letters = column_name(column)
        match reason:
            case "hidden_row":
                return f"{sheet}!{row + 1}:{row + 1}"
            case "hidden_column":
                return f"{sheet}!{letters}:{letters}"
            case _:
                return f"{sheet}!{letters}{row + 1}"


def examine(path: Path, config: ParseConfig, kind: FileType) -> dict[str, Facts]:
    """Facts by sheet name (none for .xlsb). Raises ParsingFailed for a workbook that must not be opened."""
    if kind == XLSB:
        with opened(path, config) as package:
            for name in package.names:
                if name.startswith("xl/worksheets/") and name.endswith(".bin"):
                    _check_extent(*_xlsb_extent(package.read(name)))
        return {}
    with ole.opened(path) as container:
        return _Scan(_workbook_stream(container)).run()


def _check_extent(rows: int, columns: int) -> None:
    if rows * columns > MAX_DENSE_CELLS:
        raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"A sheet spans {rows} rows and {columns} columns.")


# -------------------------------------------------------------------------------------------- .xlsb


def _xlsb_extent(content: bytes) -> tuple[int, int]:
    """Rows and columns that the records of a binary sheet span."""
    first_row = first_column = None
    last_row = last_column = row = 0
    for kind, start, size in _xlsb_records(content):
        if kind == 0 and size >= 4:
            row = int.from_bytes(content[start : start + 4], "little")
        elif 1 <= kind <= 11 and size >= 4:
            column = int.from_bytes(content[start : start + 4], "little")
            first_row = row if first_row is None else min(first_row, row)
            first_column = column if first_column is None else min(first_column, column)
            last_row, last_column = max(last_row, row), max(last_column, column)
    if first_row is None or first_column is None:
        return 0, 0
    return last_row - first_row + 1, last_column - first_column + 1


def _xlsb_records(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, start and size of every record."""
    at = 0
    while at < len(content):
        kind = content[at]
        at += 1
        if kind & 0x80 and at < len(content):
            kind = (kind & 0x7F) | (content[at] & 0x7F) << 7
            at += 1
        size = 0
        for shift in (0, 7, 14, 21):
            if at >= len(content):
                return
            byte = content[at]
            at += 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        yield kind, at, size
        at += size


# --------------------------------------------------------------------------------------------- .xls


def _workbook_stream(container: olefile.OleFileIO) -> bytes:
    for name in ("Workbook", "Book"):
        if container.exists(name):
            return container.openstream(name).read()
    raise ParsingFailed(FailureCode.CORRUPT, "The file holds no workbook.")


class _Scan:
    """One pass over the records of a BIFF workbook."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._codes = dict(BUILT_IN)
        self._inks: list[int] = []
        self._styles: list[tuple[str, bool]] = []  # format code, and whether its text is white on white
        self._sheets: dict[int, str] = {}  # by the offset of their first record

    def run(self) -> dict[str, Facts]:
        found: dict[str, Facts] = {}
        facts: Facts | None = None
        is_biff8 = True
        extent = _Extent()
        for kind, at, size in self._records():
            if kind == _FILEPASS:
                raise ParsingFailed(FailureCode.ENCRYPTED)
            if kind == _BOF:
                is_biff8 = self._short(at) >= _BIFF8
                name = self._sheets.get(at - 4)
                facts = found.setdefault(name, Facts()) if name is not None else None
                extent = _Extent()
            elif not is_biff8:
                self._count_cell(kind, at, extent)
            elif facts is None:
                self._global(kind, at, size)
            else:
                self._sheet_record(kind, at, size, facts, extent)
            _check_extent(*extent.size())
        return found

    def _records(self) -> Iterator[tuple[int, int, int]]:
        at = 0
        while at + 4 <= len(self._content):
            kind, size = struct.unpack_from("<HH", self._content, at)
            if at + 4 + size > len(self._content):
                return
            yield kind, at + 4, size
            at += 4 + size

    def _short(self, at: int) -> int:
        return int.from_bytes(self._content[at : at + 2], "little")

    def _global(self, kind: int, at: int, size: int) -> None:
        match kind:
            case 0x0085:  # a sheet's name
                self._sheets[int.from_bytes(self._content[at : at + 4], "little")] = self._text(at + 6, 1)
            case 0x041E:  # a number format
                self._codes[self._short(at)] = self._text(at + 2, 2)
            case 0x0031:  # a font
                self._inks.append(self._short(at + 4))
                if len(self._inks) == 4:  # the format has no font 4
                    self._inks.append(0)
            case 0x00E0 if size >= 20:  # a cell style
                self._styles.append(self._style(at))
            case _:
                pass

    def _style(self, at: int) -> tuple[str, bool]:
        font, code = self._short(at), self._codes.get(self._short(at + 2), "General")
        pattern = self._content[at + 17] >> 2
        ground = self._short(at + 18) & 0x7F
        is_on_white = pattern == _NO_PATTERN or (pattern == _SOLID and ground in _WHITE_INKS)
        return code, is_on_white and font < len(self._inks) and self._inks[font] in _WHITE_INKS

    def _sheet_record(self, kind: int, at: int, size: int, facts: Facts, extent: _Extent) -> None:
        if kind in _CELLS:
            self._cell(self._short(at), self._short(at + 2), self._short(at + 4), facts, extent)
        elif kind == _MULRK:
            row, first = self._short(at), self._short(at + 2)
            for number in range((size - 6) // 6):
                self._cell(row, first + number, self._short(at + 4 + 6 * number), facts, extent)
        elif kind == _ROW and size >= 16:
            if self._content[at + 12] & 0x20:
                facts.hidden_rows.add(self._short(at))
        elif kind == _COLINFO and size >= 10 and self._short(at + 8) & 1:
            facts.hidden_columns.append((self._short(at), self._short(at + 2)))

    def _cell(self, row: int, column: int, style: int, facts: Facts, extent: _Extent) -> None:
        extent.add(row, column)
        if style < len(self._styles):
            code, is_white = self._styles[style]
            if code != "General":
                facts.formats[row, column] = code
            if is_white:
                facts.white_cells.add((row, column))

    def _count_cell(self, kind: int, at: int, extent: _Extent) -> None:
        if kind in _CELLS:
            extent.add(self._short(at), self._short(at + 2))

    def _text(self, at: int, width: int) -> str:
        """A string that starts with its length, which is ``width`` bytes long, and a flag for wide characters."""
        length = int.from_bytes(self._content[at : at + width], "little")
        start = at + width + 1
        if self._content[at + width] & 1:
            return self._content[start : start + 2 * length].decode("utf-16-le", "replace")
        return self._content[start : start + length].decode("latin-1")


class _Extent:
    """The rectangle around cells."""

    def __init__(self) -> None:
        self._rows: tuple[int, int] | None = None
        self._columns: tuple[int, int] | None = None

    def add(self, row: int, column: int) -> None:
        if self._rows is None or self._columns is None:
            self._rows, self._columns = (row, row), (column, column)
        else:
            self._rows = min(self._rows[0], row), max(self._rows[1], row)
            self._columns = min(self._columns[0], column), max(self._columns[1], column)

    def size(self) -> tuple[int, int]:
        if self._rows is None or self._columns is None:
            return 0, 0
        return self._rows[1] - self._rows[0] + 1, self._columns[1] - self._columns[0] + 1
