"""The signed upload: a key, a link for five minutes, the bytes, and a day to attach them."""

from __future__ import annotations

import hashlib
import re
import tempfile
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message
from pathlib import Path

from sqlalchemy import delete, func, select

from fieldproof import parsing
from fieldproof.core.document import REMEDIES, FailureCode
from fieldproof.core.errors import Invalid, LimitExceeded, NotFound
from fieldproof.core.ids import parse_uuid
from fieldproof.db.models import Member, Upload
from fieldproof.parsing.filetype import ENCRYPTED_OFFICE, UNKNOWN
from fieldproof.services.filetypes import class_of
from fieldproof.services.work import Work
from fieldproof.storage import StoreError, blob_key, upload_key

UPLOAD_PATH = "/v1/uploads/"
_KEY = re.compile(r"tmp/([0-9a-f-]{36})(?:[-/.].{0,255})?")


@dataclass(frozen=True)
class SignedUpload:
    upload: Upload
    key: str
    url: str
    headers: dict[str, str]
    expires_at: datetime


def add_upload(work: Work, content_type: str) -> SignedUpload:
    upload = Upload(id=uuid.uuid4(), user_id=work.actor.user_id, content_type=content_type, created_at=work.now)
    work.db.add(upload)
    ttl_s = work.settings.upload_url_ttl_s
    direct = work.store.upload_link(upload_key(upload.id), content_type, ttl_s)
    if direct is not None:
        url, headers = direct
        return SignedUpload(upload, f"tmp/{upload.id}", url, headers, work.now + timedelta(seconds=ttl_s))
    path, expires_at = work.signer.link("upload", f"{UPLOAD_PATH}{upload.id}", ttl_s)
    headers = {"Content-Type": content_type}
    return SignedUpload(upload, f"tmp/{upload.id}", work.public_url + path, headers, expires_at)


def find_open(work: Work, upload_id: str, expires: str, signature: str) -> Upload:
    """The upload behind a link. Raises: NotFound for a wrong, expired or used one."""
    key = parse_uuid(upload_id)
    upload = work.db.get(Upload, key) if key is not None else None
    is_signed = work.signer.accepts("upload", f"{UPLOAD_PATH}{upload_id}", expires, signature)
    if upload is None or not is_signed or upload.consumed_at is not None:
        raise NotFound("This upload link is not valid or has expired. Ask for a new one.")
    return upload


def receive(work: Work, upload: Upload, file: Path, sha256: str, size_bytes: int, filename: str | None) -> None:
    """Stores the bytes under their hash. A second PUT before the key is attached replaces the first."""
    if size_bytes > work.settings.max_upload_bytes:
        raise LimitExceeded(f"The file is larger than {work.settings.max_upload_bytes:,} bytes.")
    store_blob(work, file, sha256)
    upload.sha256, upload.size_bytes, upload.filename, upload.received_at = sha256, size_bytes, filename, work.now
    kind = parsing.sniff(file, filename)
    upload.mime, upload.extension, upload.category = kind.media_type, kind.extension.lstrip("."), class_of(kind)


def store_blob(work: Work, file: Path, sha256: str) -> None:
    """Under a lock on the hash, so that a clean-up of the same bytes cannot come between.

    Written even when it is there: bytes that were damaged are whole again, and nobody can tell by the time it takes
    whether another workspace holds the same file.
    """
    lock_blob(work, sha256)
    work.store.put(blob_key(sha256), file)


def lock_blob(work: Work, sha256: str) -> None:
    work.db.execute(select(func.pg_advisory_xact_lock(int(sha256[:15], 16))))


def claim(
    work: Work, workspace_id: int, keys: Sequence[str], *, field: str = "keys", is_single: bool = False
) -> list[Upload]:
    """The received uploads behind the keys, now consumed. All or none. A key works where its uploader is a member.

    Raises: Invalid with ``keys.N`` for each key that is unknown, empty, expired, used or given twice.
    """
    ids = [_upload_id(key) for key in keys]
    members = select(Member.user_id).where(Member.workspace_id == workspace_id)
    query = select(Upload).where(Upload.id.in_([i for i in ids if i]), Upload.user_id.in_(members))
    rows = {u.id: u for u in work.db.scalars(query.order_by(Upload.id).with_for_update())}
    too_large = _fetch_direct(work, [u for u in rows.values() if u.consumed_at is None and u.received_at is None])
    problems: dict[str, list[str]] = {}
    for n, upload_id in enumerate(ids):
        upload = rows.get(upload_id) if upload_id else None
        problem = (
            too_large.get(upload_id)
            or _problem(work, upload)
            or ("The key is given twice." if upload_id in ids[:n] else None)
        )
        if problem:
            problems[field if is_single else f"{field}.{n}"] = [problem]
    if problems:
        raise Invalid(problems)
    claimed = [rows[i] for i in ids if i]
    for upload in claimed:
        upload.consumed_at = work.now
    return claimed


def remove_expired(work: Work) -> list[str]:
    """Forgets uploads that nobody attached in time, and used ones; the hashes of the bytes they held."""
    before = work.now - timedelta(seconds=work.settings.upload_key_ttl_s)
    gone = delete(Upload).where(Upload.created_at < before).returning(Upload.sha256, Upload.consumed_at)
    return sorted({row.sha256 for row in work.db.execute(gone) if row.sha256 and row.consumed_at is None})


def remove_leftovers(work: Work) -> None:
    """What clients put straight into the store and nobody attached, or what was attached from there."""
    work.take_time()
    keys = list(work.store.keys("tmp"))  # first: what comes later has its row already
    waiting = set(work.db.scalars(select(Upload.id).where(Upload.consumed_at.is_(None)))) if keys else set()
    for key in keys:
        upload_id = _upload_id(key)
        if upload_id is not None and upload_id not in waiting:
            work.store.delete(key)


def _fetch_direct(work: Work, waiting: Sequence[Upload]) -> dict[uuid.UUID | None, str]:
    """Bytes that went straight into the store: hashed while they are copied to where nobody can change them.

    Which are too large, and the sentence to say so.
    """
    refused: dict[uuid.UUID | None, str] = {}
    with ExitStack() as stack:
        found: list[tuple[str, Path, Upload, str | None, int]] = []
        for upload in waiting:
            file = stack.enter_context(tempfile.NamedTemporaryFile(prefix="fieldproof-upload-"))
            try:
                disposition = work.store.receive(upload_key(upload.id), file, work.settings.max_upload_bytes)
            except StoreError:
                continue  # nothing has come: the caller is told so
            except LimitExceeded as error:
                refused[upload.id] = error.message
                continue
            file.flush()
            path = Path(file.name)
            with path.open("rb") as copy:
                sha256 = hashlib.file_digest(copy, "sha256").hexdigest()
            found.append((sha256, path, upload, name_in_disposition(disposition), path.stat().st_size))
        for sha256, path, upload, filename, size in sorted(
            found, key=lambda one: one[0]
        ):  # everybody locks in this order
            receive(work, upload, path, sha256, size, filename)
    return refused


def name_in_disposition(disposition: str | None) -> str | None:
    """The file name of a ``Content-Disposition``; without NUL, which no database stores."""
    if not disposition:
        return None
    message = Message()
    message["Content-Disposition"] = disposition
    name = message.get_filename()
    return name.replace("\x00", "_") if name else None


def name_in_key(key: str) -> str | None:
    """The name part that some clients hang on a key: ``tmp/<uuid>-invoice.pdf``."""
    return key[41:] or None if len(key) > 41 else None


def _upload_id(key: str) -> uuid.UUID | None:
    match = _KEY.fullmatch(key)
    return parse_uuid(match[1]) if match else None


def _problem(work: Work, upload: Upload | None) -> str | None:
    if upload is None:
        return "There is no such upload key."
    if upload.consumed_at is not None:
        return "This key has been used already. Upload the file again."
    if upload.received_at is None:
        return "Nothing was uploaded under this key."
    if upload.received_at + timedelta(seconds=work.settings.upload_key_ttl_s) <= work.now:
        return "This key has expired. Upload the file again."
    if upload.size_bytes == 0:
        return "The uploaded file is empty."
    return _unreadable(upload.mime) if upload.category == "other" else None


def _unreadable(mime: str | None) -> str:
    """Why a file of this type is not taken, and what to do."""
    if mime == ENCRYPTED_OFFICE.media_type:
        return REMEDIES[FailureCode.ENCRYPTED]
    if mime == UNKNOWN.media_type:
        return "The file is damaged, or of a type that is not supported. Open it, save it as PDF and upload that."
    return f"Files of type {mime} are not supported. Convert the file to PDF and upload that."
