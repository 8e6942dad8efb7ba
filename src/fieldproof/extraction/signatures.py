"""Who signed: a name behind the mark of an electronic signature, or below a line that asks for it in print."""

from __future__ import annotations

import re

from fieldproof.extraction.candidates import Kind
from fieldproof.extraction.labels import ABOVE
from fieldproof.extraction.offers import by_odds
from fieldproof.extraction.query import Query
from fieldproof.extraction.scene import Scene

_MARK = re.compile(r"[/Il1|][sS5][/Il1|] ")  # "/s/ Jane Doe", as a scan reads it too
_MARKED = 0.8  # score of a name behind that mark
_WITH_MARK = 0.1  # what is left of the score of the name together with it
_IN_PRINT = 20.0  # odds factor of a name below "(Type or print name under each signature)"


def asks_who_signed(query: Query) -> bool:
    return query.shape == "person" and any(w.startswith(("sign", "unterzeichn")) for w in query.name.split())


def as_signed(scene: Scene, row: int, score: float) -> float:
    """The score of a name as that of who signed."""
    candidate = scene.candidates[row]
    if _MARK.match(candidate.text):
        return score * _WITH_MARK
    if not candidate.kinds & Kind.PERSON:
        return score
    segment = scene.view.segments[candidate.segment]
    before = segment.text[: segment.offset_of(candidate.pieces[0][0])]
    if before:
        return max(score, _MARKED) if _MARK.fullmatch(before) else score
    above = scene.labels.sides[row, ABOVE]
    asked_for = scene.label_words[above] if above >= 0 else frozenset[str]()
    is_in_print = "name" in asked_for and any(w.startswith("sign") for w in asked_for)
    return by_odds(score, _IN_PRINT) if is_in_print else score
