"""Rows as our own API shows them. Pure: rows in, JSON values out."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from fieldproof.core.clock import iso
from fieldproof.db.models import Session, Token, User


def answer(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def nothing() -> Response:
    return Response(status_code=204)


def user(row: User) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "email": row.email}


def token(row: Token) -> dict[str, Any]:
    return {
        "id": row.id, "kind": row.kind, "name": row.name, "hint": row.hint, "abilities": row.abilities,
        "workspace_id": row.workspace_id, "expires_at": iso(row.expires_at), "last_used_at": iso(row.last_used_at),
        "created_at": iso(row.created_at),
    }  # fmt: skip


def session(row: Session, status: str) -> dict[str, Any]:
    return {
        "id": str(row.id), "name": row.name, "template_id": str(row.template_id), "settings": row.settings,
        "status": status, "created_at": iso(row.created_at), "updated_at": iso(row.updated_at),
    }  # fmt: skip
