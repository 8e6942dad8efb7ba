"""A person comes in: a fresh session, a fresh cookie, and a path of ours to go on to."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from fieldproof.db.models import User
from fieldproof.services import users
from fieldproof.services.work import Work
from fieldproof.web import cookies
from fieldproof.web.pages import go


def let_in(request: Request, work: Work, user: User, url: str, *messages: str) -> Response:
    """Whatever session the browser had before is ended."""
    if work.actor.web_session_id is not None:
        users.sign_out(work)
    secret = users.start_session(work, user, user_agent=request.headers.get("user-agent"), ip=request.state.ip)
    response = go(request, safe_path(url), *messages)
    cookies.write(request, response, cookies.SIGNED_IN, secret)
    cookies.remove(request, response, cookies.VISIT)
    return response


def safe_path(url: str) -> str:
    """The path if it is one of ours, else the start page: never another site."""
    is_ours = url.startswith("/") and not url.startswith("//") and "\\" not in url
    return url if is_ours and all(ord(c) > 32 for c in url) else "/"
