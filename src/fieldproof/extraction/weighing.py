"""What is known of a value beside the ranker's score: what it cannot be, and odds that its shape, label and place give it.

The factors are odds or shares of a score, found on layouts held out; each says a thing that holds for any schema.
"""

from __future__ import annotations

import numpy as np

from fieldproof.extraction.candidates import Candidate, Kind
from fieldproof.extraction.features import FEATURES
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.numbered import day_of
from fieldproof.extraction.offers import by_odds
from fieldproof.extraction.prose import lasts, says_how_long
from fieldproof.extraction.query import Query
from fieldproof.extraction.scene import Scene
from fieldproof.extraction.shares import cents
from fieldproof.extraction.values import is_plausible
from fieldproof.extraction.weighing_numbers import by_label, number_weighed
from fieldproof.extraction.weighing_parties import OF_A_PARTY, party_weighed

_NEVER = {"amount": Kind.PERCENT, "id": Kind.MONEY}  # a rate is no amount, an amount no number of a document
_CALLED = frozenset(["name", "company", "person", "title", "id"])
_HAS_VALUE = 0.2  # odds factor of a label that has its value beside it
_WORDS = [FEATURES.index(f"words_{side}") for side in ("inline", "left", "row", "above", "column")]
_IN_ITS_WORDS, _SUM_IN_ITS_WORDS = 2.0, 1.5  # odds factors of a day and a sum whose label is in the question's words
_TOTAL = LEXICON.index["total"]
_OWN_SHARE = 6.0  # odds factor of a total that is the document's part in a table of shares
_OTHERS_SHARE = 0.1  # what is left of the score of the other sums there
_SETTLED = 0.8  # score of a total that was handed over less the change
_HANDED = 0.3  # what is left of the score of what was handed over
_DAYS = [LEXICON.index[day] for day in ("invoice_date", "order_date", "due_date", "delivery_date")]
_DAY_OF_IT = 4.0  # odds factor of the day behind a number of what is asked for
_DAY_OF_ANOTHER = 0.2  # and behind one of something else
_FIRST_DAY, _LAST_DAY = LEXICON.index["period_from"], LEXICON.index["period_to"]
_OTHER_END = 0.25  # what is left of the score of the other end of a period
_LASTING = {True: 1.0, None: 0.6, False: 0.35}  # what is left of a duration's score, by the words around it
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
    if query.shape in _CALLED and _is_label(scene, candidate):
        score = by_odds(score, _HAS_VALUE)
    if query.shape in OF_A_PARTY:
        return party_weighed(scene, candidate, query, features, score)
    match query.shape:
        case "id":
            return number_weighed(scene, row, query, features, score)
        case "bic":
            return by_label(features, score)
        case "duration":
            if says_how_long(*_beside(scene, candidate)):
                return by_odds(score, _SAYS_HOW_LONG)
            return score * _LASTING[lasts(" ".join(_beside(scene, candidate)))]
        case "amount":
            score = by_odds(score, _SUM_IN_ITS_WORDS) if _is_in_its_words(features) else score
            is_total = query.means(_TOTAL)
            score = _of_share(scene, candidate, score, is_total=is_total)
            settled = scene.settled if is_total else None
            return _as_settled(settled, candidate, score) if settled else score
        case "date":
            score = by_odds(score, _IN_ITS_WORDS) if _is_in_its_words(features) else score
            score = by_odds(score, _as_numbered(scene, candidate, query))
            return score * _OTHER_END if _is_other_end(scene, row, query) else score
        case _:
            return score


def _is_label(scene: Scene, candidate: Candidate) -> bool:
    """Whether a text is what something is called, and that stands beside it: "Product" beside its name."""
    segment = scene.view.segments[candidate.segment]
    is_line = candidate.pieces == (segment.tokens,) and scene.view.has_right[candidate.segment]
    return is_line and LEXICON.names(candidate.text)


def _is_in_its_words(features: np.ndarray) -> bool:
    """Whether the question has all the words of a label: "Order flight" for the first day of an order's flight."""
    return bool((features[_WORDS] >= 1.0).any())  # NaN where no label stands


def _of_share(scene: Scene, candidate: Candidate, score: float, *, is_total: bool) -> float:
    """In a document that shows its share of a whole: the share is its total, and no other sum there is its own."""
    amount = cents(candidate)
    if amount in scene.shares.others:
        return score * _OTHERS_SHARE
    return by_odds(score, _OWN_SHARE) if is_total and amount in scene.shares.own else score


def _as_settled(settled: tuple[float, float], candidate: Candidate, score: float) -> float:
    """What was handed over less the change is what was to be paid."""
    paid, handed = settled
    amount = round(float(candidate.amount), 2) if candidate.amount is not None else None
    if amount == paid:
        return max(score, _SETTLED)
    return score * _HANDED if amount == handed else score


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


def _beside(scene: Scene, candidate: Candidate) -> tuple[str, str]:
    """The words before and after a candidate in running text."""
    first, last = candidate.pieces[0][0], candidate.pieces[-1][1]
    end = min(len(scene.view.tokens), last + _AFTER)
    return scene.view.joined(max(0, first - _BEFORE), first), scene.view.joined(last, end)
