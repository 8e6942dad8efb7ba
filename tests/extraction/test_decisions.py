"""What is decided among offers of known scores: whose name, whose number, which sum, which day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fieldproof.core.schema import Field, FieldType
from fieldproof.extraction.decide import decide
from fieldproof.extraction.features import FEATURES
from fieldproof.extraction.offers import ACCEPT, Offer
from fieldproof.extraction.query import Query, query_of
from fieldproof.extraction.ranker import shipped_ranker

COMPANY, ADDRESS = 40, 50  # candidates


def query(name: str, kind: FieldType = FieldType.STRING, group: str = "invoice") -> Query:
    return query_of((group, name), Field(name, kind), group)


def offer(candidate: int, score: float, value: Any, label: float = 0.0, **known: Any) -> Offer:
    features = np.zeros(len(FEATURES))
    features[FEATURES.index("best_label")] = label
    return Offer(0, candidate, score, value, (0, ((candidate, candidate + 1),)), features, **known)


def decided(asked: dict[str, list[Offer]], kind: FieldType = FieldType.STRING) -> dict[str, Any]:
    given = decide([query(name, kind) for name in asked], list(asked.values()))
    return {
        name: d.winner.value if d.winner and d.score >= ACCEPT else None for name, d in zip(asked, given, strict=True)
    }


def test_the_name_of_a_party_stands_over_its_address():
    name = [offer(1, 0.5, "Clara Weber"), offer(2, 0.4, "Alder Works", over=ADDRESS)]
    address = [offer(ADDRESS, 0.9, "Lindenstraße 7, 10969 Berlin")]
    assert decided({"supplier_name": name, "supplier_address": address})["supplier_name"] == "Alder Works"


def test_a_line_over_the_address_that_is_no_likely_name_leaves_the_others_alone():
    name = [offer(1, 0.5, "Clara Weber"), offer(2, 0.08, "Harbour 2", over=ADDRESS)]
    address = [offer(ADDRESS, 0.9, "Lindenstraße 7, 10969 Berlin")]
    assert decided({"supplier_name": name, "supplier_address": address})["supplier_name"] == "Clara Weber"


def test_a_sure_address_tells_more_of_the_name_over_it():
    name = [offer(1, 0.8, "Clara Weber"), offer(2, 0.4, "Alder Works", over=ADDRESS)]
    for score, given in ((0.9, "Alder Works"), (0.5, "Clara Weber")):
        address = [offer(ADDRESS, score, "Lindenstraße 7, 10969 Berlin")]
        assert decided({"supplier_name": name, "supplier_address": address})["supplier_name"] == given


@pytest.mark.parametrize(("named", "over", "at"), [(0.85, 0.2, 0.9), (0.88, 0.15, 0.38)])
def test_a_person_whom_another_field_asks_for_is_no_company_beside_a_letterhead(named: float, over: float, at: float):
    """ "Buyer: Clara Weber" under the letterhead of those who buy, however sure its address is."""
    name = [offer(1, named, "Clara Weber"), offer(2, over, "Alder Works", over=ADDRESS)]
    address = [offer(ADDRESS, at, "Lindenstraße 7, 10969 Berlin")]
    parties = {"supplier_name": name, "supplier_address": address}
    assert decided(parties)["supplier_name"] == "Clara Weber"
    given = decided(parties | {"contact_person": [offer(1, 0.7, "Clara Weber")]})
    assert (given["supplier_name"], given["contact_person"]) == ("Alder Works", "Clara Weber")


def test_one_day_is_one_field_s_unless_a_label_says_otherwise():
    """ "Date: 3 May" is the order's; "Delivery and order date: 3 May" is both."""
    day = "2026-05-03"
    for label, delivered in ((0.5, None), (0.9, day)):
        dates = {"order_date": [offer(1, 0.9, day)], "delivery_date": [offer(1, 0.85, day, label=label)]}
        assert decided(dates, FieldType.DATE) == {"order_date": day, "delivery_date": delivered}


def test_a_day_before_the_documents_own_is_not_when_it_is_due():
    """Unless a label says so, or two other days in the right order are likelier than the one alone."""
    issued, early = "2018-03-05", "2018-03-01"
    for label, own, due in ((0.0, issued, None), (0.9, early, issued)):
        dates = {
            "invoice_date": [offer(1, 0.56, issued), offer(2, 0.29, early)],
            "due_date": [offer(2, 0.5, early, label=label), offer(1, 0.4, issued)],
        }
        assert decided(dates, FieldType.DATE) == {"invoice_date": own, "due_date": due}
    likelier = {
        "invoice_date": [offer(1, 0.56, issued), offer(2, 0.5, early)],
        "due_date": [offer(2, 0.5, early), offer(1, 0.48, issued)],
    }
    assert decided(likelier, FieldType.DATE) == {"invoice_date": issued, "due_date": None}
    likelier["due_date"] = [offer(2, 0.54, early), offer(3, 0.53, "2018-04-04")]
    assert decided(likelier, FieldType.DATE) == {"invoice_date": issued, "due_date": "2018-04-04"}


def test_where_no_other_sum_is_found_the_total_is_what_is_due():
    total, prepaid = [offer(1, 0.9, 571.04)], [offer(1, 0.2, 571.04), offer(2, 0.6, 71.04)]
    given = decided({"total": total, "amount_due": [offer(1, 0.2, 571.04)]}, FieldType.NUMBER)
    assert given == {"total": 571.04, "amount_due": 571.04}
    assert decided({"total": total, "amount_due": prepaid}, FieldType.NUMBER)["amount_due"] == 71.04
    unsure = {"total": [offer(1, 0.45, 571.04)], "amount_due": [offer(1, 0.2, 571.04)]}
    assert decided(unsure, FieldType.NUMBER)["amount_due"] is None


def test_a_lone_number_is_the_documents_own_however_unlikely():
    alone, crowd = offer(1, 0.15, "FACTU/2017/0053"), offer(2, 0.1, "4711-12")
    assert decided({"invoice_number": [alone]})["invoice_number"] == "FACTU/2017/0053"
    assert decided({"invoice_number": [alone, crowd]})["invoice_number"] is None
    assert decided({"po_number": [alone]})["po_number"] is None
    assert decided({"invoice_number": [offer(1, 0.15, "France")]})["invoice_number"] is None


def test_a_lone_number_is_the_documents_own_before_another_fields_and_whatever_is_hardly_likely():
    unlikely = offer(2, 0.006, "TOTAL: 58 560,00", label=0.85)
    for order in (0.29, 0.4):
        number = {
            "invoice_number": [offer(1, 0.2, "FACTU/2019/11"), unlikely],
            "po_number": [offer(1, order, "FACTU/2019/11")],
        }
        assert decided(number) == {"invoice_number": "FACTU/2019/11", "po_number": None}


def test_a_number_that_no_label_names_is_the_documents_own():
    number = {"invoice_number": [offer(1, 0.5, "17-004")], "po_number": [offer(1, 0.55, "17-004")]}
    assert decided(number) == {"invoice_number": "17-004", "po_number": None}


def test_a_number_that_a_label_names_is_what_it_says():
    named = offer(1, 0.55, "17-004", label=0.9)
    assert decided({"invoice_number": [offer(1, 0.5, "17-004")], "po_number": [named]})["po_number"] == "17-004"


def test_another_number_than_the_documents_own_needs_no_label():
    own, other = [offer(1, 0.8, "17-004"), offer(2, 0.6, "PO 99")], [offer(2, 0.5, "PO 99")]
    assert decided({"invoice_number": own, "po_number": other}) == {"invoice_number": "17-004", "po_number": "PO 99"}


def test_one_sum_alone_is_what_is_to_be_paid():
    sums = {name: [offer(1, 0.8, 856.8, label=0.8)] for name in ("net_total", "tax_total", "grand_total")}
    assert decided(sums, FieldType.NUMBER) == {"net_total": None, "tax_total": None, "grand_total": 856.8}


def test_the_only_later_day_is_when_an_invoice_is_due():
    days = [offer(1, 0.9, "2024-03-14"), offer(2, 0.2, "2024-04-13")]
    due = [offer(1, 0.5, "2024-03-14"), offer(2, 0.2, "2024-04-13")]
    assert decided({"invoice_date": days, "due_date": due}, FieldType.DATE)["due_date"] == "2024-04-13"


def test_where_one_of_two_days_is_surely_due_and_the_other_is_the_documents_own_it_is_the_later():
    days = [offer(1, 0.9, "2024-03-14")]
    due = [offer(1, 0.7, "2024-03-14"), offer(2, 0.02, "2024-04-13")]
    assert decided({"invoice_date": days, "due_date": due}, FieldType.DATE)["due_date"] == "2024-04-13"
    doubtful = [offer(1, 0.4, "2024-03-14"), offer(2, 0.02, "2024-04-13")]
    assert decided({"invoice_date": days, "due_date": doubtful}, FieldType.DATE)["due_date"] is None


def test_an_earlier_day_is_not_when_it_is_due():
    days, due = [offer(1, 0.9, "2024-03-14")], [offer(1, 0.5, "2024-03-14"), offer(2, 0.2, "2024-02-01")]
    assert decided({"invoice_date": days, "due_date": due}, FieldType.DATE)["due_date"] is None


def test_a_total_gives_way_to_the_one_with_its_tax():
    sums = [offer(1, 0.8, 30.0, label=0.8), offer(2, 0.4, 31.8, label=0.8), offer(3, 0.1, 1.8)]
    assert decided({"total": sums}, FieldType.NUMBER)["total"] == 31.8
    handed = [offer(1, 0.8, 37.8, label=0.8), offer(2, 0.4, 40.0, label=0.8), offer(3, 0.1, 2.2)]
    assert decided({"total": handed}, FieldType.NUMBER)["total"] == 37.8


@pytest.mark.parametrize(("printed", "given"), [(9.45, 9.45), (9.47, 8.9), (9.55, 8.9)])
def test_it_gives_way_to_the_one_that_was_rounded_to_a_coin_too(printed: float, given: float):
    sums = [offer(1, 0.8, 8.9, label=0.8), offer(2, 0.4, printed, label=0.8), offer(3, 0.1, 0.53)]
    assert decided({"total": sums}, FieldType.NUMBER)["total"] == given


def test_where_no_place_convinces_a_total_that_stands_in_several_is_given():
    sums = [offer(1, 0.2, 98.65), offer(2, 0.15, 98.65), offer(3, 0.1, 98.65), offer(4, 0.25, 12.0)]
    assert decided({"total": sums}, FieldType.NUMBER)["total"] == 98.65
    assert decided({"total": sums[1:]}, FieldType.NUMBER)["total"] is None
    assert decided({"total": [offer(5, 0.31, 12.5), *sums]}, FieldType.NUMBER)["total"] == 12.5


def test_the_sum_that_is_taxed_is_not_the_tax_though_it_stands_behind_its_label():
    sums = {
        "net_total": [offer(1, 0.9, 198.0)], "tax_total": [offer(2, 0.88, 198.0, label=0.9), offer(3, 0.1, 37.62)],
        "grand_total": [offer(4, 0.9, 235.62)],
    }  # fmt: skip
    assert decided(sums, FieldType.NUMBER)["tax_total"] == 37.62


def test_the_total_with_its_tax_in_it_is_not_the_net_sum():
    def sums(tax: float) -> dict[str, list[Offer]]:
        return {
            "net_total": [offer(1, 0.9, 24.0, label=0.8)], "tax_total": [offer(2, 0.8, tax, label=0.8)],
            "grand_total": [offer(3, 0.9, 24.0, label=0.8)],
        }  # fmt: skip

    assert decided(sums(2.85), FieldType.NUMBER) == {"net_total": None, "tax_total": 2.85, "grand_total": 24.0}
    assert decided(sums(0.0), FieldType.NUMBER)["net_total"] == 24.0


@pytest.mark.parametrize(
    ("seller", "buyer", "label", "whose"),
    [(0.8, 0.9, 0.9, "seller"), (0.8, 0.9, 1.0, "buyer"), (0.4, 0.9, 0.9, "buyer")],
    ids=["no label says whose it is", "a label names the buyer's", "much likelier the buyer's"],
)
def test_one_tax_number_alone_is_the_sellers(seller, buyer, label, whose):
    asked = {
        "seller_vat_id": [offer(1, seller, "DE136695976", label=0.9)], "buyer_vat_id": [offer(1, buyer, "DE136695976", label=label)],
    }  # fmt: skip
    given = decided(asked)
    assert given == {f"{who}_vat_id": "DE136695976" if who == whose else None for who in ("seller", "buyer")}


def test_of_two_fields_that_want_one_day_it_is_the_documents_own():
    days, due = [offer(1, 0.6, "2018-03-05")], [offer(1, 0.7, "2018-03-05", label=0.5)]
    assert decided({"invoice_date": days, "due_date": due}, FieldType.DATE) == {
        "invoice_date": "2018-03-05", "due_date": None,
    }  # fmt: skip
    due.append(offer(2, 0.2, "2018-04-04"))
    assert decided({"invoice_date": days, "due_date": due}, FieldType.DATE)["due_date"] == "2018-04-04"


def test_a_day_that_a_label_says_is_due_stays_it():
    days, due = [offer(1, 0.6, "2018-03-05")], [offer(1, 0.7, "2018-03-05", label=0.9)]
    assert decided({"invoice_date": days, "due_date": due}, FieldType.DATE)["due_date"] == "2018-03-05"


def test_where_one_address_is_asked_for_and_one_stands_there_it_is_that():
    assert decided({"address": [offer(ADDRESS, 0.15, "Seeweg 12, 80331 München", is_only=True)]}) == {
        "address": "Seeweg 12, 80331 München"
    }
    asked = {name: [offer(ADDRESS, 0.15, "Seeweg 12", is_only=True)] for name in ("seller_address", "buyer_address")}
    assert decided(asked) == {"seller_address": None, "buyer_address": None}


def test_places_of_a_name_speak_for_each_other():
    names = [offer(1, 0.8, "Bill Plan"), *(offer(n, 0.78, "Citizens for a United Field") for n in range(2, 6))]
    assert decided({"advertiser": names})["advertiser"] == "Citizens for a United Field"


def test_of_two_likely_candidates_the_likelier_has_the_higher_probability():
    scores = np.linspace(0.01, 0.99, 40)
    for kind in ("date", "number", "string"):
        given = shipped_ranker().probabilities(scores, kind)
        assert given == sorted(given) and len(set(given)) == len(given)


@pytest.mark.parametrize(("noughts", "tax"), [([], None), ([offer(9, 0.02, 0.0)], 0.0)])
def test_all_of_a_total_is_not_its_tax(noughts: list[Offer], tax: float | None):
    """Where nothing is taxed the tax is nought, if that is printed."""
    sums = {"total": [offer(1, 0.9, 380.0, label=0.5)], "tax_total": [offer(2, 0.8, 380.0, label=0.9), *noughts]}
    assert decided(sums, FieldType.NUMBER) == {"total": 380.0, "tax_total": tax}
