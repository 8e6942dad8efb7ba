"""Which tasks there are, and how one is enqueued."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import text
from sqlalchemy.orm import Session as Db

from fieldproof.jobs import origin

PRIORITY_INTERACTIVE, PRIORITY_BATCH = 10, 0
QUEUES = ("parse", "extract", "light")


@dataclass(frozen=True)
class Task:
    """A task's name and queue. ``every`` is a crontab line for tasks that run by the clock; ``is_cancellable``: its
    handler is told, as ``is_cancelled``, when the job was called off."""

    name: str
    queue: str
    every: str | None = None
    is_cancellable: bool = False


TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task("parse_document", "parse", is_cancellable=True),
        Task("parse_part", "parse", is_cancellable=True),
        Task("join_parts", "parse", is_cancellable=True),
        Task("extract_result", "extract", is_cancellable=True),
        Task("learn_from", "extract"),
        Task("guess_template", "parse"),
        Task("deliver_webhook", "light"),
        Task("remove_files", "light"),
        Task("remove_parts", "light"),
        Task("sweep_uploads", "light", every="*/15 * * * *"),
        Task("remove_originals", "light", every="7 * * * *"),
    )
}


# Either argument has an index.
_CANCEL = text("""
    SELECT procrastinate_cancel_job_v1(id, true, true) FROM procrastinate_jobs
     WHERE task_name = ANY(:tasks) AND status IN ('todo', 'doing') AND args @> cast(:more AS jsonb)
       AND (args ->> 'parsing_id' = ANY(:ids) OR args ->> 'result_id' = ANY(:ids))
""")


class Jobs:
    """Enqueues only; the worker has its own connection. Arguments are ids, never contents."""

    def __init__(self) -> None:
        self._app = App(connector=SyncPsycopgConnector())

    def defer(
        self,
        db: Db,
        task: str,
        *,
        priority: int = PRIORITY_INTERACTIVE,
        lock: str | None = None,
        at: datetime | None = None,
        once: str | None = None,
        **ids: Any,
    ) -> None:
        """In the transaction of ``db``: the job becomes visible with its commit. ``at``: not before that moment.

        ``once``: nothing happens while a job of that name still waits.
        """
        arguments = {**ids, origin.ARGUMENT: origin.current()}
        connection = db.connection().connection.driver_connection
        deferrer = self._app.configure_task(
            name=task, queue=TASKS[task].queue, priority=priority, lock=lock, schedule_at=at, queueing_lock=once,
            connection=connection,
        )  # fmt: skip
        if once is None:
            deferrer.defer(**arguments)
            return
        with suppress(AlreadyEnqueued), db.connection().begin_nested():
            deferrer.defer(**arguments)

    def defer_many(self, db: Db, task: str, jobs: Sequence[tuple[int, str | None, dict[str, Any]]]) -> None:
        """As ``defer``, of one task: priority, lock and ids of each."""
        connection = db.connection().connection.driver_connection
        deferrer = self._app.configure_task(name=task, queue=TASKS[task].queue, connection=connection)
        made = [
            deferrer.make_new_job(**{**ids, origin.ARGUMENT: origin.current()}).evolve(priority=priority, lock=lock)
            for priority, lock, ids in jobs
        ]
        self._app.job_manager.batch_defer_jobs(jobs=made, connection=connection)

    def cancel(self, db: Db, tasks: Sequence[str], ids: Sequence[str], **more: Any) -> None:
        """In the transaction of ``db``: jobs that wait are gone with its commit, those that run are told.

        ``ids`` of parsings or results; ``more``: what else the jobs must have.
        """
        given = {"tasks": list(tasks), "ids": list(ids), "more": orjson.dumps(more).decode()}
        db.execute(_CANCEL, given)
