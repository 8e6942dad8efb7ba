"""From scores to decisions: one place for one field, sums that agree, null where nothing convinces."""

from __future__ import annotations

from collections.abc import Sequence

from fieldproof.extraction.days import SAYS_DUE, periods, settle_days
from fieldproof.extraction.offers import ACCEPT, SHARED_PLACE, Decision, Offer, label_of, named_beside
from fieldproof.extraction.parties import OTHERS_PLACE, PROPER, raised
from fieldproof.extraction.plain import key
from fieldproof.extraction.query import Query
from fieldproof.extraction.sums import agreeing, settle_sums, sole_total

_RIVALS = 3
_OF_ONE_PARTY = frozenset(["vat", "iban", "bic", "id", "name", "company", "street", "phone", "email", "url"])


def decide(queries: Sequence[Query], offers: Sequence[list[Offer]]) -> list[Decision]:
    """One decision per query, in their order."""
    adjusted = [sorted(o, key=lambda x: (-x.score, x.document, x.candidate)) for o in offers]
    checks: list[list[str]] = [[] for _ in queries]
    boosted = raised(queries, adjusted) | periods(queries, adjusted)
    boosted |= agreeing(queries, adjusted, checks) or sole_total(queries, adjusted)
    ranked = sorted(
        ((boosted.get((q, id(o)), o.score), q, o) for q, list_ in enumerate(adjusted) for o in list_[:16]),
        key=lambda r: (-r[0], r[1], r[2].document, r[2].candidate),
    )
    taken: dict[tuple[int, int], list[int]] = {}
    chosen: dict[int, tuple[float, Offer]] = {}
    for score, q, offer in ranked:
        if q in chosen:
            continue
        tokens = [(offer.document, t) for first, last in offer.place[1] for t in range(first, last)]
        holders = {h for t in tokens for h in taken.get(t, ())}
        rivals = [queries[h] for h in holders if queries[h].shape == queries[q].shape]
        if queries[q].shape in PROPER:
            rivals += [
                queries[h]
                for h, (_, o) in chosen.items()
                if queries[h].shape == queries[q].shape
                and key(str(o.value)) == key(str(offer.value))
                and h not in holders
            ]
        if rivals and queries[q].is_date and label_of(offer) < SAYS_DUE:
            continue
        if rivals:
            named = min((named_beside(offer, chosen[h][1]) for h in holders), default=1.0)
            score *= named * min(_share_of(queries[q], r) for r in rivals)
            if score < ACCEPT * 0.8:
                continue
        chosen[q] = (score, offer)
        for t in tokens:
            taken.setdefault(t, []).append(q)
    settle_days(queries, adjusted, chosen)
    settle_sums(queries, adjusted, chosen)
    return [_decision(chosen.get(q), adjusted[q], checks[q]) for q in range(len(queries))]


def _share_of(one: Query, other: Query) -> float:
    """What is left of a score at a place that another field of the same shape took."""
    are_two_parties = one.role and other.role and one.role != other.role
    return OTHERS_PLACE if are_two_parties and one.shape in _OF_ONE_PARTY else SHARED_PLACE


def _decision(chosen: tuple[float, Offer] | None, offers: list[Offer], checks: list[str]) -> Decision:
    if chosen is None:
        return Decision(None, 0.0, _distinct(offers, None))
    score, winner = chosen
    return Decision(winner, score, _distinct(offers, winner), checks)


def _distinct(offers: list[Offer], winner: Offer | None) -> list[Offer]:
    """The best offer per other value: three at most, and each further document's best that could have been given."""
    seen = {key(str(winner.value))} if winner else set()
    heard = {winner.document} if winner else set()
    out = []
    for o in offers:
        text = key(str(o.value))
        is_news = o.document not in heard
        heard.add(o.document)
        if text not in seen and o.score >= 0.05 and (len(out) < _RIVALS or (is_news and o.score >= ACCEPT)):
            seen.add(text)
            out.append(o)
    return out
