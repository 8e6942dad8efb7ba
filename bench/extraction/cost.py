"""What the engine costs after parsing: ``OMP_NUM_THREADS=1 python bench/extraction/cost.py``.

One thread, as the product's children have: more of them wait for each other, and waiting is counted as CPU time.
One process, warm, one document after another, each forgotten before the next: CPU per page over every third document
of ``dev`` and the most memory that was held; then CPU per page of a document with its pages once, twice and four times.
"""

from __future__ import annotations

import gc
import resource
import sys
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median
from typing import Any

from corpus import MISSING, Labelled, corpus, shared_folder
from predict import predict

from fieldproof.extraction import LocalEngine
from fieldproof.extraction.ranker import shipped_ranker

STEP = 3
TIMES = (1, 2, 4)
_LONG = 6  # pages that a document has at least which is repeated


def main() -> None:
    shared = shared_folder()
    if shared is None:
        sys.exit(MISSING)
    engine = LocalEngine(shipped_ranker())
    documents = corpus(shared / "data" / "bench" / "dev")
    cost_per_page(engine, replace(documents[0]))  # warm
    costs = sorted(cost_per_page(engine, replace(d)) for d in documents[::STEP])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(costs)} documents: {median(costs):.1f} ms CPU per page median, {costs[int(len(costs) * 0.95)]:.1f} p95"
    )
    print(f"memory {peak:.0f} MB at most")
    longest = next(d for d in map(replace, documents) if len(d.words["pages"]) >= _LONG)
    for times in TIMES:
        again = Repeated(longest.folder, longest.dataset, times=times)
        print(f"its pages {times} times: {min(cost_per_page(engine, again) for _ in range(3)):.1f} ms CPU per page")


@dataclass(frozen=True)
class Repeated(Labelled):
    """A document with its pages so many times."""

    times: int = 1

    @cached_property
    def words(self) -> dict[str, Any]:
        pages = super().words["pages"] * self.times
        return {"pages": [{**page, "page": number} for number, page in enumerate(pages, 1)]}


def cost_per_page(engine: LocalEngine, document: Labelled) -> float:
    """ms of CPU, without the collector: the product's children end with their document and never run it."""
    gc.collect()
    gc.disable()
    return 1000 * predict(engine, document).cpu_s / max(1, len(document.words["pages"]))


if __name__ == "__main__":
    main()
