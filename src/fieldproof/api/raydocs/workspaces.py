from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from fieldproof.api.raydocs import present
from fieldproof.api.raydocs.auth import Caller
from fieldproof.api.raydocs.contract import operation
from fieldproof.api.raydocs.schemas import MemberAdd, MemberRole, WorkspaceCreate, WorkspaceUpdate
from fieldproof.core.actor import Role
from fieldproof.edge import Payload, payload
from fieldproof.services import access, members, workspaces

router = APIRouter()
WorkspaceId = Annotated[str, Path(alias="workspaceId")]
UserId = Annotated[str, Path(alias="userId")]
InviteId = Annotated[str, Path(alias="inviteId")]
Sent = Annotated[Payload, Depends(payload)]


@operation(router, "listWorkspaces")
def list_workspaces(work: Caller) -> Response:
    return present.answer({"data": [present.workspace(w) for w in workspaces.list_workspaces(work)]})


@operation(router, "createWorkspace")
def create_workspace(work: Caller, sent: Sent) -> Response:
    access.require(work, "workspaces-write")
    body = sent.read(WorkspaceCreate)
    return present.answer(present.workspace(workspaces.add_workspace(work, body.name, body.icon)), 201)


@operation(router, "updateWorkspace")
def update_workspace(work: Caller, workspace_id: WorkspaceId, sent: Sent) -> Response:
    workspace = access.workspace(work, workspace_id, "workspaces-write", role=Role.ADMIN)
    changes = sent.read(WorkspaceUpdate).changes()
    return present.answer(present.workspace(workspaces.update_workspace(work, workspace, changes)))


@operation(router, "deleteWorkspace")
def delete_workspace(work: Caller, workspace_id: WorkspaceId) -> Response:
    workspaces.remove_workspace(
        work, access.workspace(work, workspace_id, "workspaces-write", role=Role.ADMIN, is_locked=True)
    )
    return present.nothing()


@operation(router, "listWorkspaceUsers")
def list_users(work: Caller, workspace_id: WorkspaceId) -> Response:
    workspace = access.workspace(work, workspace_id, "workspace-users-read")
    return present.answer([present.member(m) for m in members.list_members(work, workspace)])


@operation(router, "addWorkspaceUser")
def add_user(work: Caller, workspace_id: WorkspaceId, sent: Sent) -> Response:
    workspace = access.workspace(work, workspace_id, "workspace-users-write", role=Role.ADMIN)
    body = sent.read(MemberAdd)
    added = members.add_member(work, workspace, body.email, body.role)
    if added.invitation is not None:
        return present.answer({"message": "Invitation sent", "invite_id": added.invitation.id})
    return present.answer({"message": "User added successfully"})


@operation(router, "removeWorkspaceUser")
def remove_user(work: Caller, workspace_id: WorkspaceId, user_id: UserId) -> Response:
    workspace = access.workspace(work, workspace_id, "workspace-users-write", role=Role.ADMIN)
    members.remove_member(work, workspace, user_id)
    return present.nothing()


@operation(router, "updateWorkspaceUserRole")
def update_role(work: Caller, workspace_id: WorkspaceId, user_id: UserId, sent: Sent) -> Response:
    workspace = access.workspace(work, workspace_id, "workspace-users-write", role=Role.ADMIN)
    members.require_member(work, workspace, user_id)
    members.update_role(work, workspace, user_id, sent.read(MemberRole).role)
    return present.answer({"message": "Role updated successfully"})


@operation(router, "leaveWorkspace")
def leave(work: Caller, workspace_id: WorkspaceId) -> Response:
    members.leave(work, access.workspace(work, workspace_id, "workspace-users-write"))
    return present.answer({"message": "You have left the workspace"})


@operation(router, "listWorkspaceInvites")
def list_invites(work: Caller, workspace_id: WorkspaceId) -> Response:
    workspace = access.workspace(work, workspace_id, "workspace-users-read")
    return present.answer([present.invitation(i, work.now) for i in members.list_invitations(work, workspace)])


@operation(router, "cancelWorkspaceInvite")
@operation(router, "cancelWorkspaceInviteAlias")
def cancel_invite(work: Caller, workspace_id: WorkspaceId, invite_id: InviteId) -> Response:
    workspace = access.workspace(work, workspace_id, "workspace-users-write", role=Role.ADMIN)
    members.remove_invitation(work, access.invitation(work, workspace, invite_id))
    return present.nothing()


@operation(router, "resendWorkspaceInvite")
def resend_invite(work: Caller, workspace_id: WorkspaceId, invite_id: InviteId) -> Response:
    workspace = access.workspace(work, workspace_id, "workspace-users-write", role=Role.ADMIN)
    members.resend_invitation(work, access.invitation(work, workspace, invite_id))
    return present.answer({"message": "Invitation resent successfully"})


@operation(router, "getWorkspaceInviteLink")
def invite_link(work: Caller, workspace_id: WorkspaceId, invite_id: InviteId) -> Response:
    # A link lets anyone in: it is for those who may invite, whatever the ability is called.
    workspace = access.workspace(work, workspace_id, "workspace-users-read", role=Role.ADMIN)
    invitation = access.invitation(work, workspace, invite_id)
    return present.answer({"link": members.invitation_link(work, invitation)})
