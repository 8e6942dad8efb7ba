"""From the filled cells of a sheet to grids and lines on virtual pages.

A sheet is read as a person reads it: empty rows part it into regions; a region of more than one column
is a table, a lone cell is a line of text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from fieldproof.core.document import BlockKind
from fieldproof.parsing.cells import column_name, is_header_row
from fieldproof.parsing.flow import Eye
from fieldproof.parsing.typeset import Grid, GridCell, Paragraph, Run, Section

JOINING_GAP = 2  # empty rows that do not end a table of unchanged columns
HEADER_SAMPLE_ROWS = 50


@dataclass(slots=True)
class SheetCell:
    row: int
    column: int
    text: str
    is_bold: bool = False
    is_number: bool = False


@dataclass(slots=True)
class Sheet:
    """Visible cells in reading order, merges as (first row, first column, last row, last column)."""

    name: str
    cells: list[SheetCell] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)  # floating text: name and content


def section(sheet: Sheet) -> Section:
    """The sheet's regions on pages named after it."""
    starts = {(merge[0], merge[1]): merge for merge in sheet.merges}
    items: list[Paragraph | Grid] = []
    for region in _regions(sheet.cells):
        items.extend(_region_items(region, sheet.name, starts))
    for name, text in sheet.notes:
        items.append(Paragraph([Run(text)], anchor=f"{sheet.name}/{name}"))
    return Section(items, sheet.name)


def hide_sheet(sheet: Sheet, eye: Eye) -> None:
    """All that a hidden sheet holds."""
    for cell in sheet.cells:
        eye.hide(f"{cell.text}\t", "hidden_sheet", sheet.name)
    for _, text in sheet.notes:
        eye.hide(f"{text}\n", "hidden_sheet", sheet.name)


def _regions(cells: list[SheetCell]) -> Iterator[list[list[SheetCell]]]:
    """Rows that belong together."""
    region: list[list[SheetCell]] = []
    for _, group in groupby(cells, key=lambda cell: cell.row):
        row = list(group)
        if region and not _belongs(row, region):
            yield region
            region = []
        region.append(row)
    if region:
        yield region


def _belongs(row: list[SheetCell], region: list[list[SheetCell]]) -> bool:
    gap = row[0].row - region[-1][0].row - 1
    if gap == 0:
        return True
    is_same_shape = len(row) > 1 and [cell.column for cell in row] == [cell.column for cell in region[-1]]
    starts_anew = all(cell.is_bold for cell in row) and not all(cell.is_bold for cell in region[-1])
    return gap <= JOINING_GAP and is_same_shape and not starts_anew


def _region_items(
    rows: list[list[SheetCell]], sheet: str, merges: dict[tuple[int, int], tuple[int, int, int, int]]
) -> Iterator[Paragraph | Grid]:
    # Lone cells above a table are its title, not its first row.
    while rows and len(rows[0]) == 1 and (len(rows) == 1 or len(rows[1]) == 1 or _is_title(rows)):
        yield _line(rows[0][0], sheet)
        rows = rows[1:]
    if rows:
        yield _grid(rows, sheet, merges)


def _is_title(rows: list[list[SheetCell]]) -> bool:
    return len(rows) > 1 and not rows[0][0].is_number and rows[0][0].column <= rows[1][0].column


def _line(cell: SheetCell, sheet: str) -> Paragraph:
    kind = BlockKind.HEADING if cell.is_bold and not cell.is_number else BlockKind.PARAGRAPH
    level = 3 if kind is BlockKind.HEADING else None
    return Paragraph([Run(cell.text, cell.is_bold)], kind, level, _anchor(cell, sheet))


def _grid(rows: list[list[SheetCell]], sheet: str, merges: dict[tuple[int, int], tuple[int, int, int, int]]) -> Grid:
    first_row, last_row = rows[0][0].row, rows[-1][0].row
    columns = _used_columns(rows)
    places = {column: number for number, column in enumerate(columns)}
    header_rows = int(_has_header(rows, columns))
    taken = _Taken()
    cells: list[GridCell] = []
    for row in rows:
        at = row[0].row - first_row
        for cell in row:
            column = places[cell.column]
            if taken.has(at, column):
                continue
            row_span, column_span = _spans(merges.get((cell.row, cell.column)), last_row, cell.column, columns)
            taken.take(at, column, row_span, column_span)
            is_header = at < header_rows
            cells.append(
                GridCell(
                    at,
                    column,
                    [Run(cell.text, cell.is_bold)],
                    row_span,
                    column_span,
                    is_header,
                    cell.is_number and not is_header,
                    _anchor(cell, sheet),
                )
            )
    return Grid(
        last_row - first_row + 1,
        len(columns),
        cells,
        header_rows,
        f"{sheet}!{_extent(rows)}",
        is_sheet=True,
        columns=columns,
    )


class _Taken:
    """Places that a merged cell covers."""

    def __init__(self) -> None:
        self._areas: list[tuple[int, int, int, int]] = []

    def has(self, row: int, column: int) -> bool:
        return any(r <= row < r + rs and c <= column < c + cs for r, c, rs, cs in self._areas)

    def take(self, row: int, column: int, row_span: int, column_span: int) -> None:
        self._areas = [area for area in self._areas if area[0] + area[2] > row]
        if row_span > 1 or column_span > 1:
            self._areas.append((row, column, row_span, column_span))


def _used_columns(rows: list[list[SheetCell]]) -> list[int]:
    return sorted({cell.column for row in rows for cell in row})


def _spans(merge: tuple[int, int, int, int] | None, last_row: int, column: int, columns: list[int]) -> tuple[int, int]:
    """A merge in rows and columns of the grid, which has only the columns in use."""
    if merge is None:
        return 1, 1
    row_span = min(merge[2], last_row) - merge[0] + 1
    return row_span, sum(column <= used <= merge[3] for used in columns)


def _has_header(rows: list[list[SheetCell]], columns: list[int]) -> bool:
    if len(rows) < 2 or len(rows[0]) < 2:
        return False
    first, rest = rows[0], rows[1 : HEADER_SAMPLE_ROWS + 1]
    if any(cell.is_number for cell in first):
        return False
    if all(cell.is_bold for cell in first) and not all(cell.is_bold for row in rest for cell in row):
        return True
    return is_header_row(_texts(first, columns), [_texts(row, columns) for row in rest])


def _texts(row: list[SheetCell], columns: list[int]) -> list[str]:
    by_column = {cell.column: cell.text for cell in row}
    return [by_column.get(column, "") for column in columns]


def _anchor(cell: SheetCell, sheet: str) -> str:
    return f"{sheet}!{column_name(cell.column)}{cell.row + 1}"


def _extent(rows: list[list[SheetCell]]) -> str:
    columns = _used_columns(rows)
    first = f"{column_name(columns[0])}{rows[0][0].row + 1}"
    return f"{first}:{column_name(columns[-1])}{rows[-1][0].row + 1}"
