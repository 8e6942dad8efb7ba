"""From places to proofs, and from a value or a drawn box back to its place in a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from rapidfuzz import fuzz

from fieldproof.core.document import Page
from fieldproof.core.geometry import Box, union
from fieldproof.core.result import Citation, Match
from fieldproof.extraction.amounts import find_amounts
from fieldproof.extraction.dates import ORDERS, FoundDate, find_dates
from fieldproof.extraction.plain import key
from fieldproof.extraction.view import View

FUZZY_FLOOR = 88.0  # percent of letters that must agree


def citations_of(
    view: View, document_id: str, pieces: tuple[tuple[int, int], ...], value: Any, text: str
) -> tuple[Citation, ...]:
    """One citation per page that the pieces touch."""
    found = []
    by_page: dict[int, list[tuple[int, int]]] = {}
    for first, last in pieces:
        by_page.setdefault(view.tokens[first].page, []).append((first, last))
    for _, own in sorted(by_page.items()):
        place = view.box(own)
        if place is None:
            continue
        tokens = [view.tokens[i] for a, b in own for i in range(a, b)]
        match = Match.EXACT if isinstance(value, str) and value == text else Match.NORMALISED
        anchors = {view.document.pages[t.page].words[t.word].anchor for t in tokens}
        anchor = anchors.pop() if len(anchors) == 1 else None
        quote = text if len(by_page) == 1 else view.text_of(own)
        found.append(
            Citation(
                document_id,
                place[0],
                place[1],
                quote,
                min(t.start for t in tokens),
                max(t.end for t in tokens),
                match,
                anchor,
            )
        )
    return tuple(found)


def locate_box(page: Page, document_id: str, box: Box) -> Citation | None:
    """The words whose middle lies in a box that a reviewer drew."""
    words = [w for line in page.lines for w in (page.words[i] for i in line.words) if box.contains(*w.box.middle)]
    around = union(w.box for w in words)
    if around is None:
        return None
    text = " ".join(w.text for w in words)
    return Citation(document_id, page.number, around, text, min(w.start for w in words), max(w.end for w in words))


def locate_value(pages: Iterable[Page], document_id: str, value: Any) -> tuple[Citation, ...]:
    """Places that bear a value out: same letters, the same number or date, or nearly the same letters."""
    wanted = key(str(value))
    if not wanted:
        return ()
    exact, normalised, fuzzy = [], [], []
    for page in pages:
        for line in page.lines:
            words = [page.words[i] for i in line.words]
            for first, last in _windows([w.text for w in words], value, wanted):
                own = words[first:last]
                around = union(w.box for w in own)
                text = " ".join(w.text for w in own)
                if around is None:
                    continue
                match = _match(text, value, wanted)
                bucket = {Match.EXACT: exact, Match.NORMALISED: normalised}.get(match, fuzzy)
                bucket.append(Citation(document_id, page.number, around, text, own[0].start, own[-1].end, match))
    return tuple(exact or normalised or fuzzy)


def _windows(texts: list[str], value: Any, wanted: str) -> list[tuple[int, int]]:
    keys = [key(t) for t in texts]
    found = []
    for first in range(len(texts)):
        joined = ""
        for last in range(first, min(len(texts), first + 40)):
            joined += keys[last]
            if joined == wanted:
                found.append((first, last + 1))
            if len(joined) >= len(wanted):
                break
    if found:
        return found
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [(i, i + 1) for i, t in enumerate(texts) if any(abs(a.value - value) < 0.005 for a in find_amounts(t))]
    return _dates_at(texts, str(value)) or _nearly(texts, keys, wanted)


def _dates_at(texts: list[str], value: str) -> list[tuple[int, int]]:
    line = " ".join(texts)
    for found in _readings(line):
        if found.value.isoformat() == value:
            first = line[: found.start].count(" ")
            return [(first, first + line[found.start : found.end].count(" ") + 1)]
    return []


def _readings(text: str) -> Iterator[FoundDate]:
    """The dates of a text in each order of day and month: which one is right was settled when the value was."""
    return chain.from_iterable(find_dates(text, order) for order in ORDERS)


def _nearly(texts: list[str], keys: list[str], wanted: str) -> list[tuple[int, int]]:
    if len(wanted) < 6:
        return []
    for first in range(len(texts)):
        joined = ""
        for last in range(first, min(len(texts), first + 30)):
            joined += keys[last]
            if abs(len(joined) - len(wanted)) <= 2 and fuzz.ratio(joined, wanted) >= FUZZY_FLOOR:
                return [(first, last + 1)]
            if len(joined) > len(wanted) + 2:
                break
    return []


def _match(text: str, value: Any, wanted: str) -> Match:
    if isinstance(value, str) and text == value:
        return Match.EXACT
    if key(text) == wanted or any(
        abs(a.value - value) < 0.005 for a in find_amounts(text) if isinstance(value, (int, float))
    ):
        return Match.NORMALISED
    return Match.NORMALISED if any(d.value.isoformat() == value for d in _readings(text)) else Match.FUZZY
