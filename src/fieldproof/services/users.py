"""People: accounts, passwords, sign-in."""

from __future__ import annotations

import functools
import threading
from datetime import timedelta
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, func, select

from fieldproof.core.actor import Actor
from fieldproof.core.errors import Invalid, NotFound, Unauthenticated
from fieldproof.core.ids import COOKIE, fingerprint, is_secret, new_secret, parse_int_id
from fieldproof.db.models import User, WebSession
from fieldproof.services.work import Work

SESSION_TTL = timedelta(days=14)
IDLE_TTL = timedelta(hours=12)  # without a request, after which a session ends
SEEN_EVERY = timedelta(minutes=5)
MIN_PASSWORD = 10
HASHES_AT_ONCE = 4  # each takes 64 MB and most of a core's third of a second

_hasher = PasswordHasher()
_turn = threading.BoundedSemaphore(HASHES_AT_ONCE)
# So that an unknown address takes as long as a wrong password. Nobody's, made with the hasher's own costs.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$1KiMg9miLuouEaA6ETLPpg$H7ZD5/a4Ksg/RyouHWfxXTLVfB/I685qabdhFg89hUs"


def clean_email(email: str, field: str = "email") -> str:
    """Raises: Invalid. Nothing is looked up on the network."""
    try:
        return validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Invalid({field: [f"The {field} must be a valid email address."]}) from error


def find_by_email(work: Work, email: str) -> User | None:
    return work.db.scalar(select(User).where(func.lower(User.email) == email.lower()))


def is_empty(work: Work) -> bool:
    """Whether nobody has an account yet."""
    return work.db.scalar(select(User.id).limit(1)) is None


def add_user(work: Work, email: str, name: str, password: str | None = None) -> User:
    email = clean_email(email)
    if find_by_email(work, email) is not None:
        raise Invalid({"email": ["There is already an account with this address."]})
    user = User(email=email, name=name, password_hash=hash_password(password) if password is not None else None)
    work.db.add(user)
    work.db.flush()
    work.record("user.created", user, email=email)
    return user


def hash_password(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise Invalid({"password": [f"The password needs at least {MIN_PASSWORD} characters."]})
    if len(password) > 1000:
        raise Invalid({"password": ["The password may have at most 1000 characters."]})
    if password.lower() in _common_passwords():
        raise Invalid({"password": ["Many people have this password. Choose another one."]})
    return _hash(password)


def sign_in(work: Work, email: str, password: str, *, user_agent: str | None, ip: str | None) -> tuple[User, str]:
    """The person and the cookie's secret. Raises: Unauthenticated, the same for every reason."""
    user = check_password(work, email, password)
    return user, start_session(work, user, user_agent=user_agent, ip=ip)


def check_password(work: Work, email: str, password: str) -> User:
    """The person. Raises: Unauthenticated, the same for every reason and after the same time."""
    user = find_by_email(work, email)
    stored = user.password_hash if user is not None and user.password_hash else _NOBODY
    if not _verify(stored, password) or user is None or user.password_hash is None:
        raise Unauthenticated("The e-mail address or the password is wrong.")
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hash(password)
    return user


def start_session(work: Work, user: User, *, user_agent: str | None, ip: str | None) -> str:
    """A fresh session; its secret goes into the cookie and nowhere else."""
    secret = new_secret(COOKIE)
    work.db.add(
        WebSession(
            user_id=user.id,
            hash=fingerprint(secret),
            user_agent=(user_agent or "")[:300] or None,
            ip=ip,
            created_at=work.now,
            last_seen_at=work.now,
            expires_at=work.now + SESSION_TTL,
        )
    )
    return secret


def authenticate(work: Work, secret: str, *, ip: str | None = None) -> Actor:
    """Who the cookie belongs to. Raises: Unauthenticated."""
    if not is_secret(secret, COOKIE):
        raise Unauthenticated
    query = select(WebSession, User).join(User, User.id == WebSession.user_id)
    row = work.db.execute(query.where(WebSession.hash == fingerprint(secret))).one_or_none()
    if row is None or row[0].expires_at <= work.now or row[0].last_seen_at <= work.now - IDLE_TTL:
        raise Unauthenticated
    session, user = row
    if work.now - session.last_seen_at >= SEEN_EVERY:
        session.last_seen_at = work.now
    return Actor(user_id=user.id, name=user.name, email=user.email, ip=ip, web_session_id=session.id)


def sign_out(work: Work) -> None:
    work.db.execute(delete(WebSession).where(WebSession.id == work.actor.web_session_id))


def change_password(work: Work, user: User, old: str, new: str) -> None:
    """Ends every other session of the person. Raises: Invalid."""
    if user.password_hash is not None and not _verify(user.password_hash, old):
        raise Invalid({"old_password": ["The old password is wrong."]})
    user.password_hash = hash_password(new)
    others = delete(WebSession).where(WebSession.user_id == user.id)
    if work.actor.web_session_id is not None:
        others = others.where(WebSession.id != work.actor.web_session_id)
    work.db.execute(others)
    work.record("user.password_changed", user)


def get_me(work: Work) -> User:
    """The actor's own row."""
    return work.db.get_one(User, work.actor.user_id)


def rename(work: Work, user: User, name: str) -> None:
    user.name = name
    work.record("user.renamed", user, name=name)


def list_sessions(work: Work) -> list[WebSession]:
    """The actor's own browsers that are signed in, the last used first."""
    alive = (WebSession.expires_at > work.now, WebSession.last_seen_at > work.now - IDLE_TTL)
    query = select(WebSession).where(WebSession.user_id == work.actor.user_id, *alive)
    return list(work.db.scalars(query.order_by(WebSession.last_seen_at.desc(), WebSession.id.desc())))


def end_session(work: Work, session_id: str) -> None:
    """Raises: NotFound for anything but a session of the actor's own."""
    ended = delete(WebSession).where(
        WebSession.id == parse_int_id(session_id), WebSession.user_id == work.actor.user_id
    )
    if work.db.execute(ended.returning(WebSession.id)).scalar() is None:
        raise NotFound


def _hash(password: str) -> str:
    with _turn:
        return _hasher.hash(password)


def _verify(stored: str, password: str) -> bool:
    try:
        with _turn:
            return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@functools.cache
def _common_passwords() -> frozenset[str]:
    lines = (Path(__file__).parent / "common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))
