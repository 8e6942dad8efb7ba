"""Which day is whose: the document's own and the one it is due, the two ends of a period, nothing due before it is issued."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from fieldproof.extraction.offers import ACCEPT, NAMED, Offer, by_odds, is_date, label_of, speaks_for
from fieldproof.extraction.query import Query

_PERIOD = ("period_from", "period_to")
_DATE_PAIRS = (("invoice_date", "due_date"), _PERIOD, ("effective_date", "expiry_date"))
_ORDER_IS_WORTH = 0.05  # of the scores of two dates in the wrong order
_PERIOD_END = 0.3  # score from which a day may be an end of the period that the other end is in
_PERIOD_IS_WORTH = 0.02  # of the scores of two dates, from which they are taken as one period
_WHOLE_IS_WORTH = 0.1  # of the scores of the days in it, from which a period is taken for the whole
_IN_ONE_PERIOD = 4.0  # odds factor for two days that are written as one
_REMAINS = 0.6  # score of a day that is what is left
_MAY_BE_DUE = 0.15  # score from which the only other day may be when it is to be paid
_IS_DUE = 0.5  # score from which one of two days is when it is to be paid
SAYS_DUE = 0.8  # how well a label names a date, from which it cannot be another one


def periods(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
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
    raised = {(q, id(o)): by_odds(o.score, _IN_ONE_PERIOD) for q, o in zip((first, last), best, strict=True)}
    if not _holds(best, (offers[first][0], offers[last][0])):
        return raised
    within = {
        (q, id(o)): by_odds(o.score, 1 / (_IN_ONE_PERIOD))
        for q in (first, last) for o in offers[q] if _holds(best, (o, o))
    }  # fmt: skip
    return within | raised


def settle_days(queries: Sequence[Query], offers: list[list[Offer]], chosen: dict[int, tuple[float, Offer]]) -> None:
    """Sets right what was chosen field by field, where the days together say otherwise."""
    _own_date_first(queries, offers, chosen)
    _in_order(queries, offers, chosen)
    _same_period(queries, offers, chosen)
    _remaining_date(queries, offers, chosen)


def _holds(period: tuple[Offer, Offer], days: tuple[Offer, Offer]) -> bool:
    """Whether two days, not much likelier than the period, lie in it."""
    (begin, end), (first, last) = period, days
    is_likely = _likelihood(period) >= _WHOLE_IS_WORTH * _likelihood(days)
    is_around = str(begin.value) <= str(first.value) and str(last.value) <= str(end.value)
    return is_likely and is_around and begin.document == first.document == last.document


def _likelihood(pair: tuple[Offer, Offer]) -> float:
    return pair[0].score * pair[1].score


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
    if wanted is None or score < ACCEPT or label_of(wanted) >= SAYS_DUE:
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
        alone = score_one * (1 - score_two)
        if alone > (best[0] if best else 0.0) and label_of(second) < NAMED:
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
