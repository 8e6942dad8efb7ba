"""What reviewed documents teach: the look of a layout, and where its values stand.

An ``Example`` holds a fingerprint (words with coarse positions) and, per field, the labels around
the true value, its place and its form. The next document of that layout is compared with it; no
training happens.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fieldproof.extraction.candidates import Candidate
from fieldproof.extraction.dates import Order
from fieldproof.extraction.engine import Example
from fieldproof.extraction.labels import SIDES
from fieldproof.extraction.plain import key, plain
from fieldproof.extraction.query import trigrams
from fieldproof.extraction.scene import Scene
from fieldproof.extraction.spelling import is_misreading, is_read_by_ocr

SAME_LAYOUT = 0.45  # similarity from which an example counts
MEMORY_FEATURES = (
    "memory_layout", "memory_labels", "memory_best_label", "memory_dx", "memory_dy", "memory_form", "memory_value",
    "memory_kinds", "memory_null", "memory_count",
)  # fmt: skip
_FINGERPRINT_WORDS = 160
_BEFORE = ("inline", "left")  # sides on which a label stands right before its value
_IN_FRONT = (*_BEFORE, "row")
_REFUSED = 0.001  # odds factor of what a reviewer said is not the field's
_THERE = 0.03  # of the page: as far apart as one place may be on two documents
_SAME_TEXT = 0.6  # similarity of two readings of one text


def fingerprint_of(scene: Scene) -> dict[str, Any]:
    words = []
    for segment in scene.view.segments:
        if segment.page > 0 or len(words) >= _FINGERPRINT_WORDS:
            break
        page = scene.view.document.pages[segment.page]
        for token in scene.view.tokens[segment.first : segment.last]:
            word = plain(token.text)
            if len(word) > 1 and not any(map(str.isdigit, word)):
                words.append([word, int(12 * token.left / page.width_pt), int(16 * token.top / page.height_pt)])
    return {"words": words[:_FINGERPRINT_WORDS]}


def similarity(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """0 to 1: shared words, and shared words in about the same place."""
    a, b = one.get("words", []), other.get("words", [])
    if not a or not b:
        return 0.0
    by_word: dict[str, list[tuple[int, int]]] = {}
    for word, x, y in b:
        by_word.setdefault(word, []).append((x, y))
    shared = placed = 0
    for word, x, y in a:
        places = by_word.get(word)
        if places:
            shared += 1
            placed += any(abs(x - px) <= 1 and abs(y - py) <= 1 for px, py in places)
    size = min(len(a), len(b))
    return 0.5 * min(1.0, shared / size) + 0.5 * min(1.0, placed / size)


def example_of(
    scene: Scene,
    places: Mapping[str, int | None],
    told: Mapping[str, Mapping[str, Any]] | None = None,
    refused: Mapping[str, int] | None = None,
) -> Example:
    """``places`` maps "group.field" to the true candidate, or to None where the document has no value.

    ``told``: what else some of them say, "extent" (``extents.extent_of``) and "order" of day and month.
    ``refused``: the candidates that would have been given for some of those without a value.
    """
    fields: dict[str, Any] = {}
    for path, index in sorted(places.items()):
        fields[path] = {"null": True} if index is None else _pattern(scene, index)
    for path, more in (told or {}).items():
        fields[path] |= more
    for path, index in (refused or {}).items():
        fields[path]["refused"] = _pattern(scene, index)
    fingerprint = fingerprint_of(scene)
    digest = hashlib.sha256(json.dumps([fingerprint, fields], sort_keys=True).encode()).hexdigest()
    return Example(digest[:24], fingerprint, fields)


class Memory:
    """The examples of the look-alikes of one document."""

    def __init__(self, scene: Scene, examples: Sequence[Example]) -> None:
        own = fingerprint_of(scene) if examples else {}
        scored = [(similarity(own, e.fingerprint), e) for e in examples]
        self.scene = scene
        self.near = sorted(((s, e) for s, e in scored if s >= SAME_LAYOUT), key=lambda p: (-p[0], p[1].id))[:8]
        self._side_similarity: dict[str, np.ndarray] = {}

    @property
    def order(self) -> Order | None:
        """Of day and month, as reviewed dates of the look-alikes are to be read; None where they do not tell."""
        told = Counter(p["order"] for _, e in self.near for p in e.fields.values() if "order" in p)
        return Order(told.most_common(1)[0][0]) if told else None

    def knows(self, path: tuple[str, ...]) -> bool:
        """Whether a look-alike was reviewed in which the field has a value."""
        return bool(self.patterns(path))

    def patterns(self, path: tuple[str, ...]) -> list[dict[str, Any]]:
        """What the look-alikes hold of the field where it has a value, the nearest first."""
        name = ".".join(path)
        return [e.fields[name] for _, e in self.near if name in e.fields and not e.fields[name].get("null")]

    def stands_at_its_label(self, path: tuple[str, ...], candidate: int) -> bool:
        """Whether it has the label before it that a look-alike's value has: "Advertiser" left of another name."""
        here = self._labels_before(candidate)
        return any(here & _labels_before(p) for p in self.patterns(path))

    def lacking(self, path: tuple[str, ...]) -> int:
        """How many look-alikes were reviewed and lack the field; 0 where one of them has it."""
        name = ".".join(path)
        return 0 if self.knows(path) else sum(name in e.fields for _, e in self.near)

    def odds(self, path: tuple[str, ...], candidate: int) -> float:
        """Odds factor of a candidate beside the ranker's score, by what reviewers said of the look-alikes.

        Of n that do not hold the field: one more such is likelier by n + 1. Where their values stand behind different
        labels: as most of them agree. What they said is not the field's has hardly a chance.
        """
        if not self.near:
            return 1.0
        name = ".".join(path)
        refused = [e.fields[name]["refused"] for _, e in self.near if "refused" in e.fields.get(name, ())]
        if self._is_refused(path, candidate, refused):
            return _REFUSED
        return 1 / (self.lacking(path) + 1) * self._agreeing(path, candidate) ** 2

    def _is_refused(self, path: tuple[str, ...], candidate: int, refused: Sequence[dict[str, Any]]) -> bool:
        """The same value, or one of the same form behind the same label or, where none stood before it, at the same place.

        Never what stands behind the label of a reviewed value.
        """
        if not refused or self.stands_at_its_label(path, candidate):
            return False
        here, labels = _pattern(self.scene, candidate), self._labels_before(candidate)
        for p in refused:
            (x, y), (px, py) = here["centre"], p["centre"]
            told = _labels_before(p)
            is_there = bool(labels & told) if told else abs(x - px) <= _THERE and abs(y - py) <= _THERE
            if here["key"] == p["key"] or (is_there and here["form"] == p["form"]):
                return True
        return False

    def _agreeing(self, path: tuple[str, ...], candidate: int) -> float:
        """How many look-alikes have their value behind its label, as a share of those behind the commonest; else 1."""
        votes = Counter(label for p in self.patterns(path) for label in _labels_before(p))
        here = [votes[label] for label in self._labels_before(candidate) if label in votes]
        return max(here) / max(votes.values()) if here else 1.0

    def _labels_before(self, candidate: int) -> set[tuple[str, str]]:
        labels = self.scene.labels
        sides = zip(SIDES, labels.sides[candidate], strict=True)
        return {(side, plain(labels.texts[i])) for side, i in sides if side in _BEFORE and i >= 0}

    def spellings(self, path: tuple[str, ...]) -> list[str]:
        """How the look-alikes spell the field's value, the nearest first."""
        return [p["spelling"] for p in self.patterns(path) if "spelling" in p]

    def features(self, path: tuple[str, ...], rows: np.ndarray) -> np.ndarray:
        """rows x MEMORY_FEATURES; NaN where nothing is remembered of this field."""
        name = ".".join(path)
        known = [(s, e.fields[name]) for s, e in self.near if name in e.fields]
        out = np.full((len(rows), len(MEMORY_FEATURES)), np.nan, dtype=np.float32)
        if not known:
            return out
        patterns = [(s, p) for s, p in known if not p.get("null")]
        out[:, 0] = known[0][0]
        out[:, 8] = 1.0 - len(patterns) / len(known)
        out[:, 9] = len(known)
        if not patterns or not len(rows):
            return out
        compared = np.stack([self._compare(p, rows) for p in _lasting([p for _, p in patterns[:5]])])
        score = (
            compared[:, :, 0]
            + 0.5 * compared[:, :, 4]
            + compared[:, :, 5]
            - 2.0 * (compared[:, :, 2] + compared[:, :, 3])
        )
        best = score.argmax(axis=0)
        out[:, 1:8] = compared[best, np.arange(len(rows))]
        return out

    def _compare(self, pattern: dict[str, Any], rows: np.ndarray) -> np.ndarray:
        scene = self.scene
        sides = scene.labels.sides[rows]
        per_side = np.full((len(rows), len(SIDES)), np.nan, dtype=np.float32)
        for k, side in enumerate(SIDES):
            stored = pattern["sides"].get(side)
            here = sides[:, k]
            if stored is None:
                continue
            alike = self._alike(stored)
            per_side[:, k] = np.where(here >= 0, alike[np.maximum(here, 0)] if len(alike) else 0.0, 0.0)
        filled = np.nan_to_num(per_side, nan=0.0)
        counted = max(1, int((~np.isnan(per_side[0])).sum())) if len(rows) else 1
        found = [scene.candidates[i] for i in rows]
        centres = np.array([_centre(scene, c) for c in found])
        forms = np.array([form_of(c.text) == pattern["form"] for c in found])
        values = np.array([_is_same(c.text, pattern) or self._is_it_misread(c, pattern) for c in found])
        kinds = np.array([c.kinds for c in found])
        agreeing = np.array([(~(int(k) ^ pattern["kinds"]) & 0x7FFFFFF).bit_count() / 27 for k in kinds])
        return np.stack(
            [
                filled.sum(axis=1) / counted, filled.max(axis=1), np.abs(centres[:, 0] - pattern["centre"][0]),
                np.abs(centres[:, 1] - pattern["centre"][1]), forms, values, agreeing,
            ],
            axis=1,
        )  # fmt: skip

    def _is_it_misread(self, candidate: Candidate, pattern: dict[str, Any]) -> bool:
        told = pattern.get("spelling") if "key" in pattern else None
        return told is not None and is_misreading(candidate.text, told) and is_read_by_ocr(self.scene, candidate)

    def _alike(self, stored: str) -> np.ndarray:
        if stored not in self._side_similarity:
            self._side_similarity[stored] = self.scene.label_trigrams @ trigrams(stored)
        return self._side_similarity[stored]


def _is_same(text: str, pattern: dict[str, Any]) -> bool:
    return "key" in pattern and key(text) == pattern["key"]


def _lasting(patterns: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The patterns without what changes from one document to the next: then it is no sign of where the value stands.

    A value that is another one each time, and texts over, under and right of it that no other pattern has there: the
    address below a letterhead's name is not its label, and the customer of today may be last month's supplier.
    """
    if len(patterns) < 2:
        return list(patterns)
    varies = len({p["key"] for p in patterns}) == len(patterns)
    out = []
    for p in patterns:
        others = [o["sides"] for o in patterns if o is not p]
        sides = {
            side: text for side, text in p["sides"].items()
            if side in _IN_FRONT or any(side in o and _alike(o[side], text) for o in others)
        }  # fmt: skip
        out.append({k: v for k, v in p.items() if k != "key" or not varies} | {"sides": sides})
    return out


def _labels_before(pattern: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(side, pattern["sides"][side]) for side in _BEFORE if side in pattern["sides"]}


def _alike(one: str, other: str) -> bool:
    return float(trigrams(one) @ trigrams(other)) >= _SAME_TEXT


def form_of(text: str) -> str:
    """The form of a value: "INV-2024/17" -> "A-9/9"."""
    form = re.sub(r"\d+", "9", text[:40])
    form = re.sub(r"[A-ZÀ-Þ]+", "A", form)
    return re.sub(r"[a-zß-ÿ]+", "a", form)


def _pattern(scene: Scene, index: int) -> dict[str, Any]:
    c = scene.candidates[index]
    sides = scene.labels.sides[index]
    x, y = _centre(scene, c)
    return {
        "sides": {name: plain(scene.labels.texts[s]) for name, s in zip(SIDES, sides, strict=True) if s >= 0},
        "centre": [round(x, 4), round(y, 4)],
        "form": form_of(c.text),
        "key": key(c.text),
        "kinds": c.kinds,
    }


def _centre(scene: Scene, c: Any) -> tuple[float, float]:
    first = scene.view.tokens[c.pieces[0][0]]
    page = scene.view.document.pages[first.page]
    return first.left / page.width_pt, first.top / page.height_pt
