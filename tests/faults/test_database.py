"""The database goes away, falls silent, or talks nonsense: honest refusals in time, and all is well by itself afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from faults import proxy
from faults.stand import ANSWER_S, Stand, ask, crowd, raised, refused


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    with raised() as found:
        yield found


@pytest.mark.parametrize("mode", proxy.SHORT)
def test_a_broken_database_gives_503_in_time_and_heals(mode: str, stand: Stand) -> None:
    workspace = stand.office.workspace
    before = stand.submit(f"INV-DB-{mode}-BEFORE")
    calls = [
        lambda: ask(stand, "GET", "/workspaces"),
        lambda: ask(stand, "POST", "/workspaces/create", json={"name": "Never"}),
        lambda: ask(stand, "GET", f"/workspaces/{workspace}/documents"),
        lambda: ask(stand, "GET", "/api/v1/documents/get_documents", headers={"x-api-key": stand.key}),
        lambda: ask(stand, "GET", "/readyz"),
    ]
    with stand.database.fault(mode):
        answers = crowd(calls * 3)
        alive = ask(stand, "GET", "/healthz")
    assert (alive.status, alive.took_s < 1) == (200, True)
    for answer in answers:
        # What is only slow may still get through; nothing may take longer.
        if mode != "latency" or answer.status >= 300:
            refused(answer)
        assert answer.took_s < ANSWER_S
    stand.heals(f"INV-DB-{mode}-AFTER")
    assert stand.office.ended(before)["status"] == "completed"
    assert "Never" not in [w["name"] for w in stand.office.api.ok("listWorkspaces")["data"]] or mode == "latency"


def test_many_waiting_callers_are_all_answered_in_time(stand: Stand) -> None:
    """More than there are threads: they must not queue up behind each other's patience."""
    with stand.database.fault("blackhole"), httpx.Client(
        base_url=stand.installation.url, timeout=40, headers={"Authorization": f"Bearer {stand.office.api.token}"},
        limits=httpx.Limits(max_connections=100),
    ) as client:  # fmt: skip

        def call(_: int) -> float:
            started = time.monotonic()
            assert client.get("/workspaces").status_code == 503
            return time.monotonic() - started

        with ThreadPoolExecutor(100) as pool:
            slowest = max(pool.map(call, range(100)))
    assert slowest < ANSWER_S
    stand.heals("INV-DB-CROWD")
