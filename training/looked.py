"""Rows for the second look: all questions of a document at once, scored by rankers that never saw it.

A ranker is surer of what it was trained on than of what a user brings; the second look must learn from the scores of
the latter. So each document's candidates are scored by a model of which its layout (or its kind) was held out.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import rows as training

from fieldproof.extraction.arrays import top
from fieldproof.extraction.features import FEATURES, PairFeatures
from fieldproof.extraction.local import OFFERS
from fieldproof.extraction.memory import Memory
from fieldproof.extraction.query import Query
from fieldproof.extraction.ranker import Model
from fieldproof.extraction.scene import Scene
from fieldproof.extraction.second_look import second_look


@dataclass(frozen=True)
class HeldOutBy:
    """Models, and which of them never saw a document: the one of its layout's or of its source's number.

    ``outer``: the number of a fold, of how many, and the model that never saw it: its documents are scored by that one,
    and the other models never saw them either.
    """

    models: tuple[Path, ...]
    by: str = "group"
    outer: tuple[int, int, Path] | None = None

    def model_for(self, group: int, source: int) -> Path:
        number = group if self.by == "group" else source
        if self.outer:
            fold, folds, model = self.outer
            if group % folds == fold:
                return model
            number = group // folds
        return self.models[number % len(self.models)]


def looked_rows(documents: list[Any], held_out: Sequence[HeldOutBy]) -> list[dict[str, np.ndarray]]:
    """For each way of holding out the rows of all documents: x has SECOND_FEATURES and FEATURES."""
    jobs = [(layout, held_out) for layout in training.by_layout(documents)]
    with ProcessPoolExecutor(training.WORKERS) as pool:
        found = [rows for rows in pool.map(_layout_rows, jobs, chunksize=4) if rows]
    return [training.joined(rows[k] for rows in found) for k in range(len(held_out))]


def _layout_rows(job: tuple[training.Layout, Sequence[HeldOutBy]]) -> list[dict[str, np.ndarray]]:
    layout, held_out = job
    random_ = random.Random(f"{training.SEED}{layout.name} again")
    group, source = layout.group, layout.source
    models = [_model(h.model_for(group, source)) for h in held_out]
    out: list[list[tuple[np.ndarray, np.ndarray, int]]] = [[] for _ in held_out]
    for d, scene, examples, is_paraphrased in training.settings(layout, random_, is_as_asked=True):
        for asked, truth in _asked_together(d, scene, is_paraphrased, random_):
            rows = PairFeatures(scene, asked, Memory(scene, examples)).all()
            for own, model in zip(out, models, strict=True):
                own += _looked(scene, asked, truth, rows, model)
    return [training.rows_named(layout, own, "again") for own in out] if out[0] else []


def _asked_together(
    d: Any, scene: Scene, is_paraphrased: bool, random_: random.Random
) -> list[tuple[list[Query], list[list[int] | None]]]:
    """As the engine asks: the scalars together, each list by itself."""
    together = [training.questions_of(d), *([q] for q in training.list_questions_of(d))]
    return [
        ([training.paraphrase(q, random_) if is_paraphrased else q for q in own], [training.truth_of(d, q, scene) for q in own])
        for own in together if own
    ]  # fmt: skip


def _looked(
    scene: Scene,
    asked: list[Query],
    truth: list[list[int] | None],
    pairs: list[tuple[np.ndarray, np.ndarray]],
    model: Model,
) -> list[tuple[np.ndarray, np.ndarray, int]]:
    bounds = np.cumsum([0, *(len(rows) for rows, _ in pairs)])
    if not bounds[-1]:
        return []
    odds = model.odds(np.concatenate([x for _, x in pairs]))
    likely, features = [], []
    for q, (rows, x) in enumerate(pairs):
        own = odds[bounds[q] : bounds[q + 1]]
        best = top(own, OFFERS)
        likely.append((rows[best], own[best]))
        features.append(x[best])
    beside = second_look(scene, asked, likely)
    return [
        (np.concatenate([b, x], axis=1), np.isin(rows, t).astype(np.float32), training.kind_of(q))
        for q, t, (rows, _), b, x in zip(asked, truth, likely, beside, features, strict=True)
        if t is not None and len(rows)
    ]


@lru_cache(maxsize=16)
def _model(path: Path) -> Model:
    return Model(path.read_text("utf-8"), FEATURES)
