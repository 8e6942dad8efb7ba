from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fieldproof.db.model import Model, Timed, new_id
from fieldproof.db.models.document import Document


class Session(Timed, Model):
    """A set of documents that are extracted together with one template."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_template_newest", "template_id", "created_at", "id"),
        Index("ix_sessions_workspace_newest", "workspace_id", "created_at", "id"),
        Index("ix_sessions_workspace_changed", "workspace_id", "updated_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    template_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("templates.id", ondelete="CASCADE"))
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class Attachment(Model):
    """A document in a session. ``is_origin``: the document came into the workspace through this session."""

    __tablename__ = "attachments"

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_origin: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    created_at: Mapped[datetime]

    document: Mapped[Document] = relationship(lazy="raise")
