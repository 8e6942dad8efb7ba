"""Tables from words and rules: ruled grids first, then columns that line up without any rules.

Measures are points, y down. A table claims its words; layout puts its block where they stood.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter, itemgetter

import numpy as np

from fieldproof.core.document import BlockKind
from fieldproof.parsing.assembly import DraftBlock, DraftCell, DraftPage, DraftTable, as_line, text_of
from fieldproof.parsing.layout import PageLayer, Region, Segment, median

_SNAP_PT = 3.0  # rules this close are one
_MIN_RULE_PT = 8.0
_MAX_GRID_LINES = 400
_NUMBER = re.compile(r"^[^\w]*[$€£¥]?[-+(]?\s*\d[\d.,'’:/%-]*\)?[^\w]*$|^[-–—]+$")
_MAX_ROW_GAP_EM = 2.6
_MIN_ROWS = 3


def find_tables(layer: PageLayer, segments: list[Segment]) -> list[Region]:
    """The tables of a page in one writing direction."""
    grids = [grid for grid in _grids(layer.rules) if grid.is_table]
    regions = [region for grid in grids if (region := _ruled(layer, grid, segments)) is not None]
    claimed: set[int] = set().union(*(region.words for region in regions))
    free = [segment for segment in segments if claimed.isdisjoint(segment.words)] if claimed else segments
    return regions + _unruled(layer, free)


# --- ruled --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Grid:
    """Where rules cross: column edges ``xs``, row edges ``ys``, and which edges are really drawn."""

    xs: list[float]
    ys: list[float]
    has_left: np.ndarray  # rows × (columns + 1): a rule on the left of the slot
    has_top: np.ndarray  # (rows + 1) × columns

    @property
    def is_table(self) -> bool:
        return len(self.xs) >= 3 and len(self.ys) >= 2


def _grids(rules: np.ndarray) -> list[_Grid]:
    if len(rules) < 4:
        return []
    width, height = rules[:, 2] - rules[:, 0], rules[:, 3] - rules[:, 1]
    levels = _united(rules[(width >= height) & (width >= _MIN_RULE_PT)], along=0)
    uprights = _united(rules[(height > width) & (height >= _MIN_RULE_PT)], along=1)
    if not 2 <= len(levels) <= _MAX_GRID_LINES or not 2 <= len(uprights) <= _MAX_GRID_LINES:
        return []
    return [grid for a, b in _connected(levels, uprights) if (grid := _grid(levels[a], uprights[b])) is not None]


def _united(rules: np.ndarray, along: int) -> np.ndarray:
    """Rules on one line that touch or nearly touch, joined: rows of (place, start, end)."""
    across = 1 - along
    places, starts, ends = (rules[:, across] + rules[:, across + 2]) / 2, rules[:, along], rules[:, along + 2]
    lines = sorted(zip(places.tolist(), starts.tolist(), ends.tolist(), strict=True))
    joined: list[list[float]] = []
    for first, last in _clusters([place for place, _, _ in lines]):
        middle = sum([place for place, _, _ in lines[first:last]]) / (last - first)
        reach = -math.inf
        for _, start, end in sorted(lines[first:last], key=itemgetter(1)):
            if start <= reach + _SNAP_PT:
                joined[-1][2] = reach = max(reach, end)
            else:
                joined.append([middle, start, end])
                reach = end
    return np.array(joined).reshape(-1, 3)


def _clusters(values: list[float]) -> list[tuple[int, int]]:
    """Where the sorted values that lie within a snap of their neighbour begin and end."""
    cuts = [i for i, (a, b) in enumerate(pairwise(values), start=1) if b - a > _SNAP_PT]
    return list(pairwise([0, *cuts, len(values)])) if values else []


def _connected(levels: np.ndarray, uprights: np.ndarray) -> Iterable[tuple[list[int], list[int]]]:
    """Groups of rules that cross or meet one another."""
    meet = (
        (uprights[None, :, 0] >= levels[:, None, 1] - _SNAP_PT)
        & (uprights[None, :, 0] <= levels[:, None, 2] + _SNAP_PT)
        & (levels[:, None, 0] >= uprights[None, :, 1] - _SNAP_PT)
        & (levels[:, None, 0] <= uprights[None, :, 2] + _SNAP_PT)
    )
    crossed_by: list[set[int]] = [set() for _ in levels]
    crossing: list[set[int]] = [set() for _ in uprights]
    for level, upright in np.argwhere(meet).tolist():
        crossed_by[level].add(upright)
        crossing[upright].add(level)
    left = {level for level, uprights_met in enumerate(crossed_by) if uprights_met}
    while left:
        rows, columns, new = set(), set(), {min(left)}
        while new:
            rows |= new
            found = set().union(*[crossed_by[level] for level in new]) - columns
            columns |= found
            new = set().union(*[crossing[upright] for upright in found]) - rows
        left -= rows
        if len(rows) >= 2 and len(columns) >= 2:
            yield sorted(rows), sorted(columns)


def _grid(levels: np.ndarray, uprights: np.ndarray) -> _Grid | None:
    ys, xs = _places(levels[:, 0]), _places(uprights[:, 0])
    if len(xs) < 2 or len(ys) < 2:
        return None
    has_top, has_left = _drawn(levels, ys, xs), _drawn(uprights, xs, ys).T
    return _Grid(xs, ys, has_left, has_top)


def _drawn(rules: np.ndarray, places: list[float], stops: list[float]) -> np.ndarray:
    """places × gaps between stops: whether a rule at the place runs along most of the gap."""
    nearest = np.abs(np.array(places)[:, None] - rules[:, 0]).argmin(axis=0)
    starts, ends = np.array(stops[:-1]), np.array(stops[1:])
    shared = np.minimum(rules[:, 2:], ends) - np.maximum(rules[:, 1:2], starts)
    drawn = np.zeros((len(places), len(stops) - 1), dtype=bool)
    np.logical_or.at(drawn, nearest, shared > 0.6 * (ends - starts))
    return drawn


def _places(values: np.ndarray) -> list[float]:
    ordered = sorted(values.tolist())
    return [sum(ordered[first:last]) / (last - first) for first, last in _clusters(ordered)]


def _ruled(layer: PageLayer, grid: _Grid, segments: list[Segment]) -> Region | None:
    slots = _merged_slots(grid)
    cells: dict[int, _Cell] = {}
    for row in range(len(grid.ys) - 1):
        for column in range(len(grid.xs) - 1):
            number = slots[row][column]
            if number not in cells:
                cells[number] = _Cell(row, column)
            cells[number].grow(row, column)
    words: set[int] = set()
    inside = _inside(layer, grid, segments)
    for index in inside:
        x, y = _middle(layer, index)
        row, column = _slot(grid.ys, y), _slot(grid.xs, x)
        cells[slots[row][column]].words.append(index)
        words.add(index)
    if not _is_worth_it(cells, words):
        return None
    parts = _text_rows(layer, list(cells.values()), len(grid.xs) - 1, len(grid.ys) - 1)
    return _region(layer, parts, grid, words)


@dataclass(slots=True)
class _Cell:
    row: int
    column: int
    row_end: int = 0
    column_end: int = 0
    words: list[int] = field(default_factory=list)

    def grow(self, row: int, column: int) -> None:
        self.row, self.column = min(self.row, row), min(self.column, column)
        self.row_end, self.column_end = max(self.row_end, row + 1), max(self.column_end, column + 1)


def _merged_slots(grid: _Grid) -> list[list[int]]:
    """The number of the cell each slot belongs to; slots without a rule between them are one cell."""
    rows, columns = len(grid.ys) - 1, len(grid.xs) - 1
    number = [[row * columns + column for column in range(columns)] for row in range(rows)]
    for row in range(rows):
        for column in range(columns):
            if column and not grid.has_left[row, column]:
                number[row][column] = number[row][column - 1]
            if (
                row
                and not grid.has_top[row, column]
                and (
                    not column
                    or number[row][column] != number[row][column - 1]
                    or number[row - 1][column] == number[row - 1][column - 1]
                )
            ):
                old, new = number[row][column], number[row - 1][column]
                number[row] = [new if value == old else value for value in number[row]]
    return number


def _inside(layer: PageLayer, grid: _Grid, segments: list[Segment]) -> list[int]:
    left, right, top, bottom = grid.xs[0], grid.xs[-1], grid.ys[0], grid.ys[-1]
    inside = []
    for segment in segments:
        if segment.bottom < top or segment.top > bottom or segment.right < left or segment.left > right:
            continue
        for index in segment.words:
            x, y = _middle(layer, index)
            if left <= x <= right and top <= y <= bottom:
                inside.append(index)
    return inside


def _middle(layer: PageLayer, index: int) -> tuple[float, float]:
    left, top, right, bottom = layer.sides[index]
    return (left + right) / 2, (top + bottom) / 2


def _slot(edges: list[float], value: float) -> int:
    return min(max(bisect_right(edges, value) - 1, 0), len(edges) - 2)


def _is_worth_it(cells: dict[int, _Cell], words: set[int]) -> bool:
    """A table has words in several cells side by side and one above the other; a frame has not."""
    filled = [cell for cell in cells.values() if cell.words]
    rows, columns = {cell.row for cell in filled}, {cell.column for cell in filled}
    return len(filled) >= 3 and len(columns) >= 2 and len(rows) >= 1 and len(words) >= 3


# --- rows of text inside ruled rows ------------------------------------------------------------------


def _text_rows(layer: PageLayer, cells: list[_Cell], columns: int, rows: int) -> list[list[_Cell]]:
    """The rows of the table. A ruled row that holds several aligned lines of text is several rows."""
    by_row: dict[int, list[_Cell]] = {}
    for cell in cells:
        by_row.setdefault(cell.row, []).append(cell)
    ends = {row: max(cell.row_end for cell in members) for row, members in by_row.items()}
    result: list[list[_Cell]] = []
    place: dict[int, int] = {}
    for row in range(rows):
        place[row] = len(result)
        members = sorted(by_row.get(row, []), key=lambda cell: cell.column)
        is_plain = bool(members) and ends[row] == row + 1 and not any(c.row < row < c.row_end for c in cells)
        result += _split_by_lines(layer, members) if is_plain else [members]
    place[rows] = len(result)
    for members in result:
        for cell in members:
            if cell.row in place and cell.row_end in place and cell.row_end - cell.row > 1:
                cell.row, cell.row_end = place[cell.row], place[cell.row_end]
    return result


def _split_by_lines(layer: PageLayer, members: list[_Cell]) -> list[list[_Cell]]:
    lines = {id(cell): _lines(layer, cell.words) for cell in members}
    tall = [cell for cell in members if len(lines[id(cell)]) >= 2]
    if len(tall) < 2:
        return [members]
    # Every row has its line in the column that is filled most evenly: the shortest of the tall ones.
    counts = sorted(len(lines[id(cell)]) for cell in tall)
    anchor = min(tall, key=lambda cell: (abs(len(lines[id(cell)]) - counts[len(counts) // 2]), cell.column))
    numeric = [cell for cell in tall if _is_numeric_lines(layer, lines[id(cell)])]
    if numeric:
        anchor = max(numeric, key=lambda cell: (len(lines[id(cell)]), cell.column))
    elif len({len(lines[id(cell)]) for cell in tall}) > 1:
        return [members]
    tops = [min(layer.sides[i][1] for i in line) for line in lines[id(anchor)]]
    bottoms = [max(layer.sides[i][3] for i in line) for line in lines[id(anchor)]]
    if not all(_has_level_line(layer, lines[id(cell)], tops, bottoms) for cell in tall):
        return [members]
    starts = [-np.inf] + [(a + b) / 2 - 0.01 for a, b in zip(bottoms[:-1], tops[1:], strict=True)]
    starts = [-np.inf] + [top - 0.35 * (bottom - top) for top, bottom in zip(tops[1:], bottoms[1:], strict=True)]
    split = [[_Cell(c.row, c.column, c.row_end, c.column_end) for c in members] for _ in tops]
    for position, cell in enumerate(members):
        for line in lines[id(cell)]:
            middle = sum(layer.sides[i][1] + layer.sides[i][3] for i in line) / (2 * len(line))
            row = max(index for index, start in enumerate(starts) if middle >= start)
            split[row][position].words += line
    return split


def _is_numeric_lines(layer: PageLayer, lines: list[list[int]]) -> bool:
    return sum(_is_number(layer.texts[line[-1]]) for line in lines) >= 0.7 * len(lines)


def _has_level_line(layer: PageLayer, lines: list[list[int]], tops: list[float], bottoms: list[float]) -> bool:
    """Whether at least one of the cell's lines stands level with a row (not a paragraph beside it)."""
    level = 0
    for line in lines:
        middle = sum(layer.sides[i][1] + layer.sides[i][3] for i in line) / (2 * len(line))
        level += any(top <= middle <= bottom for top, bottom in zip(tops, bottoms, strict=True))
    return level >= 0.5 * min(len(lines), len(tops))


def _lines(layer: PageLayer, words: Sequence[int]) -> list[list[int]]:
    """Words grouped by baseline, top to bottom, in the order given within a line."""
    if len(words) == 1:
        return [[words[0]]]
    lines: list[tuple[float, list[int]]] = []
    for index in sorted(words, key=lambda i: layer.sides[i][1] + layer.sides[i][3]):
        _, top, _, bottom = layer.sides[index]
        middle = (top + bottom) / 2
        if lines and abs(middle - lines[-1][0]) < 0.45 * (bottom - top):
            lines[-1][1].append(index)
        else:
            lines.append((middle, [index]))
    position = {index: place for place, index in enumerate(words)}
    return [sorted(line, key=lambda i: position[i]) for _, line in lines]


def _region(layer: PageLayer, rows: list[list[_Cell]], grid: _Grid, words: set[int]) -> Region | None:
    columns = len(grid.xs) - 1
    drafts: list[DraftCell] = []
    kept = [row for row in rows if any(cell.words for cell in row)]
    if len(kept) < 2:
        return None
    for number, row in enumerate(kept):
        for cell in row:
            drafts.append(_draft(layer, cell, number, columns, len(kept)))
    header = _header_rows(layer, [[(c.column, c.words) for c in row if c.words] for row in kept])
    return _table_region(layer, drafts, len(kept), columns, header, words)


def _draft(layer: PageLayer, cell: _Cell, row: int, columns: int, rows: int) -> DraftCell:
    return DraftCell(
        row=row,
        column=cell.column,
        lines=layer.lines(_lines(layer, cell.words)),
        row_span=min(cell.row_end - cell.row, rows - row) if cell.words else 1,
        column_span=min(cell.column_end, columns) - cell.column,
    )


def _table_region(
    layer: PageLayer, cells: list[DraftCell], rows: int, columns: int, header: int, words: set[int]
) -> Region:
    for cell in cells:
        cell.is_header = cell.row < header
    table = DraftTable(rows, columns, cells, header_rows=header)
    return Region(DraftBlock(BlockKind.TABLE, table=table), words)


# --- unruled ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """Pieces of line that stand level, from left to right."""

    segments: list[Segment]
    top: float
    bottom: float
    em: float


@dataclass(slots=True)
class _Run:
    """Rows whose pieces stand in the same columns; ``columns`` are (left, right)."""

    rows: list[_Row]
    columns: list[list[float]]


def _unruled(layer: PageLayer, segments: list[Segment]) -> list[Region]:
    regions = []
    for run in _runs(_rows(segments)):
        region = _run_region(layer, run)
        if region is not None:
            regions.append(region)
    return regions


def _rows(segments: list[Segment]) -> list[_Row]:
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=attrgetter("middle", "left")):
        last = rows[-1][0] if rows else None
        if last is not None and segment.middle - last.middle < 0.45 * min(segment.height, last.height):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [_row(row) for row in rows]


def _row(segments: list[Segment]) -> _Row:
    if len(segments) == 1:
        only = segments[0]
        return _Row(segments, only.top, only.bottom, only.size)
    segments.sort(key=attrgetter("left"))
    return _Row(
        segments,
        min([s.top for s in segments]),
        max([s.bottom for s in segments]),
        max([s.size for s in segments]),
    )


def _runs(rows: list[_Row]) -> Iterable[_Run]:
    run: _Run | None = None
    waiting: list[_Row] = []  # rows of one piece: part of the table only if it goes on below them
    for row in rows:
        if run is not None:
            last = waiting[-1] if waiting else run.rows[-1]
            gap = (row.top - last.bottom) / row.em
            if gap > _MAX_ROW_GAP_EM:
                yield run
                run, waiting = None, []
        if run is None:
            if len(row.segments) >= 2:
                run, waiting = _Run([row], [[s.left, s.right] for s in row.segments]), []
            continue
        if len(row.segments) >= 2 and _fits(row, run):
            run.rows += waiting
            run.rows.append(row)
            waiting = []
            _extend(run, row)
        elif len(row.segments) == 1 and len(waiting) < 3 and _lies_within(row, run):
            waiting.append(row)
        else:
            yield _closed(run, waiting)
            run, waiting = (
                (_Run([row], [[s.left, s.right] for s in row.segments]), []) if len(row.segments) >= 2 else (None, [])
            )
    if run is not None:
        yield _closed(run, waiting)


def _closed(run: _Run, waiting: list[_Row]) -> _Run:
    """Takes the wrapped rest of the last row's cells along."""
    last = run.rows[-1]
    for row in waiting:
        if (row.top - last.bottom) / row.em > 0.35 or not _is_below_cell(row.segments[0], last):
            break
        run.rows.append(row)
        last = row
    return run


def _is_below_cell(segment: Segment, row: _Row) -> bool:
    return any(abs(segment.left - s.left) < 0.5 * segment.size for s in row.segments)


def _fits(row: _Row, run: _Run) -> bool:
    matched = sum(_column_of(segment, run.columns) is not None for segment in row.segments)
    return matched >= 2 and matched >= 0.6 * len(row.segments)


def _column_of(segment: Segment, columns: list[list[float]]) -> int | None:
    """The one column the piece stands in."""
    start, end = segment.left, segment.right
    over = None
    for index, (left, right) in enumerate(columns):
        if left >= end or right <= start:
            continue
        shared = (right if right < end else end) - (left if left > start else start)
        if shared > 0.1 * (right - left) or shared > 0.1 * (end - start):
            if over is not None:
                return None
            over = index
    return over if over is not None else _column_beside(segment, columns)


def _column_beside(segment: Segment, columns: list[list[float]]) -> int | None:
    """The one column whose left or right edge the piece keeps."""
    near = [
        index
        for index, (left, right) in enumerate(columns)
        if min(abs(left - segment.left), abs(right - segment.right)) < 0.5 * segment.size
    ]
    return near[0] if len(near) == 1 else None


def _extend(run: _Run, row: _Row) -> None:
    columns = run.columns
    for segment in row.segments:
        column = _column_of(segment, columns)
        if column is not None:
            side = columns[column]
            if side[0] <= segment.left and segment.right <= side[1]:
                continue
            left, right = min(side[0], segment.left), max(side[1], segment.right)
            if not any(c is not side and c[0] < right and left < c[1] for c in columns):
                side[:] = left, right
        elif not any(segment.right > left and right > segment.left for left, right in columns):
            columns.append([segment.left, segment.right])
            columns.sort()


def _lies_within(row: _Row, run: _Run) -> bool:
    segment = row.segments[0]
    return segment.left >= run.columns[0][0] - segment.size and segment.right <= run.columns[-1][1] + segment.size


def _run_region(layer: PageLayer, run: _Run) -> Region | None:
    if sum(len(row.segments) >= 2 for row in run.rows) < _MIN_ROWS or _is_text_in_columns(layer, run):
        return None
    _refine_columns(layer, run)
    rows = _logical_rows(layer, run)
    full = [row for row in rows if len(row) >= 2]
    if len(full) < _MIN_ROWS or len(run.columns) < 2 or not _looks_tabular(layer, full, len(run.columns)):
        return None
    cells = []
    for number, row in enumerate(rows):
        for column, span, words in row:
            cells.append(DraftCell(number, column, layer.lines(_lines(layer, words)), column_span=span))
    words = {index for row in run.rows for segment in row.segments for index in segment.words}
    header = _header_rows(layer, [[(column, words) for column, _, words in row] for row in rows])
    return _table_region(layer, cells, len(rows), len(run.columns), header, words)


_SPLIT_GAP_EM = 0.45
_MORE_THAN_A_BLANK = 1.25


def _refine_columns(layer: PageLayer, run: _Run) -> None:
    """Cuts a column where nearly all of its rows leave the same white gap between words."""
    refined: list[list[float]] = []
    for left, right in run.columns:
        pieces = [
            s for row in run.rows if len(row.segments) >= 2 for s in row.segments if s.left < right and s.right > left
        ]
        pieces = [p for p in pieces if p.left >= left - 1 and p.right <= right + 1]
        cut = _cut_column(layer, left, right, pieces, _SPLIT_GAP_EM)
        if len(cut) > 1 and (advance := _common_advance(layer, run)):
            cut = _cut_column(layer, left, right, pieces, _MORE_THAN_A_BLANK * advance)
        refined += cut
    run.columns = refined
    for row in run.rows:
        row.segments = [part for segment in row.segments for part in _split_at_columns(layer, segment, run.columns)]


def _common_advance(layer: PageLayer, run: _Run) -> float | None:
    """How wide in em each letter is, and a blank, where all are as wide; else None.

    There first words of one length leave the same gap on every row: "Solde initial" over "Solde final", "66 911,76"
    over "72 264,70".
    """
    sides, texts = layer.sides, layer.texts
    advances = [
        (sides[i][2] - sides[i][0]) / len(texts[i]) / segment.size
        for row in run.rows for segment in row.segments for i in segment.words
    ]  # fmt: skip
    usual = median(advances)
    return usual if _share(abs(a - usual) < 0.02 * usual for a in advances) > 0.9 else None


def _cut_column(layer: PageLayer, left: float, right: float, pieces: list[Segment], gap_em: float) -> list[list[float]]:
    several = [piece for piece in pieces if len(piece.words) > 1]
    if len(pieces) < _MIN_ROWS or len(several) < 0.6 * len(pieces):
        return [[left, right]]
    em = median([piece.size for piece in pieces])
    spans = sorted(layer.sides[index][0::2] for piece in pieces for index in piece.words)
    cut: list[list[float]] = [[*spans[0]]]
    for start, end in spans[1:]:
        if start - cut[-1][1] > gap_em * em:
            cut.append([start, end])
        else:
            cut[-1][1] = max(cut[-1][1], end)
    filled = [sum(any(a <= layer.sides[i][0] < b for i in piece.words) for piece in pieces) for a, b in cut]
    if len(cut) < 2 or min(filled) < 0.6 * len(pieces):
        return [[left, right]]
    cut[0][0], cut[-1][1] = min(cut[0][0], left), max(cut[-1][1], right)
    return cut


def _split_at_columns(layer: PageLayer, segment: Segment, columns: list[list[float]]) -> list[Segment]:
    """One piece for each column its words stand in; a piece with a word across two columns stays whole."""
    if len(segment.words) == 1:
        return [segment]
    groups: dict[int, list[int]] = {}
    for index in segment.words:
        left, _, right, _ = layer.sides[index]
        least = 0.3 * (right - left)
        over = [
            column
            for column, (a, b) in enumerate(columns)
            if (b if b < right else right) - (a if a > left else left) > least
        ]
        if len(over) != 1:
            return [segment]
        groups.setdefault(over[0], []).append(index)
    if len(groups) < 2:
        return [segment]
    return [segment.part(words, layer) for words in groups.values()]


def _logical_rows(layer: PageLayer, run: _Run) -> list[list[tuple[int, int, list[int]]]]:
    """Rows of (column, span, words); a line that only goes on a cell above is joined to it."""
    pitch = _usual_gap(run)
    rows: list[list[tuple[int, int, list[int]]]] = []
    last: _Row | None = None
    for row in run.rows:
        placed = _in_columns(row, run.columns)
        if last is not None and rows and _goes_on(row, last, placed, rows[-1], pitch):
            for column, _, words in placed:
                above = next(entry for entry in rows[-1] if entry[0] <= column < entry[0] + entry[1])
                above[2].extend(words)
        else:
            rows.append(placed)
        last = row
    return rows


def _usual_gap(run: _Run) -> float:
    gaps = [(b.top - a.bottom) / b.em for a, b in pairwise(run.rows) if len(b.segments) >= 2]
    return median(gaps) if gaps else 0.0


def _in_columns(row: _Row, columns: list[list[float]]) -> list[tuple[int, int, list[int]]]:
    placed: list[tuple[int, int, list[int]]] = []
    for segment in row.segments:
        start, end = segment.left, segment.right
        over = [
            index
            for index, (left, right) in enumerate(columns)
            if left < end
            and start < right
            and (right if right < end else end) - (left if left > start else start)
            > 0.3 * min(right - left, end - start)
        ]
        if not over:
            middle = (segment.left + segment.right) / 2
            over = [min(range(len(columns)), key=lambda i: abs((columns[i][0] + columns[i][1]) / 2 - middle))]
        first, last = over[0], over[-1]
        if placed and first < placed[-1][0] + placed[-1][1]:
            if last < placed[-1][0] + placed[-1][1]:
                placed[-1][2].extend(segment.words)
                continue
            first = placed[-1][0] + placed[-1][1]
        placed.append((first, last - first + 1, list(segment.words)))
    return placed


def _goes_on(
    row: _Row,
    last: _Row,
    placed: list[tuple[int, int, list[int]]],
    above: list[tuple[int, int, list[int]]],
    usual_gap: float,
) -> bool:
    """Whether the row is the wrapped rest of cells above it."""
    if len(placed) >= len(above) or len(placed) > 2:
        return False
    if not all(any(a[0] <= column < a[0] + a[1] for a in above) for column, _, _ in placed):
        return False
    gap = (row.top - last.bottom) / row.em
    starts_first = any(column == above[0][0] for column, _, _ in placed)
    return gap < 0.45 and (not starts_first or gap < usual_gap - 0.12)


def _looks_tabular(layer: PageLayer, rows: list[list[tuple[int, int, list[int]]]], columns: int) -> bool:
    """Short cells, and either three columns or numbers down one of them: not text set in columns."""
    cells = [words for row in rows for _, _, words in row]
    mean_words = sum(len(words) for words in cells) / len(cells)
    if mean_words > 6:
        return False
    filled = len(cells) / (len(rows) * columns)
    if filled < 0.4:
        return False
    numeric = 0
    for column in range(columns):
        texts = [layer.texts[words[-1]] for row in rows for c, _, words in row if c == column]
        numeric += len(texts) >= 2 and sum(_is_number(text) for text in texts) >= 0.6 * len(texts)
    if columns == 2:
        labels = [layer.texts[words[-1]] for row in rows for c, _, words in row if c == 0]
        ends_with_colon = sum(label.endswith(":") for label in labels)
        return numeric >= 1 and mean_words <= 4 and ends_with_colon < 0.4 * len(labels)
    return numeric >= 1 or mean_words <= 3.5


def _is_text_in_columns(layer: PageLayer, run: _Run) -> bool:
    """Whether the file writes the columns one after the other, line by line, each line full of words."""
    segments = [s for row in run.rows for s in row.segments]
    if not layer.has_stream_order or sum([len(s.words) for s in segments]) <= 2 * len(segments):
        return False
    segments.sort(key=lambda s: s.words[0])
    below = sum(b.top > a.bottom - 0.5 * a.height and abs(a.left - b.left) < 2 * a.size for a, b in pairwise(segments))
    return below > 0.7 * len(segments)


def _is_number(text: str) -> bool:
    return _NUMBER.match(text) is not None


# --- for both -----------------------------------------------------------------------------------


def _header_rows(layer: PageLayer, rows: list[list[tuple[int, list[int]]]]) -> int:
    """How many rows at the top name the columns: without numbers over numbers, or bold over plain."""
    if len(rows) < 2:
        return 0
    body = rows[1:]
    numeric = {
        column
        for column in {c for row in body for c, _ in row}
        if _share(_is_number(layer.texts[w[-1]]) for row in body for c, w in row if c == column and w) >= 0.5
    }
    count = 0
    for row in rows[:3]:
        words = [index for _, indexes in row for index in indexes]
        if not words or any(_is_number(layer.texts[w[-1]]) for c, w in row if c in numeric):
            break
        over_numbers = bool(numeric & {column for column, _ in row})
        is_bold = all(layer.words.columns.is_bold[index] for index in words)
        if not is_bold and not (over_numbers and len(row) >= 2) and not (count == 0 and len(row) >= 2 and numeric):
            break
        count += 1
    if count == len(rows):
        return 0
    return count


def _share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / len(values) if values else 0.0


def mark_continuations(pages: Sequence[DraftPage]) -> None:
    """Joins a table at a page's top with one of the same columns that ended the page before."""
    previous: DraftTable | None = None
    for page in pages:
        tables = [block for block in page.blocks if block.table is not None]
        if previous is not None and tables:
            first = tables[0].table
            assert first is not None
            if _opens_page(page, tables[0]) and _same_columns(previous, first):
                first.is_continuation = True
                _mark_repeated_header(previous, first)
        previous = tables[-1].table if tables and _closes_page(page, tables[-1]) else None


_RUNNING = (BlockKind.HEADER, BlockKind.FOOTER)


def _opens_page(page: DraftPage, block: DraftBlock) -> bool:
    before = page.blocks[: page.blocks.index(block)]
    return all(other.kind in _RUNNING for other in before)


def _closes_page(page: DraftPage, block: DraftBlock) -> bool:
    after = page.blocks[page.blocks.index(block) + 1 :]
    return all(other.kind in _RUNNING for other in after)


def _same_columns(a: DraftTable, b: DraftTable) -> bool:
    if a.column_count != b.column_count:
        return False
    lefts, others = _column_sides(a), _column_sides(b)
    shared = [column for column in lefts if column in others]
    near = [
        column
        for column in shared
        if abs(lefts[column][0] - others[column][0]) < 0.02 or abs(lefts[column][1] - others[column][1]) < 0.02
    ]
    return len(near) >= 0.6 * len(shared) > 0


def _column_sides(table: DraftTable) -> dict[int, tuple[float, float]]:
    sides: dict[int, list[list[float]]] = {}
    for cell in table.cells:
        if cell.column_span == 1:
            sides.setdefault(cell.column, []).extend(side for line in cell.lines for side in as_line(line).sides)
    return {c: (min(s[0] for s in found), max(s[2] for s in found)) for c, found in sides.items() if found}


def _mark_repeated_header(previous: DraftTable, table: DraftTable) -> None:
    count = 0
    for row in range(previous.header_rows):
        if _row_text(previous, row) != _row_text(table, row):
            break
        count += 1
    table.header_rows = count
    for cell in table.cells:
        cell.is_header = cell.row < count


def _row_text(table: DraftTable, row: int) -> list[str]:
    return [text_of(cell.lines) for cell in table.cells if cell.row == row]
