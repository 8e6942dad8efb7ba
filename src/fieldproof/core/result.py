"""What an extraction returns: values, each with its proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fieldproof.core.geometry import Box


class Match(StrEnum):
    """How a value was found again in the document's text."""

    EXACT = "exact"
    NORMALISED = "normalised"
    FUZZY = "fuzzy"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Citation:
    """One place that proves a value. ``start:end`` is the span in that document's text."""

    document_id: str
    page: int
    box: Box
    text: str
    start: int
    end: int
    match: Match = Match.EXACT
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Rival:
    """A value that lost, with its place."""

    value: Any
    raw: str
    confidence: float
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One leaf of the result: a scalar field, or one cell of a list's row.

    ``path`` is the place in ``data``: ``("invoice", "lines", 0, "amount")``; numbers are list
    positions. ``value`` is the normalised JSON value, None when nothing supports one.
    """

    path: tuple[str | int, ...]
    value: Any
    raw: str | None = None
    confidence: float | None = None
    citations: tuple[Citation, ...] = ()
    reasoning: str = ""
    rivals: tuple[Rival, ...] = ()
    formula: str | None = None  # how a computed value came about; then it may have no citation
    is_supported: bool = True  # False: the engine gave it, but the text does not bear it out


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What became of one row of a source table."""

    document_id: str
    page: int
    box: Box | None
    text: str
    outcome: str  # used | header | subtotal | total | continuation | skipped
    reason: str = ""
    item: int | None = None  # position in the list, when used


@dataclass(frozen=True, slots=True)
class Ledger:
    """The completeness account of one list: every source row, and whether the totals agree."""

    path: tuple[str | int, ...]
    rows: tuple[LedgerRow, ...]
    checks: tuple[str, ...] = ()  # "sum of amount 1,200.00 = subtotal 1,200.00"
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class Usage:
    """What a model cost; zeros for the local engine."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: str | None = None  # decimal text
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """The outcome of one run over one session's documents.

    ``data`` is group → field → value (JSON values; every field of the schema is present).
    """

    data: dict[str, Any]
    values: tuple[FieldValue, ...]
    title: str | None
    engine: str  # "local/1.0"
    ledgers: tuple[Ledger, ...] = ()
    usage: Usage = field(default_factory=Usage)
    warnings: tuple[str, ...] = ()
