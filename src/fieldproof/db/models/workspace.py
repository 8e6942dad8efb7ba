from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fieldproof.db.model import Model, Timed
from fieldproof.db.models.user import User


class Workspace(Timed, Model):
    __tablename__ = "workspaces"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    icon: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)


class Member(Model):
    __tablename__ = "members"
    __table_args__ = (CheckConstraint("role in ('admin', 'user', 'readonly')", name="role"),)

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str]
    created_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="raise")


class Invitation(Model):
    __tablename__ = "invitations"
    __table_args__ = (
        Index(
            "uq_invitations_pending",
            "workspace_id",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("accepted_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    email: Mapped[str]
    role: Mapped[str]
    nonce: Mapped[str]  # the link's token is signed from the id and this
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
