"""Train the ranker that ships: ``python training/train.py`` (make train).

Trains on generated documents and on public records whose labels are CC BY (adbuy, fara); nothing else
(``rows.py``). Seeded and deterministic. Writes ranker.txt, second_look.txt and calibration.json into the package.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lightgbm
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "training"))

from looked import HeldOutBy, looked_rows  # noqa: E402
from rows import GENERATED_LAYOUTS, SHIPPED_PARTS, SKETCHES, Rows, documents_of, joined, rows_of  # noqa: E402

from fieldproof.extraction.features import FEATURES  # noqa: E402
from fieldproof.extraction.second_look import SECOND_FEATURES, of_both_looks  # noqa: E402

PACKAGE = ROOT / "src" / "fieldproof" / "extraction"
# Made-up papers say of these what real ones do not hold to (all sets 0.856 with them, 0.864 without); where labelled
# papers teach too (bench/extraction/folds.py) they help (0.888, without 0.883).
MISLEADING = ("over_address", "names_heading", "names_other_kind")
SHIPPED = tuple(f for f in FEATURES if f not in MISLEADING)
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.07, "num_leaves": 63, "min_data_in_leaf": 60, "feature_fraction": 0.35,
    "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 10.0, "max_bin": 63, "seed": 20240601, "deterministic": True,
    "force_row_wise": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip
PARTS = 3  # parts of layouts, and of kinds of documents, that are held out in turn


@dataclass(frozen=True)
class Look:
    """What a model sees of a row, and how it is trained."""

    columns: tuple[str, ...]
    features: tuple[str, ...]  # those of the columns that it uses
    parameters: Mapping[str, Any]
    rounds: int

    @property
    def used(self) -> list[int]:
        return [self.columns.index(f) for f in self.features]


def first_look(features: Sequence[str] = FEATURES) -> Look:
    return Look(FEATURES, tuple(features), PARAMETERS, 240)


def second_look(features: Sequence[str] = FEATURES) -> Look:
    more = {"learning_rate": 0.06, "num_leaves": 31, "feature_fraction": 0.4, "max_bin": 127}
    return Look((*SECOND_FEATURES, *FEATURES), (*SECOND_FEATURES, *features), PARAMETERS | more, 150)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=PACKAGE)
    options.add_argument("--sketches", type=int, default=SKETCHES, help="layouts to sketch")
    options.add_argument("--generated", type=int, default=GENERATED_LAYOUTS, help="layouts to generate")
    options.add_argument("--rows", type=Path, help="take the rows that bench/extraction/folds.py kept here")
    chosen = options.parse_args()
    start = time.time()
    parts = {part: documents_of(part, chosen.sketches, chosen.generated) for part in SHIPPED_PARTS}
    kept = {part: chosen.rows / f"{part}.npz" for part in parts} if chosen.rows else {}
    # One data set after another, as folds.py keeps them: the same rows in the same order either way.
    rows = joined(dict(np.load(kept[p])) if kept else rows_of(own) for p, own in parts.items() if own)
    print(f"{len(rows['y']):,} rows, {int(rows['y'].sum()):,} right ones, {time.time() - start:.0f} s", flush=True)
    train(chosen.out, rows, [d for own in parts.values() for d in own])
    print(f"done, {time.time() - start:.0f} s")


def train(out: Path, rows: Rows, documents: list[Any], *, is_calibrated: bool = True) -> None:
    """Both models by the recipe of the shipped ones; not calibrated, they take the shipped ones' calibration."""
    out.mkdir(parents=True, exist_ok=True)
    fit(rows, first_look(SHIPPED)).save_model(out / "ranker.txt")
    # A user's documents are of kinds near and far from these: both kinds of unseen count.
    with TemporaryDirectory() as folder:
        ways = [
            HeldOutBy(save_all(fits_without(rows, by, first_look(SHIPPED)), Path(folder), by), by)
            for by in ("group", "source")
        ]
        near, far = looked_rows(documents, ways)
    look = second_look(SHIPPED)
    both = joined([near, far | {"question": far["question"] + 1}])
    second = fit(both, look)
    second.save_model(out / "second_look.txt")
    print("strongest:", ", ".join(f"{name} {gain:.0f}" for gain, name in _importance(second)[:25]))
    if is_calibrated:
        held_out = [_held_out_scores(own, by, look) for own, by in ((near, "group"), (far, "source"))]
        write_calibration(out, both, np.concatenate(held_out))
    else:
        (out / "calibration.json").write_bytes((PACKAGE / "calibration.json").read_bytes())


def save_all(models: Sequence[lightgbm.Booster], folder: Path, name: str) -> tuple[Path, ...]:
    paths = tuple(folder / f"{name}{k}.txt" for k in range(len(models)))
    for model, path in zip(models, paths, strict=True):
        model.save_model(path)
    return paths


def fits_without(rows: Rows, by: str, look: Look) -> list[lightgbm.Booster]:
    """One model per part that it never saw. ``by``: "group" holds layouts out, "source" whole kinds of documents."""
    models = []
    for k in range(PARTS):
        models.append(fit(rows, look, rows[by] % PARTS != k))
        print(f"{by} fold {k}", flush=True)
    return models


def _held_out_scores(rows: Rows, by: str, look: Look) -> np.ndarray:
    scores = np.zeros(len(rows["y"]))
    for k, model in enumerate(fits_without(rows, by, look)):
        is_held_out = rows[by] % PARTS == k
        scores[is_held_out] = second_scores(model, look, rows["x"][is_held_out])
    return scores


def second_scores(model: lightgbm.Booster, look: Look, x: np.ndarray) -> np.ndarray:
    """As the ranker gives them."""
    return of_both_looks(x, np.asarray(model.predict(x[:, look.used], raw_score=True, num_threads=1)))


def fit(rows: Rows, look: Look, keep: np.ndarray | None = None) -> lightgbm.Booster:
    """Trained on the rows to ``keep``, all of them unless told; a layout with many counts no more than one with three thousand.

    ``weight`` of the rows, where they have one, is what they count beside that.
    """
    keep = np.arange(len(rows["y"])) if keep is None else np.nonzero(keep)[0]
    groups, counts = np.unique(rows["group"][keep], return_counts=True)
    weight = np.minimum(1.0, 3000.0 / counts)[np.searchsorted(groups, rows["group"][keep])]
    weight *= rows["weight"][keep] if "weight" in rows else 1.0
    data = lightgbm.Dataset(
        rows["x"][keep][:, look.used], rows["y"][keep], weight=weight, feature_name=list(look.features), free_raw_data=True,
        categorical_feature=["shape", "role", "type"],
    )  # fmt: skip
    return lightgbm.train(dict(look.parameters), data, look.rounds)


def write_calibration(out: Path, rows: Rows, scores: np.ndarray) -> None:
    """``scores`` by models that never saw the rows."""
    tables = {"all": _calibration(rows, scores, None)}
    for number, name in enumerate(("date", "number", "string")):
        tables[name] = _calibration(rows, scores, number)
    (out / "calibration.json").write_text(json.dumps({"version": 2, "tables": tables}, indent=1) + "\n", "utf-8")


def _importance(model: lightgbm.Booster) -> list[tuple[float, str]]:
    return sorted(zip(model.feature_importance("gain"), model.feature_name(), strict=True), reverse=True)


def _calibration(rows: Rows, scores: np.ndarray, kind: int | None) -> dict[str, list[float]]:
    """Isotonic: score of a question's winner -> how often it is right. Every source counts alike, large or small."""
    order = np.lexsort((-scores, rows["question"]))
    first = np.r_[True, rows["question"][order][1:] != rows["question"][order][:-1]]
    winners = order[first]
    if kind is not None:
        winners = winners[rows["type"][winners] == kind]
    winners = winners[np.argsort(scores[winners], kind="stable")]
    sources, counts = np.unique(rows["source"][winners], return_counts=True)
    weight = (1.0 / np.maximum(counts, 500))[np.searchsorted(sources, rows["source"][winners])]
    right = _pool_adjacent(rows["y"][winners], weight)
    score = scores[winners]
    knots = np.unique(np.linspace(0, len(score) - 1, 60).astype(int))
    print(f"winners {len(winners)}, right {rows['y'][winners].mean():.3f}")
    return {
        "score": [0.0, *(round(float(score[k]), 5) for k in knots), 1.0],
        "probability": [0.0, *(round(float(right[k]), 4) for k in knots), round(float(min(right[-1], 0.995)), 4)],
    }


def _pool_adjacent(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    level: list[tuple[float, float, int]] = []  # mean, weight, how many
    for v, w in zip(values.tolist(), weights.tolist(), strict=True):
        level.append((v, w, 1))
        while len(level) > 1 and level[-2][0] >= level[-1][0]:
            (b, wb, nb), (a, wa, na) = level.pop(), level.pop()
            level.append(((a * wa + b * wb) / (wa + wb), wa + wb, na + nb))
    return np.concatenate([np.full(n, mean) for mean, _, n in level]) if level else values


if __name__ == "__main__":
    main()
