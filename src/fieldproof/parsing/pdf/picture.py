"""Pictures of PDF pages."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
from PIL import Image

from fieldproof.core.document import FailureCode
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.pdf.reader import opened
from fieldproof.parsing.picture import MAX_PICTURE_PIXELS, webp


def render(path: Path, page_number: int, width_px: int, config: ParseConfig) -> bytes:
    """A WebP picture of one page, form fields drawn, as wide as asked unless that were too large."""
    with opened(path) as document:  # the same doors as for parsing: repair, and codes for what cannot be opened
        source = path if document.content is None else document.content
    try:
        with pypdfium2.PdfDocument(source) as pdf:
            if not 1 <= page_number <= len(pdf):
                raise ParsingFailed(FailureCode.CORRUPT, f"There is no page {page_number}.")
            pdf.init_forms()
            return webp(page_picture(pdf[page_number - 1], width_px))
    except pypdfium2.PdfiumError as error:
        raise ParsingFailed(FailureCode.CORRUPT) from error


def page_picture(page: pypdfium2.PdfPage, width_px: int) -> Image.Image:
    """The page with its rotation applied; never more than ``MAX_PICTURE_PIXELS``, however long it is."""
    width, height = page.get_size()
    scale = width_px / max(width, 1.0)
    scale *= min(1.0, (MAX_PICTURE_PIXELS / max(1.0, width * height * scale * scale)) ** 0.5)
    return page.render(scale=scale, may_draw_forms=True).to_pil()
