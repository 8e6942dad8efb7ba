"""Runs the benches of the parsing room, all or those whose name holds a given word, into bench/results/parsing.md."""

from __future__ import annotations

import platform
import re
import sys
from datetime import UTC, datetime

from bench.parsing import hidden, isolation, office, reading, served, speed, tables, words
from bench.parsing.places import RESULTS, version_of

SECTIONS = {
    "Words, boxes and reading order": words.run,
    "Tables (drawn, F1 of neighbouring cells)": tables.run,
    "Hidden text": hidden.run,
    "Speed on born-digital PDF": speed.run,
    "Office files": office.run,
    "OCR": reading.run,
    "The sandbox": isolation.run,
    "Hostile files through a running server": served.run,
}
PACKAGES = ("fieldproof", "pypdfium2", "rapidocr", "onnxruntime", "numpy", "pikepdf")
TARGET = RESULTS / "parsing.md"


def main() -> None:
    chosen = [name for name in SECTIONS if not sys.argv[1:] or any(word in name.lower() for word in sys.argv[1:])]
    for name in chosen:
        print(name, flush=True)
        found = f"*{datetime.now(UTC):%Y-%m-%d %H:%M} UTC*\n\n{SECTIONS[name]()}"
        print(found, flush=True)
        _keep(name, found)


def _keep(name: str, found: str) -> None:
    """Writes the section into the results; those not run again stay as they were, with their own date."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    parts = re.split(r"^## (.*)\n", TARGET.read_text(), flags=re.MULTILINE) if TARGET.exists() else [""]
    kept = dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True)) | {name: found}
    ordered = [title for title in kept if title not in SECTIONS] + [title for title in SECTIONS if title in kept]
    sections = [f"## {title}\n\n{kept[title]}" for title in ordered]
    TARGET.write_text("\n\n".join([_head(), *sections]) + "\n")


def _head() -> str:
    versions = ", ".join(f"{package} {version_of(package)}" for package in PACKAGES)
    return (
        f"# Parsing, measured\n\nPython {platform.python_version()}, {platform.machine()}; {versions}.\n\n"
        "Written by `python -m bench.parsing`. CPU seconds, one process after the other; a shared machine makes them rough."
    )


if __name__ == "__main__":
    main()
