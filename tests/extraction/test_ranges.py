"""Two dates that are one period, and what a schema that asks for its ends is given."""

from __future__ import annotations

import pytest

from extraction.paper import Placed, document, source
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import extract
from fieldproof.extraction.scene import scene_of

HEAD: list[Placed] = [(40, 40, "BOOKING"), (40, 70, "Order number:"), (160, 70, "4711"), (40, 84, "Print date:"), (160, 84, "05/02/2024")]  # fmt: skip


@pytest.mark.parametrize(
    "placed",
    [
        [(160, 98, "14/02/2024 - 20/03/2024")],
        [(160, 98, "14/02/2024 to 20/03/2024")],
        [(160, 98, "14/02/2024"), (240, 98, "20/03/2024")],
    ],
)
def test_two_dates_in_a_row_are_a_period(placed):
    scene = scene_of(document([*HEAD, (40, 98, "Flight dates:"), *placed]))
    ends = [(scene.candidates[a].text, scene.candidates[b].text) for a, b in scene.ranges.items()]
    assert ends == [("14/02/2024", "20/03/2024")]


@pytest.mark.parametrize(
    "placed",
    [
        [(160, 98, "20/03/2024 - 14/02/2024")],  # the later one first
        [(160, 98, "14/02/2024"), (160, 112, "20/03/2024")],  # under each other
        [(160, 98, "14/02/2024"), (400, 98, "20/03/2024")],  # far apart
        [(160, 98, "14/02/2024 paid on 20/03/2024")],
    ],
)
def test_other_dates_are_none(placed):
    assert not scene_of(document([*HEAD, (40, 98, "Dates:"), *placed])).ranges


def test_first_and_last_day_come_from_one_period():
    lines: list[Placed] = [
        (40, 200, "Line"), (100, 200, "Start date"), (200, 200, "End date"),
        (40, 220, "1"), (100, 220, "16/02/2024"), (200, 220, "19/02/2024"),
        (40, 240, "2"), (100, 240, "01/03/2024"), (200, 240, "20/03/2024"),
    ]  # fmt: skip
    page = [*HEAD, (40.0, 98.0, "Flight dates:"), (160.0, 98.0, "14/02/2024 - 20/03/2024"), *lines]
    schema = {"groups": {"contract": {"fields": {"flight_from": {"type": "date"}, "flight_to": {"type": "date"}}}}}
    result = extract([source(page)], parse_schema(schema))
    assert result.data["contract"] == {"flight_from": "2024-02-14", "flight_to": "2024-03-20"}


def test_a_total_that_was_rounded_afterwards_is_what_is_paid():
    till: list[Placed] = [
        (40, 40, "Golden Foods Sdn Bhd"), (40, 80, "Total"), (160, 80, "33.92"), (40, 94, "Rounding"), (160, 94, "-0.02"),
        (40, 108, "Total rounded"), (160, 108, "33.90"), (40, 122, "Cash"), (160, 122, "50.00"),
    ]  # fmt: skip
    schema = {"groups": {"receipt": {"fields": {"total": {"type": "number"}}}}}
    assert extract([source(till)], parse_schema(schema)).data["receipt"]["total"] == 33.9
