"""DOCX, PPTX and XLSX beside markitdown and docling, every engine in a process of its own, on the same made files."""

from __future__ import annotations

import gc
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.parsing.places import ROOT, python_with, table
from bench.parsing.speed import peak_mb

KINDS = ("docx", "pptx", "xlsx")
FILES_EACH = 6
ROUNDS = 3


def make(folder: Path) -> None:
    """Contracts of 20 pages, decks of 25 slides, books of three sheets."""
    from parsing.formats import build

    for seed in range(FILES_EACH):
        rng = random.Random(seed)
        (folder / f"{seed}.docx").write_bytes(
            build.docx(_contract(rng), styles=build.STYLES, numbering=build.NUMBERING)
        )
        (folder / f"{seed}.pptx").write_bytes(build.presentation(lambda deck, r=rng: _deck(deck, r)))
        (folder / f"{seed}.xlsx").write_bytes(build.workbook(lambda book, r=rng: _book(book, r)))


def _sentence(rng: random.Random, words: int) -> str:
    from bench.parsing.words import LATIN  # drawing needs more than a peer's environment has

    return " ".join(rng.choice(LATIN) for _ in range(words))


def _contract(rng: random.Random) -> str:
    from parsing.formats.build import cell, numbered, paragraph, row
    from parsing.formats.build import table as word_table

    parts = []
    for _ in range(20):
        parts.append(paragraph(_sentence(rng, 4), properties='<w:pStyle w:val="H1"/>'))
        parts += [paragraph(_sentence(rng, rng.randint(30, 80))) for _ in range(6)]
        parts += [numbered(_sentence(rng, 12)) for _ in range(4)]
        rows = [row(*(cell(_sentence(rng, 2)) for _ in range(4))) for _ in range(8)]
        parts.append(word_table(*rows))
    return "".join(parts)


def _deck(deck, rng: random.Random) -> None:
    from pptx.util import Inches

    for _ in range(25):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = _sentence(rng, 4)
        slide.placeholders[1].text = "\n".join(_sentence(rng, 9) for _ in range(5))
        grid = slide.shapes.add_table(4, 3, Inches(1), Inches(5), Inches(6), Inches(1.5)).table
        for index in range(12):
            grid.cell(index // 3, index % 3).text = _sentence(rng, 2)


def _book(book, rng: random.Random) -> None:
    for number in range(3):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.append([f"Column {c}" for c in range(8)])
        for _ in range(500):
            sheet.append([_sentence(rng, 2), *(round(rng.uniform(1, 9999), 2) for _ in range(6)), rng.randint(1, 99)])


def fieldproof() -> Callable[[Path], object]:
    from fieldproof.parsing import ParseConfig, chunk, parse

    return lambda path: chunk(parse(path, ParseConfig()))


def markitdown() -> Callable[[Path], object]:
    from markitdown import MarkItDown

    converter = MarkItDown()
    return lambda path: converter.convert(str(path))


def docling() -> Callable[[Path], object]:
    from docling.document_converter import DocumentConverter

    converter = DocumentConverter()
    return lambda path: converter.convert(str(path))


ENGINES = {"fieldproof": fieldproof, "markitdown": markitdown, "docling": docling}


def run() -> str:
    with tempfile.TemporaryDirectory() as name:
        make(Path(name))
        pythons = {engine: python_with(engine) for engine in ENGINES}
        rows = [
            [f"{engine} {found[1]}", *(f"{measured[kind]:.1f}" for kind in KINDS), f"{measured['peak_mb']:.0f}"]
            for engine, found in pythons.items()
            if found and (measured := _measure(found[0], engine, name))
        ]
    header = ["engine", *(f"{kind.upper()}, files per CPU second" for kind in KINDS), "peak MB"]
    missing = [engine for engine, found in pythons.items() if not found]
    note = f" Not installed: {', '.join(missing)}." if missing else ""
    return (
        f"{FILES_EACH} files of each kind, {ROUNDS} rounds; start-up and one warming round not counted. Fieldproof also "
        f"lays its words out on pages, with boxes.{note}\n\n" + table(header, rows)
    )


def _measure(python: str, engine: str, folder: str) -> dict[str, float] | None:
    command = [python, "-m", "bench.parsing.office", engine, folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(engine, done.stderr[-400:])
        return None
    return json.loads(done.stdout.splitlines()[-1])


def _child(name: str, folder: Path) -> None:
    gc.disable()  # for all alike: Fieldproof parses in children that end with their document
    engine, measured = ENGINES[name](), {}
    for kind in KINDS:
        paths = sorted(folder.glob(f"*.{kind}"))
        for path in paths:
            engine(path)
        gc.collect()
        start = time.process_time()
        for _ in range(ROUNDS):
            for path in paths:
                engine(path)
        measured[kind] = ROUNDS * len(paths) / (time.process_time() - start)
    print(json.dumps(measured | {"peak_mb": peak_mb()}))


if __name__ == "__main__":
    _child(sys.argv[1], Path(sys.argv[2]))
