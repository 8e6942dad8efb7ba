"""How much of the page a value is: all lines of an address or a running text, a company's name with its legal form.

The ranker says where a value stands; a part of it ranks as well as the whole. What is wanted of it, reviewed
documents of the layout show: of an address how many lines more or fewer, of a company's name the whole or not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from fieldproof.core.schema import FieldType
from fieldproof.extraction.address_blocks import MAX_LINES, is_of_no_place
from fieldproof.extraction.candidates import Candidate, behind_label
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.memory import Memory
from fieldproof.extraction.names import (
    can_be_company,
    end_of_name,
    ends_with_legal_form,
    is_bare_legal_form,
    is_joined,
    is_register_number,
)
from fieldproof.extraction.offers import Offer
from fieldproof.extraction.plain import key
from fieldproof.extraction.query import Query
from fieldproof.extraction.scene import Scene
from fieldproof.extraction.view import Segment

_SHAPES = ("address", "company", "text", "person")
_NUMBERS = ("amount", "number", "percent")
_NUMBER = re.compile(r"[\d.,/+-]+")
_CALLED = 4  # letters from which what stands before a name is no initial
_MEASURE = (
    r"(?:%|°c|[ckm]?m[²³23]?|k?gs?|gms?|grams?|mg|lbs?|oz|in|inch(?:es)?|ft|ml|cl|cc|l|lit(?:er|re)s?|hrs?|hours?|min(?:utes)?|days?|weeks?|months?"
    r"|years?|pcs|pieces|pages?|copies|units?|cartons?|boxes|stück|tage|stunden|jours|pièces|giorni|días|dagen)\.?"
)
_UNIT = re.compile(rf"{_MEASURE}(?: ?/ ?{_MEASURE})?", re.IGNORECASE)
_SMEARED = "_-. "  # what a scan makes of the line that a value is written on
_NEXT_COLUMN = 4.0  # heights of a line within which a unit belongs to the number before it
_BRACKET = re.compile(r" ?\([^()]*\)")
Extent = tuple[int, int, int]
"""Lines wanted above the first one of the whole and below its last one (negative: fewer), and how many in all."""


def whole(scene: Scene, memory: Memory, query: Query, offers: list[Offer]) -> list[Offer]:
    """The offers, each of the whole value that it is a part of, or of as much as was wanted before; the best of each."""
    if query.shape in _NUMBERS and query.field.type is FieldType.STRING:
        return [_with_unit(scene, o) for o in offers]
    if query.shape == "text":
        offers = [_with_unit(scene, o) if _NUMBER.fullmatch(scene.candidates[o.candidate].text) else o for o in offers]
    if query.shape not in _SHAPES:
        return offers
    extent = None
    if memory.knows(query.path):
        learnt = Counter(tuple(p["extent"]) for p in memory.patterns(query.path) if "extent" in p)
        if not learnt:
            return offers
        extent = learnt.most_common(1)[0][0]
    reach = _reach(scene, query.shape)
    best: dict[int, Offer] = {}
    for offer in offers:
        is_mark = not key(str(offer.value))  # a ticked box
        reached = None if is_mark else reach(scene.candidates[offer.candidate])
        found = offer.candidate if reached is None else _moved(scene, reached, extent) if extent else reached
        if query.shape == "company" and extent:
            found = _with_bracket_as(scene, memory, query, found)
        if found != offer.candidate:
            offer = _moved_to(scene, offer, found)
            offer.is_only |= reached is not None and reached == scene.only_address
        if found not in best or offer.score > best[found].score:
            best[found] = offer
    return list(best.values())


def _with_unit(scene: Scene, offer: Offer) -> Offer:
    """A number that is asked as a text is given with the unit behind it, in its own line or in the next column: "974 mg"."""
    candidate = scene.candidates[offer.candidate]
    first, last = candidate.pieces[0]
    segment = scene.view.segments[candidate.segment]
    if len(candidate.pieces) > 1:
        return offer
    if last >= segment.last:
        unit = _unit_right_of(scene, candidate.segment)
        if unit is None:
            return offer
        value = f"{candidate.text} {unit.text.strip(_SMEARED)}"
        return replace(offer, value=value, place=(offer.document, (*candidate.pieces, unit.tokens)))
    if not _UNIT.fullmatch(scene.view.tokens[last].text):
        return offer
    longer = scene.number_at.get(((first, last + 1),))
    return offer if longer is None else _moved_to(scene, offer, longer)


def _unit_right_of(scene: Scene, segment: int) -> Segment | None:
    """The unit that stands alone in the next column of a line; None where something else does."""
    if not scene.view.has_right[segment]:
        return None
    own = scene.view.segments[segment]
    reach = own.right + _NEXT_COLUMN * (own.bottom - own.top)
    beside = [s for i in scene.view.row_of(segment) if own.right <= (s := scene.view.segments[i]).left <= reach]
    nearest = min(beside, key=lambda s: s.left, default=None)
    return nearest if nearest and _UNIT.fullmatch(nearest.text.strip(_SMEARED)) else None


def _moved_to(scene: Scene, offer: Offer, number: int) -> Offer:
    candidate = scene.candidates[number]
    return replace(offer, candidate=number, value=candidate.text, place=(offer.document, candidate.pieces))


def extent_of(scene: Scene, shape: str, wanted: int) -> Extent | None:
    """How much more or less than the whole a reviewed value is; None where that cannot be said."""
    if shape not in ("address", "company"):
        return None
    reached = _reach(scene, shape)(scene.candidates[wanted])
    those = _lines(scene, wanted)
    if reached is None or reached == wanted:
        return 0, 0, len(those)
    if shape == "company":
        return None
    lines = _lines(scene, reached)
    above, below = _between(scene, those[0], lines[0]), _between(scene, lines[-1], those[-1])
    return None if above is None or below is None else (above, below, len(those))


def _reach(scene: Scene, shape: str) -> Callable[[Candidate], int | None]:
    match shape:
        case "address":
            return _addresses(scene)
        case "company":
            return _companies(scene)
        case "person":
            return _persons(scene)
        case _:
            return _texts(scene)


def _moved(scene: Scene, whole: int, extent: Extent) -> int:
    """The candidate that begins and ends so many lines away from the whole one's; the whole one where there is none.

    Where only its end was wanted, or only its beginning, as many lines as then: addresses grow in the middle. What is
    no line of an address is added only to one that has fewer lines than then.
    """
    above, below, count = extent
    pieces, lines = scene.candidates[whole].pieces, _lines(scene, whole)
    for at in _next(scene.view.next_above, lines[0], above):
        pieces = (scene.view.segments[at].tokens, *pieces)
    for at in _next(scene.view.next_below, lines[-1], below):
        if len(pieces) >= count and is_of_no_place(scene.view.segments[at].text):
            break
        pieces = (*pieces, scene.view.segments[at].tokens)
    if above < 0 <= below:
        pieces = pieces[-count:]
    elif below < 0 <= above:
        pieces = pieces[:count]
    elif above < 0:
        pieces = pieces[-above:below]
    return scene.number_at.get(pieces, whole)


def _with_bracket_as(scene: Scene, memory: Memory, query: Query, number: int) -> int:
    """A name with the number in brackets behind it, or without, as all reviewed ones were: "Acme (116834)"."""
    wanted = {p["form"].endswith(")") for p in memory.patterns(query.path)}
    candidate = scene.candidates[number]
    if len(wanted) != 1 or len(candidate.pieces) != 1:
        return number
    own = scene.view.segments[candidate.segment]
    at = own.offset_of(candidate.pieces[0][0])
    end = at + len(candidate.text)
    behind = _BRACKET.match(own.text, end)
    if candidate.text.endswith(")") not in wanted:
        end = behind.end() if behind else at + len(candidate.text[: candidate.text.rfind("(")].rstrip())
    return scene.number_at.get((own.tokens_between(at, end),), number) if end > at else number


def _next(neighbours: list[int], line: int, count: int) -> Iterator[int]:
    for _ in range(count):
        line = neighbours[line]
        if line < 0:
            return
        yield line


def _lines(scene: Scene, candidate: int) -> list[int]:
    return [scene.segment_of(first) for first, _ in scene.candidates[candidate].pieces]


def _between(scene: Scene, upper: int, lower: int) -> int | None:
    """Lines from one down to another, negative where that is above it; None where neither stands above the other."""
    for first, last, sign in ((upper, lower, 1), (lower, upper, -1)):
        at, count = first, 0
        while at >= 0 and count <= MAX_LINES:
            if at == last:
                return sign * count
            at, count = scene.view.next_below[at], count + 1
    return None


def _addresses(scene: Scene) -> Callable[[Candidate], int | None]:
    def reach(part: Candidate) -> int | None:
        lines = (scene.segment_of(first) for first, _ in part.pieces)
        return next((scene.address_at[i] for i in lines if i in scene.address_at), None)

    return reach


def _companies(scene: Scene) -> Callable[[Candidate], int | None]:
    """With the line that goes on with "&" or is the legal form alone, without the register's number behind the name."""
    view = scene.view

    def reach(part: Candidate) -> int | None:
        upper, lower = scene.segment_of(part.pieces[0][0]), scene.segment_of(part.pieces[-1][0])
        above, below = view.next_above[upper], view.next_below[lower]
        begins, ends = part.pieces[0][0] == view.segments[upper].first, part.pieces[-1][1] == view.segments[lower].last
        if begins and above >= 0 and is_joined(view.segments[above].text, part.text):
            return scene.number_at.get((view.segments[above].tokens, *part.pieces))
        if ends and below >= 0 and _is_end_of_name(part.text, view.segments[below].text):
            return scene.number_at.get((*part.pieces, view.segments[below].tokens))
        end = _end_before_number(part)
        if not end:
            return None
        own = view.segments[part.segment]
        at = own.offset_of(part.pieces[0][0])
        return scene.number_at.get((own.tokens_between(at, at + end),))

    return reach


def _texts(scene: Scene) -> Callable[[Candidate], int | None]:
    """With the lines below that the text runs on in, or its further entries."""
    segments = scene.view.segments

    def reach(part: Candidate) -> int | None:
        line = scene.segment_of(part.pieces[-1][0])
        run = [line]
        if part.pieces[-1][1] == segments[line].last:
            own, first = segments[line], part.pieces[-1][0]
            entries = scene.view.entries_from(line) if part.pieces == (own.tokens,) else run
            begin = behind_label(own.text)
            if begin and len(part.pieces) == 1 and own.offset_of(first) == begin:
                entries = scene.view.entries_behind(line, first)
            run = max(scene.view.run_from(line), entries, key=len)
        more = tuple(segments[i].tokens for i in run[1:])
        return scene.number_at.get((*part.pieces, *more)) if more else None

    return reach


def _persons(scene: Scene) -> Callable[[Candidate], int | None]:
    """Without what somebody is called before the name: "Buyer Jennifer Moore"."""

    def reach(part: Candidate) -> int | None:
        (first, last), *more = part.pieces
        for begin in range(first + 1, last - 1):
            called, rest = scene.view.joined(first, begin), scene.number_at.get(((begin, last),))
            is_called = len(called) >= _CALLED and LEXICON.names(called)
            if not more and rest is not None and is_called and not scene.view.tokens[begin].text.islower():
                return rest
        return None

    return reach


def _is_end_of_name(name: str, below: str) -> bool:
    return is_bare_legal_form(below) or is_joined(name, below)


def _end_before_number(candidate: Candidate) -> int:
    end = end_of_name(candidate.text) if len(candidate.pieces) == 1 else 0
    name, tail = candidate.text[:end], candidate.text[end:]
    is_number = any(map(str.isdigit, tail)) and (ends_with_legal_form(name) or is_register_number(tail))
    return end if end and is_number and can_be_company(name) else 0
