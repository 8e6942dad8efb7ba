"""Imports: a file from an address; many files at once, as often as needed until all are there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Caller, bearer
from fieldproof.api.v1.contract import route
from fieldproof.core.actor import Role
from fieldproof.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from fieldproof.db.models import Template, Workspace
from fieldproof.edge import Body, Payload, Sent, app_of, call_of, downloaded, payload
from fieldproof.fetching import Downloaded
from fieldproof.services import access, idempotency, imports
from fieldproof.services.imports import Imported, Planned
from fieldproof.services.work import Work

router = APIRouter(tags=["Imports"])
WorkspaceId = Annotated[str, Path(alias="workspaceId")]
Id = Annotated[str, StringConstraints(max_length=36)]
_REFUSES = (Unauthenticated, Forbidden, NotFound, Conflict)


class ImportUrl(Body):
    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    filename: Annotated[str, StringConstraints(max_length=255)] | None = None
    template_id: Annotated[Id, Field(description="Run this template over it.")] | None = None


class ImportPlan(Body):
    sha256: Annotated[
        list[Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{64}$")]],
        Field(min_length=1, max_length=imports.MAX_PLANNED),
    ]
    template_id: Id | None = None


class ImportFiles(Body):
    keys: Annotated[list[Annotated[str, StringConstraints(max_length=300)]], Field(max_length=imports.MAX_TAKEN)] = []
    names: Annotated[
        list[Annotated[str, StringConstraints(max_length=1000)]],
        Field(max_length=imports.MAX_TAKEN, description="The files' names, in the order of the keys."),
    ] = []
    document_ids: Annotated[list[Id], Field(max_length=imports.MAX_TAKEN)] = []
    template_id: Id | None = None


class ImportedFile(BaseModel):
    document_id: str | None
    session_id: str | None
    status: str | None
    is_new: bool
    error: str | None


class ImportedFiles(BaseModel):
    """``batch_id`` names all the runs that were started, for their progress."""

    data: list[ImportedFile]
    batch_id: str | None


class UploadLink(BaseModel):
    key: str
    url: str
    headers: dict[str, str]


class PlannedFile(BaseModel):
    sha256: str
    document_id: str | None
    session_id: str | None
    upload: UploadLink | None


class PlannedFiles(BaseModel):
    data: list[PlannedFile]


@dataclass(frozen=True)
class Fetched(Sent):
    """``found`` is None where the call was answered before: the answer is repeated, nothing is fetched."""

    raw: bytes
    body: ImportUrl
    path: FilePath
    found: Downloaded | None


def fetched(request: Request, sent: Annotated[Payload, Depends(payload)]) -> Iterator[Fetched]:
    """After access is settled in a short transaction of its own: none is open while a slow server sends its bytes."""
    with app_of(request).work() as work:
        work.actor = bearer(work, request)
        _places(work, request.path_params["workspaceId"], None)
        body = sent.read(ImportUrl)
        _places(work, request.path_params["workspaceId"], body.template_id)
        call = call_of(request)
        is_repeated = call is not None and idempotency.earlier(work, call.key, call.route, call.path, sent.raw)
        egress = imports.egress_of(work)
    with tempfile.NamedTemporaryFile(prefix="fieldproof-import-") as file:
        found = None if is_repeated else downloaded(request, body.url, egress, file)
        yield Fetched(sent.raw, body, FilePath(file.name), found)


@route(
    router, "POST", "/v1/workspaces/{workspaceId}/documents/import",
    summary="Fetches a file from an address and reads it; with a template, runs that", body=ImportUrl, answer=ImportedFile,
    status=201, refuses=_REFUSES,
)  # fmt: skip
def import_url(sent: Annotated[Fetched, Depends(fetched)], work: Caller, workspace_id: WorkspaceId) -> Response:
    workspace, template = _places(work, workspace_id, sent.body.template_id)
    if sent.found is None:
        raise Conflict  # the earlier answer was forgotten in this very moment
    made = imports.take_download(
        work, workspace, sent.body.url, sent.path, sent.found, filename=sent.body.filename, template=template
    )
    return present.answer(_imported(made), 201 if made.is_new else 200)


@route(
    router, "POST", "/v1/workspaces/{workspaceId}/imports/plan",
    summary="What is there of many files, by their SHA-256, and upload links for the rest", body=ImportPlan,
    answer=PlannedFiles, refuses=_REFUSES,
)  # fmt: skip
def plan_import(work: Caller, workspace_id: WorkspaceId, sent: Annotated[Payload, Depends(payload)]) -> Response:
    _places(work, workspace_id, None)
    body = sent.read(ImportPlan)
    workspace, template = _places(work, workspace_id, body.template_id)
    return present.answer({"data": [_planned(p) for p in imports.plan(work, workspace, body.sha256, template)]})


@route(
    router, "POST", "/v1/workspaces/{workspaceId}/imports",
    summary="Takes uploaded files and documents in, each on its own: reads them or, with a template, runs that",
    body=ImportFiles, answer=ImportedFiles, status=201, refuses=_REFUSES,
)  # fmt: skip
def import_files(work: Caller, workspace_id: WorkspaceId, sent: Annotated[Payload, Depends(payload)]) -> Response:
    _places(work, workspace_id, None)
    body = sent.read(ImportFiles)
    workspace, template = _places(work, workspace_id, body.template_id)
    made = imports.take_many(work, workspace, body.keys, body.names, body.document_ids, template)
    batch_id = str(work.batch_id) if template is not None else None
    return present.answer({"data": [_imported(m) for m in made], "batch_id": batch_id}, 201)


def _places(work: Work, workspace_id: str, template_id: str | None) -> tuple[Workspace, Template | None]:
    workspace = access.workspace(work, workspace_id, "documents-write", role=Role.USER)
    if template_id is None:
        return workspace, None
    template = access.template(work, template_id, "sessions-write", role=Role.USER)
    if template.workspace_id != workspace.id:
        raise Invalid({"template_id": ["There is no such template in this workspace."]})
    return workspace, template


def _imported(made: Imported | str) -> dict[str, Any]:
    if isinstance(made, str):
        return {"document_id": None, "session_id": None, "status": None, "is_new": False, "error": made}
    return {
        "document_id": str(made.document.id), "session_id": str(made.session.id) if made.session else None,
        "status": made.document.status, "is_new": made.is_new, "error": None,
    }  # fmt: skip


def _planned(one: Planned) -> dict[str, Any]:
    link = one.upload
    return {
        "sha256": one.sha256, "document_id": str(one.document.id) if one.document else None,
        "session_id": str(one.session.id) if one.session else None,
        "upload": {"key": link.key, "url": link.url, "headers": link.headers} if link else None,
    }  # fmt: skip
