"""Rows as the contract shows them. Pure: rows in, JSON values out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from starlette.responses import Response

from fieldproof.core.clock import iso
from fieldproof.db.models import Chunk, Document, Invitation, Member, Parsing, Result, Session, Template, Workspace
from fieldproof.services import results
from fieldproof.services.documents import Ingested, ListedDocument
from fieldproof.services.members import invitation_status
from fieldproof.services.sessions import SessionDetail
from fieldproof.services.uploads import SignedUpload


def answer(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def nothing() -> Response:
    return Response(status_code=204)


def workspace(row: Workspace) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "icon": row.icon, "settings": row.settings,
        "created_at": iso(row.created_at), "updated_at": iso(row.updated_at),
    }  # fmt: skip


def member(row: Member) -> dict[str, Any]:
    user = row.user
    return {"id": user.id, "name": user.name, "email": user.email, "role": row.role, "photo_url": user.photo_url}


def invitation(row: Invitation, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id, "email": row.email, "role": row.role, "status": invitation_status(row, now),
        "valid_until": iso(row.expires_at), "created_at": iso(row.created_at),
    }  # fmt: skip


def template(row: Template, config_hash: str) -> dict[str, Any]:
    return {
        "id": str(row.id), "name": row.name, "description": row.description, "schema_json": row.schema_json,
        "settings": row.settings, "workspace_id": row.workspace_id, "config_hash": config_hash,
        "created_at": iso(row.created_at), "updated_at": iso(row.updated_at),
    }  # fmt: skip


def session(row: Session, status: str) -> dict[str, Any]:
    return {
        "id": str(row.id), "name": row.name, "extraction_template_id": str(row.template_id), "settings": row.settings,
        "status": status, "created_at": iso(row.created_at), "updated_at": iso(row.updated_at),
    }  # fmt: skip


def session_detail(detail: SessionDetail) -> dict[str, Any]:
    lists = {"documents": [document(d) for d in detail.documents], "results": [result(r) for r in detail.results]}
    return {**session(detail.session, detail.status), **lists}


def pending_session(row: Session) -> dict[str, Any]:
    """A session of a batch, under the name that the contract gives it until its file is taken in."""
    return {"id": str(row.id), "name": "Pending...", "created_at": iso(row.created_at)}


def document(row: Document) -> dict[str, Any]:
    return _document(row, row.parsings)


def listed_document(item: ListedDocument) -> dict[str, Any]:
    return _document(item.row, item.parsings)


def _document(row: Any, parsings: Iterable[Any]) -> dict[str, Any]:
    return {
        "id": str(row.id), "workspace_id": row.workspace_id, "filename": row.filename, "mime": row.mime,
        "size": row.size_bytes, "sha256": row.sha256, "status": row.status, "source_type": row.source_type,
        "source_url": row.source_url, "source": {"type": row.source_type, "url": row.source_url},
        "meta": _meta(row), "parsings": [parsing(p) for p in parsings], "error": row.error,
        "error_code": row.error_code, "created_at": iso(row.created_at), "updated_at": iso(row.updated_at),
    }  # fmt: skip


def parsing(row: Parsing) -> dict[str, Any]:
    shown = {
        "id": str(row.id), "config_hash": row.config_hash, "status": row.status, "parser_version": row.parser_version,
        "updated_at": iso(row.updated_at),
    }  # fmt: skip
    return {**shown, "error": row.error, "error_code": row.error_code} if row.status == "failed" else shown


def created_document(ingested: Ingested) -> dict[str, Any]:
    is_reused = not ingested.is_new
    return {
        "document": document(ingested.document),
        "dedup": {"reused": is_reused, "matched_by": "sha256" if is_reused else None},
        "document_ref": results.document_ref(ingested.document),
    }


def chunk(row: Chunk) -> dict[str, Any]:
    pages = list(range(row.first_page, row.last_page + 1))
    return {
        "id": str(row.id), "document_id": str(row.document_id), "chunk_index": row.index, "blocks": row.blocks,
        "context": row.context, "visual_context": None,
        "page_range": {"start": row.first_page, "end": row.last_page}, "content": row.content, "page_numbers": pages,
        "page_number": row.first_page, "token_count": row.token_count, "metadata": {"start": row.start, "end": row.end},
    }  # fmt: skip


def result(row: Result) -> dict[str, Any]:
    return {
        "id": str(row.id), "extraction_session_id": str(row.session_id), "status": row.status,
        "config_hash": row.config_hash, "document_refs": row.document_refs, "title": row.title, "data": row.data,
        "audit_data": row.audit_data, "reasoning": row.reasoning, "error": row.error, "error_code": row.error_code,
        "warnings": row.warnings, "created_at": iso(row.created_at), "updated_at": iso(row.updated_at),
        "completed_at": iso(row.completed_at),
    }  # fmt: skip


def signed_upload(signed: SignedUpload) -> dict[str, Any]:
    return {
        "uuid": str(signed.upload.id), "bucket": "fieldproof", "key": signed.key, "url": signed.url,
        "headers": signed.headers,
    }  # fmt: skip


def _meta(row: Document) -> dict[str, Any]:
    meta: dict[str, Any] = {"file_size": row.size_bytes}
    return meta if row.page_count is None else {"page_count": row.page_count, **meta}
