"""What is right, wrong, missing and invented, leaf by leaf."""

from __future__ import annotations

from typing import Any

import pytest

from fieldproof.extraction.scoring import Score, Verdict, compare, threshold


def told(expected: dict[str, Any], given: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(leaf.field, leaf.path, leaf.verdict.value) for leaf in compare(expected, given)]


def test_each_verdict() -> None:
    expected = {"a": {"same": "X-1", "other": 5, "gone": "2026-01-02", "none": None, "neither": None}}
    given = {"a": {"same": "x 1", "other": 6, "gone": None, "none": 7, "neither": None}}
    assert told(expected, given) == [
        ("a.same", "a.same", "right"), ("a.other", "a.other", "wrong"), ("a.gone", "a.gone", "missing"),
        ("a.none", "a.none", "invented"),
    ]  # fmt: skip


def test_what_only_one_side_knows_counts() -> None:
    assert told({"a": {"x": 1}}, {}) == [("a.x", "a.x", "missing")]
    assert told({}, {"a": {"x": 1}}) == [("a.x", "a.x", "invented")]


def test_a_row_that_was_left_out_spoils_no_other() -> None:
    rows = [{"name": n, "amount": k} for n, k in (("bolt", 1), ("nut", 2), ("washer", 3))]
    assert told({"a": {"rows": rows}}, {"a": {"rows": rows[1:]}}) == [
        ("a.rows[].name", "a.rows.None.name", "missing"), ("a.rows[].amount", "a.rows.None.amount", "missing"),
        ("a.rows[].name", "a.rows.0.name", "right"), ("a.rows[].amount", "a.rows.0.amount", "right"),
        ("a.rows[].name", "a.rows.1.name", "right"), ("a.rows[].amount", "a.rows.1.amount", "right"),
    ]  # fmt: skip


def test_rows_between_equal_rows_are_compared_in_order() -> None:
    expected = [{"n": 1}, {"n": 2}, {"n": 3}]
    given = [{"n": 1}, {"n": 20}, {"n": 3}, {"n": 4}]
    assert [v for _, _, v in told({"a": {"rows": expected}}, {"a": {"rows": given}})] == [
        "right", "wrong", "right", "invented",
    ]  # fmt: skip


def test_lists_of_plain_values() -> None:
    assert told({"a": {"tags": ["x", "y"]}}, {"a": {"tags": ["y"]}}) == [
        ("a.tags[]", "a.tags.None", "missing"), ("a.tags[]", "a.tags.0", "right"),
    ]  # fmt: skip


def test_score_weighs_every_mistake() -> None:
    score = Score()
    for verdict in (Verdict.RIGHT, Verdict.RIGHT, Verdict.WRONG, Verdict.MISSING, Verdict.INVENTED):
        score.add(verdict)
    assert (score.precision, score.recall, score.f1) == (0.5, 0.5, 0.5)
    assert Score().f1 == 0


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([(0.9, True), (0.8, True), (0.7, False)], (0.8, 2 / 3)),
        ([(0.9, False), (0.8, True)], None),
        ([(0.9, True), (0.9, False)], None),  # equals are taken together or not at all
        ([], None),
    ],
)
def test_threshold_is_the_lowest_that_keeps_the_precision(
    outcomes: list[tuple[float, bool]], expected: tuple[float, float] | None
) -> None:
    assert threshold(outcomes, 0.99) == expected
