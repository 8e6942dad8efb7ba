"""What a child costs: a run in the sandbox against the same call in this process; and whether anything grows."""

from __future__ import annotations

import time

import psutil
from bench.parsing.places import table
from bench.parsing.speed import files

from fieldproof.parsing import ParseConfig
from fieldproof.parsing.child import PRELOAD, parse_to_bytes
from fieldproof.sandbox import Sandbox

EARLY, LATE = 500, 10_000


def nothing() -> bytes:
    return b""


def run() -> str:
    path = str(files()[0])
    with Sandbox(preload=(*PRELOAD, "bench.parsing.isolation")) as sandbox:
        start = time.perf_counter()
        isolation = sandbox.isolation
        started_s = time.perf_counter() - start
        empty_ms = _milliseconds(lambda: sandbox.run(nothing), 200)
        in_child_ms = _milliseconds(lambda: sandbox.run(parse_to_bytes, path, ParseConfig()), 30)
        here_ms = _milliseconds(lambda: parse_to_bytes(path, ParseConfig()), 30)
        early = late = 0
        for number in range(1, LATE + 1):
            sandbox.run(nothing)
            if number == EARLY:
                early = _memory()
        late = _memory()
    rows = [
        ["fork server ready, OCR models loaded", f"{started_s:.2f} s, once"],
        ["a child that does nothing", f"{empty_ms:.1f} ms"],
        ["one invoice in a child / in this process", f"{in_child_ms:.1f} ms / {here_ms:.1f} ms"],
        ["kept from the network by", isolation],
        [f"memory of worker and server after {EARLY} / {LATE} children", f"{early / 1e6:.1f} MB / {late / 1e6:.1f} MB"],
    ]
    return table(["what", "measured"], rows)


def _milliseconds(call, times: int) -> float:
    call()
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times * 1000


def _memory() -> int:
    """Of this process and the fork server: what is theirs alone."""
    me = psutil.Process()
    return sum(process.memory_full_info().uss for process in [me, *me.children()])
