"""Results over documents: a row for each session, its newest run, and what the dashboard's lists say of them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from fieldproof.core.schema import Field, FieldType, parse_schema
from fieldproof.db.models import Attachment, AuditEvent, Document, Result, Session, Template, Workspace
from fieldproof.services import sessions
from fieldproof.services.paging import Page, page_of
from fieldproof.services.work import Work

RUNNING = ("created", "parsing_pending", "processing")
READING = ("queued", "parsing", "parsed")
PROBED = 50  # rows that may change at the same time without one of the changes being missed


@dataclass(frozen=True)
class Row:
    """``result`` is the newest run of the session."""

    session: Session
    status: str
    result: Result | None
    filenames: list[str]

    def entry(self, column: Column) -> tuple[Any, float | None]:
        """Value and confidence of a column, (None, None) while there is none."""
        if self.result is None or self.result.status != "completed":
            return None, None
        value = (self.result.data.get(column.group) or {}).get(column.name) if column.name else None
        audit = (self.result.audit_data.get(column.group) or {}).get(column.name) or {}
        return value, audit.get("confidence")


@dataclass(frozen=True)
class Column:
    """One field of the template; of lists the number of items is shown."""

    group: str
    name: str
    title: str
    is_number: bool
    is_list: bool


@dataclass(frozen=True)
class Use:
    """Where a document is used."""

    session: Session
    template: Template
    result: Result | None


@dataclass(frozen=True)
class AtWork:
    """How many documents are being read or wait for it, and how many runs have not ended."""

    reading: int
    extracting: int


def list_rows(
    work: Work, workspace: Workspace, template: Template | None, *, name: str = "", page: int = 1, size: int = 25
) -> Page[Row]:
    """Newest first; of one template or of all."""
    query = select(Session).where(Session.workspace_id == workspace.id)
    if template is not None:
        query = query.where(Session.template_id == template.id)
    if name:
        query = query.where(Session.name.icontains(name, autoescape=True))
    found = page_of(work, query.order_by(Session.created_at.desc(), Session.id.desc()), page, size)
    ids = [s.id for s in found.items]
    newest, statuses, names = _newest(work, ids), sessions.statuses_of(work, ids), _filenames(work, ids)
    rows = [Row(s, statuses[s.id], newest.get(s.id), names.get(s.id, [])) for s in found.items]
    return Page(rows, found.number, found.size, found.total)


def columns(template: Template) -> list[Column]:
    schema = parse_schema(template.schema_json)
    return [
        Column(group.name, field.name, field.title or field.name.replace("_", " ").capitalize(), _is_number(field), field.is_list)
        for group in schema.groups
        if group.iterates_on is None
        for field in group.fields
    ]  # fmt: skip


def session_ids(work: Work, template: Template, limit: int = 1000) -> list[str]:
    """The newest sessions of a template, for what is done to all of them."""
    query = select(Session.id).where(Session.template_id == template.id)
    return [str(i) for i in work.db.scalars(query.order_by(Session.created_at.desc(), Session.id.desc()).limit(limit))]


def uses_of(work: Work, document: Document, limit: int = 100) -> list[Use]:
    query = select(Session, Template).join(Template, Template.id == Session.template_id)
    query = query.join(Attachment, Attachment.session_id == Session.id).where(Attachment.document_id == document.id)
    rows = work.db.execute(query.order_by(Session.created_at.desc(), Session.id).limit(limit)).all()
    newest = _newest(work, [session.id for session, _ in rows])
    return [Use(session, template, newest.get(session.id)) for session, template in rows]


def results_of(work: Work, document_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Result]:
    """The newest run over each document, where there is one."""
    query = select(Attachment.document_id, Result).join(Result, Result.session_id == Attachment.session_id)
    query = query.where(Attachment.document_id.in_(document_ids)).distinct(Attachment.document_id)
    ordered = query.order_by(Attachment.document_id, Result.created_at.desc(), Result.id.desc())
    return {row[0]: row[1] for row in work.db.execute(ordered)}


def at_work(work: Work, workspace: Workspace) -> AtWork:
    reading = select(func.count()).where(Document.workspace_id == workspace.id, Document.status.in_(READING))
    runs = select(func.count()).where(Result.workspace_id == workspace.id, Result.status.in_(RUNNING))
    return AtWork(work.db.scalar(reading) or 0, work.db.scalar(runs) or 0)


def version(work: Work, workspace: Workspace) -> list[Any]:
    """Changes whenever documents, runs or sessions of the workspace do; four probes of an index, however many there are.

    Not the newest change alone: of two changes the later one may be committed first.
    """
    return [_last_event(work, workspace), *(_changes(work, workspace, model) for model in (Document, Result, Session))]


def _last_event(work: Work, workspace: Workspace) -> int | None:
    """What is deleted leaves a line in the log."""
    return work.db.scalar(select(func.max(AuditEvent.id)).where(AuditEvent.workspace_id == workspace.id))


def _changes(work: Work, workspace: Workspace, model: type[Document | Result | Session]) -> Any:
    latest = select(func.extract("epoch", model.updated_at).label("at")).where(model.workspace_id == workspace.id)
    few = latest.order_by(model.updated_at.desc()).limit(PROBED).subquery()
    return work.db.scalar(select(func.sum(few.c.at)))


def _newest(work: Work, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Result]:
    query = select(Result).where(Result.session_id.in_(ids)).distinct(Result.session_id)
    ordered = query.order_by(Result.session_id, Result.created_at.desc(), Result.id.desc())
    return {r.session_id: r for r in work.db.scalars(ordered)}


def _filenames(work: Work, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    query = select(Attachment.session_id, Document.filename).join(Document, Document.id == Attachment.document_id)
    names: dict[uuid.UUID, list[str]] = {}
    for session_id, filename in work.db.execute(
        query.where(Attachment.session_id.in_(ids)).order_by(Attachment.created_at, Document.id)
    ):
        names.setdefault(session_id, []).append(filename)
    return names


def _is_number(field: Field) -> bool:
    return field.type in (FieldType.NUMBER, FieldType.INTEGER, FieldType.CURRENCY)
