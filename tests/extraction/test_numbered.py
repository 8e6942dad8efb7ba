"""A day behind a number is the day of what the number is of."""

from __future__ import annotations

import pytest

from extraction.paper import Placed, document
from extraction.test_weighing import asked
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.numbered import day_of, number_of
from fieldproof.extraction.scene import scene_of


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Rechnung Nr. 471102 vom 05.06.2018", "invoice_date"),
        ("Handelsrechnung Nr. 471102 vom 05.06.2018", "invoice_date"),
        ("Rechnung gemäß Bestellung Nr. 2018-33 vom 05.06.2018", "order_date"),
        ("Invoice # RE-2019/507 issued at 2018-06-05", "invoice_date"),
        ("Your order 2018-33 dated 05.06.2018", "order_date"),
        ("Facture n° 4711 du 05/06/2018", "invoice_date"),
        ("Lieferschein 4711 vom 05.06.2018", "delivery_date"),
        ("Rapport-Nr.: 42389 vom 05.06.2018", None),
        ("Invoice date: 05.06.2018", None),
        ("Page 3 of 05.06.2018", None),
    ],
)
def test_the_words_before_the_number_say_whose_day_it_is(line: str, day: str | None):
    scene = scene_of(document([(40, 40, line)]))
    (date,) = (c for c in scene.candidates if c.date)
    assert day_of(scene.view, date) == (LEXICON.index[day] if day else None)


def test_an_invoices_own_day_is_not_that_of_the_order_it_names():
    page: list[Placed] = [
        (40, 40, "Wir liefern gemäß Bestellung Nr. 2018-33 vom 01.03.2018."), (40, 80, "Handelsrechnung Nr. 471102 vom 05.06.2018"),
    ]  # fmt: skip
    assert asked(page, "invoice_date", "date", group="invoice") == "2018-06-05"
    assert asked(page, "order_date", "date", group="order") == "2018-03-01"


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Mietrechnung Nr. 4711/00/M vom 01.10.2018", "invoice_number"),
        ("Wir liefern zu Ihrer Bestellung 4711/00/M", "order_number"),
        ("Kundennummer 4711/00/M", None),
    ],
)
def test_a_number_is_called_as_the_words_before_it_end(line: str, number: str | None):
    scene = scene_of(document([(40, 40, line)]))
    value = next(c for c in scene.candidates if c.text == "4711/00/M")
    named = number_of(scene.view, value)
    assert (LEXICON.concepts[named].name if named is not None else None) == number


def test_a_number_under_a_party_is_not_the_invoices():
    page: list[Placed] = [
        (40, 100, "Verkäufer:"), (40, 112, "Nummer:"), (120, 112, "549910"), (40, 124, "Muster Vermietung"),
        (40, 40, "Mietrechnung Nr. 9314110911/00/M vom 01.10.2018"),
    ]  # fmt: skip
    assert asked(page, "number", group="invoice") == "9314110911/00/M"


@pytest.mark.parametrize(
    ("left", "value", "named"),
    [("Bestellung", ": B123456789", "order_number"), ("Rechnung", "4711", "invoice_number"), ("Kontakt", "4711", None)],
)
def test_a_kind_of_document_left_of_a_number_says_what_it_is_the_number_of(left: str, value: str, named: str | None):
    scene = scene_of(document([(40, 40, left), (150, 40, value)]))
    number = next(c for c in scene.candidates if c.text == value.strip(": "))
    assert number_of(scene.view, number, left) == (LEXICON.index[named] if named else None)


def test_the_buyers_order_is_the_purchase_order_that_is_asked_for():
    page: list[Placed] = [(40, 40, "Rechnung 471102"), (40, 80, "Bestellung"), (150, 80, ": B123456789")]
    assert asked(page, "po_number", group="invoice") == "B123456789"
