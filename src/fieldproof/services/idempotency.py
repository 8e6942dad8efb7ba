"""``Idempotency-Key``: the same call again gets the same answer, and its effect once.

The answer is written in the transaction of the effect, so one is never there without the other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select

from fieldproof.core.errors import Conflict, Invalid
from fieldproof.db.models import IdempotencyKey
from fieldproof.services.work import Work

KEPT = timedelta(days=1)
MAX_KEY = 255


@dataclass(frozen=True)
class Kept:
    status: int
    media_type: str | None
    body: bytes


def check_key(key: str) -> str:
    """Raises: Invalid."""
    if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
        raise Invalid({"Idempotency-Key": [f"The key must have 1 to {MAX_KEY} printable characters."]})
    return key


def earlier(work: Work, key: str, route: str, path: str, body: bytes) -> Kept | None:
    """The answer that this key got before. From here to the end of the transaction the key is ours.

    Raises: Conflict while a twin runs, Invalid when the key was used for another call.
    """
    number = int.from_bytes(hashlib.sha256(f"{work.actor.user_id}\n{route}\n{key}".encode()).digest()[:8], signed=True)
    if not work.db.scalar(select(func.pg_try_advisory_xact_lock(number))):
        raise Conflict("A request with this Idempotency-Key is still running. Wait for its answer.")
    query = select(IdempotencyKey).where(
        IdempotencyKey.user_id == work.actor.user_id, IdempotencyKey.route == route, IdempotencyKey.key == key
    )
    found = work.db.scalars(query).one_or_none()
    if found is None or found.created_at + KEPT <= work.now:
        return None
    if found.fingerprint != _fingerprint(path, body):
        raise Invalid({"Idempotency-Key": ["This key was used for another request. Use a new key for a new request."]})
    return Kept(found.status, found.media_type, found.body)


def keep(work: Work, key: str, route: str, path: str, body: bytes, answer: Kept) -> None:
    work.db.execute(
        delete(IdempotencyKey).where(
            IdempotencyKey.user_id == work.actor.user_id, IdempotencyKey.route == route, IdempotencyKey.key == key
        )
    )
    work.db.add(
        IdempotencyKey(
            user_id=work.actor.user_id, route=route, key=key, fingerprint=_fingerprint(path, body), status=answer.status,
            media_type=answer.media_type, body=answer.body, created_at=work.now,
        )
    )  # fmt: skip


def forget_old(work: Work) -> None:
    work.db.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < work.now - KEPT))


def _fingerprint(path: str, body: bytes) -> str:
    return hashlib.sha256(path.encode() + b"\n" + body).hexdigest()
