"""Who belongs to a workspace, and who is invited."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from fieldproof.core.actor import Role
from fieldproof.core.errors import Invalid
from fieldproof.db.models import Workspace
from fieldproof.services import access, members
from fieldproof.services.work import Work
from fieldproof.web.auth import Sent, Visitor
from fieldproof.web.forms import FormModel
from fieldproof.web.pages import go, page, undone

router = APIRouter()
ROLES = (
    (Role.ADMIN, "Admin", "Everything, members included"),
    (Role.USER, "User", "Templates, documents, runs and reviews"),
    (Role.READONLY, "Read-only", "Look at everything, change nothing"),
)


class MemberAdd(FormModel):
    email: Annotated[str, Field(min_length=3, max_length=320)]
    role: Role


class MemberRole(FormModel):
    role: Role


@router.get("/w/{workspace_id}/members")
def show_members(request: Request, work: Visitor, workspace_id: str) -> Response:
    return _members_page(request, work, workspace_id)


@router.post("/w/{workspace_id}/members")
def add_member(request: Request, work: Visitor, sent: Sent, workspace_id: str) -> Response:
    workspace = _as_admin(work, workspace_id)
    try:
        form = sent.read(MemberAdd)
        added = members.add_member(work, workspace, form.email, form.role)
    except Invalid as error:
        return _members_page(request, work, workspace_id, undone(work, error), sent.text("email"))
    message = "is a member now." if added.invitation is None else "is invited. Copy the link below and send it."
    return go(request, f"/w/{workspace.id}/members", f"{form.email} {message}")


@router.post("/w/{workspace_id}/members/{user_id}/role")
def update_role(request: Request, work: Visitor, sent: Sent, workspace_id: str, user_id: str) -> Response:
    workspace = _as_admin(work, workspace_id)
    members.require_member(work, workspace, user_id)
    try:
        members.update_role(work, workspace, user_id, sent.read(MemberRole).role)
    except Invalid as error:
        return _members_page(request, work, workspace_id, undone(work, error))
    return go(request, f"/w/{workspace.id}/members", "The role is changed.")


@router.post("/w/{workspace_id}/members/{user_id}/remove")
def remove_member(request: Request, work: Visitor, workspace_id: str, user_id: str) -> Response:
    workspace = _as_admin(work, workspace_id)
    members.remove_member(work, workspace, user_id)
    return go(request, f"/w/{workspace.id}/members", "The member is removed.")


@router.post("/w/{workspace_id}/invitations/{invitation_id}/resend")
def resend_invitation(request: Request, work: Visitor, workspace_id: str, invitation_id: str) -> Response:
    workspace = _as_admin(work, workspace_id)
    members.resend_invitation(work, access.invitation(work, workspace, invitation_id))
    days = work.settings.invitation_ttl_days
    return go(request, f"/w/{workspace.id}/members", f"The invitation is good for another {days} days.")


@router.post("/w/{workspace_id}/invitations/{invitation_id}/cancel")
def remove_invitation(request: Request, work: Visitor, workspace_id: str, invitation_id: str) -> Response:
    workspace = _as_admin(work, workspace_id)
    members.remove_invitation(work, access.invitation(work, workspace, invitation_id))
    return go(request, f"/w/{workspace.id}/members", "The invitation is cancelled. Its link is dead.")


def _as_admin(work: Work, workspace_id: str) -> Workspace:
    return access.workspace(work, workspace_id, "workspace-users-write", role=Role.ADMIN)


def _members_page(
    request: Request, work: Work, workspace_id: str, problem: Invalid | None = None, email: str = ""
) -> Response:
    """Links are shown to admins only: whoever has one can come in."""
    workspace = access.workspace(work, workspace_id, "workspace-users-read")
    is_admin = access.role_in(work, workspace.id) is Role.ADMIN
    invitations = [
        (i, members.invitation_status(i, work.now), members.invitation_link(work, i) if is_admin else "")
        for i in members.list_invitations(work, workspace)
    ]
    return page(
        request, work, "members/members.html", workspace=workspace, problem=problem, email=email, roles=ROLES,
        members=members.list_members(work, workspace), invitations=invitations,
    )  # fmt: skip
