"""What is known of a party's name, address or number beside the ranker's score: in whose lines it stands, what it calls itself."""

from __future__ import annotations

import numpy as np

from fieldproof.extraction.address_blocks import is_somebodys_name
from fieldproof.extraction.candidates import Candidate, Kind
from fieldproof.extraction.features import FEATURES
from fieldproof.extraction.names import has_legal_form, is_bank, is_register_number
from fieldproof.extraction.offers import by_odds
from fieldproof.extraction.query import ROLES, Query
from fieldproof.extraction.scene import Scene
from fieldproof.extraction.web_names import is_called

_LABEL = FEATURES.index("best_label")
_SELLER, _BUYER, _BANK = (ROLES.index(role) for role in ("seller", "buyer", "bank"))
_SENDERS = (ROLES.index("none"), _SELLER)
_NUMBERED = frozenset(["vat", "phone", "email"])  # of a party, behind labels of their own
_NAMES = frozenset(["name", "company"])
OF_A_PARTY = _NAMES | _NUMBERED | {"person", "street", "postcode", "city", "country", "address"}
_NAMED = 0.8  # how well a label names a field from which what follows it is taken as said
_ITS_LINE = 5.0  # odds factor of what stands in a party's own lines
_ANOTHERS_LINE = 0.2  # and in another's
_ITS_WEB = 3.0  # odds factor of a seller's name that is that of the web address on the paper
_SELLERS_WEB = 0.5  # and of a buyer's
_CALLED_BANK = 3.0  # odds factor of a bank's name that says that it is one
_PERSON = 0.3  # odds factor of a person's name for a company's
_LEGAL = 1.5  # odds factor of a name with its legal form: a shop's sign is not who runs it
_REGISTERED = 3.0  # and of one with its number in the register of companies behind it
_IN_ADDRESS = 0.4  # what is left of the score of a company's name in the middle of an address
_WORDLESS = 0.1  # odds factor of an address without a letter: a sum, a telephone
_NAME_FIRST = 0.5  # what is left of the score of an address that begins with a name


def party_weighed(scene: Scene, candidate: Candidate, query: Query, features: np.ndarray, score: float) -> float:
    if query.shape in _NAMES:
        score = by_odds(score, _called(scene, candidate, query))
    if query.role:
        score = by_odds(score, _whose(scene, candidate, query))
    match query.shape:
        case "company":
            if query.role == _SELLER and features[_LABEL] >= _NAMED and _is_somebody_alone(scene, candidate):
                score = by_odds(score, _PERSON)
            if query.role in _SENDERS and has_legal_form(candidate.text):
                score = by_odds(score, _REGISTERED if _has_register_number(scene, candidate) else _LEGAL)
            return score * _IN_ADDRESS if candidate.segment in scene.address_at and features[_LABEL] < _NAMED else score
        case "address":
            score = score if any(map(str.isalpha, candidate.text)) else by_odds(score, _WORDLESS)
            is_after_name = len(candidate.pieces) > 1 and is_somebodys_name(scene.view.joined(*candidate.pieces[0]))
            return score * _NAME_FIRST if is_after_name else score
        case _:
            return score


def _called(scene: Scene, candidate: Candidate, query: Query) -> float:
    """Odds factor of a name by what it says itself: as the web address does, that it is a bank's."""
    if query.role == _BANK:
        return _CALLED_BANK if is_bank(candidate.text) else 1.0
    if query.role in (_SELLER, _BUYER) and is_called(candidate.text, scene.web_names):
        return _ITS_WEB if query.role == _SELLER else _SELLERS_WEB
    return 1.0


def _whose(scene: Scene, candidate: Candidate, query: Query) -> float:
    """Odds factor of a part of a party, by whose line it stands in."""
    whose = scene.whose.get(candidate.segment)
    if whose is None:
        return 1.0
    line = scene.view.segments[candidate.segment]
    label = line.text.rpartition(":")[0]
    is_labelled = bool(label) and query.shape not in _NUMBERED
    if is_labelled and line.offset_of(candidate.pieces[0][0]) > len(label):
        return 1.0
    if whose != query.role:
        return _ANOTHERS_LINE
    return 1.0 if is_labelled else _ITS_LINE


def _is_somebody_alone(scene: Scene, candidate: Candidate) -> bool:
    """Whether a name is a person's, without an address below it: who sold or who signed, not who trades."""
    return (
        bool(candidate.kinds & Kind.PERSON)
        and not candidate.kinds & Kind.COMPANY
        and candidate.segment not in scene.over
    )


def _has_register_number(scene: Scene, candidate: Candidate) -> bool:
    segment = scene.view.segments[candidate.segment]
    at = segment.offset_of(candidate.pieces[0][0]) + len(candidate.text)
    return len(candidate.pieces) == 1 and is_register_number(segment.text[at:])
