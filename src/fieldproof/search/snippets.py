"""Where on a page a search hit: the block, its box, and a piece of its text with the hits marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fieldproof.search.text import Query, Term, spans_of, words_and_joints

AROUND = 12  # words before the first hit, and twice that behind it


@dataclass(frozen=True, slots=True)
class Snippet:
    """``highlights`` are half-open spans of ``text``; ``box`` is the block's, None where it has none."""

    page: int
    text: str
    highlights: list[tuple[int, int]]
    box: list[float] | None


def best_place(query: Query, blocks: Iterable[tuple[int, dict[str, Any]]]) -> Snippet | None:
    """The first of the blocks (page, chunk block) that hold the most terms."""
    best: Snippet | None = None
    most = 0
    for page, block in blocks:
        spans, joints = spans_of(block["content"])
        words = [word for word, _, _ in spans]
        places = [[n for n in range(len(words)) if _is_at(term, words, joints, n)] for term in query.terms]
        found = sum(1 for place in places if place)
        if found > most:
            best, most = _snippet(page, block, spans, query.terms, places), found
        if most == len(query.terms):
            break
    return best


def places_in(texts: Sequence[str], terms: Sequence[Term]) -> list[int]:
    """Which of the texts (the words of a page as they stand) are part of a hit."""
    words, joints, homes = [], [], []
    for n, text in enumerate(texts):
        more, between = words_and_joints(text)
        if more:
            words += more
            joints += [*between, ""]  # nothing joins it to the next text
            homes += [n] * len(more)
    hit = {
        homes[n + k]
        for term in terms
        for n in range(len(words))
        if _is_at(term, words, joints, n)
        for k in range(len(term.words))
    }
    return sorted(hit)


def _snippet(
    page: int,
    block: dict[str, Any],
    spans: Sequence[tuple[str, int, int]],
    terms: Sequence[Term],
    places: Sequence[Sequence[int]],
) -> Snippet:
    first = min(n for place in places for n in place)
    low, high = max(0, first - AROUND), min(len(spans), first + 2 * AROUND)
    start, end = spans[low][1], spans[high - 1][2]
    marked = {n + k for term, place in zip(terms, places, strict=True) for n in place for k in range(len(term.words))}
    highlights = [(spans[n][1] - start, spans[n][2] - start) for n in sorted(marked) if low <= n < high]
    return Snippet(page, block["content"][start:end], highlights, block["meta"].get("bbox"))


def _is_at(term: Term, words: Sequence[str], joints: Sequence[str], n: int) -> bool:
    *closed, last = term.words
    *before, at = [*words[n : n + len(term.words)]] or [""]
    stands = before == closed and (at.startswith(last) if term.is_open else at == last)
    between = joints[n : n + len(term.joints)]
    return stands and all(joint in ("", there) for joint, there in zip(term.joints, between, strict=True))
