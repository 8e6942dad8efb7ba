"""What is known of a value beside the ranker's score: asked of a ranker to which all candidates are alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from extraction.paper import Placed, source
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import LocalEngine, Options
from fieldproof.extraction.features import FEATURES

EVEN = 0.5


class EvenRanker:
    """As ``Ranker``, without an opinion."""

    features = frozenset(FEATURES)

    def best(self, questions: Sequence[np.ndarray], most: int) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(np.arange(len(x))[:most], np.zeros(min(len(x), most))) for x in questions]

    def again(self, questions: Sequence[np.ndarray]) -> list[np.ndarray]:
        return [np.full(len(x), EVEN) for x in questions]

    def probabilities(self, scores: np.ndarray, kind: str) -> list[float]:
        return scores.tolist()


def asked(page: list[Placed], field: str, kind: str = "string", group: str = "document") -> Any:
    schema = parse_schema({"groups": {group: {"fields": {field: {"type": kind}}}}})
    engine = LocalEngine(EvenRanker())  # pyright: ignore[reportArgumentType]
    return engine.extract([source(page)], schema, Options()).data[group][field]


def test_what_has_a_value_beside_it_is_a_label():
    assert asked([(40, 40, "Product"), (150, 40, "Blue Corner")], "advertiser") == "Blue Corner"


@pytest.mark.parametrize(("group", "given"), [("buyer", "GE2020211"), ("seller", "549910")])
@pytest.mark.parametrize("are_apart", [True, False])
def test_a_number_below_the_heading_of_a_party_is_that_party_s(group: str, given: str, are_apart: bool):
    """ "Number" alone says whose it is by what stands over it."""

    def number(y: float, value: str) -> list[Placed]:
        return [(40, y, "Number:"), (160, y, value)] if are_apart else [(40, y, f"Number: {value}")]

    page = [(40, 40, "Order 18-471331"), (40, 100, "Seller:"), *number(114, "549910"), (40, 128, "Northern Timber Ltd"),
            (40, 200, "Buyer:"), *number(214, "GE2020211"), (40, 228, "Quayside Joinery Ltd")]  # fmt: skip
    assert asked(page, "number" if group == "seller" else "customer_number", group=group) == given


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [("bic", "DUESSELDORF", "BIC"), ("customer_number", "4711A", "Kundennummer")],
)
def test_a_number_that_may_be_anyones_needs_a_label(field, value, label):
    assert asked([(150, 300, value)], field, group="buyer") is None
    assert asked([(40, 300, label), (150, 300, value)], field, group="buyer") == value


def test_a_name_with_its_legal_form_is_likelier_than_a_sign():
    assert (
        asked([(40, 40, "Blue Corner"), (40, 300, "Alder Works GmbH")], "company", group="seller") == "Alder Works GmbH"
    )


def test_a_name_with_its_number_in_the_register_is_likelier_still():
    page: list[Placed] = [(40, 40, "Blue Corner Restaurant"), (40, 300, "Leisure Sdn Bhd (306295-X)")]
    assert asked(page, "company", group="seller") == "Leisure Sdn Bhd"


def test_the_words_beside_a_ticked_box_name_a_text():
    page: list[Placed] = [(40, 40, "☑ Premiums only"), (40, 60, "☐ Signage")]
    assert asked(page, "premiums_only") == "☑"
    assert asked(page, "signage") != "☐"


def test_an_amount_is_likelier_whose_label_is_in_the_questions_words():
    page: list[Placed] = [(40, 40, "Total"), (150, 40, "5.00"), (40, 300, "Gross amount"), (150, 300, "7.00")]
    assert asked(page, "gross_amount", "number") == 7.0


def test_what_a_field_is_vaguely_called_excludes_nothing():
    page: list[Placed] = [(150, 300, "7/9/90")]
    assert asked(page, "final_report_due_supplier_wave_s") == "7/9/90"
    assert asked(page, "supplier") is None


@pytest.mark.parametrize("number", ["PO-77120", "BC07389", "BCO7389"])
def test_a_number_begins_as_what_it_is_called_for_short(number):
    page: list[Placed] = [(40, 300, "INV-4471"), (200, 300, "X-90812"), (360, 300, number)]
    assert asked(page, "po_number", group="invoice") == number
    assert asked(page, "invoice_number", group="invoice") == "INV-4471"


def test_a_person_behind_the_sellers_label_only_sold_where_no_address_stands_below():
    salesman: list[Placed] = [(40, 300, "Vendeur"), (150, 300, "Jane Miller")]
    trader = [*salesman, (150, 314, "12 Harbour Street"), (150, 328, "Bristol BS1 4DJ")]
    shop: list[Placed] = [(300, 40, "Blue Corner"), (300, 54, "7 Main Street"), (300, 68, "Springfield, IL 62704")]
    assert asked([*shop, *salesman], "supplier", group="invoice") == "Blue Corner"
    assert asked(trader, "supplier", group="invoice") == "Jane Miller"


def test_what_has_no_letter_is_hardly_an_address():
    assert asked([(40, 40, "353 209,20")], "supplier_address", group="invoice") is None


@pytest.mark.parametrize("bank", ["Crédit du Midi", "Volksbank Hellweg eG", "Banca del Lago"])
def test_a_name_that_says_so_is_the_banks(bank: str):
    assert asked([(40, 40, "Best Removals"), (40, 300, bank)], "bank", group="account") == bank


def test_a_line_that_names_the_day_below_it_is_nobodys_name():
    page: list[Placed] = [(40, 40, "Original Date / Revision"), (40, 54, "02/18/20"), (40, 200, "Blue Corner")]
    assert asked(page, "advertiser") == "Blue Corner"
    assert asked([(40, 40, "Original Date / Revision"), (40, 200, "Blue Corner")], "advertiser") != "Blue Corner"


def test_a_label_whose_words_are_all_asked_for_names_the_day():
    """ "Order flight" is what the question says, of "Invoice period" it says nothing."""
    page: list[Placed] = [
        (40, 40, "Invoice period"), (160, 40, "12/30/2019"), (40, 60, "Order flight"), (160, 60, "01/11/2020"),
    ]  # fmt: skip
    assert asked(page, "order_flight", "date") == "2020-01-11"


def test_a_name_in_the_lines_of_an_address_is_a_company_where_its_label_says_so():
    address: list[Placed] = [(160, 54, "PO Box 626"), (160, 68, "San Francisco, CA 94104")]
    named = asked(
        [(160, 40, "Alder 2020"), *address, (40, 40, "Seller"), (40, 300, "Blue Corner")], "company", group="seller"
    )
    assert named == "Alder 2020"
