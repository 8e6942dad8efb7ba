"""What is known of a day beside the ranker's score: what its label says, of what number it is, which end of a period."""

from __future__ import annotations

import numpy as np

from fieldproof.extraction.asked_labels import words_in_question
from fieldproof.extraction.candidates import Candidate
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.numbered import day_of
from fieldproof.extraction.offers import by_odds
from fieldproof.extraction.query import Query
from fieldproof.extraction.scene import Scene

_IN_QUESTION = (1.0, 2.0, 10.0)  # odds factors by how many words of its label the question has all
_DAYS = [LEXICON.index[day] for day in ("invoice_date", "order_date", "due_date", "delivery_date")]
_DAY_OF_IT = 4.0  # odds factor of the day behind a number of what is asked for
_DAY_OF_ANOTHER = 0.2  # and behind one of something else
_FIRST_DAY, _LAST_DAY = LEXICON.index["period_from"], LEXICON.index["period_to"]
_OTHER_END = 0.25  # what is left of the score of the other end of a period


def day_weighed(scene: Scene, row: int, query: Query, features: np.ndarray, score: float) -> float:
    candidate = scene.candidates[row]
    if candidate.date is not None:
        score = by_odds(score, _IN_QUESTION[words_in_question(scene, row, features)])
    score = by_odds(score, _as_numbered(scene, candidate, query))
    return score * _OTHER_END if _is_other_end(scene, row, query) else score


def _as_numbered(scene: Scene, candidate: Candidate, query: Query) -> float:
    """Odds factor of a day by the number before it: of the invoice, of the order."""
    named = day_of(scene.view, candidate)
    if named is None or not any(map(query.means, _DAYS)):
        return 1.0
    return _DAY_OF_IT if query.means(named) else _DAY_OF_ANOTHER


def _is_other_end(scene: Scene, row: int, query: Query) -> bool:
    """Whether a first day is asked and this is the last one of a period, or the other way round."""
    first, last = query.concepts[_FIRST_DAY], query.concepts[_LAST_DAY]
    if not (query.means(_FIRST_DAY) or query.means(_LAST_DAY)) or first == last:
        return False
    return row in scene.ranges.values() if first > last else row in scene.ranges
