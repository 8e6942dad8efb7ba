"""Files that come in by themselves: from an address, or many at once from a folder or a bucket.

What is imported is read; with a template it becomes a session and is run. The server knows by content what it has, so
an import that broke off goes on where it was.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from fieldproof.core.errors import FieldproofError, Invalid
from fieldproof.core.ids import parse_uuid
from fieldproof.db.models import Attachment, Document, Session, Template, Workspace
from fieldproof.fetching import Downloaded, Egress
from fieldproof.services import documents, locks, processing, results, sessions, uploads
from fieldproof.services.documents import Ingested
from fieldproof.services.uploads import SignedUpload
from fieldproof.services.work import Work

MAX_PLANNED, MAX_TAKEN = 500, 100  # files in one call


@dataclass(frozen=True)
class Imported:
    document: Document
    session: Session | None
    is_new: bool


@dataclass(frozen=True)
class Planned:
    """What the server has of a file; ``upload`` where it has not even its bytes."""

    sha256: str
    document: Document | None
    session: Session | None
    upload: SignedUpload | None


def egress_of(work: Work) -> Egress:
    settings = work.settings
    return Egress(tuple(settings.egress_networks), settings.import_timeout_s, settings.max_upload_bytes)


def take_download(
    work: Work,
    workspace: Workspace,
    url: str,
    file: Path,
    found: Downloaded,
    *,
    filename: str | None = None,
    template: Template | None = None,
) -> Imported:
    """The downloaded bytes as a document. Raises: Invalid for an empty file and for one that cannot be read."""
    signed = uploads.add_upload(work, "application/octet-stream")
    work.db.flush()
    uploads.receive(work, signed.upload, file, found.sha256, found.size_bytes, found.filename)
    work.db.flush()
    (upload,) = uploads.claim(work, workspace.id, [signed.key], field="url", is_single=True)
    name = documents.clean_filename(filename or found.filename) or documents.fallback_filename(upload)
    return _start(work, documents.add_document(work, workspace.id, upload, name, source_url=url), template)


def plan(work: Work, workspace: Workspace, hashes: Sequence[str], template: Template | None) -> list[Planned]:
    """What is there of the files with these SHA-256, and links for what is not."""
    hashes = list(dict.fromkeys(h.lower() for h in hashes))
    query = select(Document).where(Document.workspace_id == workspace.id, Document.sha256.in_(hashes))
    known = {d.sha256: d for d in work.db.scalars(query)}
    used = _sessions_of(work, template, list(known.values())) if template is not None else {}
    return [_planned(work, sha256, known.get(sha256), used) for sha256 in hashes]


def take_many(
    work: Work,
    workspace: Workspace,
    keys: Sequence[str],
    names: Sequence[str],
    document_ids: Sequence[str],
    template: Template | None,
) -> list[Imported | str]:
    """Each upload and each document on its own: what one is refused for stops no other. Uploads first, in order.

    A document has one session of the template: a twin of this call, as when a killed client's last one is still at
    work here while its next run asks again, is waited for and its sessions are answered.
    """
    if names and len(names) != len(keys):
        raise Invalid({"names": ["Give a name for each key, or none at all."]})
    if template is not None:
        locks.lock_template(work, template.id)
    work.batch_id = uuid.uuid4()
    made: list[Imported | str] = []
    for n, key in enumerate(keys):
        made.append(_taken(work, lambda k=key, i=n: _of_key(work, workspace, k, names[i] if names else None), template))
    for document_id in document_ids:
        made.append(_taken(work, lambda i=document_id: _of_id(work, workspace, i), template))
    return made


def _planned(work: Work, sha256: str, document: Document | None, used: dict[object, Session]) -> Planned:
    if document is None:
        return Planned(sha256, None, None, uploads.add_upload(work, "application/octet-stream"))
    return Planned(sha256, document, used.get(document.id), None)


def _sessions_of(work: Work, template: Template, found: Sequence[Document]) -> dict[object, Session]:
    """The newest session of the template that each document is in."""
    query = select(Attachment.document_id, Session).join(Session, Session.id == Attachment.session_id)
    query = query.where(Session.template_id == template.id, Attachment.document_id.in_([d.id for d in found]))
    return {row[0]: row[1] for row in work.db.execute(query.order_by(Session.created_at, Session.id))}


def _taken(work: Work, ingest: Callable[[], Ingested], template: Template | None) -> Imported | str:
    try:
        with work.db.begin_nested():
            ingested = ingest()
            if template is not None and not ingested.is_new:
                known = _sessions_of(work, template, [ingested.document])
                if known:
                    return Imported(ingested.document, known[ingested.document.id], is_new=False)
            return _start(work, ingested, template)
    except Invalid as error:
        return " ".join(text for texts in error.fields.values() for text in texts)
    except FieldproofError as error:
        return error.message


def _of_key(work: Work, workspace: Workspace, key: str, name: str | None) -> Ingested:
    return documents.ingest(work, workspace.id, [key], filename=name, field="key", is_single=True)[0]


def _of_id(work: Work, workspace: Workspace, document_id: str) -> Ingested:
    key = parse_uuid(document_id)
    found = work.db.get(Document, key) if key is not None else None
    if found is None or found.workspace_id != workspace.id:
        raise Invalid({"document_id": ["There is no such document in this workspace."]})
    return Ingested(found, is_new=False)


def _start(work: Work, ingested: Ingested, template: Template | None) -> Imported:
    document = ingested.document
    if template is None:
        if document.status not in ("processed", "queued", "parsing"):
            processing.request_parsing(work, document, processing.parse_config(work.settings, {}))
        return Imported(document, None, ingested.is_new)
    session = sessions.add_session(work, template, document.filename, {"auto_extract": True})
    sessions.attach(work, session, [document], origin=frozenset({document.id} if ingested.is_new else ()))
    results.run(work, session)
    return Imported(document, session, ingested.is_new)
