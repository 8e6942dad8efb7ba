"""Which template a document is for: the one whose words it has, or whose documents it looks like."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from fieldproof.core.errors import Transient
from fieldproof.core.schema import parse_schema
from fieldproof.db.models import Chunk, Document, Parsing, Result, Session, Template
from fieldproof.services import results, sessions
from fieldproof.services.work import Work

MOST_TEMPLATES, MOST_DOCUMENTS, MOST_CHUNKS = 30, 3, 4
LEAST = 0.08  # below it nothing fits
_WORD = re.compile(r"[^\W\d_]{3,}")


def run_best_template(work: Work, document_id: uuid.UUID) -> Session | None:
    """None when the document is gone or cannot be read, or no template fits. Raises: Transient until it is read."""
    document = work.db.get(Document, document_id)
    if document is None or document.status == "failed":
        return None
    if document.status != "processed":
        raise Transient
    template = best_template(work, document)
    if template is None:
        return None
    session = sessions.add_session(work, template, document.filename, {"auto_extract": True})
    sessions.attach(work, session, [document])
    results.run(work, session)
    return session


def best_template(work: Work, document: Document) -> Template | None:
    query = select(Template).where(Template.workspace_id == document.workspace_id)
    templates = list(work.db.scalars(query.order_by(Template.created_at.desc()).limit(MOST_TEMPLATES)))
    own = _words_of_document(work, document.id)
    scored = [(_fit(work, own, template), -n, template) for n, template in enumerate(templates)]
    best = max(scored, key=lambda s: s[:2], default=None)
    return best[2] if best is not None and best[0] >= LEAST else None


def _fit(work: Work, own: set[str], template: Template) -> float:
    """Likeness to documents that it was run on counts as much as how many of its labels are there."""
    labels = _words_of_schema(template.schema_json)
    covered = len(labels & own) / len(labels) if labels else 0.0
    known = select(Result.document_ids).where(Result.template_id == template.id, Result.status == "completed")
    latest = work.db.scalars(known.order_by(Result.created_at.desc()).limit(MOST_DOCUMENTS))
    likeness = max((_likeness(own, _words_of_document(work, ids[0])) for ids in latest if ids), default=0.0)
    return max(covered, 1.5 * likeness)


def _likeness(own: set[str], other: set[str]) -> float:
    return len(own & other) / len(own | other) if own and other else 0.0


def _words_of_document(work: Work, document_id: uuid.UUID) -> set[str]:
    """Of its first pages."""
    query = select(Chunk.content).join(Parsing, Parsing.id == Chunk.parsing_id)
    query = query.where(Parsing.document_id == document_id, Parsing.status == "ready")
    return _words(work.db.scalars(query.order_by(Chunk.index).limit(MOST_CHUNKS)))


def _words_of_schema(schema_json: dict[str, Any]) -> set[str]:
    schema = parse_schema(schema_json)
    fields: Sequence[tuple[tuple[str, ...], Any]] = list(schema.leaves())
    return _words(f"{' '.join(path[1:])} {one.title or ''}".replace("_", " ") for path, one in fields)


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text.casefold())}
