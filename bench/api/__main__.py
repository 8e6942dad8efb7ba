"""From upload to completed result, and what our own layers cost: ``python -m bench.api``.

One installation in this process, warm; each figure the median and the 95th of a hundred. Ratios are against the same
framework answering a constant of the same size in the same run. Written to bench/results/api.md.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.responses import Response

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from contract.files import invoice_pdf  # noqa: E402
from contract.office import hired  # noqa: E402
from contract.schemas import INVOICE  # noqa: E402
from fieldproof.cli.serving import listening  # noqa: E402
from fieldproof.settings import Settings  # noqa: E402
from running import serving  # noqa: E402

RUNS = 30
CALLS = 200


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="fieldproof-bench-") as folder:
        for one in serving(Settings(data_dir=Path(folder), rate_limit_per_minute=0, log_level="error")):
            with hired(one) as cast:
                office = cast.office()
                template = office.template(INVOICE)["id"]
                _whole_way(office, template, 0)  # warm
                ways = [_whole_way(office, template, n) for n in range(1, RUNS + 1)]
                lists = _lists(office, template)
    _write(ways, lists)


def _whole_way(office: Any, template: str, number: int) -> float:
    """Signed URL, PUT, session, attach, run, poll every 50 ms: seconds."""
    content = invoice_pdf(f"BENCH-{number:04}")
    started = time.perf_counter()
    session = office.session(template)["id"]
    office.attach(session, content)
    result = office.api.ok("runExtraction", sessionId=session)["id"]
    while office.api.ok("getResult", resultId=result)["status"] not in ("completed", "failed"):
        time.sleep(0.05)
    return time.perf_counter() - started


def _lists(office: Any, template: str) -> list[tuple[str, float, float, float]]:
    rows = []
    for name, path in (("listTemplates", {"workspaceId": office.workspace}), ("listWorkspaceDocuments", {"workspaceId": office.workspace}),
                       ("getTemplate", {"templateId": template})):  # fmt: skip
        operation = office.api.contract.operations[name]
        headers = {"Authorization": f"Bearer {office.api.token}"}
        url = office.cast.server.url + operation.url(**path)
        with httpx.Client(headers=headers) as client:
            size = len(client.get(url).content)
            ours = _timed(lambda: client.get(url))  # noqa: B023
            bare = _constant(size, client)
        rows.append((name, ours[0], ours[1], bare[0]))
    return rows


def _constant(size: int, client: httpx.Client) -> tuple[float, float]:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/", lambda: Response(b"x" * size, media_type="application/json"))
    with listening("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, http="h11", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        found = _timed(lambda: client.get(url))
        server.should_exit = True
        thread.join(5)
    return found


def _timed(call: Callable[[], Any]) -> tuple[float, float]:
    for _ in range(10):
        call()
    times = []
    for _ in range(CALLS):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times), sorted(times)[int(0.95 * len(times))]


def _write(ways: list[float], lists: list[tuple[str, float, float, float]]) -> None:
    ways = sorted(ways)
    text = [
        "# The API, measured", "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, 2 cores, server, worker, database and client on the same machine. `make bench-api`.", "",
        "## From upload to completed result", "",
        f"One-page digital invoice with line items, {RUNS} times, polling every 50 ms: median {ways[len(ways) // 2]:.2f} s, "
        f"95th {ways[int(0.95 * len(ways))]:.2f} s, slowest {ways[-1]:.2f} s (asked: under 2 s).", "",
        "## Reading", "",
        "| operation | p50 ms | p95 ms | the same framework answering a constant of the same size, p50 ms |",
        "|---|---|---|---|",
        *(f"| {n} | {1000 * p50:.1f} | {1000 * p95:.1f} | {1000 * bare:.1f} |" for n, p50, p95, bare in lists), "",
    ]  # fmt: skip
    (ROOT / "bench" / "results" / "api.md").write_text("\n".join(text), "utf-8")
    print("\n".join(text))


if __name__ == "__main__":
    main()
