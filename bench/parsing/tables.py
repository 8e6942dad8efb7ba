"""Tables against drawn truth: F1 of neighbouring cells (the ICDAR 2013 measure), beside camelot and pdfplumber."""

from __future__ import annotations

import random
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from bench.parsing.places import table, version_of

from fieldproof.parsing import ParseConfig, parse
from parsing.drawn import Drawing

Grid = list[list[str]]
Relations = Counter[tuple[str, str, str]]
NOUNS = [
    "Cable",
    "duct",
    "Hose",
    "Battery",
    "Clamp",
    "Pump",
    "Valve",
    "Gasket",
    "Filter",
    "Motor",
    "Bracket",
    "Sensor",
    "Relay",
    "Switch",
    "Panel",
]
DOCUMENTS = 12


def draw(path: Path, kind: str, rng: random.Random) -> tuple[Drawing, list[Grid]]:
    drawing = Drawing(path)
    columns = rng.randint(3, 6)
    widths = [rng.uniform(1.0, 2.5) for _ in range(columns)]
    edges = [50.0]
    for width in widths:
        edges.append(edges[-1] + 495 * width / sum(widths))
    grids = []
    for page in range(2 if kind == "over two pages" else 1):
        if page:
            drawing.next_page()
        drawing.text(50, 40, "The following list is part of our agreement and replaces all lists before it.")
        grids.append(_draw_one(drawing, kind, edges, rng))
        drawing.text(50, 780, "Signed by both parties in two copies, each of them being an original.")
    return drawing, grids


def _draw_one(drawing: Drawing, kind: str, edges: list[float], rng: random.Random) -> Grid:
    rows, columns, pitch, top = rng.randint(5, 14), len(edges) - 1, rng.choice([16, 20, 24]), 80.0
    grid = [["Item", *(f"{rng.choice(['Price', 'Qty', 'Net', 'Gross', 'Rate'])} {c}" for c in range(1, columns))]]
    for _ in range(rows):
        name = " ".join(rng.sample(NOUNS, rng.randint(1, 2)))
        grid.append([name, *(f"{rng.uniform(1, 9999):,.2f}" if rng.random() < 0.9 else "" for _ in range(1, columns))])
    spanned = kind == "spanning"
    if spanned:
        grid.insert(0, ["", *["Amounts of the year"] * (columns - 1)])
    for number, row in enumerate(grid):
        for column, text in enumerate(row):
            if text and not (spanned and number == 0 and column > 1):
                drawing.text(edges[column] + 3, top + number * pitch + 3, text, size=8)
    if kind != "unruled":
        _rule(drawing, edges, top, pitch, len(grid), is_spanned=spanned)
    return grid


def _rule(drawing: Drawing, edges: list[float], top: float, pitch: float, rows: int, *, is_spanned: bool) -> None:
    for number in range(rows + 1):
        drawing.rule(edges[0], top + number * pitch, edges[-1], top + number * pitch)
    for index, x in enumerate(edges):
        start = top + pitch if is_spanned and 1 < index < len(edges) - 1 else top
        drawing.rule(x, start, x, top + rows * pitch)


def relations(grid: Grid) -> Relations:
    """(text, next text to the right or below, direction), empty and repeated (spanned) cells skipped."""
    found: Relations = Counter()
    for direction, lines in (("right", grid), ("down", [list(column) for column in zip(*grid, strict=True)])):
        for line in lines:
            texts = [_bare(text) for text in line if _bare(text)]
            found.update((a, b, direction) for a, b in pairwise(texts) if a != b)
    return found


def _bare(text: str) -> str:
    return "".join(text.split())


def ours(path: Path) -> list[Grid]:
    document = parse(path, ParseConfig(ocr="never"))
    grids = []
    for block in (block for page in document.pages for block in page.blocks if block.table):
        assert block.table
        grid = [[""] * block.table.column_count for _ in range(block.table.row_count)]
        for cell in block.table.cells:
            for row in range(cell.row, cell.row + cell.row_span):
                for column in range(cell.column, cell.column + cell.column_span):
                    grid[row][column] = cell.text
        grids.append(grid)
    return grids


def plumber(path: Path) -> list[Grid]:
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        return [
            [[cell or "" for cell in row] for row in found] for page in pdf.pages for found in page.extract_tables()
        ]


def camelot(flavour: str) -> Callable[[Path], list[Grid]]:
    def extract(path: Path) -> list[Grid]:
        import camelot as library

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [t.df.values.tolist() for t in library.read_pdf(str(path), pages="all", flavor=flavour)]

    return extract


def run() -> str:
    engines: dict[str, Callable[[Path], list[Grid]]] = {"fieldproof": ours}
    if found := version_of("pdfplumber"):
        engines[f"pdfplumber {found}"] = plumber
    if found := version_of("camelot-py"):
        engines |= {f"camelot {found} {f}": camelot(f) for f in ("lattice", "stream", "hybrid")}
    kinds = ("ruled", "spanning", "unruled", "over two pages")
    return table(["engine", *kinds, "all"], [_row(name, engine, kinds) for name, engine in engines.items()])


def _row(name: str, engine: Callable[[Path], list[Grid]], kinds: tuple[str, ...]) -> list[str]:
    scores: list[list[float]] = []
    for kind in kinds:
        scores.append([])
        for seed in range(DOCUMENTS):
            with tempfile.TemporaryDirectory() as folder:
                drawing, truth = draw(Path(folder) / "a.pdf", kind, random.Random(seed))
                try:
                    read = engine(drawing.save())
                except Exception as error:  # a peer's failure is a result
                    print(name, kind, seed, type(error).__name__)
                    read = []
            scores[-1].append(_f1(_all(truth), _all(read)))
    everything = [score for group in scores for score in group]
    return [name, *(f"{sum(group) / len(group):.1%}" for group in scores), f"{sum(everything) / len(everything):.1%}"]


def _all(grids: list[Grid]) -> Relations:
    return sum((relations(grid) for grid in grids if grid), Counter())


def _f1(truth: Relations, read: Relations) -> float:
    hits = (truth & read).total()
    return 2 * hits / max(1, truth.total() + read.total())
