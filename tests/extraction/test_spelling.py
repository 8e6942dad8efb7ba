"""Names that a scan reads a little wrong, and how reviewed look-alikes spell them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extraction.paper import INVOICE, Placed, source
from fieldproof.core.document import ParsedDocument, WordSource
from fieldproof.core.result import Match
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import Correction, Options, SourceDocument, extract, learn
from fieldproof.extraction.spelling import is_misreading

SCHEMA = parse_schema({"groups": {"invoice": {"fields": {"supplier_name": {"type": "string"}}}}})
PATH = ("invoice", "supplier_name")
NAME = "Northwind Supplies Ltd"


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("GARDENIA BAKERLES (KL) SDN BHD", "GARDENIA BAKERIES (KL) SDN BHD"),
        ("99 SPEED MART 5/B", "99 SPEED MART S/B"),
        ("NO 29O, JALAN AIR PANAS", "NO 290, JALAN AIR PANAS"),
        ("40170 SETIA ÁLAM", "40170 SETIA ALAM"),
        ("Lot 3, Jalan Pelabur, Shah Alam,'Setangor.", "LOT 3, JALAN PELABUR, SHAH ALAM, SELANGOR."),
    ],
)
def test_a_few_letters_may_be_read_wrong(read, meant):
    assert is_misreading(read, meant)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("12 Harbour Street", "13 Harbour Street"),  # the next house
        ("Harbour Street 12", "Harbour Street 123"),
        ("Muster A Handels GmbH", "Muster B Handels GmbH"),  # a word of one letter is a name of its own
        ("Harbour North Ltd", "Harbour South Ltd"),
        ("Acme", "Akme"),  # too short to tell
        ("", "Northwind Supplies"),
    ],
)
def test_another_name_or_number_is_no_misreading(read, meant):
    assert not is_misreading(read, meant)


def scan(name: str, number: str = "0816", *, is_scan: bool = True) -> SourceDocument:
    placed: list[Placed] = [(x, y, t.replace(NAME, name).replace("0815", number)) for x, y, t in INVOICE]
    made = source(placed)
    return replace(made, parsed=_as_scan(made.parsed)) if is_scan else made


def _as_scan(document: ParsedDocument) -> ParsedDocument:
    pages = tuple(replace(p, words=tuple(replace(w, source=WordSource.OCR) for w in p.words)) for p in document.pages)
    return replace(document, pages=pages)


def supplier(document: SourceDocument, *reviewed: tuple[str, str]):
    """What is given of the document after others, each as it was read and as it was corrected."""
    examples = tuple(learn(scan(read).parsed, SCHEMA, [Correction(PATH, corrected)]) for read, corrected in reviewed)
    return next(v for v in extract([document], SCHEMA, Options(examples=examples)).values if v.path == PATH)


def test_a_misread_name_is_given_as_a_reviewed_look_alike_spells_it():
    assert supplier(scan("Northwlnd Supplies Ltd")).value == "Northwlnd Supplies Ltd"
    found = supplier(scan("Northwlnd Supplies Ltd"), (NAME, NAME))
    assert found.value == NAME
    assert found.raw == "Northwlnd Supplies Ltd"
    assert [(c.text, c.match) for c in found.citations] == [("Northwlnd Supplies Ltd", Match.FUZZY)]
    assert f'A reviewed document of the same layout spells it "{NAME}".' in found.reasoning


def test_a_correction_of_a_misreading_teaches_the_spelling():
    assert supplier(scan("Northwlnd Supplies Ltd"), ("Northwind Supplles Ltd", NAME)).value == NAME
    assert supplier(scan("Northwind Supplles Ltd"), ("Northwind Supplles Ltd", NAME)).value == NAME


def test_what_is_no_scan_is_given_as_it_stands():
    assert supplier(scan("Northwlnd Supplies Ltd", is_scan=False), (NAME, NAME)).value == "Northwlnd Supplies Ltd"


def test_one_of_several_reviewed_spellings_stays():
    other = "Northwind Suppliers Ltd"
    assert supplier(scan(other), (NAME, NAME), (other, other)).value == other
