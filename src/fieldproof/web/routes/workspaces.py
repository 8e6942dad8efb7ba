"""Workspaces: making, naming, leaving, deleting them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from fieldproof.core.actor import Role
from fieldproof.core.errors import Forbidden, Invalid
from fieldproof.services import access, members, retention, workspaces
from fieldproof.services.work import Work
from fieldproof.web.auth import Sent, Visitor
from fieldproof.web.forms import FormModel
from fieldproof.web.pages import go, page, undone

router = APIRouter()
ICONS = [
    "📁",
    "🧾",
    "📄",
    "📊",
    "🏦",
    "🏢",
    "🏥",
    "🚚",
    "📦",
    "🛒",
    "⚖️",
    "🔬",
    "🎓",
    "✈️",
    "🏗️",
    "🌱",
    "💡",
    "🔒",
    "⭐",
    "🎯",
    "🧪",
    "🗂️",
    "💼",
    "🌍",
]


class WorkspaceForm(FormModel):
    name: Annotated[str, Field(min_length=1, max_length=255)]
    icon: Annotated[str, Field(max_length=64)] | None = None


class RetentionForm(FormModel):
    days: int | None = None


@router.get("/w/new")
def show_new(request: Request, work: Visitor) -> Response:
    return page(request, work, "workspaces/new.html", icons=ICONS, typed=None)


@router.post("/w/new")
def add_workspace(request: Request, work: Visitor, sent: Sent) -> Response:
    access.require(work, "workspaces-write")
    try:
        form = sent.read(WorkspaceForm)
    except Invalid as error:
        return page(request, work, "workspaces/new.html", problem=error, icons=ICONS, typed=sent)
    made = workspaces.add_workspace(work, form.name, form.icon)
    work.db.flush()
    return go(request, f"/w/{made.id}", f"{made.name} is ready.")


@router.get("/w/{workspace_id}/settings")
def show_settings(request: Request, work: Visitor, workspace_id: str) -> Response:
    return _settings_page(request, work, workspace_id)


@router.post("/w/{workspace_id}/settings")
def update_workspace(request: Request, work: Visitor, sent: Sent, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "workspaces-write", role=Role.ADMIN)
    try:
        form = sent.read(WorkspaceForm)
    except Invalid as error:
        return _settings_page(request, work, workspace_id, error)
    workspaces.update_workspace(work, workspace, {"name": form.name, "icon": form.icon})
    return go(request, f"/w/{workspace.id}/settings", "Saved.")


@router.post("/w/{workspace_id}/retention")
def set_retention(request: Request, work: Visitor, sent: Sent, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "workspaces-write", role=Role.ADMIN, is_locked=True)
    try:
        retention.set_days(work, workspace, sent.read(RetentionForm).days)
    except Invalid as error:
        return _settings_page(request, work, workspace_id, undone(work, error))
    return go(request, f"/w/{workspace.id}/settings", "Saved.")


@router.post("/w/{workspace_id}/leave")
def leave(request: Request, work: Visitor, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "workspace-users-write")
    try:
        members.leave(work, workspace)
    except Forbidden as error:
        return _settings_page(request, work, workspace_id, undone(work, Invalid({"leave": [error.message]})))
    return go(request, "/", f"You have left {workspace.name}.")


@router.post("/w/{workspace_id}/delete")
def remove_workspace(request: Request, work: Visitor, sent: Sent, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "workspaces-write", role=Role.ADMIN, is_locked=True)
    if sent.text("confirmation") != workspace.name:
        problem = Invalid({"confirmation": ["Type the name of the workspace exactly as it is shown."]})
        return _settings_page(request, work, workspace_id, problem)
    workspaces.remove_workspace(work, workspace)
    return go(request, "/", f"{workspace.name} is deleted.")


def _settings_page(request: Request, work: Work, workspace_id: str, problem: Invalid | None = None) -> Response:
    workspace = access.workspace(work, workspace_id, "workspaces-read")
    return page(request, work, "workspaces/settings.html", workspace=workspace, problem=problem, icons=ICONS)
