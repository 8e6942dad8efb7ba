"""Words, boxes and reading order against PDFs drawn with exact truth."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.parsing.places import ROOT, table
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

from fieldproof.core.document import ParsedDocument
from fieldproof.parsing import ParseConfig, parse
from parsing.drawn import Drawing, TrueWord

CONFIG = ParseConfig(ocr="never")
LATIN = [
    "the",
    "carrier",
    "shall",
    "deliver",
    "goods",
    "described",
    "overleaf",
    "to",
    "consignee",
    "named",
    "above",
    "in",
    "apparent",
    "order",
    "and",
    "condition",
    "as",
    "received",
    "unless",
    "otherwise",
    "noted",
    "charges",
    "due",
    "before",
    "release",
    "amount",
    "1,250.00",
    "EUR",
    "14.03.2024",
    "No.",
    "4711-B",
    "19%",
    "(net)",
]
HEBREW = [
    "חשבונית",
    "מספר",
    "תאריך",
    "סכום",
    "לתשלום",
    "כולל",
    "מעמ",
    "הספק",
    "הלקוח",
    "כתובת",
    "טלפון",
    "הזמנה",
    "פריט",
    "כמות",
    "מחיר",
]
CHINESE = "合同编号发票日期金额供应商地址电话订单数量单价总计税率银行账户付款条件交货日期"


def draw_columns(path: Path, columns: int, rotate: int, rng: random.Random) -> Drawing:
    drawing = Drawing(path, rotate=rotate)
    width = drawing.seen[0]
    drawing.text(50, 36, "General conditions of carriage", size=17, font="Sans")
    per_line = {1: 9, 2: 5, 3: 3}[columns]
    for column in range(columns):
        y = 80.0
        for _ in range(4):
            for _ in range(rng.randint(5, 9)):
                line = " ".join(rng.choice(LATIN) for _ in range(per_line))
                drawing.text(50 + column * (width - 90) / columns, y, line, size=8.5, font="Sans")
                y += 12
            y += 10
    return drawing


def draw_hebrew(path: Path, rng: random.Random) -> Drawing:
    """Set right to left as a page shows it: the file holds each word's letters in visual order."""
    drawing = Drawing(path)
    for row in range(30):
        right, y = 545.0, 60 + row * 18
        for _ in range(7):
            word = rng.choice(HEBREW)
            left = right - pdfmetrics.stringWidth(word, "Sans", 10)
            before = len(drawing.words)
            drawing.text(left, y, word[::-1], font="Sans")
            drawing.words[before:] = [TrueWord(word, 1, drawing.words[before].box)]
            right = left - pdfmetrics.stringWidth(" ", "Sans", 10) * 1.2
    return drawing


def draw_chinese(path: Path, rng: random.Random) -> Drawing:
    drawing = Drawing(path)
    for row in range(30):
        word = "".join(rng.choice(CHINESE) for _ in range(rng.randint(4, 20)))
        drawing.text(60, 60 + row * 18, f"{word} {rng.randint(100, 99999)}", size=11, font="STSong-Light")
    return drawing


def score(document: ParsedDocument, truth: list[TrueWord]) -> tuple[int, int, int, int, bool]:
    """Words found in place (text equal, IoU ≥ 0.9), found at all (≥ 0.5), in truth, read; and whether the order is the truth's."""
    read = [(page.number, word) for page in document.pages for word in page.words]
    left = list(read)
    good = found = 0
    for true in truth:
        match = max(
            (entry for entry in left if entry[0] == true.page and entry[1].text == true.text),
            key=lambda entry: entry[1].box.iou(true.box),
            default=None,
        )
        if match is None or match[1].box.iou(true.box) < 0.5:
            continue
        left.remove(match)
        found += 1
        good += match[1].box.iou(true.box) >= 0.9
    return good, found, len(truth), len(read), [w.text for _, w in read] == [w.text for w in truth]


def run() -> str:
    pdfmetrics.registerFont(TTFont("Sans", str(ROOT / "src/fieldproof/parsing/fonts/DejaVuSansCondensed.ttf")))
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    rows = []
    for columns in (1, 2, 3):
        for rotate in (0, 90, 180, 270):
            rows.append(
                _row(
                    f"{columns} column(s), /Rotate {rotate}", lambda p, r, c=columns, t=rotate: draw_columns(p, c, t, r)
                )
            )
    rows.append(_row("Hebrew", draw_hebrew))
    rows.append(_row("Chinese", draw_chinese))
    return table(["layout (5 pages each)", "recall", "precision", "of these IoU ≥ 0.9", "reading order as truth"], rows)


def _row(name: str, draw: Callable[[Path, random.Random], Drawing]) -> list[str]:
    total = [0, 0, 0, 0]
    orders = 0
    for seed in range(5):
        with tempfile.TemporaryDirectory() as folder:
            drawing = draw(Path(folder) / "a.pdf", random.Random(seed))
            *numbers, is_ordered = score(parse(drawing.save(), CONFIG), drawing.words)
        total = [a + b for a, b in zip(total, numbers, strict=True)]
        orders += is_ordered
    good, found, truth, read = total
    return [name, f"{found / truth:.2%}", f"{found / read:.2%}", f"{good / max(1, found):.2%}", f"{orders}/5"]
