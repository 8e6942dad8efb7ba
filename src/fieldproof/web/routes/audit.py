"""The audit log, for admins."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from fieldproof.core.actor import Role
from fieldproof.edge import query_of
from fieldproof.services import access, audit_log
from fieldproof.services.audit_log import EventFilter
from fieldproof.services.paging import MAX_PAGE
from fieldproof.web.auth import Visitor
from fieldproof.web.pages import page

router = APIRouter()
Text = Annotated[str, Field(max_length=300)]


class AuditQuery(BaseModel):
    q: Text = ""
    actor: Text = ""
    action: Text = ""
    since: date | None = None
    until: date | None = None
    page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 1


@router.get("/w/{workspace_id}/audit")
def show_audit(request: Request, work: Visitor, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "workspaces-read", role=Role.ADMIN)
    query = query_of(request, AuditQuery)
    wanted = EventFilter(query.q, query.actor, query.action, query.since, query.until)
    actors, actions = audit_log.list_choices(work, workspace)
    return page(
        request, work, "audit/audit.html", workspace=workspace, wanted=wanted, actors=actors, actions=actions,
        found=audit_log.list_events(work, workspace, wanted, query.page),
    )  # fmt: skip
