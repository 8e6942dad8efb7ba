"""What a candidate is worth beside the others of its field and of the other fields."""

from __future__ import annotations

import numpy as np
import pytest

from extraction.paper import Placed, document
from fieldproof.core.schema import Field, FieldType
from fieldproof.extraction.query import Query, query_of
from fieldproof.extraction.scene import Scene, scene_of
from fieldproof.extraction.second_look import SECOND_FEATURES, second_look

PAGE: list[Placed] = [
    (40, 40, "Alder Works GmbH Berlin"), (40, 54, "Lindenstrasse 7"), (300, 40, "Total"), (400, 40, "199.20"),
    (300, 400, "Balance"), (400, 400, "199.20"), (300, 500, "Paid"), (400, 500, "50.00"),
]  # fmt: skip
SCENE = scene_of(document(PAGE))


def asked(*names: str, group: str = "invoice") -> list[Query]:
    return [query_of((group, name), Field(name, FieldType.STRING), group) for name in names]


def at(text: str, scene: Scene = SCENE) -> list[int]:
    return [n for n, c in enumerate(scene.candidates) if c.text == text]


def looked(queries: list[Query], *likely: dict[int, float], scene: Scene = SCENE) -> list[list[dict[str, float]]]:
    """``likely``: candidate -> log-odds, of each field. Features by name, in the candidates' order."""
    lists = [(np.array(sorted(own), dtype=int), np.array([own[n] for n in sorted(own)])) for own in likely]
    found = second_look(scene, queries, lists)
    return [[dict(zip(SECOND_FEATURES, row, strict=True)) for row in rows.tolist()] for rows in found]


def test_the_same_value_elsewhere_is_no_rival():
    one, two = at("199.20")
    (paid,) = at("50.00")
    rows = looked(asked("total"), {one: 1.0, two: 0.5, paid: 0.0})[0]
    first = next(r for r in rows if r["score"] == 1.0)
    assert (first["elsewhere"], first["ahead_of_value"], first["times"]) == (0.5, 1.0, 2)
    assert first["share"] > next(r for r in rows if r["score"] == 0.0)["share"]
    assert sorted(r["rank"] for r in rows) == [0, 1, 2]


def test_longer_and_shorter_readings_of_a_place_are_no_other_places():
    (whole,), (part,), (street,) = at("Alder Works GmbH Berlin"), at("Alder Works GmbH"), at("Lindenstrasse 7")
    rows = looked(asked("company"), {whole: 1.0, part: 0.5, street: -1.0})[0]
    by_score = {r["score"]: r for r in rows}
    assert (by_score[0.5]["longer"], by_score[0.5]["ahead_of_place"]) == (1.0, 1.5)
    assert (by_score[1.0]["shorter"], by_score[1.0]["ahead_of_place"]) == (0.5, 2.0)
    assert by_score[1.0]["region"] > by_score[1.0]["share"]


def test_a_place_is_wanted_by_other_fields_and_some_could_spare_it():
    total, balance = at("199.20")
    (paid,) = at("50.00")
    queries = asked("total", "paid", "reference")
    rows = looked(queries, {total: 2.0}, {total: 1.0, paid: 0.75}, {balance: 0.0})
    assert rows[0][0]["wanted"] == 1.0 and rows[0][0]["spare"] == 0.25
    assert rows[0][0]["firsts"] == 1  # "paid" likes it best as well
    assert rows[1][0]["wanted"] == 2.0 and rows[1][0]["spare"] > 10  # "total" has nothing else
    assert rows[2][0]["wanted"] < -8 and rows[2][0]["value_wanted"] == 2.0  # the value, at another place


def test_fields_of_one_group_stand_together():
    (name,), (street,), (paid,) = at("Alder Works GmbH"), at("Lindenstrasse 7"), at("50.00")
    near = looked(asked("seller_name", "seller_street"), {name: 3.0}, {street: 0.0, paid: 0.0})[1]
    by_place = dict(zip(sorted([street, paid]), near, strict=True))
    assert by_place[street]["party_in_block"] > 0.9 and by_place[paid]["party_in_block"] == 0
    assert by_place[street]["group_far"] < 0.05 < by_place[paid]["group_far"]


def test_fields_without_candidates_have_no_rows():
    (paid,) = at("50.00")
    assert [len(rows) for rows in looked(asked("total", "paid"), {}, {paid: 0.0})] == [0, 1]
    assert [len(rows) for rows in looked(asked("total"), {})] == [0]


@pytest.mark.parametrize("fields", [1, 40])
def test_many_fields_and_long_lists_have_rows_of_numbers(fields):
    random_ = np.random.default_rng(7)
    count = len(SCENE.candidates)
    likely = [{int(n): float(random_.normal()) for n in range(count)} for _ in range(fields)]
    for rows in looked(asked(*(f"field_{n}" for n in range(fields))), *likely):
        assert len(rows) == count and np.isfinite([list(r.values()) for r in rows]).all()
