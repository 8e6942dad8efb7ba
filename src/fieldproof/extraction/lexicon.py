"""Business concepts and what they are called on paper, in seven languages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from fieldproof.extraction.plain import plain

_MAX_WORDS = 6
_LEGIBLE = 9  # letters from which a label without its blanks cannot be another word


@dataclass(frozen=True, slots=True)
class Concept:
    name: str
    shape: str
    parent: str | None
    role: str | None


class Lexicon:
    """Concepts in a fixed order; a text becomes a vector of how well it names each."""

    def __init__(self, source: dict[str, dict]) -> None:
        self.concepts = [Concept(n, c["shape"], c.get("parent"), c.get("role")) for n, c in source.items()]
        self.index = {c.name: i for i, c in enumerate(self.concepts)}
        self.parents = [self.index[c.parent] if c.parent else -1 for c in self.concepts]
        self.aliases: dict[str, list[int]] = {}
        self.spoken: list[list[list[str]]] = []  # concept -> language -> aliases
        for i, entry in enumerate(source.values()):
            self.spoken.append([words.split("|") for words in entry["words"]])
            for alias in dict.fromkeys(plain(a) for words in self.spoken[-1] for a in words):
                self.aliases.setdefault(alias, []).append(i)
        self.unspaced = {a.replace(" ", ""): a for a in reversed(self.aliases) if " " in a and len(a) >= _LEGIBLE}
        self.last_words = frozenset(alias.rsplit(" ", 1)[-1] for alias in self.aliases)
        self.lengths: dict[str, frozenset[int]] = {}  # first word -> how many words the aliases have that begin with it
        for alias in self.aliases:
            first, *rest = alias.split() or [""]
            if len(rest) < _MAX_WORDS:
                self.lengths[first] = self.lengths.get(first, frozenset()) | {1 + len(rest)}

    def matches(self, text: str) -> tuple[tuple[int, float], ...]:
        """(concept, score) where the score is the share of the text that names the concept.

        A label whose blanks were lost or moved, as scans have them ("Arégler avant", "InvoiceDate"), is that label.
        """
        return _matches(self, text)

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """text x concept: how well each text names each concept."""
        out = np.zeros((len(texts), len(self.concepts)), dtype=np.float32)
        named = [(i, *match) for i, text in enumerate(texts) for match in self.matches(text)]
        if named:
            rows, concepts, scores = zip(*named, strict=True)
            out[list(rows), list(concepts)] = scores
        return out

    def vector(self, text: str) -> np.ndarray:
        return self.vectors([text])[0]

    def names(self, text: str) -> bool:
        """Whether a text is what a concept is called, and nothing more."""
        return plain(text) in self.aliases

    def names_a(self, text: str, shape: str) -> bool:
        """Whether a text is what a concept of this shape is called, and nothing more."""
        return any(self.concepts[i].shape == shape for i in self.aliases.get(plain(text), ()))

    def is_label(self, text: str) -> bool:
        return any(score >= 0.75 for _, score in self.matches(text))


@lru_cache(maxsize=50_000)
def _matches(lexicon: Lexicon, text: str) -> tuple[tuple[int, float], ...]:
    bare = plain(text).replace("#", " # ")
    words = lexicon.unspaced.get(bare.replace(" ", ""), bare).split()[:14]
    if lexicon.lengths.keys().isdisjoint(words):  # most texts
        return ()
    begins = [(start, lexicon.lengths[word]) for start, word in enumerate(words) if word in lexicon.lengths]
    total = sum(map(len, words)) or 1
    best: dict[int, float] = {}
    covered: list[tuple[int, int]] = []
    places = [(-size, start) for start, sizes in begins for size in sizes if size <= len(words) - start]
    for minus, start in sorted(places):
        size = -minus
        # A longer alias explains its words: "due date" is not "date".
        if any(a <= start and start + size <= b for a, b in covered):
            continue
        found = lexicon.aliases.get(" ".join(words[start : start + size]))
        if not found:
            continue
        covered.append((start, start + size))
        share = sum(map(len, words[start : start + size])) / total
        late = 0.06 * (len(words) - start - size)
        score = max(0.15, 0.25 + 0.75 * share - late)
        for concept in found:
            best[concept] = max(best.get(concept, 0.0), score)
    return tuple(sorted(best.items()))


LEXICON = Lexicon(json.loads(files("fieldproof.extraction").joinpath("lexicon.json").read_text("utf-8")))
