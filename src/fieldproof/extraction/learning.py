"""Learning from review: a corrected document becomes an example for its layout.

    learn(document, schema, corrections) -> Example
    replay(engine, schema, reviewed, kept, new, most=20) -> Replay     # .is_accepted, .before, .after, .losses

``learn`` takes every reviewed field of one document (value, drawn box, or None: "not there"). Before an example
is kept, ``replay`` (in ``replay.py``) extracts the template's reviewed results again without and with it; where
``is_accepted`` is false the example made things worse and is to be rejected. Examples are plain JSON
(``child.example_to_json``), independent of each other: removing one undoes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fieldproof.core.document import ParsedDocument
from fieldproof.core.geometry import Box
from fieldproof.core.schema import Field, Group, Schema
from fieldproof.extraction.engine import Example
from fieldproof.extraction.memory import example_of
from fieldproof.extraction.query import Query, query_of
from fieldproof.extraction.scene import Scene, scene_of
from fieldproof.extraction.truth import candidates_with
from fieldproof.extraction.values import value_of

_FILLS = 0.3  # overlap from which a candidate counts as what was drawn around


@dataclass(frozen=True, slots=True)
class Correction:
    """The reviewed truth of one field: a value, a box drawn around it, or both.

    ``value`` None without a box means: the document does not hold it.
    """

    path: tuple[str, ...]
    value: Any = None
    page: int | None = None
    box: Box | None = None


def learn(document: ParsedDocument, schema: Schema, corrections: Sequence[Correction]) -> Example:
    """What this reviewed document teaches. Corrections that stand nowhere in the document teach nothing."""
    scene = scene_of(document)
    places: dict[str, int | None] = {}
    for correction in corrections:
        found = _field_at(schema, correction.path)
        if found is None:
            continue
        field, group = found
        query = query_of(correction.path, field, f"{group.name} {group.title or ''}".strip())
        name = ".".join(correction.path)
        if correction.value is None and correction.box is None:
            places[name] = None
        else:
            place = _place(scene, query, correction)
            if place is not None:
                places[name] = place
    return example_of(scene, places)


def _place(scene: Scene, query: Query, correction: Correction) -> int | None:
    drawn = [(correction.page, correction.box)] if correction.page is not None and correction.box is not None else None
    if correction.value is not None:
        found = candidates_with(scene, query.field, query.shape, correction.value, drawn)
        if found:
            return found[0]
    return _in_box(scene, query, correction.page, correction.box) if drawn else None


def _in_box(scene: Scene, query: Query, page: int | None, box: Box | None) -> int | None:
    """The candidate that fills the box best; of those in the same words the longest that reads as the field's type."""
    assert box is not None
    found = []
    for index, candidate in enumerate(scene.candidates):
        place = scene.view.box(candidate.pieces)
        overlap = place[1].iou(box) if place and place[0] == page else 0.0
        if overlap > _FILLS and value_of(candidate, query.field, query.shape) is not None:
            found.append((round(overlap, 3), len(candidate.text), -index))
    return -max(found)[2] if found else None


def _field_at(schema: Schema, path: tuple[str, ...]) -> tuple[Field, Group] | None:
    group = schema.group(path[0])
    field = group.field(path[1]) if group and len(path) > 1 else None
    for name in path[2:]:
        field = field.child(name) if field else None
    return (field, group) if field and group else None
