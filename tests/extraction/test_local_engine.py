from __future__ import annotations

import json

from extraction.paper import INVOICE, Placed, source
from fieldproof.core import codec
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import Correction, Options, extract, learn
from fieldproof.extraction.child import extract_to_bytes, options_to_json

SCHEMA = {
    "groups": {
        "invoice": {
            "fields": {
                "invoice_number": {"type": "string"},
                "invoice_date": {"type": "date"},
                "due_date": {"type": "date"},
                "net_total": {"type": "number", "description": "Total before tax"},
                "tax_total": {"type": "number", "description": "Tax amount"},
                "total": {"type": "currency", "description": "Total amount including tax"},
                "iban": {"type": "string"},
                "tracking_number": {"type": "string"},
                "lines": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "description": {"type": "string"},
                            "quantity": {"type": "integer"},
                            "unit_price": {"type": "number"},
                            "amount": {"type": "number"},
                        },
                    },
                },
            }
        }
    }
}


def invoice(**options):
    return extract([source(INVOICE)], parse_schema(SCHEMA), Options(**options))


def value_at(result, *path):
    return next(v for v in result.values if v.path == path)


def test_scalars_are_typed():
    data = invoice().data["invoice"]
    assert data["invoice_number"] == "NW-2024-0815"
    assert data["invoice_date"] == "2024-03-14"
    assert data["due_date"] == "2024-04-13"
    assert (data["net_total"], data["tax_total"], data["total"]) == (166, 33.2, 199.2)


def test_a_value_cites_its_words_and_says_why():
    value = value_at(invoice(), "invoice", "invoice_number")
    citation = value.citations[0]
    assert citation.text == "NW-2024-0815"
    assert citation.page == 1
    assert source(INVOICE).parsed.text[citation.start : citation.end] == "NW-2024-0815"
    assert "Invoice number" in value.reasoning


def test_what_nothing_supports_is_null():
    result = invoice()
    assert result.data["invoice"]["tracking_number"] is None
    assert value_at(result, "invoice", "tracking_number").citations == ()


def test_line_items_with_a_box_per_cell():
    result = invoice()
    assert result.data["invoice"]["lines"] == [
        {"description": "Oak board", "quantity": 10, "unit_price": 12.5, "amount": 125},
        {"description": "Pine board", "quantity": 4, "unit_price": 8, "amount": 32},
        {"description": "Screws, box", "quantity": 2, "unit_price": 4.5, "amount": 9},
    ]
    assert value_at(result, "invoice", "lines", 1, "amount").citations[0].text == "32.00"


def test_the_ledger_accounts_for_rows_and_reconciles():
    ledger = invoice().ledgers[0]
    assert [r.item for r in ledger.rows if r.outcome == "used"] == [0, 1, 2]
    assert ledger.is_complete
    assert any("166.00" in check for check in ledger.checks)


def test_a_missing_row_is_reported():
    without = [p for p in INVOICE if p[1] != 252]
    result = extract([source(without)], parse_schema(SCHEMA))
    assert not result.ledgers[0].is_complete
    assert result.warnings


def test_same_input_same_bytes():
    first, second = (codec.extraction_to_json(invoice()) for _ in range(2))
    assert first == second


def test_an_empty_document_gives_nulls_for_every_field():
    result = extract([source([])], parse_schema(SCHEMA))
    assert set(result.data["invoice"]) == set(SCHEMA["groups"]["invoice"]["fields"])
    assert result.data["invoice"]["lines"] == []
    assert result.data["invoice"]["total"] is None


def test_a_group_iterates_over_the_items_of_another():
    schema = {
        "groups": {
            "invoice": {"fields": {"lines": SCHEMA["groups"]["invoice"]["fields"]["lines"]}},
            "detail": {"config": {"iterates_on": "invoice.lines"}, "fields": {"amount": {"type": "number"}}},
        }
    }
    result = extract([source(INVOICE)], parse_schema(schema))
    assert [entry["item"]["description"] for entry in result.data["detail"]] == [
        "Oak board",
        "Pine board",
        "Screws, box",
    ]
    assert all(set(entry) == {"item", "amount"} for entry in result.data["detail"])


def test_of_two_documents_the_losing_value_stays_as_a_rival():
    other = [(x, y, t.replace("NW-2024-0815", "NW-2024-0999")) for x, y, t in INVOICE]
    documents = [source(INVOICE), source(other, id_="d2")]
    result = extract(documents, parse_schema(SCHEMA))
    value = value_at(result, "invoice", "invoice_number")
    seen = {value.value, *(r.value for r in value.rivals)}
    assert {"NW-2024-0815", "NW-2024-0999"} <= seen
    assert {c.document_id for r in value.rivals for c in r.citations} | {value.citations[0].document_id} == {"d1", "d2"}


def test_a_correction_teaches_the_next_document_of_the_layout():
    schema = parse_schema({"groups": {"g": {"fields": {"mandate_token": {"type": "string"}}}}})
    first = [*INVOICE, (420, 440, "ZX81-77")]
    second = [*((x, y, t.replace("0815", "0816")) for x, y, t in INVOICE), (420, 440, "QK55-12")]
    example = learn(source(first).parsed, schema, [Correction(("g", "mandate_token"), "ZX81-77")])
    result = extract([source(second)], schema, Options(examples=(example,)))
    assert result.data["g"]["mandate_token"] == "QK55-12"


def test_the_child_speaks_bytes():
    document = source(INVOICE)
    answer = extract_to_bytes([("d1", "d1.pdf", codec.dump(document.parsed))], SCHEMA, options_to_json(Options()))
    assert codec.extraction_from_json(answer).data["invoice"]["invoice_number"] == "NW-2024-0815"
    assert json.loads(answer)["engine"].startswith("local/")


def test_what_stands_in_a_row_of_a_list_is_no_field_beside_it():
    """A statement that prints no sum of its debits: the largest of them is not that."""
    page: list[Placed] = [
        (40, 40, "Account statement"), (40, 60, "Opening balance:"), (200, 60, "6,044.94"),
        (40, 100, "Date"), (120, 100, "Description"), (350, 100, "Debit"), (450, 100, "Credit"),
        (40, 116, "01/03/2024"), (120, 116, "Transfer to Hill"), (350, 116, "592.23"),
        (40, 132, "04/03/2024"), (120, 132, "Standing order Bell"), (450, 132, "1,470.89"),
        (40, 148, "22/03/2024"), (120, 148, "Card payment"), (350, 148, "1,348.02"),
    ]  # fmt: skip
    rows = {"type": "array", "items": {"type": "object", "properties": {
        "date": {"type": "date"}, "description": {"type": "string"}, "debit": {"type": "number"}, "credit": {"type": "number"}}}}  # fmt: skip
    fields = {"opening_balance": {"type": "number"}, "total_debits": {"type": "number"}}
    schema = parse_schema({"groups": {"balances": {"fields": fields}, "transactions": {"fields": {"rows": rows}}}})
    data = extract([source(page)], schema).data
    assert data["balances"] == {"opening_balance": 6044.94, "total_debits": None}
    assert [row["debit"] for row in data["transactions"]["rows"]] == [592.23, None, 1348.02]
