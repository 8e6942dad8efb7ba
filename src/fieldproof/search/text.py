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
    """Words that stand next to each other. ``is_open``: the last one is only the beginning of a word.

    ``joints`` are the underscores between each word and the next; "" stands for whatever else is between them.
    """

    words: tuple[str, ...]
    joints: tuple[str, ...]
    is_open: bool = False

    @property
    def pattern(self) -> str:
        """What ``SearchEntry.content`` contains where the term occurs."""
        return " " + " ".join(self.words) + ("" if self.is_open else " ")

    @property
    def joined(self) -> list[Joined]:
        """All that underscores join in it."""
        firsts = [n for n, joint in enumerate(self.joints) if joint and not (n and self.joints[n - 1])]
        found = [_joined_at(n, self.words, self.joints) for n in firsts]
        return [Joined(text, self.is_open and last == len(self.joints)) for text, last in found]


@dataclass(frozen=True, slots=True)
class Joined:
    """Words with the underscores between them. ``is_open``: the last one is only the beginning of a word."""

    text: str
    is_open: bool


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


def words_in(folded: str) -> list[str]:
    """In order."""
    return [word[:MAX_WORD] for word in _pattern(folded).findall(folded)]


def joined_in(folded: str) -> list[str]:
    """What underscores join, from each word that has one behind it: of ``a_b_c`` that and ``b_c``; cut as words are.

    So whatever part of it somebody asks for is the beginning of one of these.
    """
    if "_" not in folded:
        return []
    found: list[str] = []
    for piece in folded.split():
        if "_" in piece:
            words, joints = _words_and_joints(piece)
            found += [_joined_at(n, words, joints)[0] for n, joint in enumerate(joints) if joint]
    return found


def words_and_joints(text: str) -> tuple[list[str], list[str]]:
    """The folded words in order, and the underscores between each and the next, as ``Term`` has them."""
    return _words_and_joints(fold(text))


def spans_of(text: str) -> tuple[list[tuple[str, int, int]], list[str]]:
    """The folded words, each with its half-open span in ``text``; and the joints between them."""
    spans = [(word, m.start(), m.end()) for m in _WORD.finditer(text) for word in words_in(fold(m[0]))]
    return spans, [_joint(fold(text[end:start])) for (_, _, end), (_, start, _) in itertools.pairwise(spans)]


def parse_query(text: str) -> Query:
    """Unquoted words are all required, the last one as a beginning; ``"quoted words"`` stand next to each other.

    What punctuation joins (``INV-2026``) stands next to each other too; underscores are compared as well. A quotation
    mark without its twin is nothing.
    """
    pieces = re.findall(r'"([^"]*)"|([^\s"]+)', text)
    terms: list[Term] = []
    for n, (quoted, loose) in enumerate(pieces):
        words, joints = words_and_joints(quoted or loose)
        is_open = n == len(pieces) - 1 and bool(loose) and fold(loose)[-1:].isalnum()
        if words:
            terms.append(Term(tuple(words), tuple(joints), is_open))
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


def _pattern(folded: str) -> re.Pattern[str]:
    return _ASCII_WORD if folded.isascii() else _WORD


def _words_and_joints(folded: str) -> tuple[list[str], list[str]]:
    found = list(_pattern(folded).finditer(folded))
    joints = [_joint(folded[a.end() : b.start()]) for a, b in itertools.pairwise(found)]
    return [m[0][:MAX_WORD] for m in found], joints


def _joint(between: str) -> str:
    return between if not between.strip("_") else ""


def _joined_at(first: int, words: Sequence[str], joints: Sequence[str]) -> tuple[str, int]:
    """What begins with the word ``first``, as far as it counts, and the number of its last word."""
    text, last = words[first], first
    while last < len(joints) and joints[last] and len(text) < MAX_WORD:
        text += joints[last] + words[last + 1]
        last += 1
    return text[:MAX_WORD], last


def _neighbours(items: Sequence[bytes]) -> Iterable[tuple[bytes, bytes]]:
    return itertools.pairwise(items)
