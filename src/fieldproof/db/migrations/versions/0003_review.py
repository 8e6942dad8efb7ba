"""Review: what people add to results.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    no = sa.text("false")
    op.add_column("field_values", sa.Column("is_accepted", sa.Boolean(), server_default=no, nullable=False))
    op.add_column("corrections", sa.Column("old_citations", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("corrections", sa.Column("undoes", sa.BigInteger(), nullable=True))
    op.add_column("examples", sa.Column("refusal", sa.Text(), nullable=True))
    op.add_column("parsings", sa.Column("page_sizes", sa.JSON(), nullable=True))
    op.create_unique_constraint("uq_examples_result_id", "examples", ["result_id", "document_id"])
    op.create_index(
        "ix_results_to_review", "results", ["template_id", "created_at"],
        postgresql_where=sa.text("status = 'completed' and review_status = 'open'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_results_to_review", "results")
    op.drop_constraint("uq_examples_result_id", "examples")
    op.drop_column("parsings", "page_sizes")
    op.drop_column("examples", "refusal")
    op.drop_column("corrections", "undoes")
    op.drop_column("corrections", "old_citations")
    op.drop_column("field_values", "is_accepted")
