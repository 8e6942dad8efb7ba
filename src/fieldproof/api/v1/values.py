"""Runs by what was extracted: ``total > 5000 and vendor ~ "acme"``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Caller
from fieldproof.api.v1.contract import route
from fieldproof.core.clock import iso
from fieldproof.core.errors import Invalid
from fieldproof.edge import query_of
from fieldproof.services import access, search
from fieldproof.services.paging import MAX_PAGE
from fieldproof.services.search import FoundRun

router = APIRouter(tags=["Values"])


class ValueQuery(BaseModel):
    q: Annotated[
        str,
        StringConstraints(min_length=1, max_length=2000),
        Field(description='Comparisons with = != < <= > >= ~ (contains) !~, joined by and, or, not and brackets: total > 5000 and vendor ~ "acme"'),
    ]  # fmt: skip
    page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 1
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = None


class FoundValue(BaseModel):
    """``box`` is left, top, right, bottom as fractions of the page; all four are None for what stands nowhere."""

    field: str
    value: Any
    confidence: float | None
    document_id: str | None
    page: int | None
    box: list[float] | None


class FoundResult(BaseModel):
    result_id: str
    session_id: str
    template_id: str
    title: str | None
    completed_at: datetime | None
    values: list[FoundValue]


class FoundResults(BaseModel):
    data: list[FoundResult]
    total: int
    page: int | None
    limit: int
    next_cursor: str | None


@route(
    router, "GET", "/v1/workspaces/{workspaceId}/values", summary="The newest runs whose values answer a question",
    query=ValueQuery, answer=FoundResults,
)  # fmt: skip
def find_values(work: Caller, workspace_id: Annotated[str, Path(alias="workspaceId")], request: Request) -> Response:
    workspace = access.workspace_id(work, workspace_id, "sessions-read")
    query = query_of(request, ValueQuery)
    if query.cursor and query.page != 1:
        raise Invalid({"cursor": ["Give a page or a cursor, not both."]})
    found = search.find_runs(work, workspace, query.q, page=query.page, size=query.limit, cursor=query.cursor)
    body = {
        "data": [_result(run) for run in found.items], "total": found.total,
        "page": None if query.cursor else query.page, "limit": query.limit, "next_cursor": found.next_cursor,
    }  # fmt: skip
    return present.answer(body)


def _result(run: FoundRun) -> dict[str, Any]:
    row = run.result
    return {
        "result_id": str(row.id), "session_id": str(row.session_id), "template_id": str(row.template_id),
        "title": row.title, "completed_at": iso(row.completed_at), "values": [_value(v) for v in run.values],
    }  # fmt: skip


def _value(row: Any) -> dict[str, Any]:
    place = row.citations[0] if row.citations else {}
    return {
        "field": row.path, "value": row.value, "confidence": row.confidence, "document_id": place.get("document_id"),
        "page": place.get("page"), "box": place.get("bbox"),
    }  # fmt: skip
