"""Numbers for every (field, candidate) pair, computed for all candidates of a field at once."""

from __future__ import annotations

import numpy as np

from fieldproof.core import patterns
from fieldproof.extraction.candidates import Kind
from fieldproof.extraction.labels import (
    ABOVE,
    BELOW,
    BLOCK,
    COLUMN,
    DISTANCES,
    HEADING,
    INLINE,
    LEFT,
    RIGHT,
    ROW,
    SIDES,
)
from fieldproof.extraction.memory import MEMORY_FEATURES, Memory
from fieldproof.extraction.plain import plain
from fieldproof.extraction.query import FITTING, ROLE_OF, ROLES, SHAPES, Query, trigrams_of
from fieldproof.extraction.scene import LOOKS, Scene

STRICT = frozenset(["currency", "iban", "bic", "email", "url"])  # shapes that nothing else can be read as
MAX_PAIRS = 60  # candidates of one field that the ranker looks at
_THERE = 0.02  # share of the page within which a value stands where it stood on a look-alike
_NEAR = (INLINE, LEFT, ROW, ABOVE, COLUMN)
_GENERIC = [INLINE, LEFT, ABOVE, COLUMN]
_PARTIES = [INLINE, LEFT, ABOVE, COLUMN, BLOCK, HEADING]

PAIR_FEATURES = (
    "fits", *(f"{m}_{s}" for s in SIDES for m in ("concept", "conflict", "letters", "words")),
    *(f"general_{SIDES[s]}" for s in _GENERIC), *(f"role_{SIDES[s]}" for s in _PARTIES), "other_role",
    *(f"far_{d}" for d in DISTANCES), "best_label", "label_rank", "label_gap", "only_fit", "fit_order", "own_concept", "own_words",
    "rival_label", "pattern", "shape", "role", "role_weight", "concept_weight", "same_shape_fields", "type", "group_on_page",
    "label_in_document", "label_elsewhere", "names_another",
)  # fmt: skip
FEATURES = (*PAIR_FEATURES, *MEMORY_FEATURES, *LOOKS)
_TYPES = {"string": 0, "number": 1, "currency": 1, "integer": 2, "date": 3, "datetime": 3, "boolean": 4, "enum": 5}


def without_memory(features: np.ndarray) -> np.ndarray:
    """The same rows as of a document of a layout that nobody reviewed."""
    bare = features.copy()
    bare[:, len(PAIR_FEATURES) : len(PAIR_FEATURES) + len(MEMORY_FEATURES)] = np.nan
    return bare


class PairFeatures:
    """All that the fields of one schema share when they are put to one document."""

    def __init__(
        self, scene: Scene, queries: list[Query], memory: Memory, wanted: frozenset[str] = frozenset(FEATURES)
    ) -> None:
        """Of the features that cost most only the ``wanted`` ones are computed, the others are NaN."""
        self.scene = scene
        self.queries = queries
        self.memory = memory
        self.wanted = wanted
        concepts = np.stack([q.concepts for q in queries])
        self.label_concept = _best_product(scene.label_concepts, concepts)
        self.label_general = _best_product(scene.label_concepts, np.stack([q.parents for q in queries]))
        self.label_conflict = _best_product(
            scene.label_concepts, np.stack([~q.related for q in queries]).astype(np.float32)
        )
        self.names = np.stack([q.name_trigrams for q in queries])
        self.label_letters = scene.label_trigrams @ self.names.T
        self.label_words = _word_share(scene.label_words, queries)
        self.label_role = _role_scores(scene.label_concepts)
        self.others: dict[int, np.ndarray] = {}
        self.own_concept = _best_product(scene.own_concepts, concepts)
        self.near_label = self._near_labels()
        self.kinds = np.array([c.kinds for c in scene.candidates], dtype=np.int64)
        self.shapes = [q.shape for q in queries]
        self.words: dict[int, list[str]] = {}  # candidate -> its first words
        self.read_as: dict[int, np.ndarray] = {}  # candidate -> how much it reads like each field's name

    def of(self, f: int) -> tuple[np.ndarray, np.ndarray]:
        """(rows, features): the candidates worth ranking for field f, in document order."""
        fits = self._fits(f)
        rows = self._shortlist(f, fits)
        return rows, self._matrix(f, rows, fits)

    def _near_labels(self) -> np.ndarray:
        """candidate x field: how well the nearest labels name the field."""
        sides = self.scene.labels.sides
        best = np.zeros((len(sides), len(self.queries)), dtype=np.float32)
        strength = np.maximum(self.label_concept, 0.9 * self.label_letters * (self.label_letters > 0.45))
        self.named = strength.max(axis=0, initial=0.0)  # how well anything in the document names each field
        for side, weight in (
            (INLINE, 1.0),
            (LEFT, 1.0),
            (ABOVE, 0.9),
            (COLUMN, 0.85),
            (ROW, 0.7),
            (BLOCK, 0.7),
            (HEADING, 0.7),
            (RIGHT, 0.4),
            (BELOW, 0.5),
        ):
            here = sides[:, side]
            found = strength[np.maximum(here, 0)] if len(strength) else np.zeros((len(here), best.shape[1]))
            best = np.maximum(best, np.where(here[:, None] >= 0, weight * found, 0.0))
        return best

    def _fits(self, f: int) -> np.ndarray:
        q = self.queries[f]
        wanted = FITTING.get(q.shape, 0)
        if q.shape == "text":
            return (self.kinds & (Kind.SEGMENT | Kind.REST) != 0).astype(np.float32) * 0.5
        return (self.kinds & wanted != 0).astype(np.float32)

    def _shortlist(self, f: int, fits: np.ndarray) -> np.ndarray:
        q = self.queries[f]
        if q.is_date:
            allowed = self.kinds & Kind.DATE != 0
        elif q.is_number:
            allowed = self.kinds & Kind.AMOUNT != 0
        else:
            allowed = np.ones(len(self.kinds), dtype=bool)
            if q.shape in STRICT:
                allowed = self.kinds & FITTING[q.shape] != 0
        # A fragment of a line needs a label to be worth a look; a whole line or a typed find does not.
        is_whole = self.kinds & ~(Kind.REST | Kind.PART) != 0
        score = self.near_label[:, f] + 0.45 * fits + 0.2 * is_whole
        if len(score):
            top = self.scene.looks[:, LOOKS.index("top")] + 2.0 * self.scene.looks[:, LOOKS.index("page")]
            is_early = np.exp(-2.5 * top)
            score = score + (0.35 if q.role or q.shape in ("company", "address", "name", "street") else 0.1) * is_early
            if q.shape in ("company", "name"):  # wherever on the page its address stands below it
                score = score + 0.35 * (self.scene.looks[:, LOOKS.index("over_address")] == 1.0)
            remembered = self.memory.features(q.path, np.arange(len(score))) if self.memory.near else None
            if remembered is not None:
                is_there = np.nan_to_num(remembered[:, 3:5], nan=1.0).max(axis=1) < _THERE
                score = score + 1.5 * np.nan_to_num(remembered[:, 1]) + np.nan_to_num(remembered[:, 6]) + is_there
        score = np.where(allowed, score, -1.0)
        best = np.argsort(-score, kind="stable")[:MAX_PAIRS]
        return np.sort(best[score[best] >= 0])

    def _matrix(self, f: int, rows: np.ndarray, fits: np.ndarray) -> np.ndarray:
        q, scene = self.queries[f], self.scene
        if not len(rows):
            return np.zeros((0, len(FEATURES)), dtype=np.float32)
        sides = scene.labels.sides[rows]
        tables = (self.label_concept, self.label_conflict, self.label_letters, self.label_words)
        roles = _gather(self.label_role[:, q.role], sides[:, _PARTIES])
        others = np.nan_to_num(_gather(self._of_others(q.role), sides[:, _PARTIES]))
        same = sum(s == q.shape for s in self.shapes)
        facts = (
            SHAPES.index(q.shape), q.role, q.role_weight, float(q.concepts.max()), same, _TYPES.get(q.field.type, 0), 0.0
        )  # fmt: skip
        # A day or a sum without a label of its own is often the right one; a text seldom is.
        named = np.nan if q.is_date or q.is_number else self.named[f]
        pair = (
            fits[rows], _gather(np.stack([t[:, f] for t in tables], axis=1), sides).reshape(len(rows), -1),
            _gather(self.label_general[:, f], sides[:, _GENERIC]), roles if q.role else np.full_like(roles, np.nan),
            others.max(axis=1), scene.labels.distances[rows], self._ranks(f, rows, fits[rows]), self.own_concept[rows, f],
            self._own_words(f, rows), self._rivals(f, rows), self._pattern(q, rows), np.tile(facts, (len(rows), 1)),
            np.full(len(rows), named), named - self.near_label[rows, f], self._names_another(f, rows),
        )  # fmt: skip
        memory = self.memory.features(q.path, rows)
        return np.column_stack((*pair, memory, scene.looks[rows])).astype(np.float32)

    def _of_others(self, role: int) -> np.ndarray:
        """How well each label names a party other than this one."""
        if role not in self.others:
            others = self.label_role.copy()
            others[:, [0, role]] = 0.0
            self.others[role] = others.max(axis=1) if len(others) else np.zeros(0)
        return self.others[role]

    def _ranks(self, f: int, rows: np.ndarray, fits: np.ndarray) -> np.ndarray:
        """best_label … fit_order of PAIR_FEATURES: where a candidate's label and shape stand among the others'."""
        label = self.near_label[rows, f]
        distinct = np.unique(-np.round(label, 3))
        rank = np.searchsorted(distinct, -np.round(label, 3))
        strong = fits >= 0.9
        order = np.where(strong, np.cumsum(strong) - 1, 99)
        return np.stack([label, rank, label.max() - label, np.full(len(rows), strong.sum()), order], axis=1)

    def _own_words(self, f: int, rows: np.ndarray) -> np.ndarray:
        wanted = self.queries[f].words
        new = [i for i in rows.tolist() if i not in self.words]
        self.words |= {i: plain(self.scene.candidates[i].text).split()[:12] for i in new}
        return np.array([_share(self.words[i], wanted) for i in rows.tolist()])

    def _rivals(self, f: int, rows: np.ndarray) -> np.ndarray:
        if len(self.queries) < 2:
            return np.zeros(len(rows), dtype=np.float32)
        others = np.delete(self.near_label[rows], f, axis=1).max(axis=1)
        return others - self.near_label[rows, f]

    def _names_another(self, f: int, rows: np.ndarray) -> np.ndarray:
        """How much a candidate reads like the name of another field: then it is a label."""
        if "names_another" not in self.wanted:
            return np.full(len(rows), np.nan, dtype=np.float32)
        if len(self.queries) < 2:
            return np.zeros(len(rows), dtype=np.float32)
        new = [i for i in rows.tolist() if i not in self.read_as]
        if new:
            texts = (plain(self.scene.candidates[i].text) for i in new)
            own = trigrams_of([t if len(t) <= 60 else "" for t in texts])
            self.read_as |= zip(new, own @ self.names.T, strict=True)
        return np.delete(np.stack([self.read_as[i] for i in rows.tolist()]), f, axis=1).max(axis=1)

    def _pattern(self, q: Query, rows: np.ndarray) -> np.ndarray:
        wanted = patterns.compiled(q.field.pattern) if q.field.pattern else None
        if wanted is None:
            return np.full(len(rows), np.nan)
        return np.array([float(bool(wanted.search(self.scene.candidates[i].text[:80]))) for i in rows])


def _best_product(labels: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """label x field: the strongest concept that both share."""
    out = np.zeros((len(labels), len(fields)), dtype=np.float32)
    for f, weights in enumerate(fields):
        used = np.nonzero(weights)[0]
        if len(used) and len(labels):
            out[:, f] = (labels[:, used] * weights[used]).max(axis=1)
    return out


def _word_share(labels: list[frozenset[str]], queries: list[Query]) -> np.ndarray:
    """label x field: the share of a label's words that the question has."""
    having: dict[str, list[int]] = {}
    for u, words in enumerate(labels):
        for word in words:
            having.setdefault(word, []).append(u)
    shared = np.zeros((len(labels), len(queries)))
    for f, q in enumerate(queries):
        for word in q.words & having.keys():
            shared[having[word], f] += 1
    counts = np.array([max(1, len(words)) for words in labels], dtype=float).reshape(-1, 1)
    return (shared / counts).astype(np.float32)


def _role_scores(label_concepts: np.ndarray) -> np.ndarray:
    out = np.zeros((len(label_concepts), len(ROLES)), dtype=np.float32)
    for concept in np.nonzero(ROLE_OF)[0]:
        if len(out):
            role = ROLE_OF[concept]
            out[:, role] = np.maximum(out[:, role], label_concepts[:, concept])
    return out


def _gather(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    """The values of each label in ``where``, NaN where there is none."""
    shape = (*where.shape, *values.shape[1:])
    if not len(values):
        return np.full(shape, np.nan, dtype=np.float32)
    is_there = (where >= 0).reshape(*where.shape, *(1,) * (values.ndim - 1))
    return np.where(is_there, values[np.maximum(where, 0)], np.nan)


def _share(words: list[str], wanted: frozenset[str]) -> float:
    return sum(w in wanted for w in words) / len(words) if words else 0.0
