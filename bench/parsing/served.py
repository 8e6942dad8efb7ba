"""The hostile files through a running server: each ends as its manifest promises, and the server answers meanwhile."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import bench.parsing.places  # noqa: F401, makes the tests' drivers importable

from journey.installation import Installation, installed, own_folder, succeeded
from parsing.test_hostile import FOLDER, SANDBOX_LIMITS, manifest

ENDED = ("processed", "failed")
PATIENCE_S = 900


def run() -> str:
    rows = manifest()
    with own_folder() as folder, installed(folder) as one:
        email = "ada@example.org"
        succeeded(one.run("user", "create", email, "--name", "Ada", "--password", "correct horse battery"))
        one.start()
        token = succeeded(one.run("token", "create", "--user", email)).strip()
        workspace = one.request("POST", "/workspaces/create", token, {"name": "Hostile"})["id"]
        before = _processes(one)
        times: list[float] = []
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(one, token, workspace, times, done))
        watcher.start()
        started = time.perf_counter()
        try:
            outcomes = {row["file"]: _sent(one, token, workspace, row) for row in rows}
            _wait(one, token, workspace, outcomes)
        finally:
            done.set()
            watcher.join()
        took = time.perf_counter() - started
        after = _processes(one)
    broken = [f"{row['file']}: {outcomes[row['file']]}" for row in rows if not _as_promised(row, outcomes[row["file"]])]
    ordered = sorted(times)
    counts = ", ".join(f"{name} {count}" for name, count in Counter(_name(o) for o in outcomes.values()).most_common())
    return "\n".join(
        [
            f"{len(rows)} files in {took:.0f} s, {len(rows) - len(broken)} as their manifest promises ({counts}).",
            f"A list of documents asked every 50 ms meanwhile, {len(times)} times: median {1000 * statistics.median(times):.0f} ms, "
            f"95th {1000 * ordered[int(0.95 * len(ordered))]:.0f} ms, slowest {1000 * ordered[-1]:.0f} ms (asked: 95th under 500 ms).",
            f"Processes of `serve` before and after: {'the same' if before == after else f'{before} and {after}'}.",
            *(f"- not as promised: {line}" for line in broken),
        ]
    )


def _sent(one: Installation, token: str, workspace: int, row: dict[str, Any]) -> dict[str, Any]:
    """{"id"} of the document, or {"refused"} with the reason."""
    key = one.upload(token, (FOLDER / row["file"]).read_bytes())
    body = {"keys": [key], "names": [row["upload_name"]]}
    made = one.request("POST", f"/v1/workspaces/{workspace}/imports", token, body)["data"][0]
    return {"refused": made["error"]} if made["error"] else {"id": made["document_id"]}


def _wait(one: Installation, token: str, workspace: int, outcomes: dict[str, dict[str, Any]]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    for outcome in outcomes.values():
        while "id" in outcome:
            (found,) = one.request("GET", f"/v1/workspaces/{workspace}/documents?ids={outcome['id']}", token)["data"]
            if found["status"] in ENDED:
                outcome |= {"status": found["status"], "code": found["error_code"]}
                break
            if time.monotonic() > deadline:
                outcome |= {"status": found["status"], "code": None}
                break
            time.sleep(0.2)


def _watch(one: Installation, token: str, workspace: int, times: list[float], done: threading.Event) -> None:
    while not done.wait(0.05):
        started = time.perf_counter()
        one.request("GET", f"/v1/workspaces/{workspace}/documents?limit=20", token)
        times.append(time.perf_counter() - started)


def _processes(one: Installation) -> list[int]:
    """``serve`` and the processes that it started itself, its worker among them."""
    assert one.serving is not None
    lists = Path(f"/proc/{one.serving.pid}/task").glob("*/children")
    return [one.serving.pid, *sorted(int(child) for found in lists for child in found.read_text().split())]


def _as_promised(row: dict[str, Any], outcome: dict[str, Any]) -> bool:
    if "refused" in outcome:
        return row["class"] != "parsed" and bool({*_said(outcome["refused"])} & {*row["reasons"]})
    if outcome["status"] == "processed":
        return row["class"] in ("parsed", "either")
    code = "limit_exceeded" if outcome["code"] in SANDBOX_LIMITS else outcome["code"]
    is_empty = row["class"] == "either" and code == "empty"
    return row["class"] != "parsed" and (code in row["reasons"] or is_empty)


def _said(refusal: str) -> list[str]:
    """The reasons that a refusal at the door names."""
    words = {"password": "encrypted", "damaged": "corrupt", "not supported": "unsupported", "empty": "empty"}
    return [reason for word, reason in words.items() if word in refusal]


def _name(outcome: dict[str, Any]) -> str:
    return "refused" if "refused" in outcome else outcome["code"] or outcome["status"]
