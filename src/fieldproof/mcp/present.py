"""Rows as the tools tell them."""

from __future__ import annotations

from typing import Any

from fieldproof.core.actor import Role
from fieldproof.core.clock import iso
from fieldproof.core.schema import parse_schema
from fieldproof.db.models import Chunk, FieldValue, Result, Template, Workspace
from fieldproof.services.search import FoundDocument, FoundRun


def workspace(row: Workspace, role: Role | None) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "role": role}


def template(row: Template) -> dict[str, Any]:
    fields = [".".join(path) for path, _ in parse_schema(row.schema_json).leaves()]
    return {"id": str(row.id), "name": row.name, "description": row.description, "fields": fields}


def result(row: Result, values: list[FieldValue]) -> dict[str, Any]:
    return {
        "result_id": str(row.id), "status": row.status, "title": row.title, "error": row.error,
        "review": row.review_status, "warnings": row.warnings, "documents": row.document_refs,
        "fields": {one.path: value(one) for one in values},
    }  # fmt: skip


def value(row: FieldValue) -> dict[str, Any]:
    sources = [{"quote": c["text"], "page": c["page"], "box": c["bbox"]} for c in row.citations]
    return {
        "value": row.value, "confidence": row.confidence, "is_corrected": row.is_corrected, "sources": sources,
        "reason": row.reasoning,
    }  # fmt: skip


def found_document(found: FoundDocument) -> dict[str, Any]:
    row, hit = found.document, found.snippet
    place = {"page": hit.page, "quote": hit.text, "box": hit.box} if hit is not None else None
    return {"id": str(row.id), "filename": row.filename, "status": row.status, "tags": found.tags, "hit": place}


def found_run(run: FoundRun) -> dict[str, Any]:
    return {
        "result_id": str(run.result.id), "title": run.result.title, "completed_at": iso(run.result.completed_at),
        "fields": {one.path: value(one) for one in run.values},
    }  # fmt: skip


def chunk(row: Chunk) -> dict[str, Any]:
    return {"number": row.index, "first_page": row.first_page, "last_page": row.last_page, "text": row.content}
