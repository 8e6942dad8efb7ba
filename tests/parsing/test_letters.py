"""Which of two characters a doubted one is."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from fieldproof.parsing import letters

ROOT = Path(__file__).resolve().parents[2]


def settled(text: str, doubts: dict[int, letters.Rivals]) -> str:
    """``text`` after what is settled. ``doubts``: place -> what was seen there, the character itself among it."""
    scores = [dict(doubts[i]).get(c, 0.0) if i in doubts else 1.0 for i, c in enumerate(text)]
    changed = letters.settled(text, scores, lambda i: doubts.get(i, [(text[i], 1.0)]))
    return "".join(changed[i][0] if i in changed else c for i, c in enumerate(text))


@pytest.mark.parametrize(
    ("read", "at", "rivals", "meant"),
    [
        ("TAX INVQICE", 7, [("Q", 0.6), ("O", 0.38)], "TAX INVOICE"),
        ("ltem", 0, [("l", 0.7), ("I", 0.25)], "Item"),
        ("Rechnungabetrag", 8, [("a", 0.8), ("s", 0.15)], "Rechnungsbetrag"),
        ("SETIA ÁLAM", 6, [("Á", 0.55), ("A", 0.4)], "SETIA ALAM"),
        ("NO 29O, JALAN", 5, [("O", 0.6), ("0", 0.35)], "NO 290, JALAN"),
        ("Marlbor0", 7, [("0", 0.6), ("o", 0.35)], "Marlboro"),
    ],
)
def test_the_word_around_a_doubted_character_settles_it(read, at, rivals, meant):
    assert settled(read, {at: rivals}) == meant


@pytest.mark.parametrize(
    ("read", "at", "rivals"),
    [
        ("TAX INVQICE", 7, [("Q", 0.99), ("O", 0.01)]),  # the recogniser is sure
        ("TAX INVQICE", 7, [("Q", 0.9), ("O", 0.03)]),  # hardly seen
        ("Zuschläge", 6, [("ä", 0.8), ("a", 0.15)]),
        ("Société", 6, [("é", 0.85), ("e", 0.12)]),
        ("GTRHA5", 5, [("5", 0.6), ("S", 0.35)]),  # a code, no word
        ("DE12B", 4, [("B", 0.6), ("8", 0.35)]),  # letters on both sides
        ("7/118C", 5, [("C", 0.6), ("0", 0.35)]),  # not of one shape
        ("Číslo", 0, [("Č", 0.7), ("C", 0.25)]),  # a letter of no language that the model knows
        ("品名", 0, [("品", 0.5), ("晶", 0.4)]),  # no script that the model knows
    ],
)
def test_what_no_word_speaks_for_stays(read, at, rivals):
    assert settled(read, {at: rivals}) == read


def test_only_what_was_seen_is_chosen():
    """Whatever would be a better word: no letter comes in that the recogniser held impossible."""
    assert settled("INVQICE", {3: [("Q", 0.5), ("G", 0.4)]})[3] in "QG"


def test_several_doubts_in_one_word_are_settled_one_after_the_other():
    assert settled("lnvoicc", {0: [("l", 0.6), ("I", 0.3)], 6: [("c", 0.6), ("e", 0.35)]}) == "Invoice"


def test_the_shipped_model_is_what_the_word_lists_give():
    sys.path.append(str(ROOT))
    from training.letters import TARGET, counted

    with np.load(TARGET) as shipped:
        made = counted()
        assert sorted(shipped) == sorted(made)
        assert all(np.array_equal(shipped[name], made[name]) for name in made)
