"""Signing in and out, one's own account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from fieldproof.core.errors import Invalid, Unauthenticated
from fieldproof.db.models import User
from fieldproof.ratelimit import attempt
from fieldproof.services import users
from fieldproof.services.work import Work
from fieldproof.web import cookies
from fieldproof.web.auth import Anybody, Sent, Visitor
from fieldproof.web.forms import FormModel
from fieldproof.web.pages import go, page, undone
from fieldproof.web.signing_in import let_in, safe_path

router = APIRouter()


class Profile(FormModel):
    name: Annotated[str, Field(min_length=1, max_length=200)]


@router.get("/sign-in")
def show_sign_in(request: Request, work: Anybody) -> Response:
    if users.is_empty(work):
        return go(request, "/setup")
    if work.actor.user_id is not None:
        return go(request, safe_path(request.query_params.get("next", "/")))
    return _sign_in_page(request, work)


@router.post("/sign-in")
def sign_in(request: Request, work: Anybody, sent: Sent) -> Response:
    email = sent.text("email")[:320]
    attempt(request, "sign-in", email)
    try:
        user = users.check_password(work, email, sent.raw("password")[:1000])
    except Unauthenticated as error:
        return _sign_in_page(request, work, Invalid({"email": [error.message]}), email)
    return let_in(request, work, user, sent.text("next"))


@router.post("/sign-out")
def sign_out(request: Request, work: Visitor) -> Response:
    users.sign_out(work)
    response = go(request, "/sign-in", "You are signed out.")
    cookies.remove(request, response, cookies.SIGNED_IN)
    return response


@router.get("/account")
def show_account(request: Request, work: Visitor) -> Response:
    return _account_page(request, work)


@router.post("/account")
def update_account(request: Request, work: Visitor, sent: Sent) -> Response:
    try:
        users.rename(work, _me(work), sent.read(Profile).name)
    except Invalid as error:
        return _account_page(request, work, undone(work, error))
    return go(request, "/account", "Saved.")


@router.post("/account/password")
def change_password(request: Request, work: Visitor, sent: Sent) -> Response:
    attempt(request, "password", str(work.actor.user_id))
    try:
        users.change_password(work, _me(work), sent.raw("old_password"), sent.raw("password"))
    except Invalid as error:
        return _account_page(request, work, undone(work, error))
    users.sign_out(work)
    return let_in(request, work, _me(work), "/account", "The password is changed. Every other browser is signed out.")


@router.post("/account/sessions/{session_id}/end")
def end_session(request: Request, work: Visitor, session_id: str) -> Response:
    users.end_session(work, session_id)
    return go(request, "/account", "The session is ended.")


def _sign_in_page(request: Request, work: Work, problem: Invalid | None = None, email: str = "") -> Response:
    target = safe_path(request.query_params.get("next", "/"))
    return page(request, work, "account/sign-in.html", problem=problem, email=email, target=target)


def _account_page(request: Request, work: Work, problem: Invalid | None = None) -> Response:
    return page(
        request, work, "account/account.html", problem=problem, user=_me(work), sessions=users.list_sessions(work)
    )


def _me(work: Work) -> User:
    return users.get_me(work)
