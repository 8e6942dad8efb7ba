"""Search: what documents and values are found by.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from fieldproof.db.models.search import TransactionId

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("search_values", "search_results", "search_sets", "search_changes", "search_counts", "search_entries")


def upgrade() -> None:
    op.add_column(
        "deposits",
        sa.Column("key", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
    )
    op.create_unique_constraint("uq_deposits_key", "deposits", ["key"])
    _entries()
    _bookkeeping()
    _values()
    _tags()
    op.execute(_TRIGGERS)


def downgrade() -> None:
    op.execute("DROP TRIGGER search_document_status ON documents")
    op.drop_table("document_tags")
    for table in _TABLES:
        op.drop_table(table)
    for function in (
        "search_entry_changed()",
        "search_document_changed()",
        "search_result_changed()",
        "search_count(search_entries, int)",
    ):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    op.drop_column("deposits", "key")


def _entries() -> None:
    op.create_table(
        "search_entries",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=True),
        sa.Column("pairs", postgresql.ARRAY(sa.Integer()), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_search_entries_document_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_search_entries_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
    )
    # What a list reads stays in short rows; the words move out of line as soon as there are any.
    op.execute(
        """
        ALTER TABLE search_entries SET (toast_tuple_target = 128, fillfactor = 80);
        ALTER TABLE search_entries ALTER name SET STORAGE PLAIN, ALTER status SET STORAGE PLAIN,
            ALTER category SET STORAGE PLAIN, ALTER words SET STORAGE EXTERNAL, ALTER pairs SET STORAGE EXTERNAL;
        """
    )
    op.create_index("ix_search_entries_document_id", "search_entries", ["document_id"])
    op.create_index(
        "ix_search_entries_workspace", "search_entries", ["workspace_id", "id"], postgresql_where=sa.text("is_first")
    )
    op.create_index("ix_search_entries_user", "search_entries", ["user_id", "id", "workspace_id"])
    for column in ("words", "pairs", "grams"):
        op.create_index(f"ix_search_entries_{column}", "search_entries", [column], postgresql_using="gin")


def _bookkeeping() -> None:
    op.create_table(
        "search_counts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_counts")),
    )
    op.create_index("ix_search_counts_scope", "search_counts", ["workspace_id", "user_id", "block"])
    op.create_table(
        "search_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_changes")),
    )
    op.create_index("ix_search_changes_workspace", "search_changes", ["workspace_id", "xid"])
    op.create_table(
        "search_sets",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("workspace_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("as_of", TransactionId(), nullable=False),
        sa.Column("ids", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_search_sets")),
        prefixes=["UNLOGGED"],
    )
    op.execute("ALTER TABLE search_sets ALTER ids SET STORAGE EXTERNAL")


def _values() -> None:
    op.create_table(
        "search_results",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("result_id", sa.UUID(), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["result_id"], ["results.id"], name=op.f("fk_search_results_result_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_results")),
        sa.UniqueConstraint("result_id", name=op.f("uq_search_results_result_id")),
    )
    op.create_index("ix_search_results_workspace_id", "search_results", ["workspace_id"])
    op.create_table(
        "search_values",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("number", sa.Double(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["field_values.id"], name=op.f("fk_search_values_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run"], ["search_results.id"], name=op.f("fk_search_values_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_values")),
    )
    op.create_index(
        "ix_search_values_number", "search_values", ["workspace_id", "field", "number", "run"],
        postgresql_where=sa.text("number is not null"),
    )  # fmt: skip
    op.create_index(
        "ix_search_values_text",
        "search_values",
        ["workspace_id", "field", sa.text('left("text", 200)'), "run"],
    )
    op.create_index("ix_search_values_grams", "search_values", ["grams"], postgresql_using="gin")
    op.create_index("ix_search_values_run", "search_values", ["run"])


def _tags() -> None:
    op.create_table(
        "document_tags",
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_document_tags_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", "tag", name=op.f("pk_document_tags")),
    )
    op.create_index("ix_document_tags_workspace", "document_tags", ["workspace_id", "tag", "document_id"])


_TRIGGERS = """
CREATE FUNCTION search_count(entry search_entries, step int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO search_counts (workspace_id, user_id, block, status, category, n)
    SELECT entry.workspace_id, scope, entry.id / 4096, entry.status, entry.category, step
    FROM (VALUES (CASE WHEN entry.is_first THEN 0 END), (entry.user_id)) AS scopes (scope) WHERE scope IS NOT NULL
$$;

CREATE FUNCTION search_entry_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM search_count(NEW, 1);
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM search_count(OLD, -1);
    ELSIF (NEW.status, NEW.category) IS DISTINCT FROM (OLD.status, OLD.category) THEN
        PERFORM search_count(OLD, -1), search_count(NEW, 1);
    END IF;
    INSERT INTO search_changes (workspace_id, entry_id)
    VALUES (coalesce(NEW.workspace_id, OLD.workspace_id), coalesce(NEW.id, OLD.id));
    RETURN NULL;
END $$;

CREATE TRIGGER search_entry_made AFTER INSERT OR DELETE ON search_entries
    FOR EACH ROW EXECUTE FUNCTION search_entry_changed();
CREATE TRIGGER search_entry_updated AFTER UPDATE OF status, category, name, words ON search_entries
    FOR EACH ROW EXECUTE FUNCTION search_entry_changed();

-- Runs are told from entries by their sign.
CREATE FUNCTION search_result_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_changes (workspace_id, entry_id)
    VALUES (coalesce(NEW.workspace_id, OLD.workspace_id), -coalesce(NEW.id, OLD.id));
    RETURN NULL;
END $$;

CREATE TRIGGER search_result_changed AFTER INSERT OR DELETE ON search_results
    FOR EACH ROW EXECUTE FUNCTION search_result_changed();

CREATE FUNCTION search_document_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE search_entries SET status = NEW.status WHERE document_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER search_document_status AFTER UPDATE OF status ON documents
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION search_document_changed();
"""
