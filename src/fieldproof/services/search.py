"""Finding documents and values in one workspace: filters, order, pages, places of hits."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select, text

from fieldproof import search
from fieldproof.core.errors import Invalid
from fieldproof.core.ids import parse_uuid
from fieldproof.db.models import (
    FieldValue,
    Result,
    SearchResult,
)
from fieldproof.search import Listing, Query, Scope, Snippet, parse_query
from fieldproof.services.documents import STATUSES
from fieldproof.services.filetypes import CLASSES
from fieldproof.services.work import Work

SORTS = ("created_at", "updated_at", "processed_at", "filename", "size", "pages", "status", "relevance")
MOST_RANKED = 1_000  # the newest matches that an order by relevance compares; the others follow, newest first
MOST_IDS = 1_000
_FIRST_CHUNKS = 40  # where a hit is looked for first, before the whole document is


@dataclass(frozen=True)
class DocumentQuery:
    """What to list. ``()`` and None mean: no such filter."""

    search: str | None = None
    statuses: tuple[str, ...] = ()
    not_statuses: tuple[str, ...] = ()
    file_types: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    template_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None
    ranges: dict[str, tuple[Any, Any]] = field(default_factory=dict)  # column → (least, most)
    has_error: bool | None = None
    needs_review: bool | None = None
    sha256: str | None = None
    ids: tuple[uuid.UUID, ...] | None = None
    industry: str | None = None
    tags_any: tuple[str, ...] = ()
    tags_all: tuple[str, ...] = ()
    tags_none: tuple[str, ...] = ()
    sort: str = "created_at"
    is_ascending: bool = False
    page: int = 1
    size: int = 20
    cursor: str | None = None
    with_counts: bool = False


@dataclass(frozen=True)
class FoundDocument:
    """``document`` is a row with the columns of one; ``score`` and ``snippet`` are None where nothing was searched, or
    nothing on a page was hit."""

    document: Any
    tags: list[str]
    industry: str | None
    score: float | None = None
    snippet: Snippet | None = None


@dataclass(frozen=True)
class FoundDocuments:
    """``next_cursor`` is None at the end."""

    items: list[FoundDocument]
    total: int
    next_cursor: str | None
    by_status: dict[str, int] | None = None
    by_file_type: dict[str, int] | None = None


@dataclass(frozen=True)
class FoundRun:
    """A run for which the question holds, and the values that answer it."""

    result: Result
    values: list[FieldValue]


@dataclass(frozen=True)
class FoundRuns:
    items: list[FoundRun]
    total: int
    next_cursor: str | None


def find_documents(work: Work, workspace_id: int, wanted: DocumentQuery) -> FoundDocuments:
    """Raises: Invalid for a cursor that belongs to another order, or to none."""
    return work.read(lambda reading: _find_documents(reading, workspace_id, wanted))


def _find_documents(work: Work, workspace_id: int, wanted: DocumentQuery) -> FoundDocuments:
    scope = Scope((workspace_id,))
    query = parse_query(wanted.search) if wanted.search else None
    if query is None and wanted.sort == "relevance":
        raise Invalid({"sort": ["Relevance needs a search."]})
    found = _find(work, scope, wanted, query)
    scores = found.scores or _scores(work, found.ids, query)
    items = _items(work, found.ids, query, scores)
    return FoundDocuments(items, found.total, found.next_cursor, *_counts(work, scope, wanted, query))


def find_runs(
    work: Work, workspace_id: int, question: str, *, page: int = 1, size: int = 20, cursor: str | None = None
) -> FoundRuns:
    """The newest runs first. Raises: Invalid with what is wrong with the question."""
    return work.read(lambda reading: _find_runs(reading, workspace_id, question, page, size, cursor))


def _find_runs(work: Work, workspace_id: int, question: str, page: int, size: int, cursor: str | None) -> FoundRuns:
    expression = search.parse_value_query(question)
    answer = search.runs_matching(work.db, workspace_id, expression)
    runs = answer.runs
    left = runs[: runs.searchsorted(_after(cursor, "runs")[1])] if cursor else runs
    start = 0 if cursor else (page - 1) * size
    numbers: list[int] = left[::-1][start : start + size].tolist()
    has_more = len(left) > start + size and bool(numbers)
    next_cursor = _cursor("runs", "", numbers[-1]) if has_more else None
    hits = search.hits_in(work.db, workspace_id, numbers, expression, answer.fields)
    return FoundRuns(_runs(work, numbers, hits), len(runs), next_cursor)


# Which documents


@dataclass(frozen=True)
class _Found:
    ids: list[int]
    total: int
    next_cursor: str | None
    scores: dict[int, float] = field(default_factory=dict)


def _find(work: Work, scope: Scope, wanted: DocumentQuery, query: Query | None) -> _Found:
    if wanted.sort == "relevance" and query is not None:
        return _by_relevance(work, scope, wanted, query)
    if _is_plain(wanted):
        return _newest(work, scope, wanted, query)
    return _listed(work, scope, wanted, query)


def _is_plain(wanted: DocumentQuery) -> bool:
    """Whether the counts and kept answers know this list: by status, file type and search, newest first."""
    return (wanted.sort, wanted.is_ascending) == ("created_at", False) and not _conditions(wanted)[0]


def _newest(work: Work, scope: Scope, wanted: DocumentQuery, query: Query | None) -> _Found:
    statuses, start = _statuses(wanted), (wanted.page - 1) * wanted.size
    before = _after(wanted.cursor, "created_at-")[1] if wanted.cursor else None
    if query is not None:
        matches = search.matching(work.db, scope, search.condition_for(query, scope, statuses, wanted.file_types))
        left = matches[: matches.searchsorted(before)] if before is not None else matches
        at = 0 if before is not None else start
        ids, total = left[::-1][at : at + wanted.size].tolist(), len(matches)
    else:
        counted = search.counts(work.db, scope, statuses, wanted.file_types)
        total = counted.total
        ids = (
            search.page_ids(work.db, counted, start, wanted.size)
            if before is None
            else search.ids_before(work.db, counted, before, wanted.size)
        )
    is_last = len(ids) < wanted.size
    return _Found(ids, total, None if is_last else _cursor("created_at-", "", ids[-1]))


def _listed(work: Work, scope: Scope, wanted: DocumentQuery, query: Query | None) -> _Found:
    order = f"{wanted.sort}{'+' if wanted.is_ascending else '-'}"
    after = _after(wanted.cursor, order) if wanted.cursor else None
    listing = _listing(scope, wanted, query, after)
    start = 0 if after else (wanted.page - 1) * wanted.size
    total, rows = search.list_ids(work.db, scope, listing, start, wanted.size)
    is_last = len(rows) < wanted.size
    next_cursor = None if is_last else _cursor(order, rows[-1][1], rows[-1][0])
    return _Found([row[0] for row in rows], total, next_cursor)


def _by_relevance(work: Work, scope: Scope, wanted: DocumentQuery, query: Query) -> _Found:
    if wanted.cursor:
        raise Invalid({"cursor": ["An order by relevance is paged by number only."]})
    start = (wanted.page - 1) * wanted.size
    newest_first = _unsorted(wanted, page=1, size=MOST_RANKED)
    newest = _find(work, scope, newest_first, query)
    scores = dict(search.ranked(work.db, newest.ids, query))
    ids = list(scores)[start : start + wanted.size]
    if start + wanted.size > MOST_RANKED and newest.total > MOST_RANKED:
        further = _find(work, scope, _unsorted(wanted, page=wanted.page, size=wanted.size), query).ids
        ids = list(dict.fromkeys([*ids, *(i for i in further if i not in scores)]))[: wanted.size]
    return _Found(ids, newest.total, None, {i: scores.get(i, 0.0) for i in ids})


def _unsorted(wanted: DocumentQuery, *, page: int, size: int) -> DocumentQuery:
    kept = {name: value for name, value in vars(wanted).items() if name not in ("sort", "is_ascending", "page", "size")}
    return DocumentQuery(**kept, page=page, size=size)


def _statuses(wanted: DocumentQuery) -> tuple[str, ...]:
    """Those that are asked for; every status but the ones that are not wanted."""
    chosen = wanted.statuses or STATUSES
    left = tuple(s for s in chosen if s not in wanted.not_statuses)
    return () if left == STATUSES else left or ("none",)


def _listing(scope: Scope, wanted: DocumentQuery, query: Query | None, after: tuple[str, int] | None = None) -> Listing:
    conditions, parameters = _conditions(wanted)
    if _statuses(wanted):
        conditions.append("e.status = ANY(%(only)s)")
        parameters["only"] = list(_statuses(wanted))
    if wanted.file_types:
        conditions.append("e.category = ANY(%(types)s)")
        parameters["types"] = list(wanted.file_types)
    if query is not None:
        condition = search.condition_for(query, scope)
        conditions.append(condition.sql)
        parameters |= condition.parameters
    sort = "created_at" if wanted.sort == "relevance" else wanted.sort
    return Listing(tuple(conditions), parameters, sort, wanted.is_ascending, after)


_RANGES = {
    "created": "d.created_at", "updated": "d.updated_at", "processed": "d.processed_at", "size": "d.size_bytes",
    "pages": "d.page_count",
}  # fmt: skip
_OPEN_RUN = """EXISTS (SELECT FROM attachments a JOIN results r ON r.session_id = a.session_id
    WHERE a.document_id = d.id AND r.status = 'completed' AND r.review_status = 'open')"""
_IN_TEMPLATE = """EXISTS (SELECT FROM attachments a JOIN sessions s ON s.id = a.session_id
    WHERE a.document_id = d.id AND s.template_id = %(template_id)s)"""
_TAGGED = "EXISTS (SELECT FROM document_tags t WHERE t.document_id = d.id AND t.tag = ANY(%({name})s))"
_TAGGED_ALL = (
    "(SELECT count(*) FROM document_tags t WHERE t.document_id = d.id AND t.tag = ANY(%(tags_all)s)) = %(tag_count)s"
)


def _conditions(wanted: DocumentQuery) -> tuple[list[str], dict[str, Any]]:
    """All filters but those of status, file type and search."""
    conditions = list(_plain_conditions(wanted))
    parameters: dict[str, Any] = {
        "extensions": [e.lower().lstrip(".") for e in wanted.extensions], "template_id": wanted.template_id,
        "session_id": wanted.session_id, "sha256": wanted.sha256, "ids": list(wanted.ids or ()),
        "industry": wanted.industry, "tags_any": list(wanted.tags_any), "tags_none": list(wanted.tags_none),
        "tags_all": list(wanted.tags_all), "tag_count": len(set(wanted.tags_all)),
    }  # fmt: skip
    for name, (least, most) in wanted.ranges.items():
        if least is not None:
            conditions.append(f"{_RANGES[name]} >= %({name}_least)s")
        if most is not None:
            conditions.append(f"{_RANGES[name]} <= %({name}_most)s")
        parameters |= {f"{name}_least": least, f"{name}_most": most}
    return conditions, parameters


def _plain_conditions(wanted: DocumentQuery) -> Iterator[str]:
    if wanted.extensions:
        yield "lower(d.extension) = ANY(%(extensions)s)"
    if wanted.template_id is not None:
        yield _IN_TEMPLATE
    if wanted.session_id is not None:
        yield "EXISTS (SELECT FROM attachments a WHERE a.document_id = d.id AND a.session_id = %(session_id)s)"
    if wanted.has_error is not None:
        yield "d.error_code IS NOT NULL" if wanted.has_error else "d.error_code IS NULL"
    if wanted.needs_review is not None:
        yield _OPEN_RUN if wanted.needs_review else f"NOT {_OPEN_RUN}"
    if wanted.sha256 is not None:
        yield "d.sha256 = %(sha256)s"
    if wanted.ids is not None:
        yield "d.id = ANY(%(ids)s)"
    if wanted.industry is not None:
        yield "EXISTS (SELECT FROM deposits p WHERE p.document_id = d.id AND p.industry = %(industry)s)"
    if wanted.tags_any:
        yield _TAGGED.format(name="tags_any")
    if wanted.tags_all:
        yield _TAGGED_ALL
    if wanted.tags_none:
        yield "NOT " + _TAGGED.format(name="tags_none")


def _counts(
    work: Work, scope: Scope, wanted: DocumentQuery, query: Query | None
) -> tuple[dict[str, int], dict[str, int]] | tuple[None, None]:
    if not wanted.with_counts:
        return None, None
    if query is None and not _conditions(wanted)[0]:
        kinds = search.counts_by_kind(work.db, scope, _statuses(wanted), wanted.file_types)
    else:
        kinds = search.facets(work.db, scope, _listing(scope, wanted, query))
    by_status: dict[str, int] = {}
    by_category: dict[str, int] = {}
    for status, category, n in sorted(kinds):
        by_status[status] = by_status.get(status, 0) + n
        by_category[category] = by_category.get(category, 0) + n
    return by_status, by_category


# What is shown of them


def _scores(work: Work, ids: list[int], query: Query | None) -> dict[int, float]:
    return dict(search.ranked(work.db, ids, query)) if query is not None and ids else {}


def _items(work: Work, ids: list[int], query: Query | None, scores: dict[int, float]) -> list[FoundDocument]:
    if not ids:
        return []
    found = {row.entry_id: row for row in work.rows(_SHOWN, {"ids": ids})}
    shown = [found[i].id for i in ids if i in found]
    places = _places(work, shown, query) if query is not None and query.terms else {}
    return [
        FoundDocument(row, row.tags, row.industry, scores.get(i), places.get(row.id))
        for i in ids
        if (row := found.get(i)) is not None
    ]


# The industry is as the newest deposit that names one has it.
_SHOWN = """
    SELECT e.id AS entry_id, d.id, d.filename, d.mime, d.extension, d.category, d.size_bytes, d.sha256, d.status,
        d.page_count, d.error, d.error_code, d.source_type, d.source_url, d.parent_id, d.created_at, d.updated_at,
        d.processed_at,
        array(SELECT t.tag FROM document_tags t WHERE t.document_id = d.id ORDER BY t.tag) AS tags,
        (
            SELECT p.industry FROM deposits p WHERE p.document_id = d.id AND p.industry IS NOT NULL
            ORDER BY p.id DESC LIMIT 1
        ) AS industry
    FROM search_entries e JOIN documents d ON d.id = e.document_id WHERE e.id = ANY(%(ids)s)
"""
_CHUNKS = text(
    """
    SELECT p.document_id, c.first_page, c.blocks
    FROM unnest(CAST(:ids AS uuid[])) AS wanted (id)
    JOIN LATERAL (
        SELECT id, document_id FROM parsings WHERE document_id = wanted.id AND status = 'ready'
        ORDER BY finished_at DESC LIMIT 1
    ) p ON true
    JOIN LATERAL (
        SELECT first_page, blocks, index FROM chunks WHERE parsing_id = p.id ORDER BY index LIMIT :most
    ) c ON true
    ORDER BY p.document_id, c.index
    """
)


def _places(work: Work, document_ids: list[uuid.UUID], query: Query) -> dict[uuid.UUID, Snippet]:
    """Where the search hit: on the first pages if it can be, for most documents are short."""
    found = _places_within(work, document_ids, query, _FIRST_CHUNKS)
    left = [i for i in document_ids if i not in found]
    return found | (_places_within(work, left, query, None) if left else {})


def _places_within(
    work: Work, document_ids: list[uuid.UUID], query: Query, most: int | None
) -> dict[uuid.UUID, Snippet]:
    blocks: dict[uuid.UUID, list[tuple[int, dict[str, Any]]]] = {}
    for chunk in work.db.execute(_CHUNKS, {"ids": document_ids, "most": most}):
        blocks.setdefault(chunk.document_id, []).extend((chunk.first_page, block) for block in chunk.blocks)
    places = {document_id: search.best_place(query, found) for document_id, found in blocks.items()}
    return {document_id: place for document_id, place in places.items() if place is not None}


def _runs(work: Work, numbers: list[int], hits: list[search.Hit]) -> list[FoundRun]:
    rows = select(SearchResult.id, Result).join(Result, Result.id == SearchResult.result_id)
    results = {row[0]: row[1] for row in work.db.execute(rows.where(SearchResult.id.in_(numbers)))}
    query = select(FieldValue).where(FieldValue.id.in_([hit.value_id for hit in hits]))
    values = {value.id: value for value in work.db.scalars(query)}
    return [
        FoundRun(results[n], [values[h.value_id] for h in hits if h.run == n and h.value_id in values])
        for n in numbers
        if n in results
    ]


# Cursors: where the last page ended


def _cursor(order: str, value: str, last: int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([order, value, last])).decode().rstrip("=")


def _after(cursor: str, order: str) -> tuple[str, int]:
    """Raises: Invalid for what is not a cursor of this order."""
    try:
        known, value, last = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error) as error:
        raise Invalid({"cursor": ["This is not a cursor of this list."]}) from error
    is_ours = known == order and isinstance(value, str) and type(last) is int and abs(last) < 2**62
    if not is_ours or not _is_value(order, value):
        raise Invalid({"cursor": ["This cursor belongs to a list in another order."]})
    return value, last


def _is_value(order: str, value: str) -> bool:
    """Whether the database will read the value as what the order sorts by."""
    match order[:-1]:
        case "size" | "pages":
            return re.fullmatch(r"\d{1,18}", value) is not None
        case "updated_at" | "processed_at":
            return value == "-infinity" or _is_moment(value)
        case _:
            return "\x00" not in value


def _is_moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def checked_statuses(names: Sequence[str], field_name: str) -> tuple[str, ...]:
    return _known(names, STATUSES, field_name)


def checked_file_types(names: Sequence[str]) -> tuple[str, ...]:
    return _known(names, CLASSES, "file_type")


def checked_ids(texts: Sequence[str]) -> tuple[uuid.UUID, ...]:
    """Raises: Invalid."""
    ids = tuple(parse_uuid(t) for t in texts)
    if len(ids) > MOST_IDS or any(i is None for i in ids):
        raise Invalid({"ids": [f"Must be at most {MOST_IDS} document ids."]})
    return tuple(i for i in ids if i is not None)


def _known(names: Sequence[str], known: Sequence[str], field_name: str) -> tuple[str, ...]:
    if any(name not in known for name in names):
        raise Invalid({field_name: [f"Must be one or more of: {', '.join(known)}."]})
    return tuple(names)
