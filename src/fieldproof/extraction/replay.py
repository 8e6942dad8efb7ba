"""Whether a new example helps: a template's reviewed documents are extracted again, without and with it.

``replay(engine, schema, reviewed, kept, new)`` decides; nothing is stored here. Only documents whose
layout the new example resembles are asked, for the others nothing can change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fieldproof.core.schema import Schema
from fieldproof.extraction.engine import Engine, Example, Options, SourceDocument
from fieldproof.extraction.memory import SAME_LAYOUT, fingerprint_of, similarity
from fieldproof.extraction.scene import scene_of
from fieldproof.extraction.truth import same_value

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One reviewed result: its documents and what a person confirmed or corrected (None: no value).

    ``example_id`` is the example that this very review made, if any: nobody is examined on their own answers.
    """

    documents: tuple[SourceDocument, ...]
    truth: dict[Path, Any]
    example_id: str | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """A field that was right without the example and is wrong with it."""

    document_id: str
    path: Path
    expected: Any
    given: Any


@dataclass(frozen=True, slots=True)
class Replay:
    """``asked`` fields, how many were right without and with the new example."""

    asked: int
    before: int
    after: int
    losses: tuple[Loss, ...] = ()

    @property
    def is_accepted(self) -> bool:
        return self.after >= self.before


def replay(
    engine: Engine,
    schema: Schema,
    reviewed: Sequence[Reviewed],
    kept: Sequence[Example],
    new: Example,
    *,
    most: int = 20,
) -> Replay:
    """Compare the answers with ``kept`` alone and with ``kept`` and ``new``; at most ``most`` reviewed results, the last ones."""
    asked = before = after = 0
    losses: list[Loss] = []
    for case in [r for r in reviewed if _is_touched(r, new)][-most:]:
        old = _answers(engine, schema, case, kept)
        now = _answers(engine, schema, case, [*kept, new])
        for path, expected in case.truth.items():
            was_right, is_right = _agrees(old.get(path), expected), _agrees(now.get(path), expected)
            asked += 1
            before += was_right
            after += is_right
            if was_right and not is_right:
                losses.append(Loss(case.documents[0].id, path, expected, now.get(path)))
    return Replay(asked, before, after, tuple(losses))


def _is_touched(case: Reviewed, new: Example) -> bool:
    if case.example_id == new.id:
        return False
    own = [fingerprint_of(scene_of(d.parsed)) for d in case.documents]
    return any(similarity(f, new.fingerprint) >= SAME_LAYOUT for f in own)


def _answers(engine: Engine, schema: Schema, case: Reviewed, examples: Sequence[Example]) -> dict[Path, Any]:
    others = tuple(e for e in examples if e.id != case.example_id)
    found = engine.extract(case.documents, schema, Options(others))
    return {tuple(map(str, v.path)): v.value for v in found.values}


def _agrees(given: Any, expected: Any) -> bool:
    return given is None if expected is None else same_value(given, expected)
