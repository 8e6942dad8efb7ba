from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fieldproof.db.model import Model, Timed, new_id


class Upload(Model):
    """A signed upload on its way: from the signed URL to the moment its key is attached."""

    __tablename__ = "uploads"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    content_type: Mapped[str]
    filename: Mapped[str | None]
    size_bytes: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(index=True)
    mime: Mapped[str | None]  # what the content shows, whatever content_type says
    extension: Mapped[str | None]
    category: Mapped[str | None]
    received_at: Mapped[datetime | None]
    consumed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Document(Timed, Model):
    """One file of a workspace. Its bytes are stored once under its SHA-256, whoever owns them."""

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("workspace_id", "sha256"),
        Index("ix_documents_workspace_newest", "workspace_id", "created_at", "id"),
        Index("ix_documents_workspace_changed", "workspace_id", "updated_at"),
        Index(
            "ix_documents_reading", "workspace_id", postgresql_where=text("status in ('queued', 'parsing', 'parsed')")
        ),
        Index("ix_documents_sha256", "sha256"),
        CheckConstraint("status in ('uploaded', 'queued', 'parsing', 'parsed', 'processed', 'failed')", name="status"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    filename: Mapped[str]
    mime: Mapped[str]
    extension: Mapped[str]
    category: Mapped[str]  # pdf | image | word | excel | powerpoint | text | email | other
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    status: Mapped[str]
    source_type: Mapped[str]  # upload | url | connector
    source_url: Mapped[str | None]
    page_count: Mapped[int | None]
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    processed_at: Mapped[datetime | None]
    original_removed_at: Mapped[datetime | None]  # by its workspace's retention
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"), index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    parsings: Mapped[list[Parsing]] = relationship(
        lazy="raise", order_by="Parsing.created_at", passive_deletes=True, back_populates="document"
    )


class Deposit(Model):
    """One act of uploading, by one user: deduplicated bytes, but every deposit is a row of its own.

    The DocSense surface lists these; ``id`` is the integer it shows.
    """

    __tablename__ = "deposits"
    __table_args__ = (Index("ix_deposits_user_newest", "user_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str]
    industry: Mapped[str | None]
    key: Mapped[uuid.UUID] = mapped_column(
        default=new_id, server_default=text("gen_random_uuid()"), unique=True
    )  # what its link carries
    created_at: Mapped[datetime]


class Parsing(Timed, Model):
    """The reading of one document under one configuration.

    ``attempt`` is the fence: it grows before the work starts, and a late twin's results are refused.
    """

    __tablename__ = "parsings"
    __table_args__ = (
        UniqueConstraint("document_id", "config_hash"),
        CheckConstraint("status in ('queued', 'processing', 'ready', 'failed')", name="status"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    config_hash: Mapped[str]
    config: Mapped[dict[str, Any]]
    status: Mapped[str]
    parser_version: Mapped[str]
    attempt: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    attempt_count: Mapped[int] = mapped_column(server_default=text("0"), default=0)  # since it was last asked for
    is_batch: Mapped[bool] = mapped_column(server_default=text("false"), default=False)  # nobody sits and waits for it
    key: Mapped[str | None]  # of the stored ParsedDocument
    page_count: Mapped[int | None]
    page_sizes: Mapped[list[Any] | None]  # [width_pt, height_pt] of each page
    languages: Mapped[list[Any] | None]
    hidden: Mapped[list[Any] | None]  # what a reader cannot see: text, reason, place
    warnings: Mapped[list[Any] | None]
    ocr_confidence: Mapped[float | None]
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    document: Mapped[Document] = relationship(lazy="raise", back_populates="parsings")


class ParsingPart(Model):
    """A page range of a parsing that is read by itself; number 0 is the joining of the others.

    ``split`` is the parsing's attempt that was split; ``attempt`` is the part's own fence. ``key``: stored, so it is done.
    """

    __tablename__ = "parsing_parts"

    parsing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("parsings.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    split: Mapped[int]
    first_page: Mapped[int]
    last_page: Mapped[int]
    attempt: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    attempt_count: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    key: Mapped[str | None]


class Chunk(Model):
    __tablename__ = "chunks"
    __table_args__ = (UniqueConstraint("parsing_id", "index"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    parsing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("parsings.id", ondelete="CASCADE"))
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    index: Mapped[int]
    blocks: Mapped[list[Any]]
    content: Mapped[str]
    first_page: Mapped[int]
    last_page: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    token_count: Mapped[int]
    context: Mapped[str | None]  # with contextual_embedding: where the chunk stands
