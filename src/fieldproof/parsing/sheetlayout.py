"""From the filled cells of a sheet to grids and lines on virtual pages.

A sheet is read as a person reads it: empty rows part it into regions; a region of more than one column
is a table, a lone cell is a line of text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise
from operator import itemgetter

from fieldproof.core.document import BlockKind
from fieldproof.core.words import picked
from fieldproof.parsing.cells import column_name, is_header_row
from fieldproof.parsing.flow import Eye
from fieldproof.parsing.grids import GridColumns, SheetGrid
from fieldproof.parsing.typeset import Paragraph, Section
from fieldproof.parsing.wrapping import Run

JOINING_GAP = 2  # empty rows that do not end a table of unchanged columns
HEADER_SAMPLE_ROWS = 50
Merge = tuple[int, int, int, int]  # first row, first column, last row, last column


SheetCell = tuple[int, int, str, bool, bool]
"""Row, column, text, whether it is bold, whether it is a number: a sheet has too many cells for objects."""


@dataclass(slots=True)
class Sheet:
    """Visible cells, row by row."""

    name: str
    cells: list[SheetCell] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)  # floating text: name and content


@dataclass(slots=True)
class _Columns:
    """A sheet's cells: one entry of each column per cell."""

    name: str
    rows: list[int]
    columns: list[int]
    texts: list[str]
    is_bold: list[bool]
    is_number: list[bool]

    @staticmethod
    def of(sheet: Sheet) -> _Columns:
        cells = sheet.cells
        if any(above[0] > below[0] for above, below in pairwise(cells)):  # no program writes such a file
            cells = sorted(cells, key=itemgetter(0))
        return _Columns(sheet.name, *map(list, zip(*cells, strict=True)) if cells else ([], [], [], [], []))

    def anchor(self, cell: int) -> str:
        return f"{self.name}!{column_name(self.columns[cell])}{self.rows[cell] + 1}"


_Row = range  # the cells of one row of a sheet


def section(sheet: Sheet) -> Section:
    """The sheet's regions on pages named after it."""
    starts = {(merge[0], merge[1]): merge for merge in sheet.merges}
    items: list[Paragraph | SheetGrid] = []
    columns = _Columns.of(sheet)
    for region in _regions(columns):
        items.extend(_region_items(region, columns, starts))
    for name, text in sheet.notes:
        items.append(Paragraph([Run(text)], anchor=f"{sheet.name}/{name}"))
    return Section(items, sheet.name)


def hide_sheet(sheet: Sheet, eye: Eye) -> None:
    """All that a hidden sheet holds."""
    for _, _, text, _, _ in sheet.cells:
        eye.hide(f"{text}\t", "hidden_sheet", sheet.name)
    for _, text in sheet.notes:
        eye.hide(f"{text}\n", "hidden_sheet", sheet.name)


def _regions(sheet: _Columns) -> Iterator[list[_Row]]:
    """Rows that belong together."""
    starts = [0, *(number for number, (a, b) in enumerate(pairwise(sheet.rows), start=1) if a != b), len(sheet.rows)]
    region: list[_Row] = []
    for start, end in pairwise(starts) if sheet.rows else ():
        row = range(start, end)
        if region and not _belongs(row, region[-1], sheet):
            yield region
            region = []
        region.append(row)
    if region:
        yield region


def _belongs(row: _Row, above: _Row, sheet: _Columns) -> bool:
    gap = sheet.rows[row.start] - sheet.rows[above.start] - 1
    if gap == 0:
        return True
    if gap > JOINING_GAP or len(row) < 2 or _of(sheet.columns, row) != _of(sheet.columns, above):
        return False
    return not all(_of(sheet.is_bold, row)) or all(_of(sheet.is_bold, above))


def _of(column: list, row: _Row) -> list:
    return column[row.start : row.stop]


def _region_items(
    rows: list[_Row], sheet: _Columns, merges: dict[tuple[int, int], Merge]
) -> Iterator[Paragraph | SheetGrid]:
    titles = 0
    while titles < len(rows) and len(rows[titles]) == 1 and _stands_alone(rows, titles, sheet):
        yield _line(rows[titles].start, sheet)
        titles += 1
    if titles < len(rows):
        yield _grid(rows[titles:], sheet, merges)


def _stands_alone(rows: list[_Row], number: int, sheet: _Columns) -> bool:
    """Whether a lone cell is a line of text. Above a table it is the table's title, not its first row."""
    if number + 1 == len(rows) or len(rows[number + 1]) == 1:
        return True
    cell, below = rows[number].start, rows[number + 1].start
    return not sheet.is_number[cell] and sheet.columns[cell] <= sheet.columns[below]


def _line(cell: int, sheet: _Columns) -> Paragraph:
    is_bold = sheet.is_bold[cell]
    kind = BlockKind.HEADING if is_bold and not sheet.is_number[cell] else BlockKind.PARAGRAPH
    level = 3 if kind is BlockKind.HEADING else None
    return Paragraph([Run(sheet.texts[cell], is_bold)], kind, level, sheet.anchor(cell))


def _grid(rows: list[_Row], sheet: _Columns, merges: dict[tuple[int, int], Merge]) -> SheetGrid:
    inside = range(rows[0].start, rows[-1].stop)
    first_row, last_row = sheet.rows[inside.start], sheet.rows[inside.stop - 1]
    columns = sorted(set(_of(sheet.columns, inside)))
    header_rows = int(_has_header(rows, columns, sheet))
    return SheetGrid(
        last_row - first_row + 1,
        len(columns),
        _cells(inside, sheet, columns, merges, rows[0].stop if header_rows else inside.start),
        header_rows,
        f"{sheet.name}!{column_name(columns[0])}{first_row + 1}:{column_name(columns[-1])}{last_row + 1}",
        columns,
    )


def _cells(
    inside: range, sheet: _Columns, columns: list[int], merges: dict[tuple[int, int], Merge], body: int
) -> GridColumns:
    """These cells as a grid's; the ones before ``body`` are its header."""
    first_row = sheet.rows[inside.start]
    names, places = [column_name(column) for column in columns], {column: n for n, column in enumerate(columns)}
    rows, numbers = _of(sheet.rows, inside), [places[column] for column in _of(sheet.columns, inside)]
    headers = body - inside.start
    is_header = [True] * headers + [False] * (len(inside) - headers)
    cells = GridColumns(
        [row - first_row for row in rows],
        numbers,
        _of(sheet.texts, inside),
        _of(sheet.is_bold, inside),
        [1] * len(inside),
        [1] * len(inside),
        is_header,
        [False] * headers + _of(sheet.is_number, inside)[headers:],
        [f"{sheet.name}!{names[number]}{row + 1}" for row, number in zip(rows, numbers, strict=True)],
    )
    if merges:
        _merge(cells, first_row, rows[-1], columns, merges)
    return cells


def _merge(
    cells: GridColumns, first_row: int, last_row: int, columns: list[int], merges: dict[tuple[int, int], Merge]
) -> None:
    """Gives the cells their spans, and drops those that another covers."""
    kept, taken = [], _Taken()
    for cell, (row, column) in enumerate(zip(cells.rows, cells.columns, strict=True)):
        if taken.has(row, column):
            continue
        kept.append(cell)
        merge = merges.get((first_row + row, columns[column]))
        if merge is not None:
            spans = min(merge[2], last_row) - merge[0] + 1, sum(columns[column] <= c <= merge[3] for c in columns)
            cells.row_spans[cell], cells.column_spans[cell] = spans
            taken.take(row, column, *spans)
    if len(kept) < len(cells):
        for name in (
            "rows",
            "columns",
            "texts",
            "is_bold",
            "row_spans",
            "column_spans",
            "is_header",
            "is_right",
            "anchors",
        ):
            setattr(cells, name, picked(getattr(cells, name), kept))


class _Taken:
    """Places that a merged cell covers."""

    def __init__(self) -> None:
        self._areas: list[tuple[int, int, int, int]] = []

    def has(self, row: int, column: int) -> bool:
        if not self._areas:
            return False
        self._areas = [area for area in self._areas if area[0] + area[2] > row]
        return any(r <= row < r + rs and c <= column < c + cs for r, c, rs, cs in self._areas)

    def take(self, row: int, column: int, row_span: int, column_span: int) -> None:
        if row_span > 1 or column_span > 1:
            self._areas.append((row, column, row_span, column_span))


def _has_header(rows: list[_Row], columns: list[int], sheet: _Columns) -> bool:
    if len(rows) < 2 or len(rows[0]) < 2:
        return False
    first, rest = rows[0], rows[1 : HEADER_SAMPLE_ROWS + 1]
    if any(_of(sheet.is_number, first)):
        return False
    if all(_of(sheet.is_bold, first)) and not all(chain.from_iterable(_of(sheet.is_bold, row) for row in rest)):
        return True
    return is_header_row(_texts(first, columns, sheet), [_texts(row, columns, sheet) for row in rest])


def _texts(row: _Row, columns: list[int], sheet: _Columns) -> list[str]:
    by_column = dict(zip(_of(sheet.columns, row), _of(sheet.texts, row), strict=True))
    return [by_column.get(column, "") for column in columns]
