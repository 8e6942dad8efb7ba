"""The learned ranker: how likely a candidate is a field's value.

The model is trained by ``training/train.py`` on generated and permissively licensed documents
(``training/model_card.md``) and ships in the package, with the table that turns its scores into
probabilities.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np

from fieldproof.extraction.features import FEATURES

_SPARE = 8  # candidates beyond those that are wanted which all trees look at


class Ranker:
    def __init__(self, model_text: str, calibration: dict[str, Any]) -> None:
        import lightgbm  # a quarter of a second, which only the children's server has to spend

        self._booster = lightgbm.Booster(model_str=model_text)
        self._calibration = calibration
        self._curves = {name: _rising(t["score"], t["probability"]) for name, t in calibration["tables"].items()}
        unknown = set(self._booster.feature_name()) - set(FEATURES)
        if unknown:
            raise ValueError(
                f"The model knows features that this engine does not compute: {sorted(unknown)}. Run make train."
            )
        self.features = frozenset(self._booster.feature_name())
        self._glance = max(1, self._booster.num_trees() // 4)
        self._columns = [FEATURES.index(name) for name in self._booster.feature_name()]

    @property
    def version(self) -> str:
        return str(self._calibration["version"])

    def best(self, questions: Sequence[np.ndarray], most: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of each question's candidates, rows of features, the ``most`` likely: which, in their order, and scores in (0, 1).

        The same rows give the same bits. Only a few trees look at all candidates, the others at those that may still
        be among the best: trees are what most of the time of a form goes into.
        """
        rows = np.concatenate(questions)[:, self._columns]
        bounds = np.cumsum([0, *(len(x) for x in questions)])
        glance = self._raw(rows, 0, self._glance)
        kept = [start + _top(glance[start:end], most + _SPARE) for start, end in pairwise(bounds)]
        chosen = np.concatenate(kept)
        raw = glance[chosen] + self._raw(rows[chosen], self._glance, -1)
        scores = np.split(np.round(1 / (1 + np.exp(-raw)), 6), np.cumsum([len(k) for k in kept])[:-1])
        tops = [_top(own, most) for own in scores]
        return [(k[t] - start, own[t]) for k, t, own, start in zip(kept, tops, scores, bounds[:-1], strict=True)]

    def _raw(self, rows: np.ndarray, first_tree: int, trees: int) -> np.ndarray:
        if not len(rows):
            return np.zeros(0)
        return np.asarray(
            self._booster.predict(rows, raw_score=True, start_iteration=first_tree, num_iteration=trees, num_threads=1)
        )

    def probabilities(self, scores: np.ndarray, kind: str) -> list[float]:
        """How often a winner with each score is right, measured out of fold."""
        return np.round(np.interp(scores, *self._curves.get(kind, self._curves["all"])), 4).tolist()


def _rising(scores: Sequence[float], probabilities: Sequence[float]) -> tuple[list[float], list[float]]:
    """The isotonic steps as a line through the middle of each: of two candidates on one step the likelier stays so."""
    steps: dict[float, list[float]] = {}
    for score, probability in zip(scores, probabilities, strict=True):
        steps.setdefault(probability, []).append(score)
    middles = [(own[0] + own[-1]) / 2 for own in steps.values()]
    middles[0], middles[-1] = scores[0], scores[-1]
    return middles, list(steps)


def _top(scores: np.ndarray, most: int) -> np.ndarray:
    """Where the best stand, in ascending order; of equals the first ones."""
    return np.sort(np.argsort(-scores, kind="stable")[:most])


@lru_cache(maxsize=1)
def shipped_ranker() -> Ranker:
    package = files("fieldproof.extraction")
    model = package.joinpath("ranker.txt").read_text("utf-8")
    calibration = json.loads(package.joinpath("calibration.json").read_text("utf-8"))
    return Ranker(model, calibration)
