"""What is known of a sum beside the ranker's score: gross or net, all or a part of it, handed over or to be paid."""

from __future__ import annotations

import numpy as np

from fieldproof.extraction.asked_labels import words_in_question
from fieldproof.extraction.candidates import Candidate, Kind
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.offers import by_odds
from fieldproof.extraction.query import Query
from fieldproof.extraction.scene import Scene
from fieldproof.extraction.shares import cents

_IN_QUESTION = (1.0, 1.5, 1.5)  # odds factors by how many words of its label the question has all
_TOTAL = LEXICON.index["total"]
_OWN_SHARE = 6.0  # odds factor of a total that is the document's part in a table of shares
_OTHERS_SHARE = 0.1  # what is left of the score of the other sums there
_BARE = 5  # digits from which a number without decimals, marks or currency is hardly a sum beside others that have them
_BARE_NUMBER = 0.3  # what is left of its score then
_PART_OF_COLUMN = 0.3  # what is left of the score of a row's amount where the column's total is printed too
_COLUMN_TOTAL = 3.0  # odds factor of that total
_OF_ONE_RATE = 0.2  # what is left of the score of the total of what is taxed at one rate, beside the total of all
_OPPOSITE = 0.3  # what is left of the score of a sum that is called net where a gross one is asked for
_DEDUCTED = 1.5  # times a net sum that a gross one may be
_GROSS = frozenset(["gross", "brutto", "brut", "bruto", "bruta", "lordo"])
_NET = frozenset(["net", "nett", "netto", "neto", "neta", "nette"])
_TO_PAY = frozenset(["payer", "pagar", "pagare", "payable", "pay"])
_SETTLED = 0.8  # score of a total that was handed over less the change
_HANDED = 0.3  # what is left of the score of what was handed over


def sum_weighed(scene: Scene, row: int, query: Query, features: np.ndarray, score: float) -> float:
    candidate = scene.candidates[row]
    is_total = query.means(_TOTAL)
    score = by_odds(score, _IN_QUESTION[words_in_question(scene, row, features)])
    score = _of_share(scene, candidate, score, is_total=is_total)
    score *= _OPPOSITE if _is_called_the_opposite(scene, row, query) else 1.0
    score *= _BARE_NUMBER if scene.sums and _is_bare_number(candidate) else 1.0
    return _as_total(scene, row, score) if is_total else score


def _as_total(scene: Scene, row: int, score: float) -> float:
    if row in scene.column_totals.parts:
        score *= _PART_OF_COLUMN
    elif row in scene.column_totals.totals:
        score = by_odds(score, _COLUMN_TOTAL)
    score *= _OF_ONE_RATE if row in scene.of_one_rate else 1.0
    return _as_settled(scene.settled, scene.candidates[row], score) if scene.settled else score


def _is_bare_number(candidate: Candidate) -> bool:
    return not candidate.kinds & Kind.MONEY and len(candidate.text) >= _BARE and candidate.text.isdigit()


def _is_called_the_opposite(scene: Scene, row: int, query: Query) -> bool:
    """Whether a gross sum is asked for and this is called net, or the other way round, and the one that is asked for may stand there.

    What is "net à payer" is both, and of a document that shows one total alone it is either.
    """
    asked = frozenset(query.name.split())
    before = scene.labels.before(row)
    label = scene.label_words[before] if before >= 0 else frozenset[str]()
    own = cents(scene.candidates[row]) or 0
    if asked & _GROSS and not asked & _NET and label & _NET and not label & (_GROSS | _TO_PAY):
        return any(own < other <= _DEDUCTED * own for other in scene.sums)
    if asked & _NET and not asked & _GROSS and label & _GROSS and not label & _NET:
        return any(own < _DEDUCTED * other and other < own for other in scene.sums)
    return False


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
