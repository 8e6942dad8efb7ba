"""Whose lines they are: below a heading, and in the window of a letter."""

from __future__ import annotations

from extraction.paper import Placed, document, source
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import extract
from fieldproof.extraction.party_lines import SOMEBODY, whose_lines
from fieldproof.extraction.query import ROLES
from fieldproof.extraction.view import view_of

SELLER, BUYER = ROLES.index("seller"), ROLES.index("buyer")
SENDER = "Bei Spiel GmbH • Ecke 12 • 12345 Stadthausen"
WINDOW: list[Placed] = [(70, 172, "Theodor Est"), (70, 201, "Bahnstr. 42"), (70, 230, "88802 Spielkreis")]
LETTER: list[Placed] = [(90, 157, SENDER), *WINDOW, (57, 332, "Ihre Nummer: 2"),
                        (451, 124, "Bei Spiel GmbH"), (451, 141, "Ecke 12"), (451, 155, "12345 Stadthausen")]  # fmt: skip


def of(page: list[Placed]) -> dict[str, int]:
    view = view_of(document(page))
    return {view.segments[line].text: role for line, role in whose_lines(view).items()}


def test_below_a_senders_line_stands_whom_it_is_sent_to():
    lines = of(LETTER)
    assert [lines.get(text) for _, _, text in WINDOW] == [BUYER] * 3
    assert "Ihre Nummer: 2" not in lines


def test_what_the_senders_line_says_is_the_senders_wherever_it_stands():
    assert {of(LETTER)[text] for text in (SENDER, "Bei Spiel GmbH", "Ecke 12", "12345 Stadthausen")} == {SELLER}


def test_a_line_of_an_address_without_a_window_below_is_nobodys():
    assert of([(90, 157, SENDER), (57, 332, "Total due 199.20")]) == {}


def given(page: list[Placed], *fields: str) -> dict[str, dict[str, str]]:
    parties = {party: {"fields": {name: {"type": "string"} for name in fields}} for party in ("seller", "buyer")}
    return extract([source(page)], parse_schema({"groups": parties})).data


def test_the_buyer_is_read_from_the_window_and_the_seller_from_his_head():
    assert given(LETTER, "name", "street", "postcode", "city") == {
        "seller": {"name": "Bei Spiel GmbH", "street": "Ecke 12", "postcode": "12345", "city": "Stadthausen"},
        "buyer": {"name": "Theodor Est", "street": "Bahnstr. 42", "postcode": "88802", "city": "Spielkreis"},
    }


def test_the_reasoning_says_whose_lines_they_are():
    fields = {"fields": {name: {"type": "string"} for name in ("name", "city")}}
    values = extract([source(LETTER)], parse_schema({"groups": {"buyer": fields}})).values
    assert all("It stands in the lines of the buyer." in v.reasoning for v in values)


FORM: list[Placed] = [
    (40, 40, "Verkäufer:"), (40, 52, "Global Supplies Ltd."), (40, 64, "153 Victoria Street"), (40, 88, "USt-IdNr.: GB999999973"),
    (40, 110, "Steuerbevollmächtigter des Verkäufers:"), (40, 122, "Global Financial Services"), (40, 134, "Friedrichstraße 165"),
    (40, 160, "Käufer/Leistungsempfänger:"), (40, 172, "Metallbau Leipzig GmbH"), (40, 184, "Pappelallee 15"),
    (40, 208, "Sehr geehrte Damen und Herren"),
]  # fmt: skip


def test_lines_below_a_heading_are_the_partys_that_it_names():
    lines = of(FORM)
    assert lines["Global Supplies Ltd."] == lines["153 Victoria Street"] == SELLER
    assert lines["Metallbau Leipzig GmbH"] == lines["Pappelallee 15"] == BUYER


def test_who_is_named_by_a_party_is_somebody_else():
    assert of(FORM)["Friedrichstraße 165"] == SOMEBODY
    assert given(FORM, "name", "street") == {
        "seller": {"name": "Global Supplies Ltd.", "street": "153 Victoria Street"},
        "buyer": {"name": "Metallbau Leipzig GmbH", "street": "Pappelallee 15"},
    }


def test_after_a_blank_line_only_a_labelled_number_is_the_partys():
    lines = of(FORM)
    assert lines["USt-IdNr.: GB999999973"] == SELLER
    assert "Sehr geehrte Damen und Herren" not in lines


def test_a_heading_needs_no_colon_where_it_says_nothing_else():
    page: list[Placed] = [
        (40, 40, "Bill to"),
        (40, 52, "Alder Works GmbH"),
        (40, 64, "Lindenstraße 7"),
        (300, 40, "Company"),
        (300, 52, "K. Best"),
    ]
    assert of(page) == {"Alder Works GmbH": BUYER, "Lindenstraße 7": BUYER}


def test_a_line_with_a_label_of_its_own_says_itself_whose_it_is():
    """ "Attention: D. Dresser" below "Pay to:" is whom the form asks for under attention."""
    page: list[Placed] = [(40, 40, "Pay to:"), (40, 52, "Attention: David Dresser"), (300, 200, "Robert Muhon")]
    schema = {"groups": {"form": {"fields": {"attention": {"type": "string"}}}}}
    assert extract([source(page)], parse_schema(schema)).data["form"]["attention"] == "David Dresser"


def test_whom_a_bill_is_sent_to_did_not_issue_it():
    page: list[Placed] = [
        (40, 40, "Bill to Address:"), (40, 52, "ATTN: Ive Labs Limited"), (40, 64, "93B Sai Yu Chung"), (40, 76, "Yuen Long, 0000, HK"),
        (300, 40, "Amazon Web Services Invoice"), (40, 700, "Amazon Web Services, Inc."), (40, 712, "410 Terry Ave North"), (40, 724, "aws.amazon.com"),
    ]  # fmt: skip
    schema = {"groups": {"invoice": {"fields": {"issuer": {"type": "string"}}}}}
    assert extract([source(page)], parse_schema(schema)).data["invoice"]["issuer"] != "ATTN: Ive Labs Limited"
