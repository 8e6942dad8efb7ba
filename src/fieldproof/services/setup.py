"""The first person of an empty installation: let in by a code that only the operator sees."""

from __future__ import annotations

import base64
import hmac

from sqlalchemy import func, select

from fieldproof.core.actor import Actor
from fieldproof.core.errors import Forbidden, Invalid
from fieldproof.db.models import User, Workspace
from fieldproof.services import users, workspaces
from fieldproof.services.work import Work

_LOCK = 0x5E7_0B  # one first person at a time


def setup_code(work: Work) -> str | None:
    """Twelve letters and digits, ``XXXX-XXXX-XXXX``; None once anybody has an account.

    Made from the installation's key instead of being stored: every process prints the same one, no
    table keeps it, and it is worth nothing after its first use.
    """
    return _code(work) if users.is_empty(work) else None


def set_up(work: Work, code: str, *, email: str, name: str, password: str, workspace: str) -> tuple[User, Workspace]:
    """The first person and a first workspace. Raises: Invalid, Forbidden when somebody was first."""
    work.db.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    if not users.is_empty(work):
        raise Forbidden("This installation is set up already. Sign in, or ask for an invitation.")
    if not hmac.compare_digest(_plain(code).encode(), _plain(_code(work)).encode()):
        raise Invalid({"code": ["This is not the set-up code. It stands in the output of fieldproof serve."]})
    user = users.add_user(work, email, name, password)
    work.actor = Actor(user_id=user.id, name=user.name, email=user.email, ip=work.actor.ip)
    return user, workspaces.add_workspace(work, workspace)


def _code(work: Work) -> str:
    text = base64.b32encode(work.signer.signature("setup").encode()).decode()[8:20]
    return "-".join((text[:4], text[4:8], text[8:]))


def _plain(code: str) -> str:
    return "".join(c for c in code.upper() if c.isalnum())
