from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldproof.db.model import Model


class AuditEvent(Model):
    """Who did what, when. Rows are only ever added: a trigger refuses updates and deletes.

    No foreign keys: the log outlives what it speaks of.
    """

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_workspace", "workspace_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime]
    workspace_id: Mapped[int | None]
    user_id: Mapped[int | None]
    token_id: Mapped[int | None]
    actor: Mapped[str]  # the name at the time
    action: Mapped[str]  # "template.updated"
    target: Mapped[str]  # "template:3f0c…"
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    ip: Mapped[str | None]
