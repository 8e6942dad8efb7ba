"""What else is drawn on a PDF page: rules, filled areas and pictures, in painting order.

Rules make tables; areas, pictures and clips decide whether text can be seen.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import compress, repeat

import numpy as np

from fieldproof.parsing.pdf import pdfium
from fieldproof.parsing.pdf.words import Frame

MAX_OBJECTS = 30_000  # looked at on one page; drawings beyond that are not tables
_MAX_SEGMENTS = 400  # of one path
_MAX_DEPTH = 5
_THIN_PT = 3.0
_BROAD_PT = 2.0  # a stroke that could cover something

_LINE_TO, _BEZIER_TO, _MOVE_TO = 0, 1, 2


Sides = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Area:
    """An opaque rectangle of one colour. ``order`` is its place in painting order."""

    box: tuple[float, float, float, float]
    colour: tuple[int, int, int]
    order: int


@dataclass(frozen=True, slots=True)
class Picture:
    box: tuple[float, float, float, float]
    order: int
    address: int


@dataclass(slots=True)
class PageObjects:
    """Boxes in points of the page as seen: left, top, right, bottom."""

    paints: list[tuple[Sides, int]] = field(default_factory=list)  # whatever may cover: bounds, painting order
    clips: dict[int, Sides] = field(default_factory=dict)  # text object's address -> what it is confined to
    optional: set[int] = field(default_factory=set)  # text objects of a layer that can be switched off
    rules: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))  # thin or flat: either width or height ~ 0
    areas: list[Area] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    order_of_text: dict[int, int] = field(default_factory=dict)  # text object's address -> painting order
    count: int = 0


def read_objects(page: int, frame: Frame) -> PageObjects:
    """The page's objects, those inside form XObjects included."""
    found = PageObjects()
    rules: list[tuple[float, float, float, float]] = []
    reader = _Reader(found, frame, rules)
    reader.read(_children(page, pdfium.count_objects, pdfium.get_object), None, 0)
    if rules:
        found.rules = frame.boxes(np.array(rules))
    return found


def _children(owner: int, count, get) -> list[int]:
    number = min(count(owner), MAX_OBJECTS)
    return list(map(get, repeat(owner), range(max(0, number))))


class _Reader:
    def __init__(self, found: PageObjects, frame: Frame, rules: list[tuple[float, float, float, float]]) -> None:
        self._found, self._frame, self._rules = found, frame, rules
        self._sides = (ctypes.c_float * 4)()
        self._side_at = [ctypes.addressof(self._sides) + 4 * i for i in range(4)]
        self._mode = (ctypes.c_int * 2)()
        self._mode_at = ctypes.addressof(self._mode), ctypes.addressof(self._mode) + 4
        self._colour = (ctypes.c_uint * 4)()
        self._colour_at = [ctypes.addressof(self._colour) + 4 * i for i in range(4)]

    def read(self, objects: list[int], placed: np.ndarray | None, depth: int) -> None:
        kinds = list(map(pdfium.object_type, objects))
        forms = [index for index, kind in enumerate(kinds) if kind == pdfium.FORM] if depth < _MAX_DEPTH else []
        start = 0
        for form in forms:
            self._read_plain(objects[start:form], kinds[start:form], placed)
            self._read_form(objects[form], placed, depth)
            start = form + 1
        self._read_plain(objects[start:], kinds[start:], placed)

    def _read_form(self, address: int, placed: np.ndarray | None, depth: int) -> None:
        if self._found.count >= MAX_OBJECTS:
            return
        self._found.count += 1
        children = _children(address, pdfium.count_form_objects, pdfium.get_form_object)
        self.read(children, _composed(_matrix(address), placed), depth + 1)

    def _read_plain(self, objects: list[int], kinds: list[int], placed: np.ndarray | None) -> None:
        """Objects without objects of their own; text, which most of them are, all at once."""
        found = self._found
        first = found.count + 1
        objects = objects[: max(0, MAX_OBJECTS - found.count)]
        texts = [index for index, kind in zip(range(len(objects)), kinds, strict=False) if kind == pdfium.TEXT]
        self._read_texts([objects[index] for index in texts], [first + index for index in texts], placed)
        if len(texts) < len(objects):
            for order, (address, kind) in enumerate(zip(objects, kinds, strict=False), start=first):
                found.count = order
                if kind == pdfium.PATH:
                    self._path(address, placed)
                elif kind in (pdfium.IMAGE, pdfium.SHADING):
                    self._picture(address, placed)
        found.count = first - 1 + len(objects)

    def _read_texts(self, objects: list[int], orders: list[int], placed: np.ndarray | None) -> None:
        found = self._found
        found.order_of_text.update(zip(objects, orders, strict=True))
        clips = list(map(pdfium.clip_path, objects))
        counts = list(map(pdfium.count_clip_paths, clips))
        if max(counts, default=0) > 0:
            for address, clip, count in zip(objects, clips, counts, strict=True):
                if count > 0:
                    self._note_clip(address, clip, count, placed)
        marks = list(map(pdfium.count_marks, objects))
        for address, count in compress(zip(objects, marks, strict=True), marks):
            if any(self._mark(address, index) == "OC" for index in range(count)):
                found.optional.add(address)

    def _picture(self, address: int, placed: np.ndarray | None) -> None:
        box = self._bounds(address, placed)
        if box is not None:
            picture = Picture(self._seen(box), self._found.count, address)
            self._found.pictures.append(picture)
            self._found.paints.append((picture.box, self._found.count))

    def _path(self, address: int, placed: np.ndarray | None) -> None:
        box = self._bounds(address, placed)
        if box is None:
            return
        left, bottom, right, top = box
        width, height = right - left, top - bottom
        is_filled, is_stroked = self._draw_mode(address)
        if min(width, height) <= _THIN_PT:
            if max(width, height) > 2 * min(width, height) and (is_filled or is_stroked):
                self._rules.append((left, top, right, bottom))
            return
        if is_filled or self._is_broad(address):
            self._found.paints.append((self._seen(box), self._found.count))
        segments = pdfium.count_segments(address)
        is_rectangle = 4 <= segments <= 6
        if is_filled and is_rectangle:
            colour = self._fill(address)
            if colour is not None:
                self._found.areas.append(Area(self._seen(box), colour, self._found.count))
        if is_stroked and is_rectangle:
            self._rules += [
                (left, top, right, top),
                (left, bottom, right, bottom),
                (left, top, left, bottom),
                (right, top, right, bottom),
            ]
        elif (is_stroked or is_filled) and 6 < segments <= _MAX_SEGMENTS:
            self._rules += self._straight_lines(address, segments, placed)

    def _is_broad(self, address: int) -> bool:
        return bool(pdfium.stroke_width(address, self._side_at[0])) and self._sides[0] >= _BROAD_PT

    def _note_clip(self, address: int, clip: int, count: int, placed: np.ndarray | None) -> None:
        limit = self._clip_box(clip, 0, placed)
        for index in range(1, count):
            limit = _shared(limit, self._clip_box(clip, index, placed))
        self._found.clips[address] = limit

    def _clip_box(self, clip: int, index: int, placed: np.ndarray | None) -> Sides:
        count = pdfium.count_clip_segments(clip, index)
        corners = (
            (0, 2) if 4 <= count <= 6 else range(min(count, _MAX_SEGMENTS))
        )  # opposite ones of a rectangle tell it
        points = [self._point(pdfium.get_clip_segment(clip, index, corner)) for corner in corners]
        if placed is not None:
            points = [(float(x), float(y)) for x, y, _ in np.array([(x, y, 1.0) for x, y in points]) @ placed]
        xs, ys = [x for x, _ in points] or [0.0], [y for _, y in points] or [0.0]
        return self._seen((min(xs), min(ys), max(xs), max(ys)))

    def _point(self, segment: int) -> tuple[float, float]:
        pdfium.segment_point(segment, self._side_at[0], self._side_at[1])
        return self._sides[0], self._sides[1]

    def _mark(self, address: int, index: int) -> str:
        name, size = ctypes.create_string_buffer(64), ctypes.c_ulong()
        mark = pdfium.get_mark(address, index)
        if not mark or not pdfium.mark_name(mark, ctypes.addressof(name), 64, ctypes.addressof(size)):
            return ""
        return name.raw[: max(0, min(size.value, 64) - 2)].decode("utf-16-le", "replace")

    def _bounds(self, address: int, placed: np.ndarray | None) -> tuple[float, float, float, float] | None:
        """left, bottom, right, top in the page's own space, y up."""
        if not pdfium.object_bounds(address, *self._side_at):
            return None
        left, bottom, right, top = self._sides
        if placed is None:
            return left, bottom, right, top
        corners = np.array([[left, bottom, 1], [left, top, 1], [right, bottom, 1], [right, top, 1]]) @ placed
        (x0, y0), (x1, y1) = corners.min(axis=0)[:2], corners.max(axis=0)[:2]
        return float(x0), float(y0), float(x1), float(y1)

    def _seen(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        left, bottom, right, top = box
        return self._frame.box(left, top, right, bottom)

    def _draw_mode(self, address: int) -> tuple[bool, bool]:
        fill_at, stroke_at = self._mode_at
        pdfium.draw_mode(address, fill_at, stroke_at)
        fill, stroke = self._mode
        return fill != 0, stroke != 0

    def _fill(self, address: int) -> tuple[int, int, int] | None:
        """The colour when it is opaque."""
        if not pdfium.object_fill(address, *self._colour_at) or self._colour[3] < 250:
            return None
        return self._colour[0], self._colour[1], self._colour[2]

    def _straight_lines(
        self, address: int, count: int, placed: np.ndarray | None
    ) -> Iterator[tuple[float, float, float, float]]:
        """The horizontal and vertical strokes of a path."""
        matrix = _composed(_matrix(address), placed)
        x, y = ctypes.c_float(), ctypes.c_float()
        last = None
        for index in range(count):
            segment = pdfium.get_segment(address, index)
            pdfium.segment_point(segment, ctypes.addressof(x), ctypes.addressof(y))
            point = np.array([x.value, y.value, 1.0]) @ matrix
            if last is not None and pdfium.segment_type(segment) == _LINE_TO:
                dx, dy = abs(point[0] - last[0]), abs(point[1] - last[1])
                if min(dx, dy) < 0.5 and max(dx, dy) > _THIN_PT:
                    yield (
                        float(min(point[0], last[0])),
                        float(max(point[1], last[1])),
                        float(max(point[0], last[0])),
                        float(min(point[1], last[1])),
                    )
            last = point


def _shared(a: Sides, b: Sides) -> Sides:
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def _matrix(address: int) -> np.ndarray:
    """As a 3 × 3 for row vectors."""
    matrix = pdfium.Matrix()
    if not pdfium.object_matrix(address, ctypes.addressof(matrix)):
        return np.eye(3)
    return np.array([[matrix.a, matrix.b, 0.0], [matrix.c, matrix.d, 0.0], [matrix.e, matrix.f, 1.0]])


def _composed(inner: np.ndarray, outer: np.ndarray | None) -> np.ndarray:
    return inner if outer is None else inner @ outer
