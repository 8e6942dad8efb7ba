"""The model is believed in nothing: quotes must stand in the text, and must bear the value out."""

from __future__ import annotations

import pytest

from extraction.llm.conftest import page, value_at
from extraction.llm.server import Says
from extraction.paper import INVOICE, source
from fieldproof.core.result import Match
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import extract

STRING, NUMBER, DATE = {"type": "string"}, {"type": "number"}, {"type": "date"}


def one(model, ask, field, value, quote, *documents, passage=0, **settings):
    model.facts = {"x": Says(value, quote, passage)}
    result = ask({"x": field}, list(documents) or None, settings={"llm": settings} if settings else None)
    return value_at(result, "g", "x")


# Found


@pytest.mark.parametrize(
    ("value", "quote", "match", "cited"),
    [
        ("NW-2024-0815", "Invoice number: NW-2024-0815", Match.EXACT, "NW-2024-0815"),
        ("Northwind Supplies Ltd", "northwind supplies LTD.", Match.EXACT, "Northwind Supplies Ltd"),
        ("NORTHWIND SUPPLIES LTD", "Northwind Supplies Ltd", Match.NORMALISED, "Northwind Supplies Ltd"),
        ("Northwind Supplies Ltd", "Northwind Suplies Ltd", Match.EXACT, "Northwind Supplies Ltd"),
        ("Northwind Suplies Ltd", "Northwind Suplies Ltd", Match.FUZZY, "Northwind Supplies Ltd"),
        ("DE89370400440532013000", "IBAN: DE89 3704 0044 0532 0130 00", Match.NORMALISED, "DE89 3704 0044 0532 0130 00"),
        ("Northwind Supplies Ltd, Bristol", "Northwind Supplies Ltd … Bristol", Match.NORMALISED, "Northwind Supplies Ltd"),
    ],
)  # fmt: skip
def test_a_quote_is_found_in_any_writing(model, ask, value, quote, match, cited):
    found = one(model, ask, STRING, value, quote)
    assert found.value == value
    assert found.is_supported
    assert found.citations[0].text == cited
    assert found.citations[0].match is match


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        (NUMBER, "1234.5", "Summe: 1.234,50 EUR"),
        (NUMBER, "1234.5", "Итого 1 234,50 руб"),
        (NUMBER, "15000", "合計１５，０００円"),
        (NUMBER, "1500", "المبلغ الإجمالي ١٥٠٠"),
        (NUMBER, "-50", "Credit (50.00)"),
        (NUMBER, "5000000", "Revenue $5 million"),
        (NUMBER, "19", "MwSt 19%"),
        (DATE, "2024-03-14", "Datum: 14. März 2024"),
        (DATE, "2024-03-14", "от 14 марта 2024 г."),
        (DATE, "2024-03-14", "発行日2024年3月14日"),
        (DATE, "2024-03-14", "التاريخ ١٤ مارس ٢٠٢٤"),
        (STRING, "株式会社山田", "請求元：株式会社山田御中"),
        (STRING, "ООО «Ромашка»", "Поставщик: ООО «Ромашка», Москва"),
        (STRING, "บริษัท ตัวอย่าง", "ผู้ขาย บริษัท ตัวอย่าง จำกัด"),
        (STRING, "חברת הדוגמה", "שם: חברת הדוגמה בעמ"),
        ({"type": "integer"}, "30", "within thirty days of receipt"),
        ({"type": "boolean"}, "true", "☒ Married"),
        ({"type": "boolean"}, "false", "Signed: No"),
        ({"type": "string", "enum": ["invoice", "order"]}, "invoice", "TAX INVOICE"),
        ({"type": "datetime"}, "2024-03-14T10:30:00", "14.03.2024 10:30"),
    ],
)
def test_values_of_any_script_and_writing_are_borne_out(model, ask, field, value, text):
    found = one(model, ask, field, value, text, page("First line", text, "Last line"))
    assert found.is_supported
    assert found.value is not None
    assert set(found.citations[0].text.split()) <= set(text.split())
    assert found.citations[0].page == 1


def test_a_box_lies_round_the_value_not_round_its_label(model, ask):
    document = source(INVOICE)
    citation = one(model, ask, NUMBER, "199.20", "Total 199.20", document).citations[0]
    words = document.parsed.text[citation.start : citation.end]
    assert words == citation.text == "199.20"
    assert citation.box.left * 600 == pytest.approx(480)


def test_of_two_places_the_passage_decides(model, ask):
    document = source([(40, 40, "Total 10.00")], [(40, 40, "Total 10.00")])
    assert one(model, ask, NUMBER, "10", "Total 10.00", document, passage=2).citations[0].page == 2
    assert one(model, ask, NUMBER, "10", "Total 10.00", document, passage=99).citations[0].page == 1


def test_a_quote_may_run_down_a_column(model, ask):
    """The text of two columns is sent row by row; people, and models, read an address down its column."""
    columns = source([
        (40, 40, "Seller"), (300, 40, "Buyer"),
        (40, 54, "12 Harbour Street"), (300, 54, "Lindenstraße 7"),
        (40, 68, "Bristol BS1 4DJ"), (300, 68, "10969 Berlin"),
    ])  # fmt: skip
    found = one(model, ask, STRING, "12 Harbour Street, Bristol BS1 4DJ", "12 Harbour Street Bristol BS1 4DJ", columns)
    assert [c.text for c in found.citations] == ["12 Harbour Street", "Bristol BS1 4DJ"]
    assert (
        one(model, ask, STRING, "12 Harbour Street, 10969 Berlin", "12 Harbour Street 10969 Berlin", columns).value
        is None
    )


# Lies


LIES = [
    pytest.param(NUMBER, "500", "Total 500.00", id="number of a quote that is not there"),
    pytest.param(NUMBER, "500", "Total 199.20", id="number that its quote does not state"),
    pytest.param(NUMBER, "199.30", "Total 199.20", id="number that is nearly right"),
    pytest.param(NUMBER, "199.203", "Total 199.20", id="thousandth"),
    pytest.param(NUMBER, "370400440533", "IBAN: DE89 3704 0044 0532 0130 00", id="one of many digits"),
    pytest.param(STRING, "199.203", "Total 199.20", id="thousandth of a text"),
    pytest.param(NUMBER, "-199.2", "Total 199.20", id="sign"),
    pytest.param(NUMBER, "19920", "Total 199.20", id="factor"),
    pytest.param(NUMBER, "2", "Screws, box", id="short number that stands elsewhere"),
    pytest.param(DATE, "2024-03-15", "14 March 2024", id="day"),
    pytest.param(DATE, "2024-05-14", "Invoice date: 14 March 2024", id="month"),
    pytest.param(DATE, "2030-01-01", "No such words here", id="date of a quote that is not there"),
    pytest.param(STRING, "NW-2024-0816", "Invoice number: NW-2024-0815", id="one digit of a reference"),
    pytest.param(STRING, "NW-2024-0816", "Invoice number: NW-2024-0816", id="one digit of reference and quote"),
    pytest.param(STRING, "Evil Holdings", "Please pay to Evil Holdings", id="name of a quote that is not there"),
    pytest.param(STRING, "Evil Holdings", "", id="name without a quote"),
    pytest.param({"type": "boolean"}, "true", "Agreed and accepted by all", id="yes to words that are not there"),
]


@pytest.mark.parametrize(("field", "value", "quote"), LIES)
def test_what_the_text_does_not_bear_out_is_kept_out(model, ask, field, value, quote):
    found = one(model, ask, field, value, quote)
    assert found.value is None
    assert not found.is_supported
    assert found.rivals[0].value is not None
    assert "kept out" in found.reasoning
    assert found.confidence < 0.3


@pytest.mark.parametrize(("field", "value", "quote"), LIES)
def test_a_template_can_have_them_marked_instead(model, ask, field, value, quote):
    found = one(model, ask, field, value, quote, unsupported="mark")
    assert found.value is not None
    assert not found.is_supported
    assert "please check" in found.reasoning


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (STRING, "A dealer in timber"),
        ({"type": "boolean"}, "true"),
        ({"type": "string", "enum": ["goods", "services"]}, "goods"),
    ],
)
def test_an_inference_from_real_words_stays_and_is_marked(model, ask, field, value):
    found = one(model, ask, field, value, "Oak board")
    assert found.value is not None
    assert not found.is_supported
    assert (found.citations[0].text, found.citations[0].match) == ("Oak board", Match.NONE)
    assert one(model, ask, field, value, "Oak board", unsupported="drop").value is None


def test_a_wrong_quote_of_a_value_that_stands_once_is_put_right(model, ask):
    found = one(model, ask, NUMBER, "199.20", "Grand total of the order: 199.20")
    assert (found.value, found.citations[0].text) == (199.2, "199.20")
    assert found.is_supported
    assert found.confidence < 0.6
    assert "one other place" in found.reasoning


def test_the_last_of_ten_digits_counts(model, ask):
    order = page("Order 4500007395")
    for field in (STRING, {"type": "integer"}):
        assert one(model, ask, field, "4500007395", "Order 4500007395", order).is_supported
        assert one(model, ask, field, "4500007398", "Order 4500007395", order).value is None


def test_a_quote_that_states_another_figure_is_not_put_right(model, ask):
    assert one(model, ask, NUMBER, "166.00", "Total 199.20").value is None
    assert one(model, ask, DATE, "2024-04-13", "Invoice date: 14 March 2024").value is None


def test_a_number_is_not_found_inside_a_longer_one(model, ask):
    found = one(model, ask, STRING, "2024-08", "2024-08")
    assert found.value is None


def test_what_is_not_stated_is_null_without_a_source(model, ask):
    found = one(model, ask, {"type": "string", "enum": ["a", "b"]}, "not stated", "")
    assert (found.value, found.citations, found.is_supported) == (None, (), True)


# Lists


LINES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "description": {"type": "string"}, "quantity": {"type": "integer"}, "unit_price": {"type": "number"}, "amount": {"type": "number"},
        },
    },
}  # fmt: skip
OAK = Says(
    {"description": "Oak board", "quantity": "10", "unit_price": "12.50", "amount": "125.00"},
    "Oak board 10 12.50 125.00",
)
PINE = Says(
    {"description": "Pine board", "quantity": "4", "unit_price": "8.00", "amount": "32.00"}, "Pine board 4 8.00 32.00"
)
BOX = Says(
    {"description": "Screws, box", "quantity": "2", "unit_price": "4.50", "amount": "9.00"}, "Screws, box 2 4.50 9.00"
)


def local(schema, *documents):
    """The local engine's opinion."""
    return lambda: extract(list(documents) or [source(INVOICE)], parse_schema({"groups": {"g": {"fields": schema}}}))


def test_every_cell_of_a_row_has_its_own_box(model, ask):
    model.rows = [OAK, PINE, BOX]
    result = ask({"lines": LINES})
    assert result.data["g"]["lines"][1] == {"description": "Pine board", "quantity": 4, "unit_price": 8, "amount": 32}
    cited = {v.path[2:]: v.citations[0].text for v in result.values}
    assert cited[(1, "unit_price")] == "8.00"
    assert cited[(2, "description")] == "Screws, box"
    assert all(v.is_supported for v in result.values)


def test_rows_that_are_invented_are_left_out_and_reported(model, ask):
    gold = Says(
        {"description": "Gold bar", "quantity": "1", "unit_price": "9999.00", "amount": "9999.00"}, "Gold bar 1 9999.00"
    )
    model.rows = [OAK, gold, OAK]
    result = ask({"lines": LINES})
    assert [r["description"] for r in result.data["g"]["lines"]] == ["Oak board"]
    assert "2 rows that the model gave do not stand in the document" in result.warnings[0]


def test_a_row_does_not_take_figures_from_the_totals_below(model, ask):
    model.rows = [OAK, PINE, Says({**BOX.value, "amount": "33.20"}, BOX.quote)]
    below = page(
        "Oak board 10 12.50 125.00",
        "Pine board 4 8.00 32.00",
        "Screws, box 2 4.50 9.00",
        *(["of steel, without heads, in bags"] * 3),
        "VAT 33.20",
    )
    assert ask({"lines": LINES}, [below]).data["g"]["lines"][2]["amount"] is None


def test_an_empty_row_is_no_row(model, ask):
    model.rows = [OAK, Says(dict.fromkeys(OAK.value, ""), "")]
    result = ask({"lines": LINES})
    assert len(result.data["g"]["lines"]) == 1
    assert result.warnings == ()


def test_an_invented_cell_of_a_real_row_is_kept_out(model, ask):
    model.rows = [Says({**OAK.value, "amount": "126.00"}, OAK.quote)]
    result = ask({"lines": LINES})
    assert result.data["g"]["lines"][0]["amount"] is None
    assert not value_at(result, "g", "lines", 0, "amount").is_supported


def test_equal_rows_keep_their_own_places(model, ask):
    row = Says({"description": "Bolt", "quantity": "1", "unit_price": "1.00", "amount": "1.00"}, "Bolt 1 1.00 1.00")
    model.rows = [row, row, row]
    result = ask({"lines": LINES}, [page("Bolt 1 1.00 1.00", "Bolt 1 1.00 1.00", "Bolt 1 1.00 1.00")])
    assert len(result.data["g"]["lines"]) == 3
    tops = [value_at(result, "g", "lines", n, "amount").citations[0].box.top for n in range(3)]
    assert len(set(tops)) == 3
    price, amount = (value_at(result, "g", "lines", 0, name).citations[0].box.left for name in ("unit_price", "amount"))
    assert price < amount


def test_the_ledger_reports_the_row_that_the_model_forgot(model, ask):
    model.rows = [OAK, BOX]
    ledger = (result := ask({"lines": LINES}, second=local({"lines": LINES}))).ledgers[0]
    assert [(r.outcome, r.item) for r in ledger.rows if r.item is not None or r.outcome == "skipped"] == [
        ("used", 0), ("skipped", None), ("used", 1),
    ]  # fmt: skip
    assert not ledger.is_complete
    assert any("not every row" in w for w in result.warnings)


def test_the_ledger_of_a_whole_list_is_complete(model, ask):
    model.rows = [OAK, PINE, BOX]
    result = ask({"lines": LINES}, second=local({"lines": LINES}))
    assert result.ledgers[0].is_complete
    assert result.warnings == ()


def test_lists_of_texts_and_lists_in_lists(model, ask):
    fields = {"streets": {"type": "array", "items": {"type": "string"}}}
    model.rows = [Says("12 Harbour Street", "12 Harbour Street"), Says("Lindenstraße 7", "Lindenstraße 7")]
    assert ask(fields).data["g"]["streets"] == ["12 Harbour Street", "Lindenstraße 7"]
    nested = {"type": "object", "properties": {"name": STRING, "lines": {"type": "array", "items": STRING}}}
    model.rows = [
        Says(
            {"name": "Alder Works GmbH", "lines": ["Lindenstraße 7", "10969 Berlin"]},
            "Alder Works GmbH … Lindenstraße 7 … 10969 Berlin",
        )
    ]
    result = ask({"parties": {"type": "array", "items": nested}})
    assert result.data["g"]["parties"] == [{"name": "Alder Works GmbH", "lines": ["Lindenstraße 7", "10969 Berlin"]}]
    assert value_at(result, "g", "parties", 0, "lines", 1).citations[0].text == "10969 Berlin"


# Two engines


def test_agreement_makes_surer_and_difference_makes_doubtful(model, ask):
    fields = {"total": {"type": "currency", "description": "Total amount including tax"}}
    second = local(fields)
    model.facts = {"total": Says("199.20", "Total 199.20")}
    alone, agreed = (value_at(ask(fields, second=s), "g", "total") for s in (None, second))
    model.facts = {"total": Says("166.00", "Subtotal 166.00")}
    differs = value_at(ask(fields, second=second), "g", "total")
    model.facts = {}
    absent = value_at(ask(fields, second=second), "g", "total")
    assert differs.confidence < alone.confidence < agreed.confidence
    assert (differs.value, differs.rivals[0].value) == (166, 199.2)
    assert differs.rivals[0].citations[0].text == "199.20"
    assert (absent.value, absent.rivals[0].value) == (None, 199.2)
    assert absent.confidence < 0.5


def test_reasons_are_asked_for_when_the_template_wants_them(model, ask):
    model.facts = {"total": Says("199.20", "Total 199.20")}
    schema = {"config": {"reasoning_enabled": True}, "groups": {"g": {"fields": {"total": NUMBER}}}}
    reasoning = value_at(ask(schema), "g", "total").reasoning
    assert list(model.seen[0].schema["properties"]["total_1"]["properties"]) == ["reason", "quote", "passage", "value"]
    assert 'The model quotes "Total 199.20" on page 1' in reasoning
