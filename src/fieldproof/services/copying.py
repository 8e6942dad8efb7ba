"""Files between stores, each checked by its hash; what is there already is not copied again."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import select

from fieldproof.core.errors import Conflict
from fieldproof.db.models import Document, Parsing, Upload, User
from fieldproof.services.work import Work
from fieldproof.storage import Store, StoreError, blob_key

_ATTEMPT = re.compile(r"parsed/([0-9a-f-]{36})/(\d+)(?:-(?:pages|parts)/.*)?")
_BLOB = re.compile(r"blobs/[0-9a-f]{2}/([0-9a-f]{64})")


@dataclass(frozen=True)
class Copies:
    """How many there are, and an iterator that copies one with each step."""

    total: int
    each: Iterator[str]


def copy_blobs(source: Store, target: Store) -> Copies:
    """Originals and parsed documents. Raises: StoreError for a file that is not what its name says."""
    keys = [*source.keys("blobs"), *source.keys("parsed")]
    return Copies(len(keys), _copy(source, target, keys))


def require_empty(work: Work) -> None:
    if work.db.scalar(select(User.id).limit(1)) is not None:
        raise Conflict("This installation has people in it. Restore into an empty one: choose another --data-dir.")


def is_filled(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        exists = connection.scalar(sa.text("SELECT to_regclass('users') IS NOT NULL"))
        return bool(exists and connection.scalar(sa.text("SELECT EXISTS (SELECT 1 FROM users)")))


def missing_blobs(work: Work) -> list[str]:
    """Hashes of documents whose bytes are not stored."""
    work.take_time()
    kept = select(Document.sha256).where(Document.original_removed_at.is_(None))
    hashes = work.db.scalars(kept.distinct().order_by(Document.sha256))
    return [h for h in hashes if work.store.size(blob_key(h)) is None]


def orphans(work: Work) -> tuple[list[str], list[str]]:
    """Hashes of stored bytes and ids of stored parsings that nothing seems to refer to.

    To be removed by ``documents.remove_files``, which looks again under a lock.
    """
    work.take_time()
    held = set(work.db.scalars(select(Document.sha256).where(Document.original_removed_at.is_(None))))
    held |= set(work.db.scalars(select(Upload.sha256).where(Upload.consumed_at.is_(None))))
    parsings = {str(p) for p in work.db.scalars(select(Parsing.id))}
    blobs = [m[1] for k in work.store.keys("blobs") if (m := _BLOB.fullmatch(k)) and m[1] not in held]
    parsed = {k.split("/")[1] for k in work.store.keys("parsed")}
    return blobs, sorted(parsed - parsings)


def leftovers(work: Work) -> list[str]:
    """Keys of what earlier attempts at a parsing left, whose workers were killed before they could take it away."""
    work.take_time()
    rows = work.db.execute(select(Parsing.id, Parsing.attempt, Parsing.key))
    kept = {str(row.id): (row.attempt, row.key) for row in rows}
    return [key for key in work.store.keys("parsed") if _is_left(key, kept)]


def _is_left(key: str, kept: dict[str, tuple[int, str | None]]) -> bool:
    match = _ATTEMPT.fullmatch(key)
    if match is None or match[1] not in kept:
        return False
    attempt, current = kept[match[1]]
    return int(match[2]) < attempt and current != f"parsed/{match[1]}/{match[2]}"


def _copy(source: Store, target: Store, keys: list[str]) -> Iterator[str]:
    for key in keys:
        size = source.size(key)
        if size is not None and not _is_whole(target, key, size):
            with tempfile.NamedTemporaryFile(prefix="fieldproof-copy-") as file:
                hasher = hashlib.sha256()
                for piece in source.stream(key, 0, size):
                    hasher.update(piece)
                    file.write(piece)
                file.flush()
                match = _BLOB.fullmatch(key)
                if match is not None and match[1] != hasher.hexdigest():
                    raise StoreError(f"{key} is damaged: its bytes are not those it is named after.")
                target.put(key, Path(file.name))
        yield key


def _is_whole(target: Store, key: str, size: int) -> bool:
    """The right length is not enough for an original: a disk can keep the length and lose the bytes."""
    if target.size(key) != size:
        return False
    match = _BLOB.fullmatch(key)
    if match is None:
        return True
    hasher = hashlib.sha256()
    for piece in target.stream(key, 0, size):
        hasher.update(piece)
    return match[1] == hasher.hexdigest()
