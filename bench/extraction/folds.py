"""Models for measuring, never for shipping: ``python bench/extraction/folds.py`` before ``run.py``.

``fold0`` … ``fold2`` are trained on every data set, each without a third of all layouts: a document is asked
with the fold that never saw its layout. The few papers that somebody labelled count more there than the many that
were made up (``ASKED``, ``MADE_UP``). ``without_adbuy`` is the shipped recipe without the ad-buys. (For the
measure-only sets the shipped model itself is the one that never saw the kind.) Written to bench/out/models.

The second look of a fold learns from scores of models that saw neither the fold nor the scored layout (``INNER``).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "training"))

import rows as training
import train
from corpus import MISSING, ROOT, Labelled, shared_folder
from looked import HeldOutBy, looked_rows

MODELS = ROOT / "bench" / "out" / "models"
ROWS = ROOT / "bench" / "out" / "rows"
FOLDS = 3
INNER = 4  # parts of the layouts of the other folds, each scored by a model of the other parts
ASKED, MADE_UP = 4.0, 0.5  # weights beside 1 of the sets with exact truth
MEASURE_ONLY = ("sroie", "funsd", "nda", "invds", "realinv", "zugferd")
PARTS = (*training.OWN, *training.PUBLIC, *MEASURE_ONLY, "sketch", "generated")


def fold_of(d: Labelled) -> int:
    return training.Layout(d.dataset, d.family, ()).group % FOLDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="use rows made before")
    parser.add_argument("--only", nargs="*", default=["folds", "without_adbuy"], help="models to make")
    options = parser.parse_args()
    start = time.time()
    if shared_folder() is None:
        sys.exit(MISSING)
    parts = {part: training.documents_of(part) for part in PARTS}
    rows = {part: _rows(part, documents, keep=options.keep) for part, documents in parts.items()}
    print(f"{sum(len(r['y']) for r in rows.values()):,} rows, {time.time() - start:.0f} s", flush=True)
    if "folds" in options.only:
        _folds(training.joined(r | _weight(name, r) for name, r in rows.items()), parts)
    if "without_adbuy" in options.only:
        own = [p for p in training.SHIPPED_PARTS if p != "adbuy"]
        documents = [d for part in own for d in parts[part]]
        train.train(MODELS / "without_adbuy", training.joined(rows[p] for p in own), documents, is_calibrated=False)
    print(f"done, {time.time() - start:.0f} s")


def _folds(rows: training.Rows, parts: dict[str, list[Any]]) -> None:
    fold = rows["group"] % FOLDS
    ways = []
    for k in range(FOLDS):
        out = MODELS / f"fold{k}"
        out.mkdir(parents=True, exist_ok=True)
        train.fit(rows, train.first_look(), fold != k).save_model(out / "ranker.txt")
        part = rows["group"] // FOLDS % INNER
        inner = [train.fit(rows, train.first_look(), (fold != k) & (part != i)) for i in range(INNER)]
        ways.append(HeldOutBy(train.save_all(inner, out, "inner"), outer=(k, FOLDS, out / "ranker.txt")))
        print(f"fold {k}", flush=True)
    found = {name: looked_rows(documents, ways) for name, documents in parts.items()}
    looked = [training.joined(own[k] | _weight(name, own[k]) for name, own in found.items()) for k in range(FOLDS)]
    look, scores = train.second_look(), []
    for k, own in enumerate(looked):
        is_held_out = own["group"] % FOLDS == k
        model = train.fit(own, look, ~is_held_out)
        model.save_model(MODELS / f"fold{k}" / "second_look.txt")
        kept = {name: values[is_held_out] for name, values in own.items()}
        scores.append(kept | {"score": train.second_scores(model, look, kept["x"])})
    for k in range(FOLDS):
        others = training.joined(s for i, s in enumerate(scores) if i != k)
        train.write_calibration(MODELS / f"fold{k}", others, others["score"])


def _weight(part: str, rows: training.Rows) -> training.Rows:
    of_part = ASKED if part in (*MEASURE_ONLY, *training.PUBLIC) else 1.0 if part in training.OWN else MADE_UP
    return {"weight": np.full(len(rows["y"]), of_part)}


def _rows(name: str, documents: list[Any], *, keep: bool) -> training.Rows:
    path = ROWS / f"{name}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not keep or not path.exists():
        np.savez(path, **training.rows_of(documents))
    return dict(np.load(path))


if __name__ == "__main__":
    main()
