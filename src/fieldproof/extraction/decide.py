"""From scores to decisions: one place for one field, sums that agree, null where nothing convinces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.plain import key
from fieldproof.extraction.query import Query

ACCEPT = 0.34  # probability from which a value is given; below it the answer is null
_SHARED_PLACE = 0.45  # what is left of a score when another field already took the place
_SUM = ("net_total", "tax_total", "total")
_AGREES = 1.6  # odds factor for amounts that add up


@dataclass(frozen=True, slots=True)
class Offer:
    """A candidate of one document put to one field."""

    document: int
    candidate: int
    score: float
    value: object
    place: tuple[int, tuple[tuple[int, int], ...]]
    features: object = None


@dataclass(slots=True)
class Decision:
    """The winner and those it beat; no winner where nothing convinced."""

    winner: Offer | None
    score: float
    rivals: list[Offer] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)


def decide(queries: Sequence[Query], offers: Sequence[list[Offer]]) -> list[Decision]:
    """One decision per query, in their order."""
    adjusted = [sorted(o, key=lambda x: (-x.score, x.document, x.candidate)) for o in offers]
    checks: list[list[str]] = [[] for _ in queries]
    boosted = _agreeing(queries, adjusted, checks)
    ranked = sorted(
        ((boosted.get((q, id(o)), o.score), q, o) for q, list_ in enumerate(adjusted) for o in list_[:12]),
        key=lambda r: (-r[0], r[1], r[2].document, r[2].candidate),
    )
    taken: dict[tuple[int, int], list[int]] = {}
    chosen: dict[int, tuple[float, Offer]] = {}
    for score, q, offer in ranked:
        if q in chosen:
            continue
        tokens = [(offer.document, t) for first, last in offer.place[1] for t in range(first, last)]
        holders = {h for t in tokens for h in taken.get(t, ())}
        if holders and any(_excludes(queries[q], queries[h]) for h in holders):
            if score * _SHARED_PLACE < ACCEPT * 0.8:
                continue
            score *= _SHARED_PLACE
        chosen[q] = (score, offer)
        for t in tokens:
            taken.setdefault(t, []).append(q)
    return [_decision(chosen.get(q), adjusted[q], checks[q]) for q in range(len(queries))]


def _excludes(one: Query, other: Query) -> bool:
    """Whether two fields can't share a place: two of one shape can't, an address holds its city."""
    return one.shape == other.shape


def _decision(chosen: tuple[float, Offer] | None, offers: list[Offer], checks: list[str]) -> Decision:
    if chosen is None:
        return Decision(None, 0.0, _distinct(offers, None))
    score, winner = chosen
    return Decision(winner, score, _distinct(offers, winner), checks)


def _distinct(offers: list[Offer], winner: Offer | None) -> list[Offer]:
    """The best offer per other value, at most three, with something to say for them."""
    seen = {key(str(winner.value))} if winner else set()
    out = []
    for o in offers:
        text = key(str(o.value))
        if text not in seen and o.score >= 0.05:
            seen.add(text)
            out.append(o)
        if len(out) == 3:
            break
    return out


def _agreeing(
    queries: Sequence[Query], offers: list[list[Offer]], checks: list[list[str]]
) -> dict[tuple[int, int], float]:
    """Scores raised for net + tax = gross where one combination of the best offers adds up."""
    roles = {name: _speaks_for(queries, name) for name in _SUM}
    if None in roles.values() or len(set(roles.values())) < len(_SUM):
        return {}
    net, tax, gross = (roles[n] for n in _SUM)
    assert net is not None and tax is not None and gross is not None
    best, found = 0.0, None
    for a, b, c in product(offers[net][:6], offers[tax][:6], offers[gross][:6]):
        if not all(isinstance(o.value, (int, float)) for o in (a, b, c)):
            continue
        if len({a.document, b.document, c.document}) > 1 or not c.value:
            continue
        if abs(a.value + b.value - c.value) < 0.011:  # pyright: ignore[reportOperatorIssue]
            worth = max(a.score, 0.02) * max(b.score, 0.02) * max(c.score, 0.02)
            if worth > best:
                best, found = worth, (a, b, c)
    if not found or best < 1e-3:
        return {}
    a, b, c = found
    out = {}
    for q, o in zip((net, tax, gross), found, strict=True):
        # Where two are sure, the sum decides the third.
        others = sorted(x.score for x in found if x is not o)[0]
        odds = _AGREES * o.score / max(1e-6, 1 - o.score)
        out[(q, id(o))] = round(max(odds / (1 + odds), 0.9 * others if o.score > 0.01 else 0.0), 4)
        checks[q].append(f"{a.value} + {b.value} = {c.value}")
    return out


def _speaks_for(queries: Sequence[Query], concept: str) -> int | None:
    """The number field that means this concept, and less the other two of the sum."""
    index = LEXICON.index[concept]
    others = [LEXICON.index[n] for n in _SUM if n != concept]
    found = [
        (float(q.concepts[index] - 0.5 * q.concepts[others].max()), -i)
        for i, q in enumerate(queries)
        if q.is_number and q.concepts[index] >= 0.8
    ]
    return -max(found)[1] if found else None
