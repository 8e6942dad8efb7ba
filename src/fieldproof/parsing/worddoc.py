"""Word 97–2003 documents (.doc) without LibreOffice: text, tables, headings and hidden runs, on virtual pages.

The text lies in pieces; formatting lies in pages of 512 bytes that are keyed by the text's place in the
file. Only what decides what a reader sees is looked up. Source: MS-DOC.
"""

from __future__ import annotations

import functools
import re
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import olefile

from fieldproof.core.document import BlockKind, FailureCode
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing import ole
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.flow import Eye
from fieldproof.parsing.grids import Grid, GridCell
from fieldproof.parsing.typeset import FlowItem, PageBreak, Paragraph
from fieldproof.parsing.visibility import SMALLEST_PT
from fieldproof.parsing.wrapping import Run

WORD_97 = 0x00C1
ENCRYPTED, COMPLEX, SECOND_TABLE = 0x0100, 0x0004, 0x0200
PAGE_BYTES = 512
MAX_PIECES = 200_000
MAX_COLUMNS = 100

_OPERAND_BYTES = (1, 1, 2, 4, 2, 2, -1, 3)  # by the top three bits of a property's id; -1: said by the next byte
_MARK = re.compile("([\x00-\x1f])")


@dataclass(frozen=True, slots=True)
class _Look:
    is_bold: bool = False
    is_deleted: bool = False
    hidden: str | None = None


@dataclass(frozen=True, slots=True)
class _Shape:
    """A paragraph's formatting."""

    style: int = 0
    is_row_end: bool = False


_PLAIN_LOOK, _PLAIN_SHAPE = _Look(), _Shape()


def flow(path: Path, config: ParseConfig, eye: Eye) -> Iterator[FlowItem]:
    """The document as a flow; anchors are "p12" and "t3/r2c1". Raises ParsingFailed."""
    with ole.opened(path) as container:
        main = _stream(container, "WordDocument", config)
        table = _stream(container, "1Table" if _short(main, 0x0A) & SECOND_TABLE else "0Table", config)
        return iter(_Reader(_Document(main, table), eye).run())


def refuse_encrypted(path: Path) -> None:
    """Raises ParsingFailed for a document behind a password."""
    with ole.opened(path) as container:
        if not container.exists("WordDocument"):
            return
        head = container.openstream("WordDocument").read(64)
    if len(head) >= 12 and _short(head, 0x0A) & ENCRYPTED:
        raise ParsingFailed(FailureCode.ENCRYPTED)


def _stream(container: olefile.OleFileIO, name: str, config: ParseConfig) -> bytes:
    if not container.exists(name):
        return b""
    if container.get_size(name) > config.max_unpacked_bytes:
        raise ParsingFailed(FailureCode.LIMIT_EXCEEDED)
    return container.openstream(name).read()


def _short(content: bytes, at: int) -> int:
    return struct.unpack_from("<H", content, at)[0]


def _long(content: bytes, at: int) -> int:
    return struct.unpack_from("<I", content, at)[0]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text with one look; ``offset`` is where it lies in the file, ``width`` how many bytes a character takes."""

    text: str
    look: _Look
    offset: int
    width: int


class _Document:
    """The two streams of a document: pieces of text and the formatting of places."""

    def __init__(self, main: bytes, table: bytes) -> None:
        if len(main) < 0x60 or _short(main, 0) not in (0xA5EC, 0xA5DC):
            raise ParsingFailed(FailureCode.CORRUPT, "The document has no readable head.")
        self._main = main
        self._table = table
        self._is_old = _short(main, 2) < WORD_97
        self._looks = _Formats([])
        self._shapes = _Formats([])
        if not self._is_old:
            self._looks = _Formats(list(self._entries(0xFA, _look_content)))
            self._shapes = _Formats(list(self._entries(0x102, _shape_content)))

    def parts(self) -> Iterator[tuple[str, list[_Piece]]]:
        """The document's stories by name: the text, footnotes, headers."""
        if self._is_old:
            start, length = _long(self._main, 0x18), _long(self._main, 0x34)
            yield "text", list(self._styled(self._main[start : start + length].decode("cp1252", "replace"), start, 1))
            return
        lengths = [_long(self._main, at) for at in (0x4C, 0x50, 0x54)]
        start = 0
        pieces = self._pieces()
        for name, length in zip(("text", "footnote", "header"), lengths, strict=True):
            yield name, [piece for raw in pieces for piece in self._part(raw, start, start + length)]
            start += length

    def shape(self, offset: int) -> _Shape:
        content, _ = self._shapes.at(offset)
        return _shape(content)

    def _pieces(self) -> list[tuple[int, int, int, int]]:
        """First and last character position, place in the file, and bytes for each character."""
        at, size = _long(self._main, 0x1A2), _long(self._main, 0x1A6)
        end = min(at + size, len(self._table))
        while at < end and self._table[at] == 1:
            at += 3 + _short(self._table, at + 1)
        if at >= end or self._table[at] != 2:
            raise ParsingFailed(FailureCode.CORRUPT, "The document has no table of pieces.")
        count = min((_long(self._table, at + 1) - 4) // 12, MAX_PIECES)
        at += 5
        positions = struct.unpack_from(f"<{count + 1}I", self._table, at)
        found: list[tuple[int, int, int, int]] = []
        for number in range(count):
            place = _long(self._table, at + 4 * (count + 1) + 8 * number + 2)
            width = 1 if place & 0x40000000 else 2
            place = (place & 0x3FFFFFFF) // 2 if width == 1 else place & 0x3FFFFFFF
            if positions[number] < positions[number + 1]:
                found.append((positions[number], positions[number + 1], place, width))
        return found

    def _part(self, raw: tuple[int, int, int, int], start: int, end: int) -> Iterator[_Piece]:
        first, last, place, width = raw
        first_here, last_here = max(first, start), min(last, end)
        if first_here >= last_here:
            return
        place += (first_here - first) * width
        content = self._main[place : place + (last_here - first_here) * width]
        yield from self._styled(content.decode("cp1252" if width == 1 else "utf-16-le", "replace"), place, width)

    def _styled(self, text: str, place: int, width: int) -> Iterator[_Piece]:
        """The text cut where its look changes."""
        at = 0
        while at < len(text):
            content, until = self._looks.at(place + at * width)
            end = len(text) if until is None else min(len(text), max(at + 1, -(-(until - place) // width)))
            yield _Piece(text[at:end], _look(content), place + at * width, width)
            at = end

    def _entries(self, at: int, content_of: Callable[[bytes, int], bytes]) -> Iterator[tuple[int, int, bytes]]:
        """Start, end and properties of every run of formatting that the index at ``at`` leads to."""
        place, size = _long(self._main, at), _long(self._main, at + 4)
        count = (size - 4) // 8
        if count <= 0 or place + size > len(self._table):
            return
        for number in range(count):
            page = (_long(self._table, place + 4 * (count + 1) + 4 * number) & 0x3FFFFF) * PAGE_BYTES
            content = self._main[page : page + PAGE_BYTES]
            if len(content) == PAGE_BYTES:
                yield from _page_entries(content, content_of)


class _Formats:
    """Runs of formatting in the order of their places in the file."""

    def __init__(self, entries: list[tuple[int, int, bytes]]) -> None:
        self._entries = sorted(entries)
        self._starts = [start for start, _, _ in self._entries]

    def at(self, place: int) -> tuple[bytes, int | None]:
        """The properties at a place, and where they may change (None: nowhere further on)."""
        number = bisect_right(self._starts, place) - 1
        if number >= 0 and place < self._entries[number][1]:
            return self._entries[number][2], self._entries[number][1]
        following = self._starts[number + 1] if number + 1 < len(self._starts) else None
        return b"", following


def _page_entries(page: bytes, content_of: Callable[[bytes, int], bytes]) -> Iterator[tuple[int, int, bytes]]:
    count = page[PAGE_BYTES - 1]
    width = 1 if content_of is _look_content else 13
    if (count + 1) * 4 + count * width > PAGE_BYTES:
        return
    for number in range(count):
        start, end = struct.unpack_from("<2I", page, 4 * number)
        offset = page[4 * (count + 1) + width * number] * 2
        if start < end:
            yield start, end, content_of(page, offset) if offset else b""


def _look_content(page: bytes, offset: int) -> bytes:
    return page[offset + 1 : offset + 1 + page[offset]]


def _shape_content(page: bytes, offset: int) -> bytes:
    """A paragraph's style number and properties."""
    size = page[offset]
    if size:
        return page[offset + 1 : offset + 2 * size]
    return page[offset + 2 : offset + 2 + 2 * page[offset + 1]] if offset + 1 < PAGE_BYTES else b""


def _properties(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(content):
        property_id = _short(content, at)
        at += 2
        size = _OPERAND_BYTES[property_id >> 13]
        if size < 0:
            if at >= len(content):
                return
            size = content[at] + 1
        yield property_id, content[at : at + size]
        at += size


@functools.lru_cache(maxsize=4096)
def _look(content: bytes) -> _Look:
    is_bold = is_deleted = is_vanished = False
    size_pt = 12.0
    for property_id, operand in _properties(content):
        if not operand:
            continue
        match property_id:
            case 0x0835:  # sprmCFBold
                is_bold = operand[0] in (1, 0x81)
            case 0x083C:  # sprmCFVanish
                is_vanished = operand[0] in (1, 0x81)
            case 0x0800:  # sprmCFRMarkDel
                is_deleted = operand[0] == 1
            case 0x4A43 if len(operand) == 2:  # sprmCHps
                size_pt = _short(operand, 0) / 2
            case _:
                pass
    hidden = "vanish" if is_vanished else "size" if size_pt < SMALLEST_PT else None
    return _Look(is_bold, is_deleted, hidden)


@functools.lru_cache(maxsize=4096)
def _shape(content: bytes) -> _Shape:
    if len(content) < 2:
        return _PLAIN_SHAPE
    is_row_end = any(
        property_id == 0x2417 and operand[:1] == b"\x01" for property_id, operand in _properties(content[2:])
    )
    return _Shape(_short(content, 0), is_row_end)


class _Reader:
    """Turns pieces into paragraphs and grids at their marks."""

    def __init__(self, source: _Document, eye: Eye) -> None:
        self._source = source
        self._eye = eye
        self._items: list[FlowItem] = []
        self._runs: list[Run] = []
        self._fields: list[bool] = []  # for every open field: whether its instruction is being read
        self._cells: list[list[Run]] = []
        self._rows: list[list[list[Run]]] = []
        self._paragraphs = 0
        self._tables = 0
        self._story = "text"

    def run(self) -> list[FlowItem]:
        for story, pieces in self._source.parts():
            self._story = story
            for piece in pieces:
                self._read(piece)
            self._end_paragraph(_PLAIN_SHAPE)
            self._end_table()
            self._fields.clear()
        return self._items

    def _read(self, piece: _Piece) -> None:
        at = 0
        for part in _MARK.split(piece.text):
            if part and part < " " and len(part) == 1:
                self._mark(part, piece, at)
            elif part:
                self._show(part, piece.look)
            at += len(part)

    def _mark(self, mark: str, piece: _Piece, at: int) -> None:
        match mark:
            case "\r":
                self._end_paragraph(self._source.shape(piece.offset + at * piece.width))
            case "\x07":
                self._end_cell(self._source.shape(piece.offset + at * piece.width))
            case "\x0c":
                self._end_paragraph(self._source.shape(piece.offset + at * piece.width))
                self._items.append(PageBreak())
            case "\x13":
                self._fields.append(True)
            case "\x14":
                if self._fields:
                    self._fields[-1] = False
            case "\x15":
                if self._fields:
                    self._fields.pop()
            case "\t":
                self._show("\t", piece.look)
            case "\x0b":
                self._show("\n", piece.look)
            case "\x1e":
                self._show("-", piece.look)
            case _:
                pass

    @property
    def _anchor(self) -> str:
        if self._cells or self._rows:
            return f"t{self._tables + 1}/r{len(self._rows) + 1}c{len(self._cells) + 1}"
        return f"p{self._paragraphs + 1}" if self._story == "text" else f"{self._story} {self._paragraphs + 1}"

    def _show(self, text: str, look: _Look) -> None:
        if any(self._fields) or look.is_deleted:
            return
        if look.hidden:
            self._eye.hide(text, look.hidden, self._anchor)
            return
        text = self._eye.see(text, self._anchor)
        if self._runs and self._runs[-1].is_bold == look.is_bold:
            self._runs[-1].text += text
        else:
            self._runs.append(Run(text, look.is_bold))

    def _end_paragraph(self, shape: _Shape) -> None:
        runs, self._runs = self._runs, []
        if self._cells:  # a paragraph that is not its cell's last
            self._runs = [*runs, Run("\n")] if runs else []
            return
        if not any(run.text.strip() for run in runs):
            return
        if self._rows:
            self._end_table()
        anchor = self._anchor
        self._paragraphs += 1
        if self._story == "header":
            self._items.append(Paragraph(runs, BlockKind.HEADER, anchor=anchor))
        elif 1 <= shape.style <= 9:  # the styles of headings have fixed numbers
            self._items.append(Paragraph(runs, BlockKind.HEADING, shape.style, anchor))
        else:
            self._items.append(Paragraph(runs, anchor=anchor))

    def _end_cell(self, shape: _Shape) -> None:
        if shape.is_row_end:
            self._rows.append(self._cells)
            self._cells = []
        elif len(self._cells) < MAX_COLUMNS:
            self._cells.append(self._runs)
        self._runs = []

    def _end_table(self) -> None:
        rows = [*self._rows, self._cells] if self._cells else self._rows
        self._rows, self._cells = [], []
        if not rows:
            return
        self._tables += 1
        anchor = f"t{self._tables}"
        cells = [
            GridCell(row, column, runs, anchor=f"{anchor}/r{row + 1}c{column + 1}")
            for row, line in enumerate(rows)
            for column, runs in enumerate(line)
        ]
        self._items.append(Grid(len(rows), max(map(len, rows)), cells, anchor=anchor))
