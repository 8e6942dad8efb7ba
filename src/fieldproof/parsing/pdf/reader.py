"""A PDF's pages, read with PDFium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from fieldproof.core.document import FailureCode, PageSource, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.core.geometry import Box
from fieldproof.parsing import layout
from fieldproof.parsing.assembly import DraftPage, DraftWord, assemble
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.filetype import FileType
from fieldproof.parsing.pdf import pdfium
from fieldproof.parsing.pdf.words import FontBook, PageText, read_words

_FAILURES = {
    pdfium.ERROR_PASSWORD: FailureCode.ENCRYPTED,
    pdfium.ERROR_SECURITY: FailureCode.ENCRYPTED,
}


def parse(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    """The document; raises ParsingFailed."""
    with opened(path) as document:
        count = pdfium.page_count(document)
        if count == 0:
            raise ParsingFailed(FailureCode.CORRUPT)
        if count > config.max_pages:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"The document has {count} pages.")
        fonts = FontBook()
        pages = [_page(document, index, fonts, config) for index in range(count)]
    layout.mark_roles(pages)
    return assemble(kind.media_type, pages)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """The address of the open document."""
    document = pdfium.load_document(str(path).encode(), None)
    if not document:
        raise ParsingFailed(_FAILURES.get(pdfium.last_error(), FailureCode.CORRUPT))
    try:
        yield document
    finally:
        pdfium.close_document(document)


def _page(document: int, index: int, fonts: FontBook, config: ParseConfig) -> DraftPage:
    page = pdfium.load_page(document, index)
    if not page:
        return DraftPage(612, 792, source=PageSource.NONE, grade=0.0)
    try:
        text = read_words(page, fonts, config.max_words)
    finally:
        pdfium.close_page(page)
    return DraftPage(text.width, text.height, blocks=layout.plain_blocks(_layer(text)), rotation=text.rotation)


def _layer(text: PageText) -> layout.PageLayer:
    scale = np.array([text.width, text.height, text.width, text.height])
    shares = np.round((text.boxes / scale).clip(0.0, 1.0), 5).tolist()
    words = [
        DraftWord(word, Box(*box), font_size=style.size_pt, is_bold=style.is_bold, is_glued=glued)
        for word, box, style, glued in zip(text.texts, shares, text.styles, text.glued.tolist(), strict=True)
    ]
    angles = np.array([style.angle for style in text.styles], dtype=np.int64)
    return layout.PageLayer(words, text.boxes, text.breaks, angles, text.width, text.height)
