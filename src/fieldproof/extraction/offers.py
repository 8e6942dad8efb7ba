"""What is decided among: candidates put to fields, and what is asked of them by every rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np

from fieldproof.extraction.features import FEATURES
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.query import Query

ACCEPT = 0.3  # probability from which a value is given; below it the answer is null
NAMED = 0.5  # how well a label names a field, from which it is said to
SHARED_PLACE = 0.42  # what is left of a score when another field already took the place
_LABEL = FEATURES.index("best_label")
is_date, is_number = attrgetter("is_date"), attrgetter("is_number")


@dataclass(slots=True)
class Offer:
    """A candidate of one document put to one field."""

    document: int
    candidate: int
    score: float
    value: object
    place: tuple[int, tuple[tuple[int, int], ...]]
    features: np.ndarray | None = None
    block: int = -1  # the first of the stacked lines that the candidate stands in
    until: int = -1  # the candidate that is the last day of the period that this one begins
    over: int = -1  # the candidate that is the address which this one stands over
    is_only: bool = False  # the one address of the document
    is_respelt: bool = False  # not as it was read, but as reviewed documents spell it
    stands_for: str = ""  # the name of the field whose value it is first of all


@dataclass(slots=True)
class Decision:
    """The winner and those it beat; no winner where nothing convinced."""

    winner: Offer | None
    score: float
    rivals: list[Offer] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)


def by_odds(score: float, factor: float) -> float:
    """The score whose odds are so many times those of this one; both in 0 to 1."""
    odds = factor * score / max(1e-6, 1 - score)
    return round(odds / (1 + odds), 4)


def label_of(offer: Offer) -> float:
    return float(offer.features[_LABEL]) if offer.features is not None else 0.0


def speaks_for(
    queries: Sequence[Query], concept: str, is_fit: Callable[[Query], bool], others: Sequence[str] = ()
) -> int | None:
    """Of the fitting fields the one that means this concept, and less the others."""
    index = LEXICON.index[concept]
    rivals = [LEXICON.index[n] for n in others if n != concept]
    found = [
        (float(q.concepts[index] - 0.5 * q.concepts[rivals].max(initial=0.0)), -i)
        for i, q in enumerate(queries)
        if is_fit(q) and q.means(index)
    ]
    return -max(found)[1] if found else None


def named_beside(offer: Offer, holder: Offer) -> float:
    """How well the label names the field of an offer, beside the field that holds its place: at most as well."""
    own, other = label_of(offer), label_of(holder)
    return min(1.0, own / other) if other > 0 else 1.0
