"""The unit of work: one database transaction, one actor, one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session as Db

from fieldproof.core.actor import Actor, Role
from fieldproof.core.signing import Signer
from fieldproof.db.models import AuditEvent
from fieldproof.jobs import Jobs
from fieldproof.settings import Settings
from fieldproof.storage import Store


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
    call: Call | None = None  # the HTTP request that asked for it, when it carries an Idempotency-Key

    def defer(self, task: str, **ids: Any) -> None:
        """Enqueues a job in this transaction: the job exists exactly if the rows do."""
        self.jobs.defer(self.db, task, **ids)

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
