"""One document made ready for questions: candidates, their labels and what they look like."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fieldproof.core.document import ParsedDocument
from fieldproof.extraction import addresses
from fieldproof.extraction.address_blocks import lines_over
from fieldproof.extraction.candidates import Candidate, Kind, Pieces, find_candidates
from fieldproof.extraction.dates import Order, order_of
from fieldproof.extraction.headings import called, kind_of
from fieldproof.extraction.labels import ABOVE, INLINE, LEFT, ROW, Labels, label_sides
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.looks import Looks
from fieldproof.extraction.partial_sums import ColumnTotals, column_totals, of_one_rate
from fieldproof.extraction.party_lines import whose_lines
from fieldproof.extraction.plain import key, plain
from fieldproof.extraction.query import trigrams_of
from fieldproof.extraction.ranges import date_ranges
from fieldproof.extraction.shares import Shares, cents, shares_of
from fieldproof.extraction.view import View, view_of
from fieldproof.extraction.web_names import web_names

_DIALLED = re.compile(r"\+ ?\d|\(0?\d{2,3}\) ?\d")  # what begins with 00 or another bracket may be any number
_CALLED = 0.8  # how well a label names what it is taken to speak of


@dataclass
class Scene:
    view: View
    order: Order
    candidates: list[Candidate]
    address_at: dict[int, int]  # segment -> the candidate that is the whole address it is a line of
    over: dict[int, tuple[int, int]]  # segment -> the candidate of the address that it stands over, and how far up
    ranges: dict[int, int]  # the first day of a period -> the last one, both candidates
    labels: Labels
    looks: Looks
    label_concepts: np.ndarray  # label text x concept
    label_trigrams: np.ndarray
    label_words: list[frozenset[str]]

    @cached_property
    def number_at(self) -> dict[Pieces, int]:
        """The candidate that is just these pieces of lines."""
        return {c.pieces: n for n, c in enumerate(self.candidates)}

    @cached_property
    def only_address(self) -> int | None:
        """The candidate of the one address that stands here, the first where it is repeated.

        Of several the one with a street and a city.
        """
        streets = [n for n in sorted(set(self.address_at.values())) if addresses.has_street(self.candidates[n].text)]
        cities = [n for n in streets if addresses.postcode_city(self.candidates[n].text).postcode]
        whole = cities or streets
        return whole[0] if len({key(self.candidates[n].text) for n in whole}) == 1 else None

    @cached_property
    def telephones(self) -> dict[int, tuple[int, int]]:
        """Token -> the whole telephone number that it is a part of, as far as a country's or an area's code tells."""
        whole = (c.pieces[0] for c in self.candidates if c.kinds & Kind.PHONE and _DIALLED.match(c.text))
        return {token: (first, last) for first, last in whole if last > first + 1 for token in range(first, last)}

    @cached_property
    def whose(self) -> dict[int, int]:
        """Line -> the role of the party that it belongs to, or ``SOMEBODY``."""
        return whose_lines(self.view)

    @cached_property
    def web_names(self) -> frozenset[str]:
        return web_names(self.view, self.candidates, self.whose)

    @cached_property
    def shares(self) -> Shares:
        return shares_of(self.candidates, self.labels)

    @cached_property
    def settled(self) -> tuple[float, float] | None:
        """(to be paid, handed over) where a receipt names the change, and two of its amounts differ by that.

        What was handed over goes by too many names to wait for one ("Total paid"): else it is the largest such amount.
        """
        returned = self._labelled("change")
        if not returned:
            return None
        amounts = {round(float(c.amount), 2) for c in self.candidates if c.amount is not None}
        for handed in (self._labelled("paid"), amounts):
            pairs = ((a, round(a - b, 2)) for a in handed for b in returned if a > b > 0)
            found = max((pair for pair in pairs if pair[1] in amounts), default=None)
            if found:
                return found[1], found[0]
        return None

    @cached_property
    def labels_of_days(self) -> frozenset[str]:
        """The texts that stand left of or over a date."""
        sides = (own for c, own in zip(self.candidates, self.labels.sides, strict=True) if c.date is not None)
        return frozenset(self.labels.texts[own[s]] for own in sides for s in (INLINE, LEFT, ABOVE) if own[s] >= 0)

    @cached_property
    def sums(self) -> frozenset[int]:
        """All amounts of money, in cents."""
        return frozenset(amount for c in self.candidates if c.kinds & Kind.MONEY and (amount := cents(c)) is not None)

    @cached_property
    def column_totals(self) -> ColumnTotals:
        return column_totals(self.view, self.candidates, self.labels, self.label_words)

    @cached_property
    def of_one_rate(self) -> frozenset[int]:
        """Amounts that are the total of what is taxed at one rate."""
        return of_one_rate(self.candidates, self.labels, self.label_concepts[:, LEXICON.index["total"]])

    def _labelled(self, concept: str) -> set[float]:
        """The amounts that a label on their line calls so."""
        speaks = self.label_concepts[:, LEXICON.index[concept]] >= _CALLED
        return {
            round(float(c.amount), 2) for c, sides in zip(self.candidates, self.labels.sides, strict=True)
            if c.amount is not None and any(sides[s] >= 0 and speaks[sides[s]] for s in (INLINE, LEFT, ROW))
        }  # fmt: skip

    def segment_of(self, token: int) -> int:
        return bisect_right(self.view.segments, token, key=lambda s: s.first) - 1

    def page_of(self, candidate: int) -> int:
        return self.view.segments[self.candidates[candidate].segment].page


def scene_of(document: ParsedDocument, learnt: Order | None = None) -> Scene:
    """``learnt``: the order of day and month on look-alikes, for a document that does not tell its own."""
    view = view_of(document)
    order = order_of([s.text for s in view.segments], learnt)
    candidates, address_at = find_candidates(view, order)
    over = lines_over(view, {candidates[n].segment: n for n in address_at.values()})
    ranges = date_ranges(view, candidates)
    labels = label_sides(view, candidates, ranges)
    plain_labels = [plain(t) for t in labels.texts]
    concepts = LEXICON.vectors(plain_labels)
    looks = Looks(view, candidates, ranges, over, called(kind_of(view), labels, concepts))
    return Scene(
        view, order, candidates, address_at, over, ranges, labels, looks, concepts, trigrams_of(plain_labels),
        [frozenset(t.split()) for t in plain_labels],
    )  # fmt: skip
