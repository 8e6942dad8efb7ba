"""Batches: which runs were started by one call.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("results", sa.Column("batch_id", sa.UUID(), nullable=True))
    op.create_index(
        "ix_results_batch", "results", ["batch_id"], unique=False, postgresql_where=sa.text("batch_id is not null")
    )


def downgrade() -> None:
    op.drop_index("ix_results_batch", table_name="results")
    op.drop_column("results", "batch_id")
