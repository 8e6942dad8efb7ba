"""What several rooms ask of arrays."""

from __future__ import annotations

import numpy as np


def top(scores: np.ndarray, most: int) -> np.ndarray:
    """Where the best stand, in ascending order; of equals the first ones."""
    if len(scores) <= most:
        return np.arange(len(scores))
    least = np.partition(scores, len(scores) - most)[len(scores) - most]
    better, equal = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
    return np.sort(np.concatenate((better, equal[: most - len(better)])))


def best_of_others(table: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """At each of these places, which fit each other's shape, the largest value of its row in another column; of two at least."""
    second, best = np.partition(table, -2, axis=1)[:, -2:].T
    is_own = table.argmax(axis=1)[rows] == columns
    return np.where(is_own, second[rows], best[rows])
