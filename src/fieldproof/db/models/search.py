from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from fieldproof.db.model import Model


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's ``xid8``: transactions in the order in which they began."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class SearchEntry(Model):
    """What one row of a document list is found by.

    Every document has one entry that is its own (``is_first``), and every further deposit of it another. ``id`` comes
    from the deposits' sequence and is the deposit's id where there is one: larger is newer, on every surface.

    Words carry their workspace in front, so that one tenant's search never touches another's part of the index.
    Triggers copy the document's status here, and keep ``search_counts`` and ``search_changes``.
    """

    __tablename__ = "search_entries"
    __table_args__ = (
        Index("ix_search_entries_workspace", "workspace_id", "id", postgresql_where=text("is_first")),
        Index("ix_search_entries_user", "user_id", "id", "workspace_id"),
        Index("ix_search_entries_words", "words", postgresql_using="gin"),
        Index("ix_search_entries_pairs", "pairs", postgresql_using="gin"),
        Index("ix_search_entries_grams", "grams", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    workspace_id: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    is_first: Mapped[bool]
    status: Mapped[str]
    category: Mapped[str]
    name: Mapped[str]  # folded
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text))  # of the name: one, two and three characters
    words: Mapped[Any | None] = mapped_column(TSVECTOR)
    pairs: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))  # of neighbouring words, hashed: narrows phrases
    content: Mapped[str | None]  # the folded words in order, a space on both sides of each


class SearchCount(Model):
    """How many entries there are, as a sum of steps: rows are only added, and folded now and then.

    ``user_id`` is 0 for a workspace's documents, else the user whose deposits are counted.
    """

    __tablename__ = "search_counts"
    __table_args__ = (Index("ix_search_counts_scope", "workspace_id", "user_id", "block"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    workspace_id: Mapped[int]
    user_id: Mapped[int]
    block: Mapped[int]
    status: Mapped[str]
    category: Mapped[str]
    n: Mapped[int] = mapped_column(Integer)


class SearchChange(Model):
    """Which entries (and runs, below zero) a transaction touched, so that a kept answer can be brought up to date."""

    __tablename__ = "search_changes"
    __table_args__ = (Index("ix_search_changes_workspace", "workspace_id", "xid"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    workspace_id: Mapped[int]
    entry_id: Mapped[int]
    xid: Mapped[Any] = mapped_column(TransactionId, server_default=text("pg_current_xact_id()"))


class SearchSet(Model):
    """The matches of one query, as they were before transaction ``as_of``. Derived, and lost in a crash."""

    __tablename__ = "search_sets"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    key: Mapped[str] = mapped_column(primary_key=True)
    workspace_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    as_of: Mapped[Any] = mapped_column(TransactionId)
    ids: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]


class SearchResult(Model):
    """A completed run, under a number of its own: larger is newer."""

    __tablename__ = "search_results"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("results.id", ondelete="CASCADE"), unique=True)
    workspace_id: Mapped[int] = mapped_column(index=True)


class SearchValue(Model):
    """What one extracted value is found by. ``field`` is its path without list positions (``lines.amount``)."""

    __tablename__ = "search_values"
    __table_args__ = (
        Index("ix_search_values_number", "workspace_id", "field", "number", "run", postgresql_where=text("number is not null")),
        Index("ix_search_values_text", "workspace_id", "field", text('left("text", 200)'), "run"),
        Index("ix_search_values_grams", "grams", postgresql_using="gin"),
        Index("ix_search_values_run", "run"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(
        ForeignKey("field_values.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    run: Mapped[int] = mapped_column(ForeignKey("search_results.id", ondelete="CASCADE"))
    workspace_id: Mapped[int]
    field: Mapped[str]
    number: Mapped[float | None]
    text: Mapped[str]  # folded; dates as YYYY-MM-DD
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text))


class DocumentTag(Model):
    __tablename__ = "document_tags"
    __table_args__ = (Index("ix_document_tags_workspace", "workspace_id", "tag", "document_id"),)

    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[int]
    created_at: Mapped[datetime]
