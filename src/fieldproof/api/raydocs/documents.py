from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from fieldproof.api.raydocs import present
from fieldproof.api.raydocs.auth import Caller
from fieldproof.api.raydocs.contract import operation
from fieldproof.api.raydocs.paging import envelope
from fieldproof.api.raydocs.schemas import DocumentCreate, DocumentQuery, Reparse, SignedUploadCreate
from fieldproof.core.actor import Role
from fieldproof.core.clock import iso
from fieldproof.core.errors import Invalid
from fieldproof.edge import Payload, payload, query_of
from fieldproof.services import access, documents, sessions, uploads
from fieldproof.services.documents import DocumentFilter

router = APIRouter()
WorkspaceId = Annotated[str, Path(alias="workspaceId")]
DocumentId = Annotated[str, Path(alias="documentId")]
Sent = Annotated[Payload, Depends(payload)]


@operation(router, "createSignedUploadUrl")
def create_upload_url(work: Caller, sent: Sent) -> Response:
    body = sent.read(SignedUploadCreate, is_optional=True)
    return present.answer(
        present.signed_upload(uploads.add_upload(work, body.content_type or "application/octet-stream"))
    )


@operation(router, "getDocument")
def get_document(work: Caller, document_id: DocumentId) -> Response:
    document = access.document(work, document_id, "sessions-read")
    return present.answer(present.document(documents.with_parsings(work, document)))


@operation(router, "getDocumentUrl")
def get_document_url(work: Caller, document_id: DocumentId) -> Response:
    url, expires_at = documents.download_link(work, access.document(work, document_id, "sessions-read"))
    return present.answer({"url": url, "expires_at": iso(expires_at)})


@operation(router, "deleteDocument")
def delete_document(work: Caller, document_id: DocumentId) -> Response:
    documents.remove_document(
        work, access.document(work, document_id, "sessions-write", role=Role.USER, is_locked=True)
    )
    return present.nothing()


@operation(router, "listDocumentChunks")
def list_chunks(work: Caller, document_id: DocumentId) -> Response:
    chunks, _ = documents.list_chunks(work, access.document(work, document_id, "sessions-read"))
    return present.answer({"data": [present.chunk(c) for c in chunks]})


@operation(router, "listWorkspaceDocuments")
def list_workspace_documents(work: Caller, workspace_id: WorkspaceId, request: Request) -> Response:
    workspace = access.workspace_id(work, workspace_id, "documents-read")
    query = query_of(request, DocumentQuery)
    wanted = DocumentFilter(
        query.query, query.mime, query.status, query.source_type, query.sort, is_ascending=query.order == "asc"
    )
    page = documents.list_documents(work, workspace, wanted, query.page, query.per_page)
    return present.answer(envelope(page, present.listed_document))


@operation(router, "createWorkspaceDocument")
def create_workspace_document(work: Caller, workspace_id: WorkspaceId, sent: Sent) -> Response:
    workspace = access.workspace(work, workspace_id, "documents-write", role=Role.USER)
    body = sent.read(DocumentCreate)
    session = access.session(work, body.session_id, "sessions-write", role=Role.USER) if body.session_id else None
    if session is not None and session.workspace_id != workspace.id:
        raise Invalid({"session_id": ["The session belongs to another workspace."]})
    if session is None:
        found = documents.ingest(work, workspace.id, [body.key], field="key", filename=body.filename, is_single=True)
    else:
        found = sessions.ingest(
            work, session, [body.key], field="key", filename=body.filename, is_single=True, is_origin=False
        )
    (ingested,) = found
    return present.answer(present.created_document(ingested), 201 if ingested.is_new else 200)


@operation(router, "getWorkspaceDocument")
def get_workspace_document(work: Caller, workspace_id: WorkspaceId, document_id: DocumentId) -> Response:
    workspace = access.workspace(work, workspace_id, "documents-read")
    document = access.document(work, document_id, "documents-read", within=workspace)
    return present.answer(present.document(documents.with_parsings(work, document)))


@operation(router, "getWorkspaceDocumentUrl")
def get_workspace_document_url(work: Caller, workspace_id: WorkspaceId, document_id: DocumentId) -> Response:
    workspace = access.workspace(work, workspace_id, "workspaces-read", "documents-read")
    document = access.document(work, document_id, "documents-read", within=workspace)
    return present.answer({"url": documents.download_link(work, document)[0]})


@operation(router, "reparseWorkspaceDocument")
def reparse(work: Caller, workspace_id: WorkspaceId, document_id: DocumentId, sent: Sent) -> Response:
    workspace = access.workspace(work, workspace_id, "documents-write", role=Role.USER)
    document = access.document(work, document_id, "documents-write", role=Role.USER, within=workspace)
    body = sent.read(Reparse)
    parsing, is_ready = documents.reparse(work, document, body.config_hash, force=body.force)
    return present.answer({"parsing": present.parsing(parsing)}, 200 if is_ready else 202)
