"""Writing the index: an entry when a file arrives, its words when it has been read."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session as Db

from fieldproof.db.models import Deposit, Document, SearchEntry
from fieldproof.search.text import fold, grams_of, pairs_of, scope_mark, words_of

# PostgreSQL holds one document's words in at most 1 MiB. Beyond this many distinct ones the rest is not searched.
MAX_DISTINCT_WORDS = 40_000


@dataclass(frozen=True, slots=True)
class Words:
    """A document's content as the index has it."""

    lexemes: list[str]
    pairs: list[int]
    content: str


def add_entry(db: Db, document: Document, name: str, *, deposit: Deposit | None = None, is_first: bool) -> None:
    """Makes the document, or a further deposit of it, findable by ``name``; a further one shares what is known.

    The document's row is locked, so that a reading which ends at this moment cannot miss the new entry.
    """
    status = select(Document.status).where(Document.id == document.id).with_for_update(key_share=True)
    folded, mark = fold(name), scope_mark(document.workspace_id)
    sequence = func.pg_get_serial_sequence("deposits", "id")
    values: dict[str, Any] = {
        "id": deposit.id if deposit is not None else func.nextval(sequence),
        "document_id": document.id, "workspace_id": document.workspace_id, "is_first": is_first,
        "user_id": deposit.user_id if deposit is not None else None, "status": db.scalar(status),
        "category": document.category, "name": folded, "grams": [mark + gram for gram in grams_of(folded)],
    }  # fmt: skip
    if not is_first:
        values |= {column: _of_first(document.id, column) for column in ("words", "pairs", "content")}
    db.execute(insert(SearchEntry).values(values))


def index_content(db: Db, document: Document, texts: Iterable[str]) -> None:
    """Makes the document findable by its content; what was found before is replaced.

    Call it when the document's row has been written: that lock keeps new entries out until the end.
    """
    words = words_for(texts, document.workspace_id)
    values = {
        "words": func.array_to_tsvector(cast(literal(words.lexemes, ARRAY(Text)), ARRAY(Text))),
        "pairs": words.pairs, "content": words.content,
    }  # fmt: skip
    entries = update(SearchEntry).where(SearchEntry.document_id == document.id).values(values)
    db.execute(entries.execution_options(synchronize_session=False))


def words_for(texts: Iterable[str], workspace_id: int) -> Words:
    """Words of different texts (of different pages) are no neighbours of each other."""
    mark = scope_mark(workspace_id)
    distinct: dict[str, None] = {}
    pairs: set[int] = set()
    lines: list[str] = []
    for text in texts:
        words = words_of(text)
        if len(distinct) + len(words) > MAX_DISTINCT_WORDS:
            words = _within_limit(words, distinct)
        distinct.update(dict.fromkeys(words))
        pairs.update(pairs_of(words, workspace_id))
        lines.append(" ".join(words))
    content = " " + " \n ".join(line for line in lines if line) + " "
    return Words([mark + word for word in distinct], sorted(pairs), content)


def _within_limit(words: Sequence[str], distinct: dict[str, None]) -> list[str]:
    seen = dict(distinct)
    for n, word in enumerate(words):
        seen[word] = None
        if len(seen) > MAX_DISTINCT_WORDS:
            return list(words[:n])
    return list(words)


def _of_first(document_id: uuid.UUID, column: str) -> Any:
    """Found by the document, not by who was first: that one's column is as good as any other's."""
    found = select(getattr(SearchEntry, column)).where(SearchEntry.document_id == document_id)
    return found.order_by(SearchEntry.is_first.desc()).limit(1).scalar_subquery()
