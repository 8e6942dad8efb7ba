"""Tags: words that people put on documents."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from fieldproof.core.errors import Invalid, NotFound
from fieldproof.db.models import Document, DocumentTag, Workspace
from fieldproof.services import locks
from fieldproof.services.work import Work

MOST_TAGS = 50
MAX_LENGTH = 64
MOST_DOCUMENTS = 1_000


def list_tags(work: Work, workspace: Workspace) -> list[tuple[str, int]]:
    """Every tag of the workspace, and on how many documents it is."""
    query = select(DocumentTag.tag, func.count()).where(DocumentTag.workspace_id == workspace.id)
    return [(tag, n) for tag, n in work.db.execute(query.group_by(DocumentTag.tag).order_by(DocumentTag.tag))]


def tags_of(work: Work, document: Document) -> list[str]:
    query = select(DocumentTag.tag).where(DocumentTag.document_id == document.id)
    return list(work.db.scalars(query.order_by(DocumentTag.tag)))


def set_tags(work: Work, document: Document, tags: Sequence[str]) -> list[str]:
    """Exactly these, in place of those that were there. Raises: Invalid."""
    wanted = cleaned(tags, "tags")
    mine = DocumentTag.document_id == document.id
    work.db.execute(delete(DocumentTag).where(mine, DocumentTag.tag.not_in(wanted)))
    _add(work, document.workspace_id, [document.id], wanted)
    work.record("document.tagged", document, tags=wanted)
    return wanted


def change_tags(
    work: Work, workspace: Workspace, ids: Sequence[uuid.UUID], *, add: Sequence[str], remove: Sequence[str]
) -> int:
    """On many documents at once, all or none; how many. Raises: NotFound when one is not the workspace's, Invalid."""
    added, removed = cleaned(add, "add"), cleaned(remove, "remove")
    if not 1 <= len(ids) <= MOST_DOCUMENTS:
        raise Invalid({"ids": [f"Must be 1 to {MOST_DOCUMENTS} document ids."]})
    chosen = sorted(set(ids))
    query = select(Document.id).where(Document.id.in_(chosen), Document.workspace_id == workspace.id)
    if len(locks.lock_documents(work, work.db.scalars(query).all())) != len(chosen):
        raise NotFound
    these = DocumentTag.document_id.in_(chosen)
    work.db.execute(delete(DocumentTag).where(these, DocumentTag.tag.in_(removed)))
    _add(work, workspace.id, chosen, added)
    work.record("documents.tagged", workspace, workspace_id=workspace.id, count=len(chosen), add=added, remove=removed)
    return len(chosen)


def cleaned(tags: Sequence[str], field: str) -> list[str]:
    """Raises: Invalid."""
    found = sorted({unicodedata.normalize("NFC", " ".join(tag.split())) for tag in tags})
    if len(found) > MOST_TAGS:
        raise Invalid({field: [f"At most {MOST_TAGS} tags."]})
    if any(not 1 <= len(tag) <= MAX_LENGTH or "," in tag for tag in found):
        raise Invalid({field: [f"A tag has 1 to {MAX_LENGTH} characters and no comma."]})
    return found


def _add(work: Work, workspace_id: int, ids: Sequence[uuid.UUID], tags: Sequence[str]) -> None:
    """Raises: Invalid when a document would have too many."""
    rows = [
        {"document_id": i, "workspace_id": workspace_id, "tag": tag, "created_at": work.now}
        for i in ids
        for tag in tags
    ]
    if not rows:
        return
    work.db.execute(insert(DocumentTag).on_conflict_do_nothing(), rows)
    counted = select(DocumentTag.document_id).where(DocumentTag.document_id.in_(ids)).group_by(DocumentTag.document_id)
    if work.db.scalar(counted.having(func.count() > MOST_TAGS).limit(1)) is not None:
        raise Invalid({"tags": [f"A document has at most {MOST_TAGS} tags."]})
