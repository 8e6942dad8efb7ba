"""Which sum is whose: net and tax that make a total, a total rounded, a sum that stands for another one as well."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from fieldproof.extraction.offers import (
    ACCEPT,
    NAMED,
    SHARED_PLACE,
    Offer,
    by_odds,
    is_number,
    label_of,
    named_beside,
    speaks_for,
)
from fieldproof.extraction.query import Query

_SUM = ("net_total", "tax_total", "total")
_TAXED = 5.0  # how much more a sum of net and a likely tax is worth than any other sum
_PROVED = 0.85  # what a sum gives its parts of the score of its surest one
_AGREES = 1.6  # odds factor for amounts that add up
_COIN = 5  # cents
_MAY_BE_TOTAL = 0.15  # score from which a sum may be the total with its tax
_SURE_SUM, _AS_WELL = 0.5, 0.8  # score from which a sum stands for another one as well, and what is left of it then
_SEEN = 0.05  # score from which a rounded sum is looked at
_RATES = (5, 6, 7, 8, 10, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25)  # of value added and sales taxes


def agreeing(
    queries: Sequence[Query], offers: list[list[Offer]], checks: list[list[str]]
) -> dict[tuple[int, int], float]:
    """Scores raised for net + tax = gross where one combination of the best offers adds up."""
    sums = _sums(queries)
    if sums is None:
        return {}
    net, tax, gross = sums
    best, found = 0.0, None
    for a, b, c in product(*(_by_value(offers[q]) for q in (net, tax, gross))):
        if len({a.document, b.document, c.document}) > 1 or not c.value:
            continue
        if abs(a.value + b.value - c.value) < 0.011:  # pyright: ignore[reportOperatorIssue]
            worth = max(a.score, 0.02) * max(b.score, 0.02) * max(c.score, 0.02)
            worth *= _TAXED if _is_tax(a.value, b.value) else 1.0
            if worth > best:
                best, found = worth, (a, b, c)
    if not found or best < 1e-4:
        return {}
    out = {}
    proof = _is_tax(found[0].value, found[1].value)
    if proof:  # then the gross amount is neither of its parts, and in a table of taxes the sum that is taxed is no tax
        for q, taken in ((net, {found[2].value}), (tax, {found[0].value, found[2].value})):
            out |= {(q, id(o)): by_odds(o.score, 0.1) for o in offers[q] if o.value in taken}
    for q, o in zip((net, tax, gross), found, strict=True):
        # Where two are sure, the sum decides the third; a printed tax at a usual rate needs only one.
        others = sorted(x.score for x in found if x is not o)
        least = _PROVED * others[1] if proof else 0.9 * others[0] if o.score > 0.01 else 0.0
        out[(q, id(o))] = max(by_odds(o.score, _AGREES), round(least, 4))
        checks[q].append(f"{found[0].value} + {found[1].value} = {found[2].value}")
    return out


def sole_total(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Scores of a net sum and of a tax, lowered where the total stands: one sum alone is what is to be paid."""
    net, tax, gross = (speaks_for(queries, name, is_number, _SUM) for name in _SUM)
    total = offers[gross][0] if gross is not None and offers[gross] else None
    if total is None or total.score < ACCEPT:
        return {}
    parts = [q for q in (net, tax) if q is not None and q != gross]
    return {
        (q, id(o)): round(o.score * SHARED_PLACE, 4)
        for q in parts for o in offers[q]
        if o.document == total.document and o.value == total.value and named_beside(total, o) == 1.0
    }  # fmt: skip


def settle_sums(queries: Sequence[Query], offers: list[list[Offer]], chosen: dict[int, tuple[float, Offer]]) -> None:
    """Sets right what was chosen field by field, where the sums together say otherwise."""
    _told_often(queries, offers, chosen)
    _with_tax(queries, offers, chosen)
    _rounded(queries, offers, chosen)
    _less_its_tax(queries, chosen)
    _taxed_at_nought(queries, offers, chosen)
    _same_sum(queries, chosen)


def _sums(queries: Sequence[Query]) -> tuple[int, int, int] | None:
    """The fields of the net sum, the tax and the total, where all three are asked for."""
    net, tax, total = (speaks_for(queries, name, is_number, _SUM) for name in _SUM)
    if net is None or tax is None or total is None or len({net, tax, total}) < len(_SUM):
        return None
    return net, tax, total


def _by_value(offers: list[Offer]) -> list[Offer]:
    """The best offer of each amount, the eight best."""
    best: dict[float, Offer] = {}
    for o in offers:
        if isinstance(o.value, (int, float)):
            best.setdefault(round(o.value, 2), o)
    return list(best.values())[:8]


def _is_tax(net: object, tax: object) -> bool:
    """Whether one amount can be the tax on the other, at a rate that some country has."""
    assert isinstance(net, (int, float)) and isinstance(tax, (int, float))
    return net > 0 and 0.02 <= tax / net <= 0.28


def _is_usual_tax(net: int, tax: int) -> bool:
    """Whether one amount is the tax on the other, to the cent: the change of what was handed over is seldom that."""
    return any(abs(100 * tax - net * rate) <= 100 for rate in _RATES)


def _with_tax(queries: Sequence[Query], offers: list[list[Offer]], chosen: dict[int, tuple[float, Offer]]) -> None:
    """A total gives way to one that is larger by a tax on it, where that tax is printed too."""
    total = speaks_for(queries, "total", is_number, _SUM)
    if total is None or total not in chosen:
        return
    score, net = chosen[total]
    sums = [o for o in offers[total] if o.document == net.document and isinstance(o.value, (int, float))]
    printed = {_cents(o) for o in sums}
    for o in sums if isinstance(net.value, (int, float)) else ():
        may_be_total = label_of(o) >= NAMED and o.score >= _MAY_BE_TOTAL
        if may_be_total and any(_is_usual_tax(_cents(net), tax) and _makes(_cents(net) + tax, o) for tax in printed):
            chosen[total] = (score, o)
            return


def _told_often(queries: Sequence[Query], offers: list[list[Offer]], chosen: dict[int, tuple[float, Offer]]) -> None:
    """Where no place convinces, a total that stands in several is as likely as that one of them is right."""
    total = speaks_for(queries, "total", is_number, _SUM)
    if total is None or chosen.get(total, (0.0,))[0] >= ACCEPT:
        return
    places: dict[tuple[int, object], list[Offer]] = {}
    for o in offers[total]:
        if isinstance(o.value, (int, float)) and o.value:
            places.setdefault((o.document, o.value), []).append(o)
    found = [(1 - math.prod(1 - o.score for o in own), own[0]) for own in places.values()]
    score, likeliest = max(found, key=lambda f: f[0], default=(0.0, None))
    if likeliest and score >= ACCEPT:
        chosen[total] = (round(score, 4), likeliest)


def _makes(cents: int, total: Offer) -> bool:
    """Whether a sum is this total, as it is or rounded to the smallest coin."""
    return _cents(total) == cents or _is_rounded(cents, total)


def _is_rounded(cents: int, total: Offer) -> bool:
    """Whether a total is paid in coins and that sum but for less than one."""
    return _cents(total) % _COIN == 0 and abs(_cents(total) - cents) < _COIN


def _cents(offer: Offer) -> int:
    assert isinstance(offer.value, (int, float))
    return round(100 * offer.value)


def _rounded(queries: Sequence[Query], offers: list[list[Offer]], chosen: dict[int, tuple[float, Offer]]) -> None:
    """A sum that was rounded to the smallest coin afterwards gives way to what is then to be paid."""
    total = speaks_for(queries, "total", is_number, _SUM)
    if total is None or total not in chosen:
        return
    score, exact = chosen[total]
    if not isinstance(exact.value, (int, float)) or _cents(exact) % _COIN == 0:
        return
    for o in offers[total]:
        is_seen = isinstance(o.value, (int, float)) and o.document == exact.document and o.score >= _SEEN
        if is_seen and _is_rounded(_cents(exact), o):
            chosen[total] = (score, o)
            return


def _less_its_tax(queries: Sequence[Query], chosen: dict[int, tuple[float, Offer]]) -> None:
    """A net sum is not the total of which a tax was told: on a receipt that names the tax in it the net is not printed."""
    sums = _sums(queries)
    if sums is None:
        return
    net, tax, total = sums
    if min(chosen.get(q, (0.0,))[0] for q in (net, tax, total)) < ACCEPT:
        return
    whole, part, left = (chosen[q][1].value for q in (total, tax, net))
    if (
        isinstance(whole, (int, float))
        and isinstance(part, (int, float))
        and left == whole
        and _is_tax(whole - part, part)
    ):
        del chosen[net]


def _taxed_at_nought(
    queries: Sequence[Query], offers: list[list[Offer]], chosen: dict[int, tuple[float, Offer]]
) -> None:
    """The tax is never all of the total: where both are read from one sum it is nought, if that is printed."""
    tax, total = (speaks_for(queries, name, is_number, _SUM) for name in ("tax_total", "total"))
    if tax is None or total is None or tax == total or min(chosen.get(q, (0.0,))[0] for q in (tax, total)) < ACCEPT:
        return
    score, part = chosen[tax]
    if not part.value or part.value != chosen[total][1].value:
        return
    nought = next((o for o in offers[tax] if o.document == part.document and o.value == 0), None)
    if nought is None:
        del chosen[tax]
    else:
        chosen[tax] = (score, nought)


def _same_sum(queries: Sequence[Query], chosen: dict[int, tuple[float, Offer]]) -> None:
    """Where no other sum is found for it, what is due is the total, and what the lines come to the net sum."""
    for concept, same in (("amount_due", "total"), ("line_total_sum", "net_total")):
        asked, known = speaks_for(queries, concept, is_number), speaks_for(queries, same, is_number, _SUM)
        if asked is None or known is None or asked == known or chosen.get(asked, (0.0,))[0] >= ACCEPT:
            continue
        score, offer = chosen.get(known, (0.0, None))
        if offer is not None and score >= _SURE_SUM:
            chosen[asked] = (round(score * _AS_WELL, 4), replace(offer, stands_for=queries[known].name))
