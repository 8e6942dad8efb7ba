"""Workspaces: the tenants."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from fieldproof.core.actor import Role
from fieldproof.db.models import Document, Member, Parsing, Workspace
from fieldproof.services import access
from fieldproof.services.work import Work


def list_workspaces(work: Work) -> list[Workspace]:
    access.require(work, "workspaces-read")
    return list(work.db.scalars(access.visible(work, select(Workspace), Workspace.id).order_by(Workspace.id)))


def add_workspace(work: Work, name: str, icon: str | None = None) -> Workspace:
    """The actor becomes its first admin."""
    workspace = Workspace(name=name, icon=icon, settings={}, created_at=work.now, updated_at=work.now)
    work.db.add(workspace)
    work.db.flush()
    work.db.add(Member(workspace_id=workspace.id, user_id=work.actor.user_id, role=Role.ADMIN, created_at=work.now))
    work.record("workspace.created", workspace, workspace_id=workspace.id, name=name)
    return workspace


def update_workspace(work: Work, workspace: Workspace, changes: dict[str, Any]) -> Workspace:
    for key in ("name", "icon"):
        if key in changes:
            setattr(workspace, key, changes[key])
    workspace.updated_at = work.now
    work.record("workspace.updated", workspace, workspace_id=workspace.id, **changes)
    return workspace


def remove_workspace(work: Work, workspace: Workspace) -> None:
    """Everything in it goes along; stored files follow in a job."""
    hashes = list(work.db.scalars(select(Document.sha256).where(Document.workspace_id == workspace.id)))
    parsings = select(Parsing.id).join(Document).where(Document.workspace_id == workspace.id)
    parsing_ids = [str(p) for p in work.db.scalars(parsings)]
    work.record("workspace.deleted", workspace, workspace_id=workspace.id, name=workspace.name)
    work.db.delete(workspace)
    if hashes:
        work.defer("remove_files", sha256=hashes, parsing_ids=parsing_ids)
