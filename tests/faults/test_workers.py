"""Workers that stop in the middle, and whose clocks are ten minutes off, before and after the API's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from contract.files import invoice_pdf
from contract.office import Office, hired, until
from contract.schemas import INVOICE
from fieldproof.db.models import Chunk, Document, Result
from fieldproof.settings import Settings
from journey.installation import environment, our_modules, own_folder
from running import Installation, serving

COUNT = 8
SKEWED, SKEW_S = "faults.skewed", 600


@pytest.fixture(scope="module")
def server() -> Iterator[Installation]:
    """An API without a worker."""
    with own_folder() as folder:
        yield from serving(Settings(data_dir=folder / "data", rate_limit_per_minute=0), has_worker=False)


@pytest.fixture(scope="module")
def office(server: Installation) -> Iterator[Office]:
    with hired(server) as cast:
        yield cast.office()


@contextmanager
def worker(server: Installation, *fault: str, queues: str = "parse,extract,light") -> Iterator[subprocess.Popen[bytes]]:
    """``fault``: a module beside this one, and its arguments."""
    folder = server.parts.settings.data_dir
    with (folder / "worker.log").open("ab") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", *fault, "worker", "--queues", queues, "--concurrency", "1", "--data-dir", str(folder)],
            env=environment() | our_modules(),
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield started
    finally:
        started.send_signal(signal.SIGCONT)
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(60)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait(30)


def test_a_worker_that_sleeps_is_replaced_and_cannot_write_when_it_wakes(server: Installation, office: Office) -> None:
    template = office.template(INVOICE)["id"]
    numbers = [f"INV-SLEEP-{n}" for n in range(COUNT)]
    files = [office.upload(invoice_pdf(number)) for number in numbers]
    body = {"files": files, "settings": {"auto_extract": True}}
    with worker(server, SKEWED, str(-SKEW_S)) as sleeper:
        sessions = [s["id"] for s in office.api.ok("batchCreateSessions", json=body, templateId=template)]
        fall_asleep(server, sleeper)
        with worker(server, SKEWED, str(SKEW_S)):
            check(office, sessions, numbers)
            with server.parts.work() as work:
                before = work.db.execute(
                    select(Result.id, Result.attempt, Result.completed_at).order_by(Result.id)
                ).all()
            sleeper.send_signal(signal.SIGCONT)
            time.sleep(3)  # it finishes what it had begun, and is refused
            with server.parts.work() as work:
                after = work.db.execute(
                    select(Result.id, Result.attempt, Result.completed_at).order_by(Result.id)
                ).all()
                copies = (
                    select(Chunk.document_id, Chunk.index)
                    .group_by(Chunk.document_id, Chunk.index)
                    .having(func.count() > 1)
                )
                assert work.db.execute(copies).all() == []
            assert before == after
            check(office, sessions, numbers)
            assert sleeper.poll() is None
    # Times are those of whoever wrote them; nothing depends on their order.
    with server.parts.work() as work:
        assert work.db.scalar(select(func.count()).select_from(Document).where(Document.status == "processed")) == COUNT
        assert work.db.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name <> 'sweep_uploads'")) == 0  # fmt: skip


@pytest.mark.skipif(
    os.environ.get("FIELDPROOF_FAULTS") != "long", reason="takes the minute after which its locks are gone"
)
def test_a_worker_that_sleeps_in_a_transaction_does_not_hold_others_up(server: Installation, office: Office) -> None:
    armed = server.parts.settings.data_dir / "armed"
    armed.touch()
    with worker(server, "faults.dying", str(armed), "STOP", "commit", "before", "1", queues="parse") as sleeper:
        session = office.session()["id"]
        office.attach(session, invoice_pdf("INV-LOCKED"))
        result = office.api.ok("runExtraction", sessionId=session)["id"]
        until(lambda: status_of(sleeper), lambda status: status.startswith("T"))
        armed.unlink()
        with worker(server, SKEWED, "0"):
            assert office.ended(result)["status"] == "completed"
            ended = office.api.ok("getResult", resultId=result)
            sleeper.send_signal(signal.SIGCONT)
            time.sleep(3)
            assert office.api.ok("getResult", resultId=result) == ended
            assert sleeper.poll() is None


def status_of(process: subprocess.Popen[bytes]) -> str:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].strip()


def fall_asleep(server: Installation, sleeper: subprocess.Popen[bytes]) -> None:
    """In the middle of a job, with others waiting."""
    doing = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND task_name = 'parse_document'")

    def is_asleep_at_work() -> bool:
        sleeper.send_signal(signal.SIGSTOP)
        with server.parts.work() as work:
            if work.db.scalar(doing):
                return True
        sleeper.send_signal(signal.SIGCONT)
        time.sleep(0.02)
        return False

    until(is_asleep_at_work, bool)


def check(office: Office, sessions: list[str], numbers: list[str]) -> None:
    for session, number in zip(sessions, numbers, strict=True):
        ended = office.ended_session(session)
        (result,) = ended["results"]
        assert (result["status"], result["data"]["invoice"]["number"]) == ("completed", number)
