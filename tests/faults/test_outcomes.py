"""What each fault of a document, a file or a job must come to."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from contract.files import invoice_pdf
from contract.office import Office, hired, until
from contract.schemas import INVOICE
from fieldproof.core.document import FailureCode
from fieldproof.core.errors import ParsingFailed
from fieldproof.db.models import Chunk, Document, Parsing, Result, Workspace
from fieldproof.jobs import Jobs
from fieldproof.services import processing
from fieldproof.storage import blob_key
from running import Installation


@pytest.fixture(scope="module")
def office(server: Installation) -> Iterator[Office]:
    with hired(server) as cast:
        yield cast.office()


@pytest.fixture(scope="module")
def template(office: Office) -> str:
    return office.template(INVOICE)["id"]


def attached(office: Office, template: str, number: str) -> tuple[str, dict[str, Any]]:
    session = office.session(template, number)["id"]
    (document,) = office.attach(session, invoice_pdf(number))
    return session, document


def stored(server: Installation, document: dict[str, Any]) -> Path:
    with server.parts.work() as work:
        sha256 = work.db.get_one(Document, document["id"]).sha256
    return server.parts.settings.data_dir / "blobs" / blob_key(sha256)


def jobs_left(server: Installation, after: int) -> int:
    """Of the jobs made since. Other tests' webhooks, which nobody answers, go on making jobs for their next attempts."""
    query = text(
        "SELECT count(*) FROM procrastinate_jobs"
        " WHERE status IN ('todo', 'doing') AND id > :after AND task_name <> 'deliver_webhook'"
    )
    with server.parts.work() as work:
        return work.db.scalar(query, {"after": after}) or 0


def newest_job(server: Installation) -> int:
    with server.parts.work() as work:
        return work.db.scalar(text("SELECT coalesce(max(id), 0) FROM procrastinate_jobs")) or 0


def reparse(office: Office, document: dict[str, Any]) -> None:
    (parsing,) = document["parsings"]
    body = {"config_hash": parsing["config_hash"], "force": True}
    office.api.ok("reparseWorkspaceDocument", json=body, workspaceId=office.workspace, documentId=document["id"])


@pytest.mark.parametrize("fault", ["missing", "altered"])
def test_a_file_that_was_lost_or_altered_is_told_and_nothing_false_is_read(
    fault: str, server: Installation, office: Office, template: str
) -> None:
    session, document = attached(office, template, f"INV-{fault}")
    other, _ = attached(office, template, f"INV-{fault}-OTHER")
    path = stored(server, document)
    if fault == "missing":
        path.unlink()
    else:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)
    run = office.run(session)
    assert run["status"] == "failed"
    shown = office.api.ok("getDocument", documentId=document["id"])
    assert shown["status"] == "failed"
    with server.parts.work() as work:
        assert work.db.get_one(Document, document["id"]).error_code == FailureCode.CORRUPT
    link = office.api.ok("getDocumentUrl", documentId=document["id"])["url"]
    answer = office.cast.http.get(link)
    assert (answer.status_code, "Upload the file again" in answer.text) == (410, True)
    assert office.run(other)["status"] == "completed", "others are not affected"
    # The same bytes uploaded again heal it.
    office.upload(invoice_pdf(f"INV-{fault}"))
    reparse(office, shown)
    assert office.run(session)["status"] == "completed"


def test_a_document_that_killed_its_worker_twice_is_left_alone_until_a_person_retries(
    server: Installation, office: Office, template: str
) -> None:
    session, document = attached(office, template, "INV-POISON")
    with server.parts.work() as work:
        config = processing.parse_config(work.settings, {})
        parsing = processing.request_parsing(work, work.db.get_one(Document, document["id"]), config)
        for _ in range(2):  # two workers that took it and were never seen again
            assert processing.claim_parsing(work, parsing.id) is not None
    good, _ = attached(office, template, "INV-GOOD")
    assert office.run(good)["status"] == "completed", "the queue moves on"
    shown = until(lambda: office.api.ok("getDocument", documentId=document["id"]), lambda d: d["status"] == "failed")
    assert shown["status"] == "failed"
    with server.parts.work() as work:
        found = work.db.get_one(Parsing, parsing.id)
        assert (found.status, found.error_code, found.attempt_count) == ("failed", FailureCode.CRASHED, 3)
    reparse(office, shown)
    assert office.run(session)["status"] == "completed", "a person's retry starts afresh"


def test_a_document_that_breaks_its_reader_is_tried_once_more_and_no_more(
    server: Installation, office: Office, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []
    real = server.parts.sandbox.run

    def run(function: Any, *arguments: Any, **options: Any) -> bytes:
        if function.__name__ == "parse_to_bytes" and arguments[-1] == "breaker.pdf":
            tries.append(arguments[-1])
            raise ParsingFailed(FailureCode.CRASHED)
        return real(function, *arguments, **options)

    monkeypatch.setattr(server.parts.sandbox, "run", run)
    session = office.session(template)["id"]
    key = office.upload(invoice_pdf("INV-BREAK"), **{"X-Filename": "breaker.pdf"})
    office.api.ok("uploadSessionDocuments", json={"keys": [key]}, sessionId=session)
    assert office.run(session)["status"] == "failed"
    assert len(tries) == 2


def test_a_document_may_be_deleted_at_any_moment_of_its_reading(
    server: Installation, office: Office, template: str
) -> None:
    started = [attached(office, template, f"INV-DELETED-{n}") for n in range(6)]
    runs = []
    for n, (session, document) in enumerate(started):
        runs.append(office.api.ok("runExtraction", sessionId=session)["id"])
        time.sleep(0.08 * n)
        office.api.ok("deleteDocument", documentId=document["id"])
    for run in runs:
        assert office.ended(run)["status"] in ("completed", "failed")
    ids = [document["id"] for _, document in started]
    with server.parts.work() as work:
        for table in (Parsing, Chunk):
            rows = work.db.scalar(select(func.count()).select_from(table).where(table.document_id.in_(ids)))
            assert rows == 0, f"{table.__name__} came back to life"


def test_a_workspace_may_be_deleted_with_everything_in_flight(server: Installation, office: Office) -> None:
    """Nothing comes back to life; bytes that another workspace has too are kept."""
    before = newest_job(server)
    doomed, other = office.cast.office(), office.cast.office()
    shared = invoice_pdf("INV-SHARED")
    template = doomed.template(INVOICE)["id"]
    sessions = [doomed.session(template)["id"] for _ in range(5)]
    documents = [doomed.attach(session, invoice_pdf(f"INV-DOOMED-{n}"))[0] for n, session in enumerate(sessions[1:])]
    documents += doomed.attach(sessions[0], shared)
    kept = other.document(shared)
    files = [stored(server, document) for document in documents]
    runs = [doomed.api.ok("runExtraction", sessionId=session)["id"] for session in sessions]
    time.sleep(0.3)  # some are being read
    doomed.api.ok("deleteWorkspace", workspaceId=doomed.workspace)
    for run in runs:
        doomed.api.refused(404, "getResult", resultId=run)
    for document in documents:
        doomed.api.refused(404, "getDocument", documentId=document["id"])
    until(lambda: [file for file in files[:-1] if file.exists()], lambda left: not left)
    until(lambda: jobs_left(server, before), lambda count: count == 0)
    with server.parts.work() as work:
        ids = [document["id"] for document in documents]
        for table in (Parsing, Chunk):
            assert work.db.scalar(select(func.count()).select_from(table).where(table.document_id.in_(ids))) == 0
    assert office.cast.http.get(other.api.ok("getDocumentUrl", documentId=kept["id"])["url"]).content == shared


def test_a_temporary_folder_that_vanishes_costs_a_retry(
    server: Installation, office: Office, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = attached(office, template, "INV-NO-TMP")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    link = office.api.ok("createSignedUploadUrl", json={})
    answer = office.cast.http.put(link["url"], content=invoice_pdf("INV-NO-TMP-2"), headers=link["headers"])
    assert (answer.status_code, answer.headers.get("retry-after") is not None) == (503, True), answer.text
    run = office.api.ok("runExtraction", sessionId=session)["id"]
    time.sleep(1)
    (tmp_path / "gone").mkdir()
    assert office.ended(run)["status"] == "completed"


def test_a_row_that_somebody_else_holds_gives_503_in_time(server: Installation, office: Office) -> None:
    with server.parts.work() as work:
        work.db.execute(select(Workspace.id).where(Workspace.id == office.workspace).with_for_update())
        bearer = {"Authorization": f"Bearer {office.api.token}"}
        answer = office.cast.http.put(f"/workspaces/{office.workspace}", json={"name": "Held"}, headers=bearer)
        assert (answer.status_code, answer.headers.get("retry-after") is not None) == (503, True), answer.text
    assert office.api.ok("updateWorkspace", json={"name": "Free"}, workspaceId=office.workspace)


def test_every_job_delivered_twice_has_its_effect_once(
    server: Installation, office: Office, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    defer, defer_many = Jobs.defer, Jobs.defer_many

    def twice(self: Jobs, *arguments: Any, **options: Any) -> None:
        for _ in range(2):
            defer(self, *arguments, **options)

    def each_twice(self: Jobs, db: Any, task: str, jobs: Sequence[Any]) -> None:
        defer_many(self, db, task, [job for job in jobs for _ in range(2)])

    monkeypatch.setattr(Jobs, "defer", twice)
    monkeypatch.setattr(Jobs, "defer_many", each_twice)
    numbers = [f"INV-TWICE-{n}" for n in range(6)]
    files = [office.upload(invoice_pdf(number)) for number in numbers]
    body = {"files": files, "settings": {"auto_extract": True}}
    sessions = office.api.ok("batchCreateSessions", json=body, templateId=template)
    for session, number in zip(sessions, numbers, strict=True):
        ended = office.ended_session(session["id"])
        (result,) = ended["results"]
        assert (result["status"], result["data"]["invoice"]["number"]) == ("completed", number)
    with server.parts.work() as work:
        rows = work.db.scalars(select(Result.attempt_count).where(Result.session_id.in_([s["id"] for s in sessions])))
        assert max(rows) <= 2
        copies = select(Chunk.parsing_id, Chunk.index).group_by(Chunk.parsing_id, Chunk.index).having(func.count() > 1)
        assert work.db.execute(copies).all() == []
