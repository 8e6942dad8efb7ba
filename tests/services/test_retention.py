"""Originals go when their days are over; results, proof and the log stay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from contract.files import PDF, invoice_pdf, note_pdf
from contract.office import Office, hired, until
from contract.schemas import INVOICE
from fieldproof.db.models import AuditEvent, Deposit, Document, Parsing
from fieldproof.services import copying, documents
from fieldproof.storage import blob_key
from fieldproof.worker import tasks
from running import PASSWORD, Installation


@pytest.fixture(scope="module")
def cast(server: Installation) -> Iterator[Any]:
    with hired(server) as people:
        yield people


@pytest.fixture
def office(cast: Any) -> Office:
    return cast.office()


def test_after_its_days_the_original_is_gone_and_the_result_stays(office: Office, server: Installation) -> None:
    session, document, result = finished(office, "INV-RET-1")
    url = office.api.ok("getDocumentUrl", documentId=document["id"])["url"]
    keep(office, 30)
    age(server, document["id"], 31)
    sweep(server, document["sha256"])

    refused = office.api.call("getDocumentUrl", documentId=document["id"])
    assert (refused.status_code, "was deleted" in refused.json()["message"]) == (404, True)
    assert "was deleted" in httpx.get(url).json()["message"]
    assert httpx.get(url).status_code == 404
    after = office.api.ok("getResult", resultId=result["id"])
    assert (after["data"], after["audit_data"]) == (result["data"], result["audit_data"])
    assert office.api.ok("listDocumentChunks", documentId=document["id"])["data"]
    again = office.run(session)  # over what was read before
    assert (again["status"], again["data"]) == ("completed", result["data"])
    with server.parts.work() as work:
        event = work.db.scalars(
            sa.select(AuditEvent).where(AuditEvent.workspace_id == office.workspace).order_by(AuditEvent.id.desc())
            .where(AuditEvent.action == "documents.originals_deleted")
        ).one()  # fmt: skip
        assert event.details == {"documents": 1, "days": 30}
        assert event.actor == "fieldproof"


def test_pictures_of_its_pages_go_along(office: Office, server: Installation) -> None:
    _, document, _ = finished(office, "INV-RET-2")
    http, headers = office.cast.http, {"Authorization": f"Bearer {office.api.token}"}
    listed = http.get(f"/v1/documents/{document['id']}/pages", headers=headers).raise_for_status().json()
    picture = next(v for v in flat(listed) if isinstance(v, str) and "/pages/" in v and "signature=" in v)
    picture = picture.removeprefix(server.url)
    assert http.get(picture).status_code == 200
    keep(office, 1)
    age(server, document["id"], 2)
    sweep(server, document["sha256"])
    assert http.get(picture).status_code == 404
    words = http.get(f"/v1/documents/{document['id']}/pages/1/words", headers=headers)
    assert words.status_code == 200


def test_what_came_in_while_orphans_were_looked_for_is_kept(office: Office, server: Installation) -> None:
    _, document, _ = finished(office, "INV-RET-ORPHAN")
    with server.parts.work() as work:
        parsing = work.db.scalars(sa.select(Parsing).where(Parsing.document_id == document["id"])).one()
        before = work.store.read(str(parsing.key))
        documents.remove_files(work, [document["sha256"]], [str(parsing.id)])
        assert work.store.read(str(parsing.key)) == before
        assert work.store.size(blob_key(document["sha256"])) == document["size"]


def test_a_clean_up_sees_an_upload_that_is_attached_while_it_looks(
    office: Office, server: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = note_pdf("Attached while a twin of it is cleaned up")
    body = {"key": office.upload(content)}
    made: list[Any] = []
    with server.parts.work() as work:
        look = work.db.scalar

        def look_and_attach(query: Any) -> Any:
            found = look(query)
            if not made:
                made.append(office.api.ok("createWorkspaceDocument", json=body, workspaceId=office.workspace))
            return found

        monkeypatch.setattr(work.db, "scalar", look_and_attach)
        documents.remove_files(work, [hashlib.sha256(content).hexdigest()], [])
    url = office.api.ok("getDocumentUrl", documentId=made[0]["document"]["id"])["url"]
    assert httpx.get(url).content == content


def test_nothing_goes_early_or_without_the_setting(office: Office, server: Installation) -> None:
    old, young = office.document(note_pdf("Old")), office.document(note_pdf("Young"))
    age(server, old["id"], 400)
    tasks.remove_originals(server.parts, timestamp=0)
    assert not removed(server, old["id"])
    keep(office, 399)
    tasks.remove_originals(server.parts, timestamp=0)
    assert (removed(server, old["id"]), removed(server, young["id"])) == (True, False)
    keep(office, None)
    assert office.cast.http.get(path(office), headers=auth(office)).json() == {"days": None}


def test_the_days_count_from_the_last_upload(office: Office, server: Installation) -> None:
    document = office.document(note_pdf("Twice"))
    age(server, document["id"], 50)
    office.document(note_pdf("Twice"))
    keep(office, 30)
    tasks.remove_originals(server.parts, timestamp=0)
    assert not removed(server, document["id"])


def test_what_is_read_or_waits_is_left_alone(office: Office, server: Installation) -> None:
    document = office.document(note_pdf("Waiting"))
    age(server, document["id"], 50)
    with server.parts.work() as work:
        work.db.get_one(Document, document["id"]).status = "queued"
    keep(office, 30)
    tasks.remove_originals(server.parts, timestamp=0)
    assert not removed(server, document["id"])


def test_bytes_that_another_workspace_keeps_stay(office: Office, server: Installation) -> None:
    other = office.cast.office()
    document, theirs = office.document(note_pdf("Shared")), other.document(note_pdf("Shared"))
    keep(office, 30)
    age(server, document["id"], 31)
    tasks.remove_originals(server.parts, timestamp=0)
    until(lambda: queued(server), lambda jobs: not jobs)
    url = other.api.ok("getDocumentUrl", documentId=theirs["id"])["url"]
    assert httpx.get(url).content == note_pdf("Shared")


def test_reading_anew_needs_the_file_again_and_an_upload_brings_it_back(office: Office, server: Installation) -> None:
    session, document, _ = finished(office, "INV-RET-3")
    keep(office, 30)
    age(server, document["id"], 31)
    sweep(server, document["sha256"])
    with server.parts.work() as work:
        parsing = work.db.scalars(sa.select(Parsing).where(Parsing.document_id == document["id"])).one()
    anew = {"json": {"config_hash": parsing.config_hash, "force": True}, "documentId": document["id"]}
    refused = office.api.call("reparseWorkspaceDocument", workspaceId=office.workspace, **anew)
    assert refused.status_code == 422
    assert "Upload it again" in str(refused.json()["errors"])
    body = {"keys": [office.upload(invoice_pdf("INV-RET-3"), PDF)]}
    (same,) = office.api.ok("uploadSessionDocuments", json=body, sessionId=session)["data"]
    assert same["id"] == document["id"]
    url = office.api.ok("getDocumentUrl", documentId=document["id"])["url"]
    assert httpx.get(url).content == invoice_pdf("INV-RET-3")
    office.api.ok("reparseWorkspaceDocument", workspaceId=office.workspace, **anew)
    assert office.run(session)["status"] == "completed"


def test_neither_restore_nor_gc_miss_what_was_deleted_on_purpose(office: Office, server: Installation) -> None:
    _, document, _ = finished(office, "INV-RET-4")
    keep(office, 30)
    age(server, document["id"], 31)
    sweep(server, document["sha256"])
    with server.parts.work() as work:
        assert blob_key(document["sha256"]) not in copying.missing_blobs(work)


@pytest.mark.parametrize("days", [0, -1, 3651, "30", 1.5, True])
def test_strange_days_are_refused(office: Office, days: object) -> None:
    refused = office.cast.http.put(path(office), json={"days": days}, headers=auth(office))
    assert refused.status_code == 422
    assert "days" in refused.json()["errors"]


def test_the_dashboard_sets_it_too(server: Installation) -> None:
    alice = server.user(password=PASSWORD)
    place = server.workspace(alice)
    with httpx.Client(base_url=server.url, follow_redirects=True) as http:
        ours = {"Origin": server.url}
        http.post(
            "/sign-in", data={"email": alice.email, "password": PASSWORD, "csrf": csrf(http, "/sign-in")}, headers=ours
        )
        form = {"csrf": csrf(http, f"/w/{place}/settings"), "days": "45"}
        assert 'value="45"' in http.post(f"/w/{place}/retention", data=form, headers=ours).text
        assert "1 to 3,650 days" in http.post(f"/w/{place}/retention", data={**form, "days": "0"}, headers=ours).text
        assert 'value="45"' not in http.post(f"/w/{place}/retention", data={**form, "days": ""}, headers=ours).text
    with server.parts.work(alice.actor) as work:
        actions = list(work.db.scalars(sa.select(AuditEvent.action).where(AuditEvent.workspace_id == place)))
    assert actions.count("workspace.retention_changed") == 2


def finished(office: Office, number: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    session = office.session(office.template(INVOICE)["id"])["id"]
    (document,) = office.attach(session, invoice_pdf(number))
    result = office.run(session)
    assert result["status"] == "completed", result
    found = office.api.ok("getWorkspaceDocument", workspaceId=office.workspace, documentId=document["id"])
    return session, found.get("document", found), result


def keep(office: Office, days: int | None) -> None:
    office.cast.http.put(path(office), json={"days": days}, headers=auth(office)).raise_for_status()


def age(server: Installation, document_id: str, days: int) -> None:
    with server.parts.work() as work:
        moment = work.now - timedelta(days=days)
        work.db.execute(sa.update(Document).where(Document.id == document_id).values(created_at=moment))
        work.db.execute(sa.update(Deposit).where(Deposit.document_id == document_id).values(created_at=moment))


def sweep(server: Installation, sha256: str) -> None:
    """As the clock does once an hour, and until the bytes are gone."""
    tasks.remove_originals(server.parts, timestamp=0)
    until(lambda: server.parts.store.size(blob_key(sha256)), lambda size: size is None)
    until(lambda: queued(server), lambda jobs: not jobs)


def removed(server: Installation, document_id: str) -> bool:
    with server.parts.work() as work:
        return work.db.get_one(Document, document_id).original_removed_at is not None


def queued(server: Installation) -> int:
    query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'remove_files' AND status IN ('todo', 'doing')"
    with server.parts.engine.connect() as connection:
        return connection.scalar(sa.text(query)) or 0


def flat(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from flat(inner)
    else:
        yield value


def path(office: Office) -> str:
    return f"/v1/workspaces/{office.workspace}/retention"


def auth(office: Office) -> dict[str, str]:
    return {"Authorization": f"Bearer {office.api.token}"}


def csrf(http: httpx.Client, page: str) -> str:
    return http.get(page).text.split('name="csrf" value="')[1].split('"')[0]
