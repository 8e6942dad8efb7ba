"""The words of a PDF page with their boxes, straight from PDFium's text page.

The text comes in one call; boxes are asked for the first and last character of each word only, into
one buffer. A word is a bounding box of straight text, so two characters tell it in any direction.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np

from fieldproof.parsing.pdf import pdfium

_WORD = re.compile(r"[^\s\x00-\x1f\u00a0\u200b\ufffe\uffff]+")
# Scripts written without spaces: a run is cut where the script changes and at punctuation.
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")
_CJK_PIECE = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff々〆]+|[\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]|"
    r"[^\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+"
)
_LINE_BREAK = re.compile(r"[\r\n\x02\ufffe]")
_BOLD_NAME = re.compile(r"bold|black|heavy|semibold|demi|,b\b", re.IGNORECASE)
_BOLD_FLAG = 1 << 18


@dataclass(slots=True)
class Style:
    """How one text object is drawn."""

    size_pt: float
    is_bold: bool
    angle: int  # of the writing direction on the page as stored, degrees counter-clockwise: 0, 90, 180, 270
    mode: int  # the text render mode
    address: int  # of the text object


@dataclass(slots=True)
class PageText:
    """A page's words in stream order. Boxes: left, top, right, bottom in points, y down, after rotation."""

    document: int  # addresses, for questions that come later
    page: int
    width: float
    height: float
    texts: list[str] = field(default_factory=list)
    boxes: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))
    kinds: list[Style] = field(default_factory=list)  # each style once
    kind_of: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))  # each word's, as index
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
        x0, x1 = stored[:, 0] - self.left, stored[:, 2] - self.left
        y0, y1 = stored[:, 3] - self.bottom, stored[:, 1] - self.bottom
        if self.rotation == 0:
            sides = (x0, self.raw_height - y1, x1, self.raw_height - y0)
        elif self.rotation == 90:
            sides = (y0, x0, y1, x1)
        elif self.rotation == 180:
            sides = (self.raw_width - x1, y0, self.raw_width - x0, y1)
        else:
            sides = (self.raw_height - y1, self.raw_width - x1, self.raw_height - y0, self.raw_width - x0)
        return np.stack(sides, axis=1)


class FontBook:
    """Whether a font is bold, asked once per font and document."""

    def __init__(self) -> None:
        self._bold: dict[int, bool] = {}

    def is_bold(self, text_object: int) -> bool:
        font = pdfium.object_font(text_object)
        if not font:
            return False
        known = self._bold.get(font)
        if known is None:
            known = self._bold[font] = self._look(font)
        return known

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
    result.unmapped = _count_unmapped(text)
    spans = _word_spans(text)[:max_words]
    if not spans:
        return
    stored = _union_boxes(text_page, spans)
    result.texts = [_normalised(text[start:end]) for start, end, _ in spans]
    result.boxes = frame.boxes(stored)
    result.glued = np.fromiter((glued for _, _, glued in spans), bool, len(spans))
    firsts = [start for start, _, _ in spans]
    result.breaks = _breaks(text, spans)
    result.kinds, result.kind_of = _styles(text_page, firsts, fonts, frame)


def _characters(text_page: int) -> str:
    """The page's text, one element per PDFium character."""
    count = pdfium.count_characters(text_page)
    if count <= 0:
        return ""
    buffer = ctypes.create_string_buffer(2 * count + 2)
    written = pdfium.get_text(text_page, 0, count, ctypes.addressof(buffer)) - 1
    if written == count:
        text = buffer.raw[: 2 * count].decode("utf-16-le", "replace")
        if len(text) == count:
            return text
    # Some characters have no Unicode, or need two units: then only asking one by one keeps the indexes.
    codes = map(pdfium.character, repeat(text_page), range(count))
    return "".join([chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd" for code in codes])


def _count_unmapped(text: str) -> int:
    count = text.count("\ufffd")
    if text.isascii():
        return count
    return count + sum(1 for character in text if "\ue000" <= character <= "\uf8ff")


def _word_spans(text: str) -> list[tuple[int, int, bool]]:
    """(first character, end, whether it follows the word before without a space)."""
    if text.isascii() or not _CJK.search(text):
        return [(match.start(), match.end(), False) for match in _WORD.finditer(text)]
    spans = []
    for match in _WORD.finditer(text):
        start = match.start()
        if not _CJK.search(match.group()):
            spans.append((start, match.end(), False))
            continue
        for piece in _CJK_PIECE.finditer(match.group()):
            spans.append((start + piece.start(), start + piece.end(), piece.start() > 0))
    return spans


def _union_boxes(text_page: int, spans: list[tuple[int, int, bool]]) -> np.ndarray:
    count = len(spans)
    corners = np.zeros((2 * count, 4), dtype=np.float32)
    address = corners.ctypes.data
    indexes = [span[0] for span in spans] + [span[1] - 1 for span in spans]
    found = list(map(pdfium.loose_box, repeat(text_page), indexes, range(address, address + 32 * count, 16)))
    first, last = corners[:count].astype(np.float64), corners[count:].astype(np.float64)
    if not all(found):
        missing = ~np.array(found, dtype=bool)
        first[missing[:count]] = last[missing[:count]]
        last[missing[count:]] = first[missing[count:]]
    low, high = np.minimum(first, last), np.maximum(first, last)
    # PDFium: left, top, right, bottom with y up, hence bottom <= top.
    return np.stack((low[:, 0], high[:, 1], high[:, 2], low[:, 3]), axis=1)


def _breaks(text: str, spans: list[tuple[int, int, bool]]) -> np.ndarray:
    ends = np.fromiter((match.start() for match in _LINE_BREAK.finditer(text)), np.int64)
    if not len(ends):
        return np.zeros(len(spans), dtype=bool)
    starts = np.fromiter((start for start, _, _ in spans), np.int64, len(spans))
    before = np.searchsorted(ends, starts)
    return np.diff(before, prepend=0) > 0


def _styles(text_page: int, firsts: list[int], fonts: FontBook, frame: Frame) -> tuple[list[Style], np.ndarray]:
    objects = list(map(pdfium.text_object, repeat(text_page), firsts))
    kinds: list[Style] = []
    known: dict[int | None, int] = {}
    kind_of = []
    for index, address in zip(firsts, objects, strict=True):
        kind = known.get(address)
        if kind is None:
            kind = known[address] = len(kinds)
            kinds.append(_style(text_page, index, address or 0, fonts, frame))
        kind_of.append(kind)
    return kinds, np.array(kind_of, dtype=np.int64)


_MATRIX = pdfium.Matrix()
_MATRIX_AT = ctypes.addressof(_MATRIX)


def _style(text_page: int, index: int, address: int, fonts: FontBook, frame: Frame) -> Style:
    matrix = _MATRIX
    size, angle = pdfium.font_size(text_page, index), 0
    if pdfium.text_matrix(text_page, index, _MATRIX_AT):
        size *= math.hypot(matrix.c, matrix.d)
        angle = round(math.degrees(math.atan2(matrix.b, matrix.a)) / 90) * 90
    return Style(
        size_pt=abs(size),
        is_bold=bool(address) and fonts.is_bold(address),
        angle=(angle - frame.rotation) % 360,
        mode=pdfium.render_mode(address) if address else 0,
        address=address,
    )


def _normalised(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text.replace("\u00ad", "-"))
