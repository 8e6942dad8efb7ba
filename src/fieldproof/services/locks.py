"""The one order in which rows are locked: users, templates, sessions, documents by their hash, parsings, runs.

By their hash because uploads can do no other: they insert documents, or find them there, before they know an id.
Whoever locks several documents does so here, all at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import select

from fieldproof.core.errors import NotFound
from fieldproof.db.models import Attachment, Document, Session, Template, User, Workspace
from fieldproof.services.work import Work


def lock_user(work: Work, user_id: int) -> None:
    """Against whoever else does this. Rows that refer to the user are still written, as jobs do that hold a document."""
    work.db.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def lock_template(work: Work, template_id: uuid.UUID) -> None:
    """Against whoever else does this, and changes of it; others go on making its sessions. Raises: NotFound."""
    query = select(Template.id).where(Template.id == template_id)
    if work.db.scalar(query.with_for_update(key_share=True)) is None:
        raise NotFound


def lock_documents(work: Work, ids: Collection[uuid.UUID], *, is_removing: bool = False) -> list[uuid.UUID]:
    """Until the transaction ends. Those that are there."""
    query = select(Document.id).where(Document.id.in_(ids)).order_by(Document.sha256, Document.id)
    return list(work.db.scalars(query.with_for_update(key_share=not is_removing)))


def lock_attached(work: Work, session_ids: Collection[uuid.UUID], *, is_removing: bool = False) -> None:
    """The documents of all these sessions."""
    attached = select(Attachment.document_id).where(Attachment.session_id.in_(session_ids)).distinct()
    lock_documents(work, list(work.db.scalars(attached)), is_removing=is_removing)


def hold_workspace(work: Work, workspace_id: int) -> bool:
    """As ``hold_document``; before everything else."""
    query = select(Workspace.id).where(Workspace.id == workspace_id)
    return work.db.scalar(query.with_for_update(read=True, key_share=True)) is not None


def hold_document(work: Work, document_id: uuid.UUID) -> bool:
    """Keeps it from being removed, and from nothing else. False when it is gone."""
    query = select(Document.id).where(Document.id == document_id)
    return work.db.scalar(query.with_for_update(read=True, key_share=True)) is not None


def hold_sessions(work: Work, ids: Collection[uuid.UUID]) -> None:
    """Keeps them from being removed while rows that belong to them are made. Raises: NotFound."""
    query = select(Session.id).where(Session.id.in_(ids)).order_by(Session.id)
    if len(work.db.scalars(query.with_for_update(read=True, key_share=True)).all()) != len(set(ids)):
        raise NotFound
