"""Which texts around a candidate may be its label."""

from __future__ import annotations

from extraction.paper import document
from fieldproof.extraction.labels import INLINE, LEFT
from fieldproof.extraction.scene import scene_of


def test_a_colon_before_a_value_is_no_label_the_words_left_of_it_are():
    scene = scene_of(document([(40, 40, "Order"), (140, 40, ": B123456789")]))
    number = next(i for i, c in enumerate(scene.candidates) if c.text == "B123456789")
    inline, left = scene.labels.sides[number, [INLINE, LEFT]]
    assert inline == -1
    assert scene.labels.texts[left] == "Order"
