"""Numbers for every (field, candidate) pair, computed for all candidates of a field at once."""

from __future__ import annotations

from collections import Counter

import numpy as np

from fieldproof.core import patterns
from fieldproof.extraction.arrays import best_of_others, top
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
from fieldproof.extraction.looks import LOOKS
from fieldproof.extraction.memory import MEMORY_FEATURES, Memory
from fieldproof.extraction.plain import plain
from fieldproof.extraction.query import FITTING, ROLE_OF, ROLES, SHAPES, Query, trigrams_of
from fieldproof.extraction.scene import Scene

STRICT = frozenset(["currency", "iban", "bic", "email", "url"])  # shapes that nothing else can be read as
MAX_PAIRS = 60  # candidates of one field that the ranker looks at
_THERE = 0.02  # share of the page within which a value stands where it stood on a look-alike
_GENERIC = [INLINE, LEFT, ABOVE, COLUMN]
_TEXT = Kind.SEGMENT | Kind.REST
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
        label_letters = scene.label_trigrams @ np.stack([q.name_trigrams for q in queries]).T
        label_concept = _best_product(scene.label_concepts, concepts)
        self.label_general = _best_product(scene.label_concepts, np.stack([q.parents for q in queries]))
        # label x field x (concept, conflict, letters, words)
        self.label_names = np.stack(
            (
                label_concept,
                _best_product(scene.label_concepts, np.stack([~q.related for q in queries]).astype(np.float32)),
                label_letters, _word_share(scene.label_words, queries),
            ),
            axis=2,
        )  # fmt: skip
        self.label_role = _role_scores(scene.label_concepts)
        self.concepts = concepts
        strength = np.maximum(label_concept, 0.9 * label_letters * (label_letters > 0.45))
        self.named = strength.max(axis=0, initial=0.0)  # how well anything in the document names each field
        self.near_label = _near_labels(scene.labels.sides, strength)
        self.kinds = np.array([c.kinds for c in scene.candidates], dtype=np.int64)
        # Of each field the kinds of candidates that fit it, and how well they do.
        self.fitting = np.array([_TEXT if q.shape == "text" else FITTING.get(q.shape, 0) for q in queries])
        self.fit = np.array([0.5 if q.shape == "text" else 1.0 for q in queries], dtype=np.float32)

    def all(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """(rows, features) of each field: the candidates worth ranking, in document order."""
        rows = self._shortlists()
        pairs = _Pairs(rows)
        features = self._matrix(pairs) if len(pairs.rows) else np.zeros((0, len(FEATURES)), dtype=np.float32)
        return list(zip(rows, np.split(features, np.cumsum([len(r) for r in rows])[:-1]), strict=True))

    def _shortlists(self) -> list[np.ndarray]:
        if not len(self.kinds):
            return [np.zeros(0, dtype=np.intp)] * len(self.queries)
        looks = self.scene.looks
        # A fragment of a line needs a label to be worth a look; a whole line or a typed find does not.
        worth = 0.2 * (self.kinds & ~(Kind.REST | Kind.PART) != 0)
        is_early = np.exp(-2.5 * (looks.top + 2.0 * looks.page))
        over_address = 0.35 * (looks.over_address == 1.0)
        return [self._shortlist(f, worth, is_early, over_address) for f in range(len(self.queries))]

    def _shortlist(self, f: int, worth: np.ndarray, is_early: np.ndarray, over_address: np.ndarray) -> np.ndarray:
        q = self.queries[f]
        fits = self._fits(self.kinds, f)
        score = self.near_label[:, f] + 0.45 * fits + worth
        score = score + (0.35 if q.role or q.shape in ("company", "address", "name", "street") else 0.1) * is_early
        if q.shape in ("company", "name"):  # wherever on the page its address stands below it
            score = score + over_address
        if self.memory.near:
            remembered = self.memory.features(q.path, np.arange(len(score)))
            is_there = np.nan_to_num(remembered[:, 3:5], nan=1.0).max(axis=1) < _THERE
            score = score + 1.5 * np.nan_to_num(remembered[:, 1]) + np.nan_to_num(remembered[:, 6]) + is_there
        only = Kind.DATE if q.is_date else Kind.AMOUNT if q.is_number else FITTING[q.shape] if q.shape in STRICT else 0
        if only:
            score = np.where(self.kinds & only != 0, score, -1.0)
        best = top(score, MAX_PAIRS)
        return best[score[best] >= 0]

    def _fits(self, kinds: np.ndarray, f: int | np.ndarray) -> np.ndarray:
        return (kinds & self.fitting[f] != 0) * self.fit[f]

    def _matrix(self, pairs: _Pairs) -> np.ndarray:
        scene, fields, rows = self.scene, pairs.fields, pairs.rows
        sides = scene.labels.sides[rows]
        own = fields[:, None]
        fits = self._fits(self.kinds[rows], fields)
        label = self.near_label[rows, fields]
        roles = np.array([q.role for q in self.queries])[fields]
        of_role = _gather(self.label_role, sides[:, _PARTIES], roles[:, None])
        of_others = np.nan_to_num(_gather(self._of_other_roles(), sides[:, _PARTIES], roles[:, None]))
        own_concept = _best_product(scene.looks.concepts(pairs.distinct), self.concepts)
        # A day or a sum without a label of its own is often the right one; a text seldom is.
        is_read_alone = np.array([q.is_date or q.is_number for q in self.queries])
        named = np.where(is_read_alone, np.nan, self.named)[fields]
        return np.column_stack(
            (
                fits, _gather(self.label_names, sides, own).reshape(len(rows), -1),
                _gather(self.label_general, sides[:, _GENERIC], own), np.where(roles[:, None] > 0, of_role, np.nan),
                of_others.max(axis=1), scene.labels.distances[rows], _ranks(pairs, label, fits), own_concept[pairs.place, fields],
                self._own_words(pairs), self._rivals(pairs, label), self._patterns(pairs), self._facts()[fields],
                named, named - label, self._names_another(pairs), self._remembered(pairs), scene.looks.of(rows),
            )
        ).astype(np.float32)  # fmt: skip

    def _facts(self) -> np.ndarray:
        """field x shape … group_on_page of PAIR_FEATURES: what is asked, whoever answers."""
        alike = Counter(q.shape for q in self.queries)
        return np.array([
            (SHAPES.index(q.shape), q.role, q.role_weight, float(q.concepts.max()), alike[q.shape], _TYPES.get(q.field.type, 0), 0.0)
            for q in self.queries
        ])  # fmt: skip

    def _of_other_roles(self) -> np.ndarray:
        """label x role: how well each label names a party other than this one."""
        named = self.label_role[:, 1:]
        others = best_of_others(named, np.arange(len(named))[:, None], np.arange(named.shape[1]))
        return np.column_stack((named.max(axis=1), others))

    def _own_words(self, pairs: _Pairs) -> np.ndarray:
        words = {i: plain(self.scene.candidates[i].text).split()[:12] for i in pairs.distinct.tolist()}
        asked = zip(pairs.rows.tolist(), pairs.fields.tolist(), strict=True)
        return np.array([_share(words[i], self.queries[f].words) for i, f in asked])

    def _rivals(self, pairs: _Pairs, label: np.ndarray) -> np.ndarray:
        """How much better a candidate's labels name another field."""
        if len(self.queries) < 2:
            return np.zeros(len(label), dtype=np.float32)
        return best_of_others(self.near_label[pairs.distinct], pairs.place, pairs.fields) - label

    def _names_another(self, pairs: _Pairs) -> np.ndarray:
        """How much a candidate reads like the name of another field: then it is a label."""
        if "names_another" not in self.wanted:
            return np.full(len(pairs.rows), np.nan, dtype=np.float32)
        if len(self.queries) < 2:
            return np.zeros(len(pairs.rows), dtype=np.float32)
        texts = (plain(self.scene.candidates[i].text) for i in pairs.distinct.tolist())
        read = trigrams_of([t if len(t) <= 60 else "" for t in texts])
        names = np.stack([q.name_trigrams for q in self.queries])
        alike = np.empty((len(read), len(names)), dtype=np.float32)
        # Field by field, each with what the earlier ones had not: a product's last bit hangs on how many rows it has,
        # and the models were trained on these.
        for own in (np.flatnonzero(pairs.asked_first == f) for f in range(len(names))):
            alike[own] = read[own] @ names.T
        return best_of_others(alike, pairs.place, pairs.fields)

    def _patterns(self, pairs: _Pairs) -> np.ndarray:
        out = np.full(len(pairs.rows), np.nan)
        for f, q in enumerate(self.queries):
            wanted = patterns.compiled(q.field.pattern) if q.field.pattern else None
            if wanted is not None:
                own = np.flatnonzero(pairs.fields == f)
                texts = (self.scene.candidates[i].text[:80] for i in pairs.rows[own].tolist())
                out[own] = [bool(wanted.search(t)) for t in texts]
        return out

    def _remembered(self, pairs: _Pairs) -> np.ndarray:
        if not self.memory.near:
            return np.full((len(pairs.rows), len(MEMORY_FEATURES)), np.nan, dtype=np.float32)
        own = (pairs.rows[pairs.fields == f] for f in range(len(self.queries)))
        return np.concatenate([self.memory.features(q.path, r) for q, r in zip(self.queries, own, strict=True)])


class _Pairs:
    """The (field, candidate) pairs that are looked at, field by field."""

    def __init__(self, of_fields: list[np.ndarray]) -> None:
        counts = np.array([len(rows) for rows in of_fields])
        self.fields = np.repeat(np.arange(len(counts)), counts)
        self.rows = np.concatenate(of_fields)
        self.counts = counts[counts > 0]
        # Each candidate once, and of each pair which of them it is.
        self.distinct, first, self.place = np.unique(self.rows, return_index=True, return_inverse=True)
        self.asked_first = self.fields[first]  # the first field that looks at each of the distinct ones


def _near_labels(sides: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """candidate x field: how well the nearest labels name the field."""
    best = np.zeros((len(sides), strength.shape[1]), dtype=np.float32)
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


def _ranks(pairs: _Pairs, label: np.ndarray, fits: np.ndarray) -> np.ndarray:
    """best_label … fit_order of PAIR_FEATURES: where a candidate's label and shape stand among the others of its field."""
    begins = np.cumsum(pairs.counts) - pairs.counts
    spread = np.repeat(np.arange(len(begins)), pairs.counts)
    worse = -np.round(label, 3)
    order = np.lexsort((worse, pairs.fields))
    is_next = np.diff(worse[order], prepend=np.nan) != 0
    is_next[begins] = False
    steps = np.cumsum(is_next)
    rank = np.empty(len(label), dtype=np.int64)
    rank[order] = steps - steps[begins][spread]
    strong = fits >= 0.9
    so_far = np.cumsum(strong)
    place = so_far - (so_far - strong)[begins][spread] - 1
    return np.stack(
        [
            label, rank, np.maximum.reduceat(label, begins)[spread] - label,
            np.add.reduceat(strong, begins, dtype=np.int64)[spread], np.where(strong, place, 99),
        ],
        axis=1,
    )  # fmt: skip


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


def _gather(values: np.ndarray, labels: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The values of each label and its column, NaN where there is no label."""
    shape = (*labels.shape, *values.shape[2:])
    if not len(values):
        return np.full(shape, np.nan, dtype=np.float32)
    is_there = (labels >= 0).reshape(*labels.shape, *(1,) * (values.ndim - 2))
    return np.where(is_there, values[np.maximum(labels, 0), columns], np.nan)


def _share(words: list[str], wanted: frozenset[str]) -> float:
    return sum(w in wanted for w in words) / len(words) if words else 0.0
