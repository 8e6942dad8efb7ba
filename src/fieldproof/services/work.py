"""The unit of work: one database transaction, one actor, one moment."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from psycopg.rows import namedtuple_row
from sqlalchemy import text
from sqlalchemy.orm import Session as Db

from fieldproof.core.actor import Actor, Role
from fieldproof.core.signing import Signer
from fieldproof.db.models import AuditEvent
from fieldproof.db.replica import Replica, is_conflict
from fieldproof.jobs import Jobs
from fieldproof.settings import Settings
from fieldproof.storage import Store

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    key: str
    route: str
    path: str


@dataclass
class Work:
    """Handed to every service. Opened at the edge, committed there once; nothing inside commits."""

    db: Db
    actor: Actor
    now: datetime
    store: Store
    jobs: Jobs
    settings: Settings
    signer: Signer
    public_url: str
    roles: dict[int, Role] = field(default_factory=dict)  # what access has already looked up
    batch_id: uuid.UUID | None = None  # set where many are started at once: they come after what people wait for
    places: dict[tuple[int, bool], int] = field(default_factory=dict)  # the last that turns has given away
    call: Call | None = None  # the HTTP request that asked for it, when it carries an Idempotency-Key
    replica: Replica | None = None  # where lists and search may be read; only set when nothing is to be written

    def read(self, query: Callable[[Work], T]) -> T:
        """What ``query`` finds, from the replica if it has all that this transaction sees, else from the primary.

        ``query`` may run twice, and must not write.
        """
        if self.replica is None:
            return query(self)
        with self.replica.session(self.db) as db:
            if db is None:
                return query(self)
            try:
                return query(replace(self, db=db, replica=None))
            except Exception as error:
                if not is_conflict(error):
                    raise
                self.replica.leave_alone(error)
        return query(self)

    def rows(self, sql: str, parameters: dict[str, Any]) -> list[Any]:
        """Rows with named columns, straight from the driver, which keeps the plan of what is asked often.

        For what every request begins with and for lists; what was added to ``db`` must be flushed before.
        """
        connection: Any = self.db.connection().connection.driver_connection
        return connection.cursor(row_factory=namedtuple_row).execute(sql, parameters).fetchall()

    @property
    def is_batch(self) -> bool:
        return self.batch_id is not None

    def defer(self, task: str, **ids: Any) -> None:
        """Enqueues a job in this transaction: the job exists exactly if the rows do."""
        self.jobs.defer(self.db, task, **ids)

    def take_time(self) -> None:
        """This transaction may be silent for long, while it looks through the store."""
        self.db.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))

    def record(self, action: str, target: object, *, workspace_id: int | None = None, **details: Any) -> None:
        """Adds a line to the audit log. ``target`` is a row with an id."""
        name = type(target).__name__.lower()
        event = AuditEvent(
            at=self.now,
            workspace_id=workspace_id if workspace_id is not None else getattr(target, "workspace_id", None),
            user_id=self.actor.user_id,
            token_id=self.actor.token_id,
            actor=self.actor.email or self.actor.name,
            action=action,
            target=f"{name}:{getattr(target, 'id', '')}",
            details=details,
            ip=self.actor.ip,
        )
        self.db.add(event)
