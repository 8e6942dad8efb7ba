"""OCR on receipts: character errors and CPU time beside the bare engine on the same pictures."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.parsing.places import LABELLED, table

from fieldproof.parsing import ParseConfig
from fieldproof.parsing.child import PRELOAD, parse_to_bytes
from fieldproof.sandbox import Sandbox

PICTURES = 16


def run() -> str:
    os.environ["OMP_NUM_THREADS"] = "1"
    import numpy as np
    import rapidocr
    from PIL import Image

    from fieldproof.parsing import ocr

    bare = rapidocr.RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    ocr.warm_up()
    folders = [path.parent for path in sorted(LABELLED.glob("sroie/*/document.jpg"))][-PICTURES:]
    cpu = {"rapidocr, bare": 0.0, "fieldproof": 0.0}
    wrong = dict.fromkeys(cpu, 0.0)
    glued = dict.fromkeys(cpu, 0.0)
    characters = 0
    for folder in folders:
        picture = np.ascontiguousarray(np.asarray(Image.open(folder / "document.jpg").convert("RGB"))[:, :, ::-1])
        truth = _truth(folder / "words.json")
        characters += sum(len(word) for word in truth)
        start = time.process_time()
        lines = list(bare(picture).txts or ())
        middle = time.process_time()
        read = [" ".join(word.text for word in line) for line in ocr.read(picture).lines]
        end = time.process_time()
        cpu["rapidocr, bare"] += middle - start
        cpu["fieldproof"] += end - middle
        for name, found in (("rapidocr, bare", lines), ("fieldproof", read)):
            wrong[name] += _missed(truth, " ".join(found).split())
            glued[name] += _letters_missed("".join(truth), "".join("".join(found).split()))
    rows = [
        [
            name,
            f"{cpu[name] / len(folders):.2f}",
            f"{cpu[name] / cpu['rapidocr, bare']:.2f}",
            f"{wrong[name] / characters:.2%}",
            f"{glued[name] / characters:.2%}",
        ]
        for name in cpu
    ]
    header = [
        "engine",
        "CPU s per picture",
        "against bare",
        "characters of words not found",
        "letters not found, spaces aside",
    ]
    return f"{len(folders)} SROIE receipts.\n\n" + table(header, rows) + "\n\n" + _two_at_once(folders[:4])


def _two_at_once(folders: list[Path]) -> str:
    """The wall clock of the same pictures in children, one at a time and two at a time."""
    paths = [str(folder / "document.jpg") for folder in folders]
    spent = []
    with Sandbox(preload=PRELOAD) as sandbox:
        sandbox.run(parse_to_bytes, paths[0], ParseConfig())
        for workers in (1, 2):
            with ThreadPoolExecutor(workers) as pool:
                start = time.perf_counter()
                list(pool.map(lambda path: sandbox.run(parse_to_bytes, path, ParseConfig()), paths))
                spent.append(time.perf_counter() - start)
    return f"Two pictures at a time in two children: {spent[0] / spent[1]:.2f} times as fast on {os.cpu_count()} cores."


def _truth(path) -> list[str]:
    pages = json.loads(path.read_text())["pages"]
    return [part for page in pages for word in page["words"] for part in word[0].split()]


def _missed(truth: list[str], read: list[str]) -> int:
    """Characters of the true words that were not read as words."""
    from collections import Counter

    left = Counter(word.casefold() for word in truth) - Counter(word.casefold() for word in read)
    return sum(len(word) * count for word, count in left.items())


def _letters_missed(truth: str, read: str) -> int:
    """Characters of the truth that the reading lacks, order aside."""
    from collections import Counter

    return (Counter(truth.casefold()) - Counter(read.casefold())).total()
