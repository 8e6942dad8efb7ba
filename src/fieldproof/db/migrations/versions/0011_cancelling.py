"""Cancelling: a document's or a run's jobs are found by an index.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ARGUMENTS = ("parsing_id", "result_id")


def upgrade() -> None:
    for name in _ARGUMENTS:
        op.create_index(
            f"ix_procrastinate_jobs_{name}",
            "procrastinate_jobs",
            [sa.text(f"(args ->> '{name}')")],
            unique=False,
            postgresql_where=sa.text("status IN ('todo', 'doing')"),
        )


def downgrade() -> None:
    for name in _ARGUMENTS:
        op.drop_index(f"ix_procrastinate_jobs_{name}", table_name="procrastinate_jobs")
