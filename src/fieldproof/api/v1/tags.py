"""Tags on documents, one by one and many at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Caller
from fieldproof.api.v1.contract import route
from fieldproof.core.actor import Role
from fieldproof.edge import Body, Payload, payload
from fieldproof.services import access, search, tags

router = APIRouter(tags=["Tags"])
WorkspaceId = Annotated[str, Path(alias="workspaceId")]
DocumentId = Annotated[str, Path(alias="documentId")]
Sent = Annotated[Payload, Depends(payload)]
Tag = Annotated[str, StringConstraints(max_length=200)]
Tags = Annotated[list[Tag], Field(max_length=200)]


class TagSet(Body):
    tags: Tags


class TagChange(Body):
    ids: Annotated[list[str], Field(min_length=1, max_length=tags.MOST_DOCUMENTS)]
    add: Tags = []
    remove: Tags = []


class TagCount(BaseModel):
    tag: str
    documents: int


class TagList(BaseModel):
    data: list[TagCount]


class TagsSet(BaseModel):
    tags: list[str]


class TagsChanged(BaseModel):
    documents: int


@route(router, "GET", "/v1/workspaces/{workspaceId}/tags", summary="A workspace's tags", answer=TagList)
def list_tags(work: Caller, workspace_id: WorkspaceId) -> Response:
    workspace = access.workspace(work, workspace_id, "documents-read")
    return present.answer({"data": [{"tag": tag, "documents": n} for tag, n in tags.list_tags(work, workspace)]})


@route(router, "GET", "/v1/documents/{documentId}/tags", summary="A document's tags", answer=TagsSet)
def get_tags(work: Caller, document_id: DocumentId) -> Response:
    return present.answer({"tags": tags.tags_of(work, access.document(work, document_id, "documents-read"))})


@route(
    router, "PUT", "/v1/documents/{documentId}/tags", summary="Set a document's tags", body=TagSet, answer=TagsSet
)  # fmt: skip
def set_tags(work: Caller, document_id: DocumentId, sent: Sent) -> Response:
    document = access.document(work, document_id, "documents-write", role=Role.USER)
    return present.answer({"tags": tags.set_tags(work, document, sent.read(TagSet).tags)})


@route(
    router, "POST", "/v1/workspaces/{workspaceId}/documents/tags", summary="Add and remove tags on many documents",
    body=TagChange, answer=TagsChanged,
)  # fmt: skip
def change_tags(work: Caller, workspace_id: WorkspaceId, sent: Sent) -> Response:
    workspace = access.workspace(work, workspace_id, "documents-write", role=Role.USER)
    body = sent.read(TagChange)
    changed = tags.change_tags(work, workspace, search.checked_ids(body.ids), add=body.add, remove=body.remove)
    return present.answer({"documents": changed})
