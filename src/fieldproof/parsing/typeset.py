"""The typesetter: formats without pages of their own are laid out here, on virtual pages.

A reader describes a *flow* (paragraphs, grids, page breaks) and gets draft pages whose words have
boxes. The layout depends on the flow and on the fonts of this package alone, never on the machine.
``draw`` paints a page again from its words and cells.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from fieldproof.core.document import BlockKind, FailureCode, Page, PageSource
from fieldproof.core.errors import ParsingFailed
from fieldproof.core.geometry import Box
from fieldproof.parsing.assembly import DraftBlock, DraftCell, DraftPage, DraftTable, DraftWord
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.typeface import HEIGHT_EM, MONO_EM, SPACE_EM, Face, ruler

PAGE_WIDTH_PT = 595.28  # A4
PAGE_HEIGHT_PT = 841.89
WIDE_PAGE_PT = 2_400.0  # as wide as a sheet's page gets for the sake of unwrapped text
MAX_PAGE_WIDTH_PT = 14_400.0  # as wide as a page gets for the sake of whole words
MARGIN_PT = 48.0
BODY_PT = 10.0
HEADING_PT = (18.0, 15.0, 13.0, 11.5, 11.0, 10.5)
GRID_PT = 9.0
SMALLEST_GRID_PT = 6.0
PREFORMATTED_PT = 9.0
SMALLEST_PREFORMATTED_PT = 5.5
SMALLEST_FRAME_PT = 3.0  # to fit a frame's height
SMALLEST_FRAMED_WORD_PT = 7.0  # to fit its width; a longer word stands out of it
LEADING = 1.3  # line pitch in font sizes
INDENT_PT = 18.0
PADDING_PT = 3.0  # inside a grid's cell, all around
WIDEST_COLUMN_PT = 320.0  # before its text is wrapped
LONGEST_WORD_PT = 240.0  # a longer one may be broken in a grid


@dataclass(slots=True)
class Run:
    """Text of one weight. A line feed breaks the line."""

    text: str
    is_bold: bool = False


@dataclass(slots=True)
class Paragraph:
    """A block of text. Preformatted text keeps its columns: every character is equally wide."""

    runs: list[Run]
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int | None = None
    anchor: str | None = None
    indent: int = 0
    is_preformatted: bool = False
    key: str | None = None
    value: str | None = None


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
class Grid:
    """A ruled table. A sheet's grid widens its page rather than wrap its text; it may say which of the
    sheet's ``columns`` its own are."""

    row_count: int
    column_count: int
    cells: list[GridCell]
    header_rows: int = 0
    anchor: str | None = None
    is_sheet: bool = False
    columns: list[int] | None = None


@dataclass(slots=True)
class PageBreak:
    """What follows starts a new page; ``anchor`` names that page ("Sheet1")."""

    anchor: str | None = None


@dataclass(slots=True)
class Section:
    """Items on pages of their own, all as wide as the widest grid among them needs; the columns of one
    sheet stand below each other."""

    items: list[Paragraph | Grid]
    anchor: str | None = None


FlowItem = Paragraph | Grid | PageBreak | Section


def lay_out(flow: Iterable[FlowItem], config: ParseConfig) -> list[DraftPage]:
    """The flow on virtual pages. Raises ParsingFailed beyond the page or word limit."""
    setter = _Setter(config)
    for item in flow:
        match item:
            case Paragraph():
                setter.set_paragraph(item)
            case Grid():
                setter.set_grid(item)
            case PageBreak():
                setter.break_page(item.anchor)
            case Section():
                setter.set_section(item)
    return setter.pages


@dataclass(slots=True)
class Frame:
    """A rectangle of a page whose size is given, in points, that text is set into (a shape on a slide)."""

    left: float
    top: float
    right: float
    bottom: float
    vertical: str = "top"  # top | middle | bottom


@dataclass(slots=True)
class FramedText:
    """Paragraphs for a frame; ``align`` is left, center or right for each."""

    paragraphs: list[list[Run]]
    size: float
    align: list[str]
    anchor: str | None = None


def set_in_frame(text: FramedText, frame: Frame, page: DraftPage) -> tuple[float, list[list[list[DraftWord]]]]:
    """The font size used and, for every paragraph, its lines. Type shrinks until the text fits the frame."""
    tokens = [_token_lines(runs) for runs in text.paragraphs]
    longest = max((token.width_em for lines in tokens for line in lines for token in line), default=0.0)
    width = frame.right - frame.left
    size = max(min(text.size, width / longest if longest else text.size), min(text.size, SMALLEST_FRAMED_WORD_PT))
    width = max(width, longest * size)
    while True:
        wrapped = [[part for line in lines for part in _wrapped(line, width / size)] for lines in tokens]
        height = sum(map(len, wrapped)) * size * LEADING
        if height <= frame.bottom - frame.top or size <= SMALLEST_FRAME_PT:
            break
        size = max(SMALLEST_FRAME_PT, size * 0.93)
    spare = max(0.0, frame.bottom - frame.top - height)
    y = frame.top + {"top": 0.0, "middle": spare / 2, "bottom": spare}[frame.vertical]
    result: list[list[list[DraftWord]]] = []
    for lines, align in zip(wrapped, text.align, strict=True):
        placed: list[list[DraftWord]] = []
        for line in lines:
            slack = max(0.0, width - (line[-1][0] + line[-1][1].width_em) * size)
            left = frame.left + {"left": 0.0, "center": slack / 2, "right": slack}[align]
            placed.append(_framed_words(line, left, y, size, text.anchor, page))
            y += size * LEADING
        result.append(placed)
    return size, result


def _framed_words(
    line: list[_Placed], left: float, top: float, size: float, anchor: str | None, page: DraftPage
) -> list[DraftWord]:
    words: list[DraftWord] = []
    # What overflows its frame and the page is kept at the page's edge.
    top = min(top, page.height_pt - HEIGHT_EM * size)
    for offset, token in line:
        x0 = max(0.0, min(left + offset * size, page.width_pt - token.width_em * size))
        box = Box(
            x0 / page.width_pt,
            top / page.height_pt,
            (x0 + token.width_em * size) / page.width_pt,
            (top + HEIGHT_EM * size) / page.height_pt,
        )
        words.append(
            DraftWord(token.text, box, font_size=size, is_bold=token.is_bold, anchor=anchor, is_glued=token.is_glued)
        )
    return words


def draw(page: Page, width_px: int) -> bytes:
    """The page as a WebP picture: every word exactly in its box."""
    from fieldproof.parsing.drawing import draw_page  # draws with Pillow: not needed for parsing

    return draw_page(page, width_px)


# ---------------------------------------------------------------------------------- words and lines


@dataclass(slots=True)
class _Token:
    """A word before it has a place. Widths are in ems."""

    text: str
    width_em: float
    is_bold: bool
    is_glued: bool
    column: int = 0  # where it starts, in preformatted text


_Placed = tuple[float, _Token]  # its left edge from the line's start, in ems


_UNSPACED = re.compile(
    r"[\u2e80-\u2fff\u3005-\u30ff\u3100-\u312f\u3190-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_PIECES = re.compile(f"{_UNSPACED.pattern}|(?:(?!{_UNSPACED.pattern}).)+")
_FIRST_STRONG = re.compile(r"[^\W\d_]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def _token_lines(runs: list[Run]) -> list[list[_Token]]:
    """The words of every forced line. A word takes the weight of its first letter."""
    if len(runs) == 1:
        run = runs[0]
        if "\n" not in run.text:
            return [_tokens(run.text, run.is_bold)]
        return [_tokens(line, run.is_bold) for line in run.text.split("\n")]
    text = "".join(run.text for run in runs)
    weights = {run.is_bold for run in runs if run.text.strip()}
    if len(weights) <= 1:
        is_bold = weights.pop() if weights else False
        return [_tokens(line, is_bold) for line in text.split("\n")]
    return _mixed_token_lines(text, runs)


def _mixed_token_lines(text: str, runs: list[Run]) -> list[list[_Token]]:
    starts = [0, *accumulate(len(run.text) for run in runs)]
    lines: list[list[_Token]] = []
    position = 0
    for line in text.split("\n"):
        tokens: list[_Token] = []
        for match in re.finditer(r"\S+", line):
            run = runs[bisect_right(starts, position + match.start()) - 1]
            tokens.extend(_tokens(match.group(), run.is_bold))
        lines.append(tokens)
        position += len(line) + 1
    return lines


def _tokens(text: str, is_bold: bool) -> list[_Token]:
    measure = ruler(Face.BOLD if is_bold else Face.REGULAR).width_em
    if text.isascii() or not _UNSPACED.search(text):
        return [_Token(word, measure(word), is_bold, False) for word in text.split()]
    return [
        _Token(piece, measure(piece), is_bold, number > 0)
        for word in text.split()
        for number, piece in enumerate(_PIECES.findall(word))
    ]


def _wrapped(tokens: list[_Token], width_em: float) -> list[list[_Placed]]:
    """The tokens broken into lines no wider than ``width_em``; a longer word is cut."""
    lines: list[list[_Placed]] = []
    line: list[_Placed] = []
    x = 0.0
    for token in tokens:
        start = x if token.is_glued or not line else x + SPACE_EM
        if start + token.width_em > width_em + 1e-6:
            if line:
                lines.append(line)
                line, start = [], 0.0
            if token.width_em > width_em + 1e-6:
                *full, token = _cut(token, width_em)
                lines.extend([(0.0, piece)] for piece in full)
        line.append((start, token))
        x = start + token.width_em
    if line:
        lines.append(line)
    return lines


def _cut(token: _Token, width_em: float) -> list[_Token]:
    """A word that is wider than its line, in pieces that fit (at least a character each)."""
    measure = ruler(Face.BOLD if token.is_bold else Face.REGULAR).character_em
    pieces: list[_Token] = []
    start, width = 0, 0.0
    for position, character in enumerate(token.text):
        advance = measure(character)
        if width + advance > width_em and position > start:
            pieces.append(_Token(token.text[start:position], width, token.is_bold, token.is_glued))
            start, width = position, 0.0
        width += advance
    pieces.append(_Token(token.text[start:], width, token.is_bold, token.is_glued))
    return pieces


def _preformatted(text: str, size_columns: int) -> list[list[_Placed]]:
    """Lines with every word at its column; a line that is too long goes on in the next."""
    lines: list[list[_Placed]] = []
    for line in text.split("\n"):
        expanded = line.expandtabs(8)
        for start in range(0, max(1, len(expanded)), size_columns):
            part = expanded[start : start + size_columns]
            lines.append([(match.start() * MONO_EM, _mono_token(match.group())) for match in re.finditer(r"\S+", part)])
    return lines


def _mono_token(text: str) -> _Token:
    return _Token(text, len(text) * MONO_EM, False, False)


def _is_right_to_left(runs: list[Run]) -> bool:
    for run in runs:
        if not run.text.isascii() and (letter := _FIRST_STRONG.search(run.text)):
            return _RIGHT_TO_LEFT.match(letter.group()) is not None
        if _FIRST_STRONG.search(run.text):
            return False
    return False


# ------------------------------------------------------------------------------------------- pages


class _Setter:
    """Fills pages from top to bottom."""

    def __init__(self, config: ParseConfig) -> None:
        self.pages: list[DraftPage] = []
        self._config = config
        self._word_count = 0
        self._anchor: str | None = None
        self._width = PAGE_WIDTH_PT
        self._least_width = PAGE_WIDTH_PT
        self._y = PAGE_HEIGHT_PT

    @property
    def _bottom(self) -> float:
        return PAGE_HEIGHT_PT - MARGIN_PT

    def break_page(self, anchor: str | None = None) -> None:
        self._anchor = anchor or self._anchor
        self._y = PAGE_HEIGHT_PT

    def set_paragraph(self, paragraph: Paragraph) -> None:
        size, lines = self._lines_of(paragraph)
        if not any(lines):
            return
        pitch = size * LEADING
        self._gap(size * (0.9 if paragraph.kind is BlockKind.HEADING else 0.4))
        # A heading does not stand alone at the foot of a page.
        self._need(pitch * (3 if paragraph.kind is BlockKind.HEADING else 1))
        left = MARGIN_PT + INDENT_PT * paragraph.indent
        mirror = PAGE_WIDTH_PT if _is_right_to_left(paragraph.runs) else None
        written = self._start_block(paragraph)
        for line in lines:
            if self._y + pitch > self._bottom + 0.01:
                self._new_page(self._width)
                written = self._start_block(paragraph)
            if line:
                written.append(self._words(line, left, self._y, size, paragraph.anchor, mirror))
            self._y += pitch

    def set_grid(self, grid: Grid) -> None:
        if grid.cells:
            self._set_plan(grid, _plan(grid))

    def set_section(self, section: Section) -> None:
        plans = [(item, _plan(item) if isinstance(item, Grid) and item.cells else None) for item in section.items]
        _align([(item, plan) for item, plan in plans if isinstance(item, Grid) and plan])
        self.break_page(section.anchor)
        self._least_width = max((plan.page_width for _, plan in plans if plan), default=PAGE_WIDTH_PT)
        for item, plan in plans:
            if isinstance(item, Paragraph):
                self.set_paragraph(item)
            elif plan:
                self._set_plan(item, plan)
        self._least_width = PAGE_WIDTH_PT

    def _set_plan(self, grid: Grid, plan: _Plan) -> None:
        self._gap(plan.size * 0.6)
        placed = _Rows(plan)
        first = 0
        is_continuation = False
        while first < len(placed.heights):
            self._need(placed.group_height(first), plan.page_width)
            last = placed.fitting(first, self._bottom - self._y)
            self._put_rows(grid, plan, placed, first, last, is_continuation)
            is_continuation = True
            first = last
            if first < len(placed.heights):
                self._y = PAGE_HEIGHT_PT

    def _put_rows(self, grid: Grid, plan: _Plan, rows: _Rows, first: int, last: int, is_continuation: bool) -> None:
        header_rows = max(0, min(grid.header_rows, last) - first)
        table = DraftTable(last - first, grid.column_count, [], header_rows, is_continuation)
        tops = list(accumulate(rows.heights[first:last], initial=self._y))
        for cell in rows.cells_between(first, last):
            row_span = min(cell.row_span, last - cell.row)
            box = (
                plan.lefts[cell.column],
                tops[cell.row - first],
                plan.lefts[min(cell.column + cell.column_span, grid.column_count)],
                tops[cell.row - first + row_span],
            )
            table.cells.append(self._cell(cell, box, plan, first, row_span))
        self._page.blocks.append(DraftBlock(BlockKind.TABLE, table=table, anchor=grid.anchor))
        self._y = tops[-1]

    def _cell(
        self, cell: _SizedCell, box: tuple[float, float, float, float], plan: _Plan, first: int, row_span: int
    ) -> DraftCell:
        left, top, right, bottom = box
        size, pitch = plan.size, plan.size * LEADING
        mirror = left + right if cell.is_mirrored else None
        lines: list[list[DraftWord]] = []
        for number, line in enumerate(cell.lines):
            start = left + PADDING_PT
            if cell.source.is_right:
                start = right - PADDING_PT - (line[-1][0] + line[-1][1].width_em) * size if line else start
            if line:
                y = top + PADDING_PT + number * pitch
                lines.append(self._words(line, start, y, size, cell.source.anchor, mirror))
        return DraftCell(
            row=cell.row - first,
            column=cell.column,
            lines=lines,
            box=self._box(left, top, right, bottom),
            row_span=row_span,
            column_span=cell.column_span,
            is_header=cell.source.is_header,
            anchor=cell.source.anchor,
        )

    def _lines_of(self, paragraph: Paragraph) -> tuple[float, list[list[_Placed]]]:
        """The font size and the wrapped lines, an empty one where an empty line stands."""
        width = PAGE_WIDTH_PT - 2 * MARGIN_PT
        if paragraph.is_preformatted:
            text = "".join(run.text for run in paragraph.runs)
            longest = max((len(line.expandtabs(8)) for line in text.split("\n")), default=0)
            size = width / MONO_EM / max(longest, 1)
            size = round(min(PREFORMATTED_PT, max(SMALLEST_PREFORMATTED_PT, size)) - 0.05, 1)
            return size, _preformatted(text, int(width / MONO_EM / size))
        size = BODY_PT
        if paragraph.kind is BlockKind.HEADING:
            size = HEADING_PT[min(max(paragraph.level or 1, 1), len(HEADING_PT)) - 1]
            for run in paragraph.runs:
                run.is_bold = True
        width_em = (width - INDENT_PT * paragraph.indent) / size
        lines: list[list[_Placed]] = []
        for tokens in _token_lines(paragraph.runs):
            lines.extend(_wrapped(tokens, width_em) or [[]])
        return size, lines

    def _start_block(self, paragraph: Paragraph) -> list[list[DraftWord]]:
        """The new block's lines, still empty."""
        lines: list[list[DraftWord]] = []
        block = DraftBlock(
            paragraph.kind,
            lines,
            level=paragraph.level,
            key=paragraph.key,
            value=paragraph.value,
            anchor=paragraph.anchor,
        )
        self._page.blocks.append(block)
        return lines

    def _words(
        self, line: list[_Placed], left: float, top: float, size: float, anchor: str | None, mirror: float | None
    ) -> list[DraftWord]:
        """A line of words; ``mirror`` is the sum of the two edges that right-to-left text is mirrored between."""
        self._word_count += len(line)
        if self._word_count > self._config.max_words:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"More than {self._config.max_words} words.")
        page = self._page
        width, y0, y1 = page.width_pt, top / page.height_pt, (top + HEIGHT_EM * size) / page.height_pt
        words: list[DraftWord] = []
        for offset, token in line:
            x0 = left + offset * size
            x1 = x0 + token.width_em * size
            if mirror is not None:
                x0, x1 = mirror - x1, mirror - x0
            box = Box(x0 / width, y0, x1 / width, y1)
            words.append(
                DraftWord(
                    token.text, box, font_size=size, is_bold=token.is_bold, anchor=anchor, is_glued=token.is_glued
                )
            )
        return words

    def _box(self, left: float, top: float, right: float, bottom: float) -> Box:
        page = self._page
        return Box(left / page.width_pt, top / page.height_pt, right / page.width_pt, bottom / page.height_pt)

    @property
    def _page(self) -> DraftPage:
        return self.pages[-1]

    def _gap(self, height: float) -> None:
        if self.pages and self._y > MARGIN_PT:
            self._y += height

    def _need(self, height: float, width: float = PAGE_WIDTH_PT) -> None:
        width = max(width, self._least_width)
        if not self.pages or width > self._width or self._y + height > self._bottom + 0.01:
            self._new_page(width)

    def _new_page(self, width: float) -> None:
        if len(self.pages) >= self._config.max_pages:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"More than {self._config.max_pages} pages.")
        self.pages.append(DraftPage(width, PAGE_HEIGHT_PT, source=PageSource.LAYOUT, anchor=self._anchor))
        self._width = width
        self._y = MARGIN_PT


# ------------------------------------------------------------------------------------------- grids


@dataclass(slots=True)
class _SizedCell:
    """A cell with its words, later with its lines. Rows may be moved when a tall row is cut."""

    source: GridCell
    token_lines: list[list[_Token]]
    row: int
    column: int
    row_span: int
    column_span: int
    is_mirrored: bool = False
    lines: list[list[_Placed]] = field(default_factory=list)

    def natural_em(self) -> float:
        return max((_line_em(line) for line in self.token_lines), default=0.0)

    def longest_word_em(self) -> float:
        return max((token.width_em for line in self.token_lines for token in line), default=0.0)


def _line_em(tokens: list[_Token]) -> float:
    if len(tokens) == 1:
        return tokens[0].width_em
    spaces = sum(not token.is_glued for token in tokens[1:])
    return sum(token.width_em for token in tokens) + spaces * SPACE_EM


@dataclass(slots=True)
class _Plan:
    """A grid whose columns have their widths and whose cells have their lines."""

    size: float
    page_width: float
    lefts: list[float]  # of every column, and the right edge of the last one
    cells: list[_SizedCell]
    row_count: int


def _plan(grid: Grid) -> _Plan:
    cells = [_sized(cell) for cell in grid.cells]
    widest = WIDEST_COLUMN_PT / GRID_PT
    natural = _column_widths(grid, cells, [min(cell.natural_em(), widest) for cell in cells])
    least = _column_widths(grid, cells, [min(cell.longest_word_em(), LONGEST_WORD_PT / GRID_PT) for cell in cells])
    natural = [max(pair) for pair in zip(natural, least, strict=True)]
    size, page_width, widths = _column_plan(natural, least, is_sheet=grid.is_sheet)
    lefts = list(accumulate(widths, initial=MARGIN_PT))
    for cell in cells:
        inner = lefts[min(cell.column + cell.column_span, grid.column_count)] - lefts[cell.column] - 2 * PADDING_PT
        cell.lines = _cell_lines(cell.token_lines, inner / size)
    return _Plan(size, page_width, lefts, cells, grid.row_count)


def _align(planned: list[tuple[Grid, _Plan]]) -> None:
    """Gives the grids of a sheet common columns, where all of them fit a page in full-size type."""
    widths: dict[int, float] = {}
    for grid, plan in planned:
        if grid.columns is None or plan.size != GRID_PT:
            return
        for number, column in enumerate(grid.columns):
            widths[column] = max(widths.get(column, 0.0), plan.lefts[number + 1] - plan.lefts[number])
    columns = sorted(widths)
    edges = list(accumulate((widths[column] for column in columns), initial=MARGIN_PT))
    if edges[-1] + MARGIN_PT > WIDE_PAGE_PT:
        return
    lefts = dict(zip(columns, edges, strict=False))
    for grid, plan in planned:
        used = grid.columns or []
        plan.lefts = [*(lefts[column] for column in used), lefts[used[-1]] + widths[used[-1]]]
        plan.page_width = max(PAGE_WIDTH_PT, round(edges[-1] + MARGIN_PT, 2))


def _sized(cell: GridCell) -> _SizedCell:
    lines = _token_lines(cell.runs) if cell.runs else []
    return _SizedCell(cell, lines, cell.row, cell.column, cell.row_span, cell.column_span, _is_right_to_left(cell.runs))


def _cell_lines(token_lines: list[list[_Token]], width_em: float) -> list[list[_Placed]]:
    if len(token_lines) == 1 and len(token_lines[0]) == 1 and token_lines[0][0].width_em <= width_em:
        return [[(0.0, token_lines[0][0])]]
    lines: list[list[_Placed]] = []
    for tokens in token_lines:
        lines.extend(_wrapped(tokens, width_em))
    return lines


def _column_widths(grid: Grid, cells: Sequence[_SizedCell], needs: Sequence[float]) -> list[float]:
    """Each column as wide as its widest need; a spanning cell's missing width is shared by its columns."""
    widths = [0.0] * grid.column_count
    spanning: list[tuple[_SizedCell, float]] = []
    for cell, need in zip(cells, needs, strict=True):
        if cell.column_span == 1:
            widths[cell.column] = max(widths[cell.column], need)
        else:
            spanning.append((cell, need))
    for cell, need in spanning:
        columns = range(cell.column, min(cell.column + cell.column_span, grid.column_count))
        missing = need - sum(widths[column] for column in columns)
        for column in columns if missing > 0 else ():
            widths[column] += missing / len(columns)
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


class _Rows:
    """The rows of a planned grid: heights, and which of them must stay together."""

    def __init__(self, plan: _Plan) -> None:
        self._room = PAGE_HEIGHT_PT - 2 * MARGIN_PT
        self._pitch = plan.size * LEADING
        _cut_tall_rows(plan, int((self._room - 2 * PADDING_PT) / self._pitch))
        self.heights = self._row_heights(plan)
        self._group_ends = self._groups(plan)
        self._cells = sorted(plan.cells, key=lambda cell: (cell.row, cell.column))
        self._next_cell = 0

    def _row_heights(self, plan: _Plan) -> list[float]:
        heights = [self._pitch + 2 * PADDING_PT] * plan.row_count
        spanning: list[_SizedCell] = []
        for cell in plan.cells:
            if cell.row_span > 1:
                spanning.append(cell)
            elif len(cell.lines) > 1:
                heights[cell.row] = max(heights[cell.row], len(cell.lines) * self._pitch + 2 * PADDING_PT)
        for cell in spanning:
            last = min(cell.row + cell.row_span, plan.row_count)
            missing = len(cell.lines) * self._pitch + 2 * PADDING_PT - sum(heights[cell.row : last])
            heights[last - 1] += max(0.0, missing)
        return heights

    def _groups(self, plan: _Plan) -> list[int]:
        """For every row the end of the rows it must share a page with, because a cell spans them."""
        ends = list(range(1, plan.row_count + 1))
        for cell in plan.cells:
            if cell.row_span > 1:
                ends[cell.row] = max(ends[cell.row], min(cell.row + cell.row_span, plan.row_count))
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

    def cells_between(self, first: int, last: int) -> Iterator[_SizedCell]:
        while self._next_cell < len(self._cells) and self._cells[self._next_cell].row < last:
            cell = self._cells[self._next_cell]
            self._next_cell += 1
            if cell.row >= first:
                yield cell


def _cut_tall_rows(plan: _Plan, line_limit: int) -> None:
    """Rows that no page can hold become several rows; cells that span such heights lose their span."""
    tall = {cell.row for cell in plan.cells if len(cell.lines) > line_limit}
    if not tall:
        return
    for cell in plan.cells:
        if cell.row in tall or len(cell.lines) > line_limit:
            cell.row_span = 1
    parts = [1] * plan.row_count
    for cell in plan.cells:
        if cell.row in tall:
            parts[cell.row] = max(parts[cell.row], -(-len(cell.lines) // line_limit))
    starts = list(accumulate(parts, initial=0))
    plan.cells = [part for cell in plan.cells for part in _parts(cell, starts, line_limit)]
    plan.row_count = starts[-1]


def _parts(cell: _SizedCell, starts: list[int], line_limit: int) -> Iterator[_SizedCell]:
    row = starts[cell.row]
    if len(cell.lines) <= line_limit:
        end = min(cell.row + cell.row_span, len(starts) - 1)
        cell.row, cell.row_span = row, max(1, starts[end] - row if cell.row_span > 1 else 1)
        yield cell
        return
    for number, start in enumerate(range(0, len(cell.lines), line_limit)):
        lines = cell.lines[start : start + line_limit]
        yield _SizedCell(cell.source, [], row + number, cell.column, 1, cell.column_span, cell.is_mirrored, lines)
