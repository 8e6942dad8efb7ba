"""Lists with any filter and any order, asked of the tables as they are; and an order by relevance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session as Db

from fieldproof.search.matches import begin, cursor_of
from fieldproof.search.scope import Scope
from fieldproof.search.text import Query

# sort → the column and its type. Rows that are alike in it follow each other newest first, or oldest first.
SORTS: dict[str, tuple[str, str]] = {
    "created_at": ("e.id", "bigint"),
    "updated_at": ("d.updated_at", "timestamptz"),
    "processed_at": ("coalesce(d.processed_at, '-infinity')", "timestamptz"),
    "filename": ("e.name", "text"),
    "size": ("d.size_bytes", "bigint"),
    "pages": ("coalesce(d.page_count, 0)", "bigint"),
    "status": ("e.status", "text"),
}
_K1, _B, _USUAL_LENGTH = 1.2, 0.75, 2_000


@dataclass(frozen=True)
class Listing:
    """``conditions`` over ``search_entries e`` and ``documents d``, all required. ``after``: the last row seen."""

    conditions: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    sort: str = "created_at"
    is_ascending: bool = False
    after: tuple[str, int] | None = None


def list_ids(db: Db, scope: Scope, listing: Listing, start: int, size: int) -> tuple[int, list[tuple[int, str]]]:
    """The exact total, and the page's ids, each with what it is sorted by."""
    cursor = cursor_of(db)
    if listing.conditions:
        begin(cursor)
    where, parameters = _where(scope, listing)
    counted = cursor.execute(f"SELECT count(*) {where}", parameters).fetchone()
    column, kind = SORTS[listing.sort]
    direction, sign = ("ASC", ">") if listing.is_ascending else ("DESC", "<")
    if listing.after is not None:
        where += f" AND ({column}, e.id) {sign} (%(after)s::{kind}, %(after_id)s)"
        parameters |= {"after": listing.after[0], "after_id": listing.after[1]}
    rows = cursor.execute(
        f"SELECT e.id, ({column})::text {where} ORDER BY {column} {direction}, e.id {direction} LIMIT %(size)s OFFSET %(start)s",
        {**parameters, "size": size, "start": start},
    )
    return (counted[0] if counted else 0), [(row[0], row[1]) for row in rows]


def facets(db: Db, scope: Scope, listing: Listing) -> list[tuple[str, str, int]]:
    """Status, category and how many, for all rows that match."""
    where, parameters = _where(scope, listing)
    rows = cursor_of(db).execute(f"SELECT e.status, e.category, count(*) {where} GROUP BY 1, 2", parameters)
    return [(row[0], row[1], row[2]) for row in rows]


def ranked(db: Db, ids: Sequence[int], query: Query) -> list[tuple[int, float]]:
    """The ids with their scores, best first, newer first among equals.

    A term counts more the more often it stands in a document, with diminishing returns, and less in long ones
    (BM25 without the rarity of words, which all matches share); a name that contains the search counts once more.
    """
    sql = "SELECT id, name, coalesce(content, '') FROM search_entries WHERE id = ANY(%s)"
    rows = cursor_of(db).execute(sql, [list(ids)]).fetchall()
    scored = [(entry, _score(query, name, content)) for entry, name, content in rows]
    return sorted(scored, key=lambda found: (-found[1], -found[0]))


def _score(query: Query, name: str, content: str) -> float:
    length = _K1 * (1 - _B + _B * len(content) / _USUAL_LENGTH)
    often = [content.count(term.pattern) for term in query.terms]
    in_text = sum(n * (_K1 + 1) / (n + length) for n in often) if all(often) else 0.0
    in_name = 1.0 if any(needle in name for needle in query.needles) else 0.0
    return round(in_text + in_name, 4)


def _where(scope: Scope, listing: Listing) -> tuple[str, dict[str, Any]]:
    conditions = " AND ".join(f"({condition})" for condition in (scope.condition, *listing.conditions))
    where = f"FROM search_entries e JOIN documents d ON d.id = e.document_id WHERE {conditions}"
    return where, {**scope.parameters, **listing.parameters}
