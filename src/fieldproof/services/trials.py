"""Trying things on a document before anything is stored: an unsaved template, and what to ask for at all.

Prepared in a short Work, computed in the sandbox outside of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from fieldproof.core import codec
from fieldproof.core.errors import Invalid
from fieldproof.core.result import Extraction
from fieldproof.db.models import Document, Template, Workspace
from fieldproof.extraction.child import extract_to_bytes
from fieldproof.extraction.propose import propose_to_bytes
from fieldproof.sandbox import Limits, Sandbox
from fieldproof.services import audit_trail, documents
from fieldproof.services.templates import checked_schema
from fieldproof.services.work import Work
from fieldproof.storage import Store

LIMITS = Limits(memory_bytes=2_000_000_000, cpu_s=30, wall_s=45)


@dataclass(frozen=True)
class Trial:
    """A document that has been read, and where its text is stored."""

    document_id: str
    filename: str
    key: str
    examples: list[dict[str, Any]]  # what the template has learnt


@dataclass(frozen=True)
class Proposed:
    """``box`` is left, top, right, bottom; ``columns`` are those of a list."""

    name: str
    title: str
    type: str
    value: str
    page: int
    box: list[float] | None
    columns: list[dict[str, Any]]


def prepare(work: Work, document: Document, template: Template | None = None) -> Trial:
    """Raises: Invalid while the document is not read."""
    parsing = documents.ready_parsing(work, document)
    if parsing is None or parsing.key is None:
        raise Invalid({"document": ["This document has not been read yet. Wait a moment, or choose another one."]})
    examples = audit_trail.active_examples(work, template.id) if template is not None else []
    return Trial(str(document.id), document.filename, parsing.key, examples)


def run(trial: Trial, schema_json: dict[str, Any], *, store: Store, sandbox: Sandbox) -> Extraction:
    """What the local engine finds with this schema. Raises: StoreError, ParsingFailed."""
    checked_schema(schema_json)
    sources = [(trial.document_id, trial.filename, store.read(trial.key))]
    options = {"examples": trial.examples, "settings": {}}
    return codec.extraction_from_json(sandbox.run(extract_to_bytes, sources, schema_json, options, limits=LIMITS))


def propose(trial: Trial, *, store: Store, sandbox: Sandbox) -> list[Proposed]:
    """Fields that the document seems to have. Raises: StoreError, ParsingFailed."""
    found = orjson.loads(sandbox.run(propose_to_bytes, store.read(trial.key), limits=LIMITS))
    return [Proposed(**one) for one in found]


def readable_documents(work: Work, workspace: Workspace, limit: int = 100) -> list[Any]:
    """The newest documents that have been read, to choose one from: rows with the columns of a document."""
    wanted = documents.DocumentFilter(status="processed")
    return [item.row for item in documents.list_documents(work, workspace.id, wanted, 1, limit).items]
