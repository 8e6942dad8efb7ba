"""Which words a reader of the page can see.

A word is hidden when it is drawn in no mode, too small or off the page; and when something gives cause for suspicion (a
background of its colour, a picture below it, anything painted over it, a clip, a layer) and the page looks the same
without it. Text under or over a page-wide picture is a scan's OCR layer: it stands for what the picture shows.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from fieldproof.core.document import HiddenText
from fieldproof.core.geometry import Box, clamped, union
from fieldproof.parsing.assembly import rounded
from fieldproof.parsing.pdf import pdfium
from fieldproof.parsing.pdf.annotations import annotations_of
from fieldproof.parsing.pdf.objects import MAX_OBJECTS, PageObjects, Sides
from fieldproof.parsing.pdf.seeing import are_seen
from fieldproof.parsing.pdf.words import Frame, PageText, Styles

MIN_SIZE_PT = 2.0
SCAN_SHARE = 0.5  # of the page a picture must cover to be a scan
_COLOUR_STEP = 14  # of 255: closer than this no reader tells apart
_WHITE = (255, 255, 255)
_BLACK = (0, 0, 0, 255)
Colour = tuple[int, ...]
_MAKERS_MARKS = (["Powered", "by", "TCPDF", "(www.tcpdf.org)"],)
_OUTLINED, _INVISIBLE, _ONLY_CLIPS = 1, 3, 7  # render modes
_COVERED_SHARE = 0.5  # from there on a word is suspected
_CLIPPED_SHARE = 0.5
_MIN_ADVANCE_PT = 0.3  # of a character


@dataclass(slots=True)
class Sight:
    """For each word why it cannot be seen, or None, as far as that is known before the page is drawn."""

    reasons: list[str | None]
    of_scan: np.ndarray  # the text layer of a scan: not seen either, but it may say what the picture shows
    suspicions: list[tuple[str, np.ndarray]] = field(default_factory=list)
    suspects: list[int] = field(default_factory=list)

    @property
    def needs_drawing(self) -> bool:
        return bool(self.suspects) or bool(self.of_scan.any())


def look(text: PageText, objects: PageObjects, frame: Frame) -> Sight:
    if not text.texts:
        return Sight([], np.zeros(0, dtype=bool))
    scene = _Scene(text, objects, frame)
    undrawn, outside, tiny = _undrawn(scene), _outside(text), _tiny(text)
    of_scan = scene.in_scan & (undrawn | scene.is_behind_scan) & ~outside
    reasons: list[str | None] = [None] * len(text.texts)
    for reason, flags in (("size", tiny & ~of_scan), ("render_mode", undrawn & ~of_scan), ("off_page", outside)):
        for index in np.flatnonzero(flags).tolist():
            reasons[index] = reason
    suspicions = [
        ("switched_off", _switched_off(scene)),
        ("clipped", _clipped(scene)),
        ("covered", _covered(scene)),
        ("colour", _coloured_as_background(scene) | _on_a_picture(scene)),
    ]
    open_ones = np.logical_or.reduce([flags for _, flags in suspicions]) & ~(of_scan | undrawn | outside | tiny)
    suspects = [index for index in np.flatnonzero(open_ones).tolist() if any(map(str.isalnum, text.texts[index]))]
    return Sight(reasons, of_scan, suspicions, suspects)


def settle(sight: Sight, text: PageText) -> None:
    """Draws the page with and without the suspects: those that make no difference cannot be seen."""
    if not sight.suspects:
        return
    addresses = {text.styles.addresses[style] for style in text.style_of[sight.suspects].tolist()} - {0}
    are_there = are_seen(text.page, text, sorted(addresses), text.boxes[sight.suspects]).tolist()
    for index, is_there in zip(sight.suspects, are_there, strict=True):
        if not is_there:
            sight.reasons[index] = next(reason for reason, flags in reversed(sight.suspicions) if flags[index])


def hidden_texts(text: PageText, reasons: list[str | None], page_number: int) -> list[HiddenText]:
    """Neighbouring words hidden for one reason, told as one. What a program leaves in all its files is not told."""
    found = []
    if not any(reasons):
        return found
    for reason, group in groupby(range(len(reasons)), key=lambda index: reasons[index]):
        if reason is None:
            continue
        indexes = list(group)
        if [text.texts[index] for index in indexes] in _MAKERS_MARKS:
            continue
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

    def __init__(self, text: PageText, objects: PageObjects, frame: Frame) -> None:
        self.text = text
        self.frame = frame
        self.objects = objects
        self.boxes = text.boxes
        self.areas = objects.areas
        self.pictures = objects.pictures
        self.scans = [picture for picture in objects.pictures if _share(picture.box, text) >= SCAN_SHARE]
        orders = [objects.order_of_text.get(address, 0) for address in text.styles.addresses]
        self.orders = np.array(orders)[text.style_of]  # 0: not known
        self.in_scan = self.within([scan.box for scan in self.scans], 0.5).any(axis=0)
        topmost = max((scan.order for scan in self.scans), default=0)
        self.is_behind_scan = (self.orders > 0) & (self.orders < topmost)

    def within(self, covers: list[Sides], share: float) -> np.ndarray:
        """covers × words: whether at least this share of the word lies under the cover."""
        if not covers:
            return np.zeros((1, len(self.boxes)), dtype=bool)
        return self.shares(covers) >= share

    def shares(self, covers: list[Sides]) -> np.ndarray:
        """covers × words: how much of the word lies under the cover."""
        c, w = np.array(covers)[:, None, :], self.boxes[None, :, :]
        width = np.minimum(c[..., 2], w[..., 2]) - np.maximum(c[..., 0], w[..., 0])
        height = np.minimum(c[..., 3], w[..., 3]) - np.maximum(c[..., 1], w[..., 1])
        return width.clip(min=0) * height.clip(min=0) / _sizes(self.boxes)


def _undrawn(scene: _Scene) -> np.ndarray:
    modes = scene.text.styles.modes
    return ((modes == _INVISIBLE) | (modes == _ONLY_CLIPS))[scene.text.style_of]


def _tiny(text: PageText) -> np.ndarray:
    """Too small in height, or squeezed to nothing along the line."""
    widths, heights = text.boxes[:, 2] - text.boxes[:, 0], text.boxes[:, 3] - text.boxes[:, 1]
    sizes = text.styles.sizes_pt[text.style_of]
    lengths = _lengths(text)
    along = np.where(text.styles.angles[text.style_of] % 180 == 0, widths, heights)
    is_squeezed = (lengths >= 3) & (along < _MIN_ADVANCE_PT * lengths)
    return is_squeezed | ((sizes > 0) & (sizes < MIN_SIZE_PT) & (heights < 1.5 * MIN_SIZE_PT))


def _coloured_as_background(scene: _Scene) -> np.ndarray:
    backgrounds = {_WHITE, *(area.colour for area in scene.areas)}
    colours = _colours(scene.text.styles)
    packed, numbers = np.unique(colours.view(np.uint32).ravel(), return_inverse=True)
    known = [tuple(colour) for colour in packed.view(np.uint8).reshape(-1, 4).tolist()]
    melts = np.array([c[3] < _COLOUR_STEP or any(_alike(c, b) for b in backgrounds) for c in known], dtype=bool)
    numbers = numbers[scene.text.style_of]
    flags = melts[numbers]
    for index in np.flatnonzero(flags).tolist():
        flags[index] = _sinks_in(scene, index, known[numbers[index]])
    return flags


def _sinks_in(scene: _Scene, index: int, colour: Colour) -> bool:
    """Whether the last area painted under the word has the word's colour."""
    if colour[3] < _COLOUR_STEP:
        return True
    order = scene.orders[index]
    if not order:
        return False
    left, top, right, bottom = scene.boxes[index].tolist()
    x, y = (left + right) / 2, (top + bottom) / 2
    below = [area.colour for area in scene.areas if area.order < order and _holds(area.box, x, y)]
    return _alike(colour, below[-1] if below else _WHITE)


def _on_a_picture(scene: _Scene) -> np.ndarray:
    """Words over a picture: only the drawn page tells whether they stand out."""
    below = [(picture.box, picture.order) for picture in scene.pictures]
    return _share_under(scene, below, is_later=False) >= _COVERED_SHARE


def _alike(a: Colour, b: tuple[int, int, int]) -> bool:
    return abs(a[0] - b[0]) <= _COLOUR_STEP and abs(a[1] - b[1]) <= _COLOUR_STEP and abs(a[2] - b[2]) <= _COLOUR_STEP


def _colours(styles: Styles) -> np.ndarray:
    """Red, green, blue and opacity of what each text object is drawn with: bytes, a row each."""
    channels = np.zeros((len(styles.addresses), 4), dtype=np.uint32)
    channels[:, 3] = _BLACK[3]
    start, end = channels.ctypes.data, channels.ctypes.data + channels.nbytes
    places = [range(start + 4 * channel, end, 16) for channel in range(4)]
    deque(map(pdfium.object_fill, styles.addresses, *places), maxlen=0)  # of no object: left as it is
    for row in np.flatnonzero(styles.modes == _OUTLINED).tolist():
        pdfium.object_stroke(styles.addresses[row], *(place[row] for place in places))
    return channels.astype(np.uint8)


def _covered(scene: _Scene) -> np.ndarray:
    """Words with something painted over them later, several covers together or an annotation included."""
    return _share_under(scene, [*scene.objects.paints, *_annotations(scene)], is_later=True) >= _COVERED_SHARE


_AT_ONCE = 200  # covers looked at together: thousands of them times thousands of words would fill the memory


def _share_under(scene: _Scene, covers: list[tuple[Sides, int]], *, is_later: bool) -> np.ndarray:
    """How much of each word lies under (over) what is painted later (earlier), overlaps counted twice."""
    share = np.zeros(len(scene.boxes))
    known = scene.orders[scene.orders > 0]
    if not covers or not len(known):
        return share
    edge = int(known.min()) if is_later else int(known.max())
    covers = [cover for cover in covers if (cover[1] > edge if is_later else cover[1] < edge)]
    for start in range(0, len(covers), _AT_ONCE):
        part = covers[start : start + _AT_ONCE]
        orders = np.array([order for _, order in part])[:, None]
        counts = (orders > scene.orders) if is_later else (orders < scene.orders)
        share += (scene.shares([box for box, _ in part]) * (counts & (scene.orders > 0))).sum(axis=0)
    return share


def _annotations(scene: _Scene) -> list[tuple[Sides, int]]:
    """Where annotations are drawn: above all else."""
    drawn = (a for a in annotations_of(scene.text.page, scene.frame) if a.subtype not in (pdfium.LINK, pdfium.POPUP))
    return [(annotation.sides, MAX_OBJECTS + 1) for annotation in drawn]


def _clipped(scene: _Scene) -> np.ndarray:
    """Words that lie mostly outside what their text object is confined to.

    Not the end of a line that is too long for its table cell: there the greater part of the object is seen.
    """
    clips = scene.objects.clips
    if not clips:
        return np.zeros(len(scene.boxes), dtype=bool)
    everywhere = (-1e6, -1e6, 1e6, 1e6)
    limits = np.array([clips.get(address, everywhere) for address in scene.text.styles.addresses])
    limit, box = limits[scene.text.style_of], scene.boxes
    width = np.minimum(limit[:, 2], box[:, 2]) - np.maximum(limit[:, 0], box[:, 0])
    height = np.minimum(limit[:, 3], box[:, 3]) - np.maximum(limit[:, 1], box[:, 1])
    is_outside = width.clip(min=0) * height.clip(min=0) < _CLIPPED_SHARE * _sizes(box)
    if not is_outside.any():
        return is_outside
    lengths = _lengths(scene.text)
    outside = np.bincount(scene.text.style_of, lengths * is_outside)
    return is_outside & (2 * outside > np.bincount(scene.text.style_of, lengths))[scene.text.style_of]


def _switched_off(scene: _Scene) -> np.ndarray:
    optional = [address in scene.objects.optional for address in scene.text.styles.addresses]
    return np.array(optional, dtype=bool)[scene.text.style_of]


def _lengths(text: PageText) -> np.ndarray:
    return np.fromiter(map(len, text.texts), np.int64, len(text.texts))


def _sizes(boxes: np.ndarray) -> np.ndarray:
    return np.maximum(1e-9, (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))


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
