"""A picture of a page as a page: OCR words placed on it, ready for layout."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fieldproof.core.document import WordSource
from fieldproof.core.words import WordColumns
from fieldproof.parsing import ocr
from fieldproof.parsing.assembly import CONFIDENCE_DIGITS, DraftWords, tidy
from fieldproof.parsing.layout import PageLayer

_LEVEL_ENOUGH = 0.1  # degrees


@dataclass(frozen=True, slots=True)
class Scan:
    layer: PageLayer
    confidence: float  # in [0, 1]
    is_unreadable: bool  # there was writing, and none of it could be read


def read(picture: np.ndarray, width_pt: float, height_pt: float) -> Scan:
    """The words in the picture of a page of this size.

    Words are boxed where they stand on the page; the layer's own boxes are of the lines brought level.
    """
    page = ocr.read(picture)
    words = [word for line in page.lines for word in line]
    scale = np.array([width_pt / picture.shape[1], height_pt / picture.shape[0]])
    corners = np.array([word.corners for word in words], dtype=np.float64).reshape(-1, 4, 2) * scale
    shares = tidy(_boxes(corners) / [width_pt, height_pt, width_pt, height_pt])
    columns = WordColumns(
        texts=[word.text for word in words],
        sides=shares,
        confidences=[round(word.confidence, CONFIDENCE_DIGITS) for word in words],
        sources=[WordSource.OCR] * len(words),
        font_sizes=[None] * len(words),
        is_bold=[False] * len(words),
        anchors=[None] * len(words),
    )
    layer = PageLayer(
        words=DraftWords(columns, np.array([word.is_glued for word in words], dtype=bool)),
        boxes=_boxes(_level(corners, page.skew)),
        breaks=np.array([index == 0 for line in page.lines for index in range(len(line))], dtype=bool),
        angles=_directions(corners),
        width=width_pt,
        height=height_pt,
        has_stream_order=False,
    )
    return Scan(layer, page.confidence, is_unreadable=not words and page.unread > 0)


def _boxes(corners: np.ndarray) -> np.ndarray:
    return np.concatenate((corners.min(axis=1), corners.max(axis=1)), axis=1)


def _level(corners: np.ndarray, skew: float) -> np.ndarray:
    """Turned back by the skew about the page's origin; only relative places matter for layout."""
    if abs(skew) < _LEVEL_ENOUGH:
        return corners
    angle = math.radians(-skew)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return corners @ turn


def _directions(corners: np.ndarray) -> np.ndarray:
    """Of the writing: degrees counter-clockwise, to the nearest quarter turn."""
    along = corners[:, 1] - corners[:, 0]
    degrees = np.degrees(np.arctan2(-along[:, 1], along[:, 0]))
    return (np.round(degrees / 90).astype(np.int64) * 90) % 360
