"""Whether a scan's text layer says what the picture shows.

Such a layer cannot be seen, so it could say anything. Two questions, cheap before dear: is there ink where it
claims words, and do a few of its lines read the same when the OCR reads them?
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import cv2
import numpy as np
from rapidfuzz import fuzz

from fieldproof.parsing import ocr

_INK_SHARE = (0.02, 0.9)  # of a word's box: less is paper, more is a black bar
_AGREEMENT = 0.6  # the share of words that must stand on ink
_SAMPLES = 4
_MIN_CHARACTERS = 8
_MIN_SCORE = 0.75  # below, the OCR is too unsure itself to contradict
_KEPT = re.compile(r"[^\w]+")


def stands_on_ink(pixels: np.ndarray, boxes: np.ndarray) -> bool:
    """``boxes``: left, top, right, bottom as shares of the picture."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    sums = cv2.integral(ink)
    height, width = grey.shape
    places = np.rint(boxes * [width, height, width, height]).astype(np.int64)
    left, right = places[:, 0].clip(0, width - 1), places[:, 2].clip(1, width)
    top, bottom = places[:, 1].clip(0, height - 1), places[:, 3].clip(1, height)
    area = np.maximum(1, (right - left) * (bottom - top))
    share = (sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]) / area
    return float(((share > _INK_SHARE[0]) & (share < _INK_SHARE[1])).mean()) >= _AGREEMENT


def similarity(pixels: np.ndarray, lines: Sequence[tuple[str, np.ndarray]]) -> float | None:
    """How alike layer and picture read over a few lines (text, box as shares), in [0, 1]; None when nobody can tell."""
    long = [(text, box) for text, box in lines if len(text) >= _MIN_CHARACTERS]
    if not long:
        return None
    chosen = [long[round(i * (len(long) - 1) / max(1, _SAMPLES - 1))] for i in range(min(_SAMPLES, len(long)))]
    height, width = pixels.shape[:2]
    quads = np.array([_quad(box * [width, height, width, height]) for _, box in chosen], dtype=np.float32)
    alike = [
        fuzz.ratio(_bare(text), _bare(read)) / 100
        for (text, _), (read, score) in zip(chosen, ocr.read_lines(pixels, quads), strict=True)
        if score >= _MIN_SCORE
    ]
    return float(np.median(alike)) if alike else None


def _quad(box: np.ndarray) -> list[tuple[float, float]]:
    left, top, right, bottom = box.tolist()
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _bare(text: str) -> str:
    return _KEPT.sub("", text).casefold()
