"""The same bytes, the same key, at the same time: one truth, no 5xx."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from contract.files import note_pdf
from contract.office import Office

THREADS = 8


def at_once(count: int, call: Any) -> list[httpx.Response]:
    """The answers of ``call(0) … call(count - 1)``, made by eight callers at a time."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(call, range(count)))


def create(office: Office, key: str) -> httpx.Response:
    return office.api.call("createWorkspaceDocument", json={"key": key}, workspaceId=office.workspace)


def documents_of(office: Office) -> dict[str, Any]:
    params = {"per_page": 100}
    return office.api.ok("listWorkspaceDocuments", workspaceId=office.workspace, params=params)


def test_a_hundred_documents_uploaded_twice_at_once_are_a_hundred_documents(office: Office) -> None:
    contents = [note_pdf(f"Document {n}") for n in range(100)]
    # Neighbours in the queue carry the same bytes, so that twins meet.
    answers = at_once(200, lambda n: create(office, office.upload(contents[n // 2])))
    assert Counter(a.status_code for a in answers) == {201: 100, 200: 100}
    for first, second in zip(answers[::2], answers[1::2], strict=True):
        assert {first.status_code, second.status_code} == {200, 201}
        assert first.json()["document"]["id"] == second.json()["document"]["id"]
    listed = documents_of(office)
    assert listed["meta"]["total"] == 100
    assert len({d["sha256"] for d in listed["data"]}) == 100


def test_the_same_bytes_attached_to_many_sessions_at_once_are_one_document(office: Office) -> None:
    template = office.template()["id"]
    sessions = [office.session(template)["id"] for _ in range(16)]
    content = note_pdf("Everywhere")
    keys = [office.upload(content) for _ in sessions]
    answers = at_once(
        len(sessions),
        lambda n: office.api.call("uploadSessionDocuments", json={"keys": [keys[n]]}, sessionId=sessions[n]),
    )
    assert {a.status_code for a in answers} == {200}
    assert len({a.json()["data"][0]["id"] for a in answers}) == 1
    assert documents_of(office)["meta"]["total"] == 1


def test_one_key_used_many_times_at_once_makes_one_document(office: Office) -> None:
    key = office.upload(note_pdf("One key"))
    answers = at_once(16, lambda _: create(office, key))
    statuses = Counter(a.status_code for a in answers)
    assert statuses[201] == 1
    assert set(statuses) <= {200, 201, 422}
    assert documents_of(office)["meta"]["total"] == 1


def test_a_used_key_is_refused_afterwards(office: Office) -> None:
    key = office.upload(note_pdf("Used up"))
    assert create(office, key).status_code == 201
    refusal = office.api.refused(422, "createWorkspaceDocument", json={"key": key}, workspaceId=office.workspace)
    assert set(refusal["errors"]) == {"key"}


def test_a_key_of_somebody_else_is_refused(office: Office) -> None:
    key = office.upload(note_pdf("Alice's bytes"))
    charlie = office.cast.api(office.cast.charlie)
    own = office.cast.server.workspace(office.cast.charlie)
    refusal = charlie.refused(422, "createWorkspaceDocument", json={"key": key}, workspaceId=own)
    assert set(refusal["errors"]) == {"key"}
    assert create(office, key).status_code == 201


def test_attaching_at_once_attaches_once(office: Office) -> None:
    session = office.session()["id"]
    document = office.document(note_pdf("Attached once"))["id"]
    body = {"document_ids": [document, document]}
    answers = at_once(16, lambda _: office.api.call("attachSessionDocuments", json=body, sessionId=session))
    assert {a.status_code for a in answers} == {200}
    assert office.api.ok("listSessionDocuments", sessionId=session)["meta"]["total"] == 1


@pytest.mark.parametrize("operation", ["deleteSession", "deleteTemplate", "deleteDocument", "deleteResult"])
def test_deleting_at_once_deletes_once(operation: str, office: Office) -> None:
    session = office.session()
    document = office.attach(session["id"], note_pdf("Deleted once"))[0]["id"]
    path = {
        "deleteSession": {"sessionId": session["id"]},
        "deleteTemplate": {"templateId": session["extraction_template_id"]},
        "deleteDocument": {"documentId": document},
        "deleteResult": {},
    }[operation]
    if operation == "deleteResult":
        path = {"resultId": office.run(session["id"])["id"]}
    answers = at_once(8, lambda _: office.api.call(operation, **path))
    assert Counter(a.status_code for a in answers) == {204: 1, 404: 7}


def test_inviting_at_once_invites_once(office: Office) -> None:
    body = {"email": "nora@example.org", "role": "user"}
    answers = at_once(8, lambda _: office.api.call("addWorkspaceUser", json=body, workspaceId=office.workspace))
    assert {a.status_code for a in answers} <= {200, 422}
    assert len(office.api.ok("listWorkspaceInvites", workspaceId=office.workspace)) == 1


def test_a_workspace_keeps_an_admin_when_all_leave_at_once(office: Office) -> None:
    cast = office.cast
    admins = [cast.alice, *(cast.server.user() for _ in range(3))]
    for admin in admins[1:]:
        cast.server.member(office.workspace, admin, "admin")
    callers = [cast.api(admin) for admin in admins]
    answers = at_once(4, lambda n: callers[n].call("leaveWorkspace", workspaceId=office.workspace))
    assert Counter(a.status_code for a in answers) == {200: 3, 403: 1}


def test_every_run_started_at_once_is_accounted_for(office: Office) -> None:
    session = office.session()["id"]
    office.attach(session, note_pdf("Run me"))
    answers = at_once(6, lambda _: office.api.call("runExtraction", sessionId=session))
    assert {a.status_code for a in answers} == {201}
    started = {a.json()["id"] for a in answers}
    assert len(started) == 6
    assert {office.ended(result)["status"] for result in started} == {"completed"}
    document = office.api.ok("getSession", sessionId=session)["documents"][0]
    assert [p["status"] for p in document["parsings"]] == ["ready"]


def test_deleting_a_document_during_its_run_leaves_nothing_stuck(office: Office) -> None:
    session = office.session()["id"]
    document = office.attach(session, note_pdf("Deleted under way"))[0]["id"]
    result = office.api.ok("runExtraction", sessionId=session)["id"]
    office.api.ok("deleteDocument", documentId=document)
    ended = office.ended(result)
    assert ended["data"] == {}
    assert office.ended_session(session)["status"] == ended["status"]
