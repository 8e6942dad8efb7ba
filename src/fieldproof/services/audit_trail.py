"""From an Extraction to what is stored and shown as its proof."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from fieldproof.core.result import Citation, Extraction, FieldValue, Ledger, Rival
from fieldproof.core.schema import parse_schema
from fieldproof.db.models import Chunk, Example, Parsing, Result
from fieldproof.db.models import FieldValue as FieldValueRow
from fieldproof.services.work import Work


@dataclass(frozen=True)
class Trail:
    """``values`` are rows for ``field_values``; the rest are the result's own JSON columns."""

    audit_data: dict[str, Any]
    reasoning: dict[str, Any]
    values: list[dict[str, Any]]
    ledgers: list[dict[str, Any]]


def trail(work: Work, result: Result, extraction: Extraction) -> Trail:
    places = _ChunkPlaces(work, result)
    schema = parse_schema(result.schema_json)
    rows = [_row(result, n, value, places) for n, value in enumerate(extraction.values)]
    audit = audit_data(extraction.data, rows)
    reasoning = {group: {name: entry["reasoning"] for name, entry in fields.items()} for group, fields in audit.items()}
    return Trail(
        audit, reasoning if schema.is_reasoning_enabled else {}, rows, [_ledger(x) for x in extraction.ledgers]
    )


def active_examples(work: Work, template_id: uuid.UUID) -> list[dict[str, Any]]:
    """What the template's engine has learnt, oldest first, ready to travel."""
    query = (
        select(Example)
        .where(Example.template_id == template_id, Example.is_active)
        .order_by(Example.created_at, Example.id)
    )
    return [{"id": str(e.id), "fingerprint": e.fingerprint, "fields": e.fields} for e in work.db.scalars(query)]


def audit_data(data: dict[str, Any], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """group → field → {reasoning, sources, confidence, …}; the cells of a list stand under ``items``."""
    audit: dict[str, Any] = {group: {} for group in data}
    for row in rows:
        group, name, rest = _home(parts_of(row["path"]))
        entry = audit.setdefault(group, {}).get(name)
        if not rest:
            audit[group][name] = _entry(row)
            continue
        if entry is None:
            entry = audit[group][name] = {"reasoning": None, "sources": [], "confidence": None, "items": {}}
        entry["items"][dotted(rest)] = _entry(row)
        entry["sources"].extend(row["citations"])
        known = [c for c in (entry["confidence"], row["confidence"]) if c is not None]
        entry["confidence"] = min(known) if known else None
    for fields in audit.values():
        for entry in fields.values():
            if "items" in entry:
                entry["reasoning"] = f"{len(entry['items'])} values, each with its own source."
    return audit


def row_of(value: FieldValueRow) -> dict[str, Any]:
    """A stored value as ``audit_data`` takes it."""
    names = ("path", "value", "raw", "confidence", "citations", "reasoning", "rivals", "formula", "is_supported")
    return {name: getattr(value, name) for name in names}


def dotted(path: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in path)


def parts_of(path: str) -> list[str | int]:
    """``invoice.lines.0.amount`` → invoice, lines, 0, amount; the inverse of ``dotted``."""
    return [int(part) if part.isdigit() else part for part in path.split(".")]


def _home(path: Sequence[str | int]) -> tuple[str, str, Sequence[str | int]]:
    """Group, field and the rest; a group that iterates has its item's number before the field."""
    if len(path) > 1 and isinstance(path[1], int):
        return str(path[0]), str(path[2]) if len(path) > 2 else "item", path[1:]
    return str(path[0]), str(path[1]) if len(path) > 1 else "", path[2:]


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "reasoning": row["reasoning"], "sources": row["citations"], "confidence": row["confidence"], "raw": row["raw"],
    }  # fmt: skip
    if row["rivals"]:
        entry["rivals"] = row["rivals"]
    if row["formula"]:
        entry["formula"] = row["formula"]
    if not row["is_supported"]:
        entry["unsupported"] = True
    return entry


def _row(result: Result, position: int, value: FieldValue, places: _ChunkPlaces) -> dict[str, Any]:
    return {
        "result_id": result.id, "position": position, "path": dotted(value.path), "value": value.value, "raw": value.raw,
        "confidence": value.confidence, "citations": [places.citation(c) for c in value.citations],
        "reasoning": value.reasoning, "rivals": [_rival(r, places) for r in value.rivals], "formula": value.formula,
        "is_supported": value.is_supported,
    }  # fmt: skip


def _rival(rival: Rival, places: _ChunkPlaces) -> dict[str, Any]:
    return {
        "value": rival.value, "raw": rival.raw, "confidence": rival.confidence,
        "sources": [places.citation(c) for c in rival.citations],
    }  # fmt: skip


def _ledger(ledger: Ledger) -> dict[str, Any]:
    rows = [
        {
            "document_id": r.document_id, "page": r.page, "bbox": r.box.as_list() if r.box else None,
            "text": r.text, "outcome": r.outcome, "reason": r.reason, "item": r.item,
        }
        for r in ledger.rows
    ]  # fmt: skip
    return {"path": dotted(ledger.path), "is_complete": ledger.is_complete, "checks": list(ledger.checks), "rows": rows}


class _ChunkPlaces:
    """Which chunk a span of a document's text lies in."""

    def __init__(self, work: Work, result: Result) -> None:
        query = select(Chunk.id, Chunk.document_id, Chunk.start).join(Parsing, Parsing.id == Chunk.parsing_id)
        query = query.where(Chunk.document_id.in_(result.document_ids), Parsing.config_hash == result.config_hash)
        self._starts: dict[str, list[int]] = {}
        self._ids: dict[str, list[str]] = {}
        for row in work.db.execute(query.order_by(Chunk.document_id, Chunk.index)):
            self._starts.setdefault(str(row.document_id), []).append(row.start)
            self._ids.setdefault(str(row.document_id), []).append(str(row.id))

    def citation(self, citation: Citation) -> dict[str, Any]:
        place: dict[str, Any] = {
            "chunk_id": self._chunk(citation), "text": citation.text, "page": citation.page,
            "bbox": citation.box.as_list(), "document_id": citation.document_id, "match": citation.match,
            "start": citation.start, "end": citation.end,
        }  # fmt: skip
        if citation.anchor:
            place["anchor"] = citation.anchor
        return place

    def _chunk(self, citation: Citation) -> str:
        starts = self._starts.get(citation.document_id, [])
        position = max(0, bisect_right(starts, citation.start) - 1)
        return self._ids[citation.document_id][position] if starts else ""
