"""The learned ranker: how likely a candidate is a field's value.

Two models, one after the other: the first scores each (field, candidate) pair by itself, the second the best of each
field beside each other (``second_look.py``). They are trained by ``training/train.py`` on generated and permissively licensed documents
(``training/model_card.md``) and ship in the package, with the table that turns the second one's scores into
probabilities.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Any

import numpy as np

from fieldproof.extraction.arrays import top
from fieldproof.extraction.features import FEATURES
from fieldproof.extraction.second_look import SECOND_FEATURES, of_both_looks

FILES = ("ranker.txt", "second_look.txt", "calibration.json")
_PLACES = 6  # digits of a score
_SPARE = 8  # candidates beyond those that are wanted which all trees look at


class Ranker:
    def __init__(self, first: str, second: str, calibration: dict[str, Any]) -> None:
        """``first``, ``second``: the models as LightGBM writes them."""
        self._first = Model(first, FEATURES)
        self._second = Model(second, (*SECOND_FEATURES, *FEATURES))
        self._calibration = calibration
        self._curves = {name: _rising(t["score"], t["probability"]) for name, t in calibration["tables"].items()}
        self.features = frozenset(FEATURES) & (self._first.features | self._second.features)
        self._glance = max(1, self._first.trees // 4)

    @property
    def version(self) -> str:
        return str(self._calibration["version"])

    def best(self, questions: Sequence[np.ndarray], most: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of each question's candidates, rows of FEATURES, the ``most`` likely: which, in their order, and log-odds.

        The same rows give the same bits. Only a few trees look at all candidates, the others at those that may still
        be among the best: trees are what most of the time of a form goes into.
        """
        rows = np.concatenate(questions)
        bounds = np.cumsum([0, *(len(x) for x in questions)])
        glance = self._first.odds(rows, 0, self._glance)
        kept = [start + top(glance[start:end], most + _SPARE) for start, end in pairwise(bounds)]
        chosen = np.concatenate(kept)
        odds = np.round(glance[chosen] + self._first.odds(rows[chosen], self._glance), _PLACES)
        own = np.split(odds, np.cumsum([len(k) for k in kept])[:-1])
        tops = [top(o, most) for o in own]
        return [(k[t] - start, o[t]) for k, t, o, start in zip(kept, tops, own, bounds[:-1], strict=True)]

    def again(self, questions: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Scores in (0, 1) of each question's candidates, rows of SECOND_FEATURES and FEATURES."""
        rows = np.concatenate(questions)
        scores = of_both_looks(rows, self._second.odds(rows))
        return np.split(np.round(scores, _PLACES), np.cumsum([len(x) for x in questions])[:-1])

    def probabilities(self, scores: np.ndarray, kind: str) -> list[float]:
        """How often a winner with each score is right, measured out of fold."""
        return np.round(np.interp(scores, *self._curves.get(kind, self._curves["all"])), 4).tolist()


class Model:
    """One of the two as LightGBM writes it; ``columns`` are those of the rows that it is given."""

    def __init__(self, text: str, columns: Sequence[str]) -> None:
        import lightgbm  # a quarter of a second, which only the children's server has to spend

        self._booster = lightgbm.Booster(model_str=text)
        names = self._booster.feature_name()
        unknown = set(names) - set(columns)
        if unknown:
            raise ValueError(
                f"The model knows features that this engine does not compute: {sorted(unknown)}. Run make train."
            )
        self.features = frozenset(names)
        self.trees = self._booster.num_trees()
        self._columns = [columns.index(name) for name in names]

    def odds(self, rows: np.ndarray, first_tree: int = 0, trees: int = -1) -> np.ndarray:
        """Log-odds of each row, as far as the trees from the first one on tell."""
        if not len(rows):
            return np.zeros(0)
        found = self._booster.predict(
            rows[:, self._columns], raw_score=True, start_iteration=first_tree, num_iteration=trees, num_threads=1
        )
        return np.asarray(found)


def _rising(scores: Sequence[float], probabilities: Sequence[float]) -> tuple[list[float], list[float]]:
    """The isotonic steps as a line through the middle of each: of two candidates on one step the likelier stays so."""
    steps: dict[float, list[float]] = {}
    for score, probability in zip(scores, probabilities, strict=True):
        steps.setdefault(probability, []).append(score)
    middles = [(own[0] + own[-1]) / 2 for own in steps.values()]
    middles[0], middles[-1] = scores[0], scores[-1]
    return middles, list(steps)


@lru_cache(maxsize=1)
def shipped_ranker() -> Ranker:
    return ranker_of(files("fieldproof.extraction"))


def ranker_of(folder: Traversable) -> Ranker:
    """The models and their calibration as ``training/train.py`` writes them into a folder."""
    first, second, calibration = (folder.joinpath(name).read_text("utf-8") for name in FILES)
    return Ranker(first, second, json.loads(calibration))
