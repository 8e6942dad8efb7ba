"""Which tasks there are, and how one is enqueued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from sqlalchemy.orm import Session as Db

PRIORITY_INTERACTIVE, PRIORITY_BATCH = 10, 0
QUEUES = ("parse", "extract", "light")


@dataclass(frozen=True)
class Task:
    """A task's name and queue. ``every`` is a crontab line for tasks that run by the clock."""

    name: str
    queue: str
    every: str | None = None


TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task("parse_document", "parse"),
        Task("extract_result", "extract"),
        Task("learn_from", "extract"),
        Task("guess_template", "parse"),
        Task("deliver_webhook", "light"),
        Task("remove_files", "light"),
        Task("sweep_uploads", "light", every="*/15 * * * *"),
    )
}


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
        **ids: Any,
    ) -> None:
        """In the transaction of ``db``: the job becomes visible with its commit. ``at``: not before that moment."""
        connection = db.connection().connection.driver_connection
        deferrer = self._app.configure_task(
            name=task, queue=TASKS[task].queue, priority=priority, lock=lock, schedule_at=at, connection=connection
        )
        deferrer.defer(**ids)
