"""What the sandbox's child runs: bytes and JSON in, bytes out."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import orjson

from fieldproof.core import codec
from fieldproof.core.geometry import Box
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import Correction, Example, Options, SourceDocument, extract, learn, local_engine
from fieldproof.extraction.replay import Reviewed, replay

PRELOAD = ("fieldproof.extraction.child", "fieldproof.extraction.ranker:shipped_ranker")
"""What a sandbox for extraction imports before it forks, the model included."""


def extract_to_bytes(documents: list[tuple[str, str, bytes]], schema_json: Any, options_json: dict[str, Any]) -> bytes:
    """``documents``: (id, filename, document as ``codec.dump`` wrote it). Returns the extraction's JSON."""
    sources = [SourceDocument(id_, filename, codec.load(data)) for id_, filename, data in documents]
    result = extract(sources, parse_schema(schema_json), options_from_json(options_json))
    return codec.extraction_to_json(result)


def replay_to_bytes(reviewed: list[dict[str, Any]], schema_json: Any, kept: list[Any], new: Any) -> bytes:
    """``reviewed``: {"documents": [(id, filename, dumped bytes)], "truth": {"group.field": value}, "example_id"}.

    Returns JSON: is_accepted, asked, before, after, losses.
    """
    cases = tuple(
        Reviewed(
            tuple(SourceDocument(id_, filename, codec.load(data)) for id_, filename, data in case["documents"]),
            {tuple(path.split(".")): value for path, value in case["truth"].items()},
            case.get("example_id"),
        )
        for case in reviewed
    )
    found = replay(
        local_engine(), parse_schema(schema_json), cases, [example_from_json(e) for e in kept], example_from_json(new)
    )
    return json.dumps({"is_accepted": found.is_accepted, **asdict(found)}).encode()


def learn_to_json(
    schema_json: Any,
    lesson: tuple[str, str, bytes],
    example_id: str,
    taught: list[dict[str, Any]],
    reviewed: list[tuple[str, str, bytes, str, list[dict[str, Any]]]],
    kept: list[dict[str, Any]],
) -> bytes:
    """What one reviewed document teaches, and whether the template's other reviews are the better for it.

    ``lesson``: (id, filename, encoded document). ``taught``: {path, value, page, box}. ``reviewed``: (id, filename,
    encoded document, its example's id, taught). Returns the example and ``losses``, None where it is accepted.
    """
    schema = parse_schema(schema_json)
    document = codec.load(lesson[2])
    corrections = [
        Correction(tuple(t["path"]), t["value"], t["page"], Box(*t["box"]) if t["box"] else None) for t in taught
    ]
    others = [example_from_json(e) for e in kept]
    made = learn(document, schema, corrections, kept=others)
    new = Example(example_id, made.fingerprint, made.fields)
    cases = [
        Reviewed((SourceDocument(id_, name, codec.load(data)),), {tuple(t["path"]): t["value"] for t in truth}, example)
        for id_, name, data, example, truth in reviewed
    ]
    outcome = replay(local_engine(), schema, cases, others, new)
    losses = None if outcome.is_accepted else [".".join(loss.path) for loss in outcome.losses]
    return orjson.dumps({**example_to_json(new), "losses": losses})


def options_to_json(options: Options) -> dict[str, Any]:
    return {"examples": [example_to_json(e) for e in options.examples], "settings": options.settings}


def options_from_json(source: dict[str, Any]) -> Options:
    examples = tuple(example_from_json(e) for e in source.get("examples", ()))
    return Options(examples, dict(source.get("settings", {})))


def example_to_json(example: Example) -> dict[str, Any]:
    return {"id": example.id, "fingerprint": example.fingerprint, "fields": example.fields}


def example_from_json(source: dict[str, Any]) -> Example:
    return Example(source["id"], source["fingerprint"], source["fields"])
