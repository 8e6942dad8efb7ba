"""The texts that stand around each candidate and may be its label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fieldproof.extraction.candidates import Candidate
from fieldproof.extraction.view import Segment, View

SIDES = ("inline", "left", "row", "above", "column", "block", "heading", "below", "right")
INLINE, LEFT, ROW, ABOVE, COLUMN, BLOCK, HEADING, BELOW, RIGHT = range(len(SIDES))
NEAR = [INLINE, LEFT, ROW, ABOVE, COLUMN]  # sides on which a label mostly stands
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

    def text(self, candidate: int, side: int) -> str:
        """What stands on this side of a candidate, or nothing."""
        label = self.sides[candidate, side]
        return self.texts[label] if label >= 0 else ""

    def before(self, candidate: int) -> int:
        """The nearest text before a candidate on its line, in its own words or left of them: index into ``texts``, or -1."""
        own = self.sides[candidate]
        return int(own[INLINE] if own[INLINE] >= 0 else own[LEFT])


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
    places = [(c.segment, c.pieces[0][0]) for c in candidates]
    before: dict[tuple[int, int], tuple[int, float]] = {}  # segment, first token -> text, how many words
    for place in dict.fromkeys(places):
        text = _before(view, *place)
        before[place] = (known(text), len(text.split())) if text else (-1, FAR)
    for i, c in enumerate(candidates):
        by_page.setdefault(view.segments[c.segment].page, []).append(i)
    names = np.array(own_text)
    if candidates:
        sides[:, INLINE], distances[:, _INLINE_FAR] = zip(*(before[place] for place in places), strict=True)
        sides[:, [BLOCK, HEADING]] = _stacked_sides(view, names)[[c.segment for c in candidates]]
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
    """Side -> of each candidate the nearest segment there, or -1; and candidate x DISTANCES but the last."""
    first, last = view.page_segments[page]
    # A lone colon or dash between label and value is neither.
    speaking = np.array([i for i in range(first, last) if any(map(str.isalnum, view.segments[i].text))], dtype=np.intp)
    own = [view.segments[i] for i in speaking.tolist()]
    s_left, s_top, s_right, s_bottom = np.array([(s.left, s.top, s.right, s.bottom) for s in own]).reshape(-1, 4).T
    # Many candidates begin with the same words; of these the line is the same too.
    starts = np.array([c.pieces[0] for c in candidates])
    _, where, place = np.unique(starts @ (len(view.tokens) + 1, 1), return_index=True, return_inverse=True)
    lines = np.array([c.segment for c in candidates])[where]
    boxes = view.around(starts[where])
    c_left, c_top, c_right, c_bottom = boxes.T
    em = max(view.em, 1e-6)

    def pairs(shared: np.ndarray, least: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Which place and which segment share more than the least of a side; none with the segment it stands in."""
        c, s = np.nonzero(shared > least)
        is_other = speaking[s] != lines[c]
        return c[is_other], s[is_other]

    def nearest(c: np.ndarray, s: np.ndarray, gap: np.ndarray, is_there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of each place the segment with the smallest gap, or -1, and the gap; of equals the first."""
        hit, far = np.full(len(boxes), -1), np.full(len(boxes), np.inf)
        c, s, gap = c[is_there], s[is_there], gap[is_there]
        if len(c):
            begins = np.flatnonzero(np.diff(c, prepend=-1))
            least = np.minimum.reduceat(gap, begins)
            best = np.flatnonzero(gap == np.repeat(least, np.diff(begins, append=len(c))))
            best = best[np.diff(c[best], prepend=-1) > 0]
            hit[c[best]], far[c[best]] = speaking[s[best]], least
        return hit, far

    shared_y = np.minimum(c_bottom[:, None], s_bottom) - np.maximum(c_top[:, None], s_top)
    c, s = pairs(shared_y, 0.45 * np.minimum((c_bottom - c_top)[:, None], s_bottom - s_top))
    is_left = s_right[s] <= c_left[c] + 0.3 * em
    left = nearest(c, s, c_left[c] - s_right[s], is_left)
    row = nearest(c, s, s_left[s], is_left & is_wordy[speaking[s]])
    right = nearest(c, s, s_left[s] - c_right[c], s_left[s] >= c_right[c] - 0.3 * em)

    shared_x = np.minimum(c_right[:, None], s_right) - np.maximum(c_left[:, None], s_left)
    c, s = pairs(shared_x, 0.0)
    is_above = s_bottom[s] <= c_top[c] + 0.35 * em
    above = nearest(c, s, c_top[c] - s_bottom[s], is_above)
    column = nearest(c, s, c_top[c] - s_bottom[s], is_above & is_wordy[speaking[s]])
    below = nearest(c, s, s_top[s] - c_bottom[c], s_top[s] >= c_bottom[c] - 0.35 * em)
    # A column may be long; what comes after a gap is no longer of it.
    is_cut_off = above[1] > _OUT_OF_SIGHT * em
    for hit, gap in (above, column):
        hit[is_cut_off], gap[is_cut_off] = -1, np.inf

    sides = {LEFT: left, ROW: row, ABOVE: above, COLUMN: column, BELOW: below, RIGHT: right}
    far = np.stack([np.minimum(gap / em, FAR) for _, gap in (left, above, column, below, right)], axis=1)
    return {side: hit[place] for side, (hit, _) in sides.items()}, far[place]
