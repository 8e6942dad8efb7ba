from __future__ import annotations

from extraction.paper import INVOICE, source
from fieldproof.core.geometry import Box
from fieldproof.core.result import Match
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import extract, locate_box, locate_value


def test_a_value_is_found_again_in_any_writing():
    document = source(INVOICE).parsed
    assert locate_value(document.pages, "d1", "NW-2024-0815")[0].match is Match.EXACT
    assert locate_value(document.pages, "d1", "2024-03-14")[0].text == "14 March 2024"
    assert locate_value(document.pages, "d1", 199.2)[0].text == "199.20"
    assert locate_value(document.pages, "d1", "Northwind Suplies Ltd")[0].match is Match.FUZZY
    assert locate_value(document.pages, "d1", "Southwind") == ()


def test_a_drawn_box_cites_the_words_inside():
    document = source(INVOICE).parsed
    place = locate_value(document.pages, "d1", "Alder Works GmbH")[0].box
    drawn = Box(place.left - 0.01, place.top - 0.005, place.right + 0.01, place.bottom + 0.005)
    found = locate_box(document.page(1), "d1", drawn)
    assert found is not None
    assert found.text == "Alder Works GmbH"


def test_a_drawn_box_without_words_cites_nothing():
    assert locate_box(source(INVOICE).parsed.page(1), "d1", Box(0.9, 0.95, 0.95, 0.97)) is None


def test_checkboxes_are_truths():
    page = [(40, 40, "[x] Express delivery"), (40, 60, "[ ] Gift wrapping")]
    schema = parse_schema(
        {
            "groups": {
                "order": {"fields": {"express_delivery": {"type": "boolean"}, "gift_wrapping": {"type": "boolean"}}}
            }
        }
    )
    assert extract([source(page)], schema).data["order"] == {"express_delivery": True, "gift_wrapping": False}


def test_every_given_scalar_has_a_source():
    schema = parse_schema(
        {"groups": {"g": {"fields": {n: {"type": "string"} for n in ("seller", "customer", "iban", "total", "city")}}}}
    )
    for value in extract([source(INVOICE)], schema).values:
        assert value.value is None or value.citations
