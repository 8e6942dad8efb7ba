"""Which of several sums is asked for: gross or net, a column's total or a row of it, the total of all or of one rate."""

from __future__ import annotations

import pytest

from extraction.paper import Placed, document, source
from extraction.test_weighing import asked
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import extract
from fieldproof.extraction.scene import scene_of


def column(*amounts: str, label: str = "Totals", total: str = "$15,000.00") -> list[Placed]:
    rows = [(400.0, 60.0 + 14 * n, amount) for n, amount in enumerate(amounts)]
    foot = 60.0 + 14 * len(amounts)
    return [(40, 40, "Month"), (400, 40, "Amount"), *rows, (40, foot, label), (400, foot, total)]


def texts(page: list[Placed]) -> tuple[set[str], set[str]]:
    scene = scene_of(document(page))
    found = scene.column_totals
    return tuple({scene.candidates[n].text for n in own} for own in (found.parts, found.totals))  # pyright: ignore[reportReturnType]


def test_the_rows_of_a_column_make_up_its_total():
    assert texts(column("$11,500.00", "$3,500.00")) == ({"$11,500.00", "$3,500.00"}, {"$15,000.00"})
    assert asked(column("$11,500.00", "$3,500.00"), "total_amount", "number") == 15000.0


def test_what_stands_over_the_rows_is_none_of_them():
    page = [(400.0, 20.0, "$99.00"), *column("$11,500.00", "$3,500.00")]
    assert texts(page)[0] == {"$11,500.00", "$3,500.00"}


@pytest.mark.parametrize(
    "page",
    [
        column("$11,500.00", "$3,400.00"),  # does not add up
        column("$15,000.00"),  # one row alone
        column("$16,000.00", "($1,000.00)"),  # less a discount: the first one is gross, the last one net
        column("$11,500.00", "$3,500.00", label="Net total"),
        [(40.0, 40.0, "Totals"), (400.0, 40.0, "$15,000.00")],
    ],
)
def test_no_rows_no_total_of_a_column(page: list[Placed]):
    assert texts(page) == (set(), set())


def test_the_reasoning_says_that_the_rows_add_up():
    schema = parse_schema({"groups": {"order": {"fields": {"total_amount": {"type": "number"}}}}})
    (value,) = extract([source(column("$11,500.00", "$3,500.00"))], schema).values
    assert value.value == 15000.0
    assert "The amounts above it in its column add up to it." in value.reasoning


def test_the_gross_sum_is_not_what_is_called_net():
    net: list[Placed] = [(40, 40, "Net total"), (400, 40, "$46.75")]
    gross: list[Placed] = [(40, 80, "Gross total"), (400, 80, "$55.00")]
    assert asked([*net, *gross], "gross_amount", "number") == 55.0
    assert asked([*[(x, y - 80, t) for x, y, t in gross], *net], "net_amount", "number") == 46.75


def test_the_only_total_is_gross_and_net():
    page: list[Placed] = [(40, 40, "Net total"), (400, 40, "$265.00"), (40, 60, "Spot"), (400, 60, "$25.00")]
    assert asked(page, "gross_amount", "number") == 265.0


def test_net_to_be_paid_may_be_gross():
    page: list[Placed] = [(40, 40, "Net à payer"), (400, 40, "120,00 €"), (40, 60, "Caution"), (400, 60, "150,00 €")]
    assert asked(page, "gross_total", "number") == 120.0


def test_the_total_of_one_rate_is_not_the_total_of_all():
    page: list[Placed] = [
        (40, 40, "Total 0% supplies:"),
        (400, 40, "39.01"),
        (40, 60, "Total payable:"),
        (400, 60, "20.21"),
    ]
    assert asked(page, "total", "number") == 20.21
    assert asked(page[:2], "total", "number") == 39.01


def test_a_total_that_includes_its_tax_is_of_all():
    page: list[Placed] = [
        (40, 40, "Total incl. 20% VAT:"),
        (400, 40, "120.00"),
        (40, 60, "Total:"),
        (400, 60, "100.00"),
    ]
    assert not scene_of(document(page)).of_one_rate


def test_a_long_number_without_a_mark_of_money_is_no_sum_beside_sums():
    page: list[Placed] = [(40, 40, "Order"), (400, 40, "1639523"), (40, 60, "Gross"), (400, 60, "$6,530.00")]
    assert asked(page, "amount", "number") == 6530.0
    assert asked(page[:2], "amount", "number") == 1639523.0
