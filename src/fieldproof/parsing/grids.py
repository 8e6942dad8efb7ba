"""Grids before they have a page: columns as wide as their text wants, text wrapped into cells, rows with heights.

A sheet has ten thousands of cells, so a grid's cells are columns here, as words are in core/words.py: what is
the same for all of them is worked out at once, and only text that must be wrapped is looked at cell by cell.
Widths of words are in ems, everything else in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import accumulate, chain
from typing import Any

import numpy as np

from fieldproof.core.words import picked
from fieldproof.parsing.typeface import HEIGHT_EM, SPACE_EM, Face, ruler
from fieldproof.parsing.wrapping import UNSPACED, Run, Token, is_right_to_left, token_lines, wrapped

PAGE_WIDTH_PT = 595.28  # A4
PAGE_HEIGHT_PT = 841.89
WIDE_PAGE_PT = 2_400.0  # as wide as a sheet's page gets for the sake of unwrapped text
MAX_PAGE_WIDTH_PT = 14_400.0  # as wide as a page gets for the sake of whole words
MARGIN_PT = 48.0
GRID_PT = 9.0
SMALLEST_GRID_PT = 6.0
LEADING = 1.3  # line pitch in font sizes
PADDING_PT = 3.0  # inside a grid's cell, all around
WIDEST_COLUMN_PT = 320.0  # before its text is wrapped
LONGEST_WORD_PT = 240.0  # a longer one may be broken in a grid
_LONG = 32  # words of a line
_SURELY_EM = 5e-7  # half of what wrapping lets pass: sums of the same widths differ by less


@dataclass(slots=True)
class GridCell:
    """A cell of a grid; a line feed in its runs breaks the line."""

    row: int
    column: int
    runs: list[Run] = field(default_factory=list)
    row_span: int = 1
    column_span: int = 1
    is_header: bool = False
    is_right: bool = False  # set against the right edge, as numbers are
    anchor: str | None = None


@dataclass(slots=True)
class GridColumns:
    """Cells of a grid: one entry of each column per cell."""

    rows: list[int]
    columns: list[int]
    texts: list[str]
    is_bold: list[bool]
    row_spans: list[int]
    column_spans: list[int]
    is_header: list[bool]
    is_right: list[bool]
    anchors: list[str | None]
    mixed: dict[int, list[Run]] = field(default_factory=dict)  # the cells that are written in two weights

    def __len__(self) -> int:
        return len(self.rows)

    @staticmethod
    def of(cells: Sequence[GridCell]) -> GridColumns:
        weights = [{run.is_bold for run in cell.runs if run.text.strip()} for cell in cells]
        return GridColumns(
            [cell.row for cell in cells],
            [cell.column for cell in cells],
            ["".join([run.text for run in cell.runs]) for cell in cells],
            [found == {True} for found in weights],
            [cell.row_span for cell in cells],
            [cell.column_span for cell in cells],
            [cell.is_header for cell in cells],
            [cell.is_right for cell in cells],
            [cell.anchor for cell in cells],
            {index: cells[index].runs for index, found in enumerate(weights) if len(found) > 1},
        )


@dataclass(slots=True)
class Grid:
    """A ruled table."""

    row_count: int
    column_count: int
    cells: list[GridCell]
    header_rows: int = 0
    anchor: str | None = None


@dataclass(slots=True)
class SheetGrid:
    """A table that widens its page rather than wrap its text. It may say which of the sheet's columns its own are."""

    row_count: int
    column_count: int
    cells: GridColumns
    header_rows: int = 0
    anchor: str | None = None
    columns: list[int] | None = None


@dataclass(slots=True)
class TypedText:
    """Words in reading order, as columns; ``line_sizes`` are words of each line, ``line_counts`` lines of each cell."""

    texts: list[str]
    widths: np.ndarray
    is_bold: list[bool]
    glued: np.ndarray  # whether no space stands before the word
    line_sizes: np.ndarray
    line_counts: np.ndarray
    offsets: np.ndarray  # of each word from the start of its line

    def firsts(self) -> tuple[np.ndarray, np.ndarray]:
        """The first word of each line, the first line of each cell, and behind the last."""
        return _starts(self.line_sizes), _starts(self.line_counts)

    def take(self, cells: np.ndarray) -> TypedText:
        """The text of these cells, in this order."""
        first_words, first_lines = self.firsts()
        lines = _ranges(first_lines[:-1][cells], self.line_counts[cells])
        words = _ranges(first_words[:-1][lines], self.line_sizes[lines])
        indexes = words.tolist()
        return TypedText(
            picked(self.texts, indexes),
            self.widths[words],
            picked(self.is_bold, indexes),
            self.glued[words],
            self.line_sizes[lines],
            self.line_counts[cells],
            self.offsets[words],
        )


@dataclass(slots=True)
class PlacedCells:
    """A grid's cells as columns of numbers."""

    rows: np.ndarray
    columns: np.ndarray
    row_spans: np.ndarray
    column_spans: np.ndarray
    is_header: np.ndarray
    is_right: np.ndarray
    is_mirrored: np.ndarray  # written from right to left
    anchors: list[str | None]

    def take(self, indexes: np.ndarray) -> PlacedCells:
        arrays = {name: getattr(self, name)[indexes] for name in _NUMBERS}
        return PlacedCells(anchors=picked(self.anchors, indexes.tolist()), **arrays)


_NUMBERS: tuple[str, ...] = tuple(field.name for field in fields(PlacedCells) if field.name != "anchors")


@dataclass(slots=True)
class Plan:
    """A grid whose columns have their widths and whose cells have their lines."""

    size: float
    page_width: float
    lefts: list[float]  # of every column, and the right edge of the last one
    row_count: int
    cells: PlacedCells
    text: TypedText


def plan_of(grid: Grid | SheetGrid) -> Plan:
    """How the grid, which has at least one cell, is laid out."""
    source = grid.cells if isinstance(grid.cells, GridColumns) else GridColumns.of(grid.cells)
    cells, text = _placed(source), _typed(source)
    natural, longest = _needs(text)
    widths = _column_widths(grid.column_count, cells, np.minimum(natural, WIDEST_COLUMN_PT / GRID_PT))
    least = _column_widths(grid.column_count, cells, np.minimum(longest, LONGEST_WORD_PT / GRID_PT))
    widths = [max(pair) for pair in zip(widths, least, strict=True)]
    size, page_width, widths = _column_plan(widths, least, is_sheet=isinstance(grid, SheetGrid))
    lefts = list(accumulate(widths, initial=MARGIN_PT))
    edges = np.array(lefts)
    rights = edges[np.minimum(cells.columns + cells.column_spans, grid.column_count)]
    inner = rights - edges[cells.columns] - 2 * PADDING_PT
    return Plan(size, page_width, lefts, grid.row_count, cells, _wrapped_into(text, natural, inner / size))


def _placed(source: GridColumns) -> PlacedCells:
    return PlacedCells(
        rows=np.array(source.rows, dtype=np.int64),
        columns=np.array(source.columns, dtype=np.int64),
        row_spans=np.array(source.row_spans, dtype=np.int64),
        column_spans=np.array(source.column_spans, dtype=np.int64),
        is_header=np.array(source.is_header, dtype=bool),
        is_right=np.array(source.is_right, dtype=bool),
        is_mirrored=np.fromiter(map(is_right_to_left, source.texts), dtype=bool, count=len(source)),
        anchors=source.anchors,
    )


def in_common_columns(planned: list[tuple[Grid | SheetGrid, Plan]]) -> None:
    """Gives the grids of a sheet common columns, where all of them fit a page in full-size type."""
    widths: dict[int, float] = {}
    for grid, own in planned:
        if not isinstance(grid, SheetGrid) or grid.columns is None or own.size != GRID_PT:
            return
        for number, column in enumerate(grid.columns):
            widths[column] = max(widths.get(column, 0.0), own.lefts[number + 1] - own.lefts[number])
    columns = sorted(widths)
    edges = list(accumulate((widths[column] for column in columns), initial=MARGIN_PT))
    if edges[-1] + MARGIN_PT > WIDE_PAGE_PT:
        return
    lefts = dict(zip(columns, edges, strict=False))
    for grid, own in planned:
        used = (grid.columns if isinstance(grid, SheetGrid) else None) or []
        own.lefts = [*(lefts[column] for column in used), lefts[used[-1]] + widths[used[-1]]]
        own.page_width = max(PAGE_WIDTH_PT, round(edges[-1] + MARGIN_PT, 2))


# -------------------------------------------------------------------------------------------- text


def _typed(cells: GridColumns) -> TypedText:
    """The words of every forced line, each line as long as it is."""
    joined = "".join(cells.texts)
    if cells.mixed or "\n" in joined or not (joined.isascii() or UNSPACED.search(joined) is None):
        return _typed_lines([_lines_of(cells, index) for index in range(len(cells.texts))])
    split = [text.split() for text in cells.texts]
    sizes = list(map(len, split))
    texts = list(chain.from_iterable(split))
    is_bold = np.repeat(np.array(cells.is_bold, dtype=bool), sizes)
    counts = np.array(sizes, dtype=np.int64)
    return _set_out(texts, is_bold, np.zeros(len(texts), dtype=bool), counts[counts > 0], np.minimum(counts, 1))


def _lines_of(cells: GridColumns, index: int) -> list[list[Token]]:
    return token_lines(cells.mixed.get(index) or [Run(cells.texts[index], cells.is_bold[index])])


def _typed_lines(lines_of_cells: list[list[list[Token]]]) -> TypedText:
    """Lines without a word take no place."""
    filled = [[line for line in lines if line] for lines in lines_of_cells]
    lines = list(chain.from_iterable(filled))
    tokens = list(chain.from_iterable(lines))
    return _set_out(
        [token.text for token in tokens],
        np.array([token.is_bold for token in tokens], dtype=bool),
        np.array([token.is_glued for token in tokens], dtype=bool),
        np.fromiter(map(len, lines), np.int64, len(lines)),
        np.fromiter(map(len, filled), np.int64, len(filled)),
    )


def _set_out(
    texts: list[str], is_bold: np.ndarray, glued: np.ndarray, line_sizes: np.ndarray, line_counts: np.ndarray
) -> TypedText:
    widths = _widths(texts, is_bold)
    return TypedText(
        texts, widths, is_bold.tolist(), glued, line_sizes, line_counts, _offsets(widths, glued, line_sizes)
    )


def _widths(texts: list[str], is_bold: np.ndarray) -> np.ndarray:
    if not is_bold.any():
        return ruler(Face.REGULAR).widths_em(texts)
    widths = np.empty(len(texts))
    for face, flags in ((Face.REGULAR, ~is_bold), (Face.BOLD, is_bold)):
        widths[flags] = ruler(face).widths_em(picked(texts, np.flatnonzero(flags).tolist()))
    return widths


def _offsets(widths: np.ndarray, glued: np.ndarray, line_sizes: np.ndarray) -> np.ndarray:
    """Of each word from its line's start. Word by word, as ``wrapped`` adds them up: to the last bit the same."""
    offsets = np.zeros(len(widths))
    starts = _starts(line_sizes)[:-1]
    for start, size in zip(starts[line_sizes > _LONG].tolist(), line_sizes[line_sizes > _LONG].tolist(), strict=True):
        gaps = np.where(glued[start + 1 : start + size], 0.0, SPACE_EM)
        steps = np.stack((widths[start : start + size - 1], gaps), axis=1).ravel()
        offsets[start + 1 : start + size] = np.cumsum(steps)[1::2]
    at, left = starts[line_sizes <= _LONG], line_sizes[line_sizes <= _LONG]
    while len(at := at[left > 1] + 1):
        left = left[left > 1] - 1
        offsets[at] = offsets[at - 1] + widths[at - 1] + np.where(glued[at], 0.0, SPACE_EM)
    return offsets


def _needs(text: TypedText) -> tuple[np.ndarray, np.ndarray]:
    """Of each cell, in ems: the width of its longest line, and of its longest word."""
    first_words, first_lines = text.firsts()
    if not len(text.texts):
        return np.zeros(len(text.line_counts)), np.zeros(len(text.line_counts))
    spaces = text.line_sizes - 1 - np.add.reduceat(text.glued.astype(np.int64), first_words[:-1])
    lines = np.add.reduceat(text.widths, first_words[:-1]) + spaces * SPACE_EM
    is_filled = text.line_counts > 0
    return _highest(lines, first_lines[:-1], is_filled), _highest(text.widths, first_words[first_lines[:-1]], is_filled)


def _highest(values: np.ndarray, firsts: np.ndarray, is_filled: np.ndarray) -> np.ndarray:
    """The highest value of each cell, nothing where it has none."""
    highest = np.zeros(len(firsts))
    highest[is_filled] = np.maximum.reduceat(values, firsts[is_filled])
    return highest


def _wrapped_into(text: TypedText, natural: np.ndarray, widths: np.ndarray) -> TypedText:
    """The text broken into lines where its cell is too narrow. ``natural`` and ``widths`` in ems, of each cell."""
    narrow = np.flatnonzero((natural > widths + _SURELY_EM) & (text.line_counts > 0)).tolist()
    if not narrow:
        return text
    first_words, first_lines = text.firsts()
    words, lines, sizes = first_words.tolist(), first_lines.tolist(), text.line_sizes.tolist()
    columns = (text.texts, text.widths.tolist(), text.is_bold, text.glued.tolist(), text.offsets.tolist())
    made: tuple[list[Any], ...] = ([], [], [], [], [])
    made_sizes: list[int] = []
    made_counts = text.line_counts.tolist()
    done = 0  # cells
    for cell in [*narrow, len(made_counts)]:
        first, last = words[lines[done]], words[lines[cell]]
        for target, source in zip(made, columns, strict=True):
            target += source[first:last]
        made_sizes += sizes[lines[done] : lines[cell]]
        if cell == len(made_counts):
            break
        placed = [
            part
            for line in range(lines[cell], lines[cell + 1])
            for part in wrapped(_tokens(columns, words[line], words[line + 1]), float(widths[cell]))
        ]
        for offset, token in chain.from_iterable(placed):
            for target, value in zip(
                made, (token.text, token.width_em, token.is_bold, token.is_glued, offset), strict=True
            ):
                target.append(value)
        made_sizes += map(len, placed)
        made_counts[cell] = len(placed)
        done = cell + 1
    return TypedText(
        made[0],
        np.array(made[1]),
        made[2],
        np.array(made[3], dtype=bool),
        np.array(made_sizes, dtype=np.int64),
        np.array(made_counts, dtype=np.int64),
        np.array(made[4]),
    )


def _tokens(columns: tuple[list[Any], ...], first: int, last: int) -> list[Token]:
    texts, widths, is_bold, glued, _ = columns
    return [
        Token(text, width, bold, is_glued)
        for text, width, bold, is_glued in zip(
            texts[first:last], widths[first:last], is_bold[first:last], glued[first:last], strict=True
        )
    ]


# ----------------------------------------------------------------------------------------- columns


def _column_widths(column_count: int, cells: PlacedCells, needs: np.ndarray) -> list[float]:
    """Each column as wide as its widest need; a spanning cell's missing width is shared by its columns."""
    single = cells.column_spans == 1
    highest = np.zeros(column_count)
    np.maximum.at(highest, cells.columns[single], needs[single])
    widths = highest.tolist()
    for cell in np.flatnonzero(~single).tolist():
        first = int(cells.columns[cell])
        spanned = range(first, min(first + int(cells.column_spans[cell]), column_count))
        missing = float(needs[cell]) - sum(widths[column] for column in spanned)
        for column in spanned if missing > 0 else ():
            widths[column] += missing / len(spanned)
    return widths


def _column_plan(natural: list[float], least: list[float], *, is_sheet: bool) -> tuple[float, float, list[float]]:
    """Font size, page width and column widths in points.

    Text is wrapped first (a sheet's page is widened first), then the type shrinks, then the page grows
    up to its limit; only beyond that are words cut.
    """
    margins = 2 * PADDING_PT * len(natural) + 2 * MARGIN_PT
    room, wide = PAGE_WIDTH_PT - margins, WIDE_PAGE_PT - margins
    wanted, needed = sum(natural) * GRID_PT, sum(least) * GRID_PT
    if wanted <= room:
        return GRID_PT, PAGE_WIDTH_PT, _padded(natural, GRID_PT)
    if is_sheet and wanted <= wide:
        return GRID_PT, round(wanted + margins, 2), _padded(natural, GRID_PT)
    if is_sheet and needed <= wide:
        return GRID_PT, WIDE_PAGE_PT, _padded(_between(least, natural, wide / GRID_PT), GRID_PT)
    if needed <= room:
        return GRID_PT, PAGE_WIDTH_PT, _padded(_between(least, natural, room / GRID_PT), GRID_PT)
    size = max(SMALLEST_GRID_PT, GRID_PT * max(room, 1.0) / needed)
    width = needed / GRID_PT * size
    if width <= room + 1e-6:
        return size, PAGE_WIDTH_PT, _padded(least, size)
    limit = max(MAX_PAGE_WIDTH_PT - margins, 4.0 * len(least))
    squeeze = min(1.0, limit / width)
    return size, round(width * squeeze + margins, 2), _padded([em * squeeze for em in least], size)


def _between(least: list[float], natural: list[float], room_em: float) -> list[float]:
    spare = room_em - sum(least)
    wish = sum(natural) - sum(least)
    share = min(1.0, spare / wish) if wish > 0 else 0.0
    return [low + (high - low) * share for low, high in zip(least, natural, strict=True)]


def _padded(widths_em: list[float], size: float) -> list[float]:
    return [max(em, 0.5) * size + 2 * PADDING_PT for em in widths_em]


# -------------------------------------------------------------------------------------------- rows


@dataclass(slots=True)
class Part:
    """Rows of a grid on their page. Boxes as rows of left, top, right, bottom."""

    first_row: int
    row_count: int
    bottom: float
    cells: slice
    lines: slice
    words: slice
    row_spans: np.ndarray  # cut to these rows
    cell_boxes: np.ndarray
    word_boxes: np.ndarray
    cell_of_word: np.ndarray


class Rows:
    """The rows of a planned grid: heights, and which of them must stay together. Puts the plan's cells in order."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._room = PAGE_HEIGHT_PT - 2 * MARGIN_PT
        self._pitch = plan.size * LEADING
        _cut_tall_rows(plan, int((self._room - 2 * PADDING_PT) / self._pitch))
        self.heights = self._row_heights(plan)
        self._group_ends = self._groups(plan)
        order = np.lexsort((plan.cells.columns, plan.cells.rows))
        if (np.diff(order) != 1).any():
            plan.cells, plan.text = plan.cells.take(order), plan.text.take(order)
        self._first_words, self._first_lines = plan.text.firsts()
        self._next_cell = 0

    def _row_heights(self, plan: Plan) -> list[float]:
        counts = plan.text.line_counts
        rows, spans = plan.cells.rows, plan.cells.row_spans
        heights = np.full(plan.row_count, self._pitch + 2 * PADDING_PT)
        tall = (spans == 1) & (counts > 1)
        np.maximum.at(heights, rows[tall], counts[tall] * self._pitch + 2 * PADDING_PT)
        found = heights.tolist()
        for cell in np.flatnonzero(spans > 1).tolist():
            row = int(rows[cell])
            last = min(row + int(spans[cell]), plan.row_count)
            missing = int(counts[cell]) * self._pitch + 2 * PADDING_PT - sum(found[row:last])
            found[last - 1] += max(0.0, missing)
        return found

    def _groups(self, plan: Plan) -> list[int]:
        """For every row the end of the rows it must share a page with, because a cell spans them."""
        ends = list(range(1, plan.row_count + 1))
        spanning = plan.cells.row_spans > 1
        if not spanning.any():
            return ends
        rows, spans = plan.cells.rows[spanning], plan.cells.row_spans[spanning]
        for row, span in zip(rows.tolist(), spans.tolist(), strict=True):
            ends[row] = max(ends[row], min(row + span, plan.row_count))
        row = 0
        while row < plan.row_count:
            end, cursor = ends[row], row
            while cursor < end:
                end = max(end, ends[cursor])
                cursor += 1
            if sum(self.heights[row:end]) <= self._room:
                ends[row:end] = [end] * (end - row)
            else:
                ends[row:end] = range(row + 1, end + 1)
            row = end
        return ends

    def group_height(self, first: int) -> float:
        return sum(self.heights[first : self._group_ends[first]])

    def fitting(self, first: int, room: float) -> int:
        """The end of the rows from ``first`` on that fit; at least one group."""
        last = self._group_ends[first]
        room -= sum(self.heights[first:last])
        while last < len(self.heights):
            end = self._group_ends[last]
            room -= sum(self.heights[last:end])
            if room < -0.01:
                break
            last = end
        return last

    def part(self, first: int, last: int, top: float) -> Part:
        """The rows from ``first`` up to ``last``, ``top`` points from the page's edge. To be asked for in order."""
        plan = self._plan
        cells = slice(self._next_cell, int(np.searchsorted(plan.cells.rows, last)))
        self._next_cell = cells.stop
        lines = slice(int(self._first_lines[cells.start]), int(self._first_lines[cells.stop]))
        words = slice(int(self._first_words[lines.start]), int(self._first_words[lines.stop]))
        spans = np.minimum(plan.cells.row_spans[cells], last - plan.cells.rows[cells])
        tops = np.array(list(accumulate(self.heights[first:last], initial=top)))
        boxes = self._cell_boxes(cells, plan.cells.rows[cells] - first, spans, tops)
        cell_of_line = np.repeat(np.arange(len(boxes)), plan.text.line_counts[cells])
        line_of_word = np.repeat(np.arange(len(cell_of_line)), plan.text.line_sizes[lines])
        around = self._word_boxes(boxes, cells, lines, words, cell_of_line, line_of_word)
        cell_of_word = cells.start + cell_of_line[line_of_word]
        return Part(first, last - first, float(tops[-1]), cells, lines, words, spans, boxes, around, cell_of_word)

    def _cell_boxes(self, cells: slice, rows: np.ndarray, spans: np.ndarray, tops: np.ndarray) -> np.ndarray:
        own, edges = self._plan.cells, np.array(self._plan.lefts)
        columns = own.columns[cells]
        ends = np.minimum(columns + own.column_spans[cells], len(edges) - 1)
        return np.stack((edges[columns], tops[rows], edges[ends], tops[rows + spans]), axis=1)

    def _word_boxes(
        self,
        boxes: np.ndarray,
        cells: slice,
        lines: slice,
        words: slice,
        cell_of_line: np.ndarray,
        line_of_word: np.ndarray,
    ) -> np.ndarray:
        text, size = self._plan.text, self._plan.size
        left, top, right, _ = boxes[cell_of_line].T
        last = self._first_words[lines.start + 1 : lines.stop + 1] - 1
        number = np.arange(lines.start, lines.stop) - self._first_lines[cells][cell_of_line]  # of the line in its cell
        starts = np.where(
            self._plan.cells.is_right[cells][cell_of_line],
            right - PADDING_PT - (text.offsets[last] + text.widths[last]) * size,
            left + PADDING_PT,
        )
        x0 = starts[line_of_word] + text.offsets[words] * size
        x1 = x0 + text.widths[words] * size
        is_mirrored = self._plan.cells.is_mirrored[cells][cell_of_line]
        if is_mirrored.any():
            flips, edges = is_mirrored[line_of_word], (left + right)[line_of_word]
            x0, x1 = np.where(flips, edges - x1, x0), np.where(flips, edges - x0, x1)
        y = (top + PADDING_PT + number * self._pitch)[line_of_word]
        return np.stack((x0, y, x1, y + HEIGHT_EM * size), axis=1)


def _cut_tall_rows(plan: Plan, line_limit: int) -> None:
    """Rows that no page can hold become several rows; cells that span such heights lose their span."""
    counts = plan.text.line_counts
    if not (counts > line_limit).any():
        return
    cells = plan.cells
    is_tall = np.isin(cells.rows, cells.rows[counts > line_limit])
    spans = np.where(is_tall, 1, cells.row_spans)
    needed = np.maximum(1, -(-counts // line_limit))  # rows of each cell
    parts = np.ones(plan.row_count, dtype=np.int64)
    np.maximum.at(parts, cells.rows, needed)
    starts = _starts(parts)
    ends = starts[np.minimum(cells.rows + spans, plan.row_count)]
    spans = np.where(spans > 1, np.maximum(1, ends - starts[cells.rows]), 1)
    piece_of = np.repeat(np.arange(len(needed)), needed)
    number = _ranges(np.zeros(len(needed), dtype=np.int64), needed)  # of each piece within its cell
    plan.cells = cells.take(piece_of)
    plan.cells.rows, plan.cells.row_spans = starts[plan.cells.rows] + number, spans[piece_of]
    plan.text = replace(plan.text, line_counts=np.minimum(line_limit, counts[piece_of] - number * line_limit))
    plan.row_count = int(starts[-1])


def _starts(counts: np.ndarray) -> np.ndarray:
    """Where each one begins when they stand one after the other, and where the last one ends."""
    starts = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def _ranges(firsts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """``counts`` numbers from each of ``firsts`` on, one after the other."""
    starts = _starts(counts)
    return np.repeat(firsts - starts[:-1], counts) + np.arange(starts[-1])
