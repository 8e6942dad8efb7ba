"""A PDF page as pixels for the OCR, at the size the OCR reads best."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from fieldproof.parsing import ocr
from fieldproof.parsing.pdf import pdfium

_MIN_SIDE_PX = 32


class Sized(Protocol):
    """Anything that knows the page's size in points."""

    @property
    def width(self) -> float: ...

    @property
    def height(self) -> float: ...


def page_pixels(page: int, frame: Sized, dpi: int) -> np.ndarray:
    """height × width × 3, blue-green-red; never larger than the OCR would scale it down to."""
    scale = min(dpi / 72, ocr.MAX_SIDE_PX / max(frame.width, frame.height))
    width, height = (max(_MIN_SIDE_PX, round(side * scale)) for side in (frame.width, frame.height))
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    bitmap = pdfium.create_bitmap(width, height, pdfium.FORMAT_BGR, pixels.ctypes.data, width * 3)
    try:
        pdfium.fill_bitmap(bitmap, 0, 0, width, height, pdfium.WHITE)
        pdfium.render_page(bitmap, page, 0, 0, width, height, 0, pdfium.RENDER_ANNOTATIONS)
    finally:
        pdfium.destroy_bitmap(bitmap)
    return pixels
