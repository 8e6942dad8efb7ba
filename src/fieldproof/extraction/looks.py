"""What candidates look like: what they are made of, where they stand, and what company they keep.

Most candidates are never ranked for any field, so what their words tell is read when one is first asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from statistics import median

import numpy as np

from fieldproof.extraction import addresses, names
from fieldproof.extraction.candidates import KIND_OF, Candidate, Kind
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.plain import key
from fieldproof.extraction.view import View

LOOKS = (
    *(f"is_{name.lower()}" for name in KIND_OF),
    "lines", "words", "chars", "digits", "letters", "capitals", "title_case", "ends_with_colon", "names_a_label", "times_seen",
    "page", "page_from_end", "left", "right", "top", "bottom", "centre", "begins_segment", "ends_segment", "size", "is_bold",
    "chain_place", "chain_length", "person", "magnitude", "money_rank", "is_largest", "is_sum", "is_part_of_sum", "times_value",
    "date_rank", "date_count", "row_mates", "order", "has_currency", "has_decimals", "page_count", "lines_above",
    "goes_on_above", "goes_on_below", "range_place", "over_address", "names_heading", "names_other_kind",
)  # fmt: skip
_BITS = np.arange(len(KIND_OF))
_DECIMALS = re.compile(r"[.,]\d{2}(?!\d)")
_SHORT = 60  # letters below which a text may name a concept or a person
_AMOUNTS = 80  # of a document, the largest ones, whose sums are looked for


class Looks:
    """Of each candidate ``page`` (index), ``top`` (share of its page) and ``over_address``; the rest is asked for."""

    def __init__(
        self,
        view: View,
        candidates: list[Candidate],
        ranges: dict[int, int],
        over: dict[int, tuple[int, int]],
        kinds_called: np.ndarray,
    ) -> None:
        """``ranges``, ``over`` as of the ``Scene``; ``kinds_called``: candidate x (names_heading, names_other_kind)."""
        self._view = view
        self._candidates = candidates
        self._kinds_called = kinds_called
        self._period = np.zeros(len(candidates))
        self._period[list(ranges)], self._period[list(ranges.values())] = 1.0, 2.0
        self.over_address = np.array([1.0 / over[c.segment][1] if c.segment in over else 0.0 for c in candidates])
        self._spans = np.array([c.pieces[0] for c in candidates], dtype=np.intp).reshape(-1, 2)
        pages = [view.segments[c.segment].page for c in candidates]
        self._sizes = np.array([(p.width_pt, p.height_pt) for p in view.document.pages]).reshape(-1, 2)[pages]
        self.page = np.array(pages, dtype=np.float32)
        self.top = (view.edges[self._spans[:, 0], 1] / self._sizes[:, 1]).astype(np.float32)
        self._is_known = np.zeros(len(candidates), dtype=bool)
        self._table = np.zeros((len(candidates), len(LOOKS)), dtype=np.float32)
        self._concepts: dict[str, np.ndarray] = {}

    def of(self, rows: np.ndarray) -> np.ndarray:
        """candidate x LOOKS."""
        new = np.unique(rows[~self._is_known[rows]])
        if len(new):
            self._table[new] = self._seen(new)
            self._is_known[new] = True
        return self._table[rows]

    def concepts(self, rows: np.ndarray) -> np.ndarray:
        """candidate x concept: what the candidates themselves name."""
        texts = [self._candidates[i].text for i in rows.tolist()]
        new = [t for t in dict.fromkeys(texts) if t not in self._concepts]
        self._concepts |= zip(new, LEXICON.vectors([t if len(t) < _SHORT else "" for t in new]), strict=True)
        return np.stack([self._concepts[t] for t in texts])

    def _seen(self, rows: np.ndarray) -> np.ndarray:
        found = [self._candidates[i] for i in rows.tolist()]
        written, times_seen, person, has_decimals = self._written(found)
        kinds = np.array([c.kinds for c in found])
        return np.column_stack(
            (
                (kinds[:, None] >> _BITS) & 1, [len(c.pieces) for c in found], written,
                [self._view.tokens[c.pieces[0][1] - 1].text.endswith(":") for c in found], self.concepts(rows).max(axis=1),
                times_seen, self._standing(rows, found), person, self._money(found), self._days(found),
                self._company(found, has_decimals), self._period[rows], self.over_address[rows], self._kinds_called[rows],
            )
        )  # fmt: skip

    def _written(self, found: list[Candidate]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """words … title_case, times_seen, person and has_decimals: what the candidates' texts alone tell."""
        numbers: dict[str, int] = {}
        which = [numbers.setdefault(c.text, len(numbers)) for c in found]
        texts = list(numbers)
        shape = ([len(t.split()) for t in texts], [len(t) for t in texts], *_letters(texts))
        written = np.column_stack((*shape, [names.title_case_share(t) for t in texts]))
        times_seen = np.array([min(self._times[key(t)], 10) for t in texts])
        person = np.array([names.person_likeness(t) if len(t) < _SHORT else 0.0 for t in texts])
        has_decimals = np.array([bool(_DECIMALS.search(t)) for t in texts])
        return written[which], times_seen[which], person[which], has_decimals[which]

    @cached_property
    def _times(self) -> Counter[str]:
        """How often each text stands there, in the form in which values are compared."""
        times: Counter[str] = Counter()
        for text, count in Counter(c.text for c in self._candidates).items():
            times[key(text)] += count
        return times

    def _standing(self, rows: np.ndarray, found: list[Candidate]) -> np.ndarray:
        """page … chain_length: where the candidates stand."""
        view, spans, size = self._view, self._spans[rows], self._sizes[rows]
        segments = [view.segments[c.segment] for c in found]
        ends = np.array([c.pieces[-1][1] - 1 for c in found])
        box = view.around(spans)
        left, right = box[:, 0] / size[:, 0], box[:, 2] / size[:, 0]
        firsts = [view.tokens[a] for a in spans[:, 0].tolist()]
        page = np.array([s.page for s in segments], dtype=float)
        chain_of = {index: _chain(view, index) for index in {c.segment for c in found}}
        chains = np.array([chain_of[c.segment] for c in found])
        return np.stack(
            [
                page, len(view.document.pages) - 1 - page, left, right, view.edges[spans[:, 0], 1] / size[:, 1],
                view.edges[ends, 3] / size[:, 1], np.abs((left + right) / 2 - 0.5),
                spans[:, 0] == np.array([s.first for s in segments]), spans[:, 1] == np.array([s.last for s in segments]),
                np.array([t.size for t in firsts]) / self._usual_size, np.array([t.is_bold for t in firsts], dtype=float),
                chains[:, 0], chains[:, 1],
            ],
            axis=1,
        )  # fmt: skip

    @cached_property
    def _usual_size(self) -> float:
        return max(float(median(s.size for s in self._view.segments)), 1e-6)

    def _money(self, found: list[Candidate]) -> np.ndarray:
        """magnitude … times_value; 0 of what is no amount."""
        sums = self._sums
        out = np.zeros((len(found), 6), dtype=np.float32)
        for i, c in enumerate(found):
            if c.amount is None:
                continue
            value = round(c.amount, 2)
            place, cents = sums.rank.get(value, _AMOUNTS), round(value * 100)
            out[i] = (
                float(np.log1p(abs(value))), place, float(place == 0), float(cents in sums.sums), float(cents in sums.parts),
                sums.counts[value],
            )  # fmt: skip
        return out

    @cached_property
    def _sums(self) -> _Sums:
        return _sums_of(self._candidates)

    def _days(self, found: list[Candidate]) -> np.ndarray:
        """date_rank, date_count."""
        rank = self._day_rank
        return np.array([(rank[c.date] if c.date else -1, len(rank)) for c in found], dtype=np.float32)

    @cached_property
    def _day_rank(self) -> dict:
        return {day: n for n, day in enumerate(sorted({c.date for c in self._candidates if c.date}))}

    def _company(self, found: list[Candidate], has_decimals: np.ndarray) -> np.ndarray:
        """row_mates … goes_on_below: the company that the candidates keep."""
        view = self._view
        mates, above = self._rows
        own = [c.segment for c in found]
        first_of_page = [view.page_segments[view.segments[s].page][0] for s in own]
        return np.stack(
            [
                mates[own], np.array(own) - first_of_page, [c.code is not None for c in found],
                has_decimals, np.full(len(found), len(view.document.pages)), above[own],
                [self._is_address(view.next_above[s]) for s in own],
                [self._is_address(view.next_below[_last_segment(view, c)]) for c in found],
            ],
            axis=1,
        ).astype(np.float32)  # fmt: skip

    def _is_address(self, segment: int) -> bool:
        return segment >= 0 and addresses.is_address_line(self._view.segments[segment].text)

    @cached_property
    def _rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Of each segment how many others stand in its row, and how many above it on its page."""
        mates, above = [], []
        for first, last in self._view.page_segments:
            own = self._view.segments[first:last]
            tops = np.array([(s.top + s.bottom) / 2 for s in own])
            heights = np.array([s.bottom - s.top for s in own])
            if len(tops):
                close = np.abs(tops[:, None] - tops[None, :]) < 0.5 * heights[:, None]
                mates.append(close.sum(axis=1) - 1)
                above.append((tops[None, :] < tops[:, None] - 0.5 * heights[:, None]).sum(axis=1))
        return np.concatenate(mates), np.concatenate(above)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Of a document's amounts of money: their ranks, and in cents those that are two others together, and those others."""

    counts: Counter[float]
    rank: dict[float, int]
    sums: set[int]
    parts: set[int]


def _sums_of(candidates: list[Candidate]) -> _Sums:
    counts = Counter(round(c.amount, 2) for c in candidates if c.amount is not None and c.kinds & Kind.MONEY)
    distinct = sorted({v for v in counts if v > 0}, reverse=True)[:_AMOUNTS]
    cents = [round(v * 100) for v in distinct]
    printed, sums, parts = set(cents), set(), set()
    for i, a in enumerate(cents):
        for b in cents[i:]:
            if a + b in printed:
                sums.add(a + b)
                parts.update((a, b))
    return _Sums(counts, {v: i for i, v in enumerate(distinct)}, sums, parts)


def _letters(texts: list[str]) -> np.ndarray:
    """(digits, letters, capitals) x text: their shares of each text's characters; no text is empty."""
    joined = "".join(texts)
    used = sorted(set(joined))
    kinds = np.zeros((3, ord(used[-1]) + 1))
    kinds[:, [ord(c) for c in used]] = np.array([(c.isdigit(), c.isalpha(), c.isupper()) for c in used]).T
    lengths = np.array([len(t) for t in texts])
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return np.add.reduceat(kinds[:, codes], np.cumsum(lengths) - lengths, axis=1) / lengths


def _chain(view: View, index: int) -> tuple[int, int]:
    """How many lines of its block stand above a line, and how many there are."""
    place, above = 0, view.next_above[index]
    while above >= 0 and place < 12:
        place, above = place + 1, view.next_above[above]
    length, below = place + 1, view.next_below[index]
    while below >= 0 and length < 20:
        length, below = length + 1, view.next_below[below]
    return place, length


def _last_segment(view: View, c: Candidate) -> int:
    """The segment that the candidate's last piece stands in."""
    segment, last = c.segment, c.pieces[-1][0]
    while not view.segments[segment].first <= last < view.segments[segment].last:
        segment = view.next_below[segment]
        if segment < 0:
            return c.segment
    return segment
