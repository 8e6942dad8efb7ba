"""The learned ranker: how likely a candidate is a field's value.

The model is trained by ``training/train.py`` on generated and permissively licensed documents
(``training/model_card.md``) and ships in the package, with the table that turns its scores into
probabilities.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from fieldproof.extraction.features import FEATURES


class Ranker:
    def __init__(self, model_text: str, calibration: dict[str, Any]) -> None:
        import lightgbm  # a quarter of a second, which only the children's server has to spend

        self._booster = lightgbm.Booster(model_str=model_text)
        self._calibration = calibration
        unknown = set(self._booster.feature_name()) - set(FEATURES)
        if unknown:
            raise ValueError(
                f"The model knows features that this engine does not compute: {sorted(unknown)}. Run make train."
            )
        self.features = frozenset(self._booster.feature_name())
        self._columns = [FEATURES.index(name) for name in self._booster.feature_name()]

    @property
    def version(self) -> str:
        return str(self._calibration["version"])

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Raw score in (0, 1) per row; the same rows give the same bits."""
        if not len(features):
            return np.zeros(0)
        return np.round(np.asarray(self._booster.predict(features[:, self._columns], num_threads=1)), 6)

    def probabilities(self, scores: np.ndarray, kind: str) -> list[float]:
        """How often a winner with each score is right, measured out of fold."""
        table = self._calibration["tables"].get(kind) or self._calibration["tables"]["all"]
        return np.round(np.interp(scores, table["score"], table["probability"]), 4).tolist()


@lru_cache(maxsize=1)
def shipped_ranker() -> Ranker:
    package = files("fieldproof.extraction")
    model = package.joinpath("ranker.txt").read_text("utf-8")
    calibration = json.loads(package.joinpath("calibration.json").read_text("utf-8"))
    return Ranker(model, calibration)
