"""One document made ready for questions: candidates, their labels and what they look like."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fieldproof.core.document import ParsedDocument
from fieldproof.extraction import addresses, names
from fieldproof.extraction.address_blocks import lines_over
from fieldproof.extraction.candidates import KIND_OF, Candidate, Kind, Pieces, find_candidates
from fieldproof.extraction.dates import Order, order_of
from fieldproof.extraction.headings import called, kind_of
from fieldproof.extraction.labels import INLINE, LEFT, ROW, Labels, label_sides
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.party_lines import whose_lines
from fieldproof.extraction.plain import key, plain
from fieldproof.extraction.query import trigrams_of
from fieldproof.extraction.ranges import date_ranges
from fieldproof.extraction.shares import Shares, shares_of
from fieldproof.extraction.view import View, view_of
from fieldproof.extraction.web_names import web_names

LOOKS = (
    *(f"is_{name.lower()}" for name in KIND_OF),
    "lines", "words", "chars", "digits", "letters", "capitals", "title_case", "ends_with_colon", "names_a_label", "times_seen",
    "page", "page_from_end", "left", "right", "top", "bottom", "centre", "begins_segment", "ends_segment", "size", "is_bold",
    "chain_place", "chain_length", "person", "magnitude", "money_rank", "is_largest", "is_sum", "is_part_of_sum", "times_value",
    "date_rank", "date_count", "row_mates", "order", "has_currency", "has_decimals", "page_count", "lines_above",
    "goes_on_above", "goes_on_below", "range_place", "over_address", "names_heading", "names_other_kind",
)  # fmt: skip
_KIND_COUNT = len(KIND_OF)
_DIALLED = re.compile(r"\+ ?\d|\(0?\d{2,3}\) ?\d")  # what begins with 00 or another bracket may be any number
_DECIMALS = re.compile(r"[.,]\d{2}(?!\d)")
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
    looks: np.ndarray  # candidate x LOOKS
    label_concepts: np.ndarray  # label text x concept
    label_trigrams: np.ndarray
    label_words: list[frozenset[str]]
    own_concepts: np.ndarray  # candidate x concept: what the candidate itself names

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
    concepts = _concepts(plain_labels)
    texts, which = _distinct([c.text for c in candidates])  # two of five stand there more than once
    own_concepts = _concepts([t if len(t) < 60 else "" for t in texts])[which]
    return Scene(
        view, order, candidates, address_at, over, ranges, labels,
        _looks(view, candidates, (texts, which), own_concepts, ranges, over, called(kind_of(view), labels, concepts)), concepts,
        trigrams_of(plain_labels), [frozenset(t.split()) for t in plain_labels], own_concepts,
    )  # fmt: skip


def _concepts(texts: list[str]) -> np.ndarray:
    """text x concept: how well each text names each concept."""
    out = np.zeros((len(texts), len(LEXICON.concepts)), dtype=np.float32)
    named = [(i, *match) for i, text in enumerate(texts) if text for match in LEXICON.matches(text)]
    if named:
        rows, concepts, scores = zip(*named, strict=True)
        out[list(rows), list(concepts)] = scores
    return out


def _distinct(texts: list[str]) -> tuple[list[str], np.ndarray]:
    """The different ones of the texts, and of each text which of them it is."""
    numbers: dict[str, int] = {}
    which = [numbers.setdefault(text, len(numbers)) for text in texts]
    return list(numbers), np.array(which, dtype=np.intp)


def _looks(
    view: View,
    candidates: list[Candidate],
    distinct: tuple[list[str], np.ndarray],
    own_concepts: np.ndarray,
    ranges: dict[int, int],
    over: dict[int, tuple[int, int]],
    kinds_called: np.ndarray,
) -> np.ndarray:
    if not candidates:
        return np.zeros((0, len(LOOKS)), dtype=np.float32)
    kinds = np.array([c.kinds for c in candidates])
    bits = (kinds[:, None] >> np.arange(_KIND_COUNT)[None, :]) & 1
    written, times_seen, person, has_decimals = _written(*distinct)
    ends_with_colon = [view.tokens[c.pieces[0][1] - 1].text.endswith(":") for c in candidates]
    period = np.zeros(len(candidates))
    period[list(ranges)], period[list(ranges.values())] = 1.0, 2.0
    heads = [1.0 / over[c.segment][1] if c.segment in over else 0.0 for c in candidates]
    return np.column_stack(
        (
            bits, [len(c.pieces) for c in candidates], written, ends_with_colon, own_concepts.max(axis=1), times_seen,
            _standing(view, candidates), person, _money_looks(candidates), _date_looks(candidates),
            _place_looks(view, candidates, has_decimals), period, heads, kinds_called,
        )
    ).astype(np.float32)  # fmt: skip


def _written(texts: list[str], which: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """words … title_case, times_seen, person and has_decimals of LOOKS: what the candidates' texts alone tell."""
    keys = [key(t) for t in texts]
    counts: Counter[str] = Counter()
    for own, times in zip(keys, np.bincount(which).tolist(), strict=True):
        counts[own] += times
    shape = ([len(t.split()) for t in texts], [len(t) for t in texts], *_letters(texts))
    title_case = [names.title_case_share(t) for t in texts]
    times_seen = [min(counts[own], 10) for own in keys]
    person = [names.person_likeness(t) if len(t) < 60 else 0.0 for t in texts]
    has_decimals = [bool(_DECIMALS.search(t)) for t in texts]
    written = np.column_stack((*shape, title_case))
    return written[which], np.array(times_seen)[which], np.array(person)[which], np.array(has_decimals)[which]


def _letters(texts: list[str]) -> np.ndarray:
    """(digits, letters, capitals) x text: their shares of each text's characters; no text is empty."""
    joined = "".join(texts)
    used = sorted(set(joined))
    kinds = np.zeros((3, ord(used[-1]) + 1))
    kinds[:, [ord(c) for c in used]] = np.array([(c.isdigit(), c.isalpha(), c.isupper()) for c in used]).T
    lengths = np.array([len(t) for t in texts])
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return np.add.reduceat(kinds[:, codes], np.cumsum(lengths) - lengths, axis=1) / lengths


def _standing(view: View, candidates: list[Candidate]) -> np.ndarray:
    """page … chain_length of LOOKS: where the candidate stands."""
    segments = [view.segments[c.segment] for c in candidates]
    spans = np.array([c.pieces[0] for c in candidates])
    ends = np.array([c.pieces[-1][1] - 1 for c in candidates])
    pages = view.document.pages
    size = np.array([(pages[s.page].width_pt, pages[s.page].height_pt) for s in segments])
    box = view.around(spans)
    left, right = box[:, 0] / size[:, 0], box[:, 2] / size[:, 0]
    token_size = np.array([view.tokens[a].size for a in spans[:, 0].tolist()])
    token_bold = np.array([view.tokens[a].is_bold for a in spans[:, 0].tolist()], dtype=float)
    page = np.array([s.page for s in segments], dtype=float)
    chains = np.array([_chain(view, i) for i in range(len(view.segments))])[[c.segment for c in candidates]]
    median = max(float(np.median([s.size for s in view.segments])), 1e-6)
    return np.stack(
        [
            page, len(pages) - 1 - page, left, right, view.edges[spans[:, 0], 1] / size[:, 1],
            view.edges[ends, 3] / size[:, 1], np.abs((left + right) / 2 - 0.5),
            spans[:, 0] == np.array([s.first for s in segments]), spans[:, 1] == np.array([s.last for s in segments]),
            token_size / median, token_bold, chains[:, 0], chains[:, 1],
        ],
        axis=1,
    )  # fmt: skip


def _chain(view: View, index: int) -> tuple[int, int]:
    place, above = 0, view.next_above[index]
    while above >= 0 and place < 12:
        place, above = place + 1, view.next_above[above]
    length, below = place + 1, view.next_below[index]
    while below >= 0 and length < 20:
        length, below = length + 1, view.next_below[below]
    return place, length


def _money_looks(candidates: list[Candidate]) -> np.ndarray:
    """magnitude, rank, largest, sum of two others, part of a sum, how often the value stands there."""
    out = np.zeros((len(candidates), 6), dtype=np.float32)
    values = [round(c.amount, 2) for c in candidates if c.amount is not None and c.kinds & Kind.MONEY]
    counts = Counter(values)
    distinct = sorted({v for v in counts if v > 0}, reverse=True)[:80]
    rank = {v: i for i, v in enumerate(distinct)}
    cents = {round(v * 100) for v in distinct}
    sums, parts = set(), set()
    for i, a in enumerate(distinct):
        for b in distinct[i:]:
            total = round(a * 100) + round(b * 100)
            if total in cents:
                sums.add(total)
                parts.update((round(a * 100), round(b * 100)))
    for i, c in enumerate(candidates):
        if c.amount is None:
            continue
        value = round(c.amount, 2)
        place = rank.get(value, 80)
        out[i] = (
            float(np.log1p(abs(value))), place, float(place == 0), float(round(value * 100) in sums),
            float(round(value * 100) in parts), counts[value],
        )  # fmt: skip
    return out


def _last_segment(view: View, c: Candidate) -> int:
    """The segment that the candidate's last piece stands in."""
    segment, last = c.segment, c.pieces[-1][0]
    while not view.segments[segment].first <= last < view.segments[segment].last:
        segment = view.next_below[segment]
        if segment < 0:
            return c.segment
    return segment


def _date_looks(candidates: list[Candidate]) -> np.ndarray:
    days = sorted({c.date for c in candidates if c.date})
    rank = {d: i for i, d in enumerate(days)}
    out = np.full((len(candidates), 2), len(days), dtype=np.float32)
    out[:, 0] = [rank[c.date] if c.date else -1 for c in candidates]
    return out


def _place_looks(view: View, candidates: list[Candidate], has_decimals: np.ndarray) -> np.ndarray:
    """row_mates … goes_on_below of LOOKS: the company that the candidate keeps."""
    mates, above = [], []
    for first, last in view.page_segments:
        tops = np.array([(s.top + s.bottom) / 2 for s in view.segments[first:last]])
        heights = np.array([s.bottom - s.top for s in view.segments[first:last]])
        if len(tops):
            close = np.abs(tops[:, None] - tops[None, :]) < 0.5 * heights[:, None]
            mates.extend((close.sum(axis=1) - 1).tolist())
            above.extend((tops[None, :] < tops[:, None] - 0.5 * heights[:, None]).sum(axis=1).tolist())
    is_address = np.array([addresses.is_address_line(s.text) for s in view.segments] + [False])  # -1: no such line
    own = np.array([c.segment for c in candidates])
    last = np.array([_last_segment(view, c) for c in candidates])
    first_of_page = np.array([view.page_segments[s.page][0] for s in view.segments])
    return np.stack(
        [
            np.array(mates)[own], own - first_of_page[own], [c.code is not None for c in candidates],
            has_decimals, np.full(len(own), len(view.document.pages)),
            np.array(above)[own], is_address[np.array(view.next_above)[own]], is_address[np.array(view.next_below)[last]],
        ],
        axis=1,
    ).astype(np.float32)  # fmt: skip
