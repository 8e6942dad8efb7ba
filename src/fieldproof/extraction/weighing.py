"""What is known of a value beside the ranker's score: what it cannot be, and odds that its shape, label and place give it.

The factors are odds or shares of a score, found on layouts held out; each says a thing that holds for any schema.
"""

from __future__ import annotations

import numpy as np

from fieldproof.extraction.candidates import Candidate, Kind
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.offers import by_odds
from fieldproof.extraction.plain import plain
from fieldproof.extraction.prose import is_its_end, lasts, says_how_long
from fieldproof.extraction.query import Query
from fieldproof.extraction.scene import Scene
from fieldproof.extraction.signatures import as_signed, asks_who_signed
from fieldproof.extraction.values import is_plausible
from fieldproof.extraction.weighing_days import day_weighed
from fieldproof.extraction.weighing_numbers import by_label, number_weighed
from fieldproof.extraction.weighing_parties import OF_A_PARTY, party_weighed
from fieldproof.extraction.weighing_sums import sum_weighed

_NEVER = {"amount": Kind.PERCENT, "id": Kind.MONEY}  # a rate is no amount, an amount no number of a document
_CALLED = frozenset(["name", "company", "person", "title", "id"])
_DAY_WORDS = frozenset(
    ["date", "dates", "datum", "fecha", "data", "month", "day", "monat", "mois", "mes", "mese", "maand"]
)
_HAS_VALUE = 0.2  # odds factor of a label that has its value beside it
_LASTING = {True: 1.0, None: 0.6, False: 0.35}  # what is left of a duration's score, by the words around it
_ITS_END = 0.8  # score of a duration after which an agreement ends
_SAYS_HOW_LONG = 6.0  # odds factor of a duration that a sentence says the agreement itself lasts
_BEFORE, _AFTER = 25, 10  # words


def can_be(candidate: Candidate, query: Query) -> bool:
    if candidate.kinds & _NEVER.get(query.shape, 0):
        return False
    # "To" is a day or somebody.
    is_no_day = query.shape == "date" and not query.role and not any(map(str.isdigit, candidate.text))
    return not is_no_day and is_plausible(candidate, query.shape)


def weighed(scene: Scene, row: int, query: Query, features: np.ndarray, score: float) -> float:
    """The ranker's score, and what is known of this shape of value beside it."""
    candidate = scene.candidates[row]
    if query.shape in _CALLED:
        for is_label in (_is_label, _is_label_of_a_day):
            score = by_odds(score, _HAS_VALUE) if is_label(scene, candidate) else score
    if asks_who_signed(query):
        score = as_signed(scene, row, score)
    if query.shape in OF_A_PARTY:
        return party_weighed(scene, candidate, query, features, score)
    match query.shape:
        case "id":
            return number_weighed(scene, row, query, features, score)
        case "bic":
            return by_label(features, score)
        case "duration":
            return _as_lasting(*_beside(scene, candidate), score)
        case "amount":
            return sum_weighed(scene, row, query, features, score)
        case "date":
            return day_weighed(scene, row, query, features, score)
        case _:
            return score


def _is_label(scene: Scene, candidate: Candidate) -> bool:
    """Whether a text is what something is called, and that stands beside it: "Product" beside its name."""
    segment = scene.view.segments[candidate.segment]
    is_line = candidate.pieces == (segment.tokens,) and scene.view.has_right[candidate.segment]
    return is_line and LEXICON.names(candidate.text)


def _is_label_of_a_day(scene: Scene, candidate: Candidate) -> bool:
    """Whether a line says that it is a day's, and a day stands beside or below: "Original Date / Revision"."""
    text = scene.view.segments[candidate.segment].text
    return text in scene.labels_of_days and not _DAY_WORDS.isdisjoint(plain(text).split())


def _as_lasting(before: str, after: str, score: float) -> float:
    """The score of a duration, by the words before and after it."""
    if is_its_end(before, after):
        return max(score, _ITS_END)
    if says_how_long(before, after):
        return by_odds(score, _SAYS_HOW_LONG)
    return score * _LASTING[lasts(f"{before} {after}")]


def _beside(scene: Scene, candidate: Candidate) -> tuple[str, str]:
    """The words before and after a candidate in running text."""
    first, last = candidate.pieces[0][0], candidate.pieces[-1][1]
    end = min(len(scene.view.tokens), last + _AFTER)
    return scene.view.joined(max(0, first - _BEFORE), first), scene.view.joined(last, end)
