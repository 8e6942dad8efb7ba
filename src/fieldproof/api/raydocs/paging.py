"""``?page=N`` and the ``{data, meta}`` envelope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Request
from pydantic import BaseModel, Field

from fieldproof.edge import query_of
from fieldproof.services.paging import MAX_PAGE, Page


class PageQuery(BaseModel):
    page: int = Field(1, ge=1, le=MAX_PAGE)


def page_number(request: Request) -> int:
    return query_of(request, PageQuery).page


def envelope(page: Page[Any], present: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    meta = {"current_page": page.number, "last_page": page.last, "per_page": page.size, "total": page.total}
    return {"data": [present(item) for item in page.items], "meta": meta}
