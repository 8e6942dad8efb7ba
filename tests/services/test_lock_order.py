"""Rows are locked in one order. A lock that a test holds stops somebody else in the middle; what that one has in hand by
then, the test must be able to take: otherwise each would wait for the other.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from itertools import count
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session as Db

from contract.files import note_pdf
from contract.office import Office, hired, until
from fieldproof.db.models import Document, Session
from fieldproof.services import deposits, locks, processing, results, sessions, uploads
from fieldproof.services.work import Work
from running import Installation

Deed = Callable[[Work, uuid.UUID], object]
_TAKE = sa.text("SELECT id FROM documents WHERE id = :id FOR NO KEY UPDATE NOWAIT")


@pytest.fixture
def office(server: Installation) -> Iterator[Office]:
    with hired(server) as cast:
        yield cast.office()


def test_who_reads_a_mail_does_not_hold_it_while_waiting_for_its_attachments(
    server: Installation, office: Office
) -> None:
    mail, attachment = mail_after_its_attachment()
    with server.parts.work() as uploading:  # as somebody who uploads both, and has begun with the attachment
        uploads.lock_blob(uploading, hash_of(attachment))
        document = office.document(mail, "message/rfc822")
        with server.parts.work() as work:
            found = work.db.get_one(Document, uuid.UUID(document["id"]))
            processing.request_parsing(work, found, processing.parse_config(work.settings, {}))
        until(lambda: is_waited_for(server, uploading.db), bool)
        uploading.db.execute(_TAKE, {"id": document["id"]})
    until(lambda: stored(server, document["id"]).status, lambda status: status == "processed")
    with server.parts.work() as work:
        child = work.db.scalars(sa.select(Document).where(Document.parent_id == uuid.UUID(document["id"]))).one()
        assert child.sha256 == hash_of(attachment)


def test_who_looks_for_the_workspace_of_a_user_lets_others_refer_to_the_user(server: Installation) -> None:
    person = server.user()
    with server.parts.work(person.actor) as uploading, server.parts.work() as reading:
        deposits.own_workspace(uploading)
        # As the check of a reference does, of entries that a reading writes while it holds a document.
        reading.db.execute(sa.text("SELECT id FROM users WHERE id = :id FOR KEY SHARE NOWAIT"), {"id": person.id})
        with pytest.raises(sa.exc.OperationalError, match="could not obtain lock"):  # no two make a first workspace
            reading.db.execute(
                sa.text("SELECT id FROM users WHERE id = :id FOR NO KEY UPDATE NOWAIT"), {"id": person.id}
            )
        reading.db.rollback()


def _run(work: Work, session_id: uuid.UUID) -> object:
    return results.run(work, work.db.get_one(Session, session_id))


def _run_many(work: Work, session_id: uuid.UUID) -> object:
    return results.run_many(work, [work.db.get_one(Session, session_id)])


def _remove(work: Work, session_id: uuid.UUID) -> object:
    sessions.remove_session(work, work.db.get_one(Session, session_id))
    return None


@pytest.mark.parametrize("deed", [_run, _run_many, _remove])
def test_documents_are_locked_by_their_hash(server: Installation, office: Office, deed: Deed) -> None:
    first, second = sorted((note_pdf(f"{deed.__name__} A"), note_pdf(f"{deed.__name__} B")), key=hash_of)
    session = office.session()["id"]
    (late,) = office.attach(session, second)  # the older, with the smaller id, and attached before
    (early,) = office.attach(session, first)
    with ThreadPoolExecutor(1) as other, server.parts.work() as uploading:
        locks.lock_documents(uploading, [uuid.UUID(early["id"])])

        def do() -> None:
            with server.parts.work(office.cast.alice.actor) as work:
                deed(work, uuid.UUID(session))

        done = other.submit(do)
        until(lambda: is_waited_for(server, uploading.db), bool)
        uploading.db.execute(_TAKE, {"id": late["id"]})
        uploading.db.commit()
        done.result()


def test_who_runs_a_session_does_not_hold_its_documents_while_waiting_for_it(
    server: Installation, office: Office
) -> None:
    session = office.session()["id"]
    (document,) = office.attach(session, note_pdf("Run while removed"))
    with ThreadPoolExecutor(1) as other, server.parts.work() as removing:
        removing.db.execute(sa.select(Session.id).where(Session.id == uuid.UUID(session)).with_for_update())

        def run() -> None:
            with server.parts.work(office.cast.alice.actor) as work:
                _run(work, uuid.UUID(session))

        done = other.submit(run)
        until(lambda: is_waited_for(server, removing.db), bool)
        removing.db.execute(_TAKE, {"id": document["id"]})
        removing.db.commit()
        done.result()


def test_what_made_an_answer_503_is_in_the_log_and_nothing_of_the_statement(
    server: Installation, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_long(work: Work, *_: Any, **__: Any) -> None:
        work.db.execute(sa.text("SET LOCAL statement_timeout = 1"))
        work.db.execute(sa.text("SELECT pg_sleep(60), 'a secret of the document'"))

    monkeypatch.setattr("fieldproof.services.sessions.add_session", too_long)
    with structlog.testing.capture_logs() as logs:
        body = {"extraction_template_id": office.template()["id"], "name": "S"}
        token = {"Authorization": f"Bearer {office.cast.alice.token()}"}
        answer = httpx.post(f"{server.url}/extractions/sessions", json=body, headers=token)
    assert answer.status_code == 503
    (line,) = [entry for entry in logs if entry["event"] == "database unavailable"]
    assert (line["error"], line["cause"], line["sqlstate"]) == ("OperationalError", "QueryCanceled", "57014")
    assert line["said"] == "canceling statement due to statement timeout"
    assert "secret" not in str(line)


def mail_after_its_attachment() -> tuple[bytes, bytes]:
    """A mail whose hash comes after its attachment's."""
    attachment = note_pdf("Attached to a mail that is uploaded along")
    for number in count():
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", f"Number {number}"
        mail.set_content("See the attachment.")
        mail.add_attachment(attachment, maintype="application", subtype="pdf", filename="note.pdf")
        mail.set_boundary("a-boundary")
        if hash_of(mail.as_bytes()) > hash_of(attachment):
            return mail.as_bytes(), attachment
    raise AssertionError


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def is_waited_for(server: Installation, holder: Db) -> bool:
    """Whether somebody waits for what this transaction has locked."""
    pid = holder.scalar(sa.text("SELECT pg_backend_pid()"))
    query = sa.text("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE :pid = ANY(pg_blocking_pids(pid)))")
    with server.parts.work() as work:
        return bool(work.db.scalar(query, {"pid": pid}))


def stored(server: Installation, document_id: str) -> Document:
    with server.parts.work() as work:
        return work.db.get_one(Document, uuid.UUID(document_id))
