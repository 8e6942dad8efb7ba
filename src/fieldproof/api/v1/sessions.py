"""Sessions of a template, which the Raydocs surface does not list; how far runs are."""

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
from fieldproof.services import access, progress, sessions
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


class Progress(BaseModel):
    """``share`` of all jobs, 1 when everything has ended; ``settled`` documents have been read, or cannot be."""

    runs: int
    ended: int
    failed: int
    documents: int
    settled: int
    share: float
    batch_id: str | None


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


@route(router, "GET", "/v1/results/{resultId}/progress", summary="How far a run is", answer=Progress)
def result_progress(work: Caller, result_id: Annotated[str, Path(alias="resultId")]) -> Response:
    return present.answer(_shown(progress.of_result(work, access.result(work, result_id, "sessions-read"))))


@route(
    router, "GET", "/v1/sessions/{sessionId}/progress", summary="How far a session's runs are, or its newest was",
    answer=Progress,
)  # fmt: skip
def session_progress(work: Caller, session_id: Annotated[str, Path(alias="sessionId")]) -> Response:
    return present.answer(_shown(progress.of_session(work, access.session(work, session_id, "sessions-read"))))


@route(
    router, "GET", "/v1/batches/{batchId}/progress", summary="How far all the runs are that one call started",
    answer=Progress,
)  # fmt: skip
def batch_progress(work: Caller, batch_id: Annotated[str, Path(alias="batchId")]) -> Response:
    return present.answer(_shown(progress.of_batch(work, batch_id, "sessions-read")))


def _shown(found: progress.Progress) -> dict[str, Any]:
    return {
        "runs": found.runs, "ended": found.ended, "failed": found.failed, "documents": found.documents,
        "settled": found.settled, "share": found.share, "batch_id": str(found.batch_id) if found.batch_id else None,
    }  # fmt: skip
