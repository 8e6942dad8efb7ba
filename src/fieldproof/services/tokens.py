"""Personal access tokens and API keys: shown once, stored as a fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from fieldproof.core.actor import ABILITIES, Actor, Role
from fieldproof.core.errors import Forbidden, Invalid, NotFound, Unauthenticated
from fieldproof.core.ids import KEY, TOKEN, fingerprint, is_secret, new_secret
from fieldproof.db.models import Token, User
from fieldproof.services import access
from fieldproof.services.work import Work

LAST_USED_EVERY = timedelta(minutes=1)
SIGN_IN_TTL = timedelta(days=1)
_PREFIX = {"access": TOKEN, "key": KEY}


def add_token(
    work: Work,
    user: User,
    name: str,
    *,
    abilities: Sequence[str] | None = None,
    kind: str = "access",
    workspace_id: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    """The row and the secret, which nobody can show again. ``abilities`` None means all."""
    wanted = list(ABILITIES) if abilities is None else list(dict.fromkeys(abilities))
    unknown = [a for a in wanted if a not in ABILITIES]
    if unknown:
        raise Invalid({"abilities": [f"Unknown ability: {', '.join(unknown)}. Known: {', '.join(ABILITIES)}."]})
    if expires_at is not None and expires_at <= work.now:
        raise Invalid({"expires_at": ["The expiry must lie in the future."]})
    secret = new_secret(_PREFIX[kind])
    token = Token(
        user_id=user.id, kind=kind, name=name, hash=fingerprint(secret), hint=secret[-4:], abilities=wanted,
        workspace_id=workspace_id, expires_at=expires_at, created_at=work.now,
    )  # fmt: skip
    work.db.add(token)
    work.db.flush()
    work.record(f"{'token' if kind == 'access' else 'key'}.created", token, name=name, abilities=wanted)
    return token, secret


def add_own_token(
    work: Work,
    name: str,
    *,
    kind: str = "access",
    abilities: Sequence[str] | None = None,
    expires_in_days: int | None = None,
    workspace_id: int | None = None,
) -> tuple[Token, str]:
    """A token of the actor's own. Raises: Forbidden when it could do more than the actor, Invalid."""
    user = work.db.get_one(User, work.actor.user_id)
    wanted = list(ABILITIES) if abilities is None else list(abilities)
    _require_no_more(work, wanted, workspace_id)
    if workspace_id is not None:
        access.workspace(work, workspace_id)
    expires_at = work.now + timedelta(days=expires_in_days) if expires_in_days is not None else None
    return add_token(work, user, name, abilities=wanted, kind=kind, workspace_id=workspace_id, expires_at=expires_at)


def add_sign_in_token(work: Work, user: User) -> tuple[Token, str]:
    """For scripts that sign in with a password: every ability, for a day."""
    work.actor = Actor(user_id=user.id, name=user.name, email=user.email, ip=work.actor.ip)
    return add_token(work, user, "Sign-in", expires_at=work.now + SIGN_IN_TTL)


def authenticate(work: Work, secret: str, *, kind: str = "access", ip: str | None = None) -> Actor:
    """The bearer. Raises: Unauthenticated for whatever is unknown, revoked or expired, without saying which."""
    if not is_secret(secret, _PREFIX[kind]):
        raise Unauthenticated
    found = work.rows(_BY_HASH, {"hash": fingerprint(secret), "kind": kind})
    token = found[0] if found else None
    if token is None or token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= work.now):
        raise Unauthenticated
    if token.last_used_at is None or work.now - token.last_used_at >= LAST_USED_EVERY:
        used = update(Token).where(Token.id == token.id).values(last_used_at=work.now)
        work.db.execute(used.execution_options(synchronize_session=False))
    return Actor(
        user_id=token.user_id, name=token.name, email=token.email, abilities=frozenset(token.abilities),
        token_id=token.id, workspace_id=token.workspace_id, ip=ip,
        memberships=_memberships(token),
    )  # fmt: skip


# Every request begins with it: who calls, and what of.
_BY_HASH = """
    SELECT t.id, t.user_id, t.abilities, t.workspace_id, t.expires_at, t.revoked_at, t.last_used_at, u.name, u.email,
        m.workspace_ids, m.roles
    FROM tokens t JOIN users u ON u.id = t.user_id,
    LATERAL (
        SELECT array_agg(workspace_id ORDER BY workspace_id) AS workspace_ids,
            array_agg(role ORDER BY workspace_id) AS roles
        FROM members WHERE user_id = t.user_id AND (t.workspace_id IS NULL OR workspace_id = t.workspace_id)
    ) m
    WHERE t.hash = %(hash)s AND t.kind = %(kind)s
"""


def _memberships(token: Any) -> dict[int, Role]:
    pairs = zip(token.workspace_ids or (), token.roles or (), strict=True)
    return {workspace_id: Role(role) for workspace_id, role in pairs}


def list_tokens(work: Work, kind: str | None = None) -> list[Token]:
    """The actor's own tokens that still live, newest first."""
    query = select(Token).where(Token.user_id == work.actor.user_id, Token.revoked_at.is_(None))
    if kind is not None:
        query = query.where(Token.kind == kind)
    return list(work.db.scalars(query.order_by(Token.id.desc())))


def revoke_token(work: Work, token_id: int) -> None:
    token = work.db.get(Token, token_id)
    if token is None or token.user_id != work.actor.user_id or token.revoked_at is not None:
        raise NotFound
    if token.id != work.actor.token_id:
        _require_no_more(work, token.abilities, token.workspace_id)
    token.revoked_at = work.now
    work.record("token.revoked", token, name=token.name)


def _require_no_more(work: Work, abilities: Sequence[str], workspace_id: int | None) -> None:
    """A token hands on at most what it has itself."""
    known = [a for a in abilities if a in ABILITIES]
    is_wider = work.actor.workspace_id is not None and workspace_id != work.actor.workspace_id
    if is_wider or not all(work.actor.can(a) for a in known):
        raise Forbidden("This token may not manage tokens that can do more than it can itself.")
