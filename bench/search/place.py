"""One installation for each N, in bench/out, kept between calls."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from fieldproof.db.models import Member, Template, User
from fieldproof.services import templates, tokens, users, workspaces
from fieldproof.settings import Settings
from fieldproof.wiring import App, build

HERE = Path(__file__).resolve().parents[1]
EMAIL = "bench@example.org"


@dataclass(frozen=True)
class Place:
    parts: App
    workspace_id: int
    user_id: int
    template_id: uuid.UUID
    key: str
    token: str


@contextmanager
def place(n: int) -> Iterator[Place]:
    parts = build(Settings(data_dir=HERE / "out" / f"search-{n}", rate_limit_per_minute=0))
    try:
        yield _people(parts)
    finally:
        parts.close()


def _people(parts: App) -> Place:
    with parts.work() as work:
        user = users.find_by_email(work, EMAIL) or users.add_user(work, EMAIL, "Bench")
        user_id = user.id
    with parts.work(_as(user_id)) as work:
        workspace_id = work.db.scalar(select(Member.workspace_id).where(Member.user_id == user_id))
        workspace_id = workspace_id or workspaces.add_workspace(work, "Bench").id
        template = work.db.scalar(select(Template).where(Template.workspace_id == workspace_id))
        if template is None:
            workspace = work.db.get_one(workspaces.Workspace, workspace_id)
            template = templates.add_template(work, workspace, "Invoices", _SCHEMA)
        owner = work.db.get_one(User, user_id)
        key = tokens.add_token(work, owner, "bench", kind="key")[1]
        token = tokens.add_token(work, owner, "bench")[1]
        return Place(parts, workspace_id, user_id, template.id, key, token)


def _as(user_id: int):
    from fieldproof.core.actor import Actor

    return Actor(user_id=user_id, name="Bench", email=EMAIL)


_SCHEMA = {
    "groups": {
        "invoice": {
            "fields": {
                name: {"type": kind}
                for name, kind in (("number", "string"), ("vendor", "string"), ("total", "number"), ("due", "string"))
            }
        }
    }
}
