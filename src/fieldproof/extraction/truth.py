"""Where a known value stands among a document's candidates: for learning and for training."""

from __future__ import annotations

from typing import Any

from fieldproof.core.geometry import Box
from fieldproof.core.schema import Field
from fieldproof.extraction.plain import key
from fieldproof.extraction.scene import Scene
from fieldproof.extraction.values import value_of


def candidates_with(
    scene: Scene, field: Field, shape: str, value: Any, places: list[tuple[int, Box]] | None = None
) -> list[int]:
    """Candidates that read as the value; where places are given, those there (all others when none is there)."""
    found = [i for i, c in enumerate(scene.candidates) if same_value(value_of(c, field, shape), value)]
    if not places:
        return found
    there = [i for i in found if _is_at(scene, i, places)]
    return there or found


def same_value(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return False
    if isinstance(one, (int, float)) and not isinstance(one, bool):
        try:
            return abs(one - float(other)) < 0.005
        except (TypeError, ValueError):
            return False
    return key(str(one)) == key(str(other)) != ""


def _is_at(scene: Scene, index: int, places: list[tuple[int, Box]]) -> bool:
    found = scene.view.box(scene.candidates[index].pieces)
    if found is None:
        return False
    page, box = found
    small = lambda a: max(min(a.area, box.area), 1e-9)  # noqa: E731
    return any(p == page and box.intersection(b) / small(b) >= 0.5 for p, b in places)
