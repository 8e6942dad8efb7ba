"""The door of the extraction room: what every engine takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from fieldproof.core.document import ParsedDocument
from fieldproof.core.result import Extraction
from fieldproof.core.schema import Schema


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One attached document; ``id`` comes back in every citation."""

    id: str
    filename: str
    parsed: ParsedDocument


@dataclass(frozen=True, slots=True)
class Example:
    """What one reviewed document teaches: made by ``learn``, stored as JSON, given back as memory.

    ``fingerprint`` is the layout (label tokens with coarse positions); ``fields`` maps a schema
    path ("group.field") to the place and surroundings of its true value.
    """

    id: str
    fingerprint: dict[str, Any]
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: the template's ``settings`` that concern extraction, and its memory."""

    examples: tuple[Example, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)


class Engine(Protocol):
    """Values in, values out: no database; only the LLM engine speaks to the network."""

    @property
    def name(self) -> str: ...  # "local/1.0": name and version; part of every result

    def extract(self, documents: Sequence[SourceDocument], schema: Schema, options: Options) -> Extraction: ...
