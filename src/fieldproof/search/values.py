"""Extracted values: what is indexed of them, and the runs that have values like these."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session as Db

from fieldproof.db.models import FieldValue, Result, SearchResult, SearchValue
from fieldproof.search.matches import NONE, Cursor, Ids, ask, begin, cursor_of, kept
from fieldproof.search.text import fold, scope_mark
from fieldproof.search.valuequery import And, Compare, Expression, Not, Or, comparisons

_WIDE = 20_000_000  # ids may be this far apart before a table of truth is too large
_POSITIONS = re.compile(r"\.\d+(?=\.|$)")


@dataclass(frozen=True, slots=True)
class Hit:
    """A value that satisfies one of the comparisons."""

    run: int
    value_id: int


def index_result(db: Db, result: Result) -> None:
    """Makes a completed run findable by its values, in place of the session's earlier runs."""
    same = select(Result.id).where(Result.session_id == result.session_id)
    db.execute(delete(SearchResult).where(SearchResult.result_id.in_(same)))
    run = SearchResult(result_id=result.id, workspace_id=result.workspace_id)
    db.add(run)
    db.flush()
    values = db.execute(
        select(FieldValue.id, FieldValue.path, FieldValue.value).where(FieldValue.result_id == result.id)
    )
    rows = [_row(run, *value) for value in values if value.value is not None]
    if rows:
        db.execute(insert(SearchValue), rows)


@dataclass(frozen=True, slots=True)
class Answer:
    """Ascending numbers of the runs for which an expression holds. ``fields`` are all that the workspace has."""

    runs: Ids
    fields: list[str]


def runs_matching(db: Db, workspace_id: int, expression: Expression) -> Answer:
    cursor = cursor_of(db)
    may_keep = begin(cursor)
    fields = _fields(cursor, workspace_id)

    def runs(part: Expression) -> Ids:
        match part:
            case And(parts):
                return _combined(np.logical_and, [runs(p) for p in parts])
            case Or(parts):
                return _combined(np.logical_or, [runs(p) for p in parts])
            case Not(inner):
                return _without(_all_runs(cursor, workspace_id), runs(inner))
            case Compare():
                return _compared(cursor, workspace_id, part, fields, may_keep=may_keep)

    return Answer(runs(expression), fields)


def hits_in(db: Db, workspace_id: int, runs: list[int], expression: Expression, fields: list[str]) -> list[Hit]:
    """The values of these few runs that satisfy a comparison of the expression."""
    parameters: dict[str, Any] = {"workspace_id": workspace_id, "runs": runs}
    conditions = [_condition(c, fields, parameters, n, workspace_id) for n, c in enumerate(comparisons(expression))]
    if not conditions or not runs:
        return []
    sql = f"""
        WITH v AS MATERIALIZED (SELECT * FROM search_values WHERE run = ANY(%(runs)s))
        SELECT v.run, v.id FROM v WHERE {" OR ".join(conditions)} ORDER BY v.run DESC, v.id
    """  # noqa: S608
    return [Hit(*row) for row in cursor_of(db).execute(sql, parameters)]


def grams_for_value(folded: str, workspace_id: int) -> list[str]:
    """All its runs of three characters, with the workspace in front."""
    mark = scope_mark(workspace_id)
    return list(dict.fromkeys(mark + folded[n : n + 3] for n in range(len(folded) - 2)))


def _row(run: SearchResult, value_id: int, path: str, value: Any) -> dict[str, Any]:
    number, text = _facts(value)
    grams = [] if number is not None else grams_for_value(text, run.workspace_id)
    return {
        "id": value_id, "run": run.id, "workspace_id": run.workspace_id, "field": _POSITIONS.sub("", path),
        "number": number, "text": text, "grams": grams,
    }  # fmt: skip


def _facts(value: Any) -> tuple[float | None, str]:
    """The number, where the value is one or an amount of money, and the folded text."""
    match value:
        case bool():
            return None, str(value).lower()
        case int() | float():
            return float(value), _plain(value)
        case {"amount": int() | float() as amount, **rest}:
            return float(amount), fold(" ".join([_plain(amount), *(str(v) for v in rest.values() if v is not None)]))
        case dict():
            return None, fold(" ".join(str(v) for v in value.values() if v is not None))
        case list():
            return None, fold(" ".join(str(v) for v in value if v is not None))
        case _:
            return None, fold(str(value))


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() and abs(number) < 2**53 else str(number)


def _fields(cursor: Cursor, workspace_id: int) -> list[str]:
    """All fields of the workspace: one index look-up for each."""
    rows = cursor.execute(
        """
        WITH RECURSIVE names (field) AS (
            (SELECT field FROM search_values WHERE workspace_id = %(w)s ORDER BY field LIMIT 1)
            UNION ALL
            SELECT (SELECT field FROM search_values WHERE workspace_id = %(w)s AND field > names.field ORDER BY field LIMIT 1)
            FROM names WHERE names.field IS NOT NULL
        ) SELECT field FROM names WHERE field IS NOT NULL
        """,
        {"w": workspace_id},
    )
    return [row[0] for row in rows]


def _compared(cursor: Cursor, workspace_id: int, compare: Compare, fields: list[str], *, may_keep: bool | None) -> Ids:
    parameters: dict[str, Any] = {"workspace_id": workspace_id, "workspace_ids": [workspace_id]}
    condition = _condition(compare, fields, parameters, 0, workspace_id)
    fresh = f"SELECT DISTINCT v.run AS id FROM touched JOIN search_values v ON v.run = touched.id WHERE {condition}"  # noqa: S608
    found = f"SELECT string_agg(int8send(v.run), ''::bytea) FROM search_values v WHERE {condition}"  # noqa: S608
    return kept(
        cursor, ("values", workspace_id, condition, repr(parameters)), parameters, fresh=fresh, is_run=True,
        anew=lambda: ask(cursor, [found], parameters), may_keep=may_keep,
    )  # fmt: skip


def _condition(compare: Compare, fields: list[str], parameters: dict[str, Any], n: int, workspace_id: int) -> str:
    named = [f for f in fields if f.lower() == compare.field or f.lower().endswith("." + compare.field)]
    parameters[f"fields{n}"], parameters[f"literal{n}"] = named, compare.literal
    of_field = f"v.workspace_id = %(workspace_id)s AND v.field = ANY(%(fields{n})s)"
    match compare.operator, compare.literal:
        case "~", _:
            return f"{of_field} AND {_contains(compare, parameters, n, workspace_id)}"
        case "=", float():
            parameters[f"text{n}"] = compare.spelling
            return f"{of_field} AND (v.number = %(literal{n})s OR ({_SHORT} = left(%(text{n})s, 200) AND v.number IS NULL))"
        case operator, float():
            return f"{of_field} AND v.number {operator} %(literal{n})s"
        case "=", _:
            return f"{of_field} AND {_SHORT} = left(%(literal{n})s, 200) AND v.text = %(literal{n})s"
        case operator, _:
            # Only dates have an order that a text shows.
            return f"{of_field} AND {_SHORT} {operator} %(literal{n})s AND v.text ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}'"


_SHORT = "left(v.text, 200)"


def _contains(compare: Compare, parameters: dict[str, Any], n: int, workspace_id: int) -> str:
    needle = str(compare.literal)
    escaped = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    parameters[f"literal{n}"] = f"%{escaped}%"
    like = f"v.text LIKE %(literal{n})s"
    grams = grams_for_value(needle, workspace_id)
    if not grams:
        return like
    parameters[f"grams{n}"] = grams
    return f"v.number IS NULL AND v.grams @> %(grams{n})s::text[] AND {like}"


def _all_runs(cursor: Cursor, workspace_id: int) -> Ids:
    parameters = {"workspace_id": workspace_id, "workspace_ids": [workspace_id]}
    sql = "SELECT string_agg(int8send(r.id), ''::bytea) FROM search_results r WHERE r.workspace_id = %(workspace_id)s"
    fresh = (
        "SELECT r.id FROM touched JOIN search_results r ON r.id = touched.id WHERE r.workspace_id = %(workspace_id)s"
    )
    return kept(
        cursor, ("runs", workspace_id), parameters, fresh=fresh, is_run=True,
        anew=lambda: ask(cursor, [sql], parameters), may_keep=True,
    )  # fmt: skip


def _combined(rule: np.ufunc, parts: list[Ids]) -> Ids:
    """By a table of truth where the ids lie close enough together, else by sorting."""
    found = [part for part in parts if len(part)]
    if len(found) < len(parts) and rule is np.logical_and:
        return NONE
    if len(found) <= 1:
        return found[0] if found else NONE
    low, high = min(int(p[0]) for p in found), max(int(p[-1]) for p in found)
    if high - low > _WIDE:
        merge = np.intersect1d if rule is np.logical_and else np.union1d
        result = found[0]
        for part in found[1:]:
            result = merge(result, part)
        return result
    holds = _table(found[0], low, high)
    for part in found[1:]:
        rule(holds, _table(part, low, high), out=holds)
    return holds.nonzero()[0] + low


def _without(ids: Ids, others: Ids) -> Ids:
    if not len(ids) or not len(others):
        return ids
    if ids[-1] - ids[0] > _WIDE:
        return np.setdiff1d(ids, others, assume_unique=True)
    low, high = int(ids[0]), int(ids[-1])
    inside = others[(others >= low) & (others <= high)]
    holds = _table(ids, low, high)
    holds[inside - low] = False
    return holds.nonzero()[0] + low


def _table(ids: Ids, low: int, high: int) -> np.ndarray:
    table = np.zeros(high - low + 1, dtype=bool)
    table[ids - low] = True
    return table
