from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column

from fieldproof.db.model import Model, Timed, new_id


class Result(Timed, Model):
    """One run of one session: a snapshot of its documents, its schema and what came out."""

    __tablename__ = "results"
    __table_args__ = (
        Index("ix_results_session_newest", "session_id", "created_at", "id"),
        Index("ix_results_workspace_changed", "workspace_id", "updated_at"),
        Index(
            "ix_results_waiting",
            "status",
            postgresql_where=text("status in ('created', 'parsing_pending', 'processing')"),
        ),
        Index(
            "ix_results_to_review",
            "template_id",
            "created_at",
            postgresql_where=text("status = 'completed' and review_status = 'open'"),
        ),
        Index("ix_results_batch", "batch_id", postgresql_where=text("batch_id is not null")),
        CheckConstraint("status in ('created', 'parsing_pending', 'processing', 'completed', 'failed')", name="status"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    template_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("templates.id", ondelete="CASCADE"), index=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    status: Mapped[str]
    attempt: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    attempt_count: Mapped[int] = mapped_column(
        server_default=text("0"), default=0
    )  # those whose worker did not come back
    batch_id: Mapped[uuid.UUID | None]  # of all runs that one call started
    is_batch: Mapped[bool] = mapped_column(server_default=text("false"), default=False)  # nobody sits and waits for it
    config_hash: Mapped[str]
    schema_json: Mapped[dict[str, Any]]  # as it was when the run was triggered
    settings: Mapped[dict[str, Any]]
    document_refs: Mapped[list[Any]]
    document_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(UUID(as_uuid=True)))
    title: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    audit_data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    reasoning: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    ledgers: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"), default=list)
    warnings: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"), default=list)
    engine: Mapped[str | None]
    usage: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    review_status: Mapped[str] = mapped_column(server_default="open", default="open")  # open | approved | rejected
    review_note: Mapped[str | None]
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    reviewed_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class FieldValue(Model):
    """One extracted value with its proof. ``path`` is dotted, list positions from 0 (``invoice.lines.0.amount``)."""

    __tablename__ = "field_values"
    __table_args__ = (UniqueConstraint("result_id", "path"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("results.id", ondelete="CASCADE"))
    position: Mapped[int]
    path: Mapped[str]
    value: Mapped[Any] = mapped_column(JSON)
    raw: Mapped[str | None]
    confidence: Mapped[float | None]
    citations: Mapped[list[Any]]
    reasoning: Mapped[str]
    rivals: Mapped[list[Any]]
    formula: Mapped[str | None]
    is_supported: Mapped[bool]
    is_corrected: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    is_accepted: Mapped[bool] = mapped_column(server_default=text("false"), default=False)  # a person said: right
    machine_value: Mapped[Any] = mapped_column(JSON, nullable=True)  # what the engine said, kept beside a correction


class Correction(Model):
    """A person's change of one value; rows are only ever added."""

    __tablename__ = "corrections"
    __table_args__ = (Index("ix_corrections_result", "result_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("results.id", ondelete="CASCADE"))
    path: Mapped[str]
    old_value: Mapped[Any] = mapped_column(JSON, nullable=True)
    new_value: Mapped[Any] = mapped_column(JSON, nullable=True)
    old_citations: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"), default=list)
    citations: Mapped[list[Any]]
    undoes: Mapped[int | None]  # the change that this one takes back
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
