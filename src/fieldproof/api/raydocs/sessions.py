from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from fieldproof.api.raydocs import present
from fieldproof.api.raydocs.auth import Caller
from fieldproof.api.raydocs.contract import operation
from fieldproof.api.raydocs.paging import envelope, page_number
from fieldproof.api.raydocs.schemas import AttachDocuments, SessionCreate, SessionUpdate, UploadKeyLegacy, UploadKeys
from fieldproof.core.actor import Role
from fieldproof.db.models import Document
from fieldproof.edge import Payload, payload
from fieldproof.services import access, sessions
from fieldproof.services.documents import Ingested

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
    found = sessions.ingest(work, session, sent.read(UploadKeys).keys, field="keys")
    return present.answer({"data": [present.document(d) for d in _each_once(found)]})


@operation(router, "createSessionDocumentLegacy")
def upload_document(work: Caller, session_id: SessionId, sent: Sent) -> Response:
    session = access.session(work, session_id, "sessions-write", role=Role.USER)
    body = sent.read(UploadKeyLegacy)
    (found,) = sessions.ingest(work, session, [body.key], field="key", filename=body.filename, is_single=True)
    return present.answer(present.document(found.document), 201)


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


def _each_once(ingested: Iterable[Ingested]) -> list[Document]:
    return list({i.document.id: i.document for i in ingested}.values())
