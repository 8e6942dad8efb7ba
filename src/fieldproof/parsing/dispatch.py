"""Which reader takes a file, and what a reader is.

A reader is a module of this room with ``parse(path, config, kind) -> ParsedDocument``. Its pages are
either the file's own (PDF, images), then the module also has ``render``, or virtual pages that
typeset.py laid out and can draw again.
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Protocol, cast

from fieldproof.core.document import FailureCode, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.filetype import GIF, Category, FileType, sniff
from fieldproof.parsing.language import languages_of

_READERS = {
    Category.PDF: "pdf",
    Category.IMAGE: "image",
    Category.WORD: "word",
    Category.SLIDES: "slides",
    Category.SHEET: "sheet",
    Category.OPENDOCUMENT: "opendocument",
    Category.LEGACY: "legacy",
    Category.MAIL: "mail",
    Category.HTML: "html",
    Category.TEXT: "text",
}
_HAVE_OWN_PAGES = (Category.PDF, Category.IMAGE)
_REFUSALS = {
    Category.EMPTY: FailureCode.EMPTY,
    Category.ENCRYPTED: FailureCode.ENCRYPTED,
    Category.OVERSIZED: FailureCode.LIMIT_EXCEEDED,
}
_PAGE_EXTENSIONS = frozenset((".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"))
_OFFICE_EXTENSIONS = frozenset(
    (
        ".docx",
        ".docm",
        ".pptx",
        ".pptm",
        ".xlsx",
        ".xlsm",
        ".xlsb",
        ".xls",
        ".doc",
        ".ppt",
        ".odt",
        ".ods",
        ".odp",
        ".msg",
    )
)


class Reader(Protocol):
    def parse(self, path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument: ...


class PageReader(Reader, Protocol):
    def page_count(self, path: Path, config: ParseConfig, kind: FileType) -> int: ...

    def render(self, path: Path, page_number: int, width_px: int, config: ParseConfig) -> bytes: ...


def parse(path: Path, config: ParseConfig, filename: str | None = None) -> ParsedDocument:
    """The document at ``path``, read by what it contains. Raises ParsingFailed."""
    kind = admit(path, filename)
    if config.pages is not None and kind.category not in _HAVE_OWN_PAGES:
        raise ValueError("Only a PDF or a picture can be read in parts.")
    with _no_collection():
        document = _reader(kind).parse(path, config, kind)
    return document if document.languages else replace(document, languages=languages_of(document.text))


def page_count(path: Path, config: ParseConfig, filename: str | None = None) -> int | None:
    """How many pages the file has; None for a file that has none of its own and is read at once. Raises ParsingFailed."""
    kind = admit(path, filename)
    if kind.category not in _HAVE_OWN_PAGES:
        return None
    return cast(PageReader, _reader(kind)).page_count(path, config, kind)


def render(path: Path, page_number: int, width_px: int, config: ParseConfig, filename: str | None = None) -> bytes:
    """A WebP picture of one page, numbered from 1. Raises ParsingFailed."""
    kind = admit(path, filename)
    if kind.category in _HAVE_OWN_PAGES:
        return cast(PageReader, _reader(kind)).render(path, page_number, width_px, config)
    from fieldproof.parsing import typeset  # draws with Pillow: not needed for parsing

    return typeset.draw(_reader(kind).parse(path, config, kind).page(page_number), width_px)


def admit(path: Path, filename: str | None = None) -> FileType:
    """The file's type when there is a reader for it; otherwise raises ParsingFailed.

    A file is read by its content whatever its name says (a CSV called .xls is everyday life), except
    where the name cannot be a mistake: markup or a GIF that calls itself a PDF or another picture, or
    an archive that calls itself an office document.
    """
    kind = sniff(path, filename)
    extension = PurePath(filename or path.name).suffix.lower()
    if kind.category in _REFUSALS:
        raise ParsingFailed(_REFUSALS[kind.category])
    if _is_disguised(kind, extension):
        raise ParsingFailed(FailureCode.TYPE_MISMATCH)
    if _is_broken(kind, extension):
        raise ParsingFailed(FailureCode.CORRUPT)
    if kind.category not in _READERS:
        raise ParsingFailed(FailureCode.UNSUPPORTED)
    return kind


def _is_disguised(kind: FileType, extension: str) -> bool:
    if kind.category is Category.HTML or kind == GIF:
        return extension in _PAGE_EXTENSIONS
    return kind.category is Category.UNSUPPORTED and extension in _PAGE_EXTENSIONS | _OFFICE_EXTENSIONS


def _is_broken(kind: FileType, extension: str) -> bool:
    """A PDF or picture without its signature, an office file that is neither ZIP nor OLE nor text."""
    if kind.category is Category.TEXT:
        return extension in _PAGE_EXTENSIONS
    return kind.category is Category.UNKNOWN and extension in _PAGE_EXTENSIONS | _OFFICE_EXTENSIONS


@contextmanager
def _no_collection() -> Iterator[None]:
    """A parse makes a million small objects and no cycles worth finding; searching for them takes a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _reader(kind: FileType) -> Reader:
    # Imported when needed: a child that reads a text file need not load the OCR.
    return cast(Reader, importlib.import_module(f"fieldproof.parsing.{_READERS[kind.category]}"))
