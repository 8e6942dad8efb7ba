"""Labels that a question itself holds: "Order flight" where the first day of an order's flight is asked for."""

from __future__ import annotations

import numpy as np

from fieldproof.extraction.features import FEATURES
from fieldproof.extraction.labels import NEAR, SIDES
from fieldproof.extraction.scene import Scene

MANY = 2  # words
_WORDS = [FEATURES.index(f"words_{SIDES[side]}") for side in NEAR]


def words_in_question(scene: Scene, row: int, features: np.ndarray) -> int:
    """How many words a candidate's label has if the question has all of them: none to MANY; of several labels the most."""
    whole = np.flatnonzero(features[_WORDS] >= 1.0)  # NaN where no label stands
    labels = scene.labels.sides[row, NEAR][whole]
    return min(MANY, max((len(scene.label_words[label]) for label in labels.tolist()), default=0))
