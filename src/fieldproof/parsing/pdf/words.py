"""The words of a PDF page with their boxes, straight from PDFium's text page.

The text comes in one call; boxes are asked for the first and last character of each word only, into
one buffer. A word is a bounding box of straight text, so two characters tell it in any direction.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import deque
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import numpy as np

from fieldproof.core.words import picked
from fieldproof.parsing.pdf import pdfium

_GAPS = {*range(0x20), 0xA0, 0x200B, 0xFFFE, 0xFFFF}  # beside white space: what no word holds
_LINE_BREAKS = {0x02, 0x0A, 0x0D, 0xFFFE}
_GAP, _BREAK, _UNMAPPED = 1, 2, 4
# Scripts written without spaces: a run is cut where the script changes and at punctuation.
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")
_CJK_PIECE = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff々〆]+|[\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]|"
    r"[^\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+"
)
_BOLD_NAME = re.compile(r"bold|black|heavy|semibold|demi|,b\b", re.IGNORECASE)
_BOLD_FLAG = 1 << 18


@dataclass(slots=True)
class Styles:
    """How the page's text objects are drawn: one entry of each column per object."""

    addresses: list[int] = field(default_factory=list)
    sizes_pt: np.ndarray = field(default_factory=lambda: np.zeros(0))
    is_bold: list[bool] = field(default_factory=list)
    angles: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Of the writing direction on the page as seen, degrees counter-clockwise: 0, 90, 180, 270."""
    modes: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))  # the text render mode


@dataclass(slots=True)
class PageText:
    """A page's words in stream order. Boxes: left, top, right, bottom in points, y down, after rotation."""

    document: int  # addresses, for questions that come later
    page: int
    width: float
    height: float
    texts: list[str] = field(default_factory=list)
    boxes: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))
    styles: Styles = field(default_factory=Styles)
    style_of: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))  # each word's, as index
    breaks: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))  # a line ends before the word
    glued: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    unmapped: int = 0  # characters without a Unicode meaning
    characters: int = 0


class Frame:
    """From the page as stored to the page as seen: y down, origin top left, rotation undone."""

    def __init__(self, page: int) -> None:
        bounds = (ctypes.c_float * 4)()  # left, top, right, bottom
        found = pdfium.page_bounding_box(page, ctypes.addressof(bounds))
        left, top, right, bottom = bounds if found else (0.0, 792.0, 612.0, 0.0)
        self.left, self.bottom = min(left, right), min(top, bottom)
        self.raw_width, self.raw_height = abs(right - left) or 612.0, abs(top - bottom) or 792.0
        self.rotation = (pdfium.page_rotation(page) % 4) * 90
        turned = self.rotation in (90, 270)
        self.width, self.height = (self.raw_height, self.raw_width) if turned else (self.raw_width, self.raw_height)

    def boxes(self, stored: np.ndarray) -> np.ndarray:
        """``stored``: rows of left, top, right, bottom as PDFium gives them (y up)."""
        return np.stack(self._seen(*stored.T), axis=1)

    def box(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """One box alone: an array for it would take ten times as long."""
        return self._seen(left, top, right, bottom)

    def _seen(self, left: Any, top: Any, right: Any, bottom: Any) -> tuple[Any, Any, Any, Any]:
        x0, x1 = left - self.left, right - self.left
        y0, y1 = bottom - self.bottom, top - self.bottom
        if self.rotation == 0:
            return x0, self.raw_height - y1, x1, self.raw_height - y0
        if self.rotation == 90:
            return y0, x0, y1, x1
        if self.rotation == 180:
            return self.raw_width - x1, y0, self.raw_width - x0, y1
        return self.raw_height - y1, self.raw_width - x1, self.raw_height - y0, self.raw_width - x0


class FontBook:
    """Whether a font is bold, asked once per font and document."""

    def __init__(self) -> None:
        self._bold: dict[int | None, bool] = {}

    def are_bold(self, text_objects: list[int]) -> list[bool]:
        fonts = list(map(pdfium.object_font, text_objects))
        for font in set(fonts).difference(self._bold):
            self._bold[font] = self._look(font) if font else False
        return [self._bold[font] for font in fonts]

    def _look(self, font: int) -> bool:
        name = ctypes.create_string_buffer(256)
        pdfium.font_name(font, ctypes.addressof(name), 256)
        if _BOLD_NAME.search(name.value.decode("latin-1")):
            return True
        return pdfium.font_weight(font) >= 600 or bool(pdfium.font_flags(font) & _BOLD_FLAG)


def read_words(document: int, page: int, frame: Frame, fonts: FontBook, max_words: int) -> PageText:
    """The words of a loaded page, hidden ones too."""
    result = PageText(document, page, frame.width, frame.height)
    text_page = pdfium.load_text(page)
    if not text_page:
        return result
    try:
        _fill(result, text_page, frame, fonts, max_words)
    finally:
        pdfium.close_text(text_page)
    return result


def _fill(result: PageText, text_page: int, frame: Frame, fonts: FontBook, max_words: int) -> None:
    text = _characters(text_page)
    result.characters = len(text)
    kinds = _kinds(text)
    result.unmapped = int(np.count_nonzero(kinds & _UNMAPPED))
    starts, ends, glued = (column[:max_words] for column in _word_spans(text, kinds))
    if not len(starts):
        return
    firsts = starts.tolist()
    result.boxes = frame.boxes(_union_boxes(text_page, firsts, (ends - 1).tolist()))
    words = [text[start:end] for start, end in zip(firsts, ends.tolist(), strict=True)]
    result.texts = [word if word.isascii() else _normalised(word) for word in words]
    result.glued = glued
    result.breaks = np.diff(np.cumsum(kinds & _BREAK)[starts], prepend=0) > 0
    result.styles, result.style_of = _styles(text_page, firsts, fonts, frame)


def _characters(text_page: int) -> str:
    """The page's text, one element per PDFium character."""
    count = pdfium.count_characters(text_page)
    if count <= 0:
        return ""
    units = np.zeros(count + 1, dtype=np.uint16)  # ctypes would make a type for every length
    written = pdfium.get_text(text_page, 0, count, units.ctypes.data) - 1
    if written == count:
        text = units[:count].tobytes().decode("utf-16-le", "replace")
        if len(text) == count:
            return text
    # Some characters have no Unicode, or need two units: then only asking one by one keeps the indexes.
    codes = map(pdfium.character, repeat(text_page), range(count))
    return "".join([chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd" for code in codes])


def _kind(code: int) -> int:
    return (
        _GAP * (code in _GAPS or chr(code).isspace())
        + _BREAK * (code in _LINE_BREAKS)
        + _UNMAPPED * (0xE000 <= code <= 0xF8FF or code == 0xFFFD)
    )


_KIND_OF = np.array([_kind(code) for code in range(0x10000)], dtype=np.int64)
_KIND_OF_ASCII = _KIND_OF[:128].astype(np.uint8).tobytes()


def _kinds(text: str) -> np.ndarray:
    """Of each character: whether it is a gap, a line break or without meaning."""
    if text.isascii():
        kinds = text.encode("ascii").translate(_KIND_OF_ASCII + bytes(128))
        return np.frombuffer(kinds, dtype=np.uint8).astype(np.int64)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return np.where(codes > 0xFFFF, 0, _KIND_OF[np.minimum(codes, 0xFFFF)])


def _word_spans(text: str, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First characters, ends, and which words follow the one before without a space."""
    outside = np.ones(len(kinds) + 2, dtype=np.int64)
    outside[1:-1] = kinds & _GAP
    edges = np.flatnonzero(outside[1:] != outside[:-1])
    starts, ends = edges[::2], edges[1::2]
    if text.isascii() or not _CJK.search(text):
        return starts, ends, np.zeros(len(starts), dtype=bool)
    return _cut_where_scripts_change(text, starts, ends)


def _cut_where_scripts_change(
    text: str, starts: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    spans: list[tuple[int, int, bool]] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        word = text[start:end]
        if not _CJK.search(word):
            spans.append((start, end, False))
            continue
        pieces = ((piece.start(), piece.end()) for piece in _CJK_PIECE.finditer(word))
        spans += [(start + first, start + last, first > 0) for first, last in pieces]
    columns = np.array(spans, dtype=np.int64).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], columns[:, 2] > 0


def _union_boxes(text_page: int, firsts: list[int], lasts: list[int]) -> np.ndarray:
    count = len(firsts)
    corners = np.zeros((2 * count, 4), dtype=np.float32)
    address = corners.ctypes.data
    found = list(map(pdfium.loose_box, repeat(text_page), firsts + lasts, range(address, address + 32 * count, 16)))
    first, last = corners[:count].astype(np.float64), corners[count:].astype(np.float64)
    if not all(found):
        missing = ~np.array(found, dtype=bool)
        first[missing[:count]] = last[missing[:count]]
        last[missing[count:]] = first[missing[count:]]
    low, high = np.minimum(first, last), np.maximum(first, last)
    # PDFium: left, top, right, bottom with y up, hence bottom <= top.
    return np.stack((low[:, 0], high[:, 1], high[:, 2], low[:, 3]), axis=1)


def _styles(text_page: int, firsts: list[int], fonts: FontBook, frame: Frame) -> tuple[Styles, np.ndarray]:
    objects = np.fromiter(map(pdfium.text_object, repeat(text_page), firsts), np.int64, len(firsts))
    found, first_words, style_of = np.unique(objects, return_index=True, return_inverse=True)
    addresses = found.tolist()
    sizes, angles = _sizes_and_angles(text_page, picked(firsts, first_words.tolist()))
    styles = Styles(
        addresses=addresses,
        sizes_pt=sizes,
        is_bold=fonts.are_bold(addresses),
        angles=(angles - frame.rotation) % 360,
        modes=np.fromiter(map(pdfium.render_mode, addresses), np.int64, len(addresses)),
    )
    return styles, style_of


def _sizes_and_angles(text_page: int, characters: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Points, and degrees on the page as stored, to the nearest quarter turn."""
    matrices = np.zeros((len(characters), 6), dtype=np.float32)
    matrices[:, 0] = matrices[:, 3] = 1.0  # where PDFium knows none, it leaves the row as it is
    address = matrices.ctypes.data
    places = range(address, address + matrices.nbytes, matrices.strides[0])
    deque(map(pdfium.text_matrix, repeat(text_page), characters, places), maxlen=0)
    a, b, c, d = matrices[:, :4].T
    sizes = np.fromiter(map(pdfium.font_size, repeat(text_page), characters), np.float64, len(characters))
    if not b.any() and not c.any() and a.min() > 0:  # as nearly always: upright, none turned
        return np.abs(sizes * np.abs(d)), np.zeros(len(characters), dtype=np.int64)
    turns = np.degrees(list(map(math.atan2, b.tolist(), a.tolist())))
    return np.abs(sizes * list(map(math.hypot, c.tolist(), d.tolist()))), np.rint(turns / 90).astype(np.int64) * 90


def _normalised(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\u00ad", "-"))
