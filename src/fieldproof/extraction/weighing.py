"""What is known of a value beside the ranker's score: what it cannot be, and odds that its shape, label and place give it.

The factors are odds or shares of a score, found on layouts held out; each says a thing that holds for any schema.
"""

from __future__ import annotations

import numpy as np

from fieldproof.extraction.address_blocks import is_somebodys_name
from fieldproof.extraction.candidates import Candidate, Kind
from fieldproof.extraction.features import FEATURES
from fieldproof.extraction.identifiers import NUMBERED, is_gtin, prefixed
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.names import has_legal_form, is_bank, is_register_number
from fieldproof.extraction.numbered import day_of, number_of
from fieldproof.extraction.offers import by_odds
from fieldproof.extraction.plain import plain
from fieldproof.extraction.prose import lasts, says_how_long
from fieldproof.extraction.query import ROLE_OF, ROLES, Query
from fieldproof.extraction.scene import Scene
from fieldproof.extraction.shares import cents
from fieldproof.extraction.values import is_plausible
from fieldproof.extraction.web_names import is_called

_NEVER = {"amount": Kind.PERCENT, "id": Kind.MONEY}  # a rate is no amount, an amount no number of a document
_NAMED = 0.8  # how well a label names a field from which what follows it is taken as said
_SAID = 0.95
_INLINE = FEATURES.index("concept_inline")
_LABEL = FEATURES.index("best_label")
_WORDS = [FEATURES.index(f"words_{side}") for side in ("inline", "left", "row", "above", "column")]
_IN_ITS_WORDS, _SUM_IN_ITS_WORDS = 2.0, 1.5  # odds factors of a day and a sum whose label is in the question's words
_CALLED = frozenset(["name", "company", "person", "title", "id"])
_NUMBERED = frozenset(["vat", "phone", "email"])  # of a party, behind labels of their own
_OF_A_PARTY = _NUMBERED | {"name", "company", "person", "street", "postcode", "city", "country", "address"}
_NAMES = frozenset(["name", "company"])
_BANK = ROLES.index("bank")
_CALLED_BANK = 3.0  # odds factor of a bank's name that says that it is one
_ITS_WEB = 3.0  # odds factor of a seller's name that is that of the web address on the paper
_SELLERS_WEB = 0.5  # and of a buyer's
_ITS_LINE = 5.0  # odds factor of what stands in a party's own lines
_ANOTHERS_LINE = 0.2  # and in another's
_HAS_VALUE = 0.2  # odds factor of a label that has its value beside it
_GLN = LEXICON.index["gln"]
_NUMBER, _CUSTOMER_NUMBER = LEXICON.index["number"], LEXICON.index["customer_number"]
_TOTAL = LEXICON.index["total"]
_FIRST_DAY, _LAST_DAY = LEXICON.index["period_from"], LEXICON.index["period_to"]
_OTHER_END = 0.25  # what is left of the score of the other end of a period
_DAYS = [LEXICON.index[day] for day in ("invoice_date", "order_date", "due_date", "delivery_date")]
_CALLED_SO = 6.0  # odds factor of a number that is called as what is asked for
_DAY_OF_IT = 4.0  # odds factor of the day behind a number of what is asked for
_DAY_OF_ANOTHER = 0.2  # and behind one of something else
_UNNAMED = 0.3  # how well the best label names a field that no label names
_IN_ITS_BLOCK = 0.8  # score of a party's "Number" below its heading
_IN_ANOTHERS_BLOCK = 0.2  # odds factor of one below another party's
_HEADS = 0.9  # how well a heading names its party
_HEADING_ABOVE = 2  # lines at most
_UNLABELLED = 0.4  # odds factor of a party's number that no label names
_PREFIXED, _PREFIXED_ELSE = 2.5, 0.4  # odds factors of a number that begins with its kind's short name, or another's
_PERSON = 0.3  # odds factor of a person's name for a company's
_GS1 = 0.3  # what is left of the score of an article's or a place's number where another one is asked for
_SETTLED = 0.8  # score of a total that was handed over less the change
_OWN_SHARE = 6.0  # odds factor of a total that is the document's part in a table of shares
_OTHERS_SHARE = 0.1  # what is left of the score of the other sums there
_HANDED = 0.3  # what is left of the score of what was handed over
_SELLER, _BUYER = ROLES.index("seller"), ROLES.index("buyer")
_SENDERS = (ROLES.index("none"), _SELLER)
_LEGAL = 1.5  # odds factor of a name with its legal form: a shop's sign is not who runs it
_REGISTERED = 3.0  # and of one with its number in the register of companies behind it
_WORDLESS = 0.1  # odds factor of an address without a letter: a sum, a telephone
_NAME_FIRST = 0.5  # what is left of the score of an address that begins with a name
_IN_ADDRESS = 0.4  # what is left of the score of a company's name in the middle of an address
_LASTING = {True: 1.0, None: 0.6, False: 0.35}  # what is left of a duration's score, by the words around it
_BEFORE, _AFTER = 25, 10  # words
_SAYS_HOW_LONG = 6.0  # odds factor of a duration that a sentence says the agreement itself lasts


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
    if query.role in (_SELLER, _BUYER) and query.shape in _NAMES and is_called(candidate.text, scene.web_names):
        score = by_odds(score, _ITS_WEB if query.role == _SELLER else _SELLERS_WEB)
    if query.role == _BANK and query.shape in _NAMES and is_bank(candidate.text):
        score = by_odds(score, _CALLED_BANK)
    if query.role and query.shape in _OF_A_PARTY:
        score = by_odds(score, _whose(scene, candidate, query))
    match query.shape:
        case "id":
            if _stands_after_its_label(scene, candidate, features):
                score = max(score, _SAID)
            asked = _party_asked_for(query)
            party = _party_of_number(scene, candidate)
            if party:
                score = max(score, _IN_ITS_BLOCK) if party == asked else by_odds(score, _IN_ANOTHERS_BLOCK)
            elif features[_LABEL] < _UNNAMED and query.role:
                score = by_odds(score, _UNLABELLED)
            score = by_odds(score, _prefixed(candidate.text, query))
            score = by_odds(score, _called(scene, candidate, query))
            is_labelled = features[_LABEL] >= _NAMED or query.concepts[_GLN] >= _NAMED
            return score * _GS1 if not is_labelled and is_gtin(candidate.text) else score
        case "bic":
            return by_odds(score, _UNLABELLED) if features[_LABEL] < _UNNAMED else score
        case "duration":
            if says_how_long(*_beside(scene, candidate)):
                return by_odds(score, _SAYS_HOW_LONG)
            return score * _LASTING[lasts(" ".join(_beside(scene, candidate)))]
        case "amount":
            score = by_odds(score, _SUM_IN_ITS_WORDS) if _is_in_its_words(features) else score
            is_total = query.concepts[_TOTAL] >= _NAMED
            score = _of_share(scene, candidate, score, is_total=is_total)
            settled = scene.settled if is_total else None
            return _as_settled(settled, candidate, score) if settled else score
        case "company":
            if query.role == _SELLER and features[_LABEL] >= _NAMED and _is_somebody_alone(scene, candidate):
                score = by_odds(score, _PERSON)
            if query.role in _SENDERS and has_legal_form(candidate.text):
                score = by_odds(score, _REGISTERED if _has_register_number(scene, candidate) else _LEGAL)
            return score * _IN_ADDRESS if candidate.segment in scene.address_at else score
        case "address":
            score = score if any(map(str.isalpha, candidate.text)) else by_odds(score, _WORDLESS)
            is_after_name = len(candidate.pieces) > 1 and is_somebodys_name(scene.view.joined(*candidate.pieces[0]))
            return score * _NAME_FIRST if is_after_name else score
        case "date":
            score = by_odds(score, _IN_ITS_WORDS) if _is_in_its_words(features) else score
            score = by_odds(score, _as_numbered(scene, candidate, query))
            return score * _OTHER_END if _is_other_end(scene, row, query) else score
        case _:
            return score


def _whose(scene: Scene, candidate: Candidate, query: Query) -> float:
    """Odds factor of a part of a party, by whose line it stands in."""
    whose = scene.whose.get(candidate.segment)
    line = scene.view.segments[candidate.segment]
    label = line.text.rpartition(":")[0]
    is_labelled = bool(label) and query.shape not in _NUMBERED
    if whose is None or (is_labelled and line.offset_of(candidate.pieces[0][0]) > len(label)):
        return 1.0
    if whose != query.role:
        return _ANOTHERS_LINE
    return 1.0 if is_labelled else _ITS_LINE


def _prefixed(text: str, query: Query) -> float:
    """Odds factor of a number that begins with what such numbers are called for short, or another kind of them."""
    called = prefixed(text)
    named = [query.concepts[LEXICON.index[concept]] >= _NAMED for concept in called]
    if any(named):
        return _PREFIXED
    return _PREFIXED_ELSE if called and any(query.concepts[LEXICON.index[c]] >= _NAMED for c in NUMBERED) else 1.0


def _party_asked_for(query: Query) -> int:
    """Whose own number is asked for: a customer's is the buyer's; 0 where it is no party's, or one of a register."""
    if query.concepts[_CUSTOMER_NUMBER] >= _NAMED:
        return query.role or _BUYER
    return query.role if query.concepts[_NUMBER] >= _NAMED else 0


def _party_of_number(scene: Scene, candidate: Candidate) -> int:
    """The party under whose heading a "Number" stands with this beside it ("Buyer:", below it "No. 4711"); or 0."""
    view = scene.view
    own = view.segments[candidate.segment]
    before = plain(own.text[: own.offset_of(candidate.pieces[0][0])])
    label = candidate.segment if before else _left_of(scene, candidate.segment)
    if label < 0 or LEXICON.aliases.get(before or plain(view.segments[label].text), [])[:1] != [_NUMBER]:
        return 0
    for _ in range(_HEADING_ABOVE):
        label = view.next_above[label]
        if label < 0:
            break
        roles = {int(ROLE_OF[c]) for c, named in LEXICON.matches(view.segments[label].text) if named >= _HEADS}
        if len(roles - {0}) == 1:
            return max(roles)
    return 0


def _left_of(scene: Scene, segment: int) -> int:
    """The nearest text left of it in its row; -1 where none stands."""
    own, segments = scene.view.segments[segment], scene.view.segments
    begin, end = scene.view.page_segments[own.page]
    middle = (own.top + own.bottom) / 2
    left = [
        i for i in range(begin, end)
        if segments[i].right <= own.left and segments[i].top < middle < segments[i].bottom and plain(segments[i].text)
    ]  # fmt: skip
    return max(left, key=lambda i: segments[i].right, default=-1)


def _is_somebody_alone(scene: Scene, candidate: Candidate) -> bool:
    """Whether a name is a person's, without an address below it: who sold or who signed, not who trades."""
    return (
        bool(candidate.kinds & Kind.PERSON)
        and not candidate.kinds & Kind.COMPANY
        and candidate.segment not in scene.over
    )


def _is_label(scene: Scene, candidate: Candidate) -> bool:
    """Whether a text is what something is called, and that stands beside it: "Product" beside its name."""
    segment = scene.view.segments[candidate.segment]
    is_line = candidate.pieces == (segment.tokens,) and scene.view.has_right[candidate.segment]
    return is_line and LEXICON.names(candidate.text)


def _is_in_its_words(features: np.ndarray) -> bool:
    """Whether the question has all the words of a label: "Order flight" for the first day of an order's flight."""
    return bool((features[_WORDS] >= 1.0).any())  # NaN where no label stands


def _has_register_number(scene: Scene, candidate: Candidate) -> bool:
    segment = scene.view.segments[candidate.segment]
    at = segment.offset_of(candidate.pieces[0][0]) + len(candidate.text)
    return len(candidate.pieces) == 1 and is_register_number(segment.text[at:])


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


def _called(scene: Scene, candidate: Candidate, query: Query) -> float:
    """Odds factor of a number by the words before it: "Mietrechnung Nr." is an invoice's, though no label is that."""
    named = number_of(scene.view, candidate)
    return _CALLED_SO if named is not None and query.concepts[named] >= _NAMED else 1.0


def _as_numbered(scene: Scene, candidate: Candidate, query: Query) -> float:
    """Odds factor of a day by the number before it: of the invoice, of the order."""
    named = day_of(scene.view, candidate)
    if named is None or not (query.concepts[_DAYS] >= _NAMED).any():
        return 1.0
    return _DAY_OF_IT if query.concepts[named] >= _NAMED else _DAY_OF_ANOTHER


def _is_other_end(scene: Scene, row: int, query: Query) -> bool:
    """Whether a first day is asked and this is the last one of a period, or the other way round."""
    first, last = query.concepts[_FIRST_DAY], query.concepts[_LAST_DAY]
    if max(first, last) < _NAMED or first == last:
        return False
    return row in scene.ranges.values() if first > last else row in scene.ranges


def _stands_after_its_label(scene: Scene, candidate: Candidate, features: np.ndarray) -> bool:
    """The whole rest of a line after "Invoice number:", whatever it looks like."""
    segment = scene.view.segments[candidate.segment]
    first, last = candidate.pieces[0]
    is_rest = len(candidate.pieces) == 1 and last == segment.last and first > segment.first
    is_rest = is_rest and candidate.text == scene.view.joined(first, last).strip() and candidate.text[0].isalnum()
    return is_rest and scene.view.tokens[first - 1].text.endswith(":") and bool(features[_INLINE] >= _NAMED)


def is_part_of_telephone(scene: Scene, candidate: Candidate) -> bool:
    (first, last), *more = candidate.pieces
    begin, end = scene.telephones.get(first, (first, last))
    return not more and begin <= first and last <= end and (begin, end) != (first, last)


def _beside(scene: Scene, candidate: Candidate) -> tuple[str, str]:
    """The words before and after a candidate in running text."""
    first, last = candidate.pieces[0][0], candidate.pieces[-1][1]
    end = min(len(scene.view.tokens), last + _AFTER)
    return scene.view.joined(max(0, first - _BEFORE), first), scene.view.joined(last, end)
