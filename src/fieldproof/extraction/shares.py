"""Tables of shares: "Acme 16 % 203,800.00" over "Market 100 % 1,273,750.00". What is everybody's is nobody's own sum."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fieldproof.extraction.candidates import Candidate, Kind
from fieldproof.extraction.labels import Labels

_SHARE = re.compile(r"(?:^|\s)(\d{1,3}(?:[.,]\d{1,2})?)\s?%$")
_WHOLE = 100.0
_ROUNDED = 0.5  # points that a printed share may be off


@dataclass(frozen=True, slots=True)
class Shares:
    """Amounts of a table of shares in cents: the one that the document is about, and everybody else's and all together."""

    own: frozenset[int] = frozenset()
    others: frozenset[int] = frozenset()


def shares_of(candidates: Sequence[Candidate], labels: Labels) -> Shares:
    """What a document is about stands in its table of shares as one of them, and once more where it is due.

    Without such a share it is no table of that kind: of a bill that is split the whole is what is due.
    """
    beside = dict(_beside_shares(candidates, labels))
    amounts = {n: amount for n, c in enumerate(candidates) if c.kinds & Kind.MONEY and (amount := cents(c)) is not None}
    elsewhere = {amount for n, amount in amounts.items() if n not in beside}
    shown = [(amounts[n], share) for n, share in beside.items() if n in amounts]
    own, others = set(), set()
    for whole in {amount for amount, share in shown if share == _WHOLE} - elsewhere:
        parts = {part for part, share in shown if part and abs(_WHOLE * part - share * whole) <= _ROUNDED * whole}
        if parts & elsewhere:
            own |= parts & elsewhere
            others |= parts - elsewhere
    return Shares(frozenset(own), frozenset(others))


def cents(candidate: Candidate) -> int | None:
    return None if candidate.amount is None else round(100 * candidate.amount)


def _beside_shares(candidates: Sequence[Candidate], labels: Labels) -> Iterator[tuple[int, float]]:
    """(number of an amount's candidate, the share in percent that stands right before it)."""
    texts = [_SHARE.search(text) if text.endswith("%") else None for text in labels.texts]
    if not any(texts):
        return
    for number, candidate in enumerate(candidates):
        if candidate.amount is None or candidate.kinds & Kind.PERCENT:
            continue
        label = labels.before(number)
        share = texts[label] if label >= 0 else None
        if share:
            yield number, float(share[1].replace(",", "."))
