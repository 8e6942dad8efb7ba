"""What reviews teach a template's engine: one example per reviewed document, kept only if it helps."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from fieldproof.core.errors import NotFound
from fieldproof.core.ids import parse_uuid
from fieldproof.db.models import Document, Example, FieldValue, Parsing, Result, Template
from fieldproof.services import audit_trail
from fieldproof.services.work import Work

MAX_REPLAYED = 20  # reviewed results that a new example is tried on
PAUSE_S = 2.0  # in which more of a result's values may be judged before it is learnt from

Taught = list[dict[str, Any]]


@dataclass(frozen=True)
class Lesson:
    """One reviewed document: what to learn from it. ``taught``: path, value, page and box of each judged field."""

    result_id: uuid.UUID
    document_id: uuid.UUID
    example_id: str
    filename: str
    key: str
    taught: Taught


@dataclass(frozen=True)
class Class:
    """Everything one round of learning needs, read in one short transaction."""

    template_id: uuid.UUID
    schema_json: dict[str, Any]
    lessons: list[Lesson]
    reviewed: list[Lesson]
    kept: list[dict[str, Any]]


@dataclass(frozen=True)
class Learnt:
    """What became of one lesson. ``refusal`` says why the example made things worse."""

    lesson: Lesson
    fingerprint: dict[str, Any]
    fields: dict[str, Any]
    refusal: str | None


def learn_soon(work: Work, result: Result) -> None:
    """A job, in this transaction: reviewing does not wait for learning. One for all changes of a few seconds."""
    once, at = f"learn_from:{result.id}", work.now + timedelta(seconds=PAUSE_S)
    work.defer("learn_from", once=once, at=at, result_id=str(result.id))


def lessons_of(work: Work, result_id: uuid.UUID) -> Class | None:
    """None when nothing in the result was judged, or it is gone."""
    result = work.db.get(Result, result_id)
    if result is None or result.status != "completed":
        return None
    lessons = _lessons(work, result)
    if not lessons:
        return None
    others = select(Result).where(
        Result.template_id == result.template_id, Result.id != result.id, Result.review_status == "approved"
    )
    latest = work.db.scalars(others.order_by(Result.reviewed_at.desc()).limit(MAX_REPLAYED))
    reviewed = [lesson for other in latest for lesson in _lessons(work, other)]
    own = {lesson.example_id for lesson in lessons}
    kept = [e for e in audit_trail.active_examples(work, result.template_id) if e["id"] not in own]
    return Class(result.template_id, result.schema_json, lessons, reviewed, kept)


def keep(work: Work, template_id: uuid.UUID, learnt: Sequence[Learnt]) -> None:
    """One example per result and document: learning again replaces it."""
    for one in learnt:
        values = {
            "id": uuid.UUID(one.lesson.example_id), "template_id": template_id, "result_id": one.lesson.result_id,
            "document_id": one.lesson.document_id, "fingerprint": one.fingerprint, "fields": one.fields,
            "is_active": one.refusal is None, "refusal": one.refusal, "created_at": work.now, "updated_at": work.now,
        }  # fmt: skip
        changed = {k: values[k] for k in ("fingerprint", "fields", "is_active", "refusal", "updated_at")}
        work.db.execute(insert(Example).values(values).on_conflict_do_update(index_elements=["id"], set_=changed))


def list_examples(work: Work, template: Template) -> list[Example]:
    query = select(Example).where(Example.template_id == template.id)
    return list(work.db.scalars(query.order_by(Example.created_at.desc(), Example.id)))


def documents_of(work: Work, examples: Sequence[Example]) -> dict[uuid.UUID, str]:
    """Document id → file name; of the documents that are still there."""
    query = select(Document.id, Document.filename).where(Document.id.in_([e.document_id for e in examples]))
    return {row.id: row.filename for row in work.db.execute(query)}


def set_active(work: Work, template: Template, example_id: str, *, is_active: bool) -> Example:
    """Forgets what an example taught, or remembers it again."""
    key = parse_uuid(example_id)
    example = work.db.get(Example, key) if key is not None else None
    if example is None or example.template_id != template.id:
        raise NotFound
    example.is_active, example.updated_at = is_active, work.now
    work.record("example.activated" if is_active else "example.deactivated", template, example=example_id)
    return example


def _lessons(work: Work, result: Result) -> list[Lesson]:
    """Per document, the judged values that it holds; all of them once the result is approved."""
    query = select(FieldValue).where(FieldValue.result_id == result.id).order_by(FieldValue.position, FieldValue.id)
    judged = [
        v for v in work.db.scalars(query)
        if (v.is_corrected or v.is_accepted or result.review_status == "approved")
        and not any(part.isdigit() for part in v.path.split("."))
    ]  # fmt: skip
    documents = select(Document.id, Document.filename, Parsing.key).join(Parsing, Parsing.document_id == Document.id)
    documents = documents.where(
        Document.id.in_(result.document_ids), Parsing.config_hash == result.config_hash, Parsing.status == "ready"
    )
    rows = {row.id: row for row in work.db.execute(documents)}
    lessons = []
    for document_id in result.document_ids:
        taught = [_taught(v) for v in judged if _stands_in(v, document_id, result)]
        if document_id in rows and taught:
            row = rows[document_id]
            example_id = str(uuid.uuid5(result.id, f"example:{document_id}"))
            lessons.append(Lesson(result.id, document_id, example_id, row.filename, row.key, taught))
    return lessons


def _stands_in(value: FieldValue, document_id: uuid.UUID, result: Result) -> bool:
    """A value without a place is a lesson for a result's only document alone: elsewhere nobody knows whose it is."""
    places = {c["document_id"] for c in value.citations}
    return str(document_id) in places or (not places and len(result.document_ids) == 1)


def _taught(value: FieldValue) -> dict[str, Any]:
    place = next(iter(value.citations), None)
    return {
        "path": value.path.split("."), "value": value.value,
        "page": place["page"] if place else None, "box": place["bbox"] if place else None,
    }  # fmt: skip
