"""Files between stores, each checked by its hash; what is there already is not copied again."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import select

from fieldproof.core.errors import Conflict
from fieldproof.db.models import Document, Parsing, Upload, User
from fieldproof.services.work import Work
from fieldproof.storage import Store, blob_key

_ATTEMPT = re.compile(r"parsed/([0-9a-f-]{36})/(\d+)(?:-(?:pages|parts)/.*)?")
_BLOB = re.compile(r"blobs/[0-9a-f]{2}/([0-9a-f]{64})")


@dataclass(frozen=True)
class Copies:
    """``each`` copies one with each step; ``damaged`` fills with keys whose bytes are not what they are named after."""

    keys: Sequence[str]
    each: Iterator[str]
    damaged: list[str]

    @property
    def whole(self) -> int:
        """How many are there in the end, once ``each`` has ended."""
        return len(self.keys) - len(self.damaged)


def copy_blobs(source: Store, target: Store, *, is_trusting: bool = False) -> Copies:
    """Originals and parsed documents; a damaged one keeps no other from being copied.

    ``is_trusting``: what lies in the target under the right name and length is not read again.
    """
    keys = [*source.keys("blobs"), *source.keys("parsed")]
    damaged: list[str] = []
    return Copies(keys, _copy(source, target, keys, damaged, is_trusting=is_trusting), damaged)


def require_empty(work: Work) -> None:
    if work.db.scalar(select(User.id).limit(1)) is not None:
        raise Conflict("This installation has people in it. Restore into an empty one: choose another --data-dir.")


def is_filled(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        exists = connection.scalar(sa.text("SELECT to_regclass('users') IS NOT NULL"))
        return bool(exists and connection.scalar(sa.text("SELECT EXISTS (SELECT 1 FROM users)")))


def held_keys(work: Work) -> set[str]:
    """Where the originals of all documents should lie."""
    kept = select(Document.sha256).where(Document.original_removed_at.is_(None)).distinct()
    return {blob_key(sha256) for sha256 in work.db.scalars(kept)}


def missing_blobs(work: Work) -> list[str]:
    """Keys of originals that are not stored."""
    work.take_time()
    return [key for key in sorted(held_keys(work)) if work.store.size(key) is None]


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


def _copy(source: Store, target: Store, keys: Sequence[str], damaged: list[str], *, is_trusting: bool) -> Iterator[str]:
    for key in keys:
        size = source.size(key)  # None: deleted a moment ago
        if size is not None and not _is_whole(target, key, size, is_trusting=is_trusting):
            with tempfile.NamedTemporaryFile(prefix="fieldproof-copy-") as file:
                hasher = hashlib.sha256()
                for piece in source.stream(key, 0, size):
                    hasher.update(piece)
                    file.write(piece)
                file.flush()
                if _is_named_after(key, hasher.hexdigest()):
                    target.put(key, Path(file.name))
                else:
                    damaged.append(key)
        yield key


def _is_named_after(key: str, sha256: str) -> bool:
    match = _BLOB.fullmatch(key)
    return match is None or match[1] == sha256


def _is_whole(target: Store, key: str, size: int, *, is_trusting: bool) -> bool:
    """The right length is not enough for an original: a disk can keep the length and lose the bytes."""
    if target.size(key) != size:
        return False
    if is_trusting or _BLOB.fullmatch(key) is None:
        return True
    hasher = hashlib.sha256()
    for piece in target.stream(key, 0, size):
        hasher.update(piece)
    return _is_named_after(key, hasher.hexdigest())
