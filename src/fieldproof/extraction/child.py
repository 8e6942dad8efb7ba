"""What the sandbox's child runs: bytes and JSON in, bytes out."""

from __future__ import annotations

from typing import Any

from fieldproof.core import codec
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import Example, Options, SourceDocument, extract

PRELOAD = ("fieldproof.extraction.child", "fieldproof.extraction.ranker:shipped_ranker")
"""What a sandbox for extraction imports before it forks, the model included."""


def extract_to_bytes(documents: list[tuple[str, str, bytes]], schema_json: Any, options_json: dict[str, Any]) -> bytes:
    """``documents``: (id, filename, document as ``codec.dump`` wrote it). Returns the extraction's JSON."""
    sources = [SourceDocument(id_, filename, codec.load(data)) for id_, filename, data in documents]
    result = extract(sources, parse_schema(schema_json), options_from_json(options_json))
    return codec.extraction_to_json(result)


def options_to_json(options: Options) -> dict[str, Any]:
    return {"examples": [example_to_json(e) for e in options.examples], "settings": options.settings}


def options_from_json(source: dict[str, Any]) -> Options:
    examples = tuple(example_from_json(e) for e in source.get("examples", ()))
    return Options(examples, dict(source.get("settings", {})))


def example_to_json(example: Example) -> dict[str, Any]:
    return {"id": example.id, "fingerprint": example.fingerprint, "fields": example.fields}


def example_from_json(source: dict[str, Any]) -> Example:
    return Example(source["id"], source["fingerprint"], source["fields"])
