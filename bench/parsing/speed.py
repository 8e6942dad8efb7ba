"""Pages per second and peak memory, every engine in a process of its own, one after the other, on the same files."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.parsing.places import LABELLED, ROOT, table, version_of

DATASETS = ("adbuy", "invds", "nda", "realinv", "syn_invoice", "syn_po", "syn_statement", "zugferd")  # born digital
FILES_EACH = 12
ROUNDS = 3


def files() -> list[Path]:
    return [path for name in DATASETS for path in sorted(LABELLED.glob(f"{name}/*/document.pdf"))[:FILES_EACH]]


def bare_pdfium(path: Path) -> int:
    """What PDFium itself needs: text and two box calls a word through ctypes; nothing is kept but the words."""
    import re

    import pypdfium2
    import pypdfium2.raw as raw

    pages = 0
    first, last = raw.FS_RECTF(), raw.FS_RECTF()
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            text_page = page.get_textpage()
            words = []
            for match in re.finditer(r"\S+", text_page.get_text_range()):
                raw.FPDFText_GetLooseCharBox(text_page.raw, match.start(), first)
                raw.FPDFText_GetLooseCharBox(text_page.raw, match.end() - 1, last)
                words.append((match.group(), first.left, first.bottom, last.right, first.top))
            text_page.close()
            page.close()
            pages += 1
    return pages


def fieldproof(path: Path) -> int:
    from fieldproof.parsing import ParseConfig, chunk, parse

    document = parse(path, ParseConfig(ocr="never"))
    chunk(document)
    return len(document.pages)


def pdfplumber(path: Path) -> int:
    import pdfplumber as library

    with library.open(path) as pdf:
        for page in pdf.pages:
            page.extract_words()
        return len(pdf.pages)


def docling_parse(path: Path) -> int:
    from docling_parse.pdf_parser import DoclingPdfParser

    pages = 0
    document = DoclingPdfParser(loglevel="fatal").load(str(path))
    for _ in document.iterate_pages():
        pages += 1
    document.unload()
    return pages


def kreuzberg(path: Path) -> int:
    import kreuzberg as library

    library.extract_file_sync(str(path))
    return 0


def pdf_oxide(path: Path) -> int:
    import pdf_oxide as library

    document = library.PdfDocument(str(path))
    count = document.page_count()
    for number in range(count):
        document.extract_words(number)
    return count


ENGINES: dict[str, tuple[Callable[[Path], int], str]] = {
    "bare PDFium words (ctypes)": (bare_pdfium, "pypdfium2"),
    "fieldproof: words, boxes, blocks, tables, chunks": (fieldproof, "fieldproof"),
    "pdfplumber words": (pdfplumber, "pdfplumber"),
    "docling-parse": (docling_parse, "docling-parse"),
    "kreuzberg": (kreuzberg, "kreuzberg"),
    "pdf_oxide words": (pdf_oxide, "pdf_oxide"),
}


def run() -> str:
    engines = {name: found for name, (_, package) in ENGINES.items() if (found := version_of(package)) is not None}
    measured = _measured(list(engines))
    first = next(iter(measured.values()))
    pages, base = first["pages"], first["cpu_s"]
    rows = [
        [
            f"{name} {engines[name]}",
            f"{pages / of_engine['cpu_s']:.0f}",
            f"{base / of_engine['cpu_s']:.2f}",
            f"{of_engine['peak_mb']:.0f}",
            str(of_engine["failed"]),
        ]
        for name, of_engine in measured.items()
    ]
    header = ["engine", "pages per CPU second", "speed against bare PDFium", "peak MB", "files it failed on"]
    return (
        f"{len(files())} born-digital files, {pages} pages; start-up and one warming file not counted; the quickest of "
        f"{ROUNDS} rounds, the engines taking turns.\n\n"
    ) + table(header, rows)


def _measured(names: list[str]) -> dict[str, dict[str, float]]:
    """The quickest round of each: what other programs do to the machine only ever adds."""
    best: dict[str, dict[str, float]] = {}
    for _ in range(ROUNDS):
        for name in names:
            found = _measure(name)
            if found is not None and (name not in best or found["cpu_s"] < best[name]["cpu_s"]):
                best[name] = found
    return {name: best[name] for name in names if name in best}


def _measure(name: str) -> dict[str, float] | None:
    done = subprocess.run([sys.executable, "-m", "bench.parsing.speed", name], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(name, done.stderr[-400:])
        return None
    return json.loads(done.stdout.splitlines()[-1])


def _child(name: str) -> None:
    engine, _ = ENGINES[name]
    gc.disable()  # for all alike: Fieldproof parses in children that end with their document
    engine(files()[0])
    pages = failed = 0
    start = time.process_time()
    for path in files():
        try:
            pages += engine(path)
        except Exception:
            failed += 1
    cpu_s = time.process_time() - start
    peak = peak_mb()
    print(json.dumps({"pages": pages, "cpu_s": cpu_s, "peak_mb": peak, "failed": failed}))


def peak_mb() -> float:
    """Of this program alone: getrusage would count the parent it was forked from."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    _child(sys.argv[1])
