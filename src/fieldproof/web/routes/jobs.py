"""What waits, what runs, what has failed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from fieldproof.core.actor import Role
from fieldproof.core.errors import Conflict, Invalid, NotFound
from fieldproof.edge import query_of
from fieldproof.services import access, grid, queue
from fieldproof.services.paging import MAX_PAGE
from fieldproof.web import live
from fieldproof.web.auth import Visitor
from fieldproof.web.pages import go, page, undone

router = APIRouter()


class JobsQuery(BaseModel):
    page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 1


@router.get("/w/{workspace_id}/jobs")
def show_jobs(request: Request, work: Visitor, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "documents-read")
    found = queue.list_failures(work, workspace, query_of(request, JobsQuery).page)
    return page(
        request, work, "jobs/jobs.html", workspace=workspace, depths=queue.depths(work, workspace), found=found,
        known=live.mark(grid.version(work, workspace)),
    )  # fmt: skip


@router.get("/w/{workspace_id}/jobs/live")
def watch_jobs(request: Request, workspace_id: str) -> Response:
    """Told by what the jobs change: the queue itself is looked through only when the page is drawn."""
    return live.stream(request, lambda work: grid.version(work, access.workspace(work, workspace_id, "documents-read")))


@router.post("/w/{workspace_id}/jobs/{kind}/{row_id}/retry")
def retry(request: Request, work: Visitor, workspace_id: str, kind: str, row_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "documents-write", role=Role.USER)
    try:
        if kind == "document":
            queue.retry(work, document=access.document(work, row_id, role=Role.USER, within=workspace))
        elif kind == "result":
            queue.retry(work, result=access.result(work, row_id, role=Role.USER))
        else:
            raise NotFound
    except (Invalid, Conflict) as error:
        texts = [t for ts in error.fields.values() for t in ts] if isinstance(error, Invalid) else [error.message]
        undone(work, Invalid({}))
        return go(request, f"/w/{workspace_id}/jobs", *texts)
    return go(request, f"/w/{workspace_id}/jobs", "It is on its way again.")
