"""``/invite/<token>``: the way into a workspace."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fieldproof.core.errors import Invalid
from fieldproof.db.models import User, Workspace
from fieldproof.ratelimit import attempt
from fieldproof.services import members, users
from fieldproof.services.work import Work
from fieldproof.web.auth import Anybody, Sent
from fieldproof.web.pages import go, page, undone
from fieldproof.web.signing_in import let_in

router = APIRouter()


@router.get("/invite/{token}")
def show_invitation(request: Request, work: Anybody, token: str) -> Response:
    return _invitation_page(request, work, token)


@router.post("/invite/{token}")
def accept(request: Request, work: Anybody, sent: Sent, token: str) -> Response:
    attempt(request, "invite")
    is_stranger = work.actor.user_id is None
    try:
        member = members.join(work, token, name=sent.text("name")[:200], password=sent.raw("password"))
    except Invalid as error:
        return _invitation_page(request, work, token, undone(work, error), sent.text("name"))
    work.db.flush()
    url, message = f"/w/{member.workspace_id}", "Welcome to the workspace."
    if is_stranger:
        return let_in(request, work, work.db.get_one(User, member.user_id), url, message)
    return go(request, url, message)


def _invitation_page(
    request: Request, work: Work, token: str, problem: Invalid | None = None, name: str = ""
) -> Response:
    """What there is to do depends on who looks: join, sign in first, or make an account."""
    invitation = members.find_invitation(work, token)
    workspace = work.db.get_one(Workspace, invitation.workspace_id)
    has_account = users.find_by_email(work, invitation.email) is not None
    return page(
        request, work, "members/invitation.html", problem=problem, invitation=invitation, name=name, token=token,
        place=workspace, has_account=has_account, is_mine=work.actor.email.lower() == invitation.email.lower(),
    )  # fmt: skip
