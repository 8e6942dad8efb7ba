"""What people put onto a PDF page: notes, marks, typed text, stamps."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fieldproof.core.geometry import clamped
from fieldproof.parsing.assembly import rounded
from fieldproof.parsing.pdf import pdfium
from fieldproof.parsing.pdf.words import Frame

_MAX_ANNOTATIONS = 2_000  # of one page
_KINDS = {
    1: "note", 3: "text", 4: "line", 5: "square", 6: "circle", 7: "polygon", 8: "polyline", 9: "highlight",
    10: "underline", 11: "squiggly", 12: "strikeout", 13: "stamp", 14: "caret", 15: "ink",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Annotation:
    """Open while the iteration stands at it. ``sides``: left, top, right, bottom in points of the page as seen."""

    address: int
    subtype: int
    sides: tuple[float, float, float, float]
    is_hidden: bool

    def string(self, name: bytes) -> str:
        size = pdfium.annotation_text(self.address, name, None, 0)
        if size <= 2:
            return ""
        buffer = ctypes.create_string_buffer(size)
        pdfium.annotation_text(self.address, name, ctypes.addressof(buffer), size)
        return buffer.raw[: size - 2].decode("utf-16-le", "replace").strip()


def annotations_of(page: int, frame: Frame) -> Iterator[Annotation]:
    """Those that stand somewhere on the page."""
    sides = (ctypes.c_float * 4)()  # left, top, right, bottom; y up
    for index in range(min(pdfium.count_annotations(page), _MAX_ANNOTATIONS)):
        address = pdfium.get_annotation(page, index)
        if not address:
            continue
        try:
            if pdfium.annotation_rectangle(address, ctypes.addressof(sides)):
                left, top, right, bottom = sides
                seen = frame.box(min(left, right), max(top, bottom), max(left, right), min(top, bottom))
                flags = pdfium.annotation_flags(address)
                subtype = pdfium.annotation_subtype(address)
                yield Annotation(address, subtype, seen, bool(flags & pdfium.HIDDEN_FLAGS))
        finally:
            pdfium.close_annotation(address)


def comments(page: int, frame: Frame, number: int) -> list[dict[str, Any]]:
    """What people wrote about the page: seen in a pop-up, so it is no part of the text. JSON values."""
    found = []
    for annotation in annotations_of(page, frame):
        kind = _KINDS.get(annotation.subtype)
        if kind is None or annotation.subtype == pdfium.FREE_TEXT or annotation.is_hidden:
            continue
        if text := annotation.string(b"Contents"):
            left, top, right, bottom = annotation.sides
            box = clamped(left / frame.width, top / frame.height, right / frame.width, bottom / frame.height)
            author = annotation.string(b"T")
            found.append({"page": number, "kind": kind, "author": author, "text": text, "bbox": rounded(box).as_list()})
    return found
