"""From drafts to a frozen document: text, spans, lines and boxes are computed once, here.

A parser only says what it read: words with boxes, grouped into lines, lines into blocks in reading
order. The document's text is these words: a space between words (none where a word is ``glued``
to the one before), a line feed between lines and table rows, a tab between table cells, and an empty
line between blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from typing import Any

import numpy as np

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
    hidden: Sequence[HiddenText] = (),
    attachments: Sequence[Attachment] = (),
    warnings: Sequence[str] = (),
    properties: Mapping[str, Any] | None = None,
    languages: Sequence[str] = (),
) -> ParsedDocument:
    """The frozen document. Pages are numbered in the order given, from 1."""
    writer = _Writer()
    return ParsedDocument(
        media_type=media_type,
        pages=tuple(writer.page(number, draft) for number, draft in enumerate(pages, start=1)),
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
        self.words: list[Word] = []
        self.lines: list[Line] = []
        self.boxes: Iterator[Box] = iter(())  # of the page's words, rounded, in the order they are written

    def page(self, number: int, draft: DraftPage) -> Page:
        self.words, self.lines = [], []
        self.boxes = _rounded_boxes(draft)
        blocks = tuple([self._block(number, block) for block in draft.blocks])
        return Page(
            number=number,
            width_pt=round(draft.width_pt, 2),
            height_pt=round(draft.height_pt, 2),
            words=tuple(self.words),
            lines=tuple(self.lines),
            blocks=blocks,
            source=draft.source,
            rotation=draft.rotation,
            grade=round(draft.grade, 3),
            anchor=draft.anchor,
        )

    def _block(self, number: int, draft: DraftBlock) -> Block:
        if self.parts and (draft.lines or draft.table):
            self._put("\n\n")
        start, first_part, first_line = self.position, len(self.parts), len(self.lines)
        table = self._table(number, draft.table) if draft.table else None
        self._write_lines(draft.lines)
        return Block(
            kind=draft.kind,
            text="".join(self.parts[first_part:]),
            start=start,
            end=self.position,
            box=rounded(draft.box) if draft.box else _around([line.box for line in self.lines[first_line:]]),
            lines=tuple(range(first_line, len(self.lines))),
            level=draft.level,
            table=table,
            key=draft.key,
            value=draft.value,
            anchor=draft.anchor,
        )

    def _table(self, number: int, draft: DraftTable) -> Table:
        cells: list[Cell] = []
        row = None
        for cell in _in_order(draft):
            if row is not None:
                self._put("\t" if cell.row == row else "\n")
            row = cell.row
            cells.append(self._cell(number, cell))
        return Table(draft.row_count, draft.column_count, tuple(cells), draft.header_rows, draft.is_continuation)

    def _cell(self, number: int, draft: DraftCell) -> Cell:
        first_word, first_part, first_line = len(self.words), len(self.parts), len(self.lines)
        self._write_lines(draft.lines, between=" ")
        return Cell(
            row=draft.row,
            column=draft.column,
            text="".join(self.parts[first_part:]),
            page=number,
            box=rounded(draft.box) if draft.box else _around([line.box for line in self.lines[first_line:]]),
            words=tuple(range(first_word, len(self.words))),
            row_span=draft.row_span,
            column_span=draft.column_span,
            is_header=draft.is_header,
            anchor=draft.anchor,
        )

    def _write_lines(self, lines: list[list[DraftWord]], between: str = "\n") -> None:
        is_first = True
        for line in lines:
            if not line:
                continue
            if not is_first:
                self._put(between)
            is_first = False
            self._write_line(line)

    def _write_line(self, line: list[DraftWord]) -> None:
        words, parts, boxes, position = self.words, self.parts, self.boxes, self.position
        first = len(words)
        left, top, right, bottom = 1.0, 1.0, 0.0, 0.0
        for draft in line:
            if len(words) > first and not draft.is_glued:
                parts.append(" ")
                position += 1
            text, box, confidence, size = draft.text, next(boxes), draft.confidence, draft.font_size
            end = position + len(text)
            words.append(
                Word(
                    text,
                    box,
                    position,
                    end,
                    None if confidence is None else round(confidence, 4),
                    draft.source,
                    None if size is None else round(size, 2),
                    draft.is_bold,
                    draft.anchor,
                )
            )
            parts.append(text)
            position = end
            left, top = min(left, box.left), min(top, box.top)
            right, bottom = max(right, box.right), max(bottom, box.bottom)
        self.position = position
        self.lines.append(Line(Box(left, top, right, bottom), tuple(range(first, len(words)))))

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.position += len(text)


def _rounded_boxes(draft: DraftPage) -> Iterator[Box]:
    """All boxes of a page at once: a million roundings one by one take longer than reading the words."""
    drafted = [word.box for block in draft.blocks for line in _written_lines(block) for word in line]
    numbers = np.array([(box.left, box.top, box.right, box.bottom) for box in drafted]).reshape(-1, 4)
    cut = np.round(numbers.clip(0.0, 1.0), DIGITS)
    low, high = np.minimum(cut[:, :2], cut[:, 2:]), np.maximum(cut[:, :2], cut[:, 2:])
    return starmap(Box, np.concatenate((low, high), axis=1).tolist())


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
