"""Who may call what: one row per operation of the Raydocs surface.

``abilities``  the token needs all of them; none means any valid token
``role``       the least role a member needs: read (readonly may), user, admin
``tenant``     how the call names somebody's property: in the path, in the body, or not at all
``call``       a valid call on a fresh target in an office, arranged by its admin
``consumes``   the call uses its target up, so every allowed cell needs a fresh one
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import count
from typing import Any

import httpx

from contract.files import note_pdf
from contract.office import Office, Person
from contract.openapi import Api
from contract.schemas import NOTE


class Role(IntEnum):
    READ = 0
    USER = 1
    ADMIN = 2


class Tenant(StrEnum):
    NONE = "none"
    PATH = "path"
    BODY = "body"


@dataclass(frozen=True)
class Call:
    path: dict[str, Any]
    json: Any = None


@dataclass(frozen=True)
class Row:
    operation: str
    abilities: tuple[str, ...]
    role: Role
    tenant: Tenant
    call: Callable[[Office], Call]
    consumes: bool = False


_serial = count(1)


def in_workspace(office: Office) -> Call:
    return Call({"workspaceId": office.workspace})


def sending(json: Any, target: Callable[[Office], Call] = in_workspace) -> Callable[[Office], Call]:
    return lambda office: Call(target(office).path, json)


def on_member(office: Office) -> Call:
    return Call({"workspaceId": office.workspace, "userId": new_member(office).id})


def new_member(office: Office) -> Person:
    person = office.cast.server.user()
    office.cast.server.member(office.workspace, person, "user")
    return person


def leaving(office: Office) -> Call:
    """With a second admin on board, since a workspace keeps its last one."""
    office.cast.server.member(office.workspace, office.cast.server.user(), "admin")
    return in_workspace(office)


def adding_member(office: Office) -> Call:
    return Call(in_workspace(office).path, {"email": f"guest{next(_serial)}@example.org", "role": "user"})


def on_invite(office: Office) -> Call:
    invited = office.api.ok("addWorkspaceUser", json=adding_member(office).json, workspaceId=office.workspace)
    return Call({"workspaceId": office.workspace, "inviteId": invited["invite_id"]})


def new_template(office: Office) -> Call:
    return Call({}, {"name": "Notes", "workspace_id": office.workspace, "schema_json": NOTE})


def on_template(office: Office) -> Call:
    return Call({"templateId": office.template()["id"]})


def new_session(office: Office) -> Call:
    return Call({}, {"extraction_template_id": office.template()["id"]})


def on_session(office: Office) -> Call:
    return Call({"sessionId": office.session()["id"]})


def new_key(office: Office) -> str:
    return office.upload(note_pdf(f"Note {next(_serial)}"))


def on_document(office: Office) -> Call:
    return Call({"documentId": office.document(note_pdf(f"Note {next(_serial)}"))["id"]})


def on_attachment(office: Office) -> Call:
    session = office.session()["id"]
    attached = office.attach(session, note_pdf(f"Note {next(_serial)}"))
    return Call({"sessionId": session, "documentId": attached[0]["id"]})


def on_filled_session(office: Office) -> Call:
    return Call({"sessionId": on_attachment(office).path["sessionId"]})


def on_result(office: Office) -> Call:
    session = on_filled_session(office).path["sessionId"]
    return Call({"resultId": office.run(session)["id"]})


def on_parsed_document(office: Office) -> Call:
    attached = on_attachment(office).path
    office.run(attached["sessionId"])
    return Call({"documentId": attached["documentId"]})


def on_workspace_document(office: Office) -> Call:
    return Call({**in_workspace(office).path, **on_document(office).path})


def uploading(office: Office) -> Call:
    return Call(on_session(office).path, {"keys": [new_key(office)]})


def uploading_the_old_way(office: Office) -> Call:
    return Call(on_session(office).path, {"key": new_key(office), "filename": "note.pdf"})


def attaching(office: Office) -> Call:
    return Call(on_session(office).path, {"document_ids": [on_document(office).path["documentId"]]})


def adding_document(office: Office) -> Call:
    return Call(in_workspace(office).path, {"key": new_key(office)})


def reparsing(office: Office) -> Call:
    return Call(on_workspace_document(office).path, {"config_hash": office.template()["config_hash"]})


def batching(office: Office) -> Call:
    return Call(on_template(office).path, {"files": [new_key(office)]})


def on_batch(office: Office) -> Call:
    template = office.template()["id"]
    session = office.session(template)["id"]
    office.attach(session, note_pdf(f"Note {next(_serial)}"))
    return Call({"templateId": template}, {"session_ids": [session]})


def on_batch_by_path(office: Office) -> Call:
    batch = on_batch(office)
    return Call({**batch.path, "format": "json"}, batch.json)


class Stage:
    """An office where each row's target is arranged once, for calls that leave it as it is."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._calls: dict[str, Call] = {}

    def call(self, row: Row) -> Call:
        if row.operation not in self._calls:
            self._calls[row.operation] = row.call(self.office)
        return self._calls[row.operation]

    def send(self, api: Api, row: Row) -> httpx.Response:
        call = self.call(row)
        return api.call(row.operation, json=call.json, **call.path)


NONE, PATH, BODY = Tenant.NONE, Tenant.PATH, Tenant.BODY
READ, USER, ADMIN = Role.READ, Role.USER, Role.ADMIN
USERS_WRITE = ("workspace-users-write",)
SESSIONS_READ, SESSIONS_WRITE = ("sessions-read",), ("sessions-write",)
TEMPLATES_READ, TEMPLATES_WRITE = ("templates-read",), ("templates-write",)
DOCUMENTS_READ, DOCUMENTS_WRITE = ("documents-read",), ("documents-write",)

# fmt: off
ROWS = (
    Row("listWorkspaces", ("workspaces-read",), READ, NONE, lambda _: Call({})),
    Row("createWorkspace", ("workspaces-write",), READ, NONE, lambda _: Call({}, {"name": "New"})),
    Row("updateWorkspace", ("workspaces-write",), ADMIN, PATH, sending({"name": "Renamed"})),
    Row("deleteWorkspace", ("workspaces-write",), ADMIN, PATH, in_workspace, consumes=True),

    Row("listWorkspaceUsers", ("workspace-users-read",), READ, PATH, in_workspace),
    Row("addWorkspaceUser", USERS_WRITE, ADMIN, PATH, adding_member, consumes=True),
    Row("removeWorkspaceUser", USERS_WRITE, ADMIN, PATH, on_member, consumes=True),
    Row("updateWorkspaceUserRole", USERS_WRITE, ADMIN, PATH, sending({"role": "user"}, on_member)),
    Row("leaveWorkspace", USERS_WRITE, READ, PATH, leaving, consumes=True),
    Row("listWorkspaceInvites", ("workspace-users-read",), READ, PATH, in_workspace),
    Row("getWorkspaceInviteLink", ("workspace-users-read",), ADMIN, PATH, on_invite),
    Row("resendWorkspaceInvite", USERS_WRITE, ADMIN, PATH, on_invite),
    Row("cancelWorkspaceInvite", USERS_WRITE, ADMIN, PATH, on_invite, consumes=True),
    Row("cancelWorkspaceInviteAlias", USERS_WRITE, ADMIN, PATH, on_invite, consumes=True),

    Row("listTemplates", TEMPLATES_READ, READ, PATH, in_workspace),
    Row("createTemplate", TEMPLATES_WRITE, USER, BODY, new_template),
    Row("getTemplate", TEMPLATES_READ, READ, PATH, on_template),
    Row("updateTemplate", TEMPLATES_WRITE, USER, PATH, sending({"name": "Renamed"}, on_template)),
    Row("deleteTemplate", TEMPLATES_WRITE, USER, PATH, on_template, consumes=True),
    Row("duplicateTemplate", TEMPLATES_WRITE, USER, PATH, on_template),

    Row("createSession", SESSIONS_WRITE, USER, BODY, new_session),
    Row("getSession", SESSIONS_READ, READ, PATH, on_session),
    Row("updateSession", SESSIONS_WRITE, USER, PATH, sending({"name": "Renamed"}, on_session)),
    Row("deleteSession", SESSIONS_WRITE, USER, PATH, on_session, consumes=True),
    Row("listSessionDocuments", SESSIONS_READ, READ, PATH, on_session),
    Row("uploadSessionDocuments", SESSIONS_WRITE, USER, PATH, uploading, consumes=True),
    Row("createSessionDocumentLegacy", SESSIONS_WRITE, USER, PATH, uploading_the_old_way, consumes=True),
    Row("attachSessionDocuments", SESSIONS_WRITE, USER, PATH, attaching),
    Row("detachSessionDocument", SESSIONS_WRITE, USER, PATH, on_attachment, consumes=True),

    Row("batchCreateSessions", SESSIONS_WRITE, USER, PATH, batching, consumes=True),
    Row("batchExecuteSessions", SESSIONS_WRITE, USER, PATH, on_batch),
    Row("batchDeleteSessions", SESSIONS_WRITE, USER, PATH, on_batch, consumes=True),
    Row("batchDeleteSessionsAlias", SESSIONS_WRITE, USER, PATH, on_batch, consumes=True),
    Row("batchExportSessions", SESSIONS_READ, READ, PATH, on_batch),
    Row("batchExportSessionsByPath", SESSIONS_READ, READ, PATH, on_batch_by_path),

    Row("createSignedUploadUrl", (), READ, NONE, lambda _: Call({}, {})),
    Row("getDocument", SESSIONS_READ, READ, PATH, on_document),
    Row("getDocumentUrl", SESSIONS_READ, READ, PATH, on_document),
    Row("deleteDocument", SESSIONS_WRITE, USER, PATH, on_document, consumes=True),
    Row("listDocumentChunks", SESSIONS_READ, READ, PATH, on_parsed_document),
    Row("listWorkspaceDocuments", DOCUMENTS_READ, READ, PATH, in_workspace),
    Row("createWorkspaceDocument", DOCUMENTS_WRITE, USER, PATH, adding_document, consumes=True),
    Row("getWorkspaceDocument", DOCUMENTS_READ, READ, PATH, on_workspace_document),
    Row("getWorkspaceDocumentUrl", ("workspaces-read", "documents-read"), READ, PATH, on_workspace_document),
    Row("reparseWorkspaceDocument", DOCUMENTS_WRITE, USER, PATH, reparsing),

    Row("listSessionResults", SESSIONS_READ, READ, PATH, on_session),
    Row("runExtraction", SESSIONS_WRITE, USER, PATH, on_filled_session),
    Row("getResult", SESSIONS_READ, READ, PATH, on_result),
    Row("deleteResult", SESSIONS_WRITE, USER, PATH, on_result, consumes=True),
    Row("exportResultExcel", SESSIONS_READ, READ, PATH, on_result),
)
# fmt: on

ABILITIES = (
    "workspaces-read", "workspaces-write", "workspace-users-read", "workspace-users-write",
    "templates-read", "templates-write", "sessions-read", "sessions-write",
    "documents-read", "documents-write",
    "workflows-read", "workflows-write", "workflows-execute", "workflow-runs-output-read",
)  # fmt: skip
