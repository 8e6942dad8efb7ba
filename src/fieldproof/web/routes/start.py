"""Where the address without a path leads, and the first visit to an empty installation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from fieldproof.core.errors import Invalid
from fieldproof.ratelimit import attempt
from fieldproof.services import setup, users, workspaces
from fieldproof.services.work import Work
from fieldproof.web import cookies
from fieldproof.web.auth import Anybody, Sent
from fieldproof.web.forms import FormModel
from fieldproof.web.pages import go, page, undone
from fieldproof.web.signing_in import let_in

router = APIRouter()
Name = Annotated[str, Field(min_length=1, max_length=200)]


class SetUp(FormModel):
    code: Annotated[str, Field(min_length=1, max_length=100)]
    name: Name
    email: Annotated[str, Field(min_length=3, max_length=320)]
    password: Annotated[str, Field(max_length=1000)] = ""
    workspace: Name = "My workspace"


@router.get("/")
def start(request: Request, work: Anybody) -> Response:
    if work.actor.user_id is None:
        return go(request, "/setup" if users.is_empty(work) else "/sign-in")
    mine = workspaces.list_workspaces(work)
    remembered = cookies.read(request, cookies.PLACE)
    place = next((w for w in mine if str(w.id) == remembered), mine[0] if mine else None)
    return go(request, f"/w/{place.id}" if place is not None else "/w/new")


@router.get("/setup")
def show_setup(request: Request, work: Anybody) -> Response:
    return _setup_page(request, work) if users.is_empty(work) else go(request, "/")


@router.post("/setup")
def set_up(request: Request, work: Anybody, sent: Sent) -> Response:
    attempt(request, "setup")
    try:
        form = sent.read(SetUp)
        user, workspace = setup.set_up(
            work, form.code, email=form.email, name=form.name, password=sent.raw("password"), workspace=form.workspace
        )
    except Invalid as error:
        return _setup_page(request, work, undone(work, error), sent)
    return let_in(request, work, user, f"/w/{workspace.id}")


def _setup_page(request: Request, work: Work, problem: Invalid | None = None, sent: Sent | None = None) -> Response:
    return page(request, work, "account/setup.html", problem=problem, sent=sent)
