"""Times every question through the API and through psycopg, side by side; then load, then ingest."""

from __future__ import annotations

import http.client
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import psycopg
from bench.search.place import Place
from bench.search.questions import Question, questions
from bench.search.serving import CONSTANT, serving

from fieldproof import search
from fieldproof.search import Scope, condition_for, parse_query, parse_value_query
from fieldproof.services.deposits import STATUSES

ROUNDS = 15
LOAD_S = 4.0
LOAD_CLIENTS = 4
SLOW_MS = 50.0
Call = Callable[[str], bytes]


@dataclass(frozen=True)
class Timing:
    """Milliseconds."""

    kind: str
    first: list[float]
    again: list[float]
    bare: list[float]
    totals: list[int]
    cpu_ms: float  # of the server and its database connections, for one repeated asking

    def row(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "matches": [min(self.totals), max(self.totals)], "first_max": max(self.first),
            "cpu_ms": self.cpu_ms,
            **{f"p{q}": quantile(self.again, q) for q in (50, 95, 99)},
            "bare_p50": quantile(self.bare, 50), "ratio": quantile(self.again, 50) / quantile(self.bare, 50),
        }  # fmt: skip


def measure(place: Place, n: int) -> dict[str, Any]:
    settings = place.parts.settings
    asked = questions(n, place.workspace_id)
    with serving(settings) as (url, pid), psycopg.connect(place.parts.database_url) as db:
        db.execute("DELETE FROM search_sets")
        db.commit()
        db.execute("SET jit = off")
        call = caller(url, place)
        call(asked[0].path)
        rows = [
            _timed(place, db, call, pid, [q for q in asked if q.kind == kind]).row()
            for kind in dict.fromkeys(q.kind for q in asked)
        ]
        plans = {
            q.path: _plans(place, db, q) for row in rows if row["p95"] > SLOW_MS for q in asked if q.kind == row["kind"]
        }
        load = _load(url, place, asked[0].path)
        memory_mb = _memory_mb(pid)
    return {
        "n": n,
        "rows": rows,
        "plans": plans,
        "load": load,
        "memory_mb": memory_mb,
        "ingest": _ingest(place),
        "size": _sizes(place),
    }


def caller(url: str, place: Place) -> Call:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)

    def call(path: str) -> bytes:
        connection.request("GET", path, headers={"x-api-key": place.key, "Authorization": f"Bearer {place.token}"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, body[:300])
        return body

    return call


def quantile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def _timed(place: Place, db: psycopg.Connection, call: Call, pid: int, asked: list[Question]) -> Timing:
    first, again, bare, totals = [], [], [], []
    for question in asked:
        first.append(_ms(lambda path=question.path: call(path)))
        body = orjson.loads(call(question.path))
        totals.append(body["result"]["total"] if "result" in body else body["total"])
    statements = [_statements(place, db, question) for question in asked]
    before = _cpu_ms(db, pid)
    for _ in range(max(ROUNDS, 100 // len(asked))):
        for question, known in zip(asked, statements, strict=True):
            again.append(_ms(lambda path=question.path: call(path)))
            bare.append(_ms(lambda known=known: _run(db, known)))
    cpu_ms = (_cpu_ms(db, pid) - before) / len(again)
    print(
        f"{asked[0].kind}: p50 {quantile(again, 50):.1f} p95 {quantile(again, 95):.1f} first {max(first):.0f} "
        f"cpu {cpu_ms:.1f} bare {quantile(bare, 50):.1f} ms",
        flush=True,
    )
    return Timing(asked[0].kind, first, again, bare, totals, cpu_ms)


def _cpu_ms(db: psycopg.Connection, pid: int) -> float:
    """Processor time so far of the server and of its connections' processes."""
    rows = db.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'fieldproof'").fetchall()
    db.rollback()
    ticks = 0
    for process in [pid, *(row[0] for row in rows)]:
        stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(stat[11]) + int(stat[12])
    return 1000 * ticks / os.sysconf("SC_CLK_TCK")


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


# The same statements without an API around them


class _Recorder:
    """Stands where a database session is expected; notes what is executed."""

    def __init__(self, db: psycopg.Connection) -> None:
        self.driver_connection = self
        self.connection = _Itself(self)
        self._db = db
        self.statements: list[tuple[Any, Any, bool]] = []

    def cursor(self) -> Any:
        real, statements = self._db.cursor(), self.statements

        class Cursor:
            def execute(self, sql: Any, parameters: Any = None, *, binary: bool = False) -> Any:
                statements.append((sql, parameters, binary))
                return real.execute(sql, parameters, binary=binary)

        return Cursor()


class _Itself:
    """``db.connection().connection.driver_connection`` and ``db.connection`` alike."""

    def __init__(self, recorder: _Recorder) -> None:
        self.connection = recorder

    def __call__(self) -> _Itself:
        return self


_DEPOSITS = """
    SELECT p.id, p.user_id, p.key, p.filename, p.industry, p.created_at, d.id, d.category, d.size_bytes, d.status, d.error,
        d.updated_at, d.processed_at
    FROM deposits p JOIN documents d ON d.id = p.document_id WHERE p.id = ANY(%s) ORDER BY p.id DESC
"""
_RESULTS = "SELECT s.id, r.* FROM search_results s JOIN results r ON r.id = s.result_id WHERE s.id = ANY(%s)"
_VALUES = "SELECT * FROM field_values WHERE id = ANY(%s)"


def _statements(place: Place, db: psycopg.Connection, question: Question) -> list[tuple[Any, Any, bool]]:
    """What the services send for the question once its answer is kept, who asks aside."""
    given = {key: values[0] for key, values in parse_qs(urlsplit(question.path).query).items()}
    recorder: Any = _Recorder(db)
    if "q" in given:
        expression = parse_value_query(given["q"])
        answer = search.runs_matching(recorder, place.workspace_id, expression)
        numbers = answer.runs[::-1][:10].tolist()
        hits = search.hits_in(recorder, place.workspace_id, numbers, expression, answer.fields)
        recorder.statements += [(_RESULTS, [numbers], False), (_VALUES, [[h.value_id for h in hits]], False)]
    else:
        scope = Scope((place.workspace_id,), place.user_id)
        statuses = STATUSES[given["status_filter"]] if "status_filter" in given else ()
        start = (int(given.get("page", 1)) - 1) * 10
        if "search" in given:
            condition = condition_for(parse_query(given["search"]), scope, statuses)
            ids = search.matching(recorder, scope, condition)[::-1][start : start + 10].tolist()
        else:
            counted = search.counts(recorder, scope, statuses)
            ids = search.page_ids(recorder, counted, start, 10)
        recorder.statements.append((_DEPOSITS, [ids], False))
    db.rollback()
    return [s for s in recorder.statements if s[0].lstrip().startswith(("SELECT", "WITH"))]


def _run(db: psycopg.Connection, statements: list[tuple[Any, Any, bool]]) -> None:
    for sql, parameters, binary in statements:
        db.execute(sql, parameters, binary=binary).fetchall()
    db.rollback()


def _plans(place: Place, db: psycopg.Connection, question: Question) -> list[str]:
    plans = []
    for sql, parameters, _ in _statements(place, db, question):
        lines = db.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", parameters).fetchall()
        plans.append("\n".join(line[0] for line in lines))
    db.rollback()
    return plans


# Load


def _load(url: str, place: Place, path: str) -> dict[str, float]:
    """Requests a second of the first page, and of a constant of the same size, in turns."""
    size = len(caller(url, place)(path))
    constant = f"{CONSTANT}?size={size}"
    rates: dict[str, list[float]] = {path: [], constant: []}
    for _ in range(2):
        for each, found in rates.items():
            found.append(_rate(url, place, each))
    return {"bytes": size, "list": max(rates[path]), "constant": max(rates[constant])}


def _rate(url: str, place: Place, path: str) -> float:
    end = time.perf_counter() + LOAD_S
    done = [0] * LOAD_CLIENTS

    def ask(n: int) -> None:
        call = caller(url, place)
        while time.perf_counter() < end:
            call(path)
            done[n] += 1

    clients = [threading.Thread(target=ask, args=(n,)) for n in range(LOAD_CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return sum(done) / LOAD_S


def _memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _sizes(place: Place) -> dict[str, int]:
    with psycopg.connect(place.parts.database_url) as db:
        names = [
            "search_entries", "ix_search_entries_words", "ix_search_entries_pairs", "ix_search_entries_grams", "search_values",
            "field_values", "documents", "results",
        ]  # fmt: skip
        sizes = {name: db.execute("SELECT pg_total_relation_size(%s::regclass)", [name]).fetchone() for name in names}
        whole = db.execute("SELECT pg_database_size(current_database())").fetchone()
        return {name: row[0] for name, row in [*sizes.items(), ("database", whole)] if row}


# Ingest: the rows of an upload and a reading, with and without indexing, in turns


def _ingest(place: Place) -> dict[str, float]:
    from bench.search import ingest

    return ingest.rates(place)


def each_kind(results: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield from dict.fromkeys(row["kind"] for result in results for row in result["rows"])
