"""A day behind a number is the day of what the number is of: "Invoice No. 4711 of 5 June", "your order 2018-33 dated 1 March"."""

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
_TOKENS = 10  # before the day that are looked at
_WORDS = 3  # of what a number is called, at most
_COMPOUND = 6  # letters of a word from which another one may end with it: "Handelsrechnung"
_CALLED = {
    alias: _DAY_OF[concept]
    for alias, concepts in LEXICON.aliases.items() for concept in concepts if concept in _DAY_OF
}  # fmt: skip
_ENDINGS = {alias: day for alias, day in _CALLED.items() if " " not in alias and len(alias) >= _COMPOUND}


def day_of(view: View, candidate: Candidate) -> int | None:
    """The concept of the day that a candidate is by the number before it in its line; None where none stands there."""
    segment = view.segments[candidate.segment]
    before = view.tokens[segment.first : candidate.pieces[0][0]][-_TOKENS:]
    words = " ".join(t.text for t in before).split()
    while words and plain(words[-1]) in _BETWEEN:
        words.pop()
    if not words or not any(map(str.isdigit, words.pop())):
        return None
    words = plain(" ".join(words)).split()
    while words and _NUMBER in LEXICON.aliases.get(words[-1], ()):
        words.pop()
    for first in range(max(0, len(words) - _WORDS), len(words)):
        called = " ".join(words[first:])
        if called in _CALLED:
            return _CALLED[called]
    return next((day for ending, day in _ENDINGS.items() if words and words[-1].endswith(ending)), None)
