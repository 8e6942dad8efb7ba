"""What a number in running words is called, and of what the day behind it is.

"Handelsrechnung Nr. 4711 vom 5.6.2018" says an invoice's number and an invoice's day, "your order 2018-33 dated 1 March"
those of an order.
"""

from __future__ import annotations

from fieldproof.extraction.candidates import Candidate
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.plain import plain
from fieldproof.extraction.view import View

_DAY_OF = {
    LEXICON.index[number]: LEXICON.index[day]
    for number, day in (
        ("invoice_number", "invoice_date"), ("receipt_number", "invoice_date"), ("document_number", "invoice_date"),
        ("order_number", "order_date"), ("po_number", "order_date"), ("delivery_note_number", "delivery_date"),
    )
}  # fmt: skip
_NUMBER = LEXICON.index["number"]
_BETWEEN = frozenset([
    "vom", "v", "dated", "date", "of", "from", "issued", "at", "on", "en", "du", "de", "del", "in", "di", "data", "van", "gedateerd",
])  # fmt: skip
_TOKENS = 10  # before a value that are looked at
_WORDS = 3  # of what a number is called, at most
_COMPOUND = 6  # letters of a word from which another one may end with it: "Handelsrechnung"
_CALLED = {
    alias: concept
    for alias, concepts in LEXICON.aliases.items() for concept in reversed(concepts) if concept in _DAY_OF
}  # fmt: skip
_ENDINGS = {alias: concept for alias, concept in _CALLED.items() if " " not in alias and len(alias) >= _COMPOUND}


def day_of(view: View, candidate: Candidate) -> int | None:
    """The concept of the day that a candidate is by the number before it in its line; None where none stands there."""
    words = _words_before(view, candidate)
    while words and plain(words[-1]) in _BETWEEN:
        words.pop()
    if not words or not any(map(str.isdigit, words.pop())):
        return None
    number = _called(words)
    return None if number is None else _DAY_OF[number]


def number_of(view: View, candidate: Candidate, left: str = "") -> int | None:
    """The concept of the number that a candidate is by the words right before it; None where they do not tell.

    ``left``: what stands left of its line; "Bestellung" alone counts there, while "Bestell-Nr." is a label as any other.
    """
    words = _words_before(view, candidate)
    if plain(" ".join(words)):
        return _called(words)
    kind = plain(left)
    return _CALLED.get(kind) if kind.isalpha() else None


def _words_before(view: View, candidate: Candidate) -> list[str]:
    first = view.segments[candidate.segment].first
    if candidate.pieces[0][0] == first:
        return []
    return " ".join(t.text for t in view.tokens[first : candidate.pieces[0][0]][-_TOKENS:]).split()


def _called(words: list[str]) -> int | None:
    """The concept of the number that these words end with, a word that ends as one of them included."""
    bare = plain(" ".join(words)).split()
    while bare and _NUMBER in LEXICON.aliases.get(bare[-1], ()):
        bare.pop()
    for first in range(max(0, len(bare) - _WORDS), len(bare)):
        called = " ".join(bare[first:])
        if called in _CALLED:
            return _CALLED[called]
    return next((concept for ending, concept in _ENDINGS.items() if bare and bare[-1].endswith(ending)), None)
