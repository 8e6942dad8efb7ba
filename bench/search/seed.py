"""N documents with text, readings, runs and values, straight into the tables. Stops and goes on by batches."""

from __future__ import annotations

import multiprocessing
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import psycopg
from bench.search.texts import Sample, samples
from psycopg.types.json import Json

from fieldproof.search.index import words_for
from fieldproof.search.text import fold, grams_of, scope_mark
from fieldproof.search.values import grams_for_value

BATCH = 10_000
WRITERS = 2
WITH_CHUNKS = 20_000  # the newest documents have chunks: what snippets and boxes are read from
PER_SESSION = 1_000
VALUES = 4
_START = datetime(2024, 1, 1, tzinfo=UTC)
_HASH = "0" * 64
# Built once at the end: an index that grows row by row costs many times that.
_LATE = {
    "ix_search_entries_words": "search_entries USING gin (words)",
    "ix_search_entries_pairs": "search_entries USING gin (pairs)",
    "ix_search_entries_grams": "search_entries USING gin (grams)",
    "ix_search_values_grams": "search_values USING gin (grams)",
    "ix_search_values_number": "search_values (workspace_id, field, number, run) WHERE number IS NOT NULL",
    "ix_search_values_text": 'search_values (workspace_id, field, left("text", 200), run)',
}


def seed(url: str, workspace_id: int, user_id: int, template_id: uuid.UUID, n: int) -> dict[str, float]:
    """What each part took, in seconds. Documents that are there already are left alone."""
    took: dict[str, float] = {}
    with psycopg.connect(url) as db:
        there = {row[0] for row in db.execute("SELECT id - 1 FROM search_entries WHERE (id - 1) %% %s = 0", [BATCH])}
        missing = [first for first in range(0, n, BATCH) if first not in there]
        if missing:
            for name in _LATE:
                db.execute(f"DROP INDEX IF EXISTS {name}")
            db.commit()
            started = time.monotonic()
            orders = [(url, first, workspace_id, user_id, template_id, first >= n - WITH_CHUNKS) for first in missing]
            with multiprocessing.get_context("spawn").Pool(WRITERS) as writers:
                for done, _ in enumerate(writers.imap_unordered(_write, orders), start=1):
                    rate = done * BATCH / (time.monotonic() - started)
                    print(f"{done * BATCH:,} of {n:,} documents, {rate:,.0f} a second", flush=True)
            took["rows"] = time.monotonic() - started
        if missing or not _is_finished(db):
            took |= _finish(db, workspace_id)
    return took


def _is_finished(db: psycopg.Connection) -> bool:
    found = db.execute("SELECT count(*) FROM pg_indexes WHERE indexname = ANY(%s)", [list(_LATE)]).fetchone()
    return found is not None and found[0] == len(_LATE)


def _write(order: tuple[str, int, int, int, uuid.UUID, bool]) -> None:
    """One batch in one transaction, in a process of its own."""
    url, first, workspace_id, user_id, template_id, with_chunks = order
    with psycopg.connect(url) as db:
        db.execute("SET session_replication_role = replica")  # no triggers, no foreign keys: the rows are consistent
        db.execute("SET synchronous_commit = off")
        _batch(db, first, workspace_id, user_id, template_id, with_chunks=with_chunks)


def _finish(db: psycopg.Connection, workspace_id: int) -> dict[str, float]:
    took: dict[str, float] = {}
    db.execute("SET maintenance_work_mem = '2GB'")
    db.execute("SET max_parallel_maintenance_workers = 2")
    for name, on in _LATE.items():
        started = time.monotonic()
        db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {on}")
        db.commit()
        took[name] = time.monotonic() - started
        print(f"{name}: {took[name]:.0f} s", flush=True)
    for table in ("deposits", "search_results", "field_values"):
        db.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 1) FROM {table}))"
        )
    db.execute("DELETE FROM search_counts WHERE workspace_id = %s", [workspace_id])
    db.execute("DELETE FROM search_sets")
    for user in ("0", "user_id"):
        db.execute(
            f"""INSERT INTO search_counts (workspace_id, user_id, block, status, category, n)
            SELECT workspace_id, {user}, id / 4096, status, category, count(*) FROM search_entries
            WHERE workspace_id = %s GROUP BY 1, 2, 3, 4, 5""",
            [workspace_id],
        )
    db.commit()
    started = time.monotonic()
    db.autocommit = True
    db.execute("VACUUM ANALYZE")
    took["vacuum"] = time.monotonic() - started
    return took


def _batch(
    db: psycopg.Connection, first: int, workspace_id: int, user_id: int, template_id: uuid.UUID, *, with_chunks: bool
) -> None:
    made = samples(first, BATCH)
    for n in range(first, first + BATCH, PER_SESSION):
        db.execute(
            "INSERT INTO sessions (id, template_id, workspace_id, name, settings) VALUES (%s, %s, %s, %s, '{}') ON CONFLICT DO NOTHING",
            [_id("session", n), template_id, workspace_id, f"Batch {n}"],
        )
    for table, columns, rows in (
        ("documents", _DOCUMENT, _documents),
        ("deposits", _DEPOSIT, _deposits),
        ("search_entries", _ENTRY, _entries),
        ("parsings", _PARSING, _parsings),
        ("results", _RESULT, _results),
        ("field_values", _FIELD_VALUE, _field_values),
        ("search_results", "id result_id workspace_id", _search_results),
        ("search_values", "id run workspace_id field number text grams", _search_values),
        *([("chunks", _CHUNK, _chunks)] if with_chunks else []),
    ):
        _copy(db, table, columns.split(), rows, made, (workspace_id, user_id, template_id))


def _copy(
    db: psycopg.Connection, table: str, columns: list[str], rows: Callable[..., Iterator[Sequence[Any]]],
    made: list[Sample], of: tuple[int, int, uuid.UUID],
) -> None:  # fmt: skip
    names = ", ".join(f'"{column}"' for column in columns)
    with db.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for sample in made:
            for row in rows(sample, *of):
                copy.write_row(row)


_DOCUMENT = "id workspace_id filename mime extension category size_bytes sha256 status source_type page_count processed_at created_by created_at updated_at error"
_DEPOSIT = "id user_id document_id filename created_at"
_ENTRY = "id document_id workspace_id user_id is_first status category name grams words pairs content"
_PARSING = "id document_id config_hash config status parser_version page_count created_at updated_at finished_at"
_CHUNK = "id parsing_id document_id index blocks content first_page last_page start end token_count"
_RESULT = "id session_id template_id workspace_id status config_hash schema_json settings document_refs document_ids data created_at updated_at completed_at"
_FIELD_VALUE = "id result_id position path value raw confidence citations reasoning rivals is_supported"


def _documents(s: Sample, workspace_id: int, user_id: int, _: uuid.UUID) -> Iterator[Sequence[Any]]:
    processed = _at(s, 9) if s.status == "processed" else None
    error = "The file is damaged and could not be read." if s.status == "failed" else None
    yield (
        _id("document", s.number), workspace_id, s.name, "application/pdf", s.name.rpartition(".")[2].lower(), s.category,
        1000 + s.number % 3_000_000, f"{s.number:064x}", s.status, "upload", len(s.pages), processed, user_id, _at(s),
        _at(s, 9), error,
    )  # fmt: skip


def _deposits(s: Sample, _: int, user_id: int, __: uuid.UUID) -> Iterator[Sequence[Any]]:
    yield s.number + 1, user_id, _id("document", s.number), s.name, _at(s)


def _entries(s: Sample, workspace_id: int, user_id: int, _: uuid.UUID) -> Iterator[Sequence[Any]]:
    name, mark = fold(s.name), scope_mark(workspace_id)
    grams = [mark + gram for gram in grams_of(name)]
    known: tuple[Any, Any, Any] = (None, None, None)
    if s.status == "processed":
        words = words_for(s.pages, workspace_id)
        known = " ".join(f"'{lexeme}'" for lexeme in words.lexemes), _numbers(words.pairs), words.content
    yield (
        s.number + 1,
        _id("document", s.number),
        workspace_id,
        user_id,
        True,
        s.status,
        s.category,
        name,
        grams,
        *known,
    )


def _parsings(s: Sample, *_: Any) -> Iterator[Sequence[Any]]:
    if s.status == "processed":
        made = _at(s, 9)
        yield (
            _id("parsing", s.number), _id("document", s.number), _HASH, Json({}), "ready", "bench", len(s.pages), _at(s),
            made, made,
        )  # fmt: skip


def _chunks(s: Sample, *_: Any) -> Iterator[Sequence[Any]]:
    if s.status != "processed":
        return
    for n, page in enumerate(s.pages):
        meta = {"bbox": [0.1, 0.1, 0.9, 0.9]}
        block = {"block_id": f"doc:page:{n + 1}:block:0", "type": "paragraph", "content": page, "page_ref": f"Page {n + 1}", "meta": meta}  # fmt: skip
        yield (
            _id("chunk", s.number * 32 + n), _id("parsing", s.number), _id("document", s.number), n, Json([block]), page,
            n + 1, n + 1, 0, len(page), len(page.split()),
        )  # fmt: skip


def _results(s: Sample, workspace_id: int, _: int, template_id: uuid.UUID) -> Iterator[Sequence[Any]]:
    if s.status != "processed":
        return
    data = {"invoice": {"number": s.reference, "vendor": s.vendor, "total": s.total, "due": s.due.isoformat()}}
    ref = {"kind": "documentRef", "documentId": str(_id("document", s.number)), "filename": s.name}
    done = _at(s, 20)
    yield (
        _id("result", s.number), _id("session", s.number // PER_SESSION * PER_SESSION), template_id, workspace_id,
        "completed", _HASH, Json({}), Json({}), Json([ref]), [_id("document", s.number)], Json(data), _at(s), done, done,
    )  # fmt: skip


def _field_values(s: Sample, *_: Any) -> Iterator[Sequence[Any]]:
    if s.status != "processed":
        return
    for n, (name, value) in enumerate(_values(s)):
        citation = {"document_id": str(_id("document", s.number)), "page": 1, "bbox": [0.1, 0.1, 0.3, 0.12], "text": str(value)}  # fmt: skip
        yield (
            s.number * VALUES + n + 1, _id("result", s.number), n, f"invoice.{name}", orjson.dumps(value).decode(),
            str(value), 0.9, Json([citation]), "", Json([]), True,
        )  # fmt: skip


def _search_results(s: Sample, workspace_id: int, *_: Any) -> Iterator[Sequence[Any]]:
    if s.status == "processed":
        yield s.number + 1, _id("result", s.number), workspace_id


def _search_values(s: Sample, workspace_id: int, *_: Any) -> Iterator[Sequence[Any]]:
    if s.status != "processed":
        return
    for n, (name, value) in enumerate(_values(s)):
        number = value if isinstance(value, float) else None
        text = fold(str(value))
        grams = grams_for_value(text, workspace_id) if number is None else []
        yield s.number * VALUES + n + 1, s.number + 1, workspace_id, f"invoice.{name}", number, text, _texts(grams)


def _numbers(values: list[int]) -> str:
    """As PostgreSQL writes arrays: faster than the driver's own way."""
    return f"{{{','.join(map(str, values))}}}"


def _texts(values: list[str]) -> str:
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def _values(s: Sample) -> tuple[tuple[str, str | float], ...]:
    return ("number", s.reference), ("vendor", s.vendor), ("total", s.total), ("due", s.due.isoformat())


def _at(s: Sample, seconds: int = 0) -> datetime:
    return _START + timedelta(seconds=60 * s.number + seconds)


_KINDS = {kind: n << 64 for n, kind in enumerate(("document", "parsing", "chunk", "session", "result"), start=1)}


def _id(kind: str, number: int) -> uuid.UUID:
    """Ascending, so that their index grows at its end."""
    return uuid.UUID(int=_KINDS[kind] | number)
