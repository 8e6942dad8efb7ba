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
