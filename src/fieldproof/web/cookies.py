"""The dashboard's cookies: who is signed in, what a signed-out browser's forms prove, and one-time messages."""

from __future__ import annotations

import base64
import binascii
import secrets

import orjson
from fastapi import Request
from starlette.responses import Response

from fieldproof.core.signing import Signer
from fieldproof.edge import app_of

SIGNED_IN, VISIT, MESSAGE, PLACE = "session", "visit", "message", "workspace"
_SESSION_S = 14 * 24 * 3600


def read(request: Request, name: str) -> str:
    return request.cookies.get(_full_name(request, name), "")


def write(request: Request, response: Response, name: str, value: str) -> None:
    """``__Host-`` and Secure where the public address is https; never readable by scripts."""
    max_age = _SESSION_S if name in (SIGNED_IN, PLACE) else None
    response.set_cookie(
        _full_name(request, name), value, max_age=max_age, path="/", secure=is_https(request), httponly=True,
        samesite="lax",
    )  # fmt: skip


def remove(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(_full_name(request, name), path="/", secure=is_https(request), httponly=True, samesite="lax")


def is_https(request: Request) -> bool:
    return app_of(request).public_url.startswith("https://")


def new_visit() -> str:
    return secrets.token_urlsafe(24)


def sealed(signer: Signer, messages: list[str]) -> str:
    """A signed text that a cookie may hold."""
    body = base64.urlsafe_b64encode(orjson.dumps(messages)[:2500]).decode()
    return f"{body}.{signer.signature('message', body)}"


def unsealed(signer: Signer, text: str) -> list[str]:
    body, _, signature = text.rpartition(".")
    if not body or not signer.is_valid(signature, "message", body):
        return []
    try:
        return [str(message) for message in orjson.loads(base64.urlsafe_b64decode(body))]
    except (orjson.JSONDecodeError, binascii.Error):
        return []


def _full_name(request: Request, name: str) -> str:
    return f"{'__Host-' if is_https(request) else ''}fieldproof_{name}"
