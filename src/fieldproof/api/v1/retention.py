"""How long a workspace keeps the originals of its documents."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Caller
from fieldproof.api.v1.contract import route
from fieldproof.core.actor import Role
from fieldproof.edge import Body, Payload, payload
from fieldproof.services import access, retention

router = APIRouter(tags=["Retention"])
WorkspaceId = Annotated[str, Path(alias="workspaceId")]
Sent = Annotated[Payload, Depends(payload)]


class RetentionSet(Body):
    days: int | None


class Retention(BaseModel):
    days: int | None


@route(
    router, "GET", "/v1/workspaces/{workspaceId}/retention", summary="Days after which originals are deleted",
    answer=Retention,
)  # fmt: skip
def get_retention(work: Caller, workspace_id: WorkspaceId) -> Response:
    workspace = access.workspace(work, workspace_id, "workspaces-read")
    return present.answer({"days": retention.days_of(workspace)})


@route(
    router, "PUT", "/v1/workspaces/{workspaceId}/retention", summary="Delete originals after some days, or never (null)",
    body=RetentionSet, answer=Retention,
)  # fmt: skip
def set_retention(work: Caller, workspace_id: WorkspaceId, sent: Sent) -> Response:
    """Parsed text, values and their proof stay; downloads and page pictures end. Looked at once an hour."""
    workspace = access.workspace(work, workspace_id, "workspaces-write", role=Role.ADMIN, is_locked=True)
    retention.set_days(work, workspace, sent.read(RetentionSet).days)
    return present.answer({"days": retention.days_of(workspace)})
