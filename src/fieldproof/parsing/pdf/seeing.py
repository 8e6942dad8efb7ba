"""The proof that a word can be seen: the page looks different without it.

Two drawings settle what no list of objects tells for sure: clipped and switched-off text, covers of any
shape, covers that are themselves clipped or see-through, text on a picture of its own colour.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fieldproof.parsing.pdf import pdfium
from fieldproof.parsing.pdf.bitmap import Sized, page_pixels

_DPI = 72
_DPI_FOR_SMALL = 144
_SMALL_PT = 6.0
_STEP = 14  # of 255: closer than this no reader tells two colours apart


def are_seen(page: int, frame: Sized, text_objects: Sequence[int], boxes: np.ndarray) -> np.ndarray:
    """For each box (points: left, top, right, bottom) whether anything there is drawn by these text objects."""
    dpi = _DPI_FOR_SMALL if float((boxes[:, 3] - boxes[:, 1]).min()) < _SMALL_PT else _DPI
    before = page_pixels(page, frame, dpi)
    for address in text_objects:
        pdfium.set_active(address, 0)
    try:
        after = page_pixels(page, frame, dpi)
    finally:
        for address in text_objects:
            pdfium.set_active(address, 1)
    changed = cv2.integral((cv2.absdiff(before, after).max(axis=2) > _STEP).astype(np.uint8))
    height, width = before.shape[:2]
    places = boxes * [width / frame.width, height / frame.height, width / frame.width, height / frame.height]
    left, top = np.floor(places[:, 0]).clip(0, width), np.floor(places[:, 1]).clip(0, height)
    right, bottom = np.ceil(places[:, 2]).clip(0, width), np.ceil(places[:, 3]).clip(0, height)
    x0, y0, x1, y1 = (side.astype(np.int64) for side in (left, top, right, bottom))
    return (changed[y1, x1] - changed[y0, x1] - changed[y1, x0] + changed[y0, x0]) > 0
