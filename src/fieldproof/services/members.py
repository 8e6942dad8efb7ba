"""Who belongs to a workspace, and who is invited."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from fieldproof.core.actor import Role
from fieldproof.core.errors import Forbidden, Invalid, NotFound
from fieldproof.core.ids import parse_int_id
from fieldproof.db.models import Invitation, Member, User, Workspace
from fieldproof.services import users
from fieldproof.services.work import Work


@dataclass(frozen=True)
class Added:
    """What became of an address: a member at once, or an invitation."""

    member: Member | None
    invitation: Invitation | None


def list_members(work: Work, workspace: Workspace) -> list[Member]:
    query = select(Member).where(Member.workspace_id == workspace.id).options(joinedload(Member.user))
    return list(work.db.scalars(query.order_by(Member.user_id)))


def add_member(work: Work, workspace: Workspace, email: str, role: Role) -> Added:
    """Raises: Invalid when the person is a member already."""
    email = users.clean_email(email)
    _lock(work, workspace)
    user = users.find_by_email(work, email)
    if user is None:
        return Added(None, _invite(work, workspace, email, role))
    if work.db.get(Member, (workspace.id, user.id)) is not None:
        raise Invalid({"email": ["This person is already a member of the workspace."]})
    member = Member(workspace_id=workspace.id, user_id=user.id, role=role, created_at=work.now)
    work.db.add(member)
    work.record("member.added", user, workspace_id=workspace.id, email=email, role=role)
    return Added(member, None)


def remove_member(work: Work, workspace: Workspace, user_id: str) -> None:
    _lock(work, workspace)
    _lock(work, workspace)
    member = _member(work, workspace, user_id)
    if member.user_id == work.actor.user_id:
        raise Forbidden("You cannot remove yourself. Leave the workspace instead.")
    work.db.delete(member)
    work.record("member.removed", member.user, workspace_id=workspace.id)


def require_member(work: Work, workspace: Workspace, user_id: str) -> None:
    """Raises: NotFound unless the person is a member."""
    _member(work, workspace, user_id)


def update_role(work: Work, workspace: Workspace, user_id: str, role: Role) -> None:
    """Raises: Invalid when the workspace would be left without an admin."""
    _lock(work, workspace)
    _lock(work, workspace)
    member = _member(work, workspace, user_id)
    if role is not Role.ADMIN and member.role == Role.ADMIN and _admins(work, workspace) == 1:
        raise Invalid({"role": ["The last admin must stay one. Make somebody else admin first."]})
    member.role = role
    work.record("member.role_changed", member.user, workspace_id=workspace.id, role=role)


def leave(work: Work, workspace: Workspace) -> None:
    _lock(work, workspace)
    member = _member(work, workspace, str(work.actor.user_id))
    if member.role == Role.ADMIN and _admins(work, workspace) == 1:
        raise Forbidden("You are the only admin left. Make somebody else admin first.")
    work.db.delete(member)
    work.record("member.left", member.user, workspace_id=workspace.id)


def list_invitations(work: Work, workspace: Workspace) -> list[Invitation]:
    """Pending and expired ones."""
    query = select(Invitation).where(Invitation.workspace_id == workspace.id, Invitation.accepted_at.is_(None))
    return list(work.db.scalars(query.order_by(Invitation.id.desc())))


def invitation_status(invitation: Invitation, now: datetime) -> str:
    if invitation.accepted_at is not None:
        return "accepted"
    return "pending" if invitation.expires_at > now else "expired"


def resend_invitation(work: Work, invitation: Invitation) -> None:
    """The link stays the same and lives anew."""
    invitation.expires_at = work.now + timedelta(days=work.settings.invitation_ttl_days)
    work.record("invitation.resent", invitation, email=invitation.email)


def remove_invitation(work: Work, invitation: Invitation) -> None:
    work.db.delete(invitation)
    work.record("invitation.cancelled", invitation, email=invitation.email)


def invitation_link(work: Work, invitation: Invitation) -> str:
    signature = work.signer.signature("invitation", invitation.id, invitation.nonce)
    return f"{work.public_url}/invite/{invitation.id}-{signature}"


def find_invitation(work: Work, token: str) -> Invitation:
    """The invitation behind a link. Raises: NotFound for anything but a living one."""
    number, _, signature = token.partition("-")
    key = parse_int_id(number)
    found = work.db.get(Invitation, key, with_for_update=True) if key is not None else None
    if found is None or not work.signer.is_valid(signature, "invitation", found.id, found.nonce):
        raise NotFound
    if invitation_status(found, work.now) != "pending":
        raise NotFound("This invitation is no longer valid. Ask for a new one.")
    return found


def join(work: Work, token: str, *, name: str | None = None, password: str | None = None) -> Member:
    """The signed-in person joins; a stranger gets an account under the invited address first.

    Raises: NotFound for a dead link, Forbidden for another's invitation, Invalid.
    """
    invitation = find_invitation(work, token)
    if work.actor.user_id is not None:
        return accept_invitation(work, invitation, work.db.get_one(User, work.actor.user_id))
    if users.find_by_email(work, invitation.email) is not None:
        raise Forbidden("There is already an account with the invited address. Sign in with it first.")
    missing = {k: [f"The {k} field is required."] for k, v in {"name": name, "password": password}.items() if not v}
    if missing:
        raise Invalid(missing)
    return accept_invitation(work, invitation, users.add_user(work, invitation.email, str(name), password))


def accept_invitation(work: Work, invitation: Invitation, user: User) -> Member:
    """Joining twice changes nothing. Raises: Forbidden when somebody else was invited."""
    if user.email.lower() != invitation.email.lower():
        raise Forbidden("This invitation is for another e-mail address.")
    member = work.db.get(Member, (invitation.workspace_id, user.id))
    if member is None:
        member = Member(
            workspace_id=invitation.workspace_id, user_id=user.id, role=invitation.role, created_at=work.now
        )
        work.db.add(member)
    invitation.accepted_at = work.now
    work.record("invitation.accepted", invitation, email=user.email)
    return member


def _lock(work: Work, workspace: Workspace) -> None:
    """One change of a workspace's people at a time: the last admin stays, whoever else is quick."""
    work.db.execute(select(Workspace.id).where(Workspace.id == workspace.id).with_for_update())


def _invite(work: Work, workspace: Workspace, email: str, role: Role) -> Invitation:
    """A repeated invitation of the same address renews the one there is."""
    query = select(Invitation).where(
        Invitation.workspace_id == workspace.id,
        func.lower(Invitation.email) == email.lower(),
        Invitation.accepted_at.is_(None),
    )
    invitation = work.db.scalar(query) or Invitation(
        workspace_id=workspace.id, email=email, nonce=secrets.token_hex(16)
    )
    invitation.role = role
    invitation.invited_by = work.actor.user_id
    invitation.created_at = work.now
    invitation.expires_at = work.now + timedelta(days=work.settings.invitation_ttl_days)
    work.db.add(invitation)
    work.db.flush()
    work.record("invitation.sent", invitation, email=email, role=role)
    return invitation


def _member(work: Work, workspace: Workspace, user_id: str) -> Member:
    number = parse_int_id(user_id)
    query = select(Member).where(Member.workspace_id == workspace.id, Member.user_id == number)
    member = work.db.scalar(query.options(joinedload(Member.user)).with_for_update(of=Member)) if number else None
    if member is None:
        raise NotFound
    return member


def _admins(work: Work, workspace: Workspace) -> int:
    """Counted under a lock on the workspace, so that two admins cannot leave at once."""
    work.db.execute(select(Workspace.id).where(Workspace.id == workspace.id).with_for_update())
    query = select(func.count()).where(Member.workspace_id == workspace.id, Member.role == Role.ADMIN)
    return work.db.scalar(query) or 0
