"""From drafts to a frozen document: text, spans, lines and boxes are computed once, here.

A parser only says what it read: words with boxes, grouped into lines, lines into blocks in reading
order. The document's text is these words: a space between words (none where a word is ``glued``
to the one before), a line feed between lines and table rows, a tab between table cells, and an empty
line between blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, compress, groupby, pairwise
from operator import attrgetter
from typing import Any, overload

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
    WordSource,
)
from fieldproof.core.geometry import Box, clamped
from fieldproof.core.words import WordColumns, Words, boxes, picked, sides_of

DIGITS = 5  # of a coordinate: a hundredth of a point on A4
CONFIDENCE_DIGITS = 4
FONT_SIZE_DIGITS = 2


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


@dataclass(slots=True, eq=False)
class DraftWords:
    """Words that were read together, as columns: a page of hundreds is never made into objects one by one."""

    columns: WordColumns  # cut to the page and rounded, as all that follows expects them
    glued: np.ndarray  # whether no space stands before the word
    _rows: list[list[float]] | None = None

    @property
    def rows(self) -> list[list[float]]:
        """Of each word: left, top, right, bottom."""
        rows = self._rows
        if rows is None:
            rows = self._rows = self.columns.sides.tolist()
        return rows

    @staticmethod
    def of(words: Sequence[DraftWord]) -> DraftWords:
        columns = WordColumns(
            [word.text for word in words],
            tidy(sides_of(word.box for word in words)),
            _rounded_numbers([word.confidence for word in words], CONFIDENCE_DIGITS),
            [word.source for word in words],
            _rounded_numbers([word.font_size for word in words], FONT_SIZE_DIGITS),
            [word.is_bold for word in words],
            [word.anchor for word in words],
        )
        return DraftWords(columns, np.array([word.is_glued for word in words], dtype=bool))

    @staticmethod
    def joined(parts: Sequence[DraftWords]) -> DraftWords:
        columns = WordColumns.joined([part.columns for part in parts])
        return DraftWords(columns, np.concatenate([np.zeros(0, dtype=bool), *(part.glued for part in parts)]))

    def __len__(self) -> int:
        return len(self.columns.texts)

    def take(self, indexes: list[int]) -> DraftWords:
        columns = self.columns.take(indexes)
        return self if columns is self.columns else DraftWords(columns, self.glued[indexes])

    def word(self, index: int) -> DraftWord:
        own = self.columns
        return DraftWord(
            own.texts[index],
            Box(*own.sides[index].tolist()),
            own.confidences[index],
            own.sources[index],
            own.font_sizes[index],
            own.is_bold[index],
            own.anchors[index],
            bool(self.glued[index]),
        )


@dataclass(slots=True, eq=False)
class DraftLine(Sequence[DraftWord]):
    """Some of these words, in this order."""

    words: DraftWords
    indexes: list[int]

    def __len__(self) -> int:
        return len(self.indexes)

    @overload
    def __getitem__(self, index: int) -> DraftWord: ...
    @overload
    def __getitem__(self, index: slice) -> list[DraftWord]: ...
    def __getitem__(self, index: int | slice) -> DraftWord | list[DraftWord]:
        if isinstance(index, slice):
            return [self.words.word(i) for i in self.indexes[index]]
        return self.words.word(self.indexes[index])

    @property
    def texts(self) -> list[str]:
        return picked(self.words.columns.texts, self.indexes)

    @property
    def sides(self) -> list[list[float]]:
        """Of each word: left, top, right, bottom."""
        return picked(self.words.rows, self.indexes)

    @property
    def font_sizes(self) -> list[float | None]:
        return picked(self.words.columns.font_sizes, self.indexes)

    @property
    def is_bold(self) -> list[bool]:
        return picked(self.words.columns.is_bold, self.indexes)


def as_line(words: Sequence[DraftWord]) -> DraftLine:
    """The words as columns, whether they were drafted so or one by one."""
    return words if isinstance(words, DraftLine) else DraftLine(DraftWords.of(words), list(range(len(words))))


def text_of(lines: Sequence[Sequence[DraftWord]]) -> str:
    return " ".join([text for line in lines for text in as_line(line).texts])


@dataclass(slots=True)
class DraftCell:
    """A table cell: its words line by line. ``box`` is where the cell is ruled, if it is."""

    row: int
    column: int
    lines: Sequence[Sequence[DraftWord]] = field(default_factory=list)
    box: Box | None = None
    row_span: int = 1
    column_span: int = 1
    is_header: bool = False
    anchor: str | None = None


@dataclass(slots=True, eq=False)
class DraftCells:
    """The cells of a table as columns: one entry of each per cell, row by row, from left to right."""

    rows: list[int]
    columns: list[int]
    lines: list[list[Sequence[DraftWord]]]  # those that hold words
    is_ruled: list[bool]
    ruled: np.ndarray  # of the cells that are: rows of left, top, right, bottom
    row_spans: list[int]
    column_spans: list[int]
    is_header: list[bool]
    anchors: list[str | None]

    @staticmethod
    def of(cells: Sequence[DraftCell]) -> DraftCells:
        cells = sorted(cells, key=attrgetter("row", "column"))
        return DraftCells(
            [cell.row for cell in cells],
            [cell.column for cell in cells],
            [[line for line in cell.lines if len(line)] for cell in cells],
            [cell.box is not None for cell in cells],
            sides_of([cell.box for cell in cells if cell.box is not None]),
            [cell.row_span for cell in cells],
            [cell.column_span for cell in cells],
            [cell.is_header for cell in cells],
            [cell.anchor for cell in cells],
        )


@dataclass(slots=True)
class DraftTable:
    """A table, its cells drafted one by one or all at once (``columns``)."""

    row_count: int
    column_count: int
    cells: list[DraftCell] = field(default_factory=list)
    header_rows: int = 0
    is_continuation: bool = False  # goes on from the last table of the page before
    columns: DraftCells | None = None

    def in_columns(self) -> DraftCells:
        if self.columns is None:
            self.columns = DraftCells.of(self.cells)
        return self.columns


@dataclass(slots=True)
class DraftBlock:
    """A block: ``lines`` of words, or a ``table``. ``box`` only where the words do not tell it (a figure)."""

    kind: BlockKind
    lines: Sequence[Sequence[DraftWord]] = field(default_factory=list)
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
            box=rounded(draft.box) if draft.box else sheet.around(first_line, sheet.written),
            lines=tuple(range(first_line, sheet.written)),
            level=draft.level,
            table=table,
            key=draft.key,
            value=draft.value,
            anchor=draft.anchor,
        )

    def _table(self, number: int, draft: DraftTable, sheet: _Sheet) -> Table:
        drafts, first_line = draft.in_columns(), sheet.written
        counts = list(map(len, drafts.lines))
        texts = sheet.write_cells(counts, self.position)
        self._put("".join(chain.from_iterable(zip(_gaps(drafts.rows), texts, strict=True))))
        cells = build(
            Cell,
            len(texts),
            row=drafts.rows,
            column=drafts.columns,
            text=texts,
            page=number,
            box=_cell_boxes(drafts, sheet, counts, first_line),
            words=sheet.words_of(counts, first_line),
            row_span=drafts.row_spans,
            column_span=drafts.column_spans,
            is_header=drafts.is_header,
            anchor=drafts.anchors,
        )
        return Table(draft.row_count, draft.column_count, tuple(cells), draft.header_rows, draft.is_continuation)

    def _write_lines(self, lines: Sequence[Sequence[DraftWord]], sheet: _Sheet) -> None:
        is_first = True
        for line in lines:
            if not line:
                continue
            if not is_first:
                self._put("\n")
            is_first = False
            self._put(sheet.write_line(self.position))

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.position += len(text)


class _Sheet:
    """One page being written: its drafted words and lines in writing order, their boxes all made at once."""

    def __init__(self, draft: DraftPage) -> None:
        found = [line for block in draft.blocks for line in _written_lines(block)]
        sizes = list(map(len, found))
        words = _in_writing_order(list(compress(found, sizes)))
        self._columns, self._glued = words.columns, words.glued
        self._firsts = [0, *accumulate(filter(None, sizes))]  # of each line, and behind the last
        self._texts = _line_texts(self._columns.texts, self._glued, self._firsts)
        self._starts: list[int] = []  # of the lines written so far, in the text
        self.lines = _lines(words.columns.sides, self._firsts)

    @property
    def written(self) -> int:
        """Lines."""
        return len(self._starts)

    def write_line(self, position: int) -> str:
        """The text of the next line, which is to stand at ``position``."""
        self._starts.append(position)
        return self._texts[len(self._starts) - 1]

    def write_cells(self, counts: list[int], position: int) -> list[str]:
        """The texts of cells of so many lines, which are to stand at ``position``, one character between them."""
        texts: list[str] = []
        line = self.written
        if counts.count(1) == len(counts):  # as nearly always in sheets
            texts = self._texts[line : line + len(counts)]
            self._starts += [*accumulate([len(text) + 1 for text in texts], initial=position)][:-1]
            return texts
        for count in counts:
            text = self._texts[line] if count == 1 else " ".join(self._texts[line : line + count])
            texts.append(text)
            start = position
            for number in range(line, line + count):
                self._starts.append(start)
                start += len(self._texts[number]) + 1
            position += len(text) + 1
            line += count
        return texts

    def words_of(self, counts: list[int], first_line: int) -> list[tuple[int, ...]]:
        """Of cells of so many lines."""
        edges = picked(self._firsts, [*accumulate(counts, initial=first_line)])
        return [tuple(range(start, end)) for start, end in pairwise(edges)]

    def around(self, first_line: int, end: int) -> Box | None:
        """The box of these lines."""
        if end - first_line == 1:
            return self.lines[first_line].box
        return _around([line.box for line in self.lines[first_line:end]]) if end > first_line else None

    def words(self) -> Words:
        return Words(self._columns, *self._spans())

    def _spans(self) -> tuple[list[int], list[int]]:
        texts = self._columns.texts
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        steps = np.where(self._glued, lengths, lengths + 1)  # with the space before
        behind = np.cumsum(steps)
        firsts = np.array(self._firsts[:-1], dtype=np.int64)
        shift = np.array(self._starts, dtype=np.int64) - (behind - lengths)[firsts]
        ends = behind + np.repeat(shift, np.diff(self._firsts))
        return (ends - lengths).tolist(), ends.tolist()


def _in_writing_order(lines: list[Sequence[DraftWord]]) -> DraftWords:
    """The words of these lines one after the other. Neighbouring lines mostly are of the same words."""
    parts: list[DraftWords] = []
    for words, group in groupby(lines, key=lambda line: line.words if isinstance(line, DraftLine) else None):
        if words is None:
            parts.append(DraftWords.of(list(chain.from_iterable(group))))
        else:
            indexes = [line.indexes for line in group if isinstance(line, DraftLine)]
            parts.append(words.take(list(chain.from_iterable(indexes))))
    return parts[0] if len(parts) == 1 else DraftWords.joined(parts)


def _lines(sides: np.ndarray, firsts: list[int]) -> list[Line]:
    if len(firsts) < 2:
        return []
    low, high = np.minimum.reduceat(sides[:, :2], firsts[:-1]), np.maximum.reduceat(sides[:, 2:], firsts[:-1])
    return build(
        Line,
        len(firsts) - 1,
        box=boxes(np.concatenate((low, high), axis=1)),
        words=[tuple(range(a, b)) for a, b in pairwise(firsts)],
    )


def tidy(sides: np.ndarray) -> np.ndarray:
    """Boxes as rows, cut to the page and rounded.

    One by one, roundings would take longer than reading the words.
    """
    cut = np.round(sides.clip(0.0, 1.0), DIGITS)
    return np.concatenate((np.minimum(cut[:, :2], cut[:, 2:]), np.maximum(cut[:, :2], cut[:, 2:])), axis=1)


def _rounded_numbers(values: list[float | None], digits: int) -> list[float | None]:
    known = {value: None if value is None else round(value, digits) for value in set(values)}
    return [known[value] for value in values]


def _written_lines(block: DraftBlock) -> Iterable[Sequence[DraftWord]]:
    """In the order in which the writer comes to them: a block's table before its own lines."""
    if block.table is None:
        return block.lines
    return chain(chain.from_iterable(block.table.in_columns().lines), block.lines)


def _line_texts(words: list[str], glued: np.ndarray, firsts: list[int]) -> list[str]:
    if not glued.any():
        return [words[a] if b - a == 1 else " ".join(words[a:b]) for a, b in pairwise(firsts)]
    parts = [word if is_glued else f" {word}" for word, is_glued in zip(words, glued.tolist(), strict=True)]
    return [words[a] + "".join(parts[a + 1 : b]) for a, b in pairwise(firsts)]


def _gaps(rows: list[int]) -> list[str]:
    """What stands before each cell."""
    return ["", *["\t" if row == above else "\n" for above, row in pairwise(rows)]][: len(rows)]


def _cell_boxes(cells: DraftCells, sheet: _Sheet, counts: list[int], first_line: int) -> list[Box | None]:
    """Where each cell is ruled, else around its words."""
    ruled = boxes(tidy(cells.ruled))
    if len(ruled) == len(counts):
        return [*ruled]
    left, edges = iter(ruled), pairwise(accumulate(counts, initial=first_line))
    return [
        next(left) if is_ruled else sheet.around(*lines) for is_ruled, lines in zip(cells.is_ruled, edges, strict=True)
    ]


def _around(found: list[Box]) -> Box:
    return Box(
        min([box.left for box in found]),
        min([box.top for box in found]),
        max([box.right for box in found]),
        max([box.bottom for box in found]),
    )
