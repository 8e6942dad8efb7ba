"""The queue: which results wait for a person, the least certain first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from fieldproof.core.errors import NotFound
from fieldproof.db.models import Template
from fieldproof.edge import query_of
from fieldproof.services import access, reviews, templates
from fieldproof.services.paging import MAX_PAGE
from fieldproof.services.work import Work
from fieldproof.web import live
from fieldproof.web.auth import Visitor
from fieldproof.web.pages import go, page
from fieldproof.web.sheet import sureness

router = APIRouter()


class QueueQuery(BaseModel):
    page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 1
    template: Annotated[str, Field(max_length=36)] | None = None


@router.get("/w/{workspace_id}/review")
def show_queue(request: Request, work: Visitor, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "sessions-read")
    query = query_of(request, QueueQuery)
    chosen = _template(work, workspace.id, query.template)
    found = reviews.list_open(work, workspace, template=chosen, page=query.page)
    known = templates.list_templates(work, workspace, size=100).items
    names = {t.id: t.name for t in known}
    return page(
        request, work, "review/queue.html", workspace=workspace, found=found, templates=known, names=names,
        chosen=chosen, sureness=sureness, known=live.mark(reviews.count_open(work, workspace=workspace)),
    )  # fmt: skip


@router.get("/w/{workspace_id}/review/live")
def watch_queue(request: Request, workspace_id: str) -> Response:
    return live.stream(
        request,
        lambda work: reviews.count_open(work, workspace=access.workspace(work, workspace_id, "sessions-read")),
    )


@router.get("/w/{workspace_id}/review/next")
def show_next(request: Request, work: Visitor, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "sessions-read")
    after = request.query_params.get("after", "")
    chosen = _template(work, workspace.id, request.query_params.get("template"))
    last = access.result(work, after, "sessions-read") if after else None
    found = reviews.next_result(work, last, template=chosen, workspace=workspace)
    if found is None:
        return go(request, f"/w/{workspace.id}/review", "That was the last one.")
    return go(request, f"/w/{workspace.id}/results/{found.id}")


def _template(work: Work, workspace_id: int, template_id: str | None) -> Template | None:
    if not template_id:
        return None
    template = access.template(work, template_id, "templates-read")
    if template.workspace_id != workspace_id:
        raise NotFound
    return template
