"""What candidates look like, whichever of them are asked for first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.paper import document
from fieldproof.extraction.arrays import top
from fieldproof.extraction.looks import LOOKS
from fieldproof.extraction.scene import Scene, scene_of


@pytest.fixture
def scene() -> Scene:
    return scene_of(document([
        (40, 40, "Acme Tools GmbH"), (40, 54, "Am Ring 3"), (40, 68, "12345 Hausen"), (300, 40, "Invoice no: 4711"),
        (300, 60, "Date: 12.03.2024"), (40, 200, "Net"), (300, 200, "100.00"), (40, 220, "VAT"), (300, 220, "19.00"),
        (40, 240, "Total"), (300, 240, "119.00"), (300, 260, "119.00"),
    ]))  # fmt: skip


def test_of_one_by_one_as_of_all_at_once(scene: Scene) -> None:
    everything = np.arange(len(scene.candidates))
    one_by_one = [scene.looks.of(np.array([row]))[0] for row in reversed(everything.tolist())]
    again = scene_of(scene.view.document)
    assert np.array_equal(again.looks.of(everything), np.array(one_by_one[::-1]))
    assert np.array_equal(scene.looks.concepts(everything), again.looks.concepts(everything))


def test_what_stands_there_twice_is_asked_for_twice(scene: Scene) -> None:
    rows = np.array([3, 0, 3])
    assert np.array_equal(scene.looks.of(rows), scene.looks.of(np.arange(4))[rows])


def test_a_sum_knows_its_parts_though_nobody_asked_for_them(scene: Scene) -> None:
    row = next(n for n, c in enumerate(scene.candidates) if c.text == "119.00")
    look = dict(zip(LOOKS, scene.looks.of(np.array([row]))[0].tolist(), strict=True))
    assert (look["is_largest"], look["is_sum"], look["is_part_of_sum"], look["times_value"]) == (1.0, 1.0, 0.0, 2.0)
    assert (look["times_seen"], look["row_mates"], look["is_address"]) == (2.0, 1.0, 0.0)


@given(st.lists(st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0]), max_size=30), st.integers(1, 12))
def test_the_best_are_the_first_of_equals(scores: list[float], most: int) -> None:
    best = top(np.array(scores), most).tolist()
    assert best == sorted(sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:most])
