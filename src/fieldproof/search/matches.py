"""All rows that match a query, as ascending ids: the exact total, and any page of it.

Broad queries touch a large part of the index, so their answers are kept, as they were before some
transaction. Whatever later transactions touched is looked at again, and nothing else: a stored
answer is never out of date and costs next to nothing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import zstandard
from sqlalchemy.orm import Session as Db

from fieldproof.search.scope import Scope
from fieldproof.search.text import Joined, Query, Term, grams_for, pairs_of, scope_mark

WORTH_KEEPING_S = 0.01
MOST_CHANGES = 5_000  # more than these are looked at all at once, by asking anew
KEPT_FOR = "1 hour"
SETS_LOCK = 0x46_50_00_02  # shared by those who keep answers, exclusive for whoever forgets old changes

Ids = np.ndarray
Cursor: TypeAlias = Any  # psycopg's, whose own type wants SQL to be literal
NONE: Ids = np.array([], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL over ``search_entries e``: one or more conditions of which any suffices, each served by an index."""

    any_of: tuple[str, ...]
    parameters: dict[str, Any]

    @property
    def sql(self) -> str:
        return "(" + " OR ".join(f"({part})" for part in self.any_of) + ")"


def condition_for(
    query: Query, scope: Scope, statuses: Sequence[str] = (), categories: Sequence[str] = ()
) -> Condition:
    """Raises nothing: a query without words matches names only, one without anything matches nothing."""
    parameters: dict[str, Any] = {"statuses": list(statuses), "categories": list(categories)}
    parts = [_content(query.terms, scope, parameters)] if query.terms else []
    parts += [_name(n, needle, scope, parameters) for n, needle in enumerate(query.needles)]
    narrowed = " AND e.status = ANY(%(statuses)s)" if statuses else ""
    narrowed += " AND e.category = ANY(%(categories)s)" if categories else ""
    return Condition(tuple(part + narrowed for part in parts) or ("false",), parameters)


def matching(db: Db, scope: Scope, condition: Condition) -> Ids:
    """The ids of all entries of the scope that match."""
    cursor = cursor_of(db)
    may_keep = begin(cursor)
    parameters = {**scope.parameters, **condition.parameters}
    fresh = f"SELECT e.id FROM touched JOIN search_entries e USING (id) WHERE {scope.condition} AND {condition.sql}"  # noqa: S608
    # One condition at a time: together they would be checked again row by row, which costs more than the search.
    found = [
        f"SELECT string_agg(int8send(e.id), ''::bytea) FROM search_entries e WHERE {scope.condition} AND ({part})"  # noqa: S608
        for part in condition.any_of
    ]
    return kept(
        cursor, (scope, condition.any_of, condition.parameters), parameters, fresh=fresh,
        anew=lambda: ask(cursor, found, parameters), may_keep=may_keep,
    )  # fmt: skip


def kept(
    cursor: Cursor, asked: object, parameters: dict[str, Any], *, fresh: str,
    anew: Callable[[], tuple[str, Ids]], may_keep: bool | None, is_run: bool = False,
) -> Ids:  # fmt: skip
    """The kept answer to what is ``asked``, brought up to date, or a new one.

    ``fresh`` selects the matching ids among the table ``touched``; ``is_run``: they are numbers of runs.
    """
    if may_keep is None:
        return anew()[1]
    key = hashlib.sha256(repr(asked).encode()).hexdigest()
    sign = "<" if is_run else ">"
    workspace_ids = parameters["workspace_ids"]
    known = cursor.execute(
        _KNOWN.format(fresh=fresh, sign=sign), {**parameters, "key": key, "most": MOST_CHANGES}
    ).fetchone()
    if known is not None and len(known[2]) < MOST_CHANGES:
        ids = unpacked(known[1])
        if known[2]:
            ids = _replaced(ids, known[2], known[3])
            if may_keep and len(known[2]) > MOST_CHANGES // 50:
                _keep(cursor, workspace_ids, key, known[0], ids)
        return ids
    started = time.perf_counter()
    as_of, ids = anew()
    if may_keep and time.perf_counter() - started > WORTH_KEEPING_S:
        _keep(cursor, workspace_ids, key, as_of, ids)
    return ids


def ask(cursor: Cursor, found: Sequence[str], parameters: dict[str, Any]) -> tuple[str, Ids]:
    """What all of ``found`` find together, in one snapshot, and the transaction before which it is complete."""
    columns = ", ".join(f"({part})" for part in found)
    sql = f"SELECT pg_snapshot_xmin(pg_current_snapshot())::text, {columns}"
    row = cursor.execute(sql, parameters, binary=True).fetchone()
    assert row is not None
    parts = [np.frombuffer(part, dtype=">i8").astype(np.int64) for part in row[1:] if part]
    return row[0], np.unique(np.concatenate(parts)) if parts else NONE


def cursor_of(db: Db) -> Cursor:
    """The driver's own cursor, in the transaction of ``db``: results come as bytes, without a detour."""
    connection: Any = db.connection().connection.driver_connection
    return connection.cursor()


def packed(ids: Ids) -> bytes:
    """Differences, byte plane by byte plane, compressed: about a byte for each id of a broad answer."""
    if len(ids) == 0:
        return b""
    steps = np.diff(ids, prepend=0).astype("<u8")
    planes = steps.view(np.uint8).reshape(-1, 8).T
    used = max(1, int(np.flatnonzero(planes.any(axis=1)).max(initial=0)) + 1)
    head = np.array([used], dtype=np.uint8).tobytes()
    return head + zstandard.ZstdCompressor(level=1, write_content_size=True).compress(planes[:used].tobytes())


def unpacked(data: bytes) -> Ids:
    if not data:
        return NONE
    used = data[0]
    planes = np.frombuffer(zstandard.ZstdDecompressor().decompress(data[1:]), dtype=np.uint8).reshape(used, -1)
    steps = np.zeros((planes.shape[1], 8), dtype=np.uint8)
    steps[:, :used] = planes.T
    return np.cumsum(steps.view("<u8").reshape(-1).astype(np.int64))


def begin(cursor: Cursor) -> bool | None:
    """Whether answers may be kept now: not where somebody forgets old changes. None on a replica, which has none.

    The indexes here are always the better way, whatever the planner estimates; and a map of matching rows that does
    not fit into memory would have every row of a page looked at again.
    """
    sql = """
        SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_try_advisory_xact_lock_shared(%s) END, set_config('enable_seqscan', 'off', true),
            set_config('work_mem', '64MB', true)
    """
    row = cursor.execute(sql, [SETS_LOCK]).fetchone()
    return row[0] if row else None


_KNOWN = """
    WITH kept AS MATERIALIZED (SELECT as_of, ids FROM search_sets WHERE key = %(key)s),
    touched AS MATERIALIZED (
        SELECT DISTINCT abs(c.entry_id) AS id FROM kept, search_changes c
        WHERE c.workspace_id = ANY(%(workspace_ids)s) AND c.xid >= kept.as_of AND c.entry_id {sign} 0 LIMIT %(most)s
    )
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text, kept.ids, ARRAY(SELECT id FROM touched ORDER BY id),
        ARRAY(SELECT id FROM ({fresh}) AS fresh ORDER BY id)
    FROM kept
"""


def _replaced(ids: Ids, touched: Sequence[int], matching_now: Sequence[int]) -> Ids:
    left = ids[~np.isin(ids, np.array(touched, dtype=np.int64), assume_unique=True, kind="sort")] if len(ids) else ids
    more = np.array(matching_now, dtype=np.int64)
    return np.insert(left, np.searchsorted(left, more), more) if len(more) else left


def _keep(cursor: Cursor, workspace_ids: list[int], key: str, as_of: str, ids: Ids) -> None:
    cursor.execute("DELETE FROM search_sets WHERE made_at < now() - %s::interval", [KEPT_FOR])
    cursor.execute(
        """
        INSERT INTO search_sets (key, workspace_ids, as_of, ids, made_at) VALUES (%s, %s, %s::xid8, %s, now())
        ON CONFLICT (key) DO UPDATE SET as_of = excluded.as_of, ids = excluded.ids, made_at = excluded.made_at
        """,
        [key, workspace_ids, as_of, packed(ids)],
    )


def _content(terms: Sequence[Term], scope: Scope, parameters: dict[str, Any]) -> str:
    """Words, and what underscores join, by the index of words; phrases by their pairs and by reading the few that have
    them all."""
    phrases = [term for term in terms if len(term.words) > 1]
    by_words = [term for term in terms if len(term.words) == 1 or term.is_open or term.joined]
    parts: list[str] = []
    if by_words:
        marks = [scope_mark(w) for w in scope.workspace_ids]
        parameters["words"] = " | ".join(f"({' & '.join(_lexemes(by_words, mark))})" for mark in marks)
        parts.append("e.words @@ %(words)s::tsquery")
    if phrases:
        parts += _pairs(phrases, scope, parameters)
    for n, term in enumerate(phrases):
        parameters[f"phrase{n}"] = f"%{term.pattern}%"
        parts.append(f"e.content LIKE %(phrase{n})s")
    return " AND ".join(parts)


def _lexemes(terms: Sequence[Term], mark: str) -> list[str]:
    """Words hold letters, digits and underscores only, so that quoting them is enough."""
    found: dict[str, None] = {}
    for term in terms:
        if term.joined:
            found.update(dict.fromkeys(_lexeme(joined, mark) for joined in term.joined))
        else:
            *closed, last = [f"'{mark}{word}'" for word in term.words]
            found.update(dict.fromkeys([*closed, last + (":*" if term.is_open else "")]))
    return list(found)


def _lexeme(joined: Joined, mark: str) -> str:
    """It may go on behind another underscore: ``a_b`` stands in ``a_b_c``, and not in ``a_bc``."""
    text = mark + joined.text
    return f"'{text}':*" if joined.is_open else f"('{text}' | '{text}_':*)"


def _pairs(phrases: Sequence[Term], scope: Scope, parameters: dict[str, Any]) -> list[str]:
    choices: list[str] = []
    for n, workspace_id in enumerate(scope.workspace_ids):
        pairs = {p for term in phrases for p in pairs_of(term.words[: -1 if term.is_open else None], workspace_id)}
        if pairs:
            parameters[f"pairs{n}"] = sorted(pairs)
            choices.append(f"e.pairs @> %(pairs{n})s::int[]")
    return [f"({' OR '.join(choices)})"] if choices else []


def _name(n: int, needle: str, scope: Scope, parameters: dict[str, Any]) -> str:
    escaped = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    parameters[f"name{n}"] = f"%{escaped}%"
    choices: list[str] = []
    for w, workspace_id in enumerate(scope.workspace_ids):
        mark = scope_mark(workspace_id)
        parameters[f"grams{n}_{w}"] = [mark + gram for gram in grams_for(needle)]
        choices.append(f"e.grams @> %(grams{n}_{w})s")
    return f"({' OR '.join(choices)}) AND e.name LIKE %(name{n})s"
