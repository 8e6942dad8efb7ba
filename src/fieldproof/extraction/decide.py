"""From scores to decisions: one place for one field, sums that agree, null where nothing convinces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from operator import attrgetter

import numpy as np

from fieldproof.extraction.features import FEATURES
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.plain import key
from fieldproof.extraction.query import ROLES, Query

ACCEPT = 0.3  # probability from which a value is given; below it the answer is null
_RIVALS = 3
_SHARED_PLACE = 0.42  # what is left of a score when another field already took the place
_OTHERS_PLACE = 0.15  # and when that field tells of another party
_OF_ONE_PARTY = frozenset(["vat", "iban", "bic", "id", "name", "company", "street", "phone", "email", "url"])
_PROPER = frozenset(["vat", "iban", "bic", "phone", "email"])  # what two parties never share, wherever it is printed
_SUM = ("net_total", "tax_total", "total")
_PARTS = frozenset(["name", "company", "person", "street", "postcode", "city", "address"])
_NAMES = frozenset(["name", "company"])
_ANCHORS = frozenset(["street", "postcode", "city"])
_TOGETHER = 2.0  # odds factor for parts of one address that stand in one block
_SURE_HOME, _AT_HOME = 0.7, 4.0  # score of a party's address from which a name over it is likelier still
_WHO, _SOMEBODY = 0.5, 0.2  # score from which a person is whom a field asks for, and the odds factor as a party's name
_TAXED = 5.0  # how much more a sum of net and a likely tax is worth than any other sum
_PROVED = 0.85  # what a sum gives its parts of the score of its surest one
_PERIOD = ("period_from", "period_to")
_DATE_PAIRS = (("invoice_date", "due_date"), _PERIOD, ("effective_date", "expiry_date"))
_ORDER_IS_WORTH = 0.05  # of the scores of two dates in the wrong order
_PERIOD_END = 0.3  # score from which a day may be an end of the period that the other end is in
_PERIOD_IS_WORTH = 0.02  # of the scores of two dates, from which they are taken as one period
_WHOLE_IS_WORTH = 0.1  # of the scores of the days in it, from which a period is taken for the whole
_REMAINS = 0.6
_MAY_BE_DUE = 0.15  # score from which the only other day may be when it is to be paid
_IS_DUE = 0.5  # score from which one of two days is when it is to be paid
_SAYS_DUE = 0.8  # how well a label names a date, from which it cannot be another one
_LONE = 0.1  # score from which a number that no label names may be the document's own
_FAR = 2.0  # and how many times as likely as the next one
_COIN = 0.05
_MAY_BE_TOTAL = 0.15  # score from which a sum may be the total with its tax
_SURE_SUM, _AS_WELL = 0.5, 0.8  # score from which a sum stands for another one as well, and what is left of it then
_RATES = (5, 6, 7, 8, 10, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25)  # of value added and sales taxes
_LABEL = FEATURES.index("best_label")
_NAMED = 0.5  # how well a label names a field, from which it is said to
_SELLER, _BUYER = ROLES.index("seller"), ROLES.index("buyer")
_NEARLY = 0.6  # share of another party's score from which a number may as well be the seller's
_VOICE = 0.5  # share of a value's best score from which another place of it counts
_VOICES = 3  # places beside the best one that count at most
_EACH_VOICE = 0.3  # odds factor that each of them adds
_SEEN = 0.05  # score from which a rounded sum is looked at
is_date, is_number = attrgetter("is_date"), attrgetter("is_number")
_AGREES = 1.6  # odds factor for amounts that add up


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


def decide(queries: Sequence[Query], offers: Sequence[list[Offer]]) -> list[Decision]:
    """One decision per query, in their order."""
    adjusted = [sorted(o, key=lambda x: (-x.score, x.document, x.candidate)) for o in offers]
    checks: list[list[str]] = [[] for _ in queries]
    boosted = _heard_again(queries, adjusted)
    boosted |= _only_address(queries, adjusted)
    boosted |= _in_one_block(queries, adjusted)
    boosted |= _over_its_address(queries, adjusted)
    lone = _lone_number(queries, adjusted)
    boosted |= lone | _own_number(queries, adjusted, lone)
    boosted |= _sellers_own(queries, adjusted)
    boosted |= _periods(queries, adjusted)
    boosted |= _agreeing(queries, adjusted, checks) or _sole_total(queries, adjusted)
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
        if queries[q].shape in _PROPER:
            rivals += [
                queries[h]
                for h, (_, o) in chosen.items()
                if queries[h].shape == queries[q].shape
                and key(str(o.value)) == key(str(offer.value))
                and h not in holders
            ]
        if rivals and queries[q].is_date and _label(offer) < _SAYS_DUE:
            continue
        if rivals:
            named = min((_named_beside(offer, chosen[h][1]) for h in holders), default=1.0)
            score *= named * min(_share_of(queries[q], r) for r in rivals)
            if score < ACCEPT * 0.8:
                continue
        chosen[q] = (score, offer)
        for t in tokens:
            taken.setdefault(t, []).append(q)
    _own_date_first(queries, adjusted, chosen)
    _in_order(queries, adjusted, chosen)
    _with_tax(queries, adjusted, chosen)
    _rounded(queries, adjusted, chosen)
    _less_its_tax(queries, chosen)
    _same_sum(queries, chosen)
    _same_period(queries, adjusted, chosen)
    _remaining_date(queries, adjusted, chosen)
    return [_decision(chosen.get(q), adjusted[q], checks[q]) for q in range(len(queries))]


def _own_date_first(
    queries: Sequence[Query], offers: list[list[Offer]], chosen: dict[int, tuple[float, Offer]]
) -> None:
    """Of two fields that want one day it is the document's own, unless a label says that it is then due.

    What is due then is the best later day, if it convinces; the only other one is left to ``_remaining_date``.
    """
    own, due = (speaks_for(queries, concept, is_date) for concept in _DATE_PAIRS[0])
    if own is None or due is None or own == due or chosen.get(own, (0.0,))[0] >= ACCEPT:
        return
    score, wanted = chosen.get(due, (0.0, None))
    if wanted is None or score < ACCEPT or _label(wanted) >= _SAYS_DUE:
        return
    as_own = offers[own][0] if offers[own] else None
    if as_own is None or as_own.score < ACCEPT or (as_own.document, as_own.value) != (wanted.document, wanted.value):
        return
    chosen[own] = (as_own.score, as_own)
    del chosen[due]
    others = [o for o in offers[due] if o.value != wanted.value]
    later = next((o for o in others if str(o.value) > str(wanted.value)), None)
    if later and later.score >= ACCEPT and len({str(o.value) for o in others}) > 1:
        chosen[due] = (later.score, later)


def _in_order(queries: Sequence[Query], offers: list[list[Offer]], chosen: dict[int, tuple[float, Offer]]) -> None:
    """Nothing is due before it is issued: two dates in the wrong order give way to the best two in the right one.

    Or to the first alone, where that is likelier and no label speaks for the other: every document has its own day.
    """
    for earlier, later in _DATE_PAIRS:
        one, two = (speaks_for(queries, concept, is_date) for concept in (earlier, later))
        if one is None or two is None or one == two or one not in chosen or two not in chosen:
            continue
        (score_one, first), (score_two, second) = chosen[one], chosen[two]
        if min(score_one, score_two) < ACCEPT or first.document != second.document:
            continue
        if str(first.value) <= str(second.value):
            continue
        pairs = [
            (a.score * b.score, a, b)
            for a, b in product(offers[one][:6], offers[two][:6])
            if a.document == b.document and a.place != b.place and str(a.value) <= str(b.value)
        ]
        best = max(pairs, key=lambda p: p[0], default=None)
        alone = max(score_one, score_two) * (1 - min(score_one, score_two))
        if alone > (best[0] if best else 0.0) and _label(second) < _NAMED:
            del chosen[two]
        elif best and best[0] >= _ORDER_IS_WORTH * score_one * score_two:
            chosen[one], chosen[two] = (max(best[1].score, ACCEPT), best[1]), (max(best[2].score, ACCEPT), best[2])


def _same_period(queries: Sequence[Query], offers: list[list[Offer]], chosen: dict[int, tuple[float, Offer]]) -> None:
    """Where the first day begins a written period, the last day is the one that ends it, and the other way round."""
    first, last = (speaks_for(queries, concept, is_date) for concept in _PERIOD)
    if first is None or last is None or first == last or min(chosen.get(q, (0.0,))[0] for q in (first, last)) < ACCEPT:
        return
    begin, end = chosen[first][1], chosen[last][1]
    of_begin = next((o for o in offers[last] if _is_period(begin, o)), None)
    of_end = next((o for o in offers[first] if _is_period(o, end)), None)
    if of_begin and (of_end is None or chosen[first][0] * of_begin.score >= of_end.score * chosen[last][0]):
        chosen[last] = (max(of_begin.score, ACCEPT), of_begin)
    elif of_end:
        chosen[first] = (max(of_end.score, ACCEPT), of_end)


def _is_period(begin: Offer, end: Offer) -> bool:
    is_one = begin.until == end.candidate and begin.document == end.document
    return is_one and min(begin.score, end.score) >= _PERIOD_END


def _with_tax(queries: Sequence[Query], offers: list[list[Offer]], chosen: dict[int, tuple[float, Offer]]) -> None:
    """A total gives way to one that is larger by a tax on it, where that tax is printed too."""
    total = speaks_for(queries, "total", is_number, _SUM)
    if total is None or total not in chosen:
        return
    score, net = chosen[total]
    sums = [o for o in offers[total] if o.document == net.document and isinstance(o.value, (int, float))]
    printed = {_cents(o) for o in sums}
    for o in sums if isinstance(net.value, (int, float)) else ():
        tax = _cents(o) - _cents(net)
        may_be_total = _label(o) >= _NAMED and o.score >= _MAY_BE_TOTAL
        if may_be_total and tax in printed and _is_usual_tax(_cents(net), tax):
            chosen[total] = (score, o)
            return


def _cents(offer: Offer) -> int:
    assert isinstance(offer.value, (int, float))
    return round(100 * offer.value)


def _rounded(queries: Sequence[Query], offers: list[list[Offer]], chosen: dict[int, tuple[float, Offer]]) -> None:
    """A sum that was rounded to the smallest coin afterwards gives way to what is then to be paid."""
    total = speaks_for(queries, "total", is_number, _SUM)
    if total is None or total not in chosen:
        return
    score, exact = chosen[total]
    if not isinstance(exact.value, (int, float)) or _is_coins(exact.value):
        return
    for o in offers[total]:
        is_seen = isinstance(o.value, (int, float)) and o.document == exact.document and o.score >= _SEEN
        if is_seen and _is_coins(o.value) and abs(o.value - exact.value) < _COIN:  # pyright: ignore[reportArgumentType, reportOperatorIssue]
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


def _same_sum(queries: Sequence[Query], chosen: dict[int, tuple[float, Offer]]) -> None:
    """Where no other sum is found for it, what is due is the total, and what the lines come to the net sum."""
    for concept, same, others in (("amount_due", "total", _SUM), ("line_total_sum", "net_total", _SUM)):
        asked, known = speaks_for(queries, concept, is_number), speaks_for(queries, same, is_number, others)
        if asked is None or known is None or asked == known or chosen.get(asked, (0.0,))[0] >= ACCEPT:
            continue
        score, offer = chosen.get(known, (0.0, None))
        if offer is not None and score >= _SURE_SUM:
            chosen[asked] = (round(score * _AS_WELL, 4), replace(offer, stands_for=queries[known].name))


def _is_coins(value: float) -> bool:
    return round(value * 100) % round(_COIN * 100) == 0


def _remaining_date(
    queries: Sequence[Query], offers: list[list[Offer]], chosen: dict[int, tuple[float, Offer]]
) -> None:
    """Where a document has two days in all and one is when it is due, the other one, if earlier, is its own.

    And where one is its own, the later one is when it is due, if its label could say so.
    """
    own, due = (speaks_for(queries, concept, is_date) for concept in _DATE_PAIRS[0])
    if own is None or due is None or own == due:
        return
    is_own, is_due = (chosen.get(q, (0.0,))[0] >= ACCEPT for q in (own, due))
    if is_own == is_due:
        return
    known, asked = (due, own) if is_due else (own, due)
    others = [o for o in offers[asked] if str(o.value) != str(chosen[known][1].value)]
    if len({str(o.value) for o in others}) != 1:
        return
    # Where the ranker is sure that one of two days is due and the other field has that one, the other day is.
    is_wanted = others[0].score >= _MAY_BE_DUE or offers[asked][0].score >= _IS_DUE
    if not is_due and not is_wanted:
        return
    if (str(others[0].value) < str(chosen[known][1].value)) == is_due:
        chosen[asked] = (max(others[0].score, _REMAINS), others[0])


def _share_of(one: Query, other: Query) -> float:
    """What is left of a score at a place that another field of the same shape took."""
    are_two_parties = one.role and other.role and one.role != other.role
    return _OTHERS_PLACE if are_two_parties and one.shape in _OF_ONE_PARTY else _SHARED_PLACE


def _named_beside(offer: Offer, holder: Offer) -> float:
    """How well the label names the field of an offer, beside the field that holds its place: at most as well."""
    own, other = _label(offer), _label(holder)
    return min(1.0, own / other) if other > 0 else 1.0


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


def _heard_again(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Scores of values that stand in several likely places of a document: each place speaks for the others."""
    out: dict[tuple[int, int], float] = {}
    for q, own in enumerate(offers):
        if queries[q].shape not in _NAMES:
            continue
        of_value: dict[tuple[int, str], list[Offer]] = {}
        for o in own:
            of_value.setdefault((o.document, key(str(o.value))), []).append(o)
        for best, *others in of_value.values():
            voices = sum(o.score >= _VOICE * best.score for o in others)
            if voices:
                out[(q, id(best))] = by_odds(best.score, 1 + _EACH_VOICE * min(voices, _VOICES))
    return out


def _only_address(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Where one address is asked for and one stands there, it is that."""
    asked = [q for q, query in enumerate(queries) if query.shape == "address"]
    found = [o for o in offers[asked[0]] if o.is_only] if len(asked) == 1 else []
    return {(asked[0], id(o)): max(o.score, _REMAINS) for o in found[:1]}


def _in_one_block(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Scores of a party's name, street, postcode and city: raised where they stand together, lowered elsewhere."""
    parties: dict[tuple[object, ...], list[int]] = {}
    for q, query in enumerate(queries):
        if query.shape in _PARTS:
            parties.setdefault((query.path[:-1], query.role), []).append(q)
    asked = {p: m for p, m in parties.items() if sum(queries[q].shape in _ANCHORS for q in m) >= 2}
    worths = [
        (worth, n, p, block)
        for n, (p, members) in enumerate(asked.items())
        for block, worth in _block_worths(members, offers).items()
    ]
    home: dict[tuple[object, ...], tuple[int, int]] = {}
    for _, _, party, block in sorted(worths, key=lambda w: (-w[0], w[1], w[3])):
        if party not in home and block not in home.values():
            home[party] = block
    out: dict[tuple[int, int], float] = {}
    for party, block in home.items():
        for q in asked[party]:
            for o in offers[q]:
                factor = _TOGETHER if (o.document, o.block) == block else 1 / _TOGETHER
                out[(q, id(o))] = by_odds(o.score, factor)
    return out


def _over_its_address(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Scores of a party's name, raised where it stands over the likeliest of the party's addresses, lowered elsewhere.

    And more so where it is what another field asks for, a person: "Buyer: J. Moore" under the buyer's letterhead.
    """
    out: dict[tuple[int, int], float] = {}
    persons = {
        (o[0].document, o[0].candidate)
        for query, o in zip(queries, offers, strict=True)
        if query.shape == "person" and o and o[0].score >= _WHO
    }
    for q, query in enumerate(queries):
        if query.shape not in _NAMES:
            continue
        own = [a for a, other in enumerate(queries) if other.shape == "address" and _is_same_party(query, other)]
        best = offers[own[0]][0] if len(own) == 1 and offers[own[0]] else None
        if best is None or best.score < ACCEPT:
            continue
        home = (best.document, best.candidate)
        worth = _AT_HOME if best.score >= _SURE_HOME else _TOGETHER
        if any((o.document, o.over) == home and by_odds(o.score, worth) >= ACCEPT for o in offers[q]):
            for o in offers[q]:
                is_over = (o.document, o.over) == home
                elsewhere = 1 / worth * (_SOMEBODY if (o.document, o.candidate) in persons else 1)
                out[(q, id(o))] = by_odds(o.score, worth if is_over else elsewhere)
    return out


def _lone_number(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Where no label names the document's own number it is the one that is far likelier than any other."""
    out: dict[tuple[int, int], float] = {}
    for q, query in enumerate(queries):
        if query.shape != "id" or not _is_of_group(query) or not offers[q]:
            continue
        best, *others = offers[q]
        is_named = any(_label(o) >= _NAMED and o.score >= _SEEN for o in offers[q])
        next_best = max((o.score for o in others if o.value != best.value), default=0.0)
        is_far = max(_LONE, _FAR * next_best) <= best.score < ACCEPT
        if is_far and not is_named and any(map(str.isdigit, str(best.value))):
            out[(q, id(best))] = ACCEPT
    return out


def _own_number(
    queries: Sequence[Query], offers: list[list[Offer]], lone: dict[tuple[int, int], float]
) -> dict[tuple[int, int], float]:
    """Scores of other numbers ("po_number" of an "invoice"), lowered where a number stands that no label names.

    Such a number is the document's own, if any.
    """
    numbers = [q for q, query in enumerate(queries) if query.shape == "id"]
    own = [q for q in numbers if _is_of_group(queries[q])]
    if len(own) != 1:
        return {}
    best = offers[own[0]][0] if offers[own[0]] else None
    if best is None or lone.get((own[0], id(best)), best.score) < ACCEPT or _label(best) >= _NAMED:
        return {}
    return {
        (q, id(o)): round(o.score * _SHARED_PLACE, 4)
        for q in numbers if q != own[0] and queries[q].path[:-1] == queries[own[0]].path[:-1]
        for o in offers[q] if (o.place, o.value) == (best.place, best.value) and _label(o) < _NAMED
    }  # fmt: skip


def _sellers_own(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Scores of a buyer's tax or bank number, lowered where it may as well be the seller's.

    Who sends a document prints his own.
    """
    out: dict[tuple[int, int], float] = {}
    for q, query in enumerate(queries):
        if query.shape not in _PROPER or query.role != _BUYER:
            continue
        sellers = [
            offers[s][0] for s, o in enumerate(queries) if o.shape == query.shape and o.role == _SELLER and offers[s]
        ]
        for own in sellers:
            out |= {
                (q, id(o)): round(o.score * _OTHERS_PLACE, 4)
                for o in offers[q]
                if o.document == own.document and key(str(o.value)) == key(str(own.value))
                and own.score >= max(ACCEPT, _NEARLY * o.score) and _label(o) <= _label(own)
            }  # fmt: skip
    return out


def _is_of_group(query: Query) -> bool:
    """Whether a field is called as its group is: the "invoice_number" of an "invoice"."""
    return bool(set(query.name.split()) & set(query.group_words.split()))


def _label(offer: Offer) -> float:
    return float(offer.features[_LABEL]) if offer.features is not None else 0.0


def _is_same_party(one: Query, other: Query) -> bool:
    return one.path[:-1] == other.path[:-1] and (one.role == other.role or not (one.role and other.role))


def _block_worths(members: list[int], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """(document, block) -> the sum of the best scores that the party's fields have there."""
    worths: dict[tuple[int, int], float] = {}
    for q in members:
        best: dict[tuple[int, int], float] = {}
        for o in offers[q]:
            best.setdefault((o.document, o.block), o.score)  # offers come best first
        for block, score in best.items():
            worths[block] = worths.get(block, 0.0) + score
    return worths


def _periods(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Scores of a first and a last day, raised for the best two that are written as one period.

    Where it has the likeliest days in it, it is the whole's, and what lies within it tells of a part.
    """
    first, last = (speaks_for(queries, concept, is_date) for concept in _PERIOD)
    if first is None or last is None or first == last:
        return {}
    ends = {(o.document, o.candidate): o for o in offers[last]}
    pairs = [(o, ends[o.document, o.until]) for o in offers[first] if (o.document, o.until) in ends]
    best = max(pairs, key=_likelihood, default=None)
    if best is None or _likelihood(best) < _PERIOD_IS_WORTH:
        return {}
    raised = {(q, id(o)): by_odds(o.score, _TOGETHER * 2) for q, o in zip((first, last), best, strict=True)}
    if not _holds(best, (offers[first][0], offers[last][0])):
        return raised
    within = {
        (q, id(o)): by_odds(o.score, 1 / (_TOGETHER * 2))
        for q in (first, last) for o in offers[q] if _holds(best, (o, o))
    }  # fmt: skip
    return within | raised


def _holds(period: tuple[Offer, Offer], days: tuple[Offer, Offer]) -> bool:
    """Whether two days, not much likelier than the period, lie in it."""
    (begin, end), (first, last) = period, days
    is_likely = _likelihood(period) >= _WHOLE_IS_WORTH * _likelihood(days)
    is_around = str(begin.value) <= str(first.value) and str(last.value) <= str(end.value)
    return is_likely and is_around and begin.document == first.document == last.document


def _likelihood(pair: tuple[Offer, Offer]) -> float:
    return pair[0].score * pair[1].score


def by_odds(score: float, factor: float) -> float:
    """The score whose odds are so many times those of this one; both in 0 to 1."""
    odds = factor * score / max(1e-6, 1 - score)
    return round(odds / (1 + odds), 4)


def _agreeing(
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


def _sums(queries: Sequence[Query]) -> tuple[int, int, int] | None:
    """The fields of the net sum, the tax and the total, where all three are asked for."""
    net, tax, total = (speaks_for(queries, name, is_number, _SUM) for name in _SUM)
    if net is None or tax is None or total is None or len({net, tax, total}) < len(_SUM):
        return None
    return net, tax, total


def _sole_total(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Scores of a net sum and of a tax, lowered where the total stands: one sum alone is what is to be paid."""
    net, tax, gross = (speaks_for(queries, name, is_number, _SUM) for name in _SUM)
    total = offers[gross][0] if gross is not None and offers[gross] else None
    if total is None or total.score < ACCEPT:
        return {}
    parts = [q for q in (net, tax) if q is not None and q != gross]
    return {
        (q, id(o)): round(o.score * _SHARED_PLACE, 4)
        for q in parts for o in offers[q]
        if o.document == total.document and o.value == total.value and _named_beside(total, o) == 1.0
    }  # fmt: skip


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


def speaks_for(
    queries: Sequence[Query], concept: str, is_fit: Callable[[Query], bool], others: Sequence[str] = ()
) -> int | None:
    """Of the fitting fields the one that means this concept, and less the others."""
    index = LEXICON.index[concept]
    rivals = [LEXICON.index[n] for n in others if n != concept]
    found = [
        (float(q.concepts[index] - 0.5 * q.concepts[rivals].max(initial=0.0)), -i)
        for i, q in enumerate(queries)
        if is_fit(q) and q.concepts[index] >= 0.8
    ]
    return -max(found)[1] if found else None
