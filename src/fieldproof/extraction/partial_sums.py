"""Sums that are a part of another one which stands there too: rows over a column's total, what is taxed at one rate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fieldproof.extraction.candidates import Candidate, Kind
from fieldproof.extraction.labels import LEFT, ROW, Labels
from fieldproof.extraction.shares import cents
from fieldproof.extraction.view import View

_TOTAL = frozenset([
    "total", "totals", "sum", "summe", "gesamt", "gesamtsumme", "totaux", "totale", "totali", "totaal", "suma", "soma",
])  # fmt: skip
_FEWEST = 2  # rows that a column has whose total is looked for
_RATED = re.compile(r"^(?!.*\b(?:inc|ink|ttc|ivato|comp|con\b)).*\d ?%", re.IGNORECASE)  # not "incl. 20 % VAT"
_MAY_NAME, _NAMES = 0.3, 0.8  # how well a label names a total of one rate at least, and the total of all


@dataclass(frozen=True, slots=True)
class ColumnTotals:
    """Candidates: amounts that make up a "Total" below them in their column, and those totals."""

    parts: frozenset[int] = frozenset()
    totals: frozenset[int] = frozenset()


def column_totals(
    view: View, candidates: Sequence[Candidate], labels: Labels, label_words: Sequence[frozenset[str]]
) -> ColumnTotals:
    """``label_words``: the words of each label. "Net total" is no such label: the gross one over it is no part of it."""
    amounts = [
        n for n, c in enumerate(candidates) if c.kinds & Kind.MONEY and c.amount is not None and len(c.pieces) == 1
    ]
    is_total = [bool(words) and words <= _TOTAL for words in label_words]
    ends = [k for k, n in enumerate(amounts) if any(s >= 0 and is_total[s] for s in labels.sides[n, [LEFT, ROW]])]
    if not ends:
        return ColumnTotals()
    left, top, right, bottom = view.around(np.array([candidates[n].pieces[0] for n in amounts])).T
    pages = np.array([view.segments[candidates[n].segment].page for n in amounts])
    parts: set[int] = set()
    totals: set[int] = set()
    for end in ends:
        is_over = (pages == pages[end]) & (bottom <= top[end]) & (left < right[end]) & (right > left[end])
        over = np.flatnonzero(is_over)
        upwards = [amounts[k] for k in over[np.argsort(-top[over], kind="stable")].tolist()]
        own = _adding_up(candidates, upwards, amounts[end])
        if own:
            parts |= own
            totals.add(amounts[end])
    return ColumnTotals(frozenset(parts - totals), frozenset(totals))


def _adding_up(candidates: Sequence[Candidate], upwards: Sequence[int], end: int) -> set[int]:
    """Of the amounts over a total, the nearest first, those that make it; none where no run of them does."""
    rows: dict[object, list[int]] = {}  # where one amount stands -> its candidates
    for n in upwards:
        rows.setdefault(candidates[n].pieces, []).append(n)
    left = cents(candidates[end]) or 0
    taken: set[int] = set()
    for count, own in enumerate(rows.values(), 1):
        amount = cents(candidates[own[0]]) or 0
        if amount < 0 or amount > left:
            break
        left -= amount
        taken.update(own)
        if not left and count >= _FEWEST:
            return taken
    return set()


def of_one_rate(candidates: Sequence[Candidate], labels: Labels, names_total: np.ndarray) -> frozenset[int]:
    """Candidates like "Total 0% supplies", where a total of all stands too.

    ``names_total``: how well each label names a total.
    """
    is_rated = [bool(_RATED.search(text)) for text in labels.texts]
    if not any(is_rated):
        return frozenset()
    rated, of_all = set(), False
    for n, c in enumerate(candidates):
        label = labels.before(n)
        if c.amount is None or c.kinds & Kind.PERCENT or label < 0:
            continue
        if is_rated[label] and names_total[label] >= _MAY_NAME:
            rated.add(n)
        of_all |= bool(not is_rated[label] and names_total[label] >= _NAMES)
    return frozenset(rated) if of_all else frozenset()
