"""What a schema may ask for beyond single fields, and what may never happen."""

from __future__ import annotations

from typing import Any

from extraction.paper import INVOICE, Placed, source
from fieldproof.core import codec
from fieldproof.core.document import HiddenText
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import SourceDocument, extract

LETTERHEAD: list[Placed] = [(40, 40, "Quarterly report"), (40, 56, "Prepared for the board")]


def fields(**types: Any) -> dict[str, Any]:
    return {"fields": {name: {"type": t} if isinstance(t, str) else t for name, t in types.items()}}


def asked(groups: dict[str, Any], *pages: list[Placed]):
    return extract([source(*pages)], parse_schema({"groups": groups}))


def at(result, *path):
    return next(v for v in result.values if v.path == path)


def test_a_reference_to_another_group_is_filled_in():
    contacts = [
        *LETTERHEAD,
        (40, 100, "Account manager:"), (160, 100, "Clara Weber"),
        (40, 200, "Hugo Martin"), (160, 200, "+49 30 1111111"),
        (40, 220, "Clara Weber"), (160, 220, "+49 30 2222222"),
        (40, 240, "Lena Fischer"), (160, 240, "+49 30 3333333"),
    ]  # fmt: skip
    groups = {
        "team": fields(account_manager="string"),
        "reach": fields(direct_line={"type": "string", "extraction_prompt": "Phone of {{team.account_manager}}"}),
    }
    result = asked(groups, contacts)
    assert result.data["team"]["account_manager"] == "Clara Weber"
    assert result.data["reach"]["direct_line"] == "+49 30 2222222"


def test_groups_come_back_in_the_order_of_the_schema():
    groups = {
        "late": fields(note={"type": "string", "extraction_prompt": "See {{early.total}}"}),
        "early": fields(total="number"),
    }
    assert list(asked(groups, INVOICE).data) == ["late", "early"]


def test_a_search_query_picks_the_pages():
    def site(name: str, day: str) -> list[Placed]:
        return [(40, 40, name), (40, 80, "Inspection date:"), (160, 80, day)]

    pages = [site("Harbour crane", "2024-01-05"), site("Boiler house", "2024-02-06"), site("Paint shop", "2024-03-07")]
    group = {"search_query": "paint shop", **fields(inspection_date="date")}
    assert asked({"check": group}, *pages).data["check"]["inspection_date"] == "2024-03-07"


def test_hidden_text_never_becomes_a_value():
    parsed = source(INVOICE).parsed
    hidden = HiddenText("Invoice number: EVIL-666 Tracking number: EVIL-666", "colour", 1)
    tampered = type(parsed)(parsed.media_type, parsed.text, parsed.pages, hidden=(hidden,))
    schema = parse_schema({"groups": {"g": fields(invoice_number="string", tracking_number="string")}})
    result = extract([SourceDocument("d1", "d1.pdf", tampered)], schema)
    assert b"EVIL" not in codec.extraction_to_json(result)
    assert result.data["g"]["invoice_number"] == "NW-2024-0815"


def test_every_value_has_a_source():
    lines = {"type": "array", "items": {"type": "object", "properties": {"description": "string", "amount": "number"}}}
    groups = {"g": fields(invoice_number="string", invoice_date="date", total="number", iban="string", lines=lines)}
    given = [v for v in asked(groups, INVOICE).values if v.value is not None]
    assert len(given) >= 8
    assert all(v.citations or v.formula for v in given)


def test_conflicting_documents_keep_every_rival_with_its_box():
    others = [[(x, y, t.replace("0815", number)) for x, y, t in INVOICE] for number in ("0900", "0901", "0902", "0903")]
    documents = [source(INVOICE), *(source(o, id_=f"d{k}") for k, o in enumerate(others, 2))]
    value = at(
        extract(documents, parse_schema({"groups": {"g": fields(invoice_number="string")}})), "g", "invoice_number"
    )
    seen = {value.value, *(r.value for r in value.rivals)}
    assert seen >= {"NW-2024-0815", *(f"NW-2024-090{k}" for k in range(4))}
    assert all(r.citations for r in value.rivals)


def test_a_text_with_the_format_of_a_date_is_a_date():
    group = fields(invoice_date={"type": "string", "format": "date"})
    assert asked({"g": group}, INVOICE).data["g"]["invoice_date"] == "2024-03-14"


def test_an_enum_is_one_of_its_members_or_null():
    group = fields(
        unit={"type": "string", "enum": ["pieces", "boxes"]},
        kind={"type": "string", "enum": ["Invoice", "Credit note"]},
    )
    data = asked({"g": group}, INVOICE).data["g"]
    assert data["kind"] in ("Invoice", None)
    assert data["unit"] in ("pieces", "boxes", None)


def test_a_sum_proves_net_and_tax_that_no_label_names():
    bill: list[Placed] = [
        (40, 40, "Harbour Shop Ltd"), (40, 60, "Bill 2024-77"), (40, 80, "12 March 2024"),
        (40, 120, "Lamp"), (300, 120, "60.00"), (40, 134, "Chair"), (300, 134, "40.00"),
        (40, 160, "A"), (300, 160, "100.00"), (40, 174, "B"), (300, 174, "20.00"),
        (40, 188, "Total incl. VAT"), (300, 188, "120.00"),
    ]  # fmt: skip
    group = fields(net_total="number", tax_total="number", total="number")
    result = asked({"g": group}, bill)
    assert result.data["g"] == {"net_total": 100, "tax_total": 20, "total": 120}
    assert "100" in at(result, "g", "net_total").reasoning


def test_parts_of_an_address_come_from_one_party():
    parties = [
        (40, 40, "Seller:"), (40, 54, "Nordwind GmbH"), (40, 68, "Hafenstraße 3"), (40, 82, "20457 Hamburg"),
        (340, 40, "Buyer:"), (340, 54, "Alpenhof AG"), (340, 68, "Seeweg 12"), (340, 82, "80331 München"),
        (40, 140, "Invoice number: 17-004"),
    ]  # fmt: skip
    party = fields(name="string", street="string", postcode="string", city="string")
    data = asked({"seller": party, "buyer": party}, parties).data
    assert data["seller"] == {
        "name": "Nordwind GmbH",
        "street": "Hafenstraße 3",
        "postcode": "20457",
        "city": "Hamburg",
    }
    assert data["buyer"] == {"name": "Alpenhof AG", "street": "Seeweg 12", "postcode": "80331", "city": "München"}


def test_the_parties_of_an_agreement_are_a_list():
    prose = [
        (40, 40, "NON-DISCLOSURE AGREEMENT"),
        (40, 70, "This Agreement is made as of March 5, 2019 by and between Harbour Optics Inc., a Delaware"),
        (40, 84, "corporation, and Lumen Partners LLC. The Receiving Party shall keep all Confidential Information"),
        (40, 98, "secret. This Agreement is governed by the laws of the State of Oregon."),
    ]
    group = fields(
        jurisdiction="string",
        party={"type": "array", "description": "Names of the contracting parties", "items": {"type": "string"}},
    )
    data = asked({"agreement": group}, prose).data["agreement"]
    assert data == {"jurisdiction": "Oregon", "party": ["Harbour Optics Inc", "Lumen Partners LLC"]}
