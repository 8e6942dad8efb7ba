"""Retention: originals are deleted some days after they were last uploaded; what was read and extracted stays.

With an original go the pictures of its pages. The days are a workspace's own setting; without it nothing is deleted.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import String, cast, exists, func, select, update

from fieldproof.core.errors import Invalid
from fieldproof.db.models import Deposit, Document, Parsing, Workspace
from fieldproof.services.work import Work

MAX_DAYS = 3650
MOST_AT_ONCE = 500  # documents of one transaction
_AT_REST = ("uploaded", "processed", "failed")


def days_of(workspace: Workspace) -> int | None:
    return workspace.settings.get("retention_days")


def set_days(work: Work, workspace: Workspace, days: int | None) -> None:
    """None: originals are kept for ever. Raises: Invalid."""
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise Invalid({"days": [f"Originals can be kept for 1 to {MAX_DAYS:,} days, or for ever."]})
    others: dict[str, Any] = {k: v for k, v in workspace.settings.items() if k != "retention_days"}
    workspace.settings = others if days is None else {**others, "retention_days": days}
    workspace.updated_at = work.now
    work.record("workspace.retention_changed", workspace, workspace_id=workspace.id, days=days)


def remove_due(work: Work) -> int:
    """Marks originals whose days are over and has their bytes removed; how many. Call it until there are none."""
    days = cast(Workspace.settings, String)  # the column is json, which has no operators of its own in an index
    query = select(Workspace).where(days.contains('"retention_days"')).order_by(Workspace.id)
    for workspace in work.db.scalars(query):
        kept_days = days_of(workspace)
        if kept_days is not None:
            count = _remove_due_of(work, workspace, kept_days)
            if count:
                return count
    return 0


def _remove_due_of(work: Work, workspace: Workspace, days: int) -> int:
    before = work.now - timedelta(days=days)
    brought_since = exists().where(Deposit.document_id == Document.id, Deposit.created_at >= before)
    due = (
        select(Document.id)
        .where(
            Document.workspace_id == workspace.id, Document.created_at < before, ~brought_since,
            Document.original_removed_at.is_(None), Document.status.in_(_AT_REST),
        )
        .order_by(Document.created_at).limit(MOST_AT_ONCE).with_for_update(skip_locked=True)
    )  # fmt: skip
    ids = list(work.db.scalars(due))
    if not ids:
        return 0
    marked = update(Document).where(Document.id.in_(ids)).values(original_removed_at=work.now, updated_at=func.now())
    hashes = list(work.db.scalars(marked.returning(Document.sha256).execution_options(synchronize_session=False)))
    work.defer("remove_files", sha256=hashes, parsing_ids=[], pictures=_pictures(work, ids))
    work.record("documents.originals_deleted", workspace, workspace_id=workspace.id, documents=len(ids), days=days)
    return len(ids)


def _pictures(work: Work, document_ids: list[uuid.UUID]) -> list[str]:
    """Prefixes of the keys of page pictures, as ``storage.page_key`` has them."""
    query = select(Parsing.id, Parsing.attempt).where(Parsing.document_id.in_(document_ids), Parsing.key.is_not(None))
    return [f"parsed/{row.id}/{row.attempt}-pages" for row in work.db.execute(query)]
