"""The extraction bench: ``python bench/extraction/run.py [data set …]`` (make bench-extract: with ``--write``).

Documents come from the files through our own parser and OCR where there is a file, else from words.json.
Micro-F1 over all expected fields by the rules of shared/score.py; a missing candidate is a miss. Three views:

* held out: every data set is in training, the asked layout is not (models of ``folds.py``);
* unseen:   the asked data set was in no training at all: the shipped model for the measure-only sets, a model
            without ad-buys for those;
* streams:  documents of one vendor after k corrected ones, in both views.

``--write`` puts all of it into bench/results/extraction.md beside a keyword baseline and the study's figures.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import baseline
from corpus import MISSING, Labelled, corpus, shared_folder
from folds import FOLDS, MEASURE_ONLY, MODELS, fold_of
from predict import Prediction, predict
from results import REAL, STUDY, write_results

from fieldproof.core.geometry import Box
from fieldproof.extraction import Correction, Example, LocalEngine, learn
from fieldproof.extraction.ranker import FILES, ranker_of, shipped_ranker

STREAM_STEPS = (0, 1, 3)
VIEWS = ("held out", "unseen", "shipped")
WORKERS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="*")
    parser.add_argument("--view", choices=VIEWS, default="unseen")
    parser.add_argument("--words", action="store_true", help="words.json also where there is a file")
    parser.add_argument("--cached", action="store_true", help="files only where they were parsed before")
    parser.add_argument("--streams", action="store_true")
    parser.add_argument("--errors", type=int, default=0, help="wrong answers to print per data set")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    shared = shared_folder()
    if shared is None:
        sys.exit(MISSING)
    score = _module("score", shared / "score.py")
    bench = shared / "data" / "bench"
    documents, runs = (_documents(bench / part, options) for part in ("dev", "stream_dev"))
    if not options.write:
        zero_shot(score, documents, options.view, options.errors)
        if options.streams:
            streams(score, runs, options.view)
        return
    _need_models()
    write_results(
        {
            "held out": zero_shot(score, documents, "held out", 0),
            "unseen": zero_shot(score, documents, "unseen", 0),
            "baseline": _scored(score, ((d, baseline.answer(d)) for d in documents), 0),
            "streams held out": streams(score, runs, "held out"),
            "streams unseen": streams(score, [d for d in runs if d.dataset in (*MEASURE_ONLY, "adbuy")], "unseen"),
        }
    )


def _documents(folder: Path, options: argparse.Namespace) -> list[Labelled]:
    found = corpus(folder, options.datasets or None, is_from_file=not options.words)
    return [replace(d, is_from_file=d.is_parsed) for d in found] if options.cached else found


def zero_shot(score: ModuleType, documents: list[Labelled], view: str, errors: int) -> dict[str, Any]:
    with ProcessPoolExecutor(WORKERS) as pool:
        predictions = list(pool.map(_predict_one, [(d, view) for d in documents], chunksize=8))
    report = _scored(score, ((p.labelled, p.answer) for p in predictions), errors)
    pages = sorted(1000 * p.cpu_s / max(1, len(p.labelled.words["pages"])) for p in predictions)
    report["ms_per_page"] = {
        "median": pages[len(pages) // 2], "p95": pages[int(len(pages) * 0.95)],
        "load": f"{WORKERS} workers on {os.cpu_count()} cores under a load of {os.getloadavg()[1]:.0f}",
        "memory_mb": max(p.memory_mb for p in predictions),
    }  # fmt: skip
    report["files"] = sum(d.is_from_file and d.file is not None for d in documents)
    report["generated_rows"] = _generated_rows(score, predictions)
    _print(report, view)
    return report


def _generated_rows(score: ModuleType, predictions: list[Prediction]) -> dict[str, Any]:
    own = _scored(score, ((p.labelled, p.answer) for p in predictions if p.labelled.dataset.startswith("syn_")), 0)
    return own["line_items"]["row"]


def streams(score: ModuleType, documents: list[Labelled], view: str) -> dict[str, Any]:
    """Each document after k corrected ones of its layout; the last max(STREAM_STEPS) fewer are asked."""
    families: dict[tuple[str, str], list[Labelled]] = {}
    for d in documents:
        families.setdefault((d.dataset, d.family), []).append(d)
    jobs = [(members, k, view) for members in families.values() for k in STREAM_STEPS]
    found: dict[int, list[tuple[Labelled, dict[str, Any]]]] = {k: [] for k in STREAM_STEPS}
    with ProcessPoolExecutor(WORKERS) as pool:
        for (_, k, _), predictions in zip(jobs, pool.map(_predict_stream, jobs), strict=True):
            found[k] += [(p.labelled, p.answer) for p in predictions]
    out: dict[str, Any] = {}
    for k in STREAM_STEPS:
        own = _scored(score, found[k], 0)
        real = _scored(score, [(d, a) for d, a in found[k] if d.dataset in REAL], 0)
        per_set = {d: v["f1"] for d, v in own["per_dataset"].items()}
        out[str(k)] = {
            "all": own["micro"]["f1"],
            "real": real["micro"]["f1"],
            "documents": own["docs"],
            "sets": per_set,
        }
        print(f"stream {view}, k={k}: all {own['micro']['f1']:.3f} real {real['micro']['f1']:.3f}", per_set, flush=True)
    return out


def _predict_one(job: tuple[Labelled, str]) -> Prediction:
    d, view = job
    return predict(_engine(_model_for(d, view)), d)


def _predict_stream(job: tuple[list[Labelled], int, str]) -> list[Prediction]:
    members, k, view = job
    first = min(max(STREAM_STEPS), len(members) - 1)
    engine = _engine(_model_for(members[0], view))
    taught: list[Example] = []
    for d in members[max(0, first - k) : first]:
        taught.append(learn(d.document, d.schema, _corrections(d), kept=taught, engine=engine))
    return [predict(engine, d, tuple(taught)) for d in members[first:]]


def _model_for(d: Labelled, view: str) -> Path | None:
    """The folder of the model that may be asked about this document; None is the shipped one."""
    if view == "held out":
        return MODELS / f"fold{fold_of(d)}"
    return MODELS / "without_adbuy" if view == "unseen" and d.dataset == "adbuy" else None


def _need_models() -> None:
    needed = [f"fold{k}" for k in range(FOLDS)] + ["without_adbuy"]
    if not all((MODELS / name / file).exists() for name in needed for file in FILES):
        print("Making the models for measuring first (folds.py).", flush=True)
        subprocess.run([sys.executable, str(Path(__file__).with_name("folds.py"))], check=True)


def _corrections(d: Labelled) -> list[Correction]:
    out = []
    for path, entry in d.expected["fields"].items():
        sources = entry.get("sources") or ()
        # Some labels name every place where the value stands, not the one that it was taken from: no box was drawn.
        source = sources[0] if len(sources) == 1 or (sources and entry["source_kind"] == "annotated") else None
        where = (source["page"], Box(*source["bbox"])) if source else (None, None)
        out.append(Correction(tuple(path.split(".")), entry.get("value"), *where))
    return out


@lru_cache(maxsize=8)
def _engine(model: Path | None) -> LocalEngine:
    return LocalEngine(ranker_of(model) if model else shipped_ranker())


def _scored(score: ModuleType, answers: Iterable[tuple[Labelled, dict[str, Any]]], errors: int) -> dict[str, Any]:
    stats = score.new_stats()
    wrong: dict[str, list[Any]] = {}
    real = score.new_stats()
    for labelled, answer in answers:
        words = {p["page"]: p["words"] for p in labelled.words["pages"]}
        stats["docs"] += 1
        bad = score.score_doc(labelled.expected, answer, stats, words, labelled.dataset)
        if labelled.dataset in REAL:
            score.score_doc(labelled.expected, answer, real, None, labelled.dataset)
        wrong.setdefault(labelled.dataset, []).extend((labelled.folder.name[-26:], *b) for b in bad)
    for entries in wrong.values() if errors else ():
        step = max(1, len(entries) // errors)
        for entry in entries[::step]:
            print("  wrong", *entry, sep=" | ")
    report = score.report(stats)
    report["real"] = real["all"].d()
    return report


def _print(report: dict[str, Any], view: str) -> None:
    print("view:", view)
    for name, r in report["per_dataset"].items():
        print(f"{name:14} F1 {r['f1']:.3f} P {r['precision']:.3f} R {r['recall']:.3f}  study {STUDY.get(name, 0):.3f}")
    print("all", report["micro"]["f1"], "real business", report["real"]["f1"])
    items = report["line_items"]
    print(
        "items: cell",
        items["cell"]["f1"],
        "row",
        items["row"]["f1"],
        {k: v["f1"] for k, v in items["per_dataset"].items()},
    )
    print("grounding", {k: report["grounding"][k] for k in ("cited_rate", "supported", "box_hit")})
    print(
        "confidence",
        report["confidence"],
        "ms/page",
        {k: v if isinstance(v, str) else round(v, 1) for k, v in report["ms_per_page"].items()},
    )


def _module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
