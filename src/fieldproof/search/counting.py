"""How many rows a list has, and where a page of it lies, without counting rows.

Ids are grouped into blocks; each block's number of rows is kept as a sum of steps. A walk over
the blocks gives the exact total and the block in which any page begins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session as Db

from fieldproof.search.matches import SETS_LOCK, Cursor, cursor_of
from fieldproof.search.scope import Scope

BLOCK = 4096  # as the triggers and _WITHIN have it
FOLD_BEYOND = 4_000  # steps that may lie unfolded


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one block that are alike."""

    block: int
    status: str
    category: str
    n: int


@dataclass(frozen=True)
class Counts:
    groups: list[Group] = field(repr=False)

    @property
    def total(self) -> int:
        return sum(group.n for group in self.groups)

    def by(self, kind: Callable[[Group], str]) -> dict[str, int]:
        sums: dict[str, int] = {}
        for group in self.groups:
            sums[kind(group)] = sums.get(kind(group), 0) + group.n
        return {name: n for name, n in sorted(sums.items()) if n}

    def only(self, statuses: Collection[str] = (), categories: Collection[str] = ()) -> Counts:
        kept = [
            g
            for g in self.groups
            if (not statuses or g.status in statuses) and (not categories or g.category in categories)
        ]
        return Counts(kept)


def counts(db: Db, scope: Scope) -> Counts:
    """Of the scope's rows by block (newest first), status and category."""
    cursor = cursor_of(db)
    rows = cursor.execute(_SUMS, scope.parameters).fetchall()
    if rows and sum(row[4] for row in rows) > len(rows) + FOLD_BEYOND:
        _fold(cursor, scope)
    return Counts([Group(block, status, category, n) for block, status, category, n, _ in rows if n])


def page_ids(
    db: Db,
    scope: Scope,
    counted: Counts,
    start: int,
    size: int,
    *,
    statuses: Sequence[str] = (),
    categories: Sequence[str] = (),
) -> list[int]:
    """The ids from position ``start`` on, newest first. ``counted`` is of rows with these statuses and categories."""
    blocks, skipped = _blocks_at(counted, start, size)
    if not blocks:
        return []
    parameters = {"blocks": blocks, "start": start - skipped, "size": size}
    return _ids(db, scope, parameters, statuses, categories)


def ids_before(
    db: Db,
    scope: Scope,
    counted: Counts,
    before: int,
    size: int,
    *,
    statuses: Sequence[str] = (),
    categories: Sequence[str] = (),
) -> list[int]:
    """The ids below ``before``, newest first: a page that stays the same however many rows arrive."""
    older = Counts([group for group in counted.groups if group.block * BLOCK < before])
    reach = sum(group.n for group in older.groups if group.block == before // BLOCK) + size
    blocks, _ = _blocks_at(older, 0, reach)
    parameters = {"blocks": blocks, "before": before, "start": 0, "size": size}
    return _ids(db, scope, parameters, statuses, categories, "e.id < %(before)s") if blocks else []


_SUMS = """
    SELECT block, status, category, sum(n)::int, count(*)::int FROM search_counts
    WHERE workspace_id = ANY(%(workspace_ids)s) AND user_id = %(counted)s
    GROUP BY block, status, category ORDER BY block DESC
"""


_WITHIN = """
    SELECT e.id FROM unnest(%(blocks)s::bigint[]) AS b (block)
    JOIN search_entries e ON e.id >= b.block * 4096 AND e.id < (b.block + 1) * 4096
"""


def _ids(
    db: Db,
    scope: Scope,
    parameters: dict[str, Any],
    statuses: Sequence[str],
    categories: Sequence[str],
    further: str = "true",
) -> list[int]:
    sql = f"{_WITHIN} WHERE {scope.condition} AND {further}"
    if statuses:
        sql += " AND e.status = ANY(%(statuses)s)"
    if categories:
        sql += " AND e.category = ANY(%(categories)s)"
    sql += " ORDER BY e.id DESC LIMIT %(size)s OFFSET %(start)s"
    known = {**scope.parameters, **parameters, "statuses": list(statuses), "categories": list(categories)}
    return [row[0] for row in cursor_of(db).execute(sql, known)]


def _blocks_at(counted: Counts, start: int, size: int) -> tuple[list[int], int]:
    """The blocks that hold positions start … start + size, and how many rows lie before the first of them."""
    rows: dict[int, int] = {}
    for group in counted.groups:
        rows[group.block] = rows.get(group.block, 0) + group.n
    blocks: list[int] = []
    skipped = passed = 0
    for block, n in rows.items():
        if passed >= start + size:
            break
        if passed + n > start:
            if not blocks:
                skipped = passed
            blocks.append(block)
        passed += n
    return blocks, skipped


def _fold(cursor: Cursor, scope: Scope) -> None:
    """Adds the steps up, and forgets changes that no stored answer needs. Gives way to whoever does it already."""
    row = cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SETS_LOCK]).fetchone()
    if not row or not row[0]:
        return
    cursor.execute(
        """
        WITH gone AS (
            DELETE FROM search_counts WHERE workspace_id = ANY(%(workspace_ids)s)
            RETURNING workspace_id, user_id, block, status, category, n
        )
        INSERT INTO search_counts (workspace_id, user_id, block, status, category, n)
        SELECT workspace_id, user_id, block, status, category, sum(n) FROM gone
        GROUP BY workspace_id, user_id, block, status, category HAVING sum(n) <> 0
        """,
        scope.parameters,
    )
    cursor.execute(
        """
        DELETE FROM search_changes c WHERE c.workspace_id = ANY(%(workspace_ids)s) AND c.xid < (
            SELECT coalesce(min(s.as_of), pg_snapshot_xmin(pg_current_snapshot())) FROM search_sets s
            WHERE s.workspace_ids && %(workspace_ids)s::bigint[] AND s.made_at > now() - interval '1 hour'
        )
        """,
        scope.parameters,
    )
