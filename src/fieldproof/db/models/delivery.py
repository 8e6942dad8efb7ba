"""What goes out and what may come in twice: webhooks, their deliveries, idempotency keys."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fieldproof.db.model import Model, Timed, new_id


class Webhook(Timed, Model):
    """Where a workspace's events go. ``old_secret`` still signs until ``old_secret_until``."""

    __tablename__ = "webhooks"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret: Mapped[str]
    old_secret: Mapped[str | None]
    old_secret_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_because: Mapped[str | None]


class Delivery(Timed, Model):
    """One event on its way to one webhook."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_webhook_newest", "webhook_id", "created_at", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    webhook_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event_id: Mapped[str]  # the same for every attempt and replay
    type: Mapped[str]
    body: Mapped[str]
    status: Mapped[str]  # waiting | delivered | failed
    attempt: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    answer_status: Mapped[int | None]
    answer: Mapped[str | None]
    next_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]

    webhook: Mapped[Webhook] = relationship(lazy="raise")


class IdempotencyKey(Model):
    """The answer to a POST that carried ``Idempotency-Key``, kept for a day, written with its effect."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("user_id", "route", "key"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    route: Mapped[str]
    key: Mapped[str]
    fingerprint: Mapped[str]  # SHA-256 of path and body
    status: Mapped[int]
    media_type: Mapped[str | None]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)
