"""What a child costs: a run in the sandbox against the same call in this process; and whether anything grows."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import psutil
from bench.parsing.places import table
from bench.parsing.speed import files

from fieldproof.core import codec
from fieldproof.parsing import ParseConfig
from fieldproof.parsing.child import PRELOAD, parse_to_bytes
from fieldproof.sandbox import Sandbox
from parsing.drawn import Drawing

EARLY, LATE = 500, 10_000


def nothing() -> bytes:
    return b""


def run() -> str:
    path = str(files()[0])
    with tempfile.TemporaryDirectory() as folder, Sandbox(preload=(*PRELOAD, "bench.parsing.isolation")) as sandbox:
        start = time.perf_counter()
        isolation = sandbox.isolation
        started_s = time.perf_counter() - start
        empty_ms = _milliseconds(lambda: sandbox.run(nothing), 200)
        in_child_ms = _milliseconds(lambda: sandbox.run(parse_to_bytes, path, ParseConfig()), 30)
        here_ms = _milliseconds(lambda: parse_to_bytes(path, ParseConfig()), 30)
        early = late = 0
        small = _small_document(folder)
        for number in range(1, LATE + 1):
            codec.load(sandbox.run(parse_to_bytes, small, ParseConfig()))
            if number == EARLY:
                early = _memory()
        late = _memory()
    rows = [
        ["fork server ready, OCR models loaded", f"{started_s:.2f} s, once"],
        ["a child that does nothing", f"{empty_ms:.1f} ms"],
        ["one invoice in a child / in this process", f"{in_child_ms:.1f} ms / {here_ms:.1f} ms"],
        ["kept from the network by", isolation],
        [
            f"memory of worker and server after {EARLY} / {LATE} documents",
            f"{early / 1e6:.1f} MB / {late / 1e6:.1f} MB",
        ],
    ]
    return table(["what", "measured"], rows)


def _small_document(folder: str) -> str:
    drawing = Drawing(Path(folder) / "small.pdf")
    drawing.lines(60, 60, ["Invoice 2041 of Northwind Traders", "Total due 120.00 EUR"])
    return str(drawing.save())


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
