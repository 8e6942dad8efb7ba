"""Lines that are one party's: below its heading, or in the window of a letter below the sender's line."""

from __future__ import annotations

import re

from fieldproof.extraction.addresses import has_street, postcode_city
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.places import is_place
from fieldproof.extraction.plain import BULLETS, key, plain
from fieldproof.extraction.query import ROLE_OF, ROLES
from fieldproof.extraction.view import LOOSE, NEXT, View

SOMEBODY = -1  # a party that is named by another one: "tax representative of the seller"
SELLER, _BUYER, _SHIP_TO = (ROLES.index(role) for role in ("seller", "buyer", "ship_to"))
_PARTED = re.compile(rf"\s*[{BULLETS}]\s*|\s+[-–—]\s+|\s*,\s*")
_HEADING_WORDS = 6
# Headings that say that a name follows, not whose.
_VAGUE = frozenset([
    "company", "firma", "unternehmen", "societe", "empresa", "azienda", "ditta", "bedrijf", "account name", "shop", "store", "merchant",
])  # fmt: skip
_BARE = {
    alias: int(ROLE_OF[concept])
    for alias, concepts in LEXICON.aliases.items() for concept in concepts
    if ROLE_OF[concept] in (SELLER, _BUYER, _SHIP_TO) and alias not in _VAGUE
}  # fmt: skip
_EXACT = 0.9  # how well a heading names its party
_REMINDS = 0.2  # and another one's that it is the heading of somebody else
_OR = re.compile(r"\s*[/,&]\s*|\s+(?:und|and|or|oder|et|ou|y|e|en)\s+")
_RUN_ON = re.compile(r"(?:[A-Z]{1,2}-)?\d{4,5}(?=[^\W\d_]{3})")  # "88802Spielkreis"
_GENITIVE = re.compile(r"(?<=\w{5})e?s\b")  # "Steuerbevollmächtigter des Verkäufers"
_ALIGNED = 0.7  # of a line's height: from its left edge to the heading's
_THIN = 1e-3  # points: no line is thinner
_LETTER_LINE = 110  # characters of a sender's line at most
_BELOW = 6.0  # lines' heights from a sender's line to the window's first line at most
_APART = 4.5  # and between two lines of the window, which may be set with room
_WINDOW_LINES = 8


def whose_lines(view: View) -> dict[int, int]:
    """Line -> the role of the party that it belongs to, or SOMEBODY."""
    return _sender_and_window(view) | _below_headings(view)


def _below_headings(view: View) -> dict[int, int]:
    whose: dict[int, int] = {}
    for heading, segment in enumerate(view.segments):
        role = _party_of(segment.text)
        lines = _lines_below(view, heading) if role else []
        # A name alone below "Seller" and beside other such columns is of who sold, not of who trades.
        if len(lines) > 1 or _is_heading(segment.text):
            whose |= dict.fromkeys(lines, role)
    return whose


def _lines_below(view: View, heading: int) -> list[int]:
    """The lines below a heading, to the next one; after a blank line only what has a label, a number of that party."""
    above = view.segments[heading]
    begin, (_, end) = above.left, view.page_segments[above.page]
    lines: list[int] = []
    for i in sorted(range(heading + 1, end), key=lambda i: (view.segments[i].top, i)):
        line = view.segments[i]
        height = max(line.bottom - line.top, _THIN)
        if line.top < above.bottom - 0.5 * height or abs(line.left - begin) > _ALIGNED * height:
            continue
        gap = (line.top - above.bottom) / height
        if gap > LOOSE or _is_heading(line.text) or (lines and gap > NEXT and ":" not in line.text):
            break
        lines.append(i)
        above = line
    return lines


def _is_heading(text: str) -> bool:
    return text.rstrip().endswith(":") and len(text.split()) <= _HEADING_WORDS


def _party_of(text: str) -> int:
    """The party that a heading names, and nobody else; SOMEBODY where another one is named by it; 0 where none is."""
    if not _is_heading(text):
        return _BARE.get(plain(text), 0)
    roles = [_roles(part, _EXACT) for part in _OR.split(text.rstrip(" :"))]
    exact = set.intersection(*roles)
    if len(exact) == 1:
        return exact.pop()
    return SOMEBODY if not any(roles) and _roles(_GENITIVE.sub("", text), _REMINDS) else 0


def _roles(text: str, least: float) -> set[int]:
    return {int(ROLE_OF[c]) for c, named in LEXICON.matches(text) if named >= least} - {0}


def _sender_and_window(view: View) -> dict[int, int]:
    whose: dict[int, int] = {}
    for line, segment in enumerate(view.segments):
        own = _sender(segment.text)
        window = _window(view, line) if own else []
        if window:
            whose |= dict.fromkeys(window, _BUYER)
            whose |= {i: SELLER for i, s in enumerate(view.segments) if i == line or key(s.text) in own}
    return whose


def _sender(text: str) -> frozenset[str]:
    """The parts of a line that is a whole address with its name: "Acme Ltd · Ring 3 · 12345 Berlin"; else empty."""
    if len(text) > _LETTER_LINE or ":" in text or not text[-1:].isalpha():
        return frozenset()
    parts = [part for part in _PARTED.split(text) if part]
    if len(parts) < 3 or any(map(str.isdigit, parts[0])):
        return frozenset()
    has_its_street = any(has_street(p) or (any(map(str.isdigit, p)) and any(map(str.isalpha, p))) for p in parts[1:-1])
    has_its_city = any(postcode_city(p).postcode for p in parts[2:])
    return frozenset(map(key, parts)) if has_its_street and has_its_city else frozenset()


def _window(view: View, sender: int) -> list[int]:
    """The lines of the address that stands below a sender's line; empty where none does."""
    above = view.segments[sender]
    below = [
        i for i in range(*view.page_segments[above.page])
        if view.segments[i].top >= above.bottom and view.segments[i].left < above.right and above.left < view.segments[i].right
    ]  # fmt: skip
    lines: list[int] = []
    for i in sorted(below, key=lambda i: (view.segments[i].top, i))[:_WINDOW_LINES]:
        line = view.segments[i]
        if line.top - above.bottom > (_APART if lines else _BELOW) * (line.bottom - line.top):
            break
        lines.append(i)
        above = line
        if postcode_city(line.text).postcode or _RUN_ON.match(line.text):
            after = view.next_below[i]
            return [*lines, after] if after >= 0 and is_place(view.segments[after].text) else lines
    return []
