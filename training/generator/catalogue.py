"""Every family of documents: how one is drawn and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from .draft import Draft
from .families import business
from .questions import Asked


@dataclass(frozen=True)
class Family:
    """``make`` draws a document of a layout and copy; ``schema`` asks, given what the layout shows."""

    make: Callable[[str, int], Draft]
    schema: Callable[[Draft, frozenset[str]], Asked]
    weight: float = 1.0


def _business(kind: str, weight: float) -> Family:
    return Family(partial(business.make, kind), business.schema(kind), weight)


FAMILIES: dict[str, Family] = {
    "invoice": _business("invoice", 6),
    "credit": _business("credit", 1),
    "order": _business("order", 2.5),
    "quote": _business("quote", 0.8),
    "delivery": _business("delivery", 0.8),
    "confirmation": _business("confirmation", 0.8),
}


@dataclass(frozen=True)
class Made:
    """One finished document with its schema."""

    draft: Draft
    asked: Asked


def make(family: str, layout: str, copy: int) -> Made:
    """Copy ``copy`` of a layout; all copies of a layout share its schema."""
    d = FAMILIES[family].make(layout, copy)
    return Made(d, _asked(family, layout))


@lru_cache(maxsize=32)
def _asked(family: str, layout: str) -> Asked:
    first = FAMILIES[family].make(layout, 0)
    shown = frozenset(m.about for m in first.paper.marks) | frozenset(c for c, f in first.facts.items() if f.type == "column")
    return FAMILIES[family].schema(first, shown)
