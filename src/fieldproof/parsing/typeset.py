"""The typesetter: formats without pages of their own are laid out here, on virtual pages.

A reader describes a *flow* (paragraphs, grids, page breaks) and gets draft pages whose words have
boxes. The layout depends on the flow and on the fonts of this package alone, never on the machine.
``draw`` paints a page again from its words and cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fieldproof.core.columns import build
from fieldproof.core.document import BlockKind, FailureCode, Page, PageSource, WordSource
from fieldproof.core.errors import ParsingFailed
from fieldproof.core.geometry import Box
from fieldproof.core.words import WordColumns, picked
from fieldproof.parsing.assembly import (
    FONT_SIZE_DIGITS,
    DraftBlock,
    DraftCells,
    DraftLine,
    DraftPage,
    DraftTable,
    DraftWord,
    DraftWords,
    tidy,
)
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.grids import (
    LEADING,
    MARGIN_PT,
    PAGE_HEIGHT_PT,
    PAGE_WIDTH_PT,
    Grid,
    Part,
    Plan,
    Rows,
    SheetGrid,
    in_common_columns,
    plan_of,
)
from fieldproof.parsing.typeface import HEIGHT_EM, MONO_EM
from fieldproof.parsing.wrapping import Placed, Run, is_right_to_left, preformatted, token_lines, wrapped

BODY_PT = 10.0
HEADING_PT = (18.0, 15.0, 13.0, 11.5, 11.0, 10.5)
PREFORMATTED_PT = 9.0
SMALLEST_PREFORMATTED_PT = 5.5
SMALLEST_FRAME_PT = 3.0  # to fit a frame's height
SMALLEST_FRAMED_WORD_PT = 7.0  # to fit its width; a longer word stands out of it
INDENT_PT = 18.0


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
class PageBreak:
    """What follows starts a new page; ``anchor`` names that page ("Sheet1")."""

    anchor: str | None = None


@dataclass(slots=True)
class Section:
    """Items on pages of their own, all as wide as the widest grid among them needs; the columns of one
    sheet stand below each other."""

    items: list[Paragraph | SheetGrid]
    anchor: str | None = None


FlowItem = Paragraph | Grid | SheetGrid | PageBreak | Section


def lay_out(flow: Iterable[FlowItem], config: ParseConfig) -> list[DraftPage]:
    """The flow on virtual pages. Raises ParsingFailed beyond the page or word limit."""
    setter = _Setter(config)
    for item in flow:
        match item:
            case Paragraph():
                setter.set_paragraph(item)
            case Grid() | SheetGrid():
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
    tokens = [token_lines(runs) for runs in text.paragraphs]
    longest = max((token.width_em for lines in tokens for line in lines for token in line), default=0.0)
    width = frame.right - frame.left
    size = max(min(text.size, width / longest if longest else text.size), min(text.size, SMALLEST_FRAMED_WORD_PT))
    width = max(width, longest * size)
    while True:
        broken = [[part for line in lines for part in wrapped(line, width / size)] for lines in tokens]
        height = sum(map(len, broken)) * size * LEADING
        if height <= frame.bottom - frame.top or size <= SMALLEST_FRAME_PT:
            break
        size = max(SMALLEST_FRAME_PT, size * 0.93)
    spare = max(0.0, frame.bottom - frame.top - height)
    y = frame.top + {"top": 0.0, "middle": spare / 2, "bottom": spare}[frame.vertical]
    result: list[list[list[DraftWord]]] = []
    for lines, align in zip(broken, text.align, strict=True):
        placed: list[list[DraftWord]] = []
        for line in lines:
            slack = max(0.0, width - (line[-1][0] + line[-1][1].width_em) * size)
            left = frame.left + {"left": 0.0, "center": slack / 2, "right": slack}[align]
            placed.append(_framed_words(line, left, y, size, text.anchor, page))
            y += size * LEADING
        result.append(placed)
    return size, result


def _framed_words(
    line: list[Placed], left: float, top: float, size: float, anchor: str | None, page: DraftPage
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
        mirror = PAGE_WIDTH_PT if is_right_to_left("".join(run.text for run in paragraph.runs)) else None
        written = self._start_block(paragraph)
        for line in lines:
            if self._y + pitch > self._bottom + 0.01:
                self._new_page(self._width)
                written = self._start_block(paragraph)
            if line:
                written.append(self._words(line, left, self._y, size, paragraph.anchor, mirror))
            self._y += pitch

    def set_grid(self, grid: Grid | SheetGrid) -> None:
        if len(grid.cells):
            self._set_plan(grid, plan_of(grid))

    def set_section(self, section: Section) -> None:
        grids = {id(item): item for item in section.items if isinstance(item, SheetGrid) and len(item.cells)}
        plans = {key: plan_of(grid) for key, grid in grids.items()}
        in_common_columns([(grid, plans[key]) for key, grid in grids.items()])
        self.break_page(section.anchor)
        self._least_width = max((plan.page_width for plan in plans.values()), default=PAGE_WIDTH_PT)
        for item in section.items:
            if isinstance(item, Paragraph):
                self.set_paragraph(item)
            elif id(item) in plans:
                self._set_plan(item, plans[id(item)])
        self._least_width = PAGE_WIDTH_PT

    def _set_plan(self, grid: Grid | SheetGrid, plan: Plan) -> None:
        self._gap(plan.size * 0.6)
        rows = Rows(plan)
        first = 0
        while first < len(rows.heights):
            self._need(rows.group_height(first), plan.page_width)
            last = rows.fitting(first, self._bottom - self._y)
            header_rows = max(0, min(grid.header_rows, last) - first)
            self._put_rows(grid, plan, rows.part(first, last, self._y), header_rows, is_continuation=first > 0)
            first = last
            if first < len(rows.heights):
                self._y = PAGE_HEIGHT_PT

    def _put_rows(
        self, grid: Grid | SheetGrid, plan: Plan, part: Part, header_rows: int, *, is_continuation: bool
    ) -> None:
        page = self._page
        cells, scale = plan.cells, np.array([page.width_pt, page.height_pt] * 2)
        lines = self._lines_in(plan, part, scale)
        ends = np.cumsum(plan.text.line_counts[part.cells]).tolist()
        drafts = DraftCells(
            (cells.rows[part.cells] - part.first_row).tolist(),
            cells.columns[part.cells].tolist(),
            [lines[start:end] for start, end in pairwise([0, *ends])],
            [True] * len(ends),
            part.cell_boxes / scale,
            part.row_spans.tolist(),
            cells.column_spans[part.cells].tolist(),
            cells.is_header[part.cells].tolist(),
            cells.anchors[part.cells],
        )
        table = DraftTable(part.row_count, grid.column_count, [], header_rows, is_continuation, drafts)
        page.blocks.append(DraftBlock(BlockKind.TABLE, table=table, anchor=grid.anchor))
        self._y = part.bottom

    def _lines_in(self, plan: Plan, part: Part, scale: np.ndarray) -> list[Sequence[DraftWord]]:
        """The lines of the part's cells, one after the other."""
        text = plan.text
        count = part.words.stop - part.words.start
        self._count_words(count)
        columns = WordColumns(
            text.texts[part.words],
            tidy(part.word_boxes / scale),
            [None] * count,
            [WordSource.TEXT] * count,
            [round(plan.size, FONT_SIZE_DIGITS)] * count,
            text.is_bold[part.words],
            picked(plan.cells.anchors, part.cell_of_word.tolist()),
        )
        words = DraftWords(columns, text.glued[part.words])
        ends = np.cumsum(text.line_sizes[part.lines]).tolist()
        indexes = [list(range(start, end)) for start, end in pairwise([0, *ends])]
        return [*build(DraftLine, len(indexes), words=words, indexes=indexes)]

    def _lines_of(self, paragraph: Paragraph) -> tuple[float, list[list[Placed]]]:
        """The font size and the wrapped lines, an empty one where an empty line stands."""
        width = PAGE_WIDTH_PT - 2 * MARGIN_PT
        if paragraph.is_preformatted:
            text = "".join(run.text for run in paragraph.runs)
            longest = max((len(line.expandtabs(8)) for line in text.split("\n")), default=0)
            size = width / MONO_EM / max(longest, 1)
            size = round(min(PREFORMATTED_PT, max(SMALLEST_PREFORMATTED_PT, size)) - 0.05, 1)
            return size, preformatted(text, int(width / MONO_EM / size))
        size = BODY_PT
        if paragraph.kind is BlockKind.HEADING:
            size = HEADING_PT[min(max(paragraph.level or 1, 1), len(HEADING_PT)) - 1]
            for run in paragraph.runs:
                run.is_bold = True
        width_em = (width - INDENT_PT * paragraph.indent) / size
        lines: list[list[Placed]] = []
        for tokens in token_lines(paragraph.runs):
            lines.extend(wrapped(tokens, width_em) or [[]])
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
        self, line: list[Placed], left: float, top: float, size: float, anchor: str | None, mirror: float | None
    ) -> list[DraftWord]:
        """A line of words; ``mirror`` is the sum of the two edges that right-to-left text is mirrored between."""
        self._count_words(len(line))
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

    def _count_words(self, count: int) -> None:
        self._word_count += count
        if self._word_count > self._config.max_words:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"More than {self._config.max_words} words.")

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
