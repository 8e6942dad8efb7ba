"""Pages of a list: numbered, with an exact total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from fieldproof.services.work import Work

T = TypeVar("T")
MAX_PAGE = 10_000_000


@dataclass(frozen=True)
class Page(Generic[T]):
    items: list[T]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))


def page_of(work: Work, query: Select[Any], number: int, size: int) -> Page[Any]:
    """One page of an ordered query of one entity, to be looked at only; the total is counted beside it."""
    return work.read(lambda reading: _page(reading, query, number, size))


def _page(work: Work, query: Select[Any], number: int, size: int) -> Page[Any]:
    total = work.db.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    items = work.db.scalars(query.limit(size).offset((number - 1) * size)).all() if total else []
    return Page(list(items), number, size, total)
