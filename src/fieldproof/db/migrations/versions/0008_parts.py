"""Parts: page ranges of one document that workers read apart; and which work is a batch.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("parsings", "results"):
        op.add_column(table, sa.Column("is_batch", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "parsing_parts",
        sa.Column("parsing_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("split", sa.BigInteger(), nullable=False),
        sa.Column("first_page", sa.BigInteger(), nullable=False),
        sa.Column("last_page", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempt_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parsing_id"], ["parsings.id"], name=op.f("fk_parsing_parts_parsing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("parsing_id", "number", name=op.f("pk_parsing_parts")),
    )


def downgrade() -> None:
    op.drop_table("parsing_parts")
    for table in ("results", "parsings"):
        op.drop_column(table, "is_batch")
