"""Run the engine over labelled documents and write what it says in the scorer's format."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from typing import Any

from corpus import Labelled

from fieldproof.core.result import Extraction
from fieldproof.extraction import Example, LocalEngine, Options, SourceDocument


@dataclass(frozen=True)
class Prediction:
    labelled: Labelled
    answer: dict[str, Any]
    cpu_s: float
    memory_mb: float


def predict(engine: LocalEngine, labelled: Labelled, examples: tuple[Example, ...] = ()) -> Prediction:
    source = SourceDocument(labelled.folder.name, "document.pdf", labelled.document)
    schema = labelled.schema
    start = time.process_time()
    extraction = engine.extract([source], schema, Options(examples))
    cpu_s = time.process_time() - start
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Prediction(labelled, answer_of(extraction), cpu_s, memory_mb)


def answer_of(extraction: Extraction) -> dict[str, Any]:
    """The scorer's form; list groups go back from group.rows to the group's own name."""
    fields: dict[str, Any] = {}
    for value in extraction.values:
        if any(isinstance(p, int) for p in value.path):
            continue
        sources = [{"page": c.page, "bbox": c.box.as_list(), "text": c.text} for c in value.citations]
        fields[".".join(map(str, value.path))] = {
            "value": value.value,
            "confidence": value.confidence,
            "sources": sources,
        }
    tables, lists = {}, {}
    for group, entry in extraction.data.items():
        for name, value in entry.items() if isinstance(entry, dict) else ():
            if isinstance(value, list) and name == "rows":
                tables[group] = value
            elif isinstance(value, list):
                lists[f"{group}.{name}"] = value
    return {"fields": fields, "tables": tables, "lists": lists}
