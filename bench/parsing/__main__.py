"""Runs every bench of the parsing room and writes bench/results/parsing.md."""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime

from bench.parsing import hidden, isolation, reading, speed, tables, words
from bench.parsing.places import RESULTS, version_of

SECTIONS = {
    "Words, boxes and reading order": words.run,
    "Tables (drawn, F1 of neighbouring cells)": tables.run,
    "Hidden text": hidden.run,
    "Speed on born-digital PDF": speed.run,
    "OCR": reading.run,
    "The sandbox": isolation.run,
}
PACKAGES = ("fieldproof", "pypdfium2", "rapidocr", "onnxruntime", "numpy", "pikepdf")


def main() -> None:
    chosen = [name for name in SECTIONS if not sys.argv[1:] or any(word in name.lower() for word in sys.argv[1:])]
    versions = ", ".join(f"{package} {version_of(package)}" for package in PACKAGES)
    parts = [
        "# Parsing, measured",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {platform.machine()}; {versions}.",
        "Written by `python -m bench.parsing`. CPU seconds, one process after the other; a shared machine makes them rough.",
    ]
    for name in chosen:
        print(name, flush=True)
        parts += [f"## {name}", SECTIONS[name]()]
        print(parts[-1], flush=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    if len(chosen) == len(SECTIONS):
        (RESULTS / "parsing.md").write_text("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
