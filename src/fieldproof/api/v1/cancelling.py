"""Calling work off. What was cancelled is ``failed`` with the code ``cancelled``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Caller
from fieldproof.api.v1.contract import route
from fieldproof.core.actor import Role
from fieldproof.core.errors import Conflict, Forbidden, NotFound, Unauthenticated
from fieldproof.edge import Body, Payload, payload
from fieldproof.services import access, cancelling

router = APIRouter(tags=["Cancelling"])
Sent = Annotated[Payload, Depends(payload)]
_REFUSES = (Unauthenticated, Forbidden, NotFound, Conflict)


class Cancel(Body):
    with_documents: Annotated[
        bool, Field(description="Stop reading its documents too, unless other runs wait for them.")
    ] = False


class CancelledRun(BaseModel):
    id: str
    status: str
    error_code: str | None
    error: str | None


class CancelledCount(BaseModel):
    cancelled: int


@route(
    router, "POST", "/v1/results/{resultId}/cancel", summary="Cancels a run; 409 when it has ended", body=Cancel,
    answer=CancelledRun, refuses=_REFUSES,
)  # fmt: skip
def cancel_run(work: Caller, result_id: Annotated[str, Path(alias="resultId")], sent: Sent) -> Response:
    result = access.result(work, result_id, "sessions-write", role=Role.USER)
    body = sent.read(Cancel, is_optional=True)
    found = cancelling.cancel_run(work, result, with_documents=body.with_documents)
    return present.answer(
        {"id": str(found.id), "status": found.status, "error_code": found.error_code, "error": found.error}
    )


@route(
    router, "POST", "/v1/sessions/{sessionId}/cancel", summary="Cancels all runs of a session that have not ended",
    body=Cancel, answer=CancelledCount,
)  # fmt: skip
def cancel_session(work: Caller, session_id: Annotated[str, Path(alias="sessionId")], sent: Sent) -> Response:
    session = access.session(work, session_id, "sessions-write", role=Role.USER)
    body = sent.read(Cancel, is_optional=True)
    return present.answer(
        {"cancelled": cancelling.cancel_sessions(work, [session], with_documents=body.with_documents)}
    )


@route(
    router, "POST", "/v1/documents/{documentId}/cancel", summary="Stops the reading of a document", answer=CancelledCount
)  # fmt: skip
def cancel_reading(work: Caller, document_id: Annotated[str, Path(alias="documentId")]) -> Response:
    document = access.document(work, document_id, "documents-write", role=Role.USER)
    return present.answer({"cancelled": cancelling.cancel_reading(work, [document])})
