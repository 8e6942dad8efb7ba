"""Hidden text: PDFs drawn with it, and clean files that must raise no alarm."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from bench.parsing.places import table
from bench.parsing.speed import files

from fieldproof.parsing import ParseConfig, parse
from parsing import test_pdf as attacks
from parsing.drawn import Drawing

CONFIG = ParseConfig(ocr="never")
ATTACKS = (
    attacks.hide_by_mode,
    attacks.hide_by_colour,
    attacks.hide_by_near_colour,
    attacks.hide_on_a_fill,
    attacks.hide_by_size,
    attacks.hide_off_page,
    attacks.hide_under_a_fill,
    attacks.hide_transparent,
)
CLEAN = 50


def run() -> str:
    caught = told = 0
    tried = [(attack, rotate) for attack in ATTACKS for rotate in (0, 90, 180, 270)]
    for number, (attack, rotate) in enumerate(tried):
        with tempfile.TemporaryDirectory() as folder:
            drawing = Drawing(Path(folder) / "a.pdf", rotate=rotate)
            drawing.lines(
                60, 40, ["Invoice of Northwind Traders", f"Total due {random.Random(number).randint(1, 9999)}.00 EUR"]
            )
            attack(drawing)
            document = parse(drawing.save(), CONFIG)
            caught += "Ignore" not in document.text
            told += any("Ignore" in item.text for item in document.hidden)
    documents = [parse(path, CONFIG) for path in files()[::2][:CLEAN]]
    alarms = sum(bool(document.hidden) for document in documents)
    rows = [
        [f"attacks kept out of the text ({len(tried)})", str(caught)],
        ["attacks reported with their place", str(told)],
        [f"alarms on clean born-digital files ({len(documents)})", str(alarms)],
    ]
    return table(["PDF", "count"], rows)
