"""Death at each step of taking a document in and of reading it: whoever calls again, or works next, makes it whole, and once."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from contract.office import until
from faults.crash import PATIENCE_S, Acknowledged, Machine, Writer, check, running, settle, template_in

Step = tuple[str, str, int]  # see dying.py
# Of one document: session, link, bytes, attaching, run.
OF_THE_API: list[Step] = [
    ("store", "before", 1), ("store", "after", 1), *(("commit", when, n) for n in range(1, 6) for when in ("before", "after")),
]  # fmt: skip
# Taken, read; taken, extracted.
OF_A_WORKER: list[Step] = [
    ("store", "before", 1), ("store", "after", 1), *(("commit", when, n) for n in range(1, 5) for when in ("before", "after")),
]  # fmt: skip
if os.environ.get("FIELDPROOF_FAULTS") != "long":
    OF_THE_API = [("store", "after", 1), ("commit", "after", 4)]
    OF_A_WORKER = [("commit", "after", 1), ("commit", "before", 2)]

AT_WORK = "Working on"
serial = (f"INV-EXIT-{n}" for n in itertools.count(1))


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with running() as machine:
        yield machine


@pytest.fixture(scope="module")
def template(machine: Machine) -> str:
    return template_in(machine)


@pytest.mark.parametrize("step", OF_THE_API, ids=str)
def test_an_api_that_dies_leaves_nothing_that_a_repeated_call_does_not_make_whole(
    step: Step, machine: Machine, template: str
) -> None:
    machine.end("api")
    machine.start("api", program=dying(machine, step))
    machine.wait()
    writer = Writer(machine, template, iter(()), threading.Event())
    with writer.calling(), ThreadPoolExecutor(1) as caller:
        with armed(machine):
            told = caller.submit(writer.document, next(serial))
            assert machine.processes["api"].wait(PATIENCE_S) == -signal.SIGKILL
        machine.start("api")
        one = told.result(PATIENCE_S)
    ends_well(machine, one)


@pytest.mark.parametrize("step", OF_A_WORKER, ids=str)
def test_what_a_dying_worker_held_is_done_by_the_next(step: Step, machine: Machine, template: str) -> None:
    machine.end("worker")
    machine.start("worker", program=dying(machine, step))
    writer = Writer(machine, template, iter(()), threading.Event())
    with writer.calling(), armed(machine):
        one = writer.document(next(serial))
        assert machine.processes["worker"].wait(PATIENCE_S) == -signal.SIGKILL
    machine.start("worker")
    ends_well(machine, one)


def test_a_deployment_cuts_nobody_off(machine: Machine, template: str) -> None:
    """SIGTERM in the middle of work: whoever was connected is answered, the rest find nobody; what was begun goes on elsewhere."""
    machine.end("api", "worker")
    before = machine.log("worker").count(AT_WORK)
    for name in ("api", "worker"):
        machine.start(name)
    machine.wait()
    until(lambda: machine.log("worker").count(AT_WORK), lambda count: count > before)
    stop, numbers = threading.Event(), itertools.count(1)
    writers = [Writer(machine, template, numbers, stop, refusals=()) for _ in range(2)]
    threads = [threading.Thread(target=writer.run) for writer in writers]
    for thread in threads:
        thread.start()
    until(lambda: sum(len(writer.acknowledged) for writer in writers), lambda count: count >= 4)
    assert machine.end("api", "worker") == [0, 0]
    for name in ("api", "worker"):
        machine.start(name)
    machine.wait()
    stop.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    for writer in writers:
        assert writer.problem is None, repr(writer.problem)
        for one in writer.acknowledged:
            ends_well(machine, one)


def dying(machine: Machine, step: Step) -> list[str]:
    place, when, nth = step
    return [sys.executable, "-m", "faults.dying", str(arming(machine)), "KILL", place, when, str(nth)]


def arming(machine: Machine) -> Path:
    return machine.data_dir.parent / "armed"


@contextmanager
def armed(machine: Machine) -> Iterator[None]:
    arming(machine).touch()
    try:
        yield
    finally:
        arming(machine).unlink()


def ends_well(machine: Machine, one: Acknowledged) -> None:
    headers = {"Authorization": f"Bearer {machine.token}"}
    with httpx.Client(base_url=machine.url, timeout=30, headers=headers) as http:
        machine.wait()
        settle(http, [one])
        assert not check(http, one), "given up, although one death is no reason to"
