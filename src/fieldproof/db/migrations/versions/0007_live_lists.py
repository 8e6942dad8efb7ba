"""Live lists: what changed last in a workspace is found by an index.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = ("documents", "results", "sessions")


def upgrade() -> None:
    for table in _TABLES:
        op.create_index(f"ix_{table}_workspace_changed", table, ["workspace_id", "updated_at"], unique=False)
    op.create_index(
        "ix_documents_reading",
        "documents",
        ["workspace_id"],
        unique=False,
        postgresql_where=sa.text("status in ('queued', 'parsing', 'parsed')"),
    )
    op.create_index("ix_sessions_workspace_newest", "sessions", ["workspace_id", "created_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_sessions_workspace_newest", table_name="sessions")
    op.drop_index("ix_documents_reading", table_name="documents")
    for table in reversed(_TABLES):
        op.drop_index(f"ix_{table}_workspace_changed", table_name=table)
