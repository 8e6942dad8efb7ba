"""Whose name, address and number it is: parts of one party stand together, a lone number is the document's own."""

from __future__ import annotations

from collections.abc import Sequence

from fieldproof.extraction.offers import ACCEPT, NAMED, SHARED_PLACE, Offer, by_odds, label_of
from fieldproof.extraction.plain import key
from fieldproof.extraction.query import ROLES, Query

OTHERS_PLACE = 0.15  # what is left of a score when a field of another party already took the place
PROPER = frozenset(["vat", "iban", "bic", "phone", "email"])  # what two parties never share, wherever it is printed
_PARTS = frozenset(["name", "company", "person", "street", "postcode", "city", "address"])
_NAMES = frozenset(["name", "company"])
_ANCHORS = frozenset(["street", "postcode", "city"])
_TOGETHER = 2.0  # odds factor for parts of one address that stand in one block
_SURE_HOME, _AT_HOME = 0.7, 4.0  # score of a party's address from which a name over it is likelier still
_WHO, _SOMEBODY = 0.5, 0.2  # score from which a person is whom a field asks for, and the odds factor as a party's name
_REMAINS = 0.6  # score of the one address where one is asked for
_LONE = 0.1  # score from which a number that no label names may be the document's own
_FAR = 2.0  # and how many times as likely as the next one
_SEEN = 0.05  # score from which a label speaks for its number
_SELLER, _BUYER = ROLES.index("seller"), ROLES.index("buyer")
_NEARLY = 0.6  # share of another party's score from which a number may as well be the seller's
_VOICE = 0.5  # share of a value's best score from which another place of it counts
_VOICES = 3  # places beside the best one that count at most
_EACH_VOICE = 0.3  # odds factor that each of them adds


def raised(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Scores, by query and ``id`` of the offer, that change because of what stands around them; a later rule's counts."""
    lone = _lone_number(queries, offers)
    return (
        _heard_again(queries, offers)
        | _only_address(queries, offers)
        | _in_one_block(queries, offers)
        | _over_its_address(queries, offers)
        | lone
        | _own_number(queries, offers, lone)
        | _sellers_own(queries, offers)
    )


def _heard_again(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Scores of values that stand in several likely places of a document: each place speaks for the others."""
    out: dict[tuple[int, int], float] = {}
    for q, own in enumerate(offers):
        if queries[q].shape not in _NAMES:
            continue
        of_value: dict[tuple[int, str], list[Offer]] = {}
        for o in own:
            of_value.setdefault((o.document, key(str(o.value))), []).append(o)
        for best, *others in of_value.values():
            voices = sum(o.score >= _VOICE * best.score for o in others)
            if voices:
                out[(q, id(best))] = by_odds(best.score, 1 + _EACH_VOICE * min(voices, _VOICES))
    return out


def _only_address(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Where one address is asked for and one stands there, it is that."""
    asked = [q for q, query in enumerate(queries) if query.shape == "address"]
    found = [o for o in offers[asked[0]] if o.is_only] if len(asked) == 1 else []
    return {(asked[0], id(o)): max(o.score, _REMAINS) for o in found[:1]}


def _in_one_block(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Scores of a party's name, street, postcode and city: raised where they stand together, lowered elsewhere."""
    parties: dict[tuple[object, ...], list[int]] = {}
    for q, query in enumerate(queries):
        if query.shape in _PARTS:
            parties.setdefault((query.path[:-1], query.role), []).append(q)
    asked = {p: m for p, m in parties.items() if sum(queries[q].shape in _ANCHORS for q in m) >= 2}
    worths = [
        (worth, n, p, block)
        for n, (p, members) in enumerate(asked.items())
        for block, worth in _block_worths(members, offers).items()
    ]
    home: dict[tuple[object, ...], tuple[int, int]] = {}
    for _, _, party, block in sorted(worths, key=lambda w: (-w[0], w[1], w[3])):
        if party not in home and block not in home.values():
            home[party] = block
    out: dict[tuple[int, int], float] = {}
    for party, block in home.items():
        for q in asked[party]:
            for o in offers[q]:
                factor = _TOGETHER if (o.document, o.block) == block else 1 / _TOGETHER
                out[(q, id(o))] = by_odds(o.score, factor)
    return out


def _block_worths(members: list[int], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """(document, block) -> the sum of the best scores that the party's fields have there."""
    worths: dict[tuple[int, int], float] = {}
    for q in members:
        best: dict[tuple[int, int], float] = {}
        for o in offers[q]:
            best.setdefault((o.document, o.block), o.score)  # offers come best first
        for block, score in best.items():
            worths[block] = worths.get(block, 0.0) + score
    return worths


def _over_its_address(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Scores of a party's name, raised where it stands over the likeliest of the party's addresses, lowered elsewhere.

    And more so where it is what another field asks for, a person: "Buyer: J. Moore" under the buyer's letterhead.
    """
    out: dict[tuple[int, int], float] = {}
    persons = {
        (o[0].document, o[0].candidate)
        for query, o in zip(queries, offers, strict=True)
        if query.shape == "person" and o and o[0].score >= _WHO
    }
    for q, query in enumerate(queries):
        if query.shape not in _NAMES:
            continue
        own = [a for a, other in enumerate(queries) if other.shape == "address" and _is_same_party(query, other)]
        best = offers[own[0]][0] if len(own) == 1 and offers[own[0]] else None
        if best is None or best.score < ACCEPT:
            continue
        home = (best.document, best.candidate)
        worth = _AT_HOME if best.score >= _SURE_HOME else _TOGETHER
        is_somebody = [(o.document, o.candidate) in persons for o in offers[q]]
        over = worth / _SOMEBODY if is_somebody[0] else worth  # offers come best first
        if any((o.document, o.over) == home and by_odds(o.score, over) >= ACCEPT for o in offers[q]):
            for o, is_other in zip(offers[q], is_somebody, strict=True):
                elsewhere = 1 / worth * (_SOMEBODY if is_other else 1)
                out[(q, id(o))] = by_odds(o.score, over if (o.document, o.over) == home else elsewhere)
    return out


def _is_same_party(one: Query, other: Query) -> bool:
    return one.path[:-1] == other.path[:-1] and (one.role == other.role or not (one.role and other.role))


def _lone_number(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Where no label names the document's own number it is the one that is far likelier than any other."""
    out: dict[tuple[int, int], float] = {}
    for q, query in enumerate(queries):
        if query.shape != "id" or not _is_of_group(query) or not offers[q]:
            continue
        best, *others = offers[q]
        is_named = any(label_of(o) >= NAMED and o.score >= _SEEN for o in offers[q])
        next_best = max((o.score for o in others if o.value != best.value), default=0.0)
        is_far = max(_LONE, _FAR * next_best) <= best.score < ACCEPT
        if is_far and not is_named and any(map(str.isdigit, str(best.value))):
            out[(q, id(best))] = ACCEPT
    return out


def _own_number(
    queries: Sequence[Query], offers: list[list[Offer]], lone: dict[tuple[int, int], float]
) -> dict[tuple[int, int], float]:
    """Scores of other numbers ("po_number" of an "invoice"), lowered where a number stands that no label names.

    Such a number is the document's own, if any.
    """
    numbers = [q for q, query in enumerate(queries) if query.shape == "id"]
    own = [q for q in numbers if _is_of_group(queries[q])]
    if len(own) != 1:
        return {}
    best = offers[own[0]][0] if offers[own[0]] else None
    if best is None or lone.get((own[0], id(best)), best.score) < ACCEPT or label_of(best) >= NAMED:
        return {}
    return {
        (q, id(o)): round(o.score * SHARED_PLACE, 4)
        for q in numbers if q != own[0] and queries[q].path[:-1] == queries[own[0]].path[:-1]
        for o in offers[q] if (o.place, o.value) == (best.place, best.value) and label_of(o) < NAMED
    }  # fmt: skip


def _sellers_own(queries: Sequence[Query], offers: list[list[Offer]]) -> dict[tuple[int, int], float]:
    """Scores of a buyer's tax or bank number, lowered where it may as well be the seller's.

    Who sends a document prints his own.
    """
    out: dict[tuple[int, int], float] = {}
    for q, query in enumerate(queries):
        if query.shape not in PROPER or query.role != _BUYER:
            continue
        sellers = [
            offers[s][0] for s, o in enumerate(queries) if o.shape == query.shape and o.role == _SELLER and offers[s]
        ]
        for own in sellers:
            out |= {
                (q, id(o)): round(o.score * OTHERS_PLACE, 4)
                for o in offers[q]
                if o.document == own.document and key(str(o.value)) == key(str(own.value))
                and own.score >= max(ACCEPT, _NEARLY * o.score) and label_of(o) <= label_of(own)
            }  # fmt: skip
    return out


def _is_of_group(query: Query) -> bool:
    """Whether a field is called as its group is: the "invoice_number" of an "invoice"."""
    return bool(set(query.name.split()) & set(query.group_words.split()))
