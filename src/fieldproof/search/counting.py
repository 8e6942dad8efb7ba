"""How many rows a list has, and where a page of it lies, without counting rows.

Ids are grouped into blocks; each block's number of rows is kept as a sum of steps. A walk over
the blocks gives the exact total and the block in which any page begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session as Db

from fieldproof.search.matches import SETS_LOCK, Cursor, cursor_of
from fieldproof.search.scope import Scope

BLOCK = 4096  # as the triggers and _SCATTERED have it
FOLD_BEYOND = 4_000  # steps that may lie unfolded, beside what each block may need
MOST_KINDS = 50  # of rows in one block: six statuses, eight categories


@dataclass(frozen=True)
class Counts:
    """The rows of a scope with some statuses and categories (none named: all), by block, newest block first."""

    scope: Scope
    statuses: Sequence[str]
    categories: Sequence[str]
    blocks: list[tuple[int, int]] = field(repr=False)

    @property
    def total(self) -> int:
        return sum(n for _, n in self.blocks)


def counts(db: Db, scope: Scope, statuses: Sequence[str] = (), categories: Sequence[str] = ()) -> Counts:
    cursor = cursor_of(db)
    parameters = {**scope.parameters, "statuses": list(statuses), "categories": list(categories)}
    sql = f"SELECT block, sum(n)::int, count(*)::int {_STEPS}{_narrowed('c', statuses, categories)}"
    rows = cursor.execute(sql + " GROUP BY block ORDER BY block DESC", parameters).fetchall()
    if sum(row[2] for row in rows) > MOST_KINDS * len(rows) + FOLD_BEYOND:
        _fold(cursor, scope)
    return Counts(scope, statuses, categories, [(block, n) for block, n, _ in rows if n])


def counts_by_kind(
    db: Db, scope: Scope, statuses: Sequence[str] = (), categories: Sequence[str] = ()
) -> list[tuple[str, str, int]]:
    """Status, category and how many there are."""
    parameters = {**scope.parameters, "statuses": list(statuses), "categories": list(categories)}
    sql = f"SELECT status, category, sum(n)::int {_STEPS}{_narrowed('c', statuses, categories)}"
    rows = cursor_of(db).execute(sql + " GROUP BY 1, 2 HAVING sum(n) <> 0", parameters)
    return [(row[0], row[1], row[2]) for row in rows]


def page_ids(db: Db, counted: Counts, start: int, size: int) -> list[int]:
    """The ids from position ``start`` on, newest first."""
    blocks, skipped = _blocks_at(counted.blocks, start, size)
    return _ids(db, counted, {"blocks": blocks, "start": start - skipped, "size": size}) if blocks else []


def ids_before(db: Db, counted: Counts, before: int, size: int) -> list[int]:
    """The ids below ``before``, newest first: a page that stays the same however many rows arrive."""
    older = [(block, n) for block, n in counted.blocks if block * BLOCK < before]
    reach = sum(n for block, n in older if block == before // BLOCK) + size
    blocks, _ = _blocks_at(older, 0, reach)
    parameters = {"blocks": blocks, "before": before, "start": 0, "size": size}
    return _ids(db, counted, parameters, "e.id < %(before)s") if blocks else []


_STEPS = "FROM search_counts c WHERE workspace_id = ANY(%(workspace_ids)s) AND user_id = %(counted)s"
_SCATTERED = """
    SELECT e.id FROM unnest(%(blocks)s::bigint[]) AS b (block)
    JOIN search_entries e ON e.id >= b.block * 4096 AND e.id < (b.block + 1) * 4096 WHERE true
"""
_NEIGHBOURS = "SELECT e.id FROM search_entries e WHERE e.id >= %(low)s AND e.id < %(high)s"


def _ids(db: Db, counted: Counts, parameters: dict[str, Any], further: str = "true") -> list[int]:
    """Blocks that follow each other are read backwards along the index, just as far as the page needs."""
    blocks = parameters["blocks"]
    is_range = blocks[0] - blocks[-1] == len(blocks) - 1
    sql = _NEIGHBOURS if is_range else _SCATTERED
    sql += f" AND {counted.scope.condition} AND {further}{_narrowed('e', counted.statuses, counted.categories)}"
    known = {
        **counted.scope.parameters, "statuses": list(counted.statuses), "categories": list(counted.categories),
        "low": blocks[-1] * BLOCK, "high": (blocks[0] + 1) * BLOCK, **parameters,
    }  # fmt: skip
    rows = cursor_of(db).execute(sql + " ORDER BY e.id DESC LIMIT %(size)s OFFSET %(start)s", known)
    return [row[0] for row in rows]


def _narrowed(table: str, statuses: Sequence[str], categories: Sequence[str]) -> str:
    of_status = f" AND {table}.status = ANY(%(statuses)s)" if statuses else ""
    return of_status + (f" AND {table}.category = ANY(%(categories)s)" if categories else "")


def _blocks_at(counted: Sequence[tuple[int, int]], start: int, size: int) -> tuple[list[int], int]:
    """The blocks that hold positions start … start + size, and how many rows lie before the first of them."""
    blocks: list[int] = []
    skipped = passed = 0
    for block, n in counted:
        if passed >= start + size:
            break
        if passed + n > start:
            if not blocks:
                skipped = passed
            blocks.append(block)
        passed += n
    return blocks, skipped


def _fold(cursor: Cursor, scope: Scope) -> None:
    """Adds the steps up, and forgets changes that no kept answer needs. Gives way to whoever does it already; a replica leaves it to the primary."""
    row = cursor.execute("SELECT NOT pg_is_in_recovery() AND pg_try_advisory_xact_lock(%s)", [SETS_LOCK]).fetchone()
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
