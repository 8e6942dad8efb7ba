"""How much of the page a value is: all lines of an address, a company's name with its legal form and no more.

The ranker says where a value stands; a part of it ranks as well as the whole. Once a correction showed
how much is wanted, that is what is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fieldproof.extraction.candidates import Candidate, Pieces
from fieldproof.extraction.decide import Offer
from fieldproof.extraction.memory import Memory
from fieldproof.extraction.names import end_of_name, is_bare_legal_form
from fieldproof.extraction.query import Query
from fieldproof.extraction.scene import Scene


def whole(scene: Scene, memory: Memory, query: Query, offers: list[Offer]) -> list[Offer]:
    """The offers, each of the whole value that it is a part of; the best one of each."""
    reach = {"address": _address, "company": _company}.get(query.shape)
    if reach is None or memory.knows(query.path):
        return offers
    best: dict[int, Offer] = {}
    numbers = {c.pieces: n for n, c in enumerate(scene.candidates)}
    for offer in offers:
        found = reach(scene, offer, numbers)
        if found != offer.candidate:
            candidate = scene.candidates[found]
            place = (offer.document, candidate.pieces)
            offer = replace(offer, candidate=found, value=candidate.text, place=place)
        if found not in best or offer.score > best[found].score:
            best[found] = offer
    return list(best.values())


def _address(scene: Scene, offer: Offer, numbers: dict[Pieces, int]) -> int:
    return next((scene.address_at[i] for i in _lines(scene, offer) if i in scene.address_at), offer.candidate)


def _company(scene: Scene, offer: Offer, numbers: dict[Pieces, int]) -> int:
    """With the legal form that stands alone on the line below, without the register's number behind the name."""
    candidate, view = scene.candidates[offer.candidate], scene.view
    line = list(_lines(scene, offer))[-1]
    segment, below = view.segments[line], view.next_below[line]
    if candidate.pieces[-1][1] == segment.last and below >= 0 and is_bare_legal_form(view.segments[below].text):
        longer = (*candidate.pieces, (view.segments[below].first, view.segments[below].last))
        return numbers.get(longer, offer.candidate)
    end = _end_before_number(candidate)
    if end:
        first = candidate.pieces[0][0]
        own = view.segments[candidate.segment]
        at = own.offsets[first - own.first]
        return numbers.get((own.tokens_between(at, at + end),), offer.candidate)
    return offer.candidate


def _end_before_number(candidate: Candidate) -> int:
    end = end_of_name(candidate.text) if len(candidate.pieces) == 1 else 0
    return end if end and any(map(str.isdigit, candidate.text[end:])) else 0


def _lines(scene: Scene, offer: Offer) -> Iterator[int]:
    for first, _ in scene.candidates[offer.candidate].pieces:
        yield scene.segment_of(first)
