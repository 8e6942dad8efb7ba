"""Extraction: documents and a schema in, values with their proofs out. Pure: no database, no settings.

``extract`` is the door. ``LocalEngine`` needs no key and no network; LLM engines live in ``llm/``.
"""

from __future__ import annotations

from collections.abc import Sequence

from fieldproof.core.result import Extraction
from fieldproof.core.schema import Schema
from fieldproof.extraction.engine import Engine, Example, Options, SourceDocument
from fieldproof.extraction.grounding import locate_box, locate_value
from fieldproof.extraction.learning import Correction, learn
from fieldproof.extraction.local import LocalEngine
from fieldproof.extraction.ranker import shipped_ranker
from fieldproof.extraction.replay import Loss, Replay, Reviewed, replay

__all__ = [
    "Correction", "Engine", "Example", "LocalEngine", "Loss", "Options", "Replay", "Reviewed", "SourceDocument", "extract",
    "learn", "local_engine", "locate_box", "locate_value", "replay",
]  # fmt: skip


def local_engine() -> LocalEngine:
    """The local engine with the shipped model; loaded once per process."""
    return LocalEngine(shipped_ranker())


def extract(
    documents: Sequence[SourceDocument], schema: Schema, options: Options | None = None, *, engine: Engine | None = None
) -> Extraction:
    """Every field of the schema with its proof."""
    return (engine or local_engine()).extract(documents, schema, options or Options())
