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
from fieldproof.extraction.dates import ORDERS, is_ambiguous
from fieldproof.extraction.engine import Example
from fieldproof.extraction.extents import extent_of
from fieldproof.extraction.labels import ABOVE, COLUMN, INLINE, LEFT
from fieldproof.extraction.local import LocalEngine
from fieldproof.extraction.memory import example_of
from fieldproof.extraction.query import Query, context_of, query_of
from fieldproof.extraction.ranker import shipped_ranker
from fieldproof.extraction.scene import Scene, scene_of
from fieldproof.extraction.spelling import RESPELT, is_misreading, is_read_by_ocr
from fieldproof.extraction.truth import candidates_with, same_value
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


def learn(
    document: ParsedDocument,
    schema: Schema,
    corrections: Sequence[Correction],
    *,
    kept: Sequence[Example] = (),
    engine: LocalEngine | None = None,
) -> Example:
    """What this reviewed document teaches. Corrections that stand nowhere in the document teach nothing.

    A value that stands in several places, where no box says which, is learnt where the engine (else the one that
    ships) would have taken it from, as far as ``kept``, the template's other examples, taught it. Of a field that is
    not there, what the engine would have given is learnt as refused.
    """
    asked: list[tuple[Query, Correction]] = []
    absent: list[Query] = []
    places: dict[str, int | None] = {}
    for correction in corrections:
        at = _field_at(schema, correction.path)
        if at is None:
            continue
        field, group = at
        query = query_of(correction.path, field, context_of(group))
        if correction.value is None and correction.box is None:
            places[".".join(correction.path)] = None
            absent.append(query)
        else:
            asked.append((query, correction))
    scene, found = _read(document, asked)
    queries = [query for query, _ in asked]
    told: dict[str, dict[str, Any]] = {}
    engine = engine or LocalEngine(shipped_ranker())
    given = engine.given(scene, [*queries, *absent], kept)[len(queries) :] if absent else []
    refused = {".".join(query.path): i for query, i in zip(absent, given, strict=True) if i is not None}
    found = _as_periods(scene, queries, found)
    for (query, correction), index in zip(asked, engine.likeliest(scene, queries, found, kept), strict=True):
        if index is not None:
            places[".".join(query.path)] = index
            told[".".join(query.path)] = _told(scene, query, correction, index)
    return example_of(scene, places, told, refused)


def _told(scene: Scene, query: Query, correction: Correction, index: int) -> dict[str, Any]:
    """What a truth says besides its place: how much of the page is wanted, which of two numbers is the day, how it is spelt."""
    out: dict[str, Any] = {}
    if query.shape in RESPELT:
        read = scene.candidates[index].text
        out["spelling"] = correction.value if _is_read_a_little_wrong(scene, query, correction, index) else read
    extent = extent_of(scene, query.shape, index)
    if extent is not None:
        out["extent"] = list(extent)
    if (
        query.is_date
        and _reads_as(scene, query, correction, index)
        and is_ambiguous(scene.candidates[index].text, scene.order)
    ):
        out["order"] = scene.order.value
    return out


def _read(document: ParsedDocument, asked: Sequence[tuple[Query, Correction]]) -> tuple[Scene, list[list[int]]]:
    """The document and where the truths stand in it, read with the order of day and month that more dates agree with."""
    scene = scene_of(document)
    found = [_places(scene, *one) for one in asked]
    agreeing = _agreeing_dates(scene, asked, found)
    for order in ORDERS:
        if agreeing == sum(query.is_date for query, _ in asked):
            break
        turned = scene_of(document, order) if order is not scene.order else scene
        turned_found = [_places(turned, *one) for one in asked]
        if (more := _agreeing_dates(turned, asked, turned_found)) > agreeing:
            scene, found, agreeing = turned, turned_found, more
    return scene, found


def _as_periods(scene: Scene, queries: Sequence[Query], found: Sequence[Sequence[int]]) -> list[list[int]]:
    """The places of each truth; of two days that are printed as one period somewhere ("1 May - 3 June") only those.

    Of several periods those whose label has most words of the question: "Flight dates" for the first day of a flight.
    """
    known = {place: q for q, places in enumerate(found) for place in places}
    periods = [(first, last) for first, last in scene.ranges.items() if first in known and last in known]
    shared = [_shared_words(scene, queries[known[first]], first) for first, _ in periods]
    ends = {place for period, n in zip(periods, shared, strict=True) if n == max(shared) for place in period}
    within = [[i for i in places if i in ends] for places in found]
    return [inside or list(places) for inside, places in zip(within, found, strict=True)]


def _shared_words(scene: Scene, query: Query, place: int) -> int:
    """Of the question and the label at the place that has most of them."""
    labels = [scene.labels.sides[place, side] for side in (INLINE, LEFT, ABOVE, COLUMN)]
    return max((len(scene.label_words[label] & query.words) for label in labels if label >= 0), default=0)


def _agreeing_dates(scene: Scene, asked: Sequence[tuple[Query, Correction]], found: Sequence[Sequence[int]]) -> int:
    return sum(
        query.is_date and any(_reads_as(scene, query, correction, i) for i in places)
        for (query, correction), places in zip(asked, found, strict=True)
    )


def _reads_as(scene: Scene, query: Query, correction: Correction, index: int) -> bool:
    return same_value(value_of(scene.candidates[index], query.field, query.shape), correction.value)


def _places(scene: Scene, query: Query, correction: Correction) -> list[int]:
    """Where the truth stands: what reads as the value, inside the box if there is one; else what fills the box."""
    drawn = [(correction.page, correction.box)] if correction.page is not None and correction.box is not None else None
    found: list[int] = []
    if correction.value is not None:
        found = candidates_with(scene, query.field, query.shape, correction.value, drawn)
    if found:
        return found
    if not drawn:
        every = range(len(scene.candidates)) if query.shape in RESPELT else ()
        return [i for i in every if _is_read_a_little_wrong(scene, query, correction, i)]
    filling = _in_box(scene, query, correction.page, correction.box)
    return [] if filling is None else [filling]


def _is_read_a_little_wrong(scene: Scene, query: Query, correction: Correction, index: int) -> bool:
    candidate, value = scene.candidates[index], correction.value
    if not isinstance(value, str) or not is_misreading(candidate.text, value) or same_value(candidate.text, value):
        return False
    return value_of(candidate, query.field, query.shape) is not None and is_read_by_ocr(scene, candidate)


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
