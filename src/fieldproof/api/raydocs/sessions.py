from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from fieldproof.api.raydocs import present
from fieldproof.api.raydocs.auth import Caller
from fieldproof.api.raydocs.contract import operation
from fieldproof.api.raydocs.paging import envelope, page_number
from fieldproof.api.raydocs.schemas import AttachDocuments, SessionCreate, SessionUpdate, UploadKeyLegacy, UploadKeys
from fieldproof.core.actor import Role
from fieldproof.db.models import Document, Session
from fieldproof.edge import Payload, payload
from fieldproof.services import access, documents, locks, sessions
from fieldproof.services.work import Work

router = APIRouter()
SessionId = Annotated[str, Path(alias="sessionId")]
Sent = Annotated[Payload, Depends(payload)]


@operation(router, "createSession")
def create_session(work: Caller, sent: Sent) -> Response:
    access.require(work, "sessions-write")
    body = sent.read(SessionCreate)
    template = access.template(work, body.extraction_template_id, "sessions-write", role=Role.USER)
    session = sessions.add_session(work, template, body.name, body.settings)
    return present.answer(present.session_detail(sessions.detail(work, session)), 201)


@operation(router, "getSession")
def get_session(work: Caller, session_id: SessionId) -> Response:
    session = access.session(work, session_id, "sessions-read")
    return present.answer(present.session_detail(sessions.detail(work, session)))


@operation(router, "updateSession")
def update_session(work: Caller, session_id: SessionId, sent: Sent) -> Response:
    session = access.session(work, session_id, "sessions-write", role=Role.USER)
    body = sent.read(SessionUpdate)
    sessions.update_session(work, session, body.model_dump(include=body.model_fields_set))
    return present.answer(present.session(session, sessions.statuses_of(work, [session.id])[session.id]))


@operation(router, "deleteSession")
def delete_session(work: Caller, session_id: SessionId) -> Response:
    sessions.remove_session(work, access.session(work, session_id, "sessions-write", role=Role.USER, is_locked=True))
    return present.nothing()


@operation(router, "listSessionDocuments")
def list_documents(work: Caller, session_id: SessionId, request: Request) -> Response:
    session = access.session(work, session_id, "sessions-read")
    return present.answer(envelope(sessions.list_documents(work, session, page_number(request)), present.document))


@operation(router, "uploadSessionDocuments")
def upload_documents(work: Caller, session_id: SessionId, sent: Sent) -> Response:
    session = access.session(work, session_id, "sessions-write", role=Role.USER)
    found = _ingest(work, session, sent.read(UploadKeys).keys, field="keys")
    return present.answer({"data": [present.document(d) for d in found]})


@operation(router, "createSessionDocumentLegacy")
def upload_document(work: Caller, session_id: SessionId, sent: Sent) -> Response:
    session = access.session(work, session_id, "sessions-write", role=Role.USER)
    body = sent.read(UploadKeyLegacy)
    found = _ingest(work, session, [body.key], field="key", filename=body.filename)
    return present.answer(present.document(found[0]), 201)


@operation(router, "attachSessionDocuments")
def attach_documents(work: Caller, session_id: SessionId, sent: Sent) -> Response:
    session = access.session(work, session_id, "sessions-write", role=Role.USER)
    found = sessions.attach_existing(work, session, sent.read(AttachDocuments).document_ids)
    return present.answer({"data": [present.document(d) for d in found]})


@operation(router, "detachSessionDocument")
def detach_document(
    work: Caller, session_id: SessionId, document_id: Annotated[str, Path(alias="documentId")]
) -> Response:
    session = access.session(work, session_id, "sessions-write", role=Role.USER)
    sessions.detach(work, session, document_id)
    return present.nothing()


def _ingest(
    work: Work, session: Session, keys: list[str], *, field: str, filename: str | None = None
) -> list[Document]:
    locks.hold_sessions(work, [session.id])
    ingested = documents.ingest(
        work, session.workspace_id, keys, filename=filename, field=field, is_single=field == "key"
    )
    origin = frozenset(i.document.id for i in ingested if i.is_new)
    found = list({i.document.id: i.document for i in ingested}.values())
    sessions.attach(work, session, found, origin=origin)
    return found
