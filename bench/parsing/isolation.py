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
from parsing.formats.samples import SAMPLES

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
        early, late = _growth(sandbox, _small_documents(Path(folder)))
    rows = [
        ["fork server ready, OCR models loaded", f"{started_s:.2f} s, once"],
        ["a child that does nothing", f"{empty_ms:.1f} ms"],
        ["one invoice in a child / in this process", f"{in_child_ms:.1f} ms / {here_ms:.1f} ms"],
        ["kept from the network by", isolation],
        [
            f"memory of the parent, which takes the results, after {EARLY} / {LATE} documents",
            _compared(early[0], late[0]),
        ],
        ["of the fork server", _compared(early[1], late[1])],
    ]
    return table(["what", "measured"], rows)


def _small_documents(folder: Path) -> list[str]:
    """One of each format that is read without LibreOffice."""
    drawing = Drawing(folder / "small.pdf")
    drawing.lines(60, 60, ["Invoice 2041 of Northwind Traders", "Total due 120.00 EUR"])
    paths = [drawing.save()]
    for sample in SAMPLES:
        paths.append(folder / sample.name)
        paths[-1].write_bytes(sample.content)
    return list(map(str, paths))


def _growth(sandbox: Sandbox, paths: list[str]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Bytes of parent and server, early and late."""
    early = (0, 0)
    for number in range(1, LATE + 1):
        codec.load(sandbox.run(parse_to_bytes, paths[number % len(paths)], ParseConfig(ocr="never")))
        if number == EARLY:
            early = _memory()
        if number % 1000 == 0:
            print(number, *(f"{size / 1e6:.1f} MB" for size in _memory()), flush=True)
    return early, _memory()


def _compared(early: int, late: int) -> str:
    return f"{early / 1e6:.1f} MB / {late / 1e6:.1f} MB ({late / early - 1:+.1%})"


def _milliseconds(call, times: int) -> float:
    call()
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times * 1000


def _memory() -> tuple[int, int]:
    """Of this process and of the fork server: what is in no file, so that it does not matter who else maps a library."""
    me = psutil.Process()
    return _anonymous(me.pid), sum(_anonymous(process.pid) for process in me.children())


def _anonymous(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon"))
