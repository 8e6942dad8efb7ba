"""Files inside files: the attachments of a mail become documents of their own."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from fieldproof import parsing, search
from fieldproof.core.document import Attachment
from fieldproof.db.models import Document, Parsing
from fieldproof.services import documents, locks, uploads
from fieldproof.services.filetypes import class_of
from fieldproof.services.processing import ParseOrder
from fieldproof.services.work import Work

MAX_DEPTH = 3  # mails in mails in mails: below that, attachments are left alone


def add_children(work: Work, order: ParseOrder, attachments: Sequence[Attachment]) -> list[Document]:
    """One document per attachment that can be read, with the mail as its parent; what is there already stays.

    In a transaction of its own, before the one that ends the reading: that one holds the mail from its beginning, and
    somebody who uploads the mail and its attachments holds these first. Should the reading not end, the next attempt
    finds them there.
    """
    attempt = Parsing.id == order.parsing_id, Parsing.attempt == order.attempt, Parsing.status == "processing"
    parent = work.db.scalars(select(Document).join(Parsing).where(*attempt)).one_or_none()
    if parent is None or _depth(work, parent) >= MAX_DEPTH or not locks.hold_workspace(work, parent.workspace_id):
        return []
    by_hash = {hashlib.sha256(a.content).hexdigest(): a for a in reversed(attachments)}
    made: list[Document | None] = []
    for sha256 in sorted({parent.sha256, *by_hash}):
        if sha256 != parent.sha256:
            made.append(_add_child(work, parent, sha256, by_hash[sha256]))
        elif not locks.hold_document(work, parent.id):
            work.db.rollback()  # removed while it was read: its attachments do not come in after it
            return []
    children = [child for child in made if child is not None]
    for child in children:  # only now: the reference takes a lock on the mail, whose turn it was above
        child.parent_id = parent.id
    work.db.flush()
    return children


def _add_child(work: Work, parent: Document, sha256: str, attachment: Attachment) -> Document | None:
    size = len(attachment.content)
    with tempfile.NamedTemporaryFile(prefix="fieldproof-attachment-") as file:
        file.write(attachment.content)
        file.flush()
        kind = parsing.sniff(Path(file.name), attachment.filename)
        if size == 0 or class_of(kind) == "other" or size > work.settings.max_upload_bytes:
            return None
        uploads.store_blob(work, Path(file.name), sha256)
    values = {
        "workspace_id": parent.workspace_id, "mime": kind.media_type,
        "extension": kind.extension.lstrip("."), "category": class_of(kind), "size_bytes": size, "sha256": sha256,
        "filename": documents.clean_filename(attachment.filename) or f"attachment{kind.extension}",
        "status": "uploaded", "source_type": parent.source_type, "created_by": parent.created_by,
        "created_at": work.now, "updated_at": work.now,
    }  # fmt: skip
    statement = insert(Document).values(values).on_conflict_do_nothing(index_elements=["workspace_id", "sha256"])
    new_id = work.db.execute(statement.returning(Document.id)).scalar()
    if new_id is None:
        return None
    child = work.db.get_one(Document, new_id)
    search.add_entry(work.db, child, child.filename, is_first=True)
    return child


def _depth(work: Work, document: Document) -> int:
    depth, parent_id = 0, document.parent_id
    while parent_id is not None and depth < MAX_DEPTH:
        depth, parent_id = depth + 1, work.db.scalar(select(Document.parent_id).where(Document.id == parent_id))
    return depth
