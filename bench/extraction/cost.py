"""What the engine costs after parsing: ``python bench/extraction/cost.py``.

One process, warm, one document after another, each forgotten before the next: CPU per page over every third document
of ``dev`` and the most memory that was held; then the same statement with twice and four times the pages, as ratios.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from statistics import median

from corpus import MISSING, Labelled, corpus, document_of, shared_folder
from predict import predict

from fieldproof.extraction import LocalEngine
from fieldproof.extraction.ranker import shipped_ranker

STEP = 3
TIMES = (1, 2, 4)
_LONG = 6  # pages of the shortest document that is repeated


def main() -> None:
    shared = shared_folder()
    if shared is None:
        sys.exit(MISSING)
    engine = LocalEngine(shipped_ranker())
    folders = [(d.folder, d.dataset) for d in corpus(shared / "data" / "bench" / "dev")[::STEP]]
    predict(engine, Labelled(*folders[0]))  # warm
    costs = sorted(cost_per_page(engine, *f) for f in folders)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(costs)} documents: {median(costs):.1f} ms CPU per page median, {costs[int(len(costs) * 0.95)]:.1f} p95"
    )
    print(f"memory {peak:.0f} MB at most")
    print("the same pages so many times, ms per page:", *(f"{n} x {c:.1f}" for n, c in repeated(engine, shared)))


def cost_per_page(engine: LocalEngine, folder: Path, dataset: str) -> float:
    document = Labelled(folder, dataset)
    return 1000 * predict(engine, document).cpu_s / max(1, len(document.words["pages"]))


def repeated(engine: LocalEngine, shared: Path) -> list[tuple[int, float]]:
    """(how many times its pages, ms per page) of the first document with enough pages."""
    documents = corpus(shared / "data" / "bench" / "dev")
    found = next(d for d in documents if len(d.words["pages"]) >= _LONG)
    pages = found.words["pages"]
    out = []
    for times in TIMES:
        more = [{**page, "page": n} for n, page in enumerate(pages * times, 1)]
        longer = Labelled(found.folder, found.dataset)
        longer.__dict__["document"] = document_of({"pages": more})
        out.append((times, 1000 * min(predict(engine, longer).cpu_s for _ in range(3)) / len(more)))
    return out


if __name__ == "__main__":
    main()
