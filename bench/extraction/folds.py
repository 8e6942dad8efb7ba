"""Models for measuring, never for shipping: ``python bench/extraction/folds.py`` before ``run.py``.

``fold0`` … ``fold2`` are trained on every data set, each without a third of all layouts: a document is asked
with the fold that never saw its layout. The few papers that somebody labelled count more there than the many that
were made up (``ASKED``, ``MADE_UP``). ``without_adbuy`` is the shipped recipe without the ad-buys. (For the
measure-only sets the shipped model itself is the one that never saw the kind.) Written to bench/out/models.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "training"))

import train
from corpus import MISSING, ROOT, Labelled, corpus, shared_folder
from train_sketches import Sketch

MODELS = ROOT / "bench" / "out" / "models"
ROWS = ROOT / "bench" / "out" / "rows"
ASKED, MADE_UP = 4.0, 0.5  # weights beside 1 of the sets with exact truth
MEASURE_ONLY = ("sroie", "funsd", "nda", "invds", "realinv", "zugferd")


def fold_of(d: Labelled) -> int:
    return train.hash_of(f"{d.dataset}/{d.family}") % train.FOLDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sketches", type=int, default=train.SKETCHES)
    parser.add_argument("--generated", type=int, default=train.GENERATED_LAYOUTS)
    parser.add_argument("--keep", action="store_true", help="use rows made before")
    parser.add_argument("--only", nargs="*", default=[], help="models to make")
    options = parser.parse_args()
    start = time.time()
    shared = shared_folder()
    if shared is None:
        sys.exit(MISSING)
    rows = {}
    for dataset in (*train.OWN, *train.PUBLIC, *MEASURE_ONLY):
        documents = [d for p in ("dev", "stream_dev") for d in corpus(shared / "data" / "bench" / p, [dataset])]
        rows[dataset] = _rows(dataset, documents, keep=options.keep)
    rows["sketch"] = _rows("sketch", train.sketches(options.sketches), keep=options.keep)
    rows["generated"] = _rows("generated", train.generated(options.generated), keep=options.keep)
    print(f"{sum(len(r['y']) for r in rows.values()):,} rows, {time.time() - start:.0f} s", flush=True)
    everything = train.joined(r | {"weight": np.full(len(r["y"]), _weight(name))} for name, r in rows.items())
    fold = everything["group"] % train.FOLDS
    if not options.only or "folds" in options.only:
        held_out = train.out_of_fold(everything)
        for k, model in enumerate(held_out.models):
            train.write(MODELS / f"fold{k}", model, everything, held_out.scores, fold != k)
    if not options.only or "without_adbuy" in options.only:
        own = train.joined(rows[d] for d in (*train.OWN, "fara", "sketch", "generated"))
        model = train.fit(own, np.ones(len(own["y"]), dtype=bool), train.SHIPPED)
        train.write(MODELS / "without_adbuy", model, own)
    print(f"done, {time.time() - start:.0f} s")


def _weight(dataset: str) -> float:
    if dataset in (*MEASURE_ONLY, *train.PUBLIC):
        return ASKED
    return 1.0 if dataset in train.OWN else MADE_UP


def _rows(name: str, documents: list[Labelled | Sketch], *, keep: bool) -> dict[str, np.ndarray]:
    path = ROWS / f"{name}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not keep or not path.exists():
        np.savez(path, **train.rows_of(documents))
    return dict(np.load(path))


if __name__ == "__main__":
    main()
