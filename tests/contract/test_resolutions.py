"""Where the published pages contradict themselves or are silent: what this server does.

One test for each resolution C-01 to C-44 that can be seen from outside. C-38 (webhooks for
extractions) has nothing to show while off.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from contract.files import PDF, broken_pdf, invoice_pdf, note_pdf
from contract.matrix import ABILITIES
from contract.office import Cast, Office, until
from contract.schemas import INVOICE, NOTE

HASH = re.compile(r"[0-9a-f]{64}")


@pytest.fixture(scope="session")
def session_of_invoice(archive: Office, invoice: dict[str, Any]) -> dict[str, Any]:
    return archive.api.ok("getSession", sessionId=invoice["extraction_session_id"])


@pytest.fixture(scope="session")
def chunks_of_invoice(archive: Office, invoice: dict[str, Any]) -> list[dict[str, Any]]:
    document = invoice["document_refs"][0]["documentId"]
    return archive.api.ok("listDocumentChunks", documentId=document)["data"]


def test_c01_the_list_of_workspaces_is_wrapped_and_a_new_one_is_not(office: Office) -> None:
    assert isinstance(office.api.ok("createWorkspace", json={"name": "Bare"})["id"], int)
    assert isinstance(office.api.ok("listWorkspaces")["data"], list)


@pytest.mark.parametrize("spelling", ["cancelWorkspaceInvite", "cancelWorkspaceInviteAlias"])
def test_c02_both_spellings_cancel_an_invite(spelling: str, office: Office) -> None:
    invite = invited(office, "nora@example.org")
    office.api.ok(spelling, workspaceId=office.workspace, inviteId=invite)
    assert office.api.ok("listWorkspaceInvites", workspaceId=office.workspace) == []


@pytest.mark.parametrize("spelling", ["batchDeleteSessions", "batchDeleteSessionsAlias"])
def test_c03_both_spellings_delete_sessions(spelling: str, office: Office) -> None:
    session = office.session()
    office.api.ok(spelling, json={"session_ids": [session["id"]]}, templateId=session["extraction_template_id"])
    office.api.refused(404, "getSession", sessionId=session["id"])


@pytest.mark.parametrize("kind", ["json", "csv", "excel"])
def test_c04_an_export_is_the_same_by_body_and_by_path(
    kind: str, archive: Office, session_of_invoice: dict[str, Any]
) -> None:
    path = {"templateId": session_of_invoice["extraction_template_id"]}
    ids = {"session_ids": [session_of_invoice["id"]]}
    by_body = archive.api.call("batchExportSessions", json={**ids, "format": kind}, **path)
    by_path = archive.api.call("batchExportSessionsByPath", json=ids, format=kind, **path)
    assert by_body.status_code == by_path.status_code == 200
    assert by_body.headers["content-type"] == by_path.headers["content-type"]
    read = {"json": json.loads, "csv": bytes.decode, "excel": cells_of}[kind]
    assert read(by_body.content) == read(by_path.content)


def test_c05_chunks_are_wrapped(archive: Office, invoice: dict[str, Any]) -> None:
    document = invoice["document_refs"][0]["documentId"]
    assert list(archive.api.ok("listDocumentChunks", documentId=document)) == ["data"]


def test_c06_chunks_carry_the_fields_of_all_three_shapes(chunks_of_invoice: list[dict[str, Any]]) -> None:
    (chunk,) = chunks_of_invoice
    assert {
        "id", "document_id", "chunk_index", "blocks", "context", "visual_context", "page_range",
        "content", "page_numbers", "page_number", "token_count", "metadata",
    } <= set(chunk)  # fmt: skip
    assert (chunk["page_numbers"], chunk["page_number"]) == ([1], 1)
    assert chunk["token_count"] > 0


def test_c07_workspace_ids_are_integers_everywhere(office: Office) -> None:
    template = office.template()
    document = office.document(note_pdf("C-07"))
    session = office.session(template["id"])["id"]
    office.api.ok("attachSessionDocuments", json={"document_ids": [document["id"]]}, sessionId=session)
    run = office.api.ok("runExtraction", sessionId=session)
    assert {template["workspace_id"], document["workspace_id"], run["document_refs"][0]["workspaceId"]} == {
        office.workspace
    }


@pytest.mark.parametrize("body", [None, {}, {"visibility": "private"}, {"content_type": "application/pdf"}])
def test_c08_an_upload_url_needs_no_content_type(body: dict[str, str] | None, office: Office) -> None:
    signed = office.api.ok("createSignedUploadUrl", 200, json=body)
    sent = {name.lower(): value for name, value in signed["headers"].items()}
    assert sent.get("content-type", "application/octet-stream") == (body or {}).get(
        "content_type", "application/octet-stream"
    )


def test_c09_a_listed_invite_has_both_dates(office: Office) -> None:
    invited(office, "nora@example.org")
    (invite,) = office.api.ok("listWorkspaceInvites", workspaceId=office.workspace)
    assert invite["status"] == "pending"
    assert invite["created_at"] < invite["valid_until"]


def test_c10_config_hashes_are_sixty_four_hex_digits(
    office: Office, invoice: dict[str, Any], session_of_invoice: dict[str, Any]
) -> None:
    parsing = session_of_invoice["documents"][0]["parsings"][0]
    assert HASH.fullmatch(invoice["config_hash"])
    assert HASH.fullmatch(parsing["config_hash"])
    path = {"workspaceId": office.workspace, "documentId": office.document(note_pdf("C-10"))["id"]}
    office.api.refused(422, "reparseWorkspaceDocument", json={"config_hash": "cfg_9eeae65063f17f55"}, **path)


def test_c11_a_document_that_can_be_used_is_processed(session_of_invoice: dict[str, Any]) -> None:
    assert [d["status"] for d in session_of_invoice["documents"]] == ["processed"]


@pytest.mark.parametrize("deleted", ["session", "template"])
def test_c12_deletion_takes_only_documents_that_nothing_else_holds(deleted: str, office: Office) -> None:
    template = office.template()["id"]
    session, other = office.session(template)["id"], office.session()["id"]
    own, shared = office.attach(session, note_pdf("Own"), note_pdf("Shared"))
    independent = office.document(note_pdf("Independent"))
    attach = {"json": {"document_ids": [independent["id"]]}, "sessionId": session}
    office.api.ok("attachSessionDocuments", **attach)
    office.api.ok("attachSessionDocuments", json={"document_ids": [shared["id"]]}, sessionId=other)
    if deleted == "session":
        office.api.ok("deleteSession", sessionId=session)
    else:
        office.api.ok("deleteTemplate", templateId=template)
    office.api.refused(404, "getDocument", documentId=own["id"])
    office.api.ok("getDocument", documentId=shared["id"])
    office.api.ok("getDocument", documentId=independent["id"])


def test_c13_deleting_a_document_blanks_only_runs_over_it_alone(office: Office) -> None:
    template = office.template(INVOICE)["id"]
    alone, together = office.session(template)["id"], office.session(template)["id"]
    document = office.attach(alone, invoice_pdf("INV-C13"))[0]["id"]
    office.attach(together, invoice_pdf("INV-C13"), note_pdf("A second document"))
    run_alone, run_together = office.run(alone), office.run(together)
    assert run_alone["data"]["invoice"]["number"] == "INV-C13"
    office.api.ok("deleteDocument", documentId=document)
    after = office.api.ok("getResult", resultId=run_alone["id"])
    assert (after["data"], after["audit_data"]) == ({}, {})
    assert after["document_refs"] == run_alone["document_refs"]
    assert office.api.ok("getResult", resultId=run_together["id"])["data"] == run_together["data"]


def test_c14_a_run_waits_for_parsing(office: Office) -> None:
    session = office.session()["id"]
    office.attach(session, note_pdf("Not parsed yet"))
    run = office.api.ok("runExtraction", 201, sessionId=session)
    assert run["status"] == "parsing_pending"
    assert office.ended(run["id"])["status"] == "completed"


def test_c14_a_run_is_refused_when_every_document_failed(office: Office) -> None:
    session = office.session()["id"]
    office.attach(session, broken_pdf())
    assert office.run(session)["status"] == "failed"
    assert office.api.ok("getSession", sessionId=session)["documents"][0]["status"] == "failed"
    office.api.refused(422, "runExtraction", sessionId=session)


def test_c15_a_template_may_say_schema(office: Office) -> None:
    body = {"name": "Notes", "workspace_id": office.workspace, "schema": NOTE}
    made = office.api.ok("createTemplate", 201, json=body)
    assert made["schema_json"] == NOTE
    assert "schema" not in made


def test_c16_a_signed_url_is_answered_with_200_and_its_uuid(office: Office) -> None:
    signed = office.api.ok("createSignedUploadUrl", 200, json={})
    assert str(UUID(signed["uuid"])) == signed["uuid"]


@pytest.mark.parametrize(
    ("headers", "fields", "name"),
    [
        ({"X-Filename": "put.pdf"}, {"filename": "explicit.pdf"}, r"explicit\.pdf"),
        ({"Content-Disposition": 'attachment; filename="put.pdf"'}, {}, r"put\.pdf"),
        ({"Content-Disposition": "attachment; filename*=UTF-8''Stra%C3%9Fe.pdf"}, {}, r"Straße\.pdf"),
        ({"X-Filename": "put.pdf"}, {}, r"put\.pdf"),
        ({}, {}, r"document-[0-9a-f]{8}\.pdf"),
    ],
    ids=["explicit", "disposition", "disposition-utf8", "x-filename", "sniffed"],
)
def test_c17_a_file_gets_the_best_name_there_is(
    headers: dict[str, str], fields: dict[str, str], name: str, office: Office
) -> None:
    skip_where_a_bucket_takes_the_bytes("X-Filename" in headers and not fields)
    body = {"key": office.upload(note_pdf("C-17"), PDF, **headers), **fields}
    made = office.api.ok("createWorkspaceDocument", json=body, workspaceId=office.workspace)
    assert re.fullmatch(name, made["document"]["filename"])


def test_c17_a_file_name_is_never_a_path(office: Office) -> None:
    body = {"key": office.upload(note_pdf("C-17")), "filename": "../../etc/passwd\\x.pdf"}
    answer = office.api.call("createWorkspaceDocument", json=body, workspaceId=office.workspace)
    if answer.is_success:
        name = answer.json()["document"]["filename"]
        assert not {"/", "\\"} & set(name)
    else:
        assert answer.status_code == 422


def test_c18_attaching_needs_sessions_write_alone(office: Office) -> None:
    session = office.session()["id"]
    body = {"document_ids": [office.document(note_pdf("C-18"))["id"]]}
    api = office.cast.api(office.cast.alice, ("sessions-write",))
    api.ok("attachSessionDocuments", json=body, sessionId=session)


def test_c19_a_session_takes_a_name_and_settings(office: Office) -> None:
    session = office.session()["id"]
    body = {"name": "Both", "settings": {"auto_extract": True, "colour": "blue"}}
    updated = office.api.ok("updateSession", json=body, sessionId=session)
    assert updated["name"] == "Both"
    assert updated["settings"] == {**updated["settings"], "auto_extract": True, "colour": "blue"}


def test_c20_a_write_ability_does_not_include_reading(office: Office) -> None:
    writer = office.cast.api(office.cast.alice, tuple(a for a in ABILITIES if a.endswith("-write")))
    writer.ok("createWorkspace", json={"name": "Write only"})
    writer.refused(403, "listWorkspaces")
    writer.refused(403, "listTemplates", workspaceId=office.workspace)


def test_c21_invalid_is_422_and_malformed_is_400(office: Office) -> None:
    office.api.refused(422, "createWorkspace", json={})
    office.api.refused(400, "createWorkspace", content=b'{"name": ')


def test_c22_document_refs_in_results_are_of_the_extraction_kind(invoice: dict[str, Any]) -> None:
    (ref,) = invoice["document_refs"]
    assert ref["kind"] == "documentRef"
    assert isinstance(ref["workspaceId"], int)
    assert ref["source"] == {"type": "upload", "url": None}
    assert {"filename", "mime", "size", "sha256", "createdAt"} <= set(ref)


def test_c23_results_have_title_and_all_three_times(invoice: dict[str, Any]) -> None:
    assert {"title", "created_at", "updated_at", "completed_at"} <= set(invoice)


def test_c24_a_run_over_parsed_documents_starts_as_created(office: Office) -> None:
    session = office.session()["id"]
    office.attach(session, note_pdf("Parsed by the first run"))
    office.run(session)
    again = office.api.ok("runExtraction", 201, sessionId=session)
    assert again["status"] == "created"
    assert office.ended(again["id"])["status"] == "completed"


def test_c25_removing_oneself_is_forbidden(office: Office) -> None:
    herself = {"workspaceId": office.workspace, "userId": office.cast.alice.id}
    office.api.refused(403, "removeWorkspaceUser", **herself)


def test_c26_adding_a_member_again_is_invalid(office: Office) -> None:
    body = {"email": office.cast.bob.email.upper(), "role": "admin"}
    refusal = office.api.refused(422, "addWorkspaceUser", json=body, workspaceId=office.workspace)
    assert set(refusal["errors"]) == {"email"}
    roles = {m["id"]: m["role"] for m in office.api.ok("listWorkspaceUsers", workspaceId=office.workspace)}
    assert roles[office.cast.bob.id] == "readonly"


def test_c27_a_reparse_answers_with_the_parsing(office: Office) -> None:
    path = {"workspaceId": office.workspace, "documentId": office.document(note_pdf("C-27"))["id"]}
    body = {"config_hash": office.template()["config_hash"]}
    answer = office.api.ok("reparseWorkspaceDocument", 202, json=body, **path)
    office.api.contract.check_component("Parsing", answer["parsing"])


def test_c28_a_template_tells_the_hash_that_a_reparse_takes(office: Office) -> None:
    default = office.template()
    contextual = office.template(settings={"parsing": {"contextual_embedding": True}})
    assert HASH.fullmatch(default["config_hash"])
    assert default["config_hash"] == office.template(INVOICE)["config_hash"]
    path = {"workspaceId": office.workspace, "documentId": office.document(note_pdf("C-28"))["id"]}
    for template in (default, contextual):
        body = {"config_hash": template["config_hash"]}
        office.api.ok("reparseWorkspaceDocument", 202, json=body, **path)
        until(lambda: office.api.ok("getWorkspaceDocument", **path), lambda d: d["status"] == "processed")
    office.api.refused(422, "reparseWorkspaceDocument", json={"config_hash": "0" * 64}, **path)


def test_c29_a_new_document_can_be_attached_at_once(office: Office) -> None:
    session = office.session()["id"]
    body = {"key": office.upload(note_pdf("C-29")), "session_id": session}
    made = office.api.ok("createWorkspaceDocument", 201, json=body, workspaceId=office.workspace)
    attached = office.api.ok("listSessionDocuments", sessionId=session)["data"]
    assert [d["id"] for d in attached] == [made["document"]["id"]]


def test_c29_a_foreign_session_is_refused_and_nothing_is_made(office: Office) -> None:
    elsewhere = office.cast.office().session()["id"]
    body = {"key": office.upload(note_pdf("C-29")), "session_id": elsewhere}
    answer = office.api.call("createWorkspaceDocument", json=body, workspaceId=office.workspace)
    assert answer.status_code in (404, 422)
    assert office.api.ok("listWorkspaceDocuments", workspaceId=office.workspace)["data"] == []


def test_c30_a_csv_row_is_a_session_with_dotted_columns(archive: Office, session_of_invoice: dict[str, Any]) -> None:
    body = {"session_ids": [session_of_invoice["id"]], "format": "csv"}
    template = session_of_invoice["extraction_template_id"]
    content = archive.api.ok("batchExportSessions", json=body, templateId=template)
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    (row,) = reader
    assert reader.fieldnames is not None
    assert reader.fieldnames[:2] == ["session_id", "session_name"]
    assert {"invoice.number", "invoice.date", "invoice.total", "invoice.lines"} <= set(reader.fieldnames)
    assert json.loads(row["invoice.lines"]) == session_of_invoice["results"][0]["data"]["invoice"]["lines"]


def test_c31_a_json_row_is_the_newest_completed_result_or_nothing(office: Office) -> None:
    template = office.template(INVOICE)["id"]
    session, empty = office.session(template, "Full")["id"], office.session(template, "Empty")["id"]
    old = office.attach(session, invoice_pdf("INV-OLD"))[0]["id"]
    office.run(session)
    office.api.ok("detachSessionDocument", sessionId=session, documentId=old)
    office.attach(session, invoice_pdf("INV-2026-0399"))
    newest = office.run(session)
    body = {"session_ids": [session, empty]}
    rows = office.api.ok("batchExportSessions", json=body, templateId=template)
    assert rows == [
        {"session_id": session, "session_name": "Full", "data": newest["data"]},
        {"session_id": empty, "session_name": "Empty", "data": {}},
    ]
    assert newest["data"]["invoice"]["number"] == "INV-2026-0399"


def test_c32_the_excel_sheets_have_their_columns(archive: Office, invoice: dict[str, Any]) -> None:
    sheets = cells_of(archive.api.ok("exportResultExcel", resultId=invoice["id"]))
    header = {name: [str(cell).lower() for cell in rows[0]] for name, rows in sheets.items()}
    assert header["Data"][:3] == ["group", "field", "value"]
    assert header["Audit"][:7] == ["group", "field", "value", "reasoning", "page", "source text", "chunk id"]
    assert header["Metadata"][:2] == ["key", "value"]


def test_c33_a_sessions_status_follows_its_newest_run(office: Office) -> None:
    session = office.session()["id"]
    read: Callable[[], str] = lambda: office.api.ok("getSession", sessionId=session)["status"]  # noqa: E731
    assert read() == "pending"
    office.attach(session, broken_pdf())
    assert read() == "pending"
    office.run(session)
    assert read() == "failed"
    office.attach(session, note_pdf("A readable one"))
    office.run(session)
    assert read() == "completed"


def skip_where_a_bucket_takes_the_bytes(has_own_header: bool) -> None:
    if has_own_header and os.environ.get("FIELDPROOF_TEST_STACK"):
        pytest.skip("a bucket keeps no header of ours: X-Filename counts where the bytes go through the server")


def test_c34_a_batch_session_takes_the_name_of_its_file(office: Office) -> None:
    skip_where_a_bucket_takes_the_bytes(True)
    template = office.template()["id"]
    body = {"files": [office.upload(note_pdf("C-34"), PDF, **{"X-Filename": "bl-118.pdf"})]}
    (made,) = office.api.ok("batchCreateSessions", json=body, templateId=template)
    session = until(
        lambda: office.api.ok("getSession", sessionId=made["id"]), lambda s: not s["name"].startswith("Pending")
    )
    assert session["name"] == "bl-118.pdf"
    assert session["status"] == "pending"


@pytest.mark.parametrize("operation", ["uploadSessionDocuments", "batchCreateSessions"])
def test_c35_a_key_counts_once(operation: str, office: Office) -> None:
    template = office.template()["id"]
    path = {"templateId": template}
    name = "files"
    if operation == "uploadSessionDocuments":
        path, name = {"sessionId": office.session(template)["id"]}, "keys"
    key = office.upload(note_pdf("C-35"))
    twice = office.api.refused(422, operation, json={name: [key, key]}, **path)
    assert set(twice["errors"]) <= {f"{name}.0", f"{name}.1"}
    office.api.ok(operation, json={name: [key]}, **path)
    used = office.api.refused(422, operation, json={name: [key]}, **path)
    assert set(used["errors"]) == {f"{name}.0"}


def test_c36_a_group_can_iterate_over_a_list_found_before(office: Office) -> None:
    schema = json.loads(json.dumps(INVOICE))
    schema["groups"]["position"] = {
        "config": {"iterates_on": "invoice.lines"},
        "fields": {"description": {"type": "string", "extraction_prompt": "Description of {{invoice.lines}}"}},
    }
    session = office.session(office.template(schema)["id"])["id"]
    office.attach(session, invoice_pdf())
    data = office.run(session)["data"]
    assert isinstance(data["position"], list)
    assert len(data["position"]) == len(data["invoice"]["lines"]) > 0
    assert all("description" in entry for entry in data["position"])


def test_c36_unknown_keys_and_richer_fields_stay_as_they_were(office: Office) -> None:
    schema = {
        "version": 3,
        "config": {"reasoning_enabled": True, "temperature": 0.2, "nested": {"kept": [1, None, "ü"]}},
        "definitions": {"money": {"type": "number", "format": "currency", "x-note": "as printed"}},
        "groups": {
            "total": {
                "model": "large",
                "fields": {
                    "net": {"$ref": "#/definitions/money"},
                    "kind": {"type": "string", "enum": ["a", "b"], "x-ui": {"width": 3}},
                    "paid": {"type": ["boolean", "null"], "default": False},
                    "parties": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "string"}}}},
                },
            }
        },
    }
    made = office.template(schema)
    assert made["schema_json"] == schema
    assert office.api.ok("getTemplate", templateId=made["id"])["schema_json"] == schema


def test_c37_a_failed_run_says_why_in_one_sentence_for_people(office: Office) -> None:
    session = office.session()["id"]
    office.attach(session, broken_pdf("C-37"))
    result = office.run(session)
    assert result["status"] == "failed"
    assert re.search(r"[A-Z].{20,}\.$", result["error"])
    assert "Traceback" not in result["error"]


def test_c37_a_completed_run_has_no_error(invoice: dict[str, Any]) -> None:
    assert invoice["error"] is None


def test_c39_only_an_admin_deletes_a_workspace(office: Office) -> None:
    for member in (office.cast.ursula, office.cast.bob):
        office.cast.api(member).refused(403, "deleteWorkspace", workspaceId=office.workspace)
    office.api.ok("deleteWorkspace", workspaceId=office.workspace)


def test_c40_the_workflow_module_is_not_there(cast: Cast) -> None:
    office, missing = cast.office(), "00000000-0000-4000-8000-000000000000"
    path = {"workspaceId": office.workspace, "workflowId": missing, "runId": missing}
    for operation in office.api.contract.operations.values():
        if operation.is_optional:
            body = {} if operation.has_body else None
            assert office.api.refused(404, operation.id, json=body, **path) == {"message": "Resource not found."}


def test_c41_leaving_needs_the_ability_to_write_members(office: Office) -> None:
    reader = office.cast.api(office.cast.bob, ("workspace-users-read", "workspaces-write"))
    reader.refused(403, "leaveWorkspace", workspaceId=office.workspace)


def test_c42_reasoning_is_there_when_it_was_on(invoice: dict[str, Any], office: Office) -> None:
    reasoning = invoice["reasoning"]["invoice"]
    assert isinstance(reasoning["number"], str)
    assert reasoning["number"]
    session = office.session()["id"]
    office.attach(session, note_pdf("Without reasoning"))
    assert not office.run(session).get("reasoning")


def test_c43_lists_are_newest_first_and_chunks_in_order(
    office: Office, chunks_of_invoice: list[dict[str, Any]]
) -> None:
    names = [office.template(name=name)["name"] for name in ("first", "second", "third")]
    listed = office.api.ok("listTemplates", workspaceId=office.workspace)["data"]
    assert [t["name"] for t in listed] == names[::-1]
    session = office.session()["id"]
    office.attach(session, note_pdf("C-43"))
    runs = [office.run(session)["id"] for _ in range(2)]
    results = office.api.ok("listSessionResults", sessionId=session)["data"]
    assert [r["id"] for r in results] == runs[::-1]
    assert [c["chunk_index"] for c in chunks_of_invoice] == list(range(len(chunks_of_invoice)))


def test_c44_foreign_is_not_found_and_ones_own_is_forbidden(office: Office) -> None:
    template = office.template()["id"]
    office.cast.api(office.cast.charlie).refused(404, "deleteTemplate", templateId=template)
    office.cast.api(office.cast.bob).refused(403, "deleteTemplate", templateId=template)


def invited(office: Office, email: str) -> int:
    body = {"email": email, "role": "user"}
    return office.api.ok("addWorkspaceUser", json=body, workspaceId=office.workspace)["invite_id"]


def cells_of(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
