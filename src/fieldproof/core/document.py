"""The parsed document: what every parser returns and every engine reads.

One location model serves all formats. Formats without pages of their own (Word, sheets,
mail, text) are laid out on *virtual pages* by the parser, so that every word has a page and
a box; the native place (``Sheet1!B7``, ``paragraph 12``, ``slide 3/shape 4``) rides along as
the ``anchor``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fieldproof.core.geometry import Box


class WordSource(StrEnum):
    TEXT = "text"  # the file's own text
    OCR = "ocr"
    FORM = "form"  # a form field's value


class PageSource(StrEnum):
    TEXT = "text"
    OCR = "ocr"
    MIXED = "mixed"
    LAYOUT = "layout"  # a virtual page that the parser laid out itself
    NONE = "none"  # nothing readable on it


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    KEY_VALUE = "key_value"
    FIGURE = "figure"
    HEADER = "header"
    FOOTER = "footer"


class FailureCode(StrEnum):
    """Why a document could not be parsed: the closed list."""

    ENCRYPTED = "encrypted"
    CORRUPT = "corrupt"
    EMPTY = "empty"
    UNSUPPORTED = "unsupported"
    TYPE_MISMATCH = "type_mismatch"
    LIMIT_EXCEEDED = "limit_exceeded"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    NO_TEXT = "no_text"
    CANCELLED = "cancelled"


REMEDIES: dict[FailureCode, str] = {
    FailureCode.ENCRYPTED: "The file is protected by a password. Remove the protection and upload it again.",
    FailureCode.CORRUPT: "The file is damaged and could not be read. Export or scan it again and upload the new copy.",
    FailureCode.EMPTY: "The file has no content. Check that the right file was uploaded.",
    FailureCode.UNSUPPORTED: "This kind of file cannot be read. Convert it to PDF and upload that.",
    FailureCode.TYPE_MISMATCH: "The content is not what the file's type says. Upload it with its true type, or as PDF.",
    FailureCode.LIMIT_EXCEEDED: "The file is larger than the limits allow. Split it, or raise the limit in the settings.",
    FailureCode.TIMEOUT: "Reading the file took too long and was stopped. Split it, or raise the time limit.",
    FailureCode.OUT_OF_MEMORY: "Reading the file needed too much memory. Split it, or raise the memory limit.",
    FailureCode.CRASHED: "The reader broke down on this file. Convert it to a fresh PDF and upload that.",
    FailureCode.NO_TEXT: "No readable text was found. Scan it again with a higher resolution, upright and in focus.",
    FailureCode.CANCELLED: "It was cancelled. Start it again when you want it.",
}


@dataclass(frozen=True, slots=True)
class Word:
    """One visible word. ``start`` and ``end`` are its half-open span in ``ParsedDocument.text``."""

    text: str
    box: Box
    start: int
    end: int
    confidence: float | None = None  # [0, 1]; None where the source gives none (a text layer)
    source: WordSource = WordSource.TEXT
    font_size: float | None = None  # points
    is_bold: bool = False
    anchor: str | None = None  # native place: "Sheet1!B7", "p12", "slide 3/shape 4"


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand on one baseline without a column gap; ``words`` index into ``Page.words``."""

    box: Box
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell, rows and columns from 0; ``words`` index into the words of page ``page``."""

    row: int
    column: int
    text: str
    page: int
    box: Box | None
    words: tuple[int, ...] = ()
    row_span: int = 1
    column_span: int = 1
    is_header: bool = False
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    row_count: int
    column_count: int
    cells: tuple[Cell, ...]
    header_rows: int = 0
    is_continuation: bool = False  # goes on from the last table of the page before


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page in reading order. ``start:end`` is its span in the document's text."""

    kind: BlockKind
    text: str
    start: int
    end: int
    box: Box | None = None
    lines: tuple[int, ...] = ()  # indexes into Page.lines
    level: int | None = None  # of a heading, from 1
    table: Table | None = None
    key: str | None = None  # of a key-value block (a form field)
    value: str | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page, numbered from 1. Sizes in points after rotation."""

    number: int
    width_pt: float
    height_pt: float
    words: Sequence[Word]  # a tuple, or core/words.py's columns that are to their readers what a tuple is
    lines: tuple[Line, ...]
    blocks: tuple[Block, ...]
    source: PageSource = PageSource.TEXT
    rotation: int = 0  # degrees clockwise that were undone: 0, 90, 180 or 270
    grade: float = 1.0  # how far the text can be trusted, [0, 1]
    anchor: str | None = None  # "Sheet1", "slide 3"


@dataclass(frozen=True, slots=True)
class HiddenText:
    """Text that the file holds and a reader cannot see. Never extracted, never searched."""

    text: str
    reason: str  # "colour", "size", "covered", "off_page", "render_mode", "vanish", "hidden_sheet", …
    page: int | None = None
    box: Box | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the file."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A whole document. ``text`` is the visible text in reading order; spans point into it."""

    media_type: str
    text: str
    pages: tuple[Page, ...]
    languages: tuple[str, ...] = ()
    hidden: tuple[HiddenText, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    warnings: tuple[str, ...] = ()
    properties: dict[str, Any] = field(default_factory=dict)  # title, author, subject: JSON values

    def page(self, number: int) -> Page:
        return self.pages[number - 1]


@dataclass(frozen=True, slots=True)
class ChunkBlock:
    """A block as the chunk contract has it; ``meta['bbox']`` is [left, top, right, bottom]."""

    block_id: str
    type: str  # heading | paragraph | list | key_value | table | table_row | figure | header | footer
    content: str
    page: int
    meta: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chunk:
    """One page's worth of blocks (or a part of a very long page)."""

    index: int
    blocks: tuple[ChunkBlock, ...]
    first_page: int
    last_page: int
    content: str
    start: int  # span in the document's text
    end: int
    token_count: int
