"""The layout engine: text is put on pages, every word keeps its box, every value keeps its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from reportlab.pdfbase.pdfmetrics import stringWidth

A4 = (595.3, 841.9)
LETTER = (612.0, 792.0)

_ASCENT = 0.74  # of the font size, above the baseline
_DESCENT = 0.21
_FACES = {
    "helvetica": ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique"),
    "times": ("Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic"),
    "courier": ("Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique"),
}


class Pen(NamedTuple):
    """How text looks. ``narrow`` scales it horizontally, ``colour`` is red, green, blue from 0 to 1."""

    family: str = "helvetica"
    size: float = 9.0
    bold: bool = False
    italic: bool = False
    colour: tuple[float, float, float] = (0.0, 0.0, 0.0)
    narrow: float = 1.0

    @property
    def face(self) -> str:
        return _FACES[self.family][self.bold + 2 * self.italic]

    @property
    def leading(self) -> float:
        return self.size * 1.22

    def width(self, text: str) -> float:
        return _unit_width(text, self.face) * self.size * self.narrow

    def but(self, **changes: object) -> Pen:
        return self._replace(**changes)  # type: ignore[arg-type]


class Told(NamedTuple):
    """A piece of text that says something about these concepts."""

    text: str
    about: tuple[str, ...]


Piece = str | Told


def told(text: str, *about: str) -> Told:
    return Told(text, about)


class Word:
    """One word on a page, in points, y down."""

    __slots__ = ("bottom", "left", "number", "page", "right", "text", "top")

    def __init__(
        self, text: str, number: int, page: int, left: float, top: float, right: float, bottom: float
    ) -> None:
        self.text = text
        self.number = number
        self.page = page
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom


class Span(NamedTuple):
    """Some letters of a word."""

    word: Word
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.word.text[self.start : self.end]

    @property
    def box(self) -> tuple[float, float, float, float]:
        w = self.word
        each = (w.right - w.left) / max(1, len(w.text))
        return w.left + each * self.start, w.top, w.left + each * self.end, w.bottom


@dataclass
class Mark:
    """One place where a concept stands."""

    about: str
    spans: list[Span]

    @property
    def text(self) -> str:
        return " ".join(s.text for s in self.spans)


class Run(NamedTuple):
    """Text drawn at once, for the PDF."""

    x: float
    baseline: float
    text: str
    pen: Pen
    turned: float


class Rule(NamedTuple):
    """A line or, with a fill, a filled box."""

    x0: float
    y0: float
    x1: float
    y1: float
    thickness: float
    grey: float
    is_box: bool
    fill: tuple[float, float, float] | None


@dataclass
class Page:
    width: float
    height: float
    words: list[Word] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)


@dataclass
class Paper:
    """Pages to write on. ``marks`` are the places of values, in the order written."""

    size: tuple[float, float] = A4
    pages: list[Page] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    tilts: dict[int, float] = field(default_factory=dict)
    _joined: dict[str, Mark] | None = None
    _count: int = 0

    def __post_init__(self) -> None:
        self.turn_page()

    @property
    def page(self) -> Page:
        return self.pages[-1]

    @property
    def width(self) -> float:
        return self.page.width

    @property
    def height(self) -> float:
        return self.page.height

    def turn_page(self) -> None:
        self.pages.append(Page(*self.size))

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written in a row about one concept inside is one place, over several lines."""
        before, self._joined = self._joined, {} if self._joined is None else self._joined
        yield
        self._joined = before

    def write(
        self,
        x: float,
        y: float,
        pieces: Sequence[Piece] | Piece,
        pen: Pen,
        *,
        align: str = "left",
        turned: float = 0.0,
    ) -> float:
        """One line with its top at ``y``; its width. ``turned`` text is drawn but has no words."""
        parts = [pieces] if isinstance(pieces, (str, Told)) else pieces
        text = "".join(p if isinstance(p, str) else p.text for p in parts)
        total = pen.width(text)
        left = x - total if align == "right" else x - total / 2 if align == "center" else x
        baseline = y + _ASCENT * pen.size
        self.page.runs.append(Run(left, baseline, text, pen, turned))
        if not turned:
            words = self._words(left, baseline, text, pen)
            self._mark(parts, words)
        return total

    def paragraph(
        self,
        x: float,
        y: float,
        width: float,
        pieces: Sequence[Piece] | Piece,
        pen: Pen,
        *,
        leading: float | None = None,
        indent: float = 0.0,
        align: str = "left",
        bottom: float | None = None,
        top: float = 60.0,
    ) -> float:
        """Wrapped text; the y below it. Past ``bottom`` it goes on at ``top`` of a new page."""
        parts = [pieces] if isinstance(pieces, (str, Told)) else list(pieces)
        step = leading or pen.leading
        with self.together():
            for number, line in enumerate(_wrapped(parts, pen, width, indent)):
                if bottom is not None and y + step > bottom:
                    self.turn_page()
                    y = top
                start = x + (indent if number == 0 else 0)
                at = {"left": start, "center": x + width / 2, "right": x + width}[align]
                self.write(at, y, line, pen, align=align)
                y += step
        return y

    def line(self, x0: float, y0: float, x1: float, y1: float, *, thickness: float = 0.6, grey: float = 0.0) -> None:
        self.page.rules.append(Rule(x0, y0, x1, y1, thickness, grey, False, None))

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        *,
        thickness: float = 0.6,
        grey: float = 0.0,
        fill: tuple[float, float, float] | None = None,
    ) -> None:
        self.page.rules.append(Rule(x0, y0, x1, y1, thickness, grey, True, fill))

    def _words(self, left: float, baseline: float, text: str, pen: Pen) -> list[tuple[int, int, Word]]:
        """(first letter, end, word) of every word of a line."""
        found = []
        top, bottom = baseline - _ASCENT * pen.size, baseline + _DESCENT * pen.size
        page, at, x = len(self.pages), 0, left
        space = pen.width(" ")
        for raw in text.split(" "):
            if raw:
                right = x + pen.width(raw)
                self._count += 1
                word = Word(raw, self._count, page, x, top, right, bottom)
                self.page.words.append(word)
                found.append((at, at + len(raw), word))
                x = right
            x += space
            at += len(raw) + 1
        return found

    def _mark(self, parts: Sequence[Piece], words: list[tuple[int, int, Word]]) -> None:
        at = 0
        fresh: dict[str, list[Span]] = {}
        for part in parts:
            if isinstance(part, str):
                at += len(part)
                continue
            end = at + len(part.text)
            spans = [Span(w, max(at, a) - a, min(end, b) - a) for a, b, w in words if a < end and b > at]
            for concept in part.about:
                fresh.setdefault(concept, []).extend(spans)
            at = end
        for concept, spans in fresh.items():
            if not spans:
                continue
            known = self._joined.get(concept) if self._joined is not None else None
            if known and spans[0].word.number - known.spans[-1].word.number <= 2:
                known.spans.extend(s for s in spans if s not in known.spans)
                continue
            mark = Mark(concept, spans)
            self.marks.append(mark)
            if self._joined is not None:
                self._joined[concept] = mark


@lru_cache(maxsize=200_000)
def _unit_width(text: str, face: str) -> float:
    return stringWidth(text, face, 1.0)


def _wrapped(parts: list[Piece], pen: Pen, width: float, indent: float) -> Iterator[list[Piece]]:
    """Lines of at most ``width``; a value broken over lines is a piece on each."""
    tokens: list[tuple[str, tuple[str, ...]]] = []
    for part in parts:
        text, about = (part, ()) if isinstance(part, str) else (part.text, part.about)
        tokens += [(t, about) for t in _split_keeping(text)]
    line: list[tuple[str, tuple[str, ...]]] = []
    used, room = 0.0, width - indent
    for word in _clumps(tokens):
        text = "".join(t for t, _ in word)
        if text == "\n":
            yield _pieces(line)
            line, used, room = [], 0.0, width
            continue
        wide = pen.width(text)
        if line and used + wide > room and text != " ":
            yield _pieces(line)
            line, used, room = [], 0.0, width
        if not line and text == " ":
            continue
        line += word
        used += wide
    if line:
        yield _pieces(line)


def _split_keeping(text: str) -> list[str]:
    out, current = [], ""
    for letter in text:
        if letter in " \n":
            if current:
                out.append(current)
            out.append(letter)
            current = ""
        else:
            current += letter
    return [*out, current] if current else out


def _clumps(tokens: list[tuple[str, tuple[str, ...]]]) -> Iterator[list[tuple[str, tuple[str, ...]]]]:
    """Tokens without a blank between them stay on one line."""
    current: list[tuple[str, tuple[str, ...]]] = []
    for token in tokens:
        if token[0] in " \n":
            if current:
                yield current
            yield [token]
            current = []
        else:
            current.append(token)
    if current:
        yield current


def _pieces(line: list[tuple[str, tuple[str, ...]]]) -> list[Piece]:
    while line and line[-1][0] == " ":
        line.pop()
    out: list[Piece] = []
    for text, about in line:
        last = out[-1] if out else None
        if isinstance(last, Told) and about == last.about:
            out[-1] = Told(last.text + text, about)
        elif isinstance(last, str) and not about:
            out[-1] = last + text
        else:
            out.append(Told(text, about) if about else text)
    return out
