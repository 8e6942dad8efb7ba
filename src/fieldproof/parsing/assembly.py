"""From drafts to a frozen document: text, spans, lines and boxes are computed once, here.

A parser only says what it read: words with boxes, grouped into lines, lines into blocks in reading
order. The document's text is these words: a space between words (none where a word is ``glued``
to the one before), a line feed between lines and table rows, a tab between table cells, and an empty
line between blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, pairwise
from operator import attrgetter
from typing import Any

import numpy as np

from fieldproof.core.columns import build
from fieldproof.core.document import (
    Attachment,
    Block,
    BlockKind,
    Cell,
    HiddenText,
    Line,
    Page,
    PageSource,
    ParsedDocument,
    Table,
    Word,
    WordSource,
)
from fieldproof.core.geometry import Box, clamped

DIGITS = 5  # of a coordinate: a hundredth of a point on A4


@dataclass(slots=True)
class DraftWord:
    """A word as it was read. ``text`` holds no white space and is never empty."""

    text: str
    box: Box
    confidence: float | None = None
    source: WordSource = WordSource.TEXT
    font_size: float | None = None
    is_bold: bool = False
    anchor: str | None = None
    is_glued: bool = False  # no space stands between this word and the one before on its line


@dataclass(slots=True)
class DraftCell:
    """A table cell: its words line by line. ``box`` is where the cell is ruled, if it is."""

    row: int
    column: int
    lines: list[list[DraftWord]] = field(default_factory=list)
    box: Box | None = None
    row_span: int = 1
    column_span: int = 1
    is_header: bool = False
    anchor: str | None = None


@dataclass(slots=True)
class DraftTable:
    row_count: int
    column_count: int
    cells: list[DraftCell] = field(default_factory=list)
    header_rows: int = 0
    is_continuation: bool = False  # goes on from the last table of the page before


@dataclass(slots=True)
class DraftBlock:
    """A block: ``lines`` of words, or a ``table``. ``box`` only where the words do not tell it (a figure)."""

    kind: BlockKind
    lines: list[list[DraftWord]] = field(default_factory=list)
    table: DraftTable | None = None
    level: int | None = None
    key: str | None = None
    value: str | None = None
    box: Box | None = None
    anchor: str | None = None


@dataclass(slots=True)
class DraftPage:
    """A page: blocks in reading order. Sizes in points after rotation."""

    width_pt: float
    height_pt: float
    blocks: list[DraftBlock] = field(default_factory=list)
    source: PageSource = PageSource.TEXT
    rotation: int = 0
    grade: float = 1.0
    anchor: str | None = None


def assemble(
    media_type: str,
    pages: Sequence[DraftPage],
    *,
    first_page: int = 1,
    hidden: Sequence[HiddenText] = (),
    attachments: Sequence[Attachment] = (),
    warnings: Sequence[str] = (),
    properties: Mapping[str, Any] | None = None,
    languages: Sequence[str] = (),
) -> ParsedDocument:
    """The frozen document. Pages are numbered in the order given, from ``first_page``."""
    writer = _Writer()
    return ParsedDocument(
        media_type=media_type,
        pages=tuple(writer.page(number, draft) for number, draft in enumerate(pages, start=first_page)),
        text="".join(writer.parts),
        languages=tuple(languages),
        hidden=tuple(hidden),
        attachments=tuple(attachments),
        warnings=tuple(dict.fromkeys(warnings)),
        properties=dict(sorted((properties or {}).items())),
    )


def rounded(box: Box) -> Box:
    """The box cut to the page, its coordinates rounded so that output is the same on every machine."""
    cut = clamped(box.left, box.top, box.right, box.bottom)
    return Box(round(cut.left, DIGITS), round(cut.top, DIGITS), round(cut.right, DIGITS), round(cut.bottom, DIGITS))


class _Writer:
    """Appends to the document's text and remembers where everything went."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.position = 0

    def page(self, number: int, draft: DraftPage) -> Page:
        sheet = _Sheet(draft)
        blocks = tuple([self._block(number, block, sheet) for block in draft.blocks])
        return Page(
            number=number,
            width_pt=round(draft.width_pt, 2),
            height_pt=round(draft.height_pt, 2),
            words=sheet.words(),
            lines=tuple(sheet.lines),
            blocks=blocks,
            source=draft.source,
            rotation=draft.rotation,
            grade=round(draft.grade, 3),
            anchor=draft.anchor,
        )

    def _block(self, number: int, draft: DraftBlock, sheet: _Sheet) -> Block:
        if self.parts and (draft.lines or draft.table):
            self._put("\n\n")
        start, first_part, first_line = self.position, len(self.parts), sheet.written
        table = self._table(number, draft.table, sheet) if draft.table else None
        self._write_lines(draft.lines, sheet)
        return Block(
            kind=draft.kind,
            text="".join(self.parts[first_part:]),
            start=start,
            end=self.position,
            box=rounded(draft.box) if draft.box else sheet.around(first_line),
            lines=tuple(range(first_line, sheet.written)),
            level=draft.level,
            table=table,
            key=draft.key,
            value=draft.value,
            anchor=draft.anchor,
        )

    def _table(self, number: int, draft: DraftTable, sheet: _Sheet) -> Table:
        cells: list[Cell] = []
        row = None
        for cell in _in_order(draft):
            if row is not None:
                self._put("\t" if cell.row == row else "\n")
            row = cell.row
            cells.append(self._cell(number, cell, sheet))
        return Table(draft.row_count, draft.column_count, tuple(cells), draft.header_rows, draft.is_continuation)

    def _cell(self, number: int, draft: DraftCell, sheet: _Sheet) -> Cell:
        first_part, first_line, first_word = len(self.parts), sheet.written, sheet.next_word
        self._write_lines(draft.lines, sheet, between=" ")
        return Cell(
            draft.row,
            draft.column,
            "".join(self.parts[first_part:]),
            number,
            rounded(draft.box) if draft.box else sheet.around(first_line),
            tuple(range(first_word, sheet.next_word)),
            draft.row_span,
            draft.column_span,
            draft.is_header,
            draft.anchor,
        )

    def _write_lines(self, lines: list[list[DraftWord]], sheet: _Sheet, between: str = "\n") -> None:
        is_first = True
        for line in lines:
            if not line:
                continue
            if not is_first:
                self._put(between)
            is_first = False
            self._put(sheet.write_line(self.position))

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.position += len(text)


class _Sheet:
    """One page being written: its drafted words and lines in writing order, their boxes all made at once."""

    def __init__(self, draft: DraftPage) -> None:
        lines = [line for block in draft.blocks for line in _written_lines(block) if line]
        self._drafts = list(chain.from_iterable(lines))
        self._texts = [word.text for word in self._drafts]
        self._glued = np.array([word.is_glued for word in self._drafts], dtype=bool)
        self._has_glue = bool(self._glued.any())
        drafted = [word.box for word in self._drafts]
        self._sides, are_ready = _rounded_sides(drafted)
        self._boxes = drafted if are_ready else None
        self._firsts = [0, *accumulate(map(len, lines))]  # of each line, and behind the last
        self._starts: list[int] = []  # of the lines written so far, in the text
        self.written = 0  # lines
        self.next_word = 0
        self.lines = _lines(self._sides, self._firsts)

    def write_line(self, position: int) -> str:
        """The text of the next line, which is to stand at ``position``."""
        first, self.next_word = self.next_word, self._firsts[self.written + 1]
        self._starts.append(position)
        self.written += 1
        words = self._texts[first : self.next_word]
        if not self._has_glue:
            return " ".join(words)
        glued = self._glued[first + 1 : self.next_word].tolist()
        return words[0] + "".join([w if g else f" {w}" for w, g in zip(words[1:], glued, strict=True)])

    def around(self, first_line: int) -> Box | None:
        """The box of the lines written since."""
        lines = self.lines[first_line : self.written]
        return lines[0].box if len(lines) == 1 else _around([line.box for line in lines])

    def words(self) -> tuple[Word, ...]:
        drafts, count = self._drafts, len(self._drafts)
        starts, ends = self._spans()
        return tuple(
            build(
                Word,
                count,
                text=self._texts,
                box=self._boxes or _boxes(self._sides),
                start=starts,
                end=ends,
                confidence=_rounded_numbers([draft.confidence for draft in drafts], 4),
                source=[draft.source for draft in drafts],
                font_size=_rounded_numbers([draft.font_size for draft in drafts], 2),
                is_bold=[draft.is_bold for draft in drafts],
                anchor=[draft.anchor for draft in drafts],
            )
        )

    def _spans(self) -> tuple[list[int], list[int]]:
        lengths = np.fromiter(map(len, self._texts), np.int64, len(self._texts))
        steps = np.where(self._glued, lengths, lengths + 1)  # with the space before
        behind = np.cumsum(steps)
        firsts = np.array(self._firsts[:-1], dtype=np.int64)
        shift = np.array(self._starts, dtype=np.int64) - (behind - lengths)[firsts]
        ends = behind + np.repeat(shift, np.diff(self._firsts))
        return (ends - lengths).tolist(), ends.tolist()


def _lines(sides: np.ndarray, firsts: list[int]) -> list[Line]:
    if len(firsts) < 2:
        return []
    low, high = np.minimum.reduceat(sides[:, :2], firsts[:-1]), np.maximum.reduceat(sides[:, 2:], firsts[:-1])
    return build(
        Line,
        len(firsts) - 1,
        box=_boxes(np.concatenate((low, high), axis=1)),
        words=[tuple(range(a, b)) for a, b in pairwise(firsts)],
    )


_edges = attrgetter("left", "top", "right", "bottom")


def _boxes(sides: np.ndarray) -> list[Box]:
    left, top, right, bottom = sides.T.tolist()
    return build(Box, len(sides), left=left, top=top, right=right, bottom=bottom)


def _rounded_sides(boxes: list[Box]) -> tuple[np.ndarray, bool]:
    """Rows of left, top, right, bottom, and whether the boxes had them so already.

    One by one, roundings would take longer than reading the words.
    """
    numbers = np.fromiter(chain.from_iterable(map(_edges, boxes)), np.float64, 4 * len(boxes)).reshape(-1, 4)
    cut = np.round(numbers.clip(0.0, 1.0), DIGITS)
    sides = np.concatenate((np.minimum(cut[:, :2], cut[:, 2:]), np.maximum(cut[:, :2], cut[:, 2:])), axis=1)
    return sides, np.array_equal(numbers, sides)


def _rounded_numbers(values: list[float | None], digits: int) -> list[float | None]:
    known = {value: None if value is None else round(value, digits) for value in set(values)}
    return [known[value] for value in values]


def _written_lines(block: DraftBlock) -> Iterator[list[DraftWord]]:
    """In the order in which the writer comes to them: a block's table before its own lines."""
    if block.table is not None:
        for cell in _in_order(block.table):
            yield from cell.lines
    yield from block.lines


def _in_order(table: DraftTable) -> list[DraftCell]:
    return sorted(table.cells, key=lambda cell: (cell.row, cell.column))


def _around(boxes: list[Box]) -> Box | None:
    if not boxes:
        return None
    return Box(
        min([box.left for box in boxes]),
        min([box.top for box in boxes]),
        max([box.right for box in boxes]),
        max([box.bottom for box in boxes]),
    )
