"""Runs and readings that are called off end at once, once, and in the statuses that everybody knows."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from contract.files import invoice_pdf, note_pdf
from contract.office import Cast, Office, hired, until
from extraction.llm.server import model_server, stalls
from fieldproof.db.models import AuditEvent, Delivery, Result, Session, Webhook
from fieldproof.sandbox import Limits
from fieldproof.services import cancelling, results, sessions
from running import Installation
from sandbox import victims
from services.test_progress import documents

ENDLESS = Limits(cpu_s=100_000, wall_s=100_000.0)


@pytest.fixture(scope="module")
def cast(server: Installation) -> Iterator[Cast]:
    with hired(server) as people:
        yield people


@pytest.fixture
def office(cast: Cast) -> Office:
    return cast.office()


def test_waiting_jobs_are_gone_with_the_cancelling(server: Installation, office: Office) -> None:
    session = office.session()["id"]
    office.attach(session, note_pdf("Never read A"), note_pdf("Never read B"))
    with server.parts.work(office.cast.alice.actor) as work:
        result = results.run(work, work.db.get_one(Session, session))
        assert jobs(work) == 2
        cancelling.cancel_run(work, result, with_documents=True)
        assert jobs(work) == 0
    ended = office.api.ok("getResult", resultId=str(result.id))
    assert (ended["status"], ended["error_code"], ended["data"]) == ("failed", "cancelled", {})
    detail = office.api.ok("getSession", sessionId=session)
    assert [(d["status"], d["error_code"]) for d in detail["documents"]] == [("failed", "cancelled")] * 2


def test_documents_that_another_run_waits_for_are_read_on(server: Installation, office: Office) -> None:
    first, second = office.session()["id"], office.session()["id"]
    (document,) = office.attach(first, note_pdf("Wanted twice"))
    office.api.ok("attachSessionDocuments", json={"document_ids": [document["id"]]}, sessionId=second)
    with server.parts.work(office.cast.alice.actor) as work:
        one = results.run(work, work.db.get_one(Session, first))
        other = results.run(work, work.db.get_one(Session, second))
        cancelling.cancel_run(work, one, with_documents=True)
        assert jobs(work) == 1
    assert office.ended(str(other.id))["status"] == "completed"


def test_reading_under_way_is_killed_and_the_run_told(
    office: Office, server: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldproof.worker.tasks.parse_to_bytes", victims.never_ends)
    monkeypatch.setattr("fieldproof.worker.tasks._parse_limits", lambda _: ENDLESS)
    session = office.session()["id"]
    (document,) = office.attach(session, note_pdf("Never ends"))
    run = office.api.ok("runExtraction", sessionId=session)["id"]
    until(lambda: documented(office, document["id"])["status"], lambda status: status == "parsing")
    path = f"/v1/documents/{document['id']}/cancel"
    assert post(office, path).json() == {"cancelled": 1}
    assert post(office, path).json() == {"cancelled": 0}
    assert documented(office, document["id"])["error_code"] == "cancelled"
    assert office.ended(run)["error_code"] == "no_document"
    no_job_is_left(server, document["id"])
    monkeypatch.undo()
    assert office.run(session)["status"] == "completed"  # a cancelled reading is no verdict on the document


def test_run_under_way_is_killed(office: Office, server: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldproof.worker.tasks.extract_to_bytes", victims.never_ends)
    monkeypatch.setattr("fieldproof.worker.tasks._parse_limits", lambda _: ENDLESS)
    session = office.session()["id"]
    office.attach(session, note_pdf("Never extracted"))
    run = office.api.ok("runExtraction", sessionId=session)["id"]
    until(lambda: office.api.ok("getResult", resultId=run)["status"], lambda status: status == "processing")
    answers = [post(office, f"/v1/results/{run}/cancel") for _ in range(3)]
    assert [a.status_code for a in answers] == [200] * 3
    assert all(a.json()["error_code"] == "cancelled" for a in answers)
    no_job_is_left(server, run)
    assert office.ended_session(session)["status"] == "failed"
    with server.parts.work() as work:
        told = select(AuditEvent.actor).where(
            AuditEvent.action == "result.cancelled", AuditEvent.target == f"result:{run}"
        )
        assert work.db.scalars(told).all() == [office.cast.alice.email]


def test_a_model_that_still_thinks_is_left_alone(
    office: Office, server: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with model_server() as model:
        model.plan = [stalls(100_000)]
        endless = {"timeout_s": 100_000.0, "run_timeout_s": 100_000.0}
        given = {"provider": "openai-compatible", "model": "model-a", "base_url": f"{model.url}/v1", **endless}
        for name, value in given.items():
            monkeypatch.setattr(server.parts.settings, f"llm_{name}", value)
        session = office.session(office.template(settings={"engine": "llm"})["id"])["id"]
        office.attach(session, note_pdf("Never answered"))
        run = office.api.ok("runExtraction", sessionId=session)["id"]
        until(lambda: len(model.seen), lambda count: count == 1)
        assert post(office, f"/v1/results/{run}/cancel").status_code == 200
        no_job_is_left(server, run)
        assert len(model.seen) == 1


def test_hundreds_of_waiting_documents_are_cancelled_at_once(server: Installation, office: Office) -> None:
    work = server.parts.open_work(office.cast.alice.actor)
    with work.db:
        session = work.db.get_one(Session, uuid.UUID(office.session()["id"]))
        sessions.attach(work, session, documents(work, office.workspace, 600))
        results.run(work, session)
        assert jobs(work) == 600
        assert cancelling.cancel_sessions(work, [session], with_documents=True) == 1
        assert jobs(work) == 0
        work.db.rollback()


def test_cancelling_a_session_ends_its_runs(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldproof.worker.tasks.extract_to_bytes", victims.never_ends)
    monkeypatch.setattr("fieldproof.worker.tasks._parse_limits", lambda _: ENDLESS)
    session = office.session()["id"]
    office.attach(session, note_pdf("Run twice"))
    runs = [office.api.ok("runExtraction", sessionId=session)["id"] for _ in range(2)]
    path = f"/v1/sessions/{session}/cancel"
    assert post(office, path, {"with_documents": True}).json() == {"cancelled": 2}
    assert post(office, path).json() == {"cancelled": 0}
    assert {office.api.ok("getResult", resultId=run)["error_code"] for run in runs} == {"cancelled"}


def test_an_ended_run_cannot_be_cancelled(office: Office) -> None:
    run = office.invoice_run()
    refused = post(office, f"/v1/results/{run['id']}/cancel")
    assert refused.status_code == 409
    assert office.api.ok("getResult", resultId=run["id"]) == run


def test_cancelling_while_the_run_ends_gives_one_of_two(server: Installation, office: Office) -> None:
    """Whoever comes first; the other learns of it, one event is sent, nothing is stuck."""
    with server.parts.work() as work:
        kinds = ["result.completed", "result.failed"]
        hook = Webhook(
            workspace_id=office.workspace, url="http://127.0.0.1:9/", events=kinds, secret="whsec_AAAA",
            created_at=work.now, updated_at=work.now,
        )  # fmt: skip
        work.db.add(hook)
    session = office.session()["id"]
    office.attach(session, invoice_pdf())
    office.run(session)
    pauses = random.Random(7)
    outcomes = [race(office, session, pauses.uniform(0, 0.25)) for _ in range(30)]
    assert {status for _, status in outcomes} <= {"completed", "failed"}
    assert all((answer == 200) == (status == "failed") for answer, status in outcomes), outcomes
    with server.parts.work() as work:
        runs = work.db.scalars(select(Result).where(Result.session_id == session)).all()
        assert all(bool(r.data) == (r.status == "completed") and r.completed_at for r in runs)
        assert len(work.db.scalars(select(Delivery.id).where(Delivery.webhook_id == hook.id)).all()) == len(runs)
    until(lambda: busy(server, [str(r.id) for r in runs]), lambda count: count == 0)


def race(office: Office, session: str, pause_s: float) -> tuple[int, str]:
    run = office.api.ok("runExtraction", sessionId=session)["id"]
    time.sleep(pause_s)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(post(office, f"/v1/results/{run}/cancel").status_code))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    return answers[0], office.ended(run)["status"]


def post(office: Office, path: str, body: Any = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {office.api.token}"}
    return office.cast.http.post(path, json=body, headers=headers)


def documented(office: Office, document: str) -> dict[str, Any]:
    return office.api.ok("getWorkspaceDocument", workspaceId=office.workspace, documentId=document)


def jobs(work: Any) -> int:
    """Those that this transaction has enqueued."""
    query = "SELECT count(*) FROM procrastinate_jobs WHERE xmin::text = (txid_current() % (2^32)::bigint)::text"
    return work.db.scalar(text(query + " AND task_name IN ('parse_document', 'extract_result')"))


def no_job_is_left(server: Installation, row_id: str) -> None:
    """The child would run for a day: the job only ends because the child was killed."""
    until(lambda: busy(server, [row_id]), lambda count: count == 0)


def busy(server: Installation, ids: list[str]) -> int:
    query = """
        SELECT count(*) FROM procrastinate_jobs job LEFT JOIN parsings ON parsings.id::text = job.args ->> 'parsing_id'
         WHERE job.status IN ('todo', 'doing') AND (job.args ->> 'result_id' = ANY(:ids) OR parsings.document_id::text = ANY(:ids))
    """
    with server.parts.work() as work:
        return work.db.scalar(text(query), {"ids": ids}) or 0
