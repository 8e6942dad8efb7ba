"""Load on one machine: ``python -m bench.load [part …]``; parts are ``seed``, ``api``, ``ingest``, ``workers`` and ``soak``.

Each part takes less than ten minutes and writes its figures into bench/out/load.json; bench/results/load.md is made of what
is there. ``seed`` and ``soak`` go on where they were stopped: call them again. The client, the server, the workers and the
database share the machine.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import psycopg

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from bench.search.place import place  # noqa: E402
from bench.search.seed import seed  # noqa: E402
from bench.search.serving import serving as apart  # noqa: E402
from sqlalchemy.orm import Session as Db  # noqa: E402

from contract.files import invoice_pdf  # noqa: E402
from faults.crash import Machine, template_in  # noqa: E402
from fieldproof.db.engine import connect  # noqa: E402
from fieldproof.jobs import Jobs  # noqa: E402
from fieldproof.settings import Settings  # noqa: E402

OUT, REPORT = ROOT / "bench" / "out", ROOT / "bench" / "results" / "load.md"
FIGURES = OUT / "load.json"
DOCUMENTS = int(os.environ.get("FIELDPROOF_LOAD_DOCUMENTS", "100000"))
CLIENTS = 4
SECONDS = 8.0  # for each operation
INGEST = int(os.environ.get("FIELDPROOF_LOAD_INGEST", "500"))
EMPTY = 500  # jobs with nothing to do
BATCH = int(os.environ.get("FIELDPROOF_LOAD_BATCH", "120"))  # documents for one worker against two
SOAK = int(os.environ.get("FIELDPROOF_LOAD_SOAK", "10000"))
LOOK_EVERY = 500  # documents, in the soak
STRETCH_S = 480  # of the soak, in one call


# Parts


def fill() -> dict[str, Any]:
    """The documents that ``api`` needs."""
    with place(DOCUMENTS) as here:
        return seed(here.parts.database_url, here.workspace_id, here.user_id, here.template_id, DOCUMENTS)


def api() -> dict[str, Any]:
    """Requests a second and p95 (ms) of each operation, with so many documents in the account."""
    fill()
    with place(DOCUMENTS) as here:
        settings = Settings(data_dir=here.parts.settings.data_dir, rate_limit_per_minute=0, worker_is_embedded=False)
        with apart(settings) as (url, _):
            headers = {"Authorization": f"Bearer {here.token}"}
            with httpx.Client(base_url=url, headers=headers, timeout=60) as http:
                documents = f"/workspaces/{here.workspace_id}/documents"
                one = http.get(documents, params={"per_page": 1}).raise_for_status().json()["data"][0]["id"]
                made = {"extraction_template_id": str(here.template_id), "name": "Load"}
                serial = count(time.time_ns())
                session = http.post("/extractions/sessions", json=made).raise_for_status().json()["id"]
                _attach(http, session, invoice_pdf(f"LOAD-{next(serial)}"))
                get = lambda path: lambda: http.get(path).raise_for_status()  # noqa: E731
                return {
                    "list documents, page 1": _rate(get(documents)),
                    "list documents, page 5,000": _rate(get(f"{documents}?page=5000")),
                    "list templates": _rate(get(f"/workspaces/{here.workspace_id}/extractions/templates")),
                    "get document": _rate(get(f"/extractions/documents/{one}")),
                    "get session": _rate(get(f"/extractions/sessions/{session}")),
                    "upload (signed link, PUT)": _rate(lambda: _put(http, invoice_pdf(f"LOAD-{next(serial)}"))),
                    "run": _rate(lambda: http.post(f"/extractions/sessions/{session}/results").raise_for_status()),
                }


def ingest() -> dict[str, Any]:
    """What the API's callers notice while a batch is read: p95 of lists and gets, and how long the batch takes."""
    with _machine(workers=1) as (machine, http, template):
        keys = [_put(http, invoice_pdf(f"INGEST-{n}")) for n in range(INGEST)]
        workspace = http.get("/workspaces").json()["data"][0]["id"]
        before = [_ms(lambda: http.get(f"/workspaces/{workspace}/documents")) for _ in range(100)]
        started, times = time.monotonic(), []
        sessions: list[str] = []
        for first in range(0, INGEST, 50):
            body = {"files": keys[first : first + 50], "settings": {"auto_extract": True}}
            took_ms = _ms(lambda: sessions.extend(_batch(http, template, body)))  # noqa: B023
            times.append(("batch", took_ms))
        while _open_jobs(machine):
            for path in (
                f"/workspaces/{workspace}/documents",
                f"/extractions/sessions/{sessions[len(times) % INGEST]}",
            ):
                times.append(("read", _ms(lambda: http.get(path).raise_for_status())))  # noqa: B023
            time.sleep(0.02)
        took_s = time.monotonic() - started
        reads = [ms for kind, ms in times if kind == "read"]
        return {
            "documents": INGEST, "took_s": took_s, "failed": _count(machine, "documents", "status <> 'processed'"),
            "before_p95_ms": _p95(before), "p50_ms": statistics.median(reads), "p95_ms": _p95(reads), "reads": len(reads),
        }  # fmt: skip


def workers() -> dict[str, Any]:
    """One worker against two on the same batch of documents to read, and what a job costs that has nothing to do."""
    took: dict[int, list[float]] = {1: [], 2: []}
    for workers_, turn in ((1, 0), (2, 0), (1, 1), (2, 1)):
        with _machine(workers=0) as (machine, http, template):
            keys = [_put(http, _heavy(f"{workers_}-{turn}-{n}")) for n in range(BATCH)]
            for number in range(workers_):
                _start_worker(machine, number)
            _idle(machine)
            started = time.monotonic()
            for first in range(0, BATCH, 50):
                _batch(http, template, {"files": keys[first : first + 50], "settings": {"auto_extract": True}})
            while _open_jobs(machine):
                time.sleep(0.05)
            took[workers_].append(time.monotonic() - started)
            if (workers_, turn) == (1, 1):
                empty_ms = _empty_jobs(machine)
    ratio = min(took[1]) / min(took[2])
    return {"documents": BATCH, "one_s": took[1], "two_s": took[2], "ratio": ratio, "empty_ms": empty_ms}


def soak() -> dict[str, Any]:
    """Memory, descriptors, connections and temporary files of the server and a worker, batch after batch."""
    folder = OUT / "soak"
    rows = _figures().get("soak", {}).get("figures", {}).get("rows", []) if folder.exists() else []
    done, stretch = (rows[-1]["documents"], rows[-1]["stretch"] + 1) if rows else (0, 1)
    ends = time.monotonic() + STRETCH_S
    with _machine(workers=1, folder=folder) as (machine, http, template):
        while done < SOAK and time.monotonic() < ends:
            for first in range(done, done + LOOK_EVERY, 50):
                keys = [_put(http, invoice_pdf(f"SOAK-{first + n}")) for n in range(50)]
                _batch(http, template, {"files": keys, "settings": {"auto_extract": True}})
            while _open_jobs(machine):
                http.get("/workspaces")
                time.sleep(0.2)
            done += LOOK_EVERY
            rows.append({"stretch": stretch, "documents": done, **_state(machine)})
            print(rows[-1], flush=True)
    if done < SOAK:
        print(f"{done:,} of {SOAK:,} documents: call `python -m bench.load soak` again to go on.", flush=True)
    return {"rows": rows}


# A machine of processes, as the crash loop's


@contextmanager
def _machine(*, workers: int, folder: Path | None = None) -> Iterator[tuple[Machine, httpx.Client, str]]:
    """``folder``: kept, and gone on with in the next call."""
    with ExitStack() as stack:
        path = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fieldproof-bench-")))
        machine = Machine(path / "data")
        stack.callback(machine.close)
        machine.install()
        machine.start("api")
        machine.wait()
        for n in range(workers):
            _start_worker(machine, n)
        headers = {"Authorization": f"Bearer {machine.token}"}
        http = stack.enter_context(httpx.Client(base_url=machine.url, headers=headers, timeout=60))
        yield machine, http, template_in(machine)


def _start_worker(machine: Machine, number: int) -> None:
    machine.start("worker", key=f"worker{number}", options=["--concurrency", "1"])
    while _count(machine, "procrastinate_workers", "true") < 2 * (number + 1):
        time.sleep(0.1)


def _idle(machine: Machine) -> None:
    while _open_jobs(machine):
        time.sleep(0.1)


def _open_jobs(machine: Machine) -> int:
    return _count(machine, "procrastinate_jobs", "status IN ('todo', 'doing')")


def _empty_jobs(machine: Machine) -> float:
    """Milliseconds for a job that has nothing to do, four at a time as the worker takes them."""
    engine = connect(machine.database_url)
    with Db(engine) as db:
        for _ in range(EMPTY):
            Jobs().defer(db, "remove_files", sha256=[], parsing_ids=[])
        db.commit()
    engine.dispose()
    started = time.monotonic()
    _idle(machine)
    return 1000 * (time.monotonic() - started) / EMPTY


def _count(machine: Machine, table: str, where: str) -> int:
    with psycopg.connect(machine.database_url) as db:
        row = db.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()  # type: ignore[arg-type]
        return row[0] if row else 0


def _state(machine: Machine) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, process in machine.processes.items():
        status = dict(line.split(":", 1) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
        found[f"{name} MB"] = int(status["VmRSS"].split()[0]) // 1024
        found[f"{name} descriptors"] = len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
        found[f"{name} threads"] = int(status["Threads"])
    found["connections"] = _count(machine, "pg_stat_activity", "datname = current_database()")
    pattern = ("fieldproof-run-*", "fieldproof-original-*", "fieldproof-upload-*", "fieldproof-deposit-*")
    found["temporary files"] = sum(len(list(Path(tempfile.gettempdir()).glob(p))) for p in pattern)
    found["jobs left"] = _count(machine, "procrastinate_jobs", "true")
    return found


# Calls


def _put(http: httpx.Client, content: bytes) -> str:
    signed = http.post("/vapor/signed-storage-url", json={}).raise_for_status().json()
    target = urlsplit(signed["url"])  # the server under measurement does not know its own address
    http.put(f"{target.path}?{target.query}", content=content, headers=signed["headers"]).raise_for_status()
    return signed["key"]


def _attach(http: httpx.Client, session: str, content: bytes) -> None:
    body = {"keys": [_put(http, content)]}
    http.post(f"/extractions/sessions/{session}/documents/upload", json=body).raise_for_status()


def _batch(http: httpx.Client, template: str, body: dict[str, Any]) -> list[str]:
    answer = http.post(f"/extractions/templates/{template}/sessions/batch", json=body).raise_for_status()
    return [session["id"] for session in answer.json()]


def _heavy(number: str) -> bytes:
    """Ten pages: reading them is what takes the time."""
    import io

    import pikepdf

    whole = pikepdf.new()
    for page in range(10):
        with pikepdf.open(io.BytesIO(invoice_pdf(f"INV-{number}-{page}"))) as one:
            whole.pages.extend(one.pages)
    out = io.BytesIO()
    whole.save(out)
    return out.getvalue()


def _rate(call: Callable[[], Any]) -> dict[str, float]:
    for _ in range(5):
        call()
    until, times, lock = time.monotonic() + SECONDS, [], threading.Lock()

    def client(_: int) -> None:
        while time.monotonic() < until:
            took = _ms(call)
            with lock:
                times.append(took)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    return {"rate": len(times) / SECONDS, "p50_ms": statistics.median(times), "p95_ms": _p95(times)}


def _ms(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - started)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * len(times))]


# The report


def report(figures: dict[str, Any]) -> str:
    lines = [
        "# Load, measured", "",
        "Written by `make bench-load` (`python -m bench.load`). Client, server, worker and database share the machine's two cores; "
        "what else it was doing is in the load average of each part.", "",
    ]  # fmt: skip
    if found := figures.get("api"):
        lines += [
            f"## Requests a second, {DOCUMENTS:,} documents ({found['at']})", "",
            f"{CLIENTS} clients, one server process, {SECONDS:.0f} s each. Goal: lists and gets at least 100 a second with p95 under 100 ms.", "",
            "| operation | a second | p50 ms | p95 ms |", "|---|---:|---:|---:|",
            *(f"| {name} | {f['rate']:.0f} | {f['p50_ms']:.1f} | {f['p95_ms']:.1f} |" for name, f in found["figures"].items()), "",
        ]  # fmt: skip
    if found := figures.get("ingest"):
        f = found["figures"]
        lines += [
            f"## While {f['documents']} documents are read ({found['at']})", "",
            f"One-page invoices, read and extracted by one worker of two slots in {f['took_s']:.0f} s ({f['failed']} failed). "
            f"Meanwhile {f['reads']} lists and sessions were read one after another: p50 {f['p50_ms']:.0f} ms, p95 {f['p95_ms']:.0f} ms "
            f"(before the batch: p95 {f['before_p95_ms']:.0f} ms). Goal: p95 under 300 ms.", "",
        ]  # fmt: skip
    if found := figures.get("workers"):
        f = found["figures"]
        one, two = (" and ".join(f"{s:.1f}" for s in f[key]) for key in ("one_s", "two_s"))
        lines += [
            f"## Two workers against one ({found['at']})", "",
            f"{f['documents']} documents of ten pages, one job at a time in each worker, in turns: one worker {one} s, two {two} s; "
            f"best against best {f['ratio']:.2f} times (goal: 1.8). A job with nothing to do takes {f['empty_ms']:.1f} ms of a worker's time "
            f"({EMPTY} of them, waited for); reading and extracting one of these documents {1000 * min(f['one_s']) / f['documents']:.0f} ms.", "",
        ]  # fmt: skip
    if found := figures.get("soak"):
        rows = found["figures"]["rows"]
        names = list(rows[0])
        lines += [
            f"## Soak, {rows[-1]['documents']:,} documents ({found['at']})", "",
            "One server, one worker of one slot; each stretch starts new processes over the same data. MB are resident memory.", "",
            "| " + " | ".join(names) + " |", "|" + "---:|" * len(names),
            *("| " + " | ".join(f"{row[name]:,}" for name in names) + " |" for row in rows), "",
        ]  # fmt: skip
    return "\n".join(lines)


def _figures() -> dict[str, Any]:
    return orjson.loads(FIGURES.read_bytes()) if FIGURES.exists() else {}


def main() -> None:
    parts: dict[str, Callable[[], Any]] = {"seed": fill, "api": api, "ingest": ingest, "workers": workers, "soak": soak}
    figures = _figures()
    for name in sys.argv[1:] or parts:
        before = "/".join(f"{x:.1f}" for x in os.getloadavg())
        found = parts[name]()
        after = "/".join(f"{x:.1f}" for x in os.getloadavg())
        at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load average {before} before, {after} after"
        figures[name] = {"at": at, "figures": found}
        FIGURES.parent.mkdir(parents=True, exist_ok=True)
        FIGURES.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2))
        REPORT.write_text(report(figures), "utf-8")
    print(report(figures))


if __name__ == "__main__":
    main()
