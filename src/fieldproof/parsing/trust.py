"""How far a text layer can be trusted, from the text alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import filterfalse

_LATIN_WORD = re.compile(r"^[^\W\d_]+(?:['’.-][^\W\d_]+)*$")
_NUMBER = re.compile(r"^[\W_]*[\d][\d.,:/%'’ -]*[^\W\d_]{0,3}[\W_]*$")
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")
_SIGNS = "".join(chr(code) for code in range(128) if not chr(code).isalnum())
_VOWEL = re.compile(r"[aeiouyáàâäãåæéèêëíìîïóòôöõøœúùûüýÿ]", re.IGNORECASE)
_ODD_CASE = re.compile(r"[a-z][A-Z][a-z]|[a-z][A-Z]{2}")
_USUAL = re.compile(r"^(?:[A-Za-z]?[a-z]*[aeiouy][a-z]*|[A-Z]+|\d[\d.,/-]*|.{1,2})$")  # nothing more to ask
_FEW = 12  # words: too few to judge
_MANY = 300  # words of a page are enough to judge it by


def grade(words: Sequence[str], unmapped: int, characters: int) -> float:
    """In [0, 1]: 1 where the words look like writing, lower for garbage and for glyphs without meaning."""
    if not words:
        return 0.0
    mapped = 1.0 - min(1.0, 2.0 * unmapped / max(1, characters))
    sample = words[:: len(words) // _MANY + 1]
    cores = [word.strip(_SIGNS) if word.isascii() else _EDGE.sub("", word) for word in sample]
    judged = [core for core in cores if core and core.isascii()]
    if len(judged) < _FEW:
        return mapped
    strange = sum(map(_is_strange, filterfalse(_USUAL.match, judged)))
    return mapped * (1.0 - strange / len(judged))


def _is_strange(word: str) -> bool:
    if _NUMBER.match(word) or len(word) <= 2:
        return False
    if not _LATIN_WORD.match(word):
        return not any(c.isdigit() or c in "@/&-.'" for c in word) or _symbols(word) > 1
    return (len(word) >= 4 and not word.isupper() and not _VOWEL.search(word)) or _ODD_CASE.search(word) is not None


def _symbols(word: str) -> int:
    return sum(1 for c in word if not c.isalnum() and c not in "@/&-.'_:,()#%+=$")
