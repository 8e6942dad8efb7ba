"""The documents that the ranker learns from: made from their seeds alone, and true to what they print."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench" / "extraction"), str(ROOT / "training")]

from train_sketches import KINDS, Sketch  # noqa: E402


@pytest.mark.parametrize("kind", sorted(set(KINDS)))
def test_a_sketch_is_made_from_its_seeds_alone(kind):
    layout = KINDS.index(kind)
    assert Sketch(layout, 1).drawn.words == Sketch(layout, 1).drawn.words
    assert Sketch(layout, 1).drawn.words != Sketch(layout, 2).drawn.words


@pytest.mark.parametrize("kind", ["receipt", "form", "booking"])
def test_what_is_asked_of_a_sketch_is_printed_where_it_says(kind):
    drawn = Sketch(KINDS.index(kind), 0).drawn
    for path, entry in drawn.fields.items():
        if entry["type"] != "string" or entry["value"] is None:
            continue
        left, top, right, bottom = entry["sources"][0]["bbox"]
        inside = [
            w[0] for w in drawn.words
            if w[1] >= left - 1e-6 and w[3] <= right + 1e-6 and w[2] >= top - 1e-6 and w[4] <= bottom + 1e-6
        ]  # fmt: skip
        assert entry["value"] in " ".join(inside), path


def test_forms_leave_questions_open_and_bookings_have_a_period():
    forms = [f for n in range(60) if KINDS[n % len(KINDS)] == "form" for f in Sketch(n, 0).drawn.fields.values()]
    share = sum(f["value"] is None for f in forms) / len(forms)
    assert 0.15 < share < 0.6
    days = [f["value"] for f in Sketch(KINDS.index("booking"), 0).drawn.fields.values() if f["type"] == "date"]
    assert len(days) == 2
    assert days[0] <= days[1]
