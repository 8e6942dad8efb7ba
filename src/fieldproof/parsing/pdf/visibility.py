"""Which words a reader of the page can see.

A word is hidden when it is drawn in no mode, in its background's colour, too small, off the page or under something
opaque. Text under or over a page-wide picture is a scan's OCR layer: it stands for what the picture shows.
"""

from __future__ import annotations

import ctypes
from itertools import groupby

import numpy as np

from fieldproof.core.document import HiddenText
from fieldproof.core.geometry import Box, clamped, union
from fieldproof.parsing.assembly import rounded
from fieldproof.parsing.pdf import pdfium
from fieldproof.parsing.pdf.objects import PageObjects, Picture
from fieldproof.parsing.pdf.words import PageText, Style

MIN_SIZE_PT = 2.0
SCAN_SHARE = 0.5  # of the page a picture must cover to be a scan
_COLOUR_STEP = 14  # of 255: closer than this no reader tells apart
_WHITE = (255, 255, 255)
_INVISIBLE_MODES = (3, 7)
_COVERED_SHARE = 0.9


def hidden_reasons(text: PageText, objects: PageObjects) -> list[str | None]:
    """For each word why it cannot be seen, or None."""
    if not text.texts:
        return []
    scans = [picture for picture in objects.pictures if _share(picture.box, text) >= SCAN_SHARE]
    judge = _Judge(text, objects, scans)
    outside = _outside(text)
    reasons: list[str | None] = []
    for style, box, is_outside in zip(text.styles, text.boxes.tolist(), outside.tolist(), strict=True):
        reasons.append("off_page" if is_outside else judge.reason(style, box))
    return reasons


def hidden_texts(text: PageText, reasons: list[str | None], page_number: int) -> list[HiddenText]:
    """Neighbouring words hidden for one reason, told as one."""
    found = []
    for reason, group in groupby(range(len(reasons)), key=lambda index: reasons[index]):
        if reason is None:
            continue
        indexes = list(group)
        boxes = [_page_box(text, index) for index in indexes]
        around = union(boxes)
        found.append(
            HiddenText(
                " ".join(text.texts[index] for index in indexes),
                reason,
                page_number,
                None if around is None else rounded(around),
            )
        )
    return found


def is_scan(text: PageText, objects: PageObjects) -> bool:
    return any(_share(picture.box, text) >= SCAN_SHARE for picture in objects.pictures)


def picture_share(text: PageText, objects: PageObjects) -> float:
    """The part of the page that pictures cover, overlaps counted twice."""
    return min(1.0, sum(_share(picture.box, text) for picture in objects.pictures))


class _Judge:
    """Remembers the verdict on each text object's colour."""

    def __init__(self, text: PageText, objects: PageObjects, scans: list[Picture]) -> None:
        self._text, self._objects, self._scans = text, objects, scans
        self._colours: dict[int, tuple[int, int, int, int]] = {}
        self._opaque: dict[int, bool] = {}

    def reason(self, style: Style, box: list[float]) -> str | None:
        if self._scans and any(_overlap(box, scan.box) > 0.5 for scan in self._scans):
            return None
        if style.mode in _INVISIBLE_MODES:
            return (
                None if any(_overlap(box, picture.box) > 0.5 for picture in self._objects.pictures) else "render_mode"
            )
        if 0 < style.size_pt < MIN_SIZE_PT and box[3] - box[1] < 1.5 * MIN_SIZE_PT:
            return "size"
        if self._has_background_colour(style, box):
            return "colour"
        return "covered" if self._is_covered(style, box) else None

    def _has_background_colour(self, style: Style, box: list[float]) -> bool:
        if not style.address:
            return False
        red, green, blue, alpha = self._colour(style)
        if alpha < _COLOUR_STEP:
            return True
        order = self._objects.order_of_text.get(style.address)
        if order is None:
            return False
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if any(p.order < order and _holds(p.box, x, y) for p in self._objects.pictures):
            return False  # what a picture shows there is not known
        below = [area for area in self._objects.areas if area.order < order and _holds(area.box, x, y)]
        background = below[-1].colour if below else _WHITE
        return all(abs(a - b) <= _COLOUR_STEP for a, b in zip((red, green, blue), background, strict=True))

    def _colour(self, style: Style) -> tuple[int, int, int, int]:
        known = self._colours.get(style.address)
        if known is None:
            channels = (ctypes.c_uint * 4)()
            places = [ctypes.addressof(channels) + 4 * i for i in range(4)]
            ask = pdfium.object_stroke if style.mode == 1 else pdfium.object_fill
            known = (
                (channels[0], channels[1], channels[2], channels[3]) if ask(style.address, *places) else (0, 0, 0, 255)
            )
            self._colours[style.address] = known
        return known

    def _is_covered(self, style: Style, box: list[float]) -> bool:
        order = self._objects.order_of_text.get(style.address)
        if order is None:
            return False
        if any(area.order > order and _overlap(box, area.box) >= _COVERED_SHARE for area in self._objects.areas):
            return True
        return any(
            picture.order > order and _overlap(box, picture.box) >= _COVERED_SHARE and self._is_opaque(picture)
            for picture in self._objects.pictures
        )

    def _is_opaque(self, picture: Picture) -> bool:
        known = self._opaque.get(picture.address)
        if known is None:
            known = self._opaque[picture.address] = _is_opaque(self._text.document, self._text.page, picture.address)
        return known


def _is_opaque(document: int, page: int, address: int) -> bool:
    """Whether a picture as drawn has no see-through part; a picture that cannot be drawn covers nothing."""
    bitmap = pdfium.rendered_image(document, page, address)
    if not bitmap:
        return False
    try:
        if pdfium.bitmap_format(bitmap) != pdfium.FORMAT_BGRA:
            return True
        height, stride = pdfium.bitmap_height(bitmap), pdfium.bitmap_stride(bitmap)
        pixels = (ctypes.c_ubyte * (height * stride)).from_address(pdfium.bitmap_buffer(bitmap))
        alpha = np.frombuffer(pixels, dtype=np.uint8).reshape(height, stride)[:, 3::4]
        return float((alpha > 250).mean()) > 0.98
    finally:
        pdfium.destroy_bitmap(bitmap)


def _outside(text: PageText) -> np.ndarray:
    left, top, right, bottom = text.boxes.T
    return (right <= 0) | (bottom <= 0) | (left >= text.width) | (top >= text.height)


def _share(box: tuple[float, float, float, float], text: PageText) -> float:
    width = min(box[2], text.width) - max(box[0], 0.0)
    height = min(box[3], text.height) - max(box[1], 0.0)
    return max(0.0, width) * max(0.0, height) / (text.width * text.height)


def _overlap(box: list[float], cover: tuple[float, float, float, float]) -> float:
    """The part of ``box`` under ``cover``."""
    width = min(box[2], cover[2]) - max(box[0], cover[0])
    height = min(box[3], cover[3]) - max(box[1], cover[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / max(1e-9, (box[2] - box[0]) * (box[3] - box[1]))


def _holds(box: tuple[float, float, float, float], x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _page_box(text: PageText, index: int) -> Box:
    left, top, right, bottom = text.boxes[index].tolist()
    return clamped(left / text.width, top / text.height, right / text.width, bottom / text.height)
