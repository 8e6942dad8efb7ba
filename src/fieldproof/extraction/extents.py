"""How much of the page a value is: all lines of an address, a company's name with its legal form and no more.

The ranker says where a value stands; a part of it ranks as well as the whole. Once a correction showed
how much is wanted, that is what is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fieldproof.extraction.candidates import Candidate
from fieldproof.extraction.decide import Offer
from fieldproof.extraction.memory import Memory
from fieldproof.extraction.names import end_of_name, is_bare_legal_form
from fieldproof.extraction.query import Query
from fieldproof.extraction.scene import Scene


def whole(scene: Scene, memory: Memory, query: Query, offers: list[Offer]) -> list[Offer]:
    """The offers, each of the whole value that it is a part of; the best one of each."""
    if query.shape not in ("address", "company") or memory.knows(query.path):
        return offers
    reach = _addresses(scene) if query.shape == "address" else _companies(scene)
    best: dict[int, Offer] = {}
    for offer in offers:
        reached = reach(scene.candidates[offer.candidate])
        found = offer.candidate if reached is None else reached
        if found != offer.candidate:
            candidate = scene.candidates[found]
            place = (offer.document, candidate.pieces)
            offer = replace(offer, candidate=found, value=candidate.text, place=place)
        if found not in best or offer.score > best[found].score:
            best[found] = offer
    return list(best.values())


def _addresses(scene: Scene) -> Callable[[Candidate], int | None]:
    def reach(part: Candidate) -> int | None:
        lines = (scene.segment_of(first) for first, _ in part.pieces)
        return next((scene.address_at[i] for i in lines if i in scene.address_at), None)

    return reach


def _companies(scene: Scene) -> Callable[[Candidate], int | None]:
    """With the legal form that stands alone on the line below, without the register's number behind the name."""
    numbers = {c.pieces: n for n, c in enumerate(scene.candidates)}
    view = scene.view

    def reach(part: Candidate) -> int | None:
        line = scene.segment_of(part.pieces[-1][0])
        segment, below = view.segments[line], view.next_below[line]
        if part.pieces[-1][1] == segment.last and below >= 0 and is_bare_legal_form(view.segments[below].text):
            return numbers.get((*part.pieces, (view.segments[below].first, view.segments[below].last)))
        end = _end_before_number(part)
        if not end:
            return None
        own = view.segments[part.segment]
        at = own.offsets[part.pieces[0][0] - own.first]
        return numbers.get((own.tokens_between(at, at + end),))

    return reach


def _end_before_number(candidate: Candidate) -> int:
    end = end_of_name(candidate.text) if len(candidate.pieces) == 1 else 0
    return end if end and any(map(str.isdigit, candidate.text[end:])) else 0
