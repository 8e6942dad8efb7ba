"""Train the ranker that ships: ``python training/train.py`` (make train).

Trains on generated documents and on public records whose labels are CC BY (adbuy, fara); nothing
else. Field names are paraphrased so that the model learns relations, not names. Seeded and
deterministic. Writes ranker.txt and calibration.json into the package.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench" / "extraction"))
sys.path.insert(0, str(ROOT / "training"))

from corpus import Labelled, corpus, shared_folder  # noqa: E402
from train_sketches import Sketch  # noqa: E402

from fieldproof.core.geometry import Box  # noqa: E402
from fieldproof.core.schema import Field, FieldType  # noqa: E402
from fieldproof.extraction.features import FEATURES, PairFeatures  # noqa: E402
from fieldproof.extraction.lexicon import LEXICON  # noqa: E402
from fieldproof.extraction.memory import Memory, example_of  # noqa: E402
from fieldproof.extraction.query import Query, query_of  # noqa: E402
from fieldproof.extraction.scene import scene_of  # noqa: E402
from fieldproof.extraction.truth import candidates_with  # noqa: E402

OWN = ("syn_invoice", "syn_po", "syn_statement")
PUBLIC = ("adbuy", "fara")
SEED = 20240601
NEGATIVES = 16
PER_LAYOUT = 6  # documents of one layout; more say little new
COPIES = 2  # documents per sketched layout
FOLDS = 3
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.08, "num_leaves": 31, "min_data_in_leaf": 60, "feature_fraction": 0.35,
    "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "max_bin": 63, "seed": SEED, "deterministic": True,
    "force_row_wise": True, "num_threads": 2, "verbosity": -1,
}  # fmt: skip
ROUNDS = 220


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--generated", type=Path, action="append", default=[], help="folders of generated documents")
    options.add_argument("--without", nargs="*", default=[], help="data sets to leave out")
    options.add_argument("--out", type=Path, default=ROOT / "src" / "fieldproof" / "extraction")
    options.add_argument("--sketches", type=int, default=560, help="layouts to sketch")
    options.add_argument("--rows", type=Path, help="keep the rows here and use them when present")
    chosen = options.parse_args()
    start = time.time()
    rows = _cached_rows(chosen.rows, _documents(chosen.generated, chosen.without, chosen.sketches))
    print(f"{len(rows['y']):,} rows, {int(rows['y'].sum()):,} right ones, {time.time() - start:.0f} s")
    held_out = _out_of_fold(rows)
    model = _fit(rows, np.ones(len(rows["y"]), dtype=bool))
    _write(chosen.out, model, rows, held_out)
    print(f"done, {time.time() - start:.0f} s")


def _documents(generated: list[Path], without: list[str], sketches: int) -> list[Labelled | Sketch]:
    found: list[Labelled | Sketch] = []
    shared = shared_folder()
    if shared:
        for part in ("dev", "stream_dev"):
            found += corpus(shared / "data" / "bench" / part, [*OWN, *PUBLIC])
    for folder in generated:
        found += corpus(folder)
    found += [Sketch(layout, copy) for layout in range(sketches) for copy in range(COPIES)]
    return [d for d in found if d.dataset not in without]


def _cached_rows(path: Path | None, documents: list[Labelled | Sketch]) -> dict[str, np.ndarray]:
    if path and path.exists():
        return dict(np.load(path))
    families: dict[tuple[str, str], list[Labelled | Sketch]] = {}
    for d in documents:
        families.setdefault((d.dataset, d.family), []).append(d)
    with ProcessPoolExecutor(2) as pool:
        parts = list(pool.map(_family_rows, families.items(), chunksize=4))
    parts = [p for p in parts if p is not None]
    rows = {k: np.concatenate([p[k] for p in parts]) for k in parts[0]}
    if path:
        np.savez(path, **rows)
    return rows


def _family_rows(entry: tuple[tuple[str, str], list[Labelled | Sketch]]) -> dict[str, np.ndarray] | None:
    """Rows of all documents of one layout, without and with memory of its siblings."""
    (dataset, family), documents = entry
    random_ = random.Random(f"{SEED}{dataset}{family}")
    documents = documents[:PER_LAYOUT]
    scenes = [(d, scene_of(d.document)) for d in documents]
    taught = [(d, s, example_of(s, _places(d, s))) for d, s in scenes]
    out: list[tuple[np.ndarray, np.ndarray, int, int]] = []
    for i, (d, scene, _) in enumerate(taught):
        siblings = [e for j, (_, _, e) in enumerate(taught) if j != i]
        settings = [(random_.random() < 0.65, 0)]
        if dataset != "sketch":
            settings.append((True, 0))
        if siblings:
            settings.append((random_.random() < 0.5, min(len(siblings), random_.choice((1, 1, 2, 3)))))
        for is_paraphrased, k in settings:
            examples = random_.sample(siblings, k) if k else []
            out += _document_rows(d, scene, examples, is_paraphrased, random_)
    if not out:
        return None
    count = [len(y) for _, y, _, _ in out]
    name = f"{dataset}/{family}"
    return {
        "x": np.concatenate([x for x, _, _, _ in out]),
        "y": np.concatenate([y for _, y, _, _ in out]),
        "question": np.repeat([hash_of(f"{name}#{i}") for i in range(len(out))], count),
        "group": np.full(sum(count), hash_of(name)),
        "type": np.repeat([t for _, _, t, _ in out], count),
        "memory": np.repeat([m for _, _, _, m in out], count),
        "lost": np.repeat([float(y.sum() == 0) for _, y, _, _ in out], count),
    }


def hash_of(name: str) -> int:
    return zlib.crc32(name.encode())


def _questions(d: Labelled | Sketch) -> list[Query]:
    return [
        query_of((g.name, f.name), f, f"{g.name} {g.title or ''}")
        for g in d.schema.groups
        for f in g.fields
        if f.type not in (FieldType.ARRAY, FieldType.OBJECT)
    ]


def _list_questions(d: Labelled | Sketch) -> list[Query]:
    """A list of plain values asks the same question; every member is right."""
    found = []
    for path in d.expected.get("lists", {}):
        names = tuple(path.split("."))
        prompt = "Names of the contracting parties" if names[-1] == "party" else None
        found.append(query_of(names, Field(names[-1], FieldType.STRING, description=prompt), names[0]))
    return found


def _truth(d: Labelled | Sketch, q: Query, scene) -> list[int] | None:
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


def _places(d: Labelled | Sketch, scene) -> dict[str, int | None]:
    places: dict[str, int | None] = {}
    for q in _questions(d):
        truth = _truth(d, q, scene)
        if truth is not None:
            is_null = d.expected["fields"][".".join(q.path)].get("value") is None
            if truth or is_null:
                places[".".join(q.path)] = truth[0] if truth else None
    return places


def _document_rows(d, scene, examples, is_paraphrased: bool, random_: random.Random):
    questions = _questions(d) + _list_questions(d)
    asked = [_paraphrase(q, random_) if is_paraphrased else q for q in questions]
    memory = Memory(scene, examples)
    pairs = PairFeatures(scene, asked, memory) if asked else None
    out = []
    for i, q in enumerate(questions):
        truth = _truth(d, q, scene)
        if truth is None or pairs is None:
            continue
        rows, x = pairs.of(i)
        y = np.isin(rows, truth).astype(np.float32)
        if len(rows) == 0:
            continue
        keep = _sample(x, y, random_)
        kind = {"date": 0, "number": 1, "integer": 1, "currency": 1}.get(q.field.type, 2)
        out.append((x[keep], y[keep], kind, int(bool(memory.near))))
    return out


def _sample(x: np.ndarray, y: np.ndarray, random_: random.Random) -> np.ndarray:
    wrong = np.nonzero(y == 0)[0]
    label = x[wrong, FEATURES.index("best_label")] + 0.3 * x[wrong, 0]
    hard = wrong[np.argsort(-label, kind="stable")[: NEGATIVES // 2]].tolist()
    rest = [w for w in wrong.tolist() if w not in set(hard)]
    easy = random_.sample(rest, min(len(rest), NEGATIVES - len(hard)))
    return np.sort(np.array([*np.nonzero(y == 1)[0].tolist(), *hard, *easy], dtype=np.int64))


def _paraphrase(q: Query, random_: random.Random) -> Query:
    """The same question in other words: another alias, maybe no prompt, maybe another language."""
    best = int(q.concepts.argmax())
    if q.concepts[best] < 0.45:
        return q if random_.random() < 0.5 else query_of(q.path, replace(q.field, description=None), q.group_words)
    language = 0 if random_.random() < 0.6 else random_.randrange(7)
    alias = random_.choice(LEXICON.spoken[best][language])
    description = q.field.description if random_.random() < 0.4 else None
    field = replace(q.field, name=alias.replace(" ", "_"), title=None, description=description)
    asked = query_of(q.path, field, q.group_words)
    return asked if asked.shape == q.shape else q


def _out_of_fold(rows: dict[str, np.ndarray]) -> np.ndarray:
    scores = np.zeros(len(rows["y"]))
    fold = rows["group"] % FOLDS
    for k in range(FOLDS):
        inside = fold != k
        scores[~inside] = _fit(rows, inside).predict(rows["x"][~inside], num_threads=2)
    return scores


def _fit(rows: dict[str, np.ndarray], keep: np.ndarray) -> lightgbm.Booster:
    groups, counts = np.unique(rows["group"][keep], return_counts=True)
    weight = np.minimum(1.0, 6000.0 / counts)[np.searchsorted(groups, rows["group"][keep])]
    data = lightgbm.Dataset(
        rows["x"][keep], rows["y"][keep], weight=weight, feature_name=list(FEATURES), free_raw_data=True
    )
    return lightgbm.train(PARAMETERS, data, ROUNDS)


def _write(out: Path, model: lightgbm.Booster, rows: dict[str, np.ndarray], scores: np.ndarray) -> None:
    tables = {"all": _calibration(rows, scores, None)}
    for number, name in enumerate(("date", "number", "string")):
        tables[name] = _calibration(rows, scores, number)
    model.save_model(out / "ranker.txt")
    importance = sorted(zip(model.feature_importance("gain"), FEATURES, strict=True), reverse=True)
    print("strongest:", ", ".join(f"{n} {g:.0f}" for g, n in importance[:25]))
    (out / "calibration.json").write_text(json.dumps({"version": 1, "tables": tables}, indent=1) + "\n", "utf-8")


def _calibration(rows: dict[str, np.ndarray], scores: np.ndarray, kind: int | None) -> dict[str, list[float]]:
    """Isotonic: score of a question's winner -> how often it is right."""
    order = np.lexsort((-scores, rows["question"]))
    first = np.r_[True, rows["question"][order][1:] != rows["question"][order][:-1]]
    winners = order[first]
    if kind is not None:
        winners = winners[rows["type"][winners] == kind]
    winners = winners[np.argsort(scores[winners], kind="stable")]
    right = _pool_adjacent(rows["y"][winners])
    score = scores[winners]
    knots = np.unique(np.linspace(0, len(score) - 1, 60).astype(int))
    ece = float(np.abs(right - rows["y"][winners]).mean())
    print(f"winners {len(winners)}, right {rows['y'][winners].mean():.3f}, mean gap {ece:.3f}")
    return {
        "score": [0.0, *(round(float(score[k]), 5) for k in knots), 1.0],
        "probability": [0.0, *(round(float(right[k]), 4) for k in knots), round(float(min(right[-1], 0.995)), 4)],
    }


def _pool_adjacent(values: np.ndarray) -> np.ndarray:
    level: list[list[float]] = []
    for v in values:
        level.append([float(v), 1.0])
        while len(level) > 1 and level[-2][0] >= level[-1][0]:
            a, b = level.pop(), level.pop()
            n = a[1] + b[1]
            level.append([(a[0] * a[1] + b[0] * b[1]) / n, n])
    return np.concatenate([np.full(int(n), v) for v, n in level]) if level else values


if __name__ == "__main__":
    main()
