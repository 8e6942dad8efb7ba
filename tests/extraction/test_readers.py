from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.paper import document
from fieldproof.extraction.amounts import find_amounts
from fieldproof.extraction.dates import Order, find_dates, order_of, parse_date
from fieldproof.extraction.identifiers import find_identifiers, is_iban, is_luhn, is_vat
from fieldproof.extraction.prose import is_its_end, says_how_long
from fieldproof.extraction.scene import scene_of
from fieldproof.extraction.values import duration_of, member_of, truth_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-14", date(2024, 3, 14)),
        ("14.03.2024", date(2024, 3, 14)),
        ("14/3/24", date(2024, 3, 14)),
        ("14. März 2024", date(2024, 3, 14)),
        ("14 de março de 2024", date(2024, 3, 14)),
        ("le 1er août 2023", date(2023, 8, 1)),
        ("aoû 17, 2021", date(2021, 8, 17)),
        ("March 14th, 2024", date(2024, 3, 14)),
        ("the 11th day of August, 2008", date(2008, 8, 11)),
        ("14-Mar-2024", date(2024, 3, 14)),
        ("20240314", date(2024, 3, 14)),
        ("31/02/2024", None),
        ("1,234.56", None),
        ("call 555-12-3456", None),
    ],
)
def test_dates(text, expected):
    assert parse_date(text) == expected


def test_marks_that_differ_with_blanks_between_part_no_date():
    assert not list(find_dates("IC12 - 12/72")) and not list(find_dates("HC03-7 - 15"))
    assert parse_date("12 / 03 / 2024").isoformat() == "2024-03-12"


def test_a_hyphen_before_a_date_is_no_part_of_it():
    assert parse_date("Date -2019-24-09").isoformat() == "2019-09-24"
    assert not list(find_dates("Part 17-2019-24-09"))


def test_an_ambiguous_date_keeps_its_other_reading():
    found = find_dates("03/04/2024", Order.MDY)[0]
    assert (found.value, found.other) == (date(2024, 3, 4), date(2024, 4, 3))


def test_the_order_comes_from_dates_that_leave_no_doubt():
    assert order_of(["05/04/2024", "04/25/2024"]) is Order.MDY
    assert order_of(["05/04/2024", "25/04/2024"]) is Order.DMY


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1,234.56", 1234.56, None),
        ("1.234,56 €", 1234.56, "EUR"),
        ("1 234,56", 1234.56, None),
        ("1'234.50", 1234.5, None),
        ("(12.00)", -12.0, None),
        ("12.00-", -12.0, None),
        ("RM12.00", 12.0, "MYR"),
        ("$ 1,200", 1200.0, "USD"),
        ("-5,50", -5.5, None),
        ("0.125", 0.125, None),
        ("1.488,126.23", 1488126.23, None),
        ("1,488.126,23", 1488126.23, None),
    ],
)
def test_amounts(text, value, currency):
    found = next(find_amounts(text))
    assert (found.value, found.currency) == (value, currency)


def test_an_ambiguous_number_keeps_its_other_reading():
    found = next(find_amounts("1.234"))
    assert (found.value, found.other) == (1234.0, 1.234)


@given(st.text("0123456789.,' -()€%/:#\u00a0A", max_size=24))
def test_whatever_a_scan_makes_of_digits_and_marks_is_read_or_not_but_never_breaks(text):
    for found in find_amounts(text):
        assert 0 <= found.start < found.end <= len(text)
    for day in find_dates(text, Order.DMY):
        assert 0 <= day.start < day.end <= len(text)
    for number in find_identifiers(text):
        assert 0 <= number.start < number.end <= len(text)


def test_digits_inside_an_identifier_are_no_amount():
    assert list(find_amounts("INV-2024/17")) == []


def test_check_digits():
    assert is_iban("DE89 3704 0044 0532 0130 00")
    assert not is_iban("DE89 3704 0044 0532 0130 01")
    assert is_luhn("4539 1488 0343 6467")
    assert is_vat("DE136695976")
    assert not is_vat("DE136695977")


def test_an_iban_ends_where_its_country_says():
    text = "IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX"
    found = {f.kind: text[f.start : f.end] for f in find_identifiers(text)}
    assert found["iban"] == "DE89 3704 0044 0532 0130 00"
    assert found["bic"] == "COBADEFFXXX"


def test_enum_members_and_truth():
    assert member_of("Payment by bank transfer", ("cash", "bank transfer")) == "bank transfer"
    assert member_of("barter", ("cash", "bank transfer")) is None
    assert truth_of("Ja") is True
    assert truth_of("maybe") is None


@pytest.mark.parametrize(
    ("text", "expected"), [("two (2) years", "2 years"), ("one year", "1 year"), ("30 days", "30 days"), ("soon", None)]
)
def test_durations(text, expected):
    assert duration_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Phone: +1-798-233-3689x071", "+1-798-233-3689x071"),
        ("Tel. 030 1234567 ext. 12", "030 1234567 ext. 12"),
        ("Call 0711 22334455 today", "0711 22334455"),
    ],
)
def test_a_telephone_number_keeps_its_extension(text, expected):
    assert [text[f.start : f.end] for f in find_identifiers(text) if f.kind == "phone"] == [expected]


@pytest.mark.parametrize("mark", ["●", "•", "·", "|", "▪"])
def test_marks_between_the_parts_of_a_line_belong_to_none(mark):
    line = f"Bei Spiel GmbH {mark} Ecke 12 {mark} 12345 Stadthausen {mark} Germany"
    texts = {c.text for c in scene_of(document([(40, 40, line)])).candidates}
    assert {"Bei Spiel GmbH", "Ecke 12", "12345", "Stadthausen"} <= texts


@pytest.mark.parametrize(
    ("before", "after", "is_its_own"),
    [
        (
            "12. This Agreement shall remain in full force and effect for",
            "from the Effective Date unless extended",
            True,
        ),
        (
            "Term. This Agreement, and all obligations hereunder, shall terminate",
            "after the date of this Agreement.",
            True,
        ),
        ("Die Laufzeit beginnt am 1. Mai. Dieser Vertrag gilt für", "ab Unterzeichnung.", True),
        (
            "This Agreement terminates at will. Recipient shall not solicit employees for",
            "from the date hereof.",
            False,
        ),
        ("During the term of this Agreement and for a period of", "thereafter, Recipient will not", False),
        ("The obligations of this Agreement remain in force until", "after termination of this Agreement.", False),
        ("Either party may terminate this Agreement upon", "prior written notice.", False),
        ("Payment is due in", "from the date of the invoice.", False),
    ],
)
def test_a_sentence_says_how_long_an_agreement_lasts(before, after, is_its_own):
    assert says_how_long(before, after) == is_its_own


@pytest.mark.parametrize(
    ("before", "after", "is_end"),
    [
        (
            "This Agreement shall become effective upon signature and shall remain in effect for",
            "from the Effective Date unless",
            True,
        ),
        (
            "such notice shall be marked, and unless terminated, this Agreement will automatically expire",
            "from the date first written above",
            True,
        ),
        ("This contract shall terminate on the date that is", "from the date hereof.", True),
        ("This Agreement will automatically expire", "from the date of disclosure", False),
        ("The options shall remain in effect for", "from the date hereof", False),
        ("This Agreement is signed; the notice shall remain in effect for", "from the date hereof", False),
    ],
)
def test_an_agreement_ends_so_long_after_its_own_day(before: str, after: str, is_end: bool):
    assert is_its_end(before, after) == is_end
