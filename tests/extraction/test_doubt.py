"""Which of two numbers is the day, where a document's dates tell only together."""

from __future__ import annotations

from typing import Any

import pytest

from extraction.paper import Placed, source
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import Correction, Options, extract, learn

SCHEMA = parse_schema(
    {
        "groups": {
            "invoice": {
                "fields": {
                    "invoice_number": {"type": "string"},
                    "invoice_date": {"type": "string", "format": "date"},
                    "due_date": {"type": "string", "format": "date"},
                }
            }
        }
    }
)


def page(issued: str, due: str, number: str = "7731", *more: Placed) -> list[Placed]:
    return [
        (40, 40, "Northern Timber Ltd"), (40, 60, "14 Harbour Road"), (40, 80, "Leith EH6 6QN"), (300, 40, "INVOICE"),
        (40, 120, "Invoice number:"), (160, 120, number), (40, 140, "Invoice date:"), (160, 140, issued),
        (40, 160, "Due date:"), (160, 160, due), *more,
    ]  # fmt: skip


def days(placed: list[Placed], *examples: Any) -> tuple[str, str]:
    given = extract([source(placed)], SCHEMA, Options(examples=examples)).data["invoice"]
    return given["invoice_date"], given["due_date"]


@pytest.mark.parametrize(
    ("issued", "due", "number", "meant"),
    [
        ("03/04/2024", "03/05/2024", "7731", ("2024-04-03", "2024-05-03")),  # a month either way: as the page looks
        ("10/12/2017", "11/11/2017", "7731", ("2017-10-12", "2017-11-11")),  # not due before it is issued
        ("01/01/2024", "01/08/2024", "7731", ("2024-01-01", "2024-01-08")),  # nor seven months later
        ("06/09/2019", "06/10/2019", "INV/06/2019/0044", ("2019-06-09", "2019-06-10")),  # as the number has it
        ("06/09/2019", "06/10/2019", "2019-09-0044", ("2019-09-06", "2019-10-06")),
        ("2015-13-05", "2015-12-06", "7731", ("2015-05-13", "2015-06-12")),  # one date that can be read in one way
        ("2016-11-06", "2016-12-06", "7731", ("2016-11-06", "2016-12-06")),
        ("2016-06-11", "2017-05-01", "7731", ("2016-11-06", "2017-01-05")),
    ],
)
def test_the_order_of_day_and_month_is_the_one_that_makes_sense(issued: str, due: str, number: str, meant: Any):
    assert days(page(issued, due, number)) == meant


def test_a_date_that_leaves_no_doubt_is_believed_before_what_is_usual():
    assert days(page("01/01/2024", "01/08/2024", "7731", (40, 200, "Delivered on 24/12/2023"))) == (
        "2024-01-01",
        "2024-08-01",
    )


def test_what_reviewed_look_alikes_tell_is_believed_before_what_is_usual():
    paths = ("invoice", "invoice_date"), ("invoice", "due_date")
    reviewed = [Correction(p, day) for p, day in zip(paths, ("2024-01-03", "2024-06-03"), strict=True)]
    example = learn(source(page("03/01/2024", "03/06/2024")).parsed, SCHEMA, reviewed)
    assert days(page("01/01/2024", "01/08/2024")) == ("2024-01-01", "2024-01-08")
    assert days(page("01/01/2024", "01/08/2024"), example) == ("2024-01-01", "2024-08-01")


def test_a_corrected_year_first_date_teaches_that_the_day_comes_before_the_month():
    example = learn(
        source(page("2021-03-04", "2021-03-05")).parsed, SCHEMA, [Correction(("invoice", "due_date"), "2021-05-03")]
    )
    assert days(page("2021-06-07", "2021-06-08")) == ("2021-06-07", "2021-06-08")
    assert days(page("2021-06-07", "2021-06-08"), example) == ("2021-07-06", "2021-08-06")


def test_an_american_date_is_cited_as_exactly_what_it_says():
    given = extract([source(page("10/12/2017", "11/11/2017"))], SCHEMA, Options())
    assert {c.match.value for v in given.values for c in v.citations} <= {"exact", "normalised"}
