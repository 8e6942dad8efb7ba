"""Sessions of a template: the list that the Raydocs surface lacks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Caller
from fieldproof.api.v1.contract import route
from fieldproof.edge import query_of
from fieldproof.services import access, sessions
from fieldproof.services.paging import MAX_PAGE

router = APIRouter(tags=["Sessions"])


class PageQuery(BaseModel):
    page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20


class Session(BaseModel):
    id: str
    name: str | None
    template_id: str
    settings: dict[str, Any]
    status: Literal["pending", "created", "parsing_pending", "processing", "completed", "failed"]
    created_at: datetime
    updated_at: datetime


class Meta(BaseModel):
    current_page: int
    last_page: int
    per_page: int
    total: int


class SessionList(BaseModel):
    data: list[Session]
    meta: Meta


@route(
    router, "GET", "/v1/templates/{templateId}/sessions", summary="A template's sessions, newest first",
    query=PageQuery, answer=SessionList,
)  # fmt: skip
def list_sessions(work: Caller, template_id: Annotated[str, Path(alias="templateId")], request: Request) -> Response:
    template = access.template(work, template_id, "sessions-read")
    query = query_of(request, PageQuery)
    page = sessions.list_sessions(work, template, query.page, query.per_page)
    meta = {"current_page": page.number, "last_page": page.last, "per_page": page.size, "total": page.total}
    return present.answer({"data": [present.session(*item) for item in page.items], "meta": meta})
