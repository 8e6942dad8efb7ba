from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldproof.db.model import Model, Timed, new_id


class Template(Timed, Model):
    __tablename__ = "templates"
    __table_args__ = (Index("ix_templates_workspace_newest", "workspace_id", "created_at", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str]
    description: Mapped[str | None]
    schema_json: Mapped[dict[str, Any]]
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class Example(Timed, Model):
    """What one reviewed document taught a template's engine. Reversible by ``is_active``."""

    __tablename__ = "examples"
    __table_args__ = (UniqueConstraint("result_id", "document_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    template_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("templates.id", ondelete="CASCADE"), index=True)
    result_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("results.id", ondelete="SET NULL"), index=True)
    document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"))
    fingerprint: Mapped[dict[str, Any]]
    fields: Mapped[dict[str, Any]]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    refusal: Mapped[str | None]  # why replay did not let it in
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
