"""Writing the index: an entry when a file arrives, its words when it has been read."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Text, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session as Db

from fieldproof.db.models import Deposit, Document, SearchEntry
from fieldproof.search.text import fold, grams_of, joined_in, pairs_of, scope_mark, words_in

# PostgreSQL holds one document's words in less than 1 MiB, and does not say when they are more: what lies beyond is
# found at random. Beyond this many distinct ones, or this many bytes, the rest is not searched.
MAX_DISTINCT_WORDS = 40_000
MAX_SIZE_BYTES = 2**20 - 1


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
    """Words of different texts (of different pages) are no neighbours of each other.

    What underscores join is among the lexemes beside its words; pairs and content have the words alone.
    """
    distinct = _Distinct(scope_mark(workspace_id))
    pairs: set[int] = set()
    lines: list[str] = []
    for text in texts:
        folded = fold(text)
        words = distinct.take(words_in(folded))
        distinct.take(joined_in(folded))
        pairs.update(pairs_of(words, workspace_id))
        lines.append(" ".join(words))
    content = " " + " \n ".join(line for line in lines if line) + " "
    return Words([distinct.mark + word for word in distinct.words], sorted(pairs), content)


@dataclass
class _Distinct:
    """As many words as PostgreSQL holds for one document, each with the mark in front."""

    mark: str
    words: dict[str, None] = field(default_factory=dict)
    size_bytes: int = 0

    def take(self, words: Sequence[str]) -> Sequence[str]:
        """Those that fit, from the first to the last before one that does not."""
        new = [word for word in dict.fromkeys(words) if word not in self.words]
        size_bytes = sum(map(self._size_bytes, new))
        if not self._has_room(len(new), size_bytes):
            return self._take_one_by_one(words)
        self.words.update(dict.fromkeys(new))
        self.size_bytes += size_bytes
        return words

    def _take_one_by_one(self, words: Sequence[str]) -> Sequence[str]:
        for n, word in enumerate(words):
            if word in self.words:
                continue
            size_bytes = self._size_bytes(word)
            if not self._has_room(1, size_bytes):
                return words[:n]
            self.words[word] = None
            self.size_bytes += size_bytes
        return words

    def _has_room(self, count: int, size_bytes: int) -> bool:
        return len(self.words) + count <= MAX_DISTINCT_WORDS and self.size_bytes + size_bytes <= MAX_SIZE_BYTES

    def _size_bytes(self, word: str) -> int:
        return len(self.mark) + len(word.encode())


def _of_first(document_id: uuid.UUID, column: str) -> Any:
    """Found by the document, not by who was first: that one's column is as good as any other's."""
    found = select(getattr(SearchEntry, column)).where(SearchEntry.document_id == document_id)
    return found.order_by(SearchEntry.is_first.desc()).limit(1).scalar_subquery()
