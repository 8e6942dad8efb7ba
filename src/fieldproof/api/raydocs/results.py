from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from fieldproof.api.raydocs import present
from fieldproof.api.raydocs.auth import Caller
from fieldproof.api.raydocs.contract import operation
from fieldproof.core.actor import Role
from fieldproof.services import access, exports, results, sessions

router = APIRouter()
SessionId = Annotated[str, Path(alias="sessionId")]
ResultId = Annotated[str, Path(alias="resultId")]


@operation(router, "listSessionResults")
def list_results(work: Caller, session_id: SessionId) -> Response:
    session = access.session(work, session_id, "sessions-read")
    return present.answer({"data": [present.result(r) for r in sessions.list_results(work, session)]})


@operation(router, "runExtraction")
def run(work: Caller, session_id: SessionId) -> Response:
    session = access.session(work, session_id, "sessions-write", role=Role.USER)
    return present.answer(present.result(results.run(work, session)), 201)


@operation(router, "getResult")
def get_result(work: Caller, result_id: ResultId) -> Response:
    return present.answer(present.result(access.result(work, result_id, "sessions-read")))


@operation(router, "deleteResult")
def delete_result(work: Caller, result_id: ResultId) -> Response:
    results.remove_result(work, access.result(work, result_id, "sessions-write", role=Role.USER, is_locked=True))
    return present.nothing()


@operation(router, "exportResultExcel")
def export_excel(work: Caller, result_id: ResultId) -> Response:
    result = access.result(work, result_id, "sessions-read")
    headers = {"Content-Disposition": 'attachment; filename="extraction_result.xlsx"'}
    return Response(exports.result_xlsx(result), headers=headers, media_type=exports.XLSX)
