"""The texts that stand around each candidate and may be its label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fieldproof.extraction.candidates import Candidate
from fieldproof.extraction.view import Segment, View

SIDES = ("inline", "left", "row", "above", "column", "block", "heading", "below", "right")
INLINE, LEFT, ROW, ABOVE, COLUMN, BLOCK, HEADING, BELOW, RIGHT = range(len(SIDES))
DISTANCES = ("left", "above", "column", "below", "right", "inline")
FAR = 60.0  # em
_BEFORE = [INLINE, LEFT, ROW]
_INLINE_FAR = DISTANCES.index("inline")
_FAR_BEFORE = [DISTANCES.index("left"), _INLINE_FAR]
_LABEL_WORDS = 9
_OUT_OF_SIGHT = 10.0  # em of nothing below a text, from which it is no label of what comes then


@dataclass(slots=True)
class Labels:
    """``sides``: candidate x side -> index into ``texts``, or -1. ``distances`` in em, FAR where nothing is."""

    texts: list[str]
    sides: np.ndarray
    distances: np.ndarray


def label_sides(view: View, candidates: list[Candidate], ranges: dict[int, int]) -> Labels:
    texts: list[str] = []
    index: dict[str, int] = {}

    def known(text: str) -> int:
        if text not in index:
            index[text] = len(texts)
            texts.append(text)
        return index[text]

    sides = np.full((len(candidates), len(SIDES)), -1, dtype=np.int64)
    distances = np.full((len(candidates), len(DISTANCES)), FAR, dtype=np.float32)
    own_text = [known(_short(s)) for s in view.segments]
    is_wordy = np.array([sum(map(str.isalpha, s.text)) > 0.5 * len(s.text) for s in view.segments], dtype=bool)
    by_page: dict[int, list[int]] = {}
    before: dict[tuple[int, int], tuple[int, float]] = {}  # segment, first token -> text, how many words
    for i, c in enumerate(candidates):
        by_page.setdefault(view.segments[c.segment].page, []).append(i)
        place = c.segment, c.pieces[0][0]
        if place not in before:
            text = _before(view, *place)
            before[place] = (known(text), len(text.split())) if text else (-1, FAR)
        sides[i, INLINE], distances[i, _INLINE_FAR] = before[place]
    owners = np.array([c.segment for c in candidates], dtype=np.int64)
    names = np.array(own_text)
    if len(owners):
        sides[:, [BLOCK, HEADING]] = _stacked_sides(view, names)[owners]
    for page, members in sorted(by_page.items()):
        rows = np.array(members)
        found, far = _neighbours(view, page, [candidates[i] for i in members], is_wordy)
        for side in (LEFT, ROW, ABOVE, COLUMN, BELOW, RIGHT):
            picked = found[side]
            sides[rows, side] = np.where(picked >= 0, names[np.maximum(picked, 0)], -1)
        distances[rows, :5] = far
    for first, last in ranges.items():  # what names a period names its last day too
        sides[last, _BEFORE] = sides[first, _BEFORE]
        distances[last, _FAR_BEFORE] = distances[first, _FAR_BEFORE]
    heading = sides[:, HEADING]
    sides[:, HEADING] = np.where(heading == sides[:, BLOCK], -1, heading)
    return Labels(texts, sides, distances)


def _short(segment: Segment) -> str:
    words = segment.text.split()
    return " ".join(words[:_LABEL_WORDS])


def _before(view: View, segment: int, first: int) -> str:
    """The words of a segment before the token, back to the value before it."""
    words: list[str] = []
    for token in reversed(view.tokens[view.segments[segment].first : first]):
        digits = sum(map(str.isdigit, token.text))
        if words and (token.text[-1:] in ",;|" or digits * 2 > len(token.text)):
            break
        words.append(token.text)
        if len(words) == _LABEL_WORDS:
            break
    text = " ".join(reversed(words))
    # In "Number   : 4711" the label stands left of the colon.
    return text if any(map(str.isalnum, text)) else ""


def _stacked_sides(view: View, names: np.ndarray) -> np.ndarray:
    """segment x (BLOCK, HEADING): the first line of its block and the line above it; -1 where it is that itself."""
    heads = np.array([view.chain_head(i) for i in range(len(view.segments))])
    above = np.array(view.next_above)
    is_own = heads == np.arange(len(heads))
    heading = np.where((above >= 0) & (above != heads), names[above], -1)
    return np.stack([np.where(is_own, -1, names[heads]), heading], axis=1)


def _neighbours(
    view: View, page: int, candidates: list[Candidate], is_wordy: np.ndarray
) -> tuple[dict[int, np.ndarray], np.ndarray]:
    first, last = view.page_segments[page]
    own = view.segments[first:last]
    s_left, s_top, s_right, s_bottom = np.array([(s.left, s.top, s.right, s.bottom) for s in own]).T
    # Many candidates begin with the same words.
    firsts, place = np.unique(np.array([(c.segment, *c.pieces[0]) for c in candidates]), axis=0, return_inverse=True)
    place = place.reshape(-1)
    boxes = view.around(firsts[:, 1:])
    c_left, c_top, c_right, c_bottom = (boxes[:, k, None] for k in range(4))
    em = max(view.em, 1e-6)
    same = (firsts[:, 0] - first)[:, None] == np.arange(len(own))[None, :]
    shared_y = np.minimum(c_bottom, s_bottom) - np.maximum(c_top, s_top)
    # A lone colon or dash between label and value is neither.
    says_something = np.array([any(map(str.isalnum, s.text)) for s in own])[None, :]
    in_row = says_something & (shared_y > 0.45 * np.minimum(c_bottom - c_top, s_bottom - s_top)) & ~same
    shared_x = np.minimum(c_right, s_right) - np.maximum(c_left, s_left)
    in_column = says_something & (shared_x > 0) & ~same
    wordy = is_wordy[first:last][None, :]

    gap_left = np.where(in_row & (s_right <= c_left + 0.3 * em), c_left - s_right, np.inf)
    gap_right = np.where(in_row & (s_left >= c_right - 0.3 * em), s_left - c_right, np.inf)
    row_start = np.where(np.isfinite(gap_left) & wordy, s_left, np.inf)
    gap_above = np.where(in_column & (s_bottom <= c_top + 0.35 * em), c_top - s_bottom, np.inf)
    gap_below = np.where(in_column & (s_top >= c_bottom - 0.35 * em), s_top - c_bottom, np.inf)
    gap_column = np.where(wordy, gap_above, np.inf)

    # A column may be long; what comes after a gap is no longer of it.
    is_cut_off = gap_above.min(axis=1) > _OUT_OF_SIGHT * em
    gap_above[is_cut_off], gap_column[is_cut_off] = np.inf, np.inf
    found = {
        LEFT: _nearest(gap_left), ROW: _nearest(row_start), ABOVE: _nearest(gap_above), COLUMN: _nearest(gap_column),
        BELOW: _nearest(gap_below), RIGHT: _nearest(gap_right),
    }  # fmt: skip
    gaps = (gap_left, gap_above, gap_column, gap_below, gap_right)
    far = np.stack([np.minimum(g.min(axis=1) / em, FAR) for g in gaps], axis=1)
    return {side: np.where(hit >= 0, hit + first, -1)[place] for side, hit in found.items()}, far[place]


def _nearest(gaps: np.ndarray) -> np.ndarray:
    hit = gaps.argmin(axis=1)
    return np.where(np.isfinite(gaps[np.arange(len(gaps)), hit]), hit, -1)
