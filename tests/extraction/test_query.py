"""What a field asks for, by its name and its prompt."""

from __future__ import annotations

import pytest

from fieldproof.core.schema import Field, FieldType
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.query import query_of


def weight(prompt: str, concept: str) -> float:
    field = Field("x", FieldType.STRING, description=prompt)
    return float(query_of(("g", "x"), field).concepts[LEXICON.index[concept]])


@pytest.mark.parametrize(
    "prompt",
    [
        "What it goes by (invoice number, receipt number)",
        "What it goes by: invoice number or receipt number",
        "Womit es bezeichnet ist: Belegnummer oder Rechnungsnummer",
    ],
)
def test_a_prompt_that_lists_names_asks_for_each_of_them(prompt: str) -> None:
    assert weight(prompt, "invoice_number") == pytest.approx(0.8)
    assert weight(prompt, "order_number") < 0.3


def test_what_is_more_than_a_name_is_none() -> None:
    assert weight("Name of the company that sells, or whose invoice number it carries", "invoice_number") < 0.3


@pytest.mark.parametrize(
    ("label", "concept"),
    [
        ("Arégler avant:", "due_date"), ("InvoiceDate", "invoice_date"), ("PO#", "po_number"), ("N° BC #", "po_number"),
        ("Order Flight", "period"), ("Alt Order #", "reference"), ("SUBTOTAL", "net_total"),
    ],
)  # fmt: skip
def test_a_label_is_known_without_its_blanks(label: str, concept: str) -> None:
    best = max(LEXICON.matches(label), key=lambda match: match[1])
    assert LEXICON.concepts[best[0]].name == concept and best[1] >= 0.75


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("length", "text"), ("overall_cigarette_length", "text"), ("agreement_length", "duration"), ("copies_to", "text"),
        ("salary_received_for_lobbying", "text"), ("flight_to", "date"), ("date_shipped", "date"), ("valid_until", "date"),
        ("project_leader", "text"), ("deadline_for_bid_receipt", "text"), ("project_number", "id"), ("charge_code", "id"),
        ("customer_ref", "id"), ("kundennummer", "id"),
    ],
)  # fmt: skip
def test_what_a_text_is_called_says_what_it_looks_like(name: str, shape: str) -> None:
    assert query_of(("form", name), Field(name, FieldType.STRING), "form").shape == shape
