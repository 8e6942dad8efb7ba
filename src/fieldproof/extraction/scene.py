"""One document made ready for questions: candidates, their labels and what they look like."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from fieldproof.core.document import ParsedDocument
from fieldproof.extraction import names
from fieldproof.extraction.candidates import Candidate, Kind, find_candidates
from fieldproof.extraction.dates import Order, order_of
from fieldproof.extraction.labels import Labels, label_sides
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.plain import key, plain
from fieldproof.extraction.query import trigrams
from fieldproof.extraction.view import View, view_of

LOOKS = (
    *(f"is_{k.name.lower()}" for k in Kind if k.name),
    "lines", "words", "chars", "digits", "letters", "capitals", "title_case", "ends_with_colon", "names_a_label", "times_seen",
    "page", "page_from_end", "left", "right", "top", "bottom", "centre", "begins_segment", "ends_segment", "size", "is_bold",
    "chain_place", "chain_length", "person", "magnitude", "money_rank", "is_largest", "is_sum", "is_part_of_sum", "times_value",
    "date_rank", "date_count", "row_mates", "order", "has_currency", "has_decimals", "page_count", "lines_above",
)  # fmt: skip
_KIND_COUNT = sum(1 for k in Kind if k.name)


@dataclass(slots=True)
class Scene:
    view: View
    order: Order
    candidates: list[Candidate]
    labels: Labels
    looks: np.ndarray  # candidate x LOOKS
    label_concepts: np.ndarray  # label text x concept
    label_trigrams: np.ndarray
    label_words: list[frozenset[str]]
    own_concepts: np.ndarray  # candidate x concept: what the candidate itself names

    def box_of(self, c: Candidate):
        return self.view.box(c.pieces)


def scene_of(document: ParsedDocument) -> Scene:
    view = view_of(document)
    order = order_of([s.text for s in view.segments], document.languages)
    candidates = find_candidates(view, order)
    labels = label_sides(view, candidates)
    plain_labels = [plain(t) for t in labels.texts]
    concepts = _stack([LEXICON.vector(t) for t in plain_labels], len(LEXICON.concepts))
    own_concepts = _stack(
        [LEXICON.vector(c.text) if len(c.text) < 60 else _NOTHING for c in candidates], len(LEXICON.concepts)
    )
    return Scene(
        view, order, candidates, labels, _looks(view, candidates, own_concepts), concepts,
        _stack([trigrams(t) for t in plain_labels], 512), [frozenset(t.split()) for t in plain_labels], own_concepts,
    )  # fmt: skip


_NOTHING = np.zeros(len(LEXICON.concepts), dtype=np.float32)


def _stack(rows: list[np.ndarray], width: int) -> np.ndarray:
    return np.stack(rows) if rows else np.zeros((0, width), dtype=np.float32)


def _looks(view: View, candidates: list[Candidate], own_concepts: np.ndarray) -> np.ndarray:
    if not candidates:
        return np.zeros((0, len(LOOKS)), dtype=np.float32)
    kinds = np.array([int(c.kinds) for c in candidates])
    bits = (kinds[:, None] >> np.arange(_KIND_COUNT)[None, :]) & 1
    keys = [key(c.text) for c in candidates]
    counts = Counter(keys)
    sizes = float(np.median([s.size for s in view.segments]))
    chains = [_chain(view, i) for i in range(len(view.segments))]
    rows = [_row(view, c, counts[k], sizes, chains) for c, k in zip(candidates, keys, strict=True)]
    money = _money_looks(candidates)
    dates = _date_looks(candidates)
    place = _place_looks(view, candidates)
    table = np.array(rows, dtype=np.float32)
    table[:, 8] = own_concepts.max(axis=1)
    return np.concatenate([bits, table, money, dates, place], axis=1).astype(np.float32)


def _row(view: View, c: Candidate, seen: int, median_size: float, chains: list[tuple[int, int]]) -> list[float]:
    text = c.text
    n = len(text)
    segment = view.segments[c.segment]
    page = view.document.pages[segment.page]
    first, last = c.pieces[0]
    tokens = view.tokens[first:last]
    left, right = min(t.left for t in tokens) / page.width_pt, max(t.right for t in tokens) / page.width_pt
    end = view.tokens[c.pieces[-1][1] - 1]
    chain_place, chain_length = chains[c.segment]
    return [
        len(c.pieces), len(text.split()), n, sum(map(str.isdigit, text)) / n, sum(map(str.isalpha, text)) / n,
        sum(map(str.isupper, text)) / n, names.title_case_share(text), float(view.tokens[last - 1].text.endswith(":")), 0.0,
        min(seen, 10), segment.page, len(view.document.pages) - 1 - segment.page, left, right, tokens[0].top / page.height_pt,
        end.bottom / page.height_pt, abs((left + right) / 2 - 0.5), float(first == segment.first), float(last == segment.last),
        tokens[0].size / max(median_size, 1e-6), float(tokens[0].is_bold), chain_place, chain_length,
        names.person_likeness(text) if n < 60 else 0.0,
    ]  # fmt: skip


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


def _date_looks(candidates: list[Candidate]) -> np.ndarray:
    days = sorted({c.date for c in candidates if c.date})
    rank = {d: i for i, d in enumerate(days)}
    return np.array([(rank[c.date] if c.date else -1, len(days)) for c in candidates], dtype=np.float32)


def _place_looks(view: View, candidates: list[Candidate]) -> np.ndarray:
    """row mates, order on the page, currency and decimals, page count, lines above."""
    mates, above = [], []
    for first, last in view.page_segments:
        tops = np.array([(s.top + s.bottom) / 2 for s in view.segments[first:last]])
        heights = np.array([s.bottom - s.top for s in view.segments[first:last]])
        if len(tops):
            close = np.abs(tops[:, None] - tops[None, :]) < 0.5 * heights[:, None]
            mates.extend((close.sum(axis=1) - 1).tolist())
            above.extend((tops[None, :] < tops[:, None] - 0.5 * heights[:, None]).sum(axis=1).tolist())
    rows = [
        (
            mates[c.segment], (c.segment - view.page_segments[view.segments[c.segment].page][0]), float(c.code is not None),
            float(bool(re.search(r"[.,]\d{2}(?!\d)", c.text))), len(view.document.pages), above[c.segment],
        )
        for c in candidates
    ]  # fmt: skip
    return np.array(rows, dtype=np.float32)
