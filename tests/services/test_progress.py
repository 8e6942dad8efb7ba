"""A run over very many documents: a job for each, one figure for all, and the result that it would have anyway."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from contract.files import note_pdf
from contract.office import Office, hired, until
from fieldproof.db.models import Document, Parsing, Session
from fieldproof.services import progress, results, sessions
from fieldproof.services.work import Work
from running import Installation

MANY = 600


@pytest.fixture(scope="module")
def office(server: Installation) -> Iterator[Office]:
    with hired(server) as cast:
        yield cast.office()


def test_a_run_over_hundreds_of_documents_is_as_many_jobs_and_one_figure(server: Installation, office: Office) -> None:
    work = server.parts.open_work(office.cast.alice.actor)
    with work.db:  # never committed: no worker takes the jobs, so each step can be looked at
        session = work.db.get_one(Session, uuid.UUID(office.session()["id"]))
        found = documents(work, office.workspace, MANY)
        sessions.attach(work, session, found)
        result = results.run(work, session)
        assert jobs(work, "parse_document") == MANY
        assert counted(work, session) == (MANY, 0, 0, 0.0)
        settle(work, found[: MANY // 2])
        assert counted(work, session) == (MANY, MANY // 2, 0, round(MANY / 2 / (MANY + 1), 4))
        settle(work, found)
        assert counted(work, session) == (MANY, MANY, 0, round(MANY / (MANY + 1), 4))
        result.status = "completed"
        work.db.flush()
        assert counted(work, session) == (MANY, MANY, 1, 1.0)
        work.db.rollback()


def test_a_batch_has_one_figure(office: Office) -> None:
    template = office.template()["id"]
    contents = [note_pdf(f"Batch {n}") for n in range(6)]
    planned = post(office, "imports/plan", sha256=[hashlib.sha256(c).hexdigest() for c in contents])["data"]
    for content, one in zip(contents, planned, strict=True):
        httpx.put(one["upload"]["url"], content=content, headers=one["upload"]["headers"]).raise_for_status()
    made = post(office, "imports", keys=[p["upload"]["key"] for p in planned], template_id=template)
    path = f"/v1/batches/{made['batch_id']}/progress"
    ended = until(lambda: get(office, path), lambda p: p["share"] == 1.0)
    assert (ended["runs"], ended["ended"], ended["failed"], ended["documents"], ended["settled"]) == (6, 6, 0, 6, 6)
    one = get(office, f"/v1/sessions/{made['data'][0]['session_id']}/progress")
    assert (one["runs"], one["share"], one["batch_id"]) == (1, 1.0, made["batch_id"])


def test_a_session_that_was_not_run_has_no_progress(office: Office) -> None:
    headers = {"Authorization": f"Bearer {office.api.token}"}
    answer = office.cast.http.get(f"/v1/sessions/{office.session()['id']}/progress", headers=headers)
    assert answer.status_code == 404


def documents(work: Work, workspace: int, count: int) -> list[Document]:
    made = [
        Document(
            id=uuid.uuid4(), workspace_id=workspace, filename=f"{n}.pdf", mime="application/pdf", extension="pdf",
            category="pdf", size_bytes=1, sha256=uuid.uuid4().hex * 2, status="uploaded", source_type="upload",
            created_at=work.now, updated_at=work.now,
        )
        for n in range(count)
    ]  # fmt: skip
    work.db.add_all(made)
    work.db.flush()
    return made


def settle(work: Work, found: list[Document]) -> None:
    query = select(Parsing).where(Parsing.document_id.in_([d.id for d in found]))
    for parsing in work.db.scalars(query):
        parsing.status = "ready"
    work.db.flush()


def counted(work: Work, session: Session) -> tuple[int, int, int, float]:
    found = progress.of_session(work, session)
    return found.documents, found.settled, found.ended, found.share


def jobs(work: Work, task: str) -> int:
    """Those that this transaction has enqueued."""
    query = "SELECT count(*) FROM procrastinate_jobs WHERE xmin::text = (txid_current() % (2^32)::bigint)::text"
    return work.db.scalar(text(query + " AND task_name = :task"), {"task": task}) or 0


def post(office: Office, path: str, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {office.api.token}"}
    answer = office.cast.http.post(f"/v1/workspaces/{office.workspace}/{path}", json=body, headers=headers)
    return answer.raise_for_status().json()


def get(office: Office, path: str) -> Any:
    headers = {"Authorization": f"Bearer {office.api.token}"}
    return office.cast.http.get(path, headers=headers).raise_for_status().json()
