"""Documents: the files of a workspace, each once by its SHA-256."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from fieldproof import metrics, search
from fieldproof.core.errors import Gone, Invalid, NotFound
from fieldproof.core.ids import parse_uuid
from fieldproof.db.models import (
    Chunk,
    Deposit,
    Document,
    FieldValue,
    Parsing,
    Result,
    SearchResult,
    Template,
    Upload,
)
from fieldproof.services import processing, uploads
from fieldproof.services.paging import Page
from fieldproof.services.work import Work
from fieldproof.storage import blob_key

STATUSES = ("uploaded", "queued", "parsing", "parsed", "processed", "failed")
SOURCE_TYPES = ("upload", "url", "connector")
SORTS = {"created_at": "d.created_at", "filename": "d.filename", "size": "d.size_bytes", "status": "d.status"}
FILE_PATH = "/v1/files/"
_DAMAGED = "The stored original is missing or altered. Upload the file again."
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Ingested:
    """``is_new`` is False when the workspace already held these bytes."""

    document: Document
    is_new: bool


@dataclass(frozen=True)
class ListedDocument:
    """To be shown: ``row`` has the columns of a document, ``parsings`` those of its parsings, oldest first."""

    row: Any
    parsings: list[Any]


@dataclass(frozen=True)
class DocumentFilter:
    query: str | None = None
    mime: str | None = None
    status: str | None = None
    source_type: str | None = None
    sort: str = "created_at"
    is_ascending: bool = False


def ingest(
    work: Work,
    workspace_id: int,
    keys: Sequence[str],
    *,
    filename: str | None = None,
    field: str = "keys",
    is_single: bool = False,
) -> list[Ingested]:
    """Turns uploaded keys into documents, all or none. Storage only: nothing is parsed here."""
    claimed = uploads.claim(work, workspace_id, keys, field=field, is_single=is_single)
    named = [
        (upload, clean_filename(filename or upload.filename or uploads.name_in_key(key)) or fallback_filename(upload))
        for upload, key in zip(claimed, keys, strict=True)
    ]
    # Inserted in hash order: two calls with the same files then wait for each other instead of dead-locking.
    order = sorted(range(len(named)), key=lambda n: str(named[n][0].sha256))
    made = {n: add_document(work, workspace_id, *named[n]) for n in order}
    return [made[n] for n in range(len(named))]


def add_document(
    work: Work,
    workspace_id: int,
    upload: Upload,
    filename: str,
    *,
    industry: str | None = None,
    source_url: str | None = None,
) -> Ingested:
    """``source_url``: where it was fetched from. A document that is there already keeps its own source."""
    assert upload.sha256 is not None and upload.size_bytes is not None
    assert upload.mime is not None and upload.extension is not None and upload.category is not None
    values = {
        "workspace_id": workspace_id, "filename": filename, "mime": upload.mime, "extension": upload.extension,
        "category": upload.category, "size_bytes": upload.size_bytes, "sha256": upload.sha256, "status": "uploaded",
        "source_type": "url" if source_url else "upload", "source_url": source_url, "created_by": work.actor.user_id,
        "created_at": work.now, "updated_at": work.now,
    }  # fmt: skip
    statement = insert(Document).values(values).on_conflict_do_nothing(index_elements=["workspace_id", "sha256"])
    new_id = work.db.execute(statement.returning(Document.id)).scalar()
    same = select(Document).where(Document.workspace_id == workspace_id, Document.sha256 == upload.sha256)
    # Locked, so that retention does not take away what has just been brought again.
    locked = same.options(selectinload(Document.parsings)).with_for_update(key_share=True)
    document = work.db.scalars(locked.execution_options(populate_existing=True)).one()
    document.original_removed_at = None
    deposit = Deposit(
        user_id=work.actor.user_id, document_id=document.id, filename=filename, industry=industry, created_at=work.now
    )  # fmt: skip
    work.db.add(deposit)
    work.db.flush()
    search.add_entry(work.db, document, filename, deposit=deposit, is_first=new_id is not None)
    if new_id is not None:
        work.record("document.created", document, filename=filename)
    return Ingested(document, new_id is not None)


def list_documents(
    work: Work, workspace_id: int, wanted: DocumentFilter, number: int, size: int
) -> Page[ListedDocument]:
    """To be looked at only."""
    return work.read(lambda reading: _listed(reading, workspace_id, wanted, number, size))


def _listed(work: Work, workspace_id: int, wanted: DocumentFilter, number: int, size: int) -> Page[ListedDocument]:
    where = "d.workspace_id = %(workspace_id)s" + "".join(f" AND {each}" for each in _conditions(wanted))
    asked = {
        "workspace_id": workspace_id, "needle": like_pattern(wanted.query or ""), "status": wanted.status,
        "sha256": (wanted.query or "").strip().lower(), "mime": wanted.mime, "source_type": wanted.source_type,
        "size": size, "start": (number - 1) * size,
    }  # fmt: skip
    if wanted.query or wanted.mime or wanted.source_type:
        total = work.rows(f"SELECT count(*)::int AS n FROM documents d WHERE {where}", asked)[0].n  # noqa: S608
    else:
        total = search.counts(work.db, search.Scope((workspace_id,)), [wanted.status] if wanted.status else []).total
    direction = "ASC" if wanted.is_ascending else "DESC"
    order = f"{SORTS[wanted.sort]} {direction}, d.id {direction} LIMIT %(size)s OFFSET %(start)s"
    rows = work.rows(f"{_LISTED} WHERE {where} ORDER BY {order}", asked) if total else []
    parsings: dict[uuid.UUID, list[Any]] = {row.id: [] for row in rows}
    for parsing in work.rows(_PARSINGS, {"ids": list(parsings)}) if rows else ():
        parsings[parsing.document_id].append(parsing)
    return Page([ListedDocument(row, parsings[row.id]) for row in rows], number, size, total)


def _conditions(wanted: DocumentFilter) -> Iterator[str]:
    if wanted.query:
        yield "(d.filename ILIKE %(needle)s OR d.source_url ILIKE %(needle)s OR d.sha256 = %(sha256)s)"
    if wanted.mime:
        yield "d.mime = %(mime)s"
    if wanted.status:
        yield "d.status = %(status)s"
    if wanted.source_type:
        yield "d.source_type = %(source_type)s"


_LISTED = """
    SELECT d.id, d.workspace_id, d.filename, d.mime, d.size_bytes, d.sha256, d.status, d.source_type, d.source_url,
        d.page_count, d.error, d.error_code, d.created_at, d.updated_at
    FROM documents d
"""
_PARSINGS = """
    SELECT document_id, id, config_hash, status, parser_version, error, error_code, updated_at
    FROM parsings WHERE document_id = ANY(%(ids)s) ORDER BY created_at
"""


def with_parsings(work: Work, document: Document) -> Document:
    query = select(Document).where(Document.id == document.id).options(selectinload(Document.parsings))
    return work.db.scalars(query).one()


def list_chunks(work: Work, document: Document) -> tuple[list[Chunk], Parsing]:
    """The chunks of the newest finished parsing. Raises: NotFound while there is none."""
    parsing = ready_parsing(work, document)
    if parsing is None:
        raise NotFound("The document has no chunks yet: it has not been parsed.")
    return list(work.db.scalars(select(Chunk).where(Chunk.parsing_id == parsing.id).order_by(Chunk.index))), parsing


def ready_parsing(work: Work, document: Document) -> Parsing | None:
    query = select(Parsing).where(Parsing.document_id == document.id, Parsing.status == "ready")
    return work.db.scalars(query.order_by(Parsing.finished_at.desc()).limit(1)).one_or_none()


def download_link(work: Work, document: Document) -> tuple[str, datetime]:
    """A link to the original that works without a token, and the moment it dies."""
    _require_original(document)
    ttl_s = work.settings.download_url_ttl_s
    direct = work.store.download_link(blob_key(document.sha256), document.filename, document.mime, ttl_s)
    if direct is not None:
        return direct, work.now + timedelta(seconds=ttl_s)
    path, expires_at = work.signer.link("file", f"{FILE_PATH}{document.id}", ttl_s)
    return work.public_url + path, expires_at


def find_linked(work: Work, document_id: str, expires: str, signature: str) -> Document:
    """The document behind a download link. Raises: NotFound for a wrong or expired one."""
    key = parse_uuid(document_id)
    is_signed = work.signer.accepts("file", f"{FILE_PATH}{document_id}", expires, signature)
    document = work.db.get(Document, key) if key is not None and is_signed else None
    if document is None:
        raise NotFound("This download link is not valid or has expired. Ask for a new one.")
    return document


def stored_original(work: Work, document: Document) -> tuple[str, int]:
    """Key and size of the bytes. Raises: NotFound when they were removed on purpose, Gone when they are lost."""
    _require_original(document)
    key = blob_key(document.sha256)
    size = work.store.size(key)
    if size is None:
        metrics.damaged.inc()
        raise Gone(_DAMAGED)
    return key, size


def whole_original(work: Work, document: Document, size: int) -> Iterator[bytes]:
    """The bytes, of which the last piece comes only when all of them have the document's hash. Raises: Gone."""
    hasher, kept = hashlib.sha256(), b""
    for piece in work.store.stream(blob_key(document.sha256), 0, size):
        hasher.update(piece)
        if kept:
            yield kept
        kept = piece
    if hasher.hexdigest() != document.sha256:
        metrics.damaged.inc()
        raise Gone(_DAMAGED)
    yield kept


def _require_original(document: Document) -> None:
    if document.original_removed_at is not None:
        raise NotFound(processing.ORIGINAL_GONE)


def reparse(work: Work, document: Document, config_hash: str, *, force: bool = False) -> tuple[Parsing, bool]:
    """The parsing for a known configuration, and whether it is ready already.

    Raises: Invalid when no template of the workspace, nor the default, nor an earlier parsing has that configuration.
    """
    config = _config_for(work, document, config_hash)
    if config is None:
        raise Invalid({"config_hash": ["Unknown configuration. A template's config_hash is in its own answer."]})
    parsing = processing.request_parsing(work, document, config, force=force)
    return parsing, parsing.status == "ready"


def remove_document(work: Work, document: Document) -> None:
    """Chunks, parsings and bytes go; runs that read only this document lose their data, and keep their reference."""
    alone = select(Result.id).where(Result.document_ids == [document.id])
    blank: dict[str, Any] = {"data": {}, "audit_data": {}, "reasoning": {}, "ledgers": [], "title": None}
    work.db.execute(delete(FieldValue).where(FieldValue.result_id.in_(alone)))
    work.db.execute(delete(SearchResult).where(SearchResult.result_id.in_(alone)))
    work.db.execute(update(Result).where(Result.document_ids == [document.id]).values(blank))
    parsing_ids = [str(p) for p in work.db.scalars(select(Parsing.id).where(Parsing.document_id == document.id))]
    work.record("document.deleted", document, filename=document.filename)
    work.defer("remove_files", sha256=[document.sha256], parsing_ids=parsing_ids)
    processing.document_gone(work, document)
    work.db.flush()
    work.db.delete(document)
    work.db.flush()


def remove_files(work: Work, hashes: Sequence[str], parsing_ids: Sequence[str], pictures: Sequence[str] = ()) -> None:
    """Deletes stored bytes that no document and no waiting upload needs any more; ``pictures`` are prefixes of keys.

    What has come in since somebody looked is kept.
    """
    for prefix in pictures:
        work.store.delete_under(prefix)
    ids = [key for i in parsing_ids if (key := parse_uuid(i)) is not None]
    known = {str(key) for key in work.db.scalars(select(Parsing.id).where(Parsing.id.in_(ids)))}
    for parsing_id in parsing_ids:
        if parsing_id not in known:
            work.store.delete_under(f"parsed/{parsing_id}")
    for sha256 in sorted(set(hashes)):
        uploads.lock_blob(work, sha256)
        waiting = select(Upload.id).where(Upload.sha256 == sha256, Upload.consumed_at.is_(None)).limit(1)
        held = select(Document.id).where(Document.sha256 == sha256, Document.original_removed_at.is_(None)).limit(1)
        # In the order in which bytes go from one to the other: an upload that is attached meanwhile is seen.
        if work.db.scalar(waiting) is None and work.db.scalar(held) is None:
            work.store.delete(blob_key(sha256))


def clean_filename(name: str | None) -> str | None:
    """A name fit to be shown and sent as a header: one line, no path, at most 255 characters."""
    if name is None:
        return None
    name = unicodedata.normalize("NFC", _UNSAFE.sub("_", re.split(r"[/\\]", name)[-1]))
    return name[-255:] if name.strip(" .") else None


def fallback_filename(upload: Upload) -> str:
    return f"document-{str(upload.sha256)[:8]}.{upload.extension}"


def like_pattern(text: str) -> str:
    """A substring for LIKE in which ``%``, ``_`` and the backslash mean themselves."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _config_for(work: Work, document: Document, config_hash: str) -> dict[str, Any] | None:
    earlier = select(Parsing.config).where(Parsing.document_id == document.id, Parsing.config_hash == config_hash)
    found = work.db.scalar(earlier)
    if found is not None:
        return found
    templates = work.db.scalars(select(Template.settings).where(Template.workspace_id == document.workspace_id))
    for settings in [{}, *templates]:
        config = processing.parse_config(work.settings, settings)
        if processing.config_hash(config) == config_hash:
            return config
    return None
