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
from fieldproof.parsing.pdf.bitmap import page_pixels
from fieldproof.parsing.pdf.objects import PageObjects
from fieldproof.parsing.pdf.words import PageText, Styles

MIN_SIZE_PT = 2.0
SCAN_SHARE = 0.5  # of the page a picture must cover to be a scan
_COLOUR_STEP = 14  # of 255: closer than this no reader tells apart
_WHITE = (255, 255, 255)
_BLACK = (0, 0, 0, 255)
Colour = tuple[int, ...]
_INVISIBLE_MODES = (3, 7)
_COVERED_SHARE = 0.9


def hidden_reasons(text: PageText, objects: PageObjects) -> tuple[list[str | None], np.ndarray]:
    """For each word why it cannot be seen, or None; and which words are the text layer of a scan.

    A layer's words are not seen either; whether they say what the picture shows is for the reader to check.
    """
    reasons: list[str | None] = [None] * len(text.texts)
    if not text.texts:
        return reasons, np.zeros(0, dtype=bool)
    scene = _Scene(text, objects)
    undrawn = _undrawn(scene)
    layer = scene.in_scan & (undrawn | scene.is_behind_scan)
    # The first reason that holds is told: the later ones are written first.
    for reason, flags in (
        ("covered", _covered(scene)),
        ("colour", _coloured_as_background(scene)),
        ("size", _tiny(text)),
        ("render_mode", undrawn),
    ):
        for index in np.flatnonzero(flags & ~layer).tolist():
            reasons[index] = reason
    outside = _outside(text)
    for index in np.flatnonzero(outside).tolist():
        reasons[index] = "off_page"
    return reasons, layer & ~outside


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


class _Scene:
    """The page's words against everything painted, as arrays."""

    def __init__(self, text: PageText, objects: PageObjects) -> None:
        self.text = text
        self._pixels: np.ndarray | None = None
        self.boxes = text.boxes
        self.areas = objects.areas
        self.pictures = objects.pictures
        self.scans = [picture for picture in objects.pictures if _share(picture.box, text) >= SCAN_SHARE]
        orders = [objects.order_of_text.get(address, 0) for address in text.styles.addresses]
        self.orders = np.array(orders)[text.style_of]  # 0: not known
        self.in_scan = self.within([scan.box for scan in self.scans], 0.5).any(axis=0)
        topmost = max((scan.order for scan in self.scans), default=0)
        self.is_behind_scan = (self.orders > 0) & (self.orders < topmost)

    def pixels(self) -> np.ndarray:
        """The page as drawn, grey; made when first asked for."""
        pixels = self._pixels
        if pixels is None:
            pixels = self._pixels = np.asarray(page_pixels(self.text.page, self.text, _PROOF_DPI).min(axis=2))
        return pixels

    def within(self, covers: list[tuple[float, float, float, float]], share: float) -> np.ndarray:
        """covers × words: whether at least this share of the word lies under the cover."""
        if not covers:
            return np.zeros((1, len(self.boxes)), dtype=bool)
        c, w = np.array(covers)[:, None, :], self.boxes[None, :, :]
        width = np.minimum(c[..., 2], w[..., 2]) - np.maximum(c[..., 0], w[..., 0])
        height = np.minimum(c[..., 3], w[..., 3]) - np.maximum(c[..., 1], w[..., 1])
        size = np.maximum(1e-9, (w[..., 2] - w[..., 0]) * (w[..., 3] - w[..., 1]))
        return np.asarray(width.clip(min=0) * height.clip(min=0) >= share * size)


def _undrawn(scene: _Scene) -> np.ndarray:
    return np.isin(scene.text.styles.modes, _INVISIBLE_MODES)[scene.text.style_of]


def _tiny(text: PageText) -> np.ndarray:
    heights = text.boxes[:, 3] - text.boxes[:, 1]
    sizes = text.styles.sizes_pt[text.style_of]
    return (sizes > 0) & (sizes < MIN_SIZE_PT) & (heights < 1.5 * MIN_SIZE_PT)


def _coloured_as_background(scene: _Scene) -> np.ndarray:
    backgrounds = {_WHITE, *(area.colour for area in scene.areas)}
    colours = _colours(scene.text.styles)
    melts = {c: c[3] < _COLOUR_STEP or any(_alike(c, b) for b in backgrounds) for c in set(colours)}
    flags = np.array([melts[colour] for colour in colours], dtype=bool)[scene.text.style_of]
    for index in np.flatnonzero(flags).tolist():
        flags[index] = _sinks_in(scene, index, colours[scene.text.style_of[index]])
    return flags


def _sinks_in(scene: _Scene, index: int, colour: Colour) -> bool:
    """Whether the last thing painted under the word has the word's colour."""
    if colour[3] < _COLOUR_STEP:
        return True
    order = scene.orders[index]
    if not order:
        return False
    left, top, right, bottom = scene.boxes[index].tolist()
    x, y = (left + right) / 2, (top + bottom) / 2
    if any(picture.order < order and _holds(picture.box, x, y) for picture in scene.pictures):
        return False  # what a picture shows there is not known
    below = [area.colour for area in scene.areas if area.order < order and _holds(area.box, x, y)]
    return _alike(colour, below[-1] if below else _WHITE)


def _alike(a: Colour, b: tuple[int, int, int]) -> bool:
    return abs(a[0] - b[0]) <= _COLOUR_STEP and abs(a[1] - b[1]) <= _COLOUR_STEP and abs(a[2] - b[2]) <= _COLOUR_STEP


def _colours(styles: Styles) -> list[Colour]:
    """Red, green, blue and opacity of what each text object is drawn with."""
    channels = np.zeros((len(styles.addresses), 4), dtype=np.uint32)
    channels[:, 3] = _BLACK[3]
    start, end = channels.ctypes.data, channels.ctypes.data + channels.nbytes
    places = zip(*(range(start + 4 * channel, end, 16) for channel in range(4)), strict=True)
    for address, mode, place in zip(styles.addresses, styles.modes.tolist(), places, strict=True):
        if address:
            (pdfium.object_stroke if mode == 1 else pdfium.object_fill)(address, *place)
    return [tuple(row) for row in channels.tolist()]


def _covered(scene: _Scene) -> np.ndarray:
    known = scene.orders[scene.orders > 0]
    first = int(known.min()) if len(known) else 0
    late_areas = [area for area in scene.areas if area.order > first]
    late_pictures = [picture for picture in scene.pictures if picture.order > first]
    covers = [*late_areas, *late_pictures]
    if not covers or not first:
        return np.zeros(len(scene.boxes), dtype=bool)
    later = np.array([cover.order for cover in covers])[:, None] > scene.orders[None, :]
    under = scene.within([cover.box for cover in covers], _COVERED_SHARE) & later & (scene.orders > 0)
    for row in range(len(late_areas), len(covers)):
        if under[row].any() and not _is_opaque(scene.text.document, scene.text.page, covers[row].address):
            under[row] = False
    flags = np.asarray(under.any(axis=0))
    for index in np.flatnonzero(under[: len(late_areas)].any(axis=0) & ~under[len(late_areas) :].any(axis=0)).tolist():
        last = max(
            area.order for area, covers_it in zip(late_areas, under[:, index].tolist(), strict=False) if covers_it
        )
        flags[index] = not _shows_through(scene, index, last)
    return flags


_PROOF_DPI = 100
_CONTRAST = 40  # of 255, between the lightest and the darkest pixel


def _shows_through(scene: _Scene, index: int, order: int) -> bool:
    """Whether the page as drawn has ink there all the same: an area may be clipped, and its bounds do not say so.

    Where other words are painted over the area, the ink is theirs.
    """
    above = scene.orders > order
    box = scene.boxes[index].tolist()
    if (above & scene.within([(box[0], box[1], box[2], box[3])], 0.1)[0]).any():
        return False
    pixels = scene.pixels()
    height, width = pixels.shape
    x0, x1 = (round(v / scene.text.width * width) for v in (box[0], box[2]))
    y0, y1 = (round(v / scene.text.height * height) for v in (box[1], box[3]))
    part = pixels[max(0, y0) : max(1, y1), max(0, x0) : max(1, x1)]
    return part.size > 0 and int(part.max()) - int(part.min()) > _CONTRAST


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


def _holds(box: tuple[float, float, float, float], x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _page_box(text: PageText, index: int) -> Box:
    left, top, right, bottom = text.boxes[index].tolist()
    return clamped(left / text.width, top / text.height, right / text.width, bottom / text.height)
