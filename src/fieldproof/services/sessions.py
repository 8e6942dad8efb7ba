"""Sessions: sets of documents that one template is applied to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased, selectinload

from fieldproof.core.errors import Invalid, NotFound
from fieldproof.core.ids import parse_uuid
from fieldproof.db.models import Attachment, Document, Result, Session, Template
from fieldproof.services import documents, locks, processing
from fieldproof.services.paging import Page, page_of
from fieldproof.services.work import Work

PAGE_SIZE = 15


@dataclass(frozen=True)
class SessionDetail:
    session: Session
    status: str
    documents: list[Document]
    results: list[Result]


def add_session(
    work: Work, template: Template, name: str | None = None, settings: dict[str, Any] | None = None
) -> Session:
    session = Session(
        template_id=template.id, workspace_id=template.workspace_id, name=name or "Untitled session",
        settings=settings or {}, created_by=work.actor.user_id, created_at=work.now, updated_at=work.now,
    )  # fmt: skip
    work.db.add(session)
    work.db.flush()
    work.record("session.created", session, name=session.name)
    return session


def list_sessions(work: Work, template: Template, page: int = 1, size: int = PAGE_SIZE) -> Page[tuple[Session, str]]:
    """Newest first, each with its status."""
    query = select(Session).where(Session.template_id == template.id)
    found = page_of(work, query.order_by(Session.created_at.desc(), Session.id.desc()), page, size)
    statuses = statuses_of(work, [s.id for s in found.items])
    return Page([(s, statuses[s.id]) for s in found.items], found.number, found.size, found.total)


def detail(work: Work, session: Session) -> SessionDetail:
    found = list(work.db.scalars(_attached(session).options(selectinload(Document.parsings))))
    results = list_results(work, session)
    return SessionDetail(session, status_from([r.status for r in results]), found, results)


def list_results(work: Work, session: Session) -> list[Result]:
    query = select(Result).where(Result.session_id == session.id)
    return list(work.db.scalars(query.order_by(Result.created_at.desc(), Result.id.desc())))


def status_from(newest_first: Sequence[str]) -> str:
    """pending without a run; processing while any run is active; else the newest run's status."""
    if not newest_first:
        return "pending"
    return "processing" if any(s in processing.ACTIVE for s in newest_first) else newest_first[0]


def statuses_of(work: Work, session_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    query = select(Result.session_id, Result.status).where(Result.session_id.in_(session_ids))
    runs: dict[uuid.UUID, list[str]] = {key: [] for key in session_ids}
    for session_id, status in work.db.execute(query.order_by(Result.created_at.desc(), Result.id.desc())):
        runs[session_id].append(status)
    return {key: status_from(statuses) for key, statuses in runs.items()}


def update_session(work: Work, session: Session, changes: dict[str, Any]) -> Session:
    if changes.get("name") is not None:
        session.name = changes["name"]
    if changes.get("settings") is not None:
        session.settings = {**session.settings, **changes["settings"]}
    session.updated_at = work.now
    work.record("session.updated", session, changed=sorted(changes))
    return session


def remove_sessions(work: Work, sessions: Sequence[Session]) -> None:
    """Results and attachments go; a document goes only if it came in here and nothing else holds it."""
    ids = [session.id for session in sessions]
    work.db.execute(select(Session.id).where(Session.id.in_(ids)).order_by(Session.id).with_for_update())
    locks.lock_attached(work, ids, is_removing=True)
    for session in sessions:
        _remove(work, session)


def remove_session(work: Work, session: Session) -> None:
    remove_sessions(work, [session])


def _remove(work: Work, session: Session) -> None:
    other = aliased(Attachment)
    held_elsewhere = exists().where(other.document_id == Document.id, other.session_id != session.id)
    orphans = _attached(session).where(Attachment.is_origin, ~held_elsewhere)
    for document in work.db.scalars(orphans).all():
        documents.remove_document(work, document)
    work.record("session.deleted", session, name=session.name)
    work.db.flush()
    work.db.delete(session)
    work.db.flush()


def list_documents(work: Work, session: Session, page: int = 1, size: int = PAGE_SIZE) -> Page[Document]:
    return page_of(work, _attached(session).options(selectinload(Document.parsings)), page, size)


def ingest(
    work: Work,
    session: Session,
    keys: Sequence[str],
    *,
    field: str,
    filename: str | None = None,
    is_single: bool = False,
    is_origin: bool = True,
) -> list[documents.Ingested]:
    """The uploads behind the keys as documents of the session, one for each key.

    ``is_origin``: what is new goes when the session goes and nothing else holds it. Raises: as ``documents.ingest``.
    """
    locks.hold_sessions(work, [session.id])  # before the documents: everybody locks in this order
    ingested = documents.ingest(work, session.workspace_id, keys, filename=filename, field=field, is_single=is_single)
    origin = frozenset(i.document.id for i in ingested if i.is_new and is_origin)
    attach(work, session, list({i.document.id: i.document for i in ingested}.values()), origin=origin)
    return ingested


def attach(
    work: Work, session: Session, found: Sequence[Document], *, origin: frozenset[uuid.UUID] = frozenset()
) -> None:
    """Attaches once, however often it is called. ``origin``: ids that came in with this call."""
    if not found:
        return
    locks.hold_sessions(work, [session.id])
    rows = [
        {"session_id": session.id, "document_id": d.id, "is_origin": d.id in origin, "created_at": work.now}
        for d in sorted(found, key=lambda d: d.id)
    ]
    work.db.execute(insert(Attachment).values(rows).on_conflict_do_nothing())
    work.record("session.documents_attached", session, documents=[str(d.id) for d in found])


def attach_existing(work: Work, session: Session, document_ids: Sequence[str]) -> list[Document]:
    """All or nothing. Raises: Invalid for each id that is not a document of the session's workspace."""
    keys = [parse_uuid(i) for i in document_ids]
    query = select(Document).where(
        Document.id.in_([k for k in keys if k]), Document.workspace_id == session.workspace_id
    )
    by_id = {d.id: d for d in work.db.scalars(query.options(selectinload(Document.parsings)))}
    problems = {
        f"document_ids.{n}": ["There is no such document in this workspace."]
        for n, key in enumerate(keys)
        if key not in by_id
    }
    if problems:
        raise Invalid(problems)
    found = [by_id[key] for key in dict.fromkeys(k for k in keys if k)]
    attach(work, session, found)
    return found


def detach(work: Work, session: Session, document_id: str) -> None:
    key = parse_uuid(document_id)
    gone = work.db.execute(
        delete(Attachment)
        .where(Attachment.session_id == session.id, Attachment.document_id == key)
        .returning(Attachment.document_id)
    ).scalar()
    if gone is None:
        raise NotFound
    work.record("session.document_detached", session, document=str(key))


def in_template(work: Work, template: Template, session_ids: Sequence[str]) -> list[Session]:
    """The sessions in the order asked for. Raises: Invalid, naming each id that is none of the template's."""
    keys = [parse_uuid(i) for i in session_ids]
    query = select(Session).where(Session.template_id == template.id, Session.id.in_([k for k in keys if k]))
    by_id = {s.id: s for s in work.db.scalars(query)}
    problems = {
        f"session_ids.{n}": ["There is no such session under this template."]
        for n, key in enumerate(keys)
        if key not in by_id
    }
    if problems:
        raise Invalid(problems)
    return [by_id[key] for key in dict.fromkeys(k for k in keys if k)]


def count_attached(work: Work, session: Session) -> int:
    return work.db.scalar(select(func.count()).where(Attachment.session_id == session.id)) or 0


def _attached(session: Session):
    query = select(Document).join(Attachment, Attachment.document_id == Document.id)
    return query.where(Attachment.session_id == session.id).order_by(Attachment.created_at.desc(), Document.id.desc())
