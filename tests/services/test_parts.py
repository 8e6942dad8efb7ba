"""A long document is read in page ranges by whoever is free, and is the document it would be in one piece."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from contract.office import Office, hired, until
from fieldproof.core.document import FailureCode
from fieldproof.core.errors import ParsingFailed
from fieldproof.db.models import Document, Parsing, ParsingPart
from fieldproof.services import parts, processing
from fieldproof.services.parts import page_ranges
from fieldproof.worker import tasks
from parsing.test_parts import a_report
from running import Installation
from sandbox import victims

RANGES = [(1, 2), (3, 4), (5, 7)]  # of the seven pages
Ranges = Counter[tuple[int, int] | None]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return a_report(tmp_path_factory.mktemp("report") / "a.pdf").read_bytes()


@pytest.fixture
def office(server: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    until(lambda: reading_jobs(server), lambda count: count == 0)  # what other tests left is not counted here
    monkeypatch.setattr(server.parts.settings, "part_pages", 3)
    with hired(server) as cast:
        yield cast.office()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Ranges:
    """How often each range of pages was read; None is the whole."""
    counted: Ranges = Counter()
    original = tasks._in_child

    def counting(parts: Any, is_cancelled: Any, function: Any, *args: Any) -> bytes:
        if function is tasks.parse_to_bytes:
            counted[args[1].pages] += 1
        return original(parts, is_cancelled, function, *args)

    monkeypatch.setattr(tasks, "_in_child", counting)
    return counted


def test_ranges_are_even_and_follow_one_another() -> None:
    assert page_ranges(7, 3) == RANGES
    assert page_ranges(4, 3) == [(1, 2), (3, 4)]
    assert page_ranges(400, 100) == [(1, 100), (101, 200), (201, 300), (301, 400)]


def test_scans_are_read_in_smaller_parts(
    server: Installation, office: Office, report: bytes, read: Ranges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.parts.settings, "part_pages", 40)
    monkeypatch.setattr(tasks, "_PICTURE_PAGE_BYTES", len(report) // 7 - 1)
    assert ended(office, start(office, report + b"\n%scan"))["status"] == "processed"
    assert dict(read) == {(1, 3): 1, (4, 7): 1}


def test_the_joined_document_is_the_whole_one(
    server: Installation, office: Office, report: bytes, read: Ranges, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined = ended(office, start(office, report))
    assert dict(read) == dict.fromkeys(RANGES, 1)
    monkeypatch.setattr(server.parts.settings, "part_pages", 0)
    other = office.cast.office()
    whole = ended(other, start(other, report))
    assert read[None] == 1
    assert bytes_of(server, joined["id"]) == bytes_of(server, whole["id"])
    assert chunks(office, joined["id"]) == chunks(other, whole["id"])
    until(lambda: keys(server, joined["id"]), lambda found: len(found) == 1)
    assert part_count(server, joined["id"]) == 0


def test_a_part_that_broke_is_read_again_alone(office: Office, report: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: Ranges = Counter()
    breaking(monkeypatch, counted, pages=(3, 4), times=1)
    assert ended(office, start(office, report))["status"] == "processed"
    assert dict(counted) == {(1, 2): 1, (3, 4): 2, (5, 7): 1}


def test_a_part_that_always_breaks_ends_the_document(
    server: Installation, office: Office, report: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking(monkeypatch, Counter(), pages=(5, 7), times=99)
    document = ended(office, start(office, report))
    assert (document["status"], document["error_code"]) == ("failed", "crashed")
    assert part_count(server, document["id"]) == 0
    until(lambda: keys(server, document["id"]), lambda found: not found)
    monkeypatch.undo()


def test_stopping_the_document_stops_its_parts(
    server: Installation, office: Office, report: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "parse_to_bytes", victims.never_ends)
    row = start(office, report)
    until(lambda: part_count(server, row), lambda count: count == 4)
    headers = {"Authorization": f"Bearer {office.api.token}"}
    httpx.post(f"{server.url}/v1/documents/{row}/cancel", headers=headers).raise_for_status()
    assert ended(office, row)["error_code"] == "cancelled"
    until(lambda: part_jobs(server, row), lambda count: count == 0)
    assert part_count(server, row) == 0


def test_what_a_dead_worker_held_is_handed_out_again_and_its_late_answer_refused(
    server: Installation, office: Office, report: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = office.session()["id"]
    (document,) = office.attach(session, report + b"\n%")
    with server.parts.work(office.cast.alice.actor) as work:
        row = work.db.get_one(Document, uuid.UUID(document["id"]))
        parsing = processing.request_parsing(work, row, processing.parse_config(work.settings, {}))
        work.jobs.cancel(work.db, ["parse_document"], [str(parsing.id)])
        order = processing.claim_parsing(work, parsing.id)
        assert order is not None
        assert parts.split(work, order, RANGES)
        work.jobs.cancel(work.db, ["parse_part"], [str(parsing.id)])
        assert processing.claim_parsing(work, parsing.id) is None, "delivered twice, split once"
    with server.parts.work() as work:
        dead = parts.claim(work, parsing.id, order.attempt, 2)
        alive = parts.claim(work, parsing.id, order.attempt, 2)
        assert dead is not None
        assert alive is not None
        assert dead.key != alive.key
        assert parts.finish(work, alive)
        assert not parts.finish(work, dead)
        assert parts.claim(work, parsing.id, order.attempt, 2) is None
        assert parts.claim(work, parsing.id, order.attempt + 1, 1) is None
        for number in (1, 3):
            part = parts.claim(work, parsing.id, order.attempt, number)
            assert part is not None
            parts.finish(work, part)
        assert joins(work, parsing.id) == 1
        processing.cancel_parsings(work, [parsing])
        assert joins(work, parsing.id) == 0


def breaking(monkeypatch: pytest.MonkeyPatch, counted: Ranges, *, pages: tuple[int, int], times: int) -> None:
    """The reader breaks down on these pages, so many times."""
    original = tasks._in_child

    def run(parts: Any, is_cancelled: Any, function: Any, *args: Any) -> bytes:
        if function is tasks.parse_to_bytes:
            counted[args[1].pages] += 1
            if args[1].pages == pages and counted[pages] <= times:
                raise ParsingFailed(FailureCode.CRASHED)
        return original(parts, is_cancelled, function, *args)

    monkeypatch.setattr(tasks, "_in_child", run)


def start(office: Office, content: bytes) -> str:
    session = office.session()["id"]
    (document,) = office.attach(session, content)
    office.api.ok("runExtraction", sessionId=session)
    return document["id"]


def ended(office: Office, row: str) -> dict[str, Any]:
    return until(
        lambda: office.api.ok("getWorkspaceDocument", workspaceId=office.workspace, documentId=row),
        lambda d: d["status"] in ("processed", "failed"),
    )


def chunks(office: Office, row: str) -> list[dict[str, Any]]:
    own = ("id", "document_id")
    found = office.api.ok("listDocumentChunks", documentId=row)["data"]
    return [{name: value for name, value in chunk.items() if name not in own} for chunk in found]


def parsing_of(work: Any, row: str) -> Parsing:
    return work.db.scalars(select(Parsing).where(Parsing.document_id == uuid.UUID(row))).one()


def bytes_of(server: Installation, row: str) -> bytes:
    with server.parts.work() as work:
        return work.store.read(parsing_of(work, row).key)


def keys(server: Installation, row: str) -> list[str]:
    with server.parts.work() as work:
        return list(work.store.keys(f"parsed/{parsing_of(work, row).id}"))


def part_count(server: Installation, row: str) -> int:
    with server.parts.work() as work:
        query = select(ParsingPart).join(Parsing).where(Parsing.document_id == uuid.UUID(row))
        return len(work.db.scalars(query).all())


def reading_jobs(server: Installation) -> int:
    query = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name LIKE 'parse_%'"
    with server.parts.work() as work:
        return work.db.scalar(text(query)) or 0


def part_jobs(server: Installation, row: str) -> int:
    query = """
        SELECT count(*) FROM procrastinate_jobs job JOIN parsings ON parsings.id::text = job.args ->> 'parsing_id'
         WHERE parsings.document_id::text = :row AND job.status IN ('todo', 'doing') AND task_name = 'parse_part'
    """
    with server.parts.work() as work:
        return work.db.scalar(text(query), {"row": row}) or 0


def joins(work: Any, parsing_id: uuid.UUID) -> int:
    query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'join_parts' AND args ->> 'parsing_id' = :id"
    return work.db.scalar(text(query), {"id": str(parsing_id)})
