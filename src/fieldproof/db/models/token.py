from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fieldproof.db.model import Model
from fieldproof.db.models.user import User


class Token(Model):
    """A personal access token or an API key; only the SHA-256 of its text is kept."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]  # access | key
    name: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    hint: Mapped[str]  # the last four characters, to tell tokens apart
    abilities: Mapped[list[str]] = mapped_column(ARRAY(Text))
    workspace_id: Mapped[int | None] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="joined")
