"""Results: runs of sessions."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from fieldproof.core.clock import iso
from fieldproof.core.errors import Invalid
from fieldproof.db.models import Attachment, Document, FieldValue, Result, Session, Template
from fieldproof.services import locks, processing
from fieldproof.services.work import Work


def run(work: Work, session: Session) -> Result:
    """Starts a run over the documents that are attached now; parsing is asked for where it is missing.

    Raises: Invalid when there is no document, or none that can be read.
    """
    locks.hold_sessions(work, [session.id])
    template = work.db.get_one(Template, session.template_id)
    documents = _attached(work, session)
    if not documents:
        raise Invalid({"documents": ["The session has no documents. Upload or attach one first."]})
    config = processing.parse_config(work.settings, template.settings)
    # What failed for good is not tried again by a run: only ``reparse`` does that.
    parsings = processing.request_parsings(work, documents, config, keeps_failed=True)
    if all(p.status == "failed" for p in parsings):
        raise Invalid({"documents": [f"None of the documents can be read: {parsings[0].error}"]})
    result = Result(
        id=uuid.uuid4(), session_id=session.id, template_id=template.id, workspace_id=session.workspace_id,
        status="parsing_pending", is_batch=work.is_batch, batch_id=work.batch_id, config_hash=processing.config_hash(config), schema_json=template.schema_json,
        settings=template.settings, document_refs=[document_ref(d) for d in documents],
        document_ids=[d.id for d in documents], data={}, audit_data={}, reasoning={}, ledgers=[], warnings=[], usage={},
        created_by=work.actor.user_id, created_at=work.now, updated_at=work.now,
    )  # fmt: skip
    work.db.add(result)
    work.db.flush()
    processing.start_or_wait(work, result)
    work.record("result.started", result, session=str(session.id))
    return result


def run_many(work: Work, sessions: Sequence[Session]) -> list[Result]:
    """All or nothing. Raises: Invalid with ``session_ids.N`` for each session that cannot run."""
    locks.hold_sessions(work, [session.id for session in sessions])
    locks.lock_attached(work, [session.id for session in sessions])
    results: list[Result] = []
    problems: dict[str, list[str]] = {}
    for n, session in enumerate(sessions):
        try:
            results.append(run(work, session))
        except Invalid as error:
            problems[f"session_ids.{n}"] = [text for texts in error.fields.values() for text in texts]
    if problems:
        raise Invalid(problems)
    return results


def remove_result(work: Work, result: Result) -> None:
    work.record("result.deleted", result, session=str(result.session_id))
    work.db.delete(result)


def newest_completed(work: Work, sessions: Sequence[Session]) -> dict[uuid.UUID, Result]:
    """Per session, the newest completed run, where there is one."""
    query = select(Result).where(Result.session_id.in_([s.id for s in sessions]), Result.status == "completed")
    query = query.distinct(Result.session_id).order_by(Result.session_id, Result.created_at.desc(), Result.id.desc())
    return {r.session_id: r for r in work.db.scalars(query)}


def list_values(work: Work, result: Result) -> list[FieldValue]:
    query = select(FieldValue).where(FieldValue.result_id == result.id)
    return list(work.db.scalars(query.order_by(FieldValue.position)))


def document_ref(document: Document) -> dict[str, Any]:
    """The snapshot that a run keeps of a document; camelCase, as the contract has it."""
    return {
        "kind": "documentRef", "documentId": str(document.id), "workspaceId": document.workspace_id,
        "filename": document.filename, "mime": document.mime, "size": document.size_bytes, "sha256": document.sha256,
        "source": {"type": document.source_type, "url": document.source_url}, "createdAt": iso(document.created_at),
    }  # fmt: skip


def _attached(work: Work, session: Session) -> list[Document]:
    """Locked, in the order in which they were attached."""
    locks.lock_attached(work, [session.id])
    query = select(Document).join(Attachment, Attachment.document_id == Document.id)
    query = query.where(Attachment.session_id == session.id).order_by(Attachment.created_at, Document.id)
    return list(work.db.scalars(query.execution_options(populate_existing=True)))
