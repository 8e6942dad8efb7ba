"""Rows for training the ranker: every question of a document with its right candidate and some wrong ones.

From generated documents and from public records whose labels are CC BY (adbuy, fara). Field names are paraphrased so
that the model learns relations, not names. Seeded: the same rows in the same order every time.
"""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench" / "extraction"))
sys.path.insert(0, str(ROOT))

from corpus import Labelled, corpus, document_of, schema_json_of, shared_folder  # noqa: E402
from train_sketches import Sketch  # noqa: E402
from training.generator.__main__ import shares  # noqa: E402
from training.generator.catalogue import FAMILIES, make  # noqa: E402
from training.generator.noise import roughen  # noqa: E402
from training.generator.truth import expected_json, words_json  # noqa: E402

from fieldproof.core.document import ParsedDocument  # noqa: E402
from fieldproof.core.geometry import Box  # noqa: E402
from fieldproof.core.schema import Field, FieldType, Schema, parse_schema  # noqa: E402
from fieldproof.extraction.engine import Example  # noqa: E402
from fieldproof.extraction.features import FEATURES, PairFeatures  # noqa: E402
from fieldproof.extraction.lexicon import LEXICON  # noqa: E402
from fieldproof.extraction.memory import Memory, example_of  # noqa: E402
from fieldproof.extraction.query import Query, query_of  # noqa: E402
from fieldproof.extraction.scene import Scene, scene_of  # noqa: E402
from fieldproof.extraction.truth import candidates_with  # noqa: E402

OWN = ("syn_invoice", "syn_po", "syn_statement")
PUBLIC = ("adbuy", "fara")
SHIPPED_PARTS = (*OWN, *PUBLIC, "sketch", "generated")
SEED = 20240601
NEGATIVES = 14  # wrong candidates of a question
PER_LAYOUT = 6  # documents of one layout; more say little new
COPIES = 2  # documents per sketched layout
SKETCHES = 400  # layouts
GENERATED_LAYOUTS = 360
GENERATED = tuple(f"gen_{family}" for family in FAMILIES)
SCANS = 0.35  # share of generated layouts read by OCR
WORKERS = 2

Rows = dict[str, np.ndarray]


def documents_of(part: str, sketched: int = SKETCHES, made: int = GENERATED_LAYOUTS) -> list[Any]:
    """A data set's labelled documents, "sketch" or "generated"."""
    if part == "sketch":
        return [Sketch(layout, copy) for layout in range(sketched) for copy in range(COPIES)]
    if part == "generated":
        return _generated(made)
    shared = shared_folder()
    if shared is None:
        print(f"{part}: not beside the repository, left out.")
        return []
    return [d for half in ("dev", "stream_dev") for d in corpus(shared / "data" / "bench" / half, [part])]


def _generated(count: int) -> list[Any]:
    """Business documents of our own generator: many layouts, six languages, scan noise, schemas that ask in many ways."""
    found: list[Labelled | Sketch | Generated] = []
    for family, share in shares(["all"], count).items():
        found += [Generated(family, f"{SEED}-{k}", copy) for k in range(share) for copy in range(COPIES)]
    return found


@dataclass(frozen=True)
class Generated:
    """One document of the generator, made when it is looked at."""

    kind: str
    layout: str
    copy: int

    @property
    def dataset(self) -> str:
        return f"gen_{self.kind}"

    @property
    def family(self) -> str:
        return f"{self.dataset}:{self.layout}"

    @cached_property
    def _made(self) -> tuple[Any, Any]:
        made = make(self.kind, self.layout, self.copy)
        roughen(made.draft, SCANS)
        return made.draft, made.asked

    @cached_property
    def document(self) -> ParsedDocument:
        return document_of(words_json(self._made[0].paper))

    @cached_property
    def expected(self) -> dict[str, Any]:
        draft, asked = self._made
        return expected_json(draft, asked, self.family, self.dataset, None)

    @cached_property
    def schema(self) -> Schema:
        return parse_schema(schema_json_of(self._made[1].schema))


@dataclass(frozen=True)
class Layout:
    """The documents of one layout; rows of them are held out together."""

    dataset: str
    family: str
    documents: tuple[Any, ...]

    @property
    def name(self) -> str:
        return f"{self.dataset}/{self.family}"

    @property
    def group(self) -> int:
        return hash_of(self.name)

    @property
    def source(self) -> int:
        return hash_of(self.dataset.split("_")[0] if self.dataset in GENERATED else self.dataset)


def by_layout(documents: Iterable[Any]) -> list[Layout]:
    found: dict[tuple[str, str], list[Any]] = {}
    for d in documents:
        found.setdefault((d.dataset, d.family), []).append(d)
    return [Layout(*name, tuple(own[:PER_LAYOUT])) for name, own in found.items()]


def rows_of(documents: list[Any]) -> Rows:
    """x has FEATURES."""
    with ProcessPoolExecutor(WORKERS) as pool:
        return joined(rows for rows in pool.map(_layout_rows, by_layout(documents), chunksize=4) if rows is not None)


def joined(parts: Iterable[Rows]) -> Rows:
    found = list(parts)
    return {k: np.concatenate([p[k] for p in found]) for k in found[0]}


def settings(
    layout: Layout, random_: random.Random, *, is_as_asked: bool = False
) -> Iterator[tuple[Any, Scene, list[Example], bool]]:
    """Every document of a layout without and with memory of its siblings, and whether its questions are paraphrased.

    ``is_as_asked``: those of labelled papers once as they are.
    """
    scenes = [(d, scene_of(d.document)) for d in layout.documents]
    taught = [(d, s, example_of(s, _places(d, s))) for d, s in scenes]
    for i, (d, scene, _) in enumerate(taught):
        siblings = [e for j, (_, _, e) in enumerate(taught) if j != i]
        is_labelled = layout.dataset not in ("sketch", *GENERATED, *OWN)
        chosen = [(random_.random() < (0.3 if layout.dataset.startswith("gen_") else 0.65), 0)]
        if is_labelled and is_as_asked:
            chosen = [(False, 0)]
        if is_labelled:
            chosen.append((True, 0))
        if siblings:
            chosen.append((random_.random() < 0.5, min(len(siblings), random_.choice((1, 1, 2, 3)))))
        for is_paraphrased, k in chosen:
            yield d, scene, random_.sample(siblings, k) if k else [], is_paraphrased


def rows_named(layout: Layout, questions: list[tuple[np.ndarray, np.ndarray, int]], suffix: str = "") -> Rows:
    """``questions``: of each one x, y and ``kind_of`` it."""
    count = [len(y) for _, y, _ in questions]
    return {
        "x": np.concatenate([x for x, _, _ in questions]),
        "y": np.concatenate([y for _, y, _ in questions]),
        "question": np.repeat([hash_of(f"{layout.name}{suffix}#{i}") for i in range(len(questions))], count),
        "group": np.full(sum(count), layout.group),
        "source": np.full(sum(count), layout.source),
        "type": np.repeat([kind for _, _, kind in questions], count),
    }


def _layout_rows(layout: Layout) -> Rows | None:
    random_ = random.Random(f"{SEED}{layout.dataset}{layout.family}")
    out: list[tuple[np.ndarray, np.ndarray, int]] = []
    for d, scene, examples, is_paraphrased in settings(layout, random_):
        out += _document_rows(d, scene, examples, is_paraphrased, random_)
    return rows_named(layout, out) if out else None


def kind_of(q: Query) -> int:
    """0 for a date, 1 for a number, 2 for a text: each has a calibration of its own."""
    return {"date": 0, "number": 1, "integer": 1, "currency": 1}.get(q.field.type, 2)


def hash_of(name: str) -> int:
    return zlib.crc32(name.encode())


def questions_of(d: Labelled | Sketch | Generated) -> list[Query]:
    return [
        query_of((g.name, f.name), f, f"{g.name} {g.title or ''}")
        for g in d.schema.groups
        for f in g.fields
        if f.type not in (FieldType.ARRAY, FieldType.OBJECT)
    ]


def list_questions_of(d: Labelled | Sketch | Generated) -> list[Query]:
    """A list of plain values asks the same question; every member is right."""
    found = []
    for path in d.expected.get("lists", {}):
        names = tuple(path.split("."))
        prompt = "Names of the contracting parties" if names[-1] == "party" else None
        found.append(query_of(names, Field(names[-1], FieldType.STRING, description=prompt), names[0]))
    return found


def truth_of(d: Labelled | Sketch | Generated, q: Query, scene: Scene) -> list[int] | None:
    """Right candidates; [] when the true value is null; None when it is not known."""
    members = d.expected.get("lists", {}).get(".".join(q.path))
    if members:
        values = [v for accepted in members["values"] for v in accepted]
        return sorted({i for v in values for i in candidates_with(scene, q.field, q.shape, v)})
    entry = d.expected["fields"].get(".".join(q.path))
    if entry is None:
        return None
    if entry.get("value") is None:
        return []
    places = [(s["page"], Box(*s["bbox"])) for s in entry.get("sources", []) if s.get("bbox")]
    found: list[int] = []
    for value in (entry["value"], *entry.get("accept", [])):
        found += candidates_with(scene, q.field, q.shape, value, places)
    return sorted(set(found))


def _places(d: Labelled | Sketch | Generated, scene) -> dict[str, int | None]:
    places: dict[str, int | None] = {}
    for q in questions_of(d):
        truth = truth_of(d, q, scene)
        if truth is not None:
            is_null = d.expected["fields"][".".join(q.path)].get("value") is None
            if truth or is_null:
                places[".".join(q.path)] = truth[0] if truth else None
    return places


def _document_rows(
    d: Labelled | Sketch | Generated,
    scene: Scene,
    examples: list[Example],
    is_paraphrased: bool,
    random_: random.Random,
) -> list[tuple[np.ndarray, np.ndarray, int]]:
    questions = questions_of(d) + list_questions_of(d)
    asked = [paraphrase(q, random_) if is_paraphrased else q for q in questions]
    memory = Memory(scene, examples)
    found = PairFeatures(scene, asked, memory).all() if asked else []
    out = []
    for q, (rows, x) in zip(questions, found, strict=True):
        truth = truth_of(d, q, scene)
        if truth is None:
            continue
        y = np.isin(rows, truth).astype(np.float32)
        if len(rows) == 0:
            continue
        keep = _sample(x, y, random_)
        out.append((x[keep], y[keep], kind_of(q)))
    return out


def _sample(x: np.ndarray, y: np.ndarray, random_: random.Random) -> np.ndarray:
    wrong = np.nonzero(y == 0)[0]
    label = x[wrong, FEATURES.index("best_label")] + 0.3 * x[wrong, 0]
    hard = wrong[np.argsort(-label, kind="stable")[: NEGATIVES // 2]].tolist()
    rest = [w for w in wrong.tolist() if w not in set(hard)]
    easy = random_.sample(rest, min(len(rest), NEGATIVES - len(hard)))
    return np.sort(np.array([*np.nonzero(y == 1)[0].tolist(), *hard, *easy], dtype=np.int64))


def paraphrase(q: Query, random_: random.Random) -> Query:
    """The same question in other words: another alias, another language, or a bare name that only its prompt explains."""
    best = int(q.concepts.argmax())
    if q.concepts[best] < 0.45:
        return q if random_.random() < 0.5 else query_of(q.path, replace(q.field, description=None), q.group_words)
    language = 0 if random_.random() < 0.6 else random_.randrange(7)
    alias = random_.choice(LEXICON.spoken[best][language])
    field = replace(q.field, name=alias.replace(" ", "_"), title=None)
    manner = random_.random()
    if manner < 0.3 and len(alias.split()) > 1:  # "number": "Invoice number"
        opening = random_.choice(("", "", "The ", "Extract the ", "Find the "))
        ending = random_.choice(("", "", " of the document", " as printed"))
        bare = alias.split()[-1] if language in (0, 1, 5) else alias.split()[0]
        field = replace(field, name=bare, description=opening + alias + ending)
    elif manner < 0.45:  # a name that says nothing, a title that says all
        field = replace(
            field, name=random_.choice(("field_1", "f2", "value", "x", "entry")), title=alias.title(), description=None
        )
    elif random_.random() < 0.6:
        field = replace(field, description=None)
    asked = query_of(q.path, field, q.group_words)
    return asked if asked.shape == q.shape else q
