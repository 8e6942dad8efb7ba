"""Which passages of a long document a question needs: BM25 over words, their stems, and the names a concept goes by in seven languages."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from fieldproof.core.schema import Field, Group
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.llm.script import Passage
from fieldproof.extraction.plain import plain, words_of_name

_K, _B = 1.4, 0.7
_WORD = re.compile(r"[^\W_]+")
_STEM = 5  # letters from which words are also compared by their beginnings
_ALIAS_WEIGHT = 0.4
_CLEAR = 0.6  # how well a name must fit a concept to go by its other names too


class Index:
    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._counts = [Counter(_terms(p.text)) for p in passages]
        self._lengths = [sum(c.values()) or 1 for c in self._counts]
        self._mean = sum(self._lengths) / max(1, len(passages))
        self._holders = Counter(term for c in self._counts for term in c)

    def best(self, query: dict[str, float], most_tokens: int) -> tuple[Passage, ...]:
        """The passages that answer best, in document order; the head of each document is always among them."""
        if sum(p.tokens for p in self._passages) <= most_tokens:
            return tuple(self._passages)
        heads = {p.document: i for i, p in reversed(list(enumerate(self._passages)))}
        scores = [self._score(i, query) for i in range(len(self._passages))]
        ranked = sorted(range(len(self._passages)), key=lambda i: (-scores[i], i))
        chosen: list[int] = []
        room = most_tokens
        for i in dict.fromkeys([*(heads.values() if len(heads) < 10 else ()), *ranked]):
            if self._passages[i].tokens <= room or not chosen:
                chosen.append(i)
                room -= self._passages[i].tokens
        return tuple(self._passages[i] for i in sorted(chosen))

    def _score(self, index: int, query: dict[str, float]) -> float:
        counts, length = self._counts[index], self._lengths[index]
        total = 0.0
        for term, weight in query.items():
            count = counts.get(term, 0)
            if count:
                holders = self._holders[term]
                rarity = math.log(1 + (len(self._passages) - holders + 0.5) / (holders + 0.5))
                total += weight * rarity * count * (_K + 1) / (count + _K * (1 - _B + _B * length / self._mean))
        return total


def query_of(group: Group, fields: Iterable[Field], extra: str = "") -> dict[str, float]:
    """Terms with weights: the group's search query first, then what its fields are called and about."""
    query: dict[str, float] = {}
    for text, weight in [
        (group.search_query, 2.0),
        (group.title, 1.0),
        (words_of_name(group.name), 0.7),
        (group.description, 0.5),
        (extra, 1.0),
    ]:
        _add(query, text, weight)
    for f in fields:
        name = words_of_name(f.name)
        _add(query, f.title, 1.0)
        _add(query, name, 1.0)
        _add(query, f.description, 0.7)
        for alias in _aliases(name):
            _add(query, alias, _ALIAS_WEIGHT)
    return query


def _add(query: dict[str, float], text: str | None, weight: float) -> None:
    for term in _terms(text or ""):
        query[term] = max(query.get(term, 0.0), weight)


def _aliases(name: str) -> list[str]:
    concepts = [c for c, score in LEXICON.matches(name) if score >= _CLEAR]
    return [alias for c in concepts for language in LEXICON.spoken[c] for alias in language]


def _terms(text: str) -> list[str]:
    """Words and their beginnings; pairs of signs for scripts that write without blanks."""
    terms: list[str] = []
    for word in _WORD.findall(plain(text)) or _WORD.findall(unicodedata.normalize("NFKC", text)):
        if any(c > "\u2e80" for c in word):
            terms += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        else:
            terms.append(word)
            if len(word) > _STEM:
                terms.append(word[:_STEM] + "*")
    return terms
