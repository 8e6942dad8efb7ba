"""Whose job is next: one workspace's crowd does not stand before another's first, and people come before batches."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from contract.office import Cast, hired
from fieldproof.db.models import Session
from fieldproof.services import processing, results, sessions
from fieldproof.services.turns import HEAD_START
from fieldproof.services.work import Work
from running import Installation
from services.test_progress import documents

CROWD = 2_000


@pytest.fixture(scope="module")
def cast(server: Installation) -> Iterator[Cast]:
    with hired(server) as people:
        yield people


@pytest.fixture
def work(server: Installation, cast: Cast) -> Iterator[Work]:
    """What is enqueued here is never committed: no worker takes it."""
    work = server.parts.open_work(cast.alice.actor)
    with work.db:
        yield work
        work.db.rollback()


@pytest.mark.parametrize(
    ("crowd_is_batch", "before_people", "before_a_batch"), [(True, 0, 1), (False, 1, HEAD_START + 1)]
)
def test_a_crowd_does_not_stand_before_anothers_first(
    work: Work, cast: Cast, crowd_is_batch: bool, before_people: int, before_a_batch: int
) -> None:
    crowd, people, batch = (cast.office().workspace for _ in range(3))
    enqueue(work, crowd, CROWD, is_batch=crowd_is_batch)
    firsts = {people: enqueue(work, people, 1, is_batch=False), batch: enqueue(work, batch, 1, is_batch=True)}
    order = queued(work)
    for workspace, most in ((people, before_people), (batch, before_a_batch)):
        before = Counter(theirs for theirs, _ in order[: order.index((workspace, firsts[workspace][0]))])
        assert before[crowd] <= most


def test_a_run_over_many_gives_its_documents_turns_one_after_the_other(work: Work, cast: Cast) -> None:
    office, other = cast.office(), cast.office().workspace
    session = work.db.get_one(Session, uuid.UUID(office.session()["id"]))
    sessions.attach(work, session, documents(work, office.workspace, 600))
    results.run(work, session)
    (first,) = enqueue(work, other, 1, is_batch=False)
    order = [entry for entry in queued(work) if entry[0] in (office.workspace, other)]
    assert order.index((other, first)) <= 1


def test_two_crowds_take_turns(work: Work, cast: Cast) -> None:
    one, two = cast.office().workspace, cast.office().workspace
    enqueue(work, one, 50, is_batch=True)
    enqueue(work, two, 50, is_batch=True)
    order = [workspace for workspace, _ in queued(work) if workspace in (one, two)]
    assert order == [one, two] * 50


def test_people_come_before_their_own_batch(work: Work, cast: Cast) -> None:
    office = cast.office().workspace
    enqueue(work, office, 500, is_batch=True)
    (waited_for,) = enqueue(work, office, 1, is_batch=False)
    assert next(row for workspace, row in queued(work) if workspace == office) == waited_for


def test_a_cap_holds_for_each_workspace(
    server: Installation, work: Work, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.parts.settings, "workspace_concurrency", 2)
    one, two = cast.office().workspace, cast.office().workspace
    enqueue(work, one, 10, is_batch=False)
    enqueue(work, two, 1, is_batch=False)
    running = Counter(workspace for workspace in fetched(work) if workspace in (one, two))
    assert running == {one: 2, two: 1}
    end_one(work, one)
    assert [workspace for workspace in fetched(work) if workspace in (one, two)] == [one]


def enqueue(work: Work, workspace: int, count: int, *, is_batch: bool) -> list[str]:
    """The ids of new parsings, in order."""
    found = documents(work, workspace, count)
    work.batch_id = uuid.uuid4() if is_batch else None
    config = processing.parse_config(work.settings, {})
    return [str(parsing.id) for parsing in processing.request_parsings(work, found, config)]


def queued(work: Work) -> list[tuple[int, str]]:
    """Workspace and parsing of what waits, in the order in which workers take it."""
    query = """
        SELECT documents.workspace_id, parsings.id::text FROM procrastinate_jobs job
          JOIN parsings ON parsings.id::text = job.args ->> 'parsing_id' JOIN documents ON documents.id = document_id
         WHERE job.status = 'todo' ORDER BY job.priority DESC, job.id
    """
    return [(row[0], row[1]) for row in work.db.execute(text(query))]


def fetched(work: Work) -> list[int]:
    """The workspaces of all jobs that workers with slots without end would now begin."""
    taken: list[int] = []
    query = """
        SELECT documents.workspace_id FROM procrastinate_fetch_job_v2(ARRAY['parse'], NULL) job
          LEFT JOIN parsings ON parsings.id::text = job.args ->> 'parsing_id' LEFT JOIN documents ON documents.id = document_id
         WHERE job.id IS NOT NULL
    """
    while (row := work.db.execute(text(query)).one_or_none()) is not None:
        taken.append(row[0])
    return taken


def end_one(work: Work, workspace: int) -> Any:
    query = """
        UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = (
            SELECT job.id FROM procrastinate_jobs job JOIN parsings ON parsings.id::text = job.args ->> 'parsing_id'
              JOIN documents ON documents.id = document_id
             WHERE job.status = 'doing' AND workspace_id = :workspace ORDER BY job.id LIMIT 1)
    """
    work.db.execute(text(query), {"workspace": workspace})
