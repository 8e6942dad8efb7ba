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
from fieldproof.services import documents, uploads
from fieldproof.services.filetypes import class_of
from fieldproof.services.processing import ParseOrder
from fieldproof.services.work import Work

MAX_DEPTH = 3  # mails in mails in mails: below that, attachments are left alone


def add_children(work: Work, order: ParseOrder, attachments: Sequence[Attachment]) -> list[Document]:
    """One document per attachment that can be read, with the mail as its parent; what is there already stays."""
    parent = work.db.scalars(select(Document).join(Parsing).where(Parsing.id == order.parsing_id)).one()
    if _depth(work, parent) >= MAX_DEPTH:
        return []
    made = (_add_child(work, parent, a) for a in sorted(attachments, key=lambda a: hashlib.sha256(a.content).digest()))
    return [child for child in made if child is not None]


def _add_child(work: Work, parent: Document, attachment: Attachment) -> Document | None:
    sha256, size = hashlib.sha256(attachment.content).hexdigest(), len(attachment.content)
    with tempfile.NamedTemporaryFile(prefix="fieldproof-attachment-") as file:
        file.write(attachment.content)
        file.flush()
        kind = parsing.sniff(Path(file.name), attachment.filename)
        if size == 0 or class_of(kind) == "other" or size > work.settings.max_upload_bytes:
            return None
        uploads.store_blob(work, Path(file.name), sha256)
    values = {
        "workspace_id": parent.workspace_id, "parent_id": parent.id, "mime": kind.media_type,
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
