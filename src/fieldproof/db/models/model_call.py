from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, LargeBinary, Numeric, func
from sqlalchemy.orm import Mapped, mapped_column

from fieldproof.db.model import Model, new_id


class ModelCall(Model):
    """One call of a language model. Until it is settled it counts with the most it can cost.

    The call outlives its result: deleting documents gives no budget back.
    """

    __tablename__ = "model_calls"
    __table_args__ = (Index("ix_model_calls_month", "workspace_id", "created_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    result_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("results.id", ondelete="SET NULL"), index=True)
    model: Mapped[str]
    pages: Mapped[int]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    cost: Mapped[Decimal | None] = mapped_column(Numeric(20, 8))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    settled_at: Mapped[datetime | None]


class ModelRecording(Model):
    """What the model answered in a result's run, to repeat it offline. It quotes documents, so it goes with its result."""

    __tablename__ = "model_recordings"

    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("results.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)  # JSON, compressed with zstandard
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
