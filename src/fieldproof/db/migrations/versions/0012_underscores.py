"""Underscores: documents read before are found by the words that underscores join, as new ones are.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# How ``fieldproof.search.text`` folds and joins at this revision; what it becomes later must not change what happened.
_MAX_WORD = 64
_MAX_DISTINCT_WORDS = 40_000
_MAX_SIZE_BYTES = 2**20 - 1
_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_ALONE}]|(?:(?![{_ALONE}])[^\W_])+")
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_PLAIN = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h"})
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_UNDERSCORES = "[_\ufe33\ufe34\ufe4d\ufe4e\ufe4f\uff3f]"  # all that folding makes one of

_DOCUMENTS_AT_ONCE = 1_000
_CHUNKS_AT_ONCE = 100
_WORDS_AT_ONCE = 20_000


def upgrade() -> None:
    # Each batch is a transaction of its own: nobody waits long, and what was done is kept if the migration is stopped.
    with op.get_context().autocommit_block():
        db = op.get_bind()
        waiting: list[dict[str, Any]] = []
        for document in _documents(db):
            words = _joined_words(db, document)
            if words:
                waiting.append({"id": str(document.id), "words": words})
            if sum(len(each["words"]) for each in waiting) >= _WORDS_AT_ONCE:
                db.execute(_ADD, {"documents": json.dumps(waiting)})
                waiting = []
        if waiting:
            db.execute(_ADD, {"documents": json.dumps(waiting)})


def downgrade() -> None:
    """Nothing: a search of the revision before asks for words, which stand beside these."""


# Kept answers stay true: the trigger on ``words`` notes each change.
_ADD = sa.text(
    """
    UPDATE search_entries e SET words = e.words || array_to_tsvector(
        ARRAY(SELECT jsonb_array_elements_text(d.words))
    )
    FROM jsonb_to_recordset(CAST(:documents AS jsonb)) AS d (id uuid, words jsonb)
    WHERE e.document_id = d.id AND e.words IS NOT NULL
    """
)
# The reading that was indexed last: its chunks are what the words are of.
_WITH_UNDERSCORES = sa.text(
    """
    SELECT d.id, d.workspace_id, p.id AS parsing_id
    FROM unnest(CAST(:ids AS uuid[])) AS wanted (id) JOIN documents d USING (id)
    JOIN LATERAL (
        SELECT id FROM parsings WHERE document_id = d.id AND status = 'ready' ORDER BY finished_at DESC LIMIT 1
    ) p ON true
    WHERE EXISTS (SELECT FROM chunks c WHERE c.parsing_id = p.id AND c.content ~ :underscores)
    """
)
_ROOM = sa.text(
    """
    SELECT count(*), coalesce(sum(octet_length(word)), 0) FROM unnest(tsvector_to_array(
        (SELECT words FROM search_entries WHERE document_id = :id AND words IS NOT NULL LIMIT 1)
    )) AS word
    """
)
_CHUNKS = sa.text(
    """
    SELECT index, content FROM chunks WHERE parsing_id = :parsing_id AND index > :after AND content ~ :underscores
    ORDER BY index LIMIT :most
    """
)
_DOCUMENTS = sa.text("SELECT id FROM documents WHERE id > :after ORDER BY id LIMIT :most")


def _documents(db: sa.Connection) -> Iterator[Any]:
    """Those whose text has underscores."""
    after: Any = "00000000-0000-0000-0000-000000000000"
    while ids := db.scalars(_DOCUMENTS, {"after": after, "most": _DOCUMENTS_AT_ONCE}).all():
        yield from db.execute(_WITH_UNDERSCORES, {"ids": list(ids), "underscores": _UNDERSCORES}).all()
        after = ids[-1]


def _joined_words(db: sa.Connection, document: Any) -> list[str]:
    """As many as PostgreSQL holds for one document beside its words."""
    count, size_bytes = db.execute(_ROOM, {"id": document.id}).one()
    mark = _mark(document.workspace_id)
    found: dict[str, None] = {}
    for content in _contents(db, document):
        for word in _joined_in(_fold(content)):
            if word in found:
                continue
            count, size_bytes = count + 1, size_bytes + len(mark) + len(word.encode())
            if count > _MAX_DISTINCT_WORDS or size_bytes > _MAX_SIZE_BYTES:
                return [mark + each for each in found]
            found[word] = None
    return [mark + each for each in found]


def _contents(db: sa.Connection, document: Any) -> Iterator[str]:
    asked = {"parsing_id": document.parsing_id, "underscores": _UNDERSCORES, "most": _CHUNKS_AT_ONCE}
    after = -1
    while chunks := db.execute(_CHUNKS, {**asked, "after": after}).all():
        for _, content in chunks:
            yield content
        after = chunks[-1].index


def _mark(workspace_id: int) -> str:
    digits = ""
    while workspace_id:
        workspace_id, rest = divmod(workspace_id, 36)
        digits = _DIGITS[rest] + digits
    return f"{digits}:"


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", plain).translate(_PLAIN))


def _joined_in(folded: str) -> Iterator[str]:
    for piece in folded.split():
        if "_" in piece:
            found = list(_WORD.finditer(piece))
            joints = [_joint(piece[a.end() : b.start()]) for a, b in itertools.pairwise(found)]
            words = [m[0][:_MAX_WORD] for m in found]
            yield from (_joined_at(n, words, joints) for n, joint in enumerate(joints) if joint)


def _joint(between: str) -> str:
    return between if not between.strip("_") else ""


def _joined_at(first: int, words: Sequence[str], joints: Sequence[str]) -> str:
    text, last = words[first], first
    while last < len(joints) and joints[last] and len(text) < _MAX_WORD:
        text += joints[last] + words[last + 1]
        last += 1
    return text[:_MAX_WORD]
