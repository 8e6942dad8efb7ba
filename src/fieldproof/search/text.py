"""Folding and words: the same for what is indexed and for what is asked."""

from __future__ import annotations

import itertools
import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_WORD = 64  # longer ones are cut, here as there

# Ideographs and kana stand without spaces between words: each is a word of its own.
_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_ALONE}]|(?:(?![{_ALONE}])[^\W_])+")
_ASCII_WORD = re.compile("[a-z0-9]+")  # the same for such texts, in a third of the time
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_PLAIN = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h"})
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand next to each other. ``is_open``: the last one is only the beginning of a word."""

    words: tuple[str, ...]
    is_open: bool = False

    @property
    def pattern(self) -> str:
        """What ``SearchEntry.content`` contains where the term occurs."""
        return " " + " ".join(self.words) + ("" if self.is_open else " ")


@dataclass(frozen=True, slots=True)
class Query:
    """A search as it is typed: a row matches when its name contains a needle, or its content all terms."""

    terms: tuple[Term, ...]
    needles: tuple[str, ...]


def fold(text: str) -> str:
    """Without differences of case, width and accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", plain).translate(_PLAIN))


def words_of(text: str) -> list[str]:
    """The folded words, in order."""
    folded = fold(text)
    pattern = _ASCII_WORD if folded.isascii() else _WORD
    return [word[:MAX_WORD] for word in pattern.findall(folded)]


def spans_of(text: str) -> list[tuple[str, int, int]]:
    """The folded words, each with its half-open span in ``text``."""
    return [(word, m.start(), m.end()) for m in _WORD.finditer(text) for word in words_of(m[0])]


def parse_query(text: str) -> Query:
    """Unquoted words are all required, the last one as a beginning; ``"quoted words"`` stand next to each other.

    What punctuation joins (``INV-2026``) stands next to each other too. A quotation mark without its twin is nothing.
    """
    pieces = re.findall(r'"([^"]*)"|([^\s"]+)', text)
    terms: list[Term] = []
    for n, (quoted, loose) in enumerate(pieces):
        words = tuple(words_of(quoted or loose))
        is_open = n == len(pieces) - 1 and bool(loose) and fold(loose)[-1:].isalnum()
        if words:
            terms.append(Term(words, is_open))
    whole = fold(text.strip())
    needles = (whole, whole[1:-1].strip()) if re.fullmatch(r'"[^"]+"', whole) else (whole,)
    return Query(tuple(dict.fromkeys(terms)), tuple(n for n in needles if n))


def scope_mark(workspace_id: int) -> str:
    """What stands in front of each word of a workspace: ``h:``."""
    digits = ""
    while workspace_id:
        workspace_id, rest = divmod(workspace_id, 36)
        digits = _DIGITS[rest] + digits
    return f"{digits}:"


def grams_of(folded: str) -> list[str]:
    """All its runs of one, two and three characters, each once."""
    return list(dict.fromkeys(folded[n : n + size] for size in (1, 2, 3) for n in range(len(folded) - size + 1)))


def grams_for(needle: str) -> list[str]:
    """The runs that whatever contains the needle must have."""
    size = min(3, len(needle))
    return list(dict.fromkeys(needle[n : n + size] for n in range(len(needle) - size + 1)))


def pairs_of(words: Sequence[str], workspace_id: int) -> list[int]:
    """Each pair of neighbours as one of 65,536 numbers: few enough to keep the index small."""
    scope = (workspace_id & 0x7FFF) << 16
    crc32 = zlib.crc32
    encoded = [word.encode() for word in words]
    return list({scope | (crc32(b, crc32(a)) & 0xFFFF) for a, b in _neighbours(encoded)})


def _neighbours(items: Sequence[bytes]) -> Iterable[tuple[bytes, bytes]]:
    return itertools.pairwise(items)
