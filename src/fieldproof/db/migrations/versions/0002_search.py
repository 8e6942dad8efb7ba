"""Search: what documents and values are found by.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "deposits",
        sa.Column("key", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
    )
    op.create_unique_constraint("uq_deposits_key", "deposits", ["key"])


def downgrade() -> None:
    op.drop_column("deposits", "key")
