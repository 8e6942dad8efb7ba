"""The typefaces of virtual pages: widths of words, without kerning or hinting, in ems.

DejaVu covers Latin, Greek, Cyrillic, Hebrew, Arabic and many signs. A character it lacks (Chinese,
Japanese, Korean, emoji) is taken as one em wide, as such scripts are.
"""

from __future__ import annotations

import functools
import unicodedata
from enum import StrEnum
from pathlib import Path

import numpy as np
from PIL import ImageFont, features

ASCENT_EM = 0.93
DESCENT_EM = 0.24
HEIGHT_EM = ASCENT_EM + DESCENT_EM
SPACE_EM = 0.286
MONO_EM = 0.602
NARROWEST_EM = 0.2  # of a word that is nothing but marks

_FOLDER = Path(__file__).parent / "fonts"
_UNITS_PER_EM = 2048


class Face(StrEnum):
    """A font file of this package."""

    REGULAR = "DejaVuSansCondensed.ttf"
    BOLD = "DejaVuSansCondensed-Bold.ttf"
    MONO = "DejaVuSansMono.ttf"


def font(face: Face, size_px: float, *, is_shaped: bool = False) -> ImageFont.FreeTypeFont:
    """The face at a size: glyph after glyph for a caller who places them, or shaping whole words."""
    layout = ImageFont.Layout.RAQM if is_shaped and features.check("raqm") else ImageFont.Layout.BASIC
    return ImageFont.truetype(_FOLDER / face.value, size_px, layout_engine=layout)


class Ruler:
    """Measures words of one face; remembers every character and word it has seen."""

    def __init__(self, face: Face) -> None:
        self._font = font(face, _UNITS_PER_EM)
        self._characters: dict[str, float] = {}
        self._words: dict[str, float] = {}

    def width_em(self, text: str) -> float:
        width = self._words.get(text)
        if width is None:
            width = sum(map(self.character_em, text)) or NARROWEST_EM
            if len(self._words) < 200_000:
                self._words[text] = width
        return width

    def widths_em(self, texts: list[str]) -> np.ndarray:
        """Of each word, none of which is empty. Advances are binary fractions: in whatever order added, exact."""
        if not texts:
            return np.zeros(0)
        joined = "".join(texts)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        widths = np.add.reduceat(self._advances(joined), np.cumsum(lengths) - lengths)
        return np.where(widths == 0.0, NARROWEST_EM, widths)

    def _advances(self, text: str) -> np.ndarray:
        if text.isascii():
            return self._of_ascii[np.frombuffer(text.encode("ascii"), dtype=np.uint8)]
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        found, places = np.unique(codes, return_inverse=True)
        return np.array([self.character_em(chr(code)) for code in found.tolist()])[places]

    @functools.cached_property
    def _of_ascii(self) -> np.ndarray:
        return np.array([self.character_em(chr(code)) for code in range(128)])

    def character_em(self, character: str) -> float:
        width = self._characters.get(character)
        if width is None:
            width = self._characters[character] = self._advance_em(character)
        return width

    def _advance_em(self, character: str) -> float:
        if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
            return 0.0
        if unicodedata.east_asian_width(character) in ("W", "F"):
            return 1.0
        return self._font.getlength(character) / _UNITS_PER_EM


@functools.cache
def ruler(face: Face) -> Ruler:
    return Ruler(face)
