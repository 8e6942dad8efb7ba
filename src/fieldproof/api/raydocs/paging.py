"""``?page=N`` and the ``{data, meta}`` envelope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, Field, ValidationError

from fieldproof.core.errors import Invalid
from fieldproof.edge import fields_of
from fieldproof.services.paging import MAX_PAGE, Page

Q = TypeVar("Q", bound=BaseModel)


class PageQuery(BaseModel):
    page: int = Field(1, ge=1, le=MAX_PAGE)


def page_number(request: Request) -> int:
    return query_of(request, PageQuery).page


def query_of(request: Request, model: type[Q]) -> Q:
    """The query string as a model; blank values count as not given. Raises: Invalid."""
    given = {key: value for key, value in request.query_params.items() if value != ""}
    nul = {key: ["The text must not contain the NUL character."] for key, value in given.items() if "\x00" in value}
    if nul:
        raise Invalid(nul)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Invalid(fields_of(error.errors())) from error


def envelope(page: Page[Any], present: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    meta = {"current_page": page.number, "last_page": page.last, "per_page": page.size, "total": page.total}
    return {"data": [present(item) for item in page.items], "meta": meta}
