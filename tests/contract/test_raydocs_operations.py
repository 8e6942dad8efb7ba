"""Every operation of the Raydocs surface over HTTP: its success, its refusals, its shapes.

``Api`` checks each answer against the published contract, so the tests state only what the
contract's schemas cannot. Abilities, roles and tenants are in ``test_permission_matrix.py``.
"""

from __future__ import annotations

import csv
import io
import re
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import openpyxl
import pytest

from contract.files import DOCX, LINES, PNG, docx, invoice_pdf, note_pdf, png
from contract.matrix import ROWS, Row, Stage, Tenant
from contract.office import Cast, Office, until
from contract.openapi import Api, Contract
from contract.schemas import INVOICE, NOTE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ABSENT_UUID = "00000000-0000-4000-8000-000000000000"
ABSENT_INT = 2_000_000_000


# The surface as a whole


def test_every_operation_has_a_route(cast: Cast, contract: Contract) -> None:
    paths = cast.http.get("/openapi.json").raise_for_status().json()["paths"]
    served = {(method.upper(), anonymous(path)) for path, item in paths.items() for method in item}
    assert [o.id for o in contract.required.values() if (o.method, anonymous(o.path)) not in served] == []


def test_every_operation_succeeds_over_http(cast: Cast, contract: Contract) -> None:
    """One story that calls everything. It fails when an operation was never exercised on success."""
    api = Api(cast.http, cast.alice.token())
    tell_the_whole_story(api, cast)
    exercised = {name for name, status in api.seen if status < 300}
    assert set(contract.required) - exercised == set()


@pytest.mark.parametrize("row", [r for r in ROWS if r.tenant is Tenant.PATH], ids=lambda r: r.operation)
def test_foreign_is_the_same_404_as_absent(row: Row, cast: Cast, stage: Stage) -> None:
    charlie, call = cast.api(cast.charlie), stage.call(row)
    theirs = charlie.call(row.operation, json=call.json, **call.path)
    nobodys = charlie.call(row.operation, json=call.json, **absent(call.path))
    assert (theirs.status_code, theirs.content) == (nobodys.status_code, nobodys.content)
    assert stable_headers(theirs) == stable_headers(nobodys)
    assert theirs.status_code == 404
    assert theirs.json() == {"message": "Resource not found."}


@pytest.mark.parametrize("operation", ["createTemplate", "createSession"])
def test_foreign_id_in_the_body_is_refused_like_an_absent_one(operation: str, cast: Cast, stage: Stage) -> None:
    charlie = cast.api(cast.charlie)
    body = stage.call(next(r for r in ROWS if r.operation == operation)).json
    theirs = charlie.call(operation, json=body)
    nobodys = charlie.call(operation, json={**body, **absent({k: body[k] for k in body if k.endswith("_id")})})
    assert theirs.status_code in (404, 422)
    assert (theirs.status_code, theirs.content) == (nobodys.status_code, nobodys.content)


@pytest.mark.parametrize(
    "operation",
    ["getWorkspaceDocument", "getWorkspaceDocumentUrl", "reparseWorkspaceDocument"],
)
def test_a_foreign_document_is_not_found_through_ones_own_workspace(operation: str, cast: Cast, stage: Stage) -> None:
    charlie = cast.api(cast.charlie)
    call = stage.call(next(r for r in ROWS if r.operation == operation))
    own = cast.server.workspace(cast.charlie)
    charlie.refused(404, operation, json=call.json, **{**call.path, "workspaceId": own})


# Workspaces


def test_a_new_workspace_is_listed_for_its_maker_alone(cast: Cast) -> None:
    alice, charlie = cast.api(cast.alice), cast.api(cast.charlie)
    made = alice.ok("createWorkspace", json={"name": "Freight claims", "icon": "🚢"})
    assert (made["name"], made["icon"], made["settings"]) == ("Freight claims", "🚢", {})
    assert made in alice.ok("listWorkspaces")["data"]
    assert made["id"] not in [w["id"] for w in charlie.ok("listWorkspaces")["data"]]


def test_the_maker_of_a_workspace_is_its_admin(cast: Cast) -> None:
    alice = cast.api(cast.alice)
    made = alice.ok("createWorkspace", json={"name": "Leases"})
    members = alice.ok("listWorkspaceUsers", workspaceId=made["id"])
    assert [(m["id"], m["email"], m["role"]) for m in members] == [(cast.alice.id, cast.alice.email, "admin")]
    assert made["icon"] is None or isinstance(made["icon"], str)


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": None}, {"name": 5}, {"name": "x", "icon": ["no"]}])
def test_a_workspace_needs_a_name(body: dict[str, Any], cast: Cast) -> None:
    refusal = cast.api(cast.alice).refused(422, "createWorkspace", json=body)
    assert set(refusal["errors"]) == ({"icon"} if "icon" in body else {"name"})


def test_updating_a_workspace_changes_only_what_is_sent(office: Office) -> None:
    before = office.api.ok("updateWorkspace", json={"icon": "📦"}, workspaceId=office.workspace)
    after = office.api.ok("updateWorkspace", json={"name": "Claims EU"}, workspaceId=office.workspace)
    assert (after["name"], after["icon"]) == ("Claims EU", "📦")
    assert after["updated_at"] >= before["updated_at"]
    office.api.refused(422, "updateWorkspace", json={"name": ""}, workspaceId=office.workspace)


def test_deleting_a_workspace_takes_everything_along(office: Office) -> None:
    api = office.api
    template = office.template()
    session = office.session(template["id"])
    document = office.attach(session["id"], note_pdf("Gone with the workspace"))[0]
    api.ok("deleteWorkspace", workspaceId=office.workspace)
    api.refused(404, "getTemplate", templateId=template["id"])
    api.refused(404, "getSession", sessionId=session["id"])
    api.refused(404, "getDocument", documentId=document["id"])
    api.refused(404, "listWorkspaceUsers", workspaceId=office.workspace)
    assert office.workspace not in [w["id"] for w in api.ok("listWorkspaces")["data"]]


# Users and invites


def test_members_are_a_bare_array_with_roles(office: Office) -> None:
    cast = office.cast
    members = office.api.ok("listWorkspaceUsers", workspaceId=office.workspace)
    assert {m["id"]: m["role"] for m in members} == {
        cast.alice.id: "admin",
        cast.ursula.id: "user",
        cast.bob.id: "readonly",
    }


def test_a_known_address_is_added_at_once(office: Office) -> None:
    charlie = office.cast.charlie
    body = {"email": charlie.email, "role": "readonly"}
    answer = office.api.ok("addWorkspaceUser", json=body, workspaceId=office.workspace)
    assert answer == {"message": "User added successfully"}
    members = office.api.ok("listWorkspaceUsers", workspaceId=office.workspace)
    assert charlie.id in [m["id"] for m in members]


def test_an_unknown_address_is_invited(office: Office) -> None:
    invite = invited(office, "nora@example.org", "user")
    listed = office.api.ok("listWorkspaceInvites", workspaceId=office.workspace)
    assert [(i["id"], i["email"], i["role"], i["status"]) for i in listed] == [
        (invite, "nora@example.org", "user", "pending")
    ]


def test_an_invite_can_be_sent_again_linked_and_cancelled(office: Office) -> None:
    invite = {"workspaceId": office.workspace, "inviteId": invited(office, "omar@example.org", "admin")}
    assert office.api.ok("resendWorkspaceInvite", **invite) == {"message": "Invitation resent successfully"}
    link = office.api.ok("getWorkspaceInviteLink", **invite)["link"]
    assert re.search(r"/invite/[\w.~-]{16,}$", link)
    office.api.ok("cancelWorkspaceInvite", **invite)
    for gone in ("resendWorkspaceInvite", "getWorkspaceInviteLink", "cancelWorkspaceInvite"):
        office.api.refused(404, gone, **invite)
    assert office.api.ok("listWorkspaceInvites", workspaceId=office.workspace) == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"role": "user"}, "email"),
        ({"email": "no address", "role": "user"}, "email"),
        ({"email": 7, "role": "user"}, "email"),
        ({"email": "a@example.org"}, "role"),
        ({"email": "a@example.org", "role": "owner"}, "role"),
    ],
)
def test_a_member_needs_an_address_and_a_role(body: dict[str, Any], wrong: str, office: Office) -> None:
    refusal = office.api.refused(422, "addWorkspaceUser", json=body, workspaceId=office.workspace)
    assert set(refusal["errors"]) == {wrong}


def test_a_role_can_be_changed_and_takes_effect_at_once(office: Office) -> None:
    bob = {"workspaceId": office.workspace, "userId": office.cast.bob.id}
    api = office.cast.api(office.cast.bob)
    api.refused(403, "createTemplate", json=template_body(office))
    answer = office.api.ok("updateWorkspaceUserRole", json={"role": "user"}, **bob)
    assert answer == {"message": "Role updated successfully"}
    api.ok("createTemplate", json=template_body(office))
    office.api.refused(422, "updateWorkspaceUserRole", json={"role": "king"}, **bob)
    not_a_member = {**bob, "userId": office.cast.charlie.id}
    office.api.refused(404, "updateWorkspaceUserRole", json={"role": "user"}, **not_a_member)


def test_a_removed_member_loses_access_at_once(office: Office) -> None:
    template = office.template()["id"]
    ursula = office.cast.api(office.cast.ursula)
    ursula.ok("getTemplate", templateId=template)
    member = {"workspaceId": office.workspace, "userId": office.cast.ursula.id}
    office.api.ok("removeWorkspaceUser", **member)
    ursula.refused(404, "getTemplate", templateId=template)
    office.api.refused(404, "removeWorkspaceUser", **member)


def test_a_member_can_leave_but_not_the_last_admin(office: Office) -> None:
    bob = office.cast.api(office.cast.bob)
    assert bob.ok("leaveWorkspace", workspaceId=office.workspace) == {"message": "You have left the workspace"}
    bob.refused(404, "leaveWorkspace", workspaceId=office.workspace)
    office.api.refused(403, "leaveWorkspace", workspaceId=office.workspace)


def test_the_last_admin_cannot_step_down(office: Office) -> None:
    herself = {"workspaceId": office.workspace, "userId": office.cast.alice.id}
    answer = office.api.call("updateWorkspaceUserRole", json={"role": "readonly"}, **herself)
    assert answer.status_code in (403, 422)
    roles = {m["id"]: m["role"] for m in office.api.ok("listWorkspaceUsers", workspaceId=office.workspace)}
    assert roles[office.cast.alice.id] == "admin"


# Templates


def test_a_template_keeps_what_it_was_given(office: Office) -> None:
    settings = {"parsing": {"contextual_embedding": True}}
    made = office.template(INVOICE, name="Invoices", description="Header and lines", settings=settings)
    assert (made["name"], made["description"], made["schema_json"]) == ("Invoices", "Header and lines", INVOICE)
    assert made["settings"]["parsing"]["contextual_embedding"] is True
    assert made["workspace_id"] == office.workspace
    assert office.api.ok("getTemplate", templateId=made["id"]) == made


def test_a_templates_settings_default_to_no_contextual_embedding(office: Office) -> None:
    assert office.template()["settings"]["parsing"]["contextual_embedding"] is False


@pytest.mark.parametrize("languages", ["en", ["english"], [1], {"en": True}])
def test_a_templates_languages_are_codes(office: Office, languages: object) -> None:
    body = {"name": "Invoices", "workspace_id": office.workspace, "schema_json": INVOICE}
    settings = {"parsing": {"languages": languages}}
    refusal = office.api.refused(422, "createTemplate", json={**body, "settings": settings})
    assert "settings.parsing.languages" in refusal["errors"]


def test_templates_are_listed_fifteen_to_a_page_with_their_schemas(office: Office) -> None:
    made = [office.template(name=f"Template {n:02}")["id"] for n in range(17)]
    first = office.api.ok("listTemplates", workspaceId=office.workspace)
    second = office.api.ok("listTemplates", workspaceId=office.workspace, params={"page": 2})
    assert first["meta"] == {"current_page": 1, "last_page": 2, "per_page": 15, "total": 17}
    assert second["meta"] == {"current_page": 2, "last_page": 2, "per_page": 15, "total": 17}
    assert [t["id"] for t in first["data"] + second["data"]] == made[::-1]
    assert all(t["schema_json"] == NOTE and "parsing" in t["settings"] for t in first["data"])
    beyond = office.api.ok("listTemplates", workspaceId=office.workspace, params={"page": 99})
    assert beyond["data"] == []


def test_updating_a_template_changes_only_what_is_sent(office: Office) -> None:
    made = office.template(description="First")
    path = {"templateId": made["id"]}
    renamed = office.api.ok("updateTemplate", json={"name": "Second"}, **path)
    assert (renamed["name"], renamed["description"], renamed["schema_json"]) == ("Second", "First", NOTE)
    redone = office.api.ok("updateTemplate", json={"schema_json": INVOICE, "description": None}, **path)
    assert (redone["name"], redone["description"], redone["schema_json"]) == ("Second", None, INVOICE)


def test_a_copy_is_named_after_its_original_and_independent(office: Office) -> None:
    made = office.template(INVOICE, name="Invoices", description="Header and lines")
    copy = office.api.ok("duplicateTemplate", templateId=made["id"])
    named = office.api.ok("duplicateTemplate", templateId=made["id"], json={"name": "Invoices (air)"})
    assert (copy["name"], named["name"]) == ("Invoices (Copy)", "Invoices (air)")
    assert copy["schema_json"] == named["schema_json"] == INVOICE
    assert len({made["id"], copy["id"], named["id"]}) == 3
    office.api.ok("deleteTemplate", templateId=made["id"])
    office.api.ok("getTemplate", templateId=copy["id"])


def test_a_deleted_template_is_gone_with_its_sessions(office: Office) -> None:
    template = office.template()["id"]
    session = office.session(template)["id"]
    office.api.ok("deleteTemplate", templateId=template)
    office.api.refused(404, "getTemplate", templateId=template)
    office.api.refused(404, "getSession", sessionId=session)
    office.api.refused(404, "deleteTemplate", templateId=template)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": ["x"]}, "name"),
        ({"workspace_id": "seven"}, "workspace_id"),
        ({"workspace_id": None}, "workspace_id"),
        ({"schema_json": None}, "schema_json"),
        ({"schema_json": "{}"}, "schema_json"),
        ({"schema_json": {}}, "schema_json.groups"),
        ({"schema_json": {"groups": {"g": {"fields": []}}}}, None),
        ({"schema_json": {"groups": {"g": {"fields": {"f": {"type": "colour"}}}}}}, "schema_json.groups.g.fields.f.type"),
        ({"schema_json": {"groups": {"g": {"fields": {"f": {"$ref": "#/definitions/x"}}}}}}, "schema_json.groups.g.fields.f.$ref"),
        ({"schema_json": {"groups": {}, "definitions": {"of no use": {"type": [0]}}}}, "schema_json.definitions.of no use.type"),
        ({"schema_json": {"groups": {}, "definitions": {"of no use": 5}}}, "schema_json.definitions.of no use"),
        ({"settings": "fast"}, "settings"),
        ({"description": 4}, "description"),
    ],
)  # fmt: skip
def test_a_bad_template_is_refused_by_the_path_that_is_wrong(
    change: dict[str, Any], wrong: str | None, office: Office
) -> None:
    refusal = office.api.refused(422, "createTemplate", json={**template_body(office), **change})
    assert wrong is None or set(refusal["errors"]) == {wrong}


def test_a_cycle_between_groups_is_refused_and_named(office: Office) -> None:
    schema = {
        "groups": {
            "a": {"extraction_prompt": "As in {{b.x}}", "fields": {"x": {"type": "string"}}},
            "b": {"extraction_prompt": "As in {{a.x}}", "fields": {"x": {"type": "string"}}},
        }
    }
    refusal = office.api.refused(422, "createTemplate", json={**template_body(office), "schema_json": schema})
    assert "a -> b -> a" in str(refusal["errors"])


def test_a_cycle_between_definitions_is_refused_even_where_no_field_uses_them(office: Office) -> None:
    schema = {
        "groups": {},
        "definitions": {"a": {"items": {"$ref": "#/definitions/b"}}, "b": {"$ref": "#/definitions/a"}},
    }
    refusal = office.api.refused(422, "createTemplate", json={**template_body(office), "schema_json": schema})
    assert "a -> b -> a" in str(refusal["errors"])


def test_a_bad_schema_is_refused_on_update_too(office: Office) -> None:
    template = office.template()["id"]
    office.api.refused(422, "updateTemplate", json={"schema_json": {"groups": 5}}, templateId=template)
    assert office.api.ok("getTemplate", templateId=template)["schema_json"] == NOTE


# Sessions


def test_a_new_session_is_empty_and_pending(office: Office) -> None:
    template = office.template()["id"]
    session = office.session(template, "Voyage 118")
    assert (session["name"], session["extraction_template_id"]) == ("Voyage 118", template)
    assert (session["status"], session["documents"], session["results"]) == ("pending", [], [])
    assert office.api.ok("getSession", sessionId=session["id"]) == session


@pytest.mark.parametrize(
    "body",
    [{}, {"extraction_template_id": "no"}, {"extraction_template_id": 7}, {"extraction_template_id": None}],
)
def test_a_session_needs_a_template(body: dict[str, Any], office: Office) -> None:
    refusal = office.api.refused(422, "createSession", json=body)
    assert set(refusal["errors"]) == {"extraction_template_id"}


def test_a_session_can_be_renamed(office: Office) -> None:
    session = office.session()
    renamed = office.api.ok("updateSession", json={"name": "Amended"}, sessionId=session["id"])
    assert renamed["name"] == "Amended"
    assert office.api.ok("getSession", sessionId=session["id"])["name"] == "Amended"
    office.api.refused(422, "updateSession", json={"name": {"no": 1}}, sessionId=session["id"])


def test_a_deleted_session_is_gone_with_its_results(office: Office) -> None:
    session = office.session()["id"]
    office.attach(session, note_pdf("To be deleted"))
    result = office.run(session)["id"]
    office.api.ok("deleteSession", sessionId=session)
    office.api.refused(404, "getSession", sessionId=session)
    office.api.refused(404, "getResult", resultId=result)
    office.api.refused(404, "deleteSession", sessionId=session)


def test_uploaded_keys_become_attached_documents_in_their_order(office: Office) -> None:
    session = office.session()["id"]
    contents = [note_pdf(f"Page {n}") for n in range(3)]
    attached = office.attach(session, *contents)
    assert [d["sha256"] for d in attached] == [sha256(c).hexdigest() for c in contents]
    assert [d["size"] for d in attached] == [len(c) for c in contents]
    assert {(d["status"], d["mime"], d["source_type"], d["workspace_id"]) for d in attached} == {
        ("uploaded", "application/pdf", "upload", office.workspace)
    }
    assert all(d["parsings"] == [] for d in attached)
    listed = office.api.ok("listSessionDocuments", sessionId=session)
    assert listed["meta"] == {"current_page": 1, "last_page": 1, "per_page": 15, "total": 3}
    assert {d["id"] for d in listed["data"]} == {d["id"] for d in attached}
    inside = office.api.ok("getSession", sessionId=session)["documents"]
    assert {d["id"] for d in inside} == {d["id"] for d in attached}


def test_session_documents_are_paginated(office: Office) -> None:
    session = office.session()["id"]
    documents = [office.document(note_pdf(f"Sheet {n}"))["id"] for n in range(16)]
    office.api.ok("attachSessionDocuments", json={"document_ids": documents}, sessionId=session)
    second = office.api.ok("listSessionDocuments", sessionId=session, params={"page": 2})
    assert second["meta"] == {"current_page": 2, "last_page": 2, "per_page": 15, "total": 16}
    assert len(second["data"]) == 1


def test_the_same_bytes_in_two_sessions_are_one_document(office: Office) -> None:
    template = office.template()["id"]
    one, two = office.session(template)["id"], office.session(template)["id"]
    content = note_pdf("The same bytes")
    first = office.attach(one, content)[0]
    second = office.attach(two, content)[0]
    assert first["id"] == second["id"]


def test_an_upload_with_one_bad_key_attaches_nothing(office: Office) -> None:
    session = office.session()["id"]
    keys = [office.upload(note_pdf("Good")), f"tmp/{ABSENT_UUID}"]
    refusal = office.api.refused(422, "uploadSessionDocuments", json={"keys": keys}, sessionId=session)
    assert set(refusal["errors"]) == {"keys.1"}
    assert office.api.ok("listSessionDocuments", sessionId=session)["data"] == []
    office.api.ok("uploadSessionDocuments", json={"keys": keys[:1]}, sessionId=session)


@pytest.mark.parametrize("keys", [None, [], "tmp/x", [5], ["../../etc/passwd"], ["tmp/x"], [""]])
def test_keys_must_be_upload_keys(keys: Any, office: Office) -> None:
    session = office.session()["id"]
    refusal = office.api.refused(422, "uploadSessionDocuments", json={"keys": keys}, sessionId=session)
    assert all(path.split(".")[0] == "keys" for path in refusal["errors"])


def test_an_unsupported_file_is_refused_by_its_content(office: Office) -> None:
    session = office.session()["id"]
    key = office.upload(b"MZ\x90\x00" + bytes(500), "application/pdf", **{"X-Filename": "invoice.pdf"})
    refusal = office.api.refused(422, "uploadSessionDocuments", json={"keys": [key]}, sessionId=session)
    assert set(refusal["errors"]) == {"keys.0"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (bytes(range(256)) * 8, "damaged, or of a type that is not supported"),
        (b"PK\x05\x06" + bytes(18), "application/zip are not supported"),
    ],
    ids=["behind a password", "noise", "an archive"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_what_to_do(office: Office, content: bytes, reason: str) -> None:
    key = office.upload(content)
    refusal = office.api.refused(422, "uploadSessionDocuments", json={"keys": [key]}, sessionId=office.session()["id"])
    assert reason in refusal["errors"]["keys.0"][0]


def test_a_key_without_bytes_is_refused(office: Office) -> None:
    session = office.session()["id"]
    key = office.api.ok("createSignedUploadUrl", json={})["key"]
    refusal = office.api.refused(422, "uploadSessionDocuments", json={"keys": [key]}, sessionId=session)
    assert set(refusal["errors"]) == {"keys.0"}


def test_the_old_route_creates_one_named_document(office: Office) -> None:
    session = office.session()["id"]
    body = {"key": office.upload(note_pdf("Old way")), "filename": "bl-118.pdf"}
    document = office.api.ok("createSessionDocumentLegacy", json=body, sessionId=session)
    assert document["filename"] == "bl-118.pdf"
    assert [d["id"] for d in office.api.ok("getSession", sessionId=session)["documents"]] == [document["id"]]
    refusal = office.api.refused(422, "createSessionDocumentLegacy", json={"filename": "x.pdf"}, sessionId=session)
    assert set(refusal["errors"]) == {"key"}


def test_existing_documents_can_be_attached_and_detached(office: Office) -> None:
    session = office.session()["id"]
    document = office.document(note_pdf("Attached later"))["id"]
    attach = {"json": {"document_ids": [document]}, "sessionId": session}
    assert [d["id"] for d in office.api.ok("attachSessionDocuments", **attach)["data"]] == [document]
    assert [d["id"] for d in office.api.ok("attachSessionDocuments", **attach)["data"]] == [document]
    assert office.api.ok("listSessionDocuments", sessionId=session)["meta"]["total"] == 1
    attachment = {"sessionId": session, "documentId": document}
    office.api.ok("detachSessionDocument", **attachment)
    office.api.refused(404, "detachSessionDocument", **attachment)
    assert office.api.ok("listSessionDocuments", sessionId=session)["data"] == []
    office.api.ok("getDocument", documentId=document)


def test_a_document_of_another_workspace_cannot_be_attached(office: Office) -> None:
    session = office.session()["id"]
    mine = office.document(note_pdf("Here"))["id"]
    elsewhere = office.cast.office().document(note_pdf("Elsewhere"))["id"]
    for stranger in (elsewhere, ABSENT_UUID):
        body = {"document_ids": [mine, stranger]}
        refusal = office.api.refused(422, "attachSessionDocuments", json=body, sessionId=session)
        assert set(refusal["errors"]) == {"document_ids.1"}
    assert office.api.ok("listSessionDocuments", sessionId=session)["data"] == []


@pytest.mark.parametrize("ids", [None, [], "x", ["x"], [1]])
def test_attaching_needs_document_ids(ids: Any, office: Office) -> None:
    session = office.session()["id"]
    refusal = office.api.refused(422, "attachSessionDocuments", json={"document_ids": ids}, sessionId=session)
    assert all(path.split(".")[0] == "document_ids" for path in refusal["errors"])


# Batch operations


def test_a_batch_makes_one_session_per_key(office: Office) -> None:
    template = office.template()["id"]
    keys = [office.upload(note_pdf(f"Batch {n}")) for n in range(3)]
    made = office.api.ok("batchCreateSessions", json={"files": keys}, templateId=template)
    assert len({s["id"] for s in made}) == 3
    documents = [
        until(lambda s=s: office.api.ok("getSession", sessionId=s["id"]), lambda s: bool(s["documents"]))["documents"]
        for s in made
    ]
    assert [d[0]["sha256"] for d in documents] == [sha256(note_pdf(f"Batch {n}")).hexdigest() for n in range(3)]


def test_a_batch_extracts_by_itself_when_asked(office: Office) -> None:
    template = office.template()["id"]
    keys = [office.upload(note_pdf(f"Auto {n}")) for n in range(2)]
    body = {"files": keys, "settings": {"auto_extract": True}}
    for made in office.api.ok("batchCreateSessions", json=body, templateId=template):
        session = office.ended_session(made["id"])
        assert session["settings"]["auto_extract"] is True
        assert [r["status"] for r in session["results"]] == ["completed"]
        assert [d["status"] for d in session["documents"]] == ["processed"]


def test_a_batch_takes_at_most_fifty_files(office: Office) -> None:
    template = office.template()["id"]
    body = {"files": [f"tmp/00000000-0000-4000-8000-{n:012}" for n in range(51)]}
    refusal = office.api.refused(422, "batchCreateSessions", json=body, templateId=template)
    assert "files" in refusal["errors"]


@pytest.mark.parametrize("files", [None, [], [f"tmp/{ABSENT_UUID}"], ["nonsense"], [1], "tmp/x"])
def test_a_batch_needs_upload_keys(files: Any, office: Office) -> None:
    template = office.template()["id"]
    refusal = office.api.refused(422, "batchCreateSessions", json={"files": files}, templateId=template)
    assert all(path.split(".")[0] == "files" for path in refusal["errors"])


def test_a_batch_can_be_executed_later(office: Office) -> None:
    template = office.template()["id"]
    sessions = [office.session(template)["id"] for _ in range(2)]
    for number, session in enumerate(sessions):
        office.attach(session, note_pdf(f"Later {number}"))
    body = {"session_ids": sessions}
    answer = office.api.ok("batchExecuteSessions", json=body, templateId=template)
    assert answer["queued_count"] == 2
    for session in sessions:
        assert office.ended_session(session)["status"] == "completed"
        assert len(office.api.ok("listSessionResults", sessionId=session)["data"]) == 1


@pytest.mark.parametrize(
    "operation", ["batchExecuteSessions", "batchDeleteSessions", "batchDeleteSessionsAlias", "batchExportSessions"]
)
@pytest.mark.parametrize("ids", [None, [], ["x"], "x", [ABSENT_UUID]])
def test_batch_operations_need_sessions_of_the_template(operation: str, ids: Any, office: Office) -> None:
    template = office.template()["id"]
    answer = office.api.call(operation, json={"session_ids": ids}, templateId=template)
    assert answer.status_code == 422 or (ids == [ABSENT_UUID] and answer.status_code == 404), answer.text


@pytest.mark.parametrize(
    "operation", ["batchExecuteSessions", "batchDeleteSessions", "batchDeleteSessionsAlias", "batchExportSessions"]
)
def test_a_batch_cannot_reach_sessions_of_another_template(operation: str, office: Office) -> None:
    template = office.template()["id"]
    other = office.session()["id"]
    foreign = office.cast.office().session()["id"]
    for stranger in (other, foreign):
        answer = office.api.call(operation, json={"session_ids": [stranger]}, templateId=template)
        assert answer.status_code in (404, 422), answer.text
    office.api.ok("getSession", sessionId=other)
    office.api.ok("getSession", sessionId=foreign)


def test_batch_deleted_sessions_are_gone(office: Office) -> None:
    template = office.template()["id"]
    first, second, kept = (office.session(template)["id"] for _ in range(3))
    office.api.ok("batchDeleteSessions", json={"session_ids": [first]}, templateId=template)
    office.api.ok("batchDeleteSessionsAlias", json={"session_ids": [second]}, templateId=template)
    office.api.refused(404, "getSession", sessionId=first)
    office.api.refused(404, "getSession", sessionId=second)
    office.api.ok("getSession", sessionId=kept)


# Upload URL and documents


def test_a_signed_url_takes_the_bytes_without_credentials(office: Office) -> None:
    signed = office.api.ok("createSignedUploadUrl", json={"content_type": "application/pdf"})
    assert re.fullmatch(r"tmp/[0-9a-f-]{36}", signed["key"])
    assert signed["key"] == f"tmp/{signed['uuid']}"
    assert all(isinstance(v, str) for v in signed["headers"].values())
    put = httpx.put(signed["url"], content=note_pdf("Plain PUT"), headers=signed["headers"])
    assert put.status_code == 200
    body = {"key": signed["key"], "filename": "plain.pdf"}
    office.api.ok("createWorkspaceDocument", 201, json=body, workspaceId=office.workspace)


@pytest.mark.parametrize("part", ["path", "query", "no query"])
def test_a_tampered_upload_url_is_refused(part: str, office: Office) -> None:
    signed = office.api.ok("createSignedUploadUrl", json={})
    answer = httpx.put(tampered(signed["url"], part), content=b"evil")
    assert 400 <= answer.status_code < 500
    refusal = office.api.refused(
        422, "createWorkspaceDocument", json={"key": signed["key"]}, workspaceId=office.workspace
    )
    assert set(refusal["errors"]) == {"key"}


def test_bytes_cannot_be_replaced_once_they_are_a_document(office: Office) -> None:
    signed = office.api.ok("createSignedUploadUrl", json={})
    content = note_pdf("First bytes")
    assert httpx.put(signed["url"], content=content, headers=signed["headers"]).status_code == 200
    made = office.api.ok("createWorkspaceDocument", json={"key": signed["key"]}, workspaceId=office.workspace)
    httpx.put(signed["url"], content=note_pdf("Second bytes"), headers=signed["headers"])
    url = office.api.ok("getDocumentUrl", documentId=made["document"]["id"])["url"]
    assert httpx.get(url).content == content


@pytest.mark.parametrize("operation", ["getDocumentUrl", "getWorkspaceDocumentUrl"])
def test_a_download_url_serves_the_original_bytes(operation: str, office: Office) -> None:
    content = invoice_pdf("INV-DOWNLOAD")
    document = office.document(content, filename="invoice.pdf")
    path = {"documentId": document["id"]}
    if operation == "getWorkspaceDocumentUrl":
        path["workspaceId"] = office.workspace
    url = office.api.ok(operation, **path)["url"]
    whole = httpx.get(url, follow_redirects=True)
    assert (whole.status_code, whole.content) == (200, content)
    assert whole.headers["content-type"] == "application/pdf"
    part = httpx.get(url, headers={"Range": "bytes=0-3"}, follow_redirects=True)
    assert (part.status_code, part.content) == (206, content[:4])
    # A bucket's link is signed for GET alone, and says no more than the type.
    if url.startswith(office.cast.server.url):
        head = httpx.head(url, follow_redirects=True)
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(content)))
        assert whole.headers["x-content-type-options"] == "nosniff"
        for unfit in ({"Range": "pages=1-2"}, {"Range": "bytes=-"}, {"Range": "bytes=0-3", "If-Range": '"another"'}):
            answer = httpx.get(url, headers=unfit)
            assert (answer.status_code, answer.content, "content-range" in answer.headers) == (200, content, False)
        same = httpx.get(url, headers={"Range": "bytes=0-3", "If-Range": whole.headers["etag"]})
        assert (same.status_code, same.content) == (206, content[:4])
    assert 400 <= httpx.get(tampered(url, "query")).status_code < 500


def test_a_document_reports_its_parsing(archive: Office, invoice: dict[str, Any]) -> None:
    document = archive.api.ok("getDocument", documentId=invoice["document_refs"][0]["documentId"])
    assert document["status"] == "processed"
    assert document["meta"] == {**document["meta"], "page_count": 1, "file_size": document["size"]}
    assert [p["status"] for p in document["parsings"]] == ["ready"]
    same = archive.api.ok("getWorkspaceDocument", workspaceId=archive.workspace, documentId=document["id"])
    assert same == document


def test_a_deleted_document_is_gone_everywhere(office: Office) -> None:
    session = office.session()["id"]
    document = office.attach(session, note_pdf("To be deleted"))[0]["id"]
    url = office.api.ok("getDocumentUrl", documentId=document)["url"]
    office.api.ok("deleteDocument", documentId=document)
    for gone in ("getDocument", "getDocumentUrl", "listDocumentChunks", "deleteDocument"):
        office.api.refused(404, gone, documentId=document)
    office.api.refused(404, "getWorkspaceDocument", workspaceId=office.workspace, documentId=document)
    assert office.api.ok("getSession", sessionId=session)["documents"] == []
    assert 400 <= httpx.get(url).status_code < 500


# Chunks


def test_chunks_carry_blocks_in_reading_order(archive: Office, invoice: dict[str, Any]) -> None:
    document = invoice["document_refs"][0]["documentId"]
    chunks = archive.api.ok("listDocumentChunks", documentId=document)["data"]
    assert [c["chunk_index"] for c in chunks] == list(range(len(chunks)))
    assert {c["document_id"] for c in chunks} == {document}
    blocks = [b for c in chunks for b in c["blocks"]]
    assert len({b["block_id"] for b in blocks}) == len(blocks)
    assert {b["page_ref"] for b in blocks} == {"Page 1"}
    text = "\n".join(c["content"] for c in chunks)
    assert text.index("INVOICE") < text.index("INV-2026-0117") < text.index("Copper cable") < text.index("418.88")


def test_a_ruled_table_becomes_a_table_block_and_its_rows(archive: Office, invoice: dict[str, Any]) -> None:
    chunks = archive.api.ok("listDocumentChunks", documentId=invoice["document_refs"][0]["documentId"])["data"]
    blocks = [b for c in chunks for b in c["blocks"]]
    table = next(b for b in blocks if b["type"] == "table")
    assert table["content"] == ""
    assert (table["meta"]["table"]["row_count"], table["meta"]["table"]["col_count"]) == (len(LINES) + 1, 4)
    rows = [b for b in blocks if b["type"] == "table_row"]
    assert [r["meta"]["table_row"]["is_header_row"] for r in rows] == [True, False, False, False]
    assert rows[0]["content"] == "Description | Quantity | Unit price | Amount"
    assert {r["meta"]["table_row"]["table_id"] for r in rows} == {table["meta"]["table"]["table_id"]}
    assert rows[1]["meta"]["table_row"]["cells"][0] == {"col_index": 1, "text": LINES[0].description}


def test_blocks_have_a_box_inside_the_page(archive: Office, invoice: dict[str, Any]) -> None:
    chunks = archive.api.ok("listDocumentChunks", documentId=invoice["document_refs"][0]["documentId"])["data"]
    boxes = [b["meta"]["bbox"] for c in chunks for b in c["blocks"]]
    assert boxes
    assert all(is_box(box) for box in boxes)


def test_an_unparsed_document_has_no_chunks(office: Office) -> None:
    document = office.document(note_pdf("Not parsed yet"))["id"]
    answer = office.api.call("listDocumentChunks", documentId=document)
    assert answer.status_code == 404 or answer.json() == {"data": []}


@pytest.mark.parametrize(
    ("content", "mime", "text"),
    [(docx("A plain paragraph"), DOCX, "A plain paragraph"), (png("HARBOUR HOTEL"), PNG, "HARBOUR HOTEL")],
    ids=["docx", "png"],
)
def test_other_formats_have_chunks_too(content: bytes, mime: str, text: str, office: Office) -> None:
    session = office.session()["id"]
    document = office.attach(session, content, mime=mime)[0]
    assert document["mime"] == mime
    assert office.run(session)["status"] == "completed"
    chunks = office.api.ok("listDocumentChunks", documentId=document["id"])["data"]
    assert text in " ".join(c["content"] for c in chunks)


# Workspace documents


def test_the_same_bytes_are_reused(office: Office) -> None:
    content = note_pdf("Only once")
    path = {"workspaceId": office.workspace}
    first = office.api.ok("createWorkspaceDocument", 201, json={"key": office.upload(content)}, **path)
    again = office.api.ok("createWorkspaceDocument", 200, json={"key": office.upload(content)}, **path)
    assert first["dedup"] == {"reused": False, "matched_by": None}
    assert again["dedup"] == {"reused": True, "matched_by": "sha256"}
    assert first["document"] == again["document"]
    assert first["document_ref"]["documentId"] == first["document"]["id"]
    assert office.api.ok("listWorkspaceDocuments", **path)["meta"]["total"] == 1


def test_two_workspaces_do_not_share_documents(office: Office) -> None:
    content = note_pdf("Twice, in two places")
    here = office.document(content)
    there = office.cast.office().document(content)
    assert here["id"] != there["id"]
    assert here["sha256"] == there["sha256"]


@pytest.mark.parametrize("body", [{}, {"key": None}, {"key": 3}, {"key": "tmp/x"}, {"key": f"tmp/{ABSENT_UUID}"}])
def test_a_workspace_document_needs_an_uploaded_key(body: dict[str, Any], office: Office) -> None:
    refusal = office.api.refused(422, "createWorkspaceDocument", json=body, workspaceId=office.workspace)
    assert set(refusal["errors"]) == {"key"}


@pytest.fixture(scope="module")
def shelf(cast: Cast) -> Office:
    """An office with three documents: two PDFs and a picture."""
    office = cast.office()
    office.document(note_pdf("B " * 200), filename="bravo.pdf")
    office.document(png("A"), PNG, filename="alpha.png")
    office.document(note_pdf("C"), filename="charlie 100%.pdf")
    return office


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ["charlie 100%.pdf", "alpha.png", "bravo.pdf"]),
        ({"order": "asc"}, ["bravo.pdf", "alpha.png", "charlie 100%.pdf"]),
        ({"sort": "filename", "order": "asc"}, ["alpha.png", "bravo.pdf", "charlie 100%.pdf"]),
        ({"sort": "filename", "order": "desc"}, ["charlie 100%.pdf", "bravo.pdf", "alpha.png"]),
        ({"mime": "image/png"}, ["alpha.png"]),
        ({"mime": "application/pdf", "order": "asc"}, ["bravo.pdf", "charlie 100%.pdf"]),
        ({"query": "BRAV"}, ["bravo.pdf"]),
        ({"query": "100%"}, ["charlie 100%.pdf"]),
        ({"query": "%"}, ["charlie 100%.pdf"]),
        ({"query": "_"}, []),
        ({"query": "' OR 1=1 --"}, []),
        ({"status": "uploaded", "source_type": "upload", "per_page": 1}, ["charlie 100%.pdf"]),
        ({"status": "processed"}, []),
        ({"source_type": "connector"}, []),
        ({"per_page": 2, "page": 2}, ["bravo.pdf"]),
    ],
    ids=str,
)
def test_workspace_documents_can_be_filtered_and_sorted(
    params: dict[str, Any], names: list[str], shelf: Office
) -> None:
    listed = shelf.api.ok("listWorkspaceDocuments", workspaceId=shelf.workspace, params=params)
    assert [d["filename"] for d in listed["data"]] == names


def test_workspace_documents_are_sorted_by_size(shelf: Office) -> None:
    params = {"sort": "size", "order": "asc"}
    listed = shelf.api.ok("listWorkspaceDocuments", workspaceId=shelf.workspace, params=params)["data"]
    assert [d["size"] for d in listed] == sorted(d["size"] for d in listed)


def test_workspace_documents_are_found_by_hash(shelf: Office) -> None:
    wanted = shelf.api.ok("listWorkspaceDocuments", workspaceId=shelf.workspace)["data"][1]
    params = {"query": wanted["sha256"]}
    found = shelf.api.ok("listWorkspaceDocuments", workspaceId=shelf.workspace, params=params)
    assert found["data"] == [wanted]
    assert found["meta"] == {"current_page": 1, "last_page": 1, "per_page": 15, "total": 1}


@pytest.mark.parametrize(
    "params",
    [{"status": "lost"}, {"source_type": "fax"}, {"sort": "colour"}, {"order": "up"},
     {"per_page": 0}, {"per_page": 101}, {"per_page": "many"}, {"page": 0}, {"page": "x"}],
    ids=str,
)  # fmt: skip
def test_unknown_filters_are_refused(params: dict[str, Any], shelf: Office) -> None:
    refusal = shelf.api.refused(422, "listWorkspaceDocuments", workspaceId=shelf.workspace, params=params)
    assert set(refusal["errors"]) == set(params)


# Reparse


def test_a_reparse_is_queued_then_ready_and_idempotent(office: Office) -> None:
    config_hash = office.template()["config_hash"]
    document = office.document(note_pdf("Parse me"))["id"]
    path = {"workspaceId": office.workspace, "documentId": document}
    body = {"config_hash": config_hash}
    queued = office.api.ok("reparseWorkspaceDocument", 202, json=body, **path)["parsing"]
    assert queued["config_hash"] == config_hash
    parsed = until(lambda: office.api.ok("getWorkspaceDocument", **path), lambda d: d["status"] == "processed")
    assert [(p["id"], p["config_hash"], p["status"]) for p in parsed["parsings"]] == [
        (queued["id"], config_hash, "ready")
    ]
    ready = office.api.ok("reparseWorkspaceDocument", 200, json=body, **path)["parsing"]
    assert (ready["id"], ready["status"]) == (queued["id"], "ready")


def test_a_forced_reparse_runs_again(office: Office) -> None:
    config_hash = office.template()["config_hash"]
    document = office.document(note_pdf("Parse me twice"))["id"]
    path = {"workspaceId": office.workspace, "documentId": document}
    for body in ({"config_hash": config_hash}, {"config_hash": config_hash, "force": True}):
        office.api.ok("reparseWorkspaceDocument", 202, json=body, **path)
        parsed = until(lambda: office.api.ok("getWorkspaceDocument", **path), lambda d: d["status"] == "processed")
        assert [p["status"] for p in parsed["parsings"]] == ["ready"]


@pytest.mark.parametrize("config_hash", [None, 7, "", "cfg_9eeae65063f17f55", "z" * 64, "a" * 63, "a" * 65], ids=repr)
def test_a_reparse_needs_a_config_hash(config_hash: Any, office: Office) -> None:
    path = {"workspaceId": office.workspace, "documentId": office.document(note_pdf("Leave me"))["id"]}
    refusal = office.api.refused(422, "reparseWorkspaceDocument", json={"config_hash": config_hash}, **path)
    assert set(refusal["errors"]) == {"config_hash"}


# Results


def test_a_run_over_an_invoice_extracts_its_values(invoice: dict[str, Any]) -> None:
    values = invoice["data"]["invoice"]
    assert values["number"] == "INV-2026-0117"
    assert values["date"] == "2026-02-03"
    assert values["total"] == 418.88
    assert [line["description"] for line in values["lines"]] == [line.description for line in LINES]
    assert [line["quantity"] for line in values["lines"]] == [line.quantity for line in LINES]
    assert [line["amount"] for line in values["lines"]] == [float(line.amount) for line in LINES]


def test_every_value_points_to_its_proof(archive: Office, invoice: dict[str, Any]) -> None:
    document = invoice["document_refs"][0]["documentId"]
    chunks = {c["id"]: c for c in archive.api.ok("listDocumentChunks", documentId=document)["data"]}
    audit = invoice["audit_data"]["invoice"]
    for name, quoted in {"number": "INV-2026-0117", "date": "2026-02-03", "total": "418.88"}.items():
        assert audit[name]["reasoning"]
        source = audit[name]["sources"][0]
        assert (source["page"], quoted in source["text"]) == (1, True)
        assert source["text"] in chunks[source["chunk_id"]]["content"]
        assert is_box(source["bbox"])


def test_a_completed_run_has_a_title_times_and_a_snapshot_of_its_documents(invoice: dict[str, Any]) -> None:
    assert invoice["title"]
    assert invoice["created_at"] <= invoice["completed_at"] <= invoice["updated_at"]
    (ref,) = invoice["document_refs"]
    assert ref["sha256"] == sha256(invoice_pdf()).hexdigest()
    assert invoice["error"] is None


def test_results_are_listed_without_meta(archive: Office, invoice: dict[str, Any]) -> None:
    listed = archive.api.ok("listSessionResults", sessionId=invoice["extraction_session_id"])
    assert listed == {"data": [invoice]}
    session = archive.api.ok("getSession", sessionId=invoice["extraction_session_id"])
    assert session["results"] == [invoice]


def test_a_new_run_starts_with_empty_data(office: Office) -> None:
    session = office.session()["id"]
    office.attach(session, note_pdf("Start"))
    result = office.api.ok("runExtraction", 201, sessionId=session)
    assert (result["data"], result["audit_data"], result["completed_at"]) == ({}, {}, None)
    assert result["status"] in ("created", "parsing_pending")
    assert result["extraction_session_id"] == session


def test_a_run_needs_a_document(office: Office) -> None:
    office.api.refused(422, "runExtraction", sessionId=office.session()["id"])


def test_a_deleted_result_is_gone(office: Office) -> None:
    session = office.session()["id"]
    office.attach(session, note_pdf("One run"))
    result = office.run(session)["id"]
    office.api.ok("deleteResult", resultId=result)
    for gone in ("getResult", "deleteResult", "exportResultExcel"):
        office.api.refused(404, gone, resultId=result)
    assert office.api.ok("listSessionResults", sessionId=session) == {"data": []}


# Exports


def test_the_excel_export_of_a_result_says_what_the_result_says(archive: Office, invoice: dict[str, Any]) -> None:
    answer = archive.api.call("exportResultExcel", resultId=invoice["id"])
    assert answer.headers["content-type"] == XLSX
    assert answer.headers["content-disposition"] == 'attachment; filename="extraction_result.xlsx"'
    sheets = sheets_of(answer.content)
    assert list(sheets)[:3] == ["Data", "Audit", "Metadata"]
    data = {(r["group"], r["field"]): r["value"] for r in records(sheets["Data"])}
    assert data["invoice", "number"] == "INV-2026-0117"
    assert float(data["invoice", "total"]) == 418.88
    audit = {r["field"]: r for r in records(sheets["Audit"])}
    assert audit["number"]["value"] == "INV-2026-0117"
    assert audit["number"]["page"] == 1
    assert "INV-2026-0117" in audit["number"]["source text"]
    assert audit["number"]["chunk id"] == invoice["audit_data"]["invoice"]["number"]["sources"][0]["chunk_id"]
    assert invoice["id"] in {str(r["value"]) for r in records(sheets["Metadata"])}


def test_the_batch_exports_agree_with_each_other(archive: Office, invoice: dict[str, Any]) -> None:
    session = archive.api.ok("getSession", sessionId=invoice["extraction_session_id"])
    path = {"templateId": session["extraction_template_id"]}
    body = {"session_ids": [session["id"]]}
    rows = archive.api.ok("batchExportSessions", json={**body, "format": "json"}, **path)
    assert rows == [{"session_id": session["id"], "session_name": session["name"], "data": invoice["data"]}]
    assert archive.api.ok("batchExportSessions", json=body, **path) == rows

    text = archive.api.ok("batchExportSessions", json={**body, "format": "csv"}, **path).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["session_id"], row["session_name"]) == (session["id"], session["name"])
    assert row["invoice.number"] == "INV-2026-0117"
    assert float(row["invoice.total"]) == 418.88

    book = sheets_of(archive.api.ok("batchExportSessions", json={**body, "format": "excel"}, **path))
    assert {"Data", "Audit", "Metadata"} <= set(book)
    assert "INV-2026-0117" in {cell for r in book["Data"] for cell in r}


def test_an_unknown_export_format_is_refused(archive: Office, invoice: dict[str, Any]) -> None:
    session = archive.api.ok("getSession", sessionId=invoice["extraction_session_id"])
    path = {"templateId": session["extraction_template_id"]}
    body = {"session_ids": [session["id"]]}
    refusal = archive.api.refused(422, "batchExportSessions", json={**body, "format": "pdf"}, **path)
    assert set(refusal["errors"]) == {"format"}
    answer = archive.api.call("batchExportSessionsByPath", json=body, format="pdf", **path)
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize("operation", ["batchExportSessions", "batchExportSessionsByPath"])
def test_exports_never_carry_a_formula(operation: str, office: Office) -> None:
    template = office.template()["id"]
    evil = "=HYPERLINK(1)"
    session = office.session(template, evil)["id"]
    body = {"session_ids": [session]}
    for kind in ("csv", "excel"):
        path = {"templateId": template}
        if operation == "batchExportSessionsByPath":
            content = office.api.ok(operation, json=body, format=kind, **path)
        else:
            content = office.api.ok(operation, json={**body, "format": kind}, **path)
        if kind == "csv":
            cells = [c for r in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for c in r]
            assert not [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r"))]
            assert any(evil in c for c in cells)
        else:
            book = openpyxl.load_workbook(io.BytesIO(content))
            assert not [c for sheet in book for r in sheet.iter_rows() for c in r if c.data_type == "f"]


# The story


def tell_the_whole_story(api: Api, cast: Cast) -> None:
    workspace = api.ok("createWorkspace", 201, json={"name": "Story"})["id"]
    office = Office(cast, workspace, api)
    place = {"workspaceId": workspace}
    api.ok("listWorkspaces")
    api.ok("updateWorkspace", json={"name": "The whole story"}, **place)
    tell_of_members(office)

    template = office.template(INVOICE, name="Invoices")
    api.ok("listTemplates", **place)
    api.ok("getTemplate", templateId=template["id"])
    api.ok("updateTemplate", json={"description": "Told"}, templateId=template["id"])
    copy = api.ok("duplicateTemplate", 201, templateId=template["id"])
    api.ok("deleteTemplate", templateId=copy["id"])

    tell_of_documents(office, template)
    result = tell_of_a_session(office, template)
    tell_of_batches(office, template)
    api.ok("deleteResult", resultId=result["id"])
    api.ok("deleteSession", sessionId=result["extraction_session_id"])
    api.ok("deleteWorkspace", **place)


def tell_of_members(office: Office) -> None:
    api, place = office.api, {"workspaceId": office.workspace}
    api.ok("addWorkspaceUser", json={"email": office.cast.bob.email, "role": "user"}, **place)
    api.ok("addWorkspaceUser", json={"email": office.cast.ursula.email, "role": "user"}, **place)
    api.ok("listWorkspaceUsers", **place)
    api.ok("updateWorkspaceUserRole", json={"role": "readonly"}, userId=office.cast.bob.id, **place)
    api.ok("removeWorkspaceUser", userId=office.cast.bob.id, **place)
    ursula = Api(office.cast.http, office.cast.ursula.token(), seen=api.seen)
    ursula.ok("leaveWorkspace", **place)
    first, second = invited(office, "one@example.org", "user"), invited(office, "two@example.org", "user")
    api.ok("listWorkspaceInvites", **place)
    api.ok("resendWorkspaceInvite", inviteId=first, **place)
    api.ok("getWorkspaceInviteLink", inviteId=first, **place)
    api.ok("cancelWorkspaceInvite", inviteId=first, **place)
    api.ok("cancelWorkspaceInviteAlias", inviteId=second, **place)


def tell_of_documents(office: Office, template: dict[str, Any]) -> None:
    api, place = office.api, {"workspaceId": office.workspace}
    document = office.document(note_pdf("Story"), filename="story.pdf")["id"]
    api.ok("listWorkspaceDocuments", **place)
    api.ok("getWorkspaceDocument", documentId=document, **place)
    api.ok("getWorkspaceDocumentUrl", documentId=document, **place)
    body = {"config_hash": template["config_hash"]}
    api.ok("reparseWorkspaceDocument", json=body, documentId=document, **place)
    api.ok("getDocumentUrl", documentId=document)
    api.ok("deleteDocument", documentId=document)


def tell_of_a_session(office: Office, template: dict[str, Any]) -> dict[str, Any]:
    api = office.api
    session = office.session(template["id"])["id"]
    api.ok("updateSession", json={"name": "Told"}, sessionId=session)
    document = office.attach(session, invoice_pdf())[0]["id"]
    old = {"key": office.upload(note_pdf("Told the old way")), "filename": "old.pdf"}
    detached = api.ok("createSessionDocumentLegacy", 201, json=old, sessionId=session)["id"]
    api.ok("attachSessionDocuments", json={"document_ids": [document]}, sessionId=session)
    api.ok("detachSessionDocument", sessionId=session, documentId=detached)
    api.ok("listSessionDocuments", sessionId=session)
    result = office.run(session)
    api.ok("getSession", sessionId=session)
    api.ok("listSessionResults", sessionId=session)
    api.ok("getDocument", documentId=document)
    api.ok("listDocumentChunks", documentId=document)
    api.ok("exportResultExcel", resultId=result["id"])
    return result


def tell_of_batches(office: Office, template: dict[str, Any]) -> None:
    api, path = office.api, {"templateId": template["id"]}
    files = [office.upload(note_pdf(f"Told in a batch {n}")) for n in range(2)]
    made = [s["id"] for s in api.ok("batchCreateSessions", 201, json={"files": files}, **path)]
    for session in made:
        until(lambda s=session: api.ok("getSession", sessionId=s), lambda s: bool(s["documents"]))
    api.ok("batchExecuteSessions", json={"session_ids": made}, **path)
    for session in made:
        office.ended_session(session)
    api.ok("batchExportSessions", json={"session_ids": made}, **path)
    api.ok("batchExportSessionsByPath", json={"session_ids": made}, format="json", **path)
    api.ok("batchDeleteSessions", json={"session_ids": made[:1]}, **path)
    api.ok("batchDeleteSessionsAlias", json={"session_ids": made[1:]}, **path)


# Small things


def invited(office: Office, email: str, role: str) -> int:
    body = {"email": email, "role": role}
    answer = office.api.ok("addWorkspaceUser", json=body, workspaceId=office.workspace)
    assert answer["message"] == "Invitation sent"
    return answer["invite_id"]


def template_body(office: Office) -> dict[str, Any]:
    return {"name": "Notes", "workspace_id": office.workspace, "schema_json": NOTE}


def absent(ids: dict[str, Any]) -> dict[str, Any]:
    """The same ids, of things that do not exist."""
    return {
        name: value if name == "format" else ABSENT_INT if isinstance(value, int) else ABSENT_UUID
        for name, value in ids.items()
    }


def stable_headers(answer: httpx.Response) -> dict[str, str]:
    varying = ("date", "x-request-id", "x-ratelimit-remaining", "x-ratelimit-reset")
    return {name: value for name, value in answer.headers.items() if name not in varying}


def tampered(url: str, part: str) -> str:
    """The signed URL with another path, with a changed character in its longest parameter, or without any."""
    parts = urlsplit(url)
    if part == "path":
        return parts._replace(path=other_end(parts.path)).geturl()
    if part == "no query":
        return parts._replace(query="").geturl()
    name, value = max(parse_qsl(parts.query), key=lambda pair: len(pair[1]))
    return url.replace(f"{name}={value}", f"{name}={other_end(value)}")


def other_end(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def is_box(box: Any) -> bool:
    left, top, right, bottom = (box[k] for k in ("left", "top", "right", "bottom")) if isinstance(box, dict) else box
    return 0 <= left < right <= 1 and 0 <= top < bottom <= 1


def sheets_of(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def records(rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """A sheet's rows by its header, lower case."""
    header, *body = rows
    names = [str(name).lower().replace("_", " ") for name in header]
    return [dict(zip(names, row, strict=True)) for row in body]


def anonymous(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)
