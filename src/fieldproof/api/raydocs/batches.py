from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from fieldproof.api.raydocs import present
from fieldproof.api.raydocs.auth import Caller
from fieldproof.api.raydocs.contract import operation
from fieldproof.api.raydocs.schemas import BatchCreate, BatchExport, SessionIds
from fieldproof.core.actor import Role
from fieldproof.core.errors import NotFound
from fieldproof.db.models import Template
from fieldproof.edge import Payload, payload
from fieldproof.services import access, batches, exports, sessions
from fieldproof.services.work import Work

router = APIRouter()
TemplateId = Annotated[str, Path(alias="templateId")]
Sent = Annotated[Payload, Depends(payload)]
FORMATS = ("json", "csv", "excel")


@operation(router, "batchCreateSessions")
def batch_create(work: Caller, template_id: TemplateId, sent: Sent) -> Response:
    template = access.template(work, template_id, "sessions-write", role=Role.USER)
    body = sent.read(BatchCreate)
    is_auto = body.settings is not None and body.settings.auto_extract
    made = batches.add_sessions(work, template, body.files, is_auto_extract=is_auto)
    return present.answer([present.pending_session(s) for s in made], 201)


@operation(router, "batchExecuteSessions")
def batch_execute(work: Caller, template_id: TemplateId, sent: Sent) -> Response:
    template = access.template(work, template_id, "sessions-write", role=Role.USER)
    count = batches.run(work, template, sent.read(SessionIds).session_ids)
    return present.answer({"message": "Extractions queued", "queued_count": count})


@operation(router, "batchDeleteSessions")
@operation(router, "batchDeleteSessionsAlias")
def batch_delete(work: Caller, template_id: TemplateId, sent: Sent) -> Response:
    template = access.template(work, template_id, "sessions-write", role=Role.USER)
    batches.remove(work, template, sent.read(SessionIds).session_ids)
    return present.nothing()


@operation(router, "batchExportSessions")
def batch_export(work: Caller, template_id: TemplateId, sent: Sent) -> Response:
    template = access.template(work, template_id, "sessions-read")
    body = sent.read(BatchExport)
    return _export(work, template, body.session_ids, body.format)


@operation(router, "batchExportSessionsByPath")
def batch_export_by_path(
    work: Caller, template_id: TemplateId, format_name: Annotated[str, Path(alias="format")], sent: Sent
) -> Response:
    template = access.template(work, template_id, "sessions-read")
    if format_name not in FORMATS:
        raise NotFound
    return _export(work, template, sent.read(SessionIds).session_ids, format_name)


def _export(work: Work, template: Template, session_ids: list[str], format_name: str) -> Response:
    found = sessions.in_template(work, template, session_ids)
    if format_name == "csv":
        return _download(exports.sessions_csv(work, found), "text/csv; charset=utf-8", "extraction_results.csv")
    if format_name == "excel":
        return _download(exports.sessions_xlsx(work, found), exports.XLSX, "extraction_results.xlsx")
    return present.answer(exports.export_rows(work, found))


def _download(content: bytes, media_type: str, filename: str) -> Response:
    return Response(
        content, headers={"Content-Disposition": f'attachment; filename="{filename}"'}, media_type=media_type
    )
