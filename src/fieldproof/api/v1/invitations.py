"""Joining a workspace with the secret of an invitation link."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Anybody, bearer
from fieldproof.api.v1.contract import route
from fieldproof.core.errors import Forbidden, NotFound, Unauthenticated
from fieldproof.edge import Body, Payload, payload
from fieldproof.services import members

router = APIRouter(tags=["Invitations"])
Sent = Annotated[Payload, Depends(payload)]


class InvitationAccept(Body):
    invitation: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    password: Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=False)] | None = None


class Joined(BaseModel):
    workspace_id: int
    user_id: int
    role: Literal["admin", "user", "readonly"]


@route(
    router, "POST", "/v1/invitations/accept", summary="Joins a workspace", body=InvitationAccept, answer=Joined,
    refuses=(Unauthenticated, Forbidden, NotFound), is_public=True,
)  # fmt: skip
def accept_invitation(work: Anybody, sent: Sent, request: Request) -> Response:
    """``invitation`` is the last part of the link. With a token the caller joins; without, an account is made."""
    if "authorization" in request.headers:
        work.actor = bearer(work, request)
    body = sent.read(InvitationAccept)
    member = members.join(work, body.invitation, name=body.name, password=body.password)
    return present.answer({"workspace_id": member.workspace_id, "user_id": member.user_id, "role": member.role})
