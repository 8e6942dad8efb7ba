"""What is known of a number beside the ranker's score: how it begins, what it is called, under whose heading it stands."""

from __future__ import annotations

import numpy as np

from fieldproof.extraction.candidates import Candidate
from fieldproof.extraction.features import FEATURES
from fieldproof.extraction.identifiers import NUMBERED, is_gtin, prefixed
from fieldproof.extraction.labels import LEFT
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.numbered import number_of
from fieldproof.extraction.offers import by_odds
from fieldproof.extraction.plain import plain
from fieldproof.extraction.query import ROLE_OF, ROLES, Query
from fieldproof.extraction.scene import Scene

_INLINE = FEATURES.index("concept_inline")
_LABEL = FEATURES.index("best_label")
_BUYER = ROLES.index("buyer")
_GLN = LEXICON.index["gln"]
_NUMBER, _CUSTOMER_NUMBER = LEXICON.index["number"], LEXICON.index["customer_number"]
_ORDERS = [LEXICON.index["order_number"], LEXICON.index["po_number"]]
_NAMED = 0.8  # how well a label names a field from which what follows it is taken as said
_UNNAMED = 0.3  # how well the best label names a field that no label names
_SAID = 0.95
_CALLED_SO = 6.0  # odds factor of a number that is called as what is asked for
_IN_ITS_BLOCK = 0.8  # score of a party's "Number" below its heading
_IN_ANOTHERS_BLOCK = 0.2  # odds factor of one below another party's
_HEADS = 0.9  # how well a heading names its party
_HEADING_ABOVE = 2  # lines at most
_UNLABELLED = 0.4  # odds factor of a party's number, or a bank's, that no label names
_PREFIXED, _PREFIXED_ELSE = 2.5, 0.4  # odds factors of a number that begins with its kind's short name, or another's
_GS1 = 0.3  # what is left of the score of an article's or a place's number where another one is asked for


def number_weighed(scene: Scene, row: int, query: Query, features: np.ndarray, score: float) -> float:
    candidate = scene.candidates[row]
    if _stands_after_its_label(scene, candidate, features):
        score = max(score, _SAID)
    asked = _party_asked_for(query)
    party = _party_of_number(scene, row)
    if party:
        score = max(score, _IN_ITS_BLOCK) if party == asked else by_odds(score, _IN_ANOTHERS_BLOCK)
    elif query.role:
        score = by_label(features, score)
    score = by_odds(score, _prefixed(candidate.text, query))
    score = by_odds(score, _called(scene, row, query))
    is_labelled = features[_LABEL] >= _NAMED or query.means(_GLN)
    return score * _GS1 if not is_labelled and is_gtin(candidate.text) else score


def by_label(features: np.ndarray, score: float) -> float:
    """What may be anybody's needs a label."""
    return by_odds(score, _UNLABELLED) if features[_LABEL] < _UNNAMED else score


def is_part_of_telephone(scene: Scene, candidate: Candidate) -> bool:
    (first, last), *more = candidate.pieces
    begin, end = scene.telephones.get(first, (first, last))
    return not more and begin <= first and last <= end and (begin, end) != (first, last)


def _prefixed(text: str, query: Query) -> float:
    """Odds factor of a number that begins with what such numbers are called for short, or another kind of them."""
    called = prefixed(text)
    named = [query.means(LEXICON.index[concept]) for concept in called]
    if any(named):
        return _PREFIXED
    return _PREFIXED_ELSE if called and any(query.means(LEXICON.index[c]) for c in NUMBERED) else 1.0


def _party_asked_for(query: Query) -> int:
    """Whose own number is asked for: a customer's is the buyer's; 0 where it is no party's, or one of a register."""
    if query.means(_CUSTOMER_NUMBER):
        return query.role or _BUYER
    return query.role if query.means(_NUMBER) else 0


def _party_of_number(scene: Scene, row: int) -> int:
    """The party under whose heading a "Number" stands with this beside it ("Buyer:", below it "No. 4711"); or 0."""
    view, candidate = scene.view, scene.candidates[row]
    own = view.segments[candidate.segment]
    before = plain(own.text[: own.offset_of(candidate.pieces[0][0])])
    called = before or plain(scene.labels.text(row, LEFT))
    if LEXICON.aliases.get(called, [])[:1] != [_NUMBER]:
        return 0
    label = candidate.segment if before else _left_of(scene, candidate.segment)
    for _ in range(_HEADING_ABOVE):
        label = view.next_above[label] if label >= 0 else -1
        if label < 0:
            break
        roles = {int(ROLE_OF[c]) for c, named in LEXICON.matches(view.segments[label].text) if named >= _HEADS}
        if len(roles - {0}) == 1:
            return max(roles)
    return 0


def _left_of(scene: Scene, segment: int) -> int:
    """The nearest text left of it in its row; -1 where none stands."""
    segments = scene.view.segments
    left = [
        i for i in scene.view.row_of(segment)
        if segments[i].right <= segments[segment].left and plain(segments[i].text)
    ]  # fmt: skip
    return max(left, key=lambda i: segments[i].right, default=-1)


def _called(scene: Scene, row: int, query: Query) -> float:
    """Odds factor of a number by the words before it: "Mietrechnung Nr." is an invoice's, though no label is that.

    What the buyer calls an order's number is the seller's customer's: either may ask for the other.
    """
    named = number_of(scene.view, scene.candidates[row], scene.labels.text(row, LEFT))
    if named is None:
        return 1.0
    kinds = _ORDERS if named in _ORDERS else [named]
    return _CALLED_SO if any(map(query.means, kinds)) else 1.0


def _stands_after_its_label(scene: Scene, candidate: Candidate, features: np.ndarray) -> bool:
    """The whole rest of a line after "Invoice number:", whatever it looks like."""
    segment = scene.view.segments[candidate.segment]
    first, last = candidate.pieces[0]
    is_rest = len(candidate.pieces) == 1 and last == segment.last and first > segment.first
    is_rest = is_rest and candidate.text == scene.view.joined(first, last).strip() and candidate.text[0].isalnum()
    return is_rest and scene.view.tokens[first - 1].text.endswith(":") and bool(features[_INLINE] >= _NAMED)
