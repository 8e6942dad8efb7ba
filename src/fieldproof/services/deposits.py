"""Deposits: every act of uploading, each a row of its uploader's own. The bytes behind them are kept once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import select

from fieldproof import parsing
from fieldproof.core.actor import Role
from fieldproof.core.document import REMEDIES, FailureCode
from fieldproof.core.errors import FieldproofError, Forbidden, Invalid, LimitExceeded, NotFound, UnsupportedMedia
from fieldproof.core.ids import parse_int_id, parse_uuid
from fieldproof.db.models import Chunk, Deposit, Document, Member, Parsing, Upload
from fieldproof.parsing import Category, FileType
from fieldproof.search import Scope, condition_for, counts, matching, page_ids, parse_query
from fieldproof.services import access, documents, locks, processing, uploads, workspaces
from fieldproof.services.filetypes import class_of
from fieldproof.services.paging import Page
from fieldproof.services.work import Work

STATUSES: dict[str, tuple[str, ...]] = {
    "pending": ("uploaded", "queued"),
    "processing": ("parsing", "parsed"),
    "completed": ("processed",),
    "failed": ("failed",),
}
_STATUS_OF = {inner: outer for outer, inners in STATUSES.items() for inner in inners}
_UNREAD = (Category.UNSUPPORTED, Category.UNKNOWN)
_UNREADABLE = {
    Category.ENCRYPTED: REMEDIES[FailureCode.ENCRYPTED],
    Category.OVERSIZED: "The file is a container with more entries than can be read.",
}


@dataclass(frozen=True)
class ReceivedFile:
    """A file of a request, on this machine's disk until the request ends."""

    filename: str
    path: Path
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Refusal:
    filename: str
    code: str  # unsupported_file_type | file_too_large | empty_file | unreadable_file
    message: str


@dataclass(frozen=True)
class DepositFilter:
    page: int
    size: int
    status: str | None = None
    search: str | None = None


@dataclass(frozen=True)
class DepositRow:
    """``created_at`` ≤ ``processed_at`` ≤ ``updated_at``, whoever brought the same bytes before."""

    id: int
    user_id: int
    filename: str
    file_type: str
    size_bytes: int
    status: str
    industry: str | None
    created_at: datetime
    updated_at: datetime
    processed_at: datetime | None
    url: str


@dataclass(frozen=True)
class DepositJob:
    """The latest reading of a deposit's document. ``blocks``: page number → chunk blocks, in reading order."""

    row: DepositRow
    started_at: datetime | None
    ended_at: datetime | None
    ocr_confidence: float | None
    page_count: int
    blocks: dict[int, list[dict[str, Any]]]
    error: str | None


def add_files(
    work: Work, files: Sequence[ReceivedFile], industry: str | None
) -> tuple[list[DepositRow], list[Refusal]]:
    """Takes what can be read into the caller's own workspace, and starts reading it.

    Raises: when nothing can be taken, whatever the first file was refused for.
    """
    refused: list[Refusal] = []
    taken: list[tuple[ReceivedFile, FileType]] = []
    for file in files:
        kind = parsing.sniff(file.path, file.filename)
        refusal = _refusal(work, file, kind)
        if refusal is None:
            taken.append((file, kind))
        else:
            refused.append(refusal)
    if not taken:
        raise _as_error(refused[0])
    workspace_id = own_workspace(work)
    made = {n: _add(work, workspace_id, *taken[n], industry) for n in _in_hash_order(taken)}
    ids = [made[n] for n in range(len(taken))]
    rows = {row.id: row for row in _rows(work, ids)}
    return [rows[i] for i in ids], refused


def own_workspace(work: Work) -> int:
    """The key's workspace; else the oldest that its owner administers; else one that is made now."""
    if work.actor.workspace_id is not None:
        if access.role_in(work, work.actor.workspace_id) in (None, Role.READONLY):
            raise Forbidden("This key may not add documents to its workspace.")
        return work.actor.workspace_id
    assert work.actor.user_id is not None
    locks.lock_user(work, work.actor.user_id)
    query = select(Member.workspace_id).where(Member.user_id == work.actor.user_id, Member.role == Role.ADMIN)
    found = work.db.scalar(query.order_by(Member.workspace_id).limit(1))
    return found if found is not None else workspaces.add_workspace(work, "Personal").id


def list_deposits(work: Work, wanted: DepositFilter) -> Page[DepositRow]:
    """The caller's own, newest first."""
    return work.read(lambda reading: _list(reading, wanted))


def _list(work: Work, wanted: DepositFilter) -> Page[DepositRow]:
    scope = _scope(work)
    if scope is None:
        return Page([], wanted.page, wanted.size, 0)
    statuses = STATUSES[wanted.status] if wanted.status is not None else ()
    start = (wanted.page - 1) * wanted.size
    if wanted.search is not None:
        found = matching(work.db, scope, condition_for(parse_query(wanted.search), scope, statuses))
        total, ids = len(found), found[::-1][start : start + wanted.size].tolist()
    else:
        counted = counts(work.db, scope, statuses)
        total, ids = counted.total, page_ids(work.db, counted, start, wanted.size)
    rows = _rows(work, ids) if ids else []
    return Page(rows, wanted.page, wanted.size, total)


def get_job(work: Work, deposit_id: int) -> DepositJob:
    """Raises: NotFound, for a stranger's deposit as for none."""
    mine = {"id": deposit_id, "user_id": work.actor.user_id, "workspace_ids": list(access.memberships(work))}
    rows = work.rows(_MINE, mine)
    if not rows:
        raise NotFound("Document not found.")
    found = rows[0]
    row = _row(work, found)
    query = select(Parsing).where(Parsing.document_id == found.document_id)
    if row.status == "completed":
        query = query.where(Parsing.status == "ready")
    parsing = work.db.scalars(query.order_by(Parsing.updated_at.desc()).limit(1)).one_or_none()
    started, ended = _times(row, parsing)
    return DepositJob(
        row, started, ended, parsing.ocr_confidence if parsing else None, (parsing and parsing.page_count) or 0,
        _blocks(work, parsing) if parsing and row.status == "completed" else {}, found.error,
    )  # fmt: skip


def find_linked(work: Work, user_id: str, key: str, expires: str, signature: str) -> tuple[Deposit, Document]:
    """The deposit behind a link of ``url``. Raises: NotFound for a wrong or expired one."""
    owner, place = parse_int_id(user_id), parse_uuid(key)
    is_signed = work.signer.accepts("deposit", _path(user_id, key), expires, signature)
    query = select(Deposit, Document).join(Document, Document.id == Deposit.document_id)
    query = query.where(Deposit.key == place, Deposit.user_id == owner)
    found = work.db.execute(query).one_or_none() if is_signed and owner and place else None
    if found is None:
        raise NotFound("This download link is not valid or has expired. Ask for a new one.")
    return found[0], found[1]


# Taking files in


def _refusal(work: Work, file: ReceivedFile, kind: FileType) -> Refusal | None:
    name = documents.clean_filename(file.filename) or "file"
    limit = work.settings.max_upload_bytes
    if file.size_bytes > limit:
        return Refusal(name, "file_too_large", f"File is larger than the allowed {limit:,} bytes.")
    if file.size_bytes == 0:
        return Refusal(name, "empty_file", "The file is empty.")
    if kind.category in _UNREAD:
        return Refusal(name, "unsupported_file_type", "Files of this type cannot be processed.")
    if kind.category in _UNREADABLE:
        return Refusal(name, "unreadable_file", _UNREADABLE[kind.category])
    return None


def _as_error(refusal: Refusal) -> FieldproofError:
    match refusal.code:
        case "file_too_large":
            return LimitExceeded(refusal.message)
        case "unsupported_file_type":
            return UnsupportedMedia(refusal.message)
        case _:
            return Invalid({"body.files[]": [refusal.message]})


def _in_hash_order(taken: Sequence[tuple[ReceivedFile, FileType]]) -> list[int]:
    """Two calls with the same files then wait for each other instead of dead-locking."""
    return sorted(range(len(taken)), key=lambda n: taken[n][0].sha256)


def _add(work: Work, workspace_id: int, file: ReceivedFile, kind: FileType, industry: str | None) -> int:
    uploads.store_blob(work, file.path, file.sha256)
    upload = Upload(
        id=uuid.uuid4(), user_id=work.actor.user_id, content_type=kind.media_type, filename=file.filename,
        size_bytes=file.size_bytes, sha256=file.sha256, mime=kind.media_type, extension=kind.extension.lstrip("."),
        category=class_of(kind),
    )  # fmt: skip
    name = documents.clean_filename(file.filename) or documents.fallback_filename(upload)
    document = documents.add_document(work, workspace_id, upload, name, industry=industry).document
    if document.status != "processed":
        processing.request_parsing(work, document, processing.parse_config(work.settings, {}))
    newest = select(Deposit.id).where(Deposit.document_id == document.id, Deposit.user_id == work.actor.user_id)
    return work.db.scalars(newest.order_by(Deposit.id.desc()).limit(1)).one()


# Showing them


def _scope(work: Work) -> Scope | None:
    """The caller's own deposits, as far as the caller still belongs to their workspaces."""
    ids = tuple(access.memberships(work))
    return Scope(ids, work.actor.user_id) if ids else None


_SELECT = """
    SELECT p.id, p.user_id, p.key, p.filename, p.industry, p.created_at, d.id AS document_id, d.category, d.size_bytes,
        d.status, d.error, d.updated_at, d.processed_at
    FROM deposits p JOIN documents d ON d.id = p.document_id
"""
_BY_ID = _SELECT + "WHERE p.id = ANY(%(ids)s) ORDER BY p.id DESC"
_MINE = _SELECT + "WHERE p.id = %(id)s AND p.user_id = %(user_id)s AND d.workspace_id = ANY(%(workspace_ids)s)"


def _rows(work: Work, ids: Sequence[int]) -> list[DepositRow]:
    """Newest first."""
    return [_row(work, found) for found in work.rows(_BY_ID, {"ids": ids})]


def _row(work: Work, found: Any) -> DepositRow:
    status = _STATUS_OF[found.status]
    processed = max(found.processed_at, found.created_at) if status == "completed" else None
    updated = max(found.updated_at, found.created_at, processed or found.created_at)
    return DepositRow(
        found.id, found.user_id, found.filename, found.category, found.size_bytes, status, found.industry,
        found.created_at, updated, processed, _link(work, found),
    )  # fmt: skip


def _link(work: Work, found: Any) -> str:
    """``base/user/uuid/filename?…``: works without a key until it dies."""
    path, _ = work.signer.link("deposit", _path(found.user_id, found.key), work.settings.download_url_ttl_s)
    place, _, proof = path.partition("?")
    return f"{work.public_url}{place}/{quote(found.filename, safe='')}?{proof}"


def _path(user_id: int | str, key: uuid.UUID | str) -> str:
    return f"{documents.FILE_PATH}{user_id}/{key}"


def _times(row: DepositRow, parsing: Parsing | None) -> tuple[datetime | None, datetime | None]:
    """When the reading began and ended, never before the deposit."""
    if parsing is None or row.status == "pending":
        return None, None
    started = max(parsing.started_at, row.created_at) if parsing.started_at else None
    if row.status == "completed":
        return started, row.processed_at
    is_over = row.status == "failed" and parsing.finished_at is not None
    return started, max(parsing.finished_at, row.created_at) if is_over and parsing.finished_at else None


def _blocks(work: Work, parsing: Parsing) -> dict[int, list[dict[str, Any]]]:
    query = select(Chunk.first_page, Chunk.blocks).where(Chunk.parsing_id == parsing.id).order_by(Chunk.index)
    pages: dict[int, list[dict[str, Any]]] = {}
    for chunk in work.db.execute(query):
        pages.setdefault(chunk.first_page, []).extend(chunk.blocks)
    return pages
