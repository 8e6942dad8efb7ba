"""What a scanner and an OCR do to words: skew, jitter, glued and split words, confused letters, lost marks."""

from __future__ import annotations

import math
from random import Random

from .draft import Draft
from .paper import Page, Span, Word

_CONFUSED = {
    "0": "O", "O": "0", "1": "l", "l": "1", "I": "l", "5": "S", "S": "5", "8": "B", "B": "8", "e": "c", "c": "e", "o": "0", "a": "o", "n": "u", "u": "n", "i": "í", "g": "q", "h": "b",
    "G": "6", "6": "G", "Z": "2", "2": "Z", "t": "f", "f": "t", "D": "0", "rn": "m", "m": "rn", "ü": "u", "ö": "o", "ä": "a", "é": "e", "è": "e", "ç": "c", "ñ": "n", "ß": "B", ",": ".", ".": ",", "/": "I", "-": "~",
    "E": "F", "F": "E", "M": "N", "W": "VV", "3": "8", "7": "1", "4": "A", "9": "g", "€": "E", "y": "v", "r": "n", "s": "$",
}  # fmt: skip


def roughen(d: Draft, share: float) -> None:
    """Makes the words of a scanned layout look read by OCR; others stay as drawn."""
    if not d.style.chance("is a scan", share):
        return
    d.is_scan = True
    r = Random(f"{d.layout} noise {d.luck.random()}")
    grade = d.style.choice("scan grade", ("good", "good", "good", "fair", "fair", "bad"))
    letters, glue, split, lost = {
        "good": (0.0006, 0.004, 0.002, 0.001), "fair": (0.003, 0.015, 0.006, 0.004), "bad": (0.012, 0.04, 0.015, 0.012),
    }[grade]  # fmt: skip
    for number, page in enumerate(d.paper.pages, 1):
        marks = [m for m in d.paper.marks if m.spans and m.spans[0].word.page == number]
        kept = {id(s.word) for m in marks for s in m.spans}
        _confuse(page, r, letters, kept)
        moved = _reword(page, r, glue, split, lost, kept)
        for m in marks:
            m.spans = [new for s in m.spans for new in _follow(s, moved)]
        tilt = r.gauss(0, 0.004 if grade == "good" else 0.009)
        _tilt(page, tilt, r, 0.12 if grade == "good" else 0.35)
        d.paper.tilts[number] = tilt


def _confuse(page: Page, r: Random, rate: float, kept: set[int]) -> None:
    """Values are read wrong less often than the rest: their truth stays what was printed."""
    for word in page.words:
        text = word.text
        chance = rate * (0.35 if id(word) in kept else 1.0) * len(text)
        if r.random() >= chance:
            continue
        at = r.randrange(len(text))
        wrong = _CONFUSED.get(text[at])
        if wrong and (len(wrong) == 1 or id(word) not in kept):
            word.text = text[:at] + wrong + text[at + 1 :]


def _reword(page: Page, r: Random, glue: float, split: float, lost: float, kept: set[int]) -> dict[int, list[Span]]:
    """Glues neighbours, splits words, loses small ones; where each word's letters went."""
    out: list[Word] = []
    moved: dict[int, list[Span]] = {}
    for word in page.words:
        last = out[-1] if out else None
        length = len(word.text)
        if length <= 2 and not word.text.isalnum() and id(word) not in kept and r.random() < lost * 6:
            moved[id(word)] = []
            continue
        near = last is not None and last.page == word.page and abs(last.top - word.top) < 2 and 0 <= word.left - last.right < 0.4 * (word.bottom - word.top)
        if last is not None and near and r.random() < glue:
            start = len(last.text)
            last.text += word.text
            last.right = word.right
            last.top, last.bottom = min(last.top, word.top), max(last.bottom, word.bottom)
            moved[id(word)] = [Span(last, start, start + length)]
            continue
        if length >= 5 and r.random() < split:
            at = r.randint(2, length - 2)
            middle = word.left + (word.right - word.left) * at / length
            tail = Word(word.text[at:], word.number, word.page, middle + 0.8, word.top, word.right, word.bottom)
            head = Word(word.text[:at], word.number, word.page, word.left, word.top, middle - 0.4, word.bottom)
            out += [head, tail]
            moved[id(word)] = [Span(head, 0, at), Span(tail, 0, length - at)]
            continue
        out.append(word)
        moved[id(word)] = [Span(word, 0, length)]
    page.words = out
    return moved


def _follow(span: Span, moved: dict[int, list[Span]]) -> list[Span]:
    """The same letters after gluing and splitting."""
    out, at = [], 0
    for piece in moved.get(id(span.word), [span]):
        length = piece.end - piece.start
        start, end = max(span.start, at) - at, min(span.end, at + length) - at
        if end > start:
            out.append(Span(piece.word, piece.start + start, piece.start + end))
        at += length
    return out


def _tilt(page: Page, angle: float, r: Random, jitter: float) -> None:
    """Rotates about the page's middle; boxes stay upright around the turned words."""
    cx, cy = page.width / 2, page.height / 2
    sin, cos = math.sin(angle), math.cos(angle)
    for w in page.words:
        x, y = (w.left + w.right) / 2 - cx, (w.top + w.bottom) / 2 - cy
        wide, tall = (w.right - w.left) / 2, (w.bottom - w.top) / 2
        tall = tall * r.uniform(0.82, 1.06) + abs(sin) * wide
        nx, ny = cx + x * cos - y * sin + r.gauss(0, jitter), cy + x * sin + y * cos + r.gauss(0, jitter)
        w.left, w.right, w.top, w.bottom = nx - wide, nx + wide, ny - tall, ny + tall

