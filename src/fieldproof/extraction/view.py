"""A parsed document as the engine looks at it: tokens, segments, and who stands next to whom.

Measures are points, y down. A segment is a run of words without a column gap (a line of the
parser); a token is a word, or a part of one where a label is glued to its value ("Date:12.05.").
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

import numpy as np

from fieldproof.core.document import Line, Page, ParsedDocument, Word, WordSource
from fieldproof.core.geometry import Box, union
from fieldproof.extraction.addresses import is_address_line
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.names import is_bare_legal_form
from fieldproof.extraction.plain import plain
from fieldproof.extraction.prose import runs_on

_GLUED = re.compile(r"^(\(?[^\W\d_][^:=@]*(?:[:=]|#(?=\w)))(?!//)([^\s:/].*)$")
_DASHED = re.compile(r"^([^\W\d_]{3,}[-–])(\d{1,4}[./-]\d{1,2}[./-]\d{1,4})$")  # "Date-2016-24-01"
_RUN_ON = re.compile(r"^([\d.,/-]*\d{2})([A-Z][A-Za-z]{2,}.*)$")
MAX_CHAIN = 8  # lines of one stacked block that are looked at together
_MOST = 0.6  # share of the shorter of two lines that stands above or below the other
_LABEL_WORDS = 4  # of a label that a value runs into
_ENTRY_ALIGNED, _ENTRY_GAP = 0.7, 1.0  # of the line's height: between entries of one list
_ALIGNED = 0.5  # of the words' height
_COLUMN_GAP = 1.2  # of a font's size
_COLUMN_GAP_OCR = 1.6  # of a box's height: OCR's lines are wider than their ink
_INK = 0.74  # of a font's size, in the middle of its box: the median of 6,000 words beside their ink
_AT_ONCE = 256  # lines that are compared with all others of their page: memory grows with their number, not its square
NEXT, LOOSE = 1.35, 2.3  # of a line's height: from its foot to the top of the next one, and of an address's next one
_COLUMN = 2  # other lines that begin where a column does


@dataclass(slots=True)
class Token:
    text: str
    start: int  # span in the document's text
    end: int
    page: int  # index of the page, from 0
    word: int
    left: float
    top: float  # of the ink
    right: float
    bottom: float
    size: float
    is_bold: bool
    room: float = 0.0  # that its font leaves above and below the ink
    is_glued: bool = False  # follows the token before without a blank


@dataclass(slots=True)
class Segment:
    page: int
    first: int
    last: int  # tokens first:last
    text: str
    offsets: list[int]  # where each token begins in ``text``
    left: float
    top: float
    right: float
    bottom: float
    size: float
    is_bold: bool

    @property
    def tokens(self) -> tuple[int, int]:
        """The whole segment's token range."""
        return self.first, self.last

    def offset_of(self, token: int) -> int:
        """Where one of its tokens begins in its text."""
        return self.offsets[token - self.first]

    def tokens_between(self, start: int, end: int) -> tuple[int, int]:
        """Token range that covers the characters start:end of the segment's text."""
        if not start and end == len(self.text):
            return self.tokens
        first = bisect_right(self.offsets, start) - 1
        last = bisect_right(self.offsets, max(start, end - 1))
        return self.first + max(0, first), self.first + last


@dataclass(slots=True)
class View:
    document: ParsedDocument
    tokens: list[Token]
    segments: list[Segment]
    page_segments: list[tuple[int, int]]  # per page: segments first:last
    em: float
    next_below: list[int] = field(default_factory=list)  # the line that goes on below in the same block, or -1
    next_above: list[int] = field(default_factory=list)
    has_left: list[bool] = field(default_factory=list)  # whether something stands left of a segment in its row
    has_right: list[bool] = field(default_factory=list)
    edges: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))  # token x (left, top, right, bottom)

    def around(self, spans: np.ndarray) -> np.ndarray:
        """The box around each token range (first, last), in points."""
        if not len(spans):
            return np.zeros((0, 4))
        cuts = spans.reshape(-1)
        edges = np.concatenate([self.edges, np.zeros((1, 4))])  # reduceat needs a row past the end
        return np.stack(
            [
                np.minimum.reduceat(edges[:, 0], cuts)[::2], np.minimum.reduceat(edges[:, 1], cuts)[::2],
                np.maximum.reduceat(edges[:, 2], cuts)[::2], np.maximum.reduceat(edges[:, 3], cuts)[::2],
            ],
            axis=1,
        )  # fmt: skip

    def box(self, pieces: Iterable[tuple[int, int]]) -> tuple[int, Box] | None:
        """Page number and box of the first page that the token ranges touch."""
        tokens = [self.tokens[i] for first, last in pieces for i in range(first, last)]
        if not tokens:
            return None
        page = self.document.pages[tokens[0].page]
        width, height = page.width_pt, page.height_pt
        boxes = [
            Box(t.left / width, (t.top - t.room) / height, t.right / width, (t.bottom + t.room) / height)
            for t in tokens
            if t.page == tokens[0].page
        ]
        joined = union(boxes)
        return (page.number, joined) if joined else None

    def text_of(self, pieces: Iterable[tuple[int, int]]) -> str:
        return " ".join(self.joined(first, last) for first, last in pieces)

    def joined(self, first: int, last: int) -> str:
        return joined_text(self.tokens[first:last])[0]

    def row_of(self, segment: int) -> list[int]:
        """The segments of its page that its middle line runs through, itself among them."""
        own = self.segments[segment]
        middle = (own.top + own.bottom) / 2
        return [
            i for i in range(*self.page_segments[own.page]) if self.segments[i].top < middle < self.segments[i].bottom
        ]

    def chain_from(self, segment: int) -> list[int]:
        """This segment and the lines stacked below it."""
        chain = [segment]
        while len(chain) < MAX_CHAIN and self.next_below[chain[-1]] >= 0:
            chain.append(self.next_below[chain[-1]])
        return chain

    def run_from(self, segment: int) -> list[int]:
        """This segment and the lines below it that one text runs on in; only itself where it goes on from above."""
        above = self.next_above[segment]
        if above >= 0 and runs_on(self.segments[above].text, self.segments[segment].text):
            return [segment]
        run = [segment]
        while len(run) < MAX_CHAIN and (below := self._under(run[-1])) >= 0:
            if not runs_on(self.segments[run[-1]].text, self.segments[below].text):
                break
            run.append(below)
        return run

    def _under(self, segment: int) -> int:
        """The line below in its block; else, in the middle of a sentence, the one right below that begins further left; -1 for none."""
        if self.next_below[segment] >= 0:
            return self.next_below[segment]
        own = self.segments[segment]
        words = own.text.split()
        if not (words and words[-1].isalpha() and words[-1].islower()):
            return -1
        return self._right_below(own, lambda s: s.text[:1].islower() and s.left < own.left < s.right)

    def _right_below(self, line: Segment, is_wanted: Callable[[Segment], bool]) -> int:
        """The uppermost of the wanted lines that stand one line's distance below this one, or -1."""
        height = line.bottom - line.top
        near = [
            i
            for i in range(*self.page_segments[line.page])
            if 0.5 * height < self.segments[i].top - line.top
            and self.segments[i].top - line.bottom < _ENTRY_GAP * height
            and is_wanted(self.segments[i])
        ]
        return min(near, key=lambda i: self.segments[i].top, default=-1)

    def entries_from(self, segment: int) -> list[int]:
        """This segment and the lines below it that its label, left of it, is the label of too: the copies of a letter."""
        entries = [segment]
        while self.has_left[segment] and len(entries) < MAX_CHAIN and (below := self.next_below[entries[-1]]) >= 0:
            last, one = self.segments[entries[-1]], self.segments[below]
            height = last.bottom - last.top
            is_next = (
                abs(one.left - last.left) < _ENTRY_ALIGNED * height and one.top - last.bottom < _ENTRY_GAP * height
            )
            if not is_next or self._has_own_label(below):
                break
            entries.append(below)
        return entries

    def entries_behind(self, segment: int, first: int) -> list[int]:
        """This segment and the lines below what follows its label, which ends before the token: "cc: A. Best" over "B. Cole"."""
        entries, left = [segment], self.tokens[first].left
        while len(entries) < MAX_CHAIN and (below := self._next_at(entries[-1], left)) >= 0:
            if self._has_own_label(below):
                break
            entries.append(below)
        return entries

    def _has_own_label(self, segment: int) -> bool:
        """Whether a line is no further entry under another one's label: it has one beside or in it, or is one."""
        text = self.segments[segment].text
        return self.has_left[segment] or ":" in text or LEXICON.names(text)

    def _next_at(self, segment: int, left: float) -> int:
        """The line right below that begins at this place, or -1."""
        own = self.segments[segment]
        far = _ENTRY_ALIGNED * (own.bottom - own.top)
        return self._right_below(own, lambda s: abs(s.left - left) < far)

    def chain_head(self, segment: int) -> int:
        for _ in range(MAX_CHAIN):
            above = self.next_above[segment]
            if above < 0:
                break
            segment = above
        return segment


def view_of(document: ParsedDocument) -> View:
    tokens: list[Token] = []
    segments: list[Segment] = []
    page_segments = []
    for number, page in enumerate(document.pages):
        first = len(segments)
        lines = np.array([(b.left, b.top, b.right, b.bottom) for b in (line.box for line in page.lines)]).reshape(-1, 4)
        lines *= (page.width_pt, page.height_pt, page.width_pt, page.height_pt)
        for run in (run for line in page.lines for run in _without_gaps(page, line)):
            begin = len(tokens)
            for index, word in run:
                tokens.extend(_tokens(page, number, index, word))
            if len(tokens) > begin:
                cut = _next_label(tokens, begin, lines)
                ends = (cut, len(tokens)) if cut > begin else (len(tokens),)
                segments += [_segment(tokens, a, b, number) for a, b in pairwise((begin, *ends))]
        page_segments.append((first, len(segments)))
    heights = [t.bottom - t.top for t in tokens]
    view = View(document, tokens, segments, page_segments, float(np.median(heights)) if heights else 10.0)
    view.edges = np.array([(t.left, t.top, t.right, t.bottom) for t in tokens]).reshape(-1, 4)
    _stack(view)
    return view


def joined_text(tokens: list[Token]) -> tuple[str, list[int]]:
    offsets, parts, length = [], [], 0
    for index, t in enumerate(tokens):
        if index and not t.is_glued:
            parts.append(" ")
            length += 1
        offsets.append(length)
        parts.append(t.text)
        length += len(t.text)
    return "".join(parts), offsets


def _tokens(page: Page, number: int, index: int, word: Word) -> Iterable[Token]:
    box = word.box
    left, right = box.left * page.width_pt, box.right * page.width_pt
    top, bottom = box.top * page.height_pt, box.bottom * page.height_pt
    size = word.font_size or bottom - top
    # From where to where letters are drawn: white space tells lines apart, and a font's box has room around them.
    room = max(0.0, (bottom - top - _INK * size) / 2) if word.font_size else 0.0
    top, bottom = top + room, bottom - room
    cut = _cut(word)
    if not cut:
        yield Token(word.text, word.start, word.end, number, index, left, top, right, bottom, size, word.is_bold, room)
        return
    middle = left + (right - left) * cut / len(word.text)
    at = word.start + cut
    yield Token(word.text[:cut], word.start, at, number, index, left, top, middle, bottom, size, word.is_bold, room)
    yield Token(
        word.text[cut:], at, word.end, number, index, middle, top, right, bottom, size, word.is_bold, room, True
    )


def _without_gaps(page: Page, line: Line) -> Iterator[list[tuple[int, Word]]]:
    """The words of a line, cut where the white space between two is a column's: a date and the description beside it."""
    run: list[tuple[int, Word]] = []
    for index in line.words:
        word = page.words[index]
        gap = (word.box.left - run[-1][1].box.right) * page.width_pt if run else 0.0
        if gap > _column_gap(page, word):
            yield run
            run = []
        run.append((index, word))
    yield run


def _column_gap(page: Page, word: Word) -> float:
    """White space in points from which what follows stands in another column; no bound where neither size nor ink is known."""
    if word.font_size:
        return _COLUMN_GAP * word.font_size
    return _COLUMN_GAP_OCR * word.box.height * page.height_pt if word.source is WordSource.OCR else math.inf


def _cut(word: Word) -> int:
    """Where a glued word falls into two ("Date:12.05.", "2023Transfer"), or 0."""
    if word.end - word.start != len(word.text):
        return 0
    if ":" in word.text or "=" in word.text or "#" in word.text:
        m = _GLUED.match(word.text)
    elif word.text[0].isdigit():
        m = _RUN_ON.match(word.text)
    else:
        m = _DASHED.match(word.text) if "-" in word.text else None
        m = m if m and LEXICON.names_a(m[1], "date") else None
    return m.start(2) if m else 0


def _next_label(tokens: list[Token], begin: int, lines: np.ndarray) -> int:
    """Where a long value ran into the label of the next column ("Acme Corporation Invoice Date"), or ``begin``.

    Other lines begin there too, and the label has its own value beside it.
    """
    last = plain(tokens[-1].text)
    if last and not tokens[-1].is_glued and last.rsplit(" ", 1)[-1] not in LEXICON.last_words:
        return begin
    right, height = tokens[-1].right, tokens[-1].bottom - tokens[-1].top
    for at in range(max(begin + 1, len(tokens) - _LABEL_WORDS), len(tokens)):
        token = tokens[at]
        if token.is_glued or not LEXICON.names(joined_text(tokens[at:])[0]):
            continue
        if np.count_nonzero(np.abs(lines[:, 0] - token.left) < _ALIGNED * height) >= _COLUMN:
            shared = np.minimum(lines[:, 3], token.bottom) - np.maximum(lines[:, 1], token.top)
            has_value = bool(((shared > _ALIGNED * height) & (lines[:, 0] >= right)).any())
            return at if has_value and not LEXICON.names(joined_text(tokens[begin:])[0]) else begin
    return begin


def _segment(tokens: list[Token], begin: int, end: int, page: int) -> Segment:
    own = tokens[begin:end]
    text, offsets = joined_text(own)
    return Segment(
        page, begin, end, text, offsets,
        min(t.left for t in own), min(t.top for t in own), max(t.right for t in own), max(t.bottom for t in own),
        median(t.size for t in own) if len(own) > 2 else own[0].size, sum(t.is_bold for t in own) * 2 > len(own),
    )  # fmt: skip


def _row_mates(sides: np.ndarray) -> tuple[list[bool], list[bool]]:
    """Of each line (left, top, right, bottom), whether another one stands left of it in its row, and whether right of it."""
    left, top, right, bottom = sides.T
    has_left, has_right = np.zeros(len(sides), dtype=bool), np.zeros(len(sides), dtype=bool)
    for begin in range(0, len(sides), _AT_ONCE):
        own_left, own_top, own_right, own_bottom = (
            side[begin : begin + _AT_ONCE, None] for side in (left, top, right, bottom)
        )
        shared = np.minimum(own_bottom, bottom) - np.maximum(own_top, top)
        is_row = shared > _ALIGNED * np.minimum(own_bottom - own_top, bottom - top)
        has_left[begin : begin + _AT_ONCE] = (is_row & (right < own_left)).any(axis=1)
        has_right[begin : begin + _AT_ONCE] = (is_row & (left > own_right)).any(axis=1)
    return has_left.tolist(), has_right.tolist()


def _stack(view: View) -> None:
    """Which line goes on below which: same left edge or same middle, a line's distance apart; a line of an address up to two."""
    count = len(view.segments)
    view.next_below, view.next_above = [-1] * count, [-1] * count
    view.has_left, view.has_right = [False] * count, [False] * count
    for first, last in view.page_segments:
        if last - first < 2:
            continue
        own = view.segments[first:last]
        sides = np.array([(s.left, s.top, s.right, s.bottom) for s in own])
        view.has_left[first:last], view.has_right[first:last] = _row_mates(sides)
        order = sorted(range(len(own)), key=lambda i: own[i].top)
        tops = [own[i].top for i in order]
        for i, line in enumerate(own):
            next_one = _line_below(line, own, order, tops)
            if next_one is None:
                continue
            below = first + next_one
            above = view.next_above[below]
            if above >= 0 and line.top <= view.segments[above].top:
                continue
            if above >= 0:  # this one is nearer
                view.next_below[above] = -1
            view.next_below[first + i], view.next_above[below] = below, first + i


def _line_below(line: Segment, own: list[Segment], order: list[int], tops: list[float]) -> int | None:
    """Of the page's lines, ``order`` and ``tops`` from top to bottom, the one that goes on below this one."""
    height = line.bottom - line.top
    begin, near, far = (
        bisect_left(tops, y)
        for y in (line.top + 0.5 * height, line.bottom + NEXT * height, line.bottom + LOOSE * height)
    )
    found = next((i for i in order[begin:near] if _goes_on_in(line, own[i])), None)
    if found is not None:
        return found
    under = next((i for i in order[begin:far] if own[i].left < line.right and line.left < own[i].right), None)
    is_address = under is not None and is_address_line(own[under].text) and _goes_on_in(line, own[under])
    return under if is_address else None


def _goes_on_in(line: Segment, below: Segment) -> bool:
    """Whether of two lines near each other the lower one is of the upper one's block: alike in height, edge or middle."""
    em, height = line.bottom - line.top, below.bottom - below.top
    if abs(height - em) >= 0.45 * max(em, height):
        return False
    if abs(below.left - line.left) < 0.7 * em or abs(below.left + below.right - line.left - line.right) < 1.6 * em:
        return True
    # What a comma ends goes on below, though a scan shifts it; so does a name whose legal form stands there.
    if not (line.text.endswith(",") or is_bare_legal_form(below.text)):
        return False
    shared = min(below.right, line.right) - max(below.left, line.left)
    return shared > _MOST * min(below.right - below.left, line.right - line.left)
