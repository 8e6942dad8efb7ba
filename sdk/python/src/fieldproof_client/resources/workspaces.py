from __future__ import annotations

from collections.abc import Sequence

from fieldproof_client.calls import UNSET, Mode, Resource, Sent, Unset, given, many, nothing, one, operation
from fieldproof_client.models import Invite, Joined, Member, MemberAdded, Role, TagCount, Workspace

_TAGS = one(list[str], at="tags")


class Workspaces(Resource[Mode]):
    @operation("GET", "/workspaces", many(Workspace))
    def list(self) -> Sent:
        return Sent()

    @operation("POST", "/workspaces/create", one(Workspace))
    def create(self, name: str, icon: str | None = None, *, idempotency_key: str | None = None) -> Sent:
        return Sent(json=given(name=name, icon=icon), idempotency_key=idempotency_key)

    @operation("PUT", "/workspaces/{workspaceId}", one(Workspace))
    def update(self, workspace_id: int, *, name: str | None = None, icon: str | Unset | None = UNSET) -> Sent:
        return Sent({"workspaceId": workspace_id}, json={**given(name=name), "icon": icon})

    @operation("DELETE", "/workspaces/{workspaceId}", nothing)
    def delete(self, workspace_id: int) -> Sent:
        """With its templates, sessions, documents and results."""
        return Sent({"workspaceId": workspace_id})

    @operation("POST", "/workspaces/{workspaceId}/leave", one(str, at="message"))
    def leave(self, workspace_id: int) -> Sent:
        return Sent({"workspaceId": workspace_id})

    @operation("GET", "/v1/workspaces/{workspaceId}/retention", lambda reply: _days(reply.json()))
    def get_retention(self, workspace_id: int) -> Sent:
        """Days after which originals are deleted; None for never."""
        return Sent({"workspaceId": workspace_id})

    @operation("PUT", "/v1/workspaces/{workspaceId}/retention", lambda reply: _days(reply.json()))
    def set_retention(self, workspace_id: int, days: int | None) -> Sent:
        return Sent({"workspaceId": workspace_id}, json={"days": days})


class Members(Resource[Mode]):
    @operation("GET", "/workspaces/{workspaceId}/users", many(Member, at=None))
    def list(self, workspace_id: int) -> Sent:
        return Sent({"workspaceId": workspace_id})

    @operation("POST", "/workspaces/{workspaceId}/users/add", one(MemberAdded))
    def add(self, workspace_id: int, email: str, role: Role, *, idempotency_key: str | None = None) -> Sent:
        """An address without an account is invited."""
        return Sent({"workspaceId": workspace_id}, json={"email": email, "role": role}, idempotency_key=idempotency_key)

    @operation("PUT", "/workspaces/{workspaceId}/users/{userId}/update-role", one(str, at="message"))
    def update_role(self, workspace_id: int, user_id: int, role: Role) -> Sent:
        return Sent({"workspaceId": workspace_id, "userId": user_id}, json={"role": role})

    @operation("DELETE", "/workspaces/{workspaceId}/users/{userId}/remove", nothing)
    def remove(self, workspace_id: int, user_id: int) -> Sent:
        return Sent({"workspaceId": workspace_id, "userId": user_id})


class Invites(Resource[Mode]):
    @operation("GET", "/workspaces/{workspaceId}/invites", many(Invite, at=None))
    def list(self, workspace_id: int) -> Sent:
        return Sent({"workspaceId": workspace_id})

    @operation("POST", "/workspaces/{workspaceId}/invites/{inviteId}/resend", one(str, at="message"))
    def resend(self, workspace_id: int, invite_id: int) -> Sent:
        return Sent({"workspaceId": workspace_id, "inviteId": invite_id})

    @operation("GET", "/workspaces/{workspaceId}/invites/{inviteId}/link", one(str, at="link"))
    def link(self, workspace_id: int, invite_id: int) -> Sent:
        return Sent({"workspaceId": workspace_id, "inviteId": invite_id})

    @operation("DELETE", "/workspaces/{workspaceId}/invites/{inviteId}", nothing)
    def cancel(self, workspace_id: int, invite_id: int) -> Sent:
        return Sent({"workspaceId": workspace_id, "inviteId": invite_id})

    @operation("POST", "/v1/invitations/accept", one(Joined))
    def accept(self, invitation: str, *, name: str | None = None, password: str | None = None) -> Sent:
        """``invitation`` is the last part of the link. With a token its owner joins; without, an account is made."""
        return Sent(json=given(invitation=invitation, name=name, password=password))


class Tags(Resource[Mode]):
    @operation("GET", "/v1/workspaces/{workspaceId}/tags", many(TagCount))
    def list(self, workspace_id: int) -> Sent:
        return Sent({"workspaceId": workspace_id})

    @operation("GET", "/v1/documents/{documentId}/tags", _TAGS)
    def get(self, document_id: str) -> Sent:
        return Sent({"documentId": document_id})

    @operation("PUT", "/v1/documents/{documentId}/tags", _TAGS)
    def set(self, document_id: str, tags: Sequence[str]) -> Sent:
        return Sent({"documentId": document_id}, json={"tags": [*tags]})

    @operation("POST", "/v1/workspaces/{workspaceId}/documents/tags", one(int, at="documents"))
    def change(
        self, workspace_id: int, document_ids: Sequence[str], *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Sent:
        """Adds and removes tags on up to 1,000 documents; how many there were."""
        return Sent({"workspaceId": workspace_id}, json={"ids": [*document_ids], "add": [*add], "remove": [*remove]})


def _days(body: dict[str, int | None]) -> int | None:
    return body["days"]
