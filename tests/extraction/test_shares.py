"""Tables of shares: which sum is the document's own, and which are everybody's."""

from __future__ import annotations

from extraction.paper import Placed, document, source
from extraction.test_weighing import asked
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import extract
from fieldproof.extraction.scene import scene_of

ORDER: list[Placed] = [
    (40, 40, "Broadcast order"), (300, 40, "Spots"), (400, 40, "Gross amount"), (40, 60, "October"), (300, 60, "81"), (400, 60, "$15,070.00"),
]  # fmt: skip


def shares(own: str, share: str = "22%") -> list[Placed]:
    return [
        (40, 100, "Order share"), (300, 100, "Share"), (400, 100, "Total"),
        (40, 114, "KSTP-TV"), (300, 114, share), (400, 114, own),
        (40, 128, "WCCO"), (300, 128, "78%"), (400, 128, "$53,430.00"),
        (40, 142, "Market"), (300, 142, "100%"), (400, 142, "$68,500.00"),
    ]  # fmt: skip


def of(page: list[Placed]) -> tuple[set[int], set[int]]:
    found = scene_of(document(page)).shares
    return set(found.own), set(found.others)


def test_the_share_that_is_printed_elsewhere_is_the_documents_own():
    assert of([*ORDER, *shares("$15,070.00")]) == ({1507000}, {5343000, 6850000})


def test_the_total_is_the_own_share_and_not_the_whole():
    assert asked([*shares("$15,070.00"), *[(x, y + 200, t) for x, y, t in ORDER]], "gross_amount", "number") == 15070.0


def test_the_reasoning_says_that_it_is_a_share():
    page = [*ORDER, *shares("$15,070.00")]
    schema = parse_schema({"groups": {"order": {"fields": {"gross_amount": {"type": "number"}}}}})
    (value,) = extract([source(page)], schema).values
    assert value.value == 15070.0
    assert "It is this document's share of the whole that stands there too." in value.reasoning


def test_where_no_share_is_due_by_itself_the_whole_may_be():
    """A bill that is split between two payers."""
    assert of(shares("$15,070.00")) == (set(), set())
    assert of([*ORDER, *shares("$15,070.00"), (40, 200, "To be paid"), (400, 200, "$68,500.00")]) == (set(), set())


def test_a_share_is_the_printed_part_of_the_whole_to_half_a_point():
    assert of([*ORDER, *shares("$15,070.00", "21.6%")]) == ({1507000}, {5343000, 6850000})
    assert of([*ORDER, *shares("$15,070.00", "25%")]) == (set(), set())


def test_a_rate_of_tax_is_no_share():
    page: list[Placed] = [
        (40, 40, "Net"), (400, 40, "100.00"), (40, 60, "VAT"), (300, 60, "19%"), (400, 60, "19.00"), (40, 80, "Total"), (400, 80, "119.00"),
    ]  # fmt: skip
    assert of(page) == (set(), set())
