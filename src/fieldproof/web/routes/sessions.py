"""Sessions: results over documents as a grid, one session with its documents and runs, exports."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from fieldproof.core.actor import Role
from fieldproof.core.errors import FieldproofError, Invalid, NotFound
from fieldproof.db.models import Session, Template, Workspace
from fieldproof.edge import query_of
from fieldproof.services import access, cancelling, drops, exports, grid, progress, results, sessions, templates, trials
from fieldproof.services.paging import MAX_PAGE
from fieldproof.services.sessions import SessionDetail
from fieldproof.services.work import Work
from fieldproof.web import dropping, live, sheet
from fieldproof.web.auth import Sent, Visitor
from fieldproof.web.pages import counted, go, page

router = APIRouter()
KINDS = {"xlsx": exports.XLSX, "csv": "text/csv; charset=utf-8", "json": "application/json"}


class GridQuery(BaseModel):
    template: Annotated[str, Field(max_length=36)] | None = None
    search: Annotated[str, Field(max_length=255)] = ""
    page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 1


@router.get("/w/{workspace_id}/sessions")
def show_sessions(request: Request, work: Visitor, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "sessions-read")
    query = query_of(request, GridQuery)
    template = _template(work, workspace, query.template) if query.template else None
    found = grid.list_rows(work, workspace, template, name=query.search, page=query.page)
    all_templates = templates.list_templates(work, workspace, size=100).items
    return page(
        request, work, "sessions/sessions.html", workspace=workspace, found=found, template=template, templates=all_templates,
        columns=grid.columns(template) if template else [], names={t.id: t.name for t in all_templates}, asked=query,
        sheet=sheet, known=live.mark(grid.version(work, workspace)), at_work=grid.at_work(work, workspace),
    )  # fmt: skip


@router.get("/w/{workspace_id}/sessions/live")
def watch_sessions(request: Request, workspace_id: str) -> Response:
    return live.stream(request, lambda work: grid.version(work, access.workspace(work, workspace_id, "sessions-read")))


@router.get("/w/{workspace_id}/sessions/export.{kind}")
def export(request: Request, work: Visitor, workspace_id: str, kind: str) -> Response:
    """Of the sessions that are named, else of the newest thousand of the template."""
    workspace = access.workspace(work, workspace_id, "sessions-read")
    if kind not in KINDS:
        raise NotFound
    template = _template(work, workspace, request.query_params.get("template", ""))
    ids = request.query_params.getlist("session") or grid.session_ids(work, template)
    content = _exported(work, sessions.in_template(work, template, ids[:1000]), kind)
    headers = {"Content-Disposition": f'attachment; filename="results.{kind}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=KINDS[kind], headers=headers)


@router.post("/w/{workspace_id}/sessions")
def add_session(request: Request, work: Visitor, sent: Sent, workspace_id: str) -> Response:
    """An empty one, or with files: one for all of them, or one for each."""
    workspace = access.workspace(work, workspace_id, "sessions-write", role=Role.USER)
    template = _template(work, workspace, sent.text("template"))
    files = sent.files("files")
    if files and sent.text("each"):
        with dropping.on_disk(files) as dropped:
            taken = drops.take(work, workspace, dropped, template)
        note = f"{counted(len(taken.sessions), 'session is', 'sessions are')} made and run."
        return go(request, f"/w/{workspace.id}/sessions?template={template.id}", note, *taken.refusals)
    session = sessions.add_session(work, template, sent.text("name")[:255] or None)
    return _take_in(request, work, sent, workspace, session)


@router.post("/w/{workspace_id}/sessions/bulk")
def do_bulk(request: Request, work: Visitor, sent: Sent, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "sessions-write", role=Role.USER)
    back = f"/w/{workspace.id}/sessions" + (f"?template={sent.text('template')}" if sent.text("template") else "")
    ids = sorted(sent.texts("session")[:500])  # in one order, so that two such calls cannot block each other
    chosen = [_session(work, workspace, i, may_write=True) for i in ids]
    if not chosen:
        return go(request, back, "Tick the sessions first.")
    if sent.text("do") == "delete":
        sessions.remove_sessions(work, chosen)
        return go(request, back, f"{counted(len(chosen), 'session is', 'sessions are')} deleted.")
    if sent.text("do") == "run":
        refusals = [text for session in chosen for text in _run(work, session)]
        return go(request, back, f"{counted(len(chosen) - len(refusals), 'run is', 'runs are')} started.", *refusals)
    if sent.text("do") == "cancel":
        count = cancelling.cancel_sessions(work, chosen, with_documents=True)
        return go(request, back, f"{counted(count, 'run is', 'runs are')} cancelled.")
    raise NotFound


@router.get("/w/{workspace_id}/sessions/{session_id}")
def show_session(request: Request, work: Visitor, workspace_id: str, session_id: str) -> Response:
    return _session_page(request, work, workspace_id, session_id)


@router.get("/w/{workspace_id}/sessions/{session_id}/live")
def watch_session(request: Request, workspace_id: str, session_id: str) -> Response:
    def version(work: Work) -> Any:
        session = _session(work, access.workspace(work, workspace_id, "sessions-read"), session_id)
        return _version(sessions.detail(work, session))

    return live.stream(request, version)


@router.post("/w/{workspace_id}/sessions/{session_id}/documents")
def add_documents(request: Request, work: Visitor, sent: Sent, workspace_id: str, session_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "sessions-write", role=Role.USER)
    return _take_in(request, work, sent, workspace, _session(work, workspace, session_id, may_write=True))


@router.post("/w/{workspace_id}/sessions/{session_id}/documents/{document_id}/detach")
def detach(request: Request, work: Visitor, workspace_id: str, session_id: str, document_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "sessions-write", role=Role.USER)
    session = _session(work, workspace, session_id, may_write=True)
    sessions.detach(work, session, document_id)
    return go(request, f"/w/{workspace.id}/sessions/{session.id}", "The document is taken out.")


@router.post("/w/{workspace_id}/sessions/{session_id}/{deed}")
def do(request: Request, work: Visitor, sent: Sent, workspace_id: str, session_id: str, deed: str) -> Response:
    workspace = access.workspace(work, workspace_id, "sessions-write", role=Role.USER)
    session = _session(work, workspace, session_id, may_write=True)
    here = f"/w/{workspace.id}/sessions/{session.id}"
    match deed:
        case "run":
            return go(request, here, *(_run(work, session) or ["The run is started."]))
        case "cancel":
            count = cancelling.cancel_sessions(work, [session], with_documents=True)
            return go(request, here, "The run is cancelled." if count else "There is nothing to cancel: it has ended.")
        case "name":
            sessions.update_session(work, session, {"name": sent.text("name")[:255] or None})
            return go(request, here, "Saved.")
        case "delete":
            sessions.remove_session(work, session)
            target = f"/w/{workspace.id}/sessions?template={session.template_id}"
            return go(request, target, f"{session.name} is deleted.")
    raise NotFound


def _take_in(request: Request, work: Work, sent: Sent, workspace: Workspace, session: Session) -> Response:
    """Files and chosen documents into the session; it is run when that was asked for."""
    with dropping.on_disk(sent.files("files")) as dropped:
        taken = drops.take(work, workspace, dropped, None)
    sessions.attach(work, session, taken.documents)
    if sent.texts("document"):
        sessions.attach_existing(work, session, sent.texts("document"))
    notes = [*taken.refusals, *(_run(work, session) if sent.text("run") else ())]
    return go(request, f"/w/{workspace.id}/sessions/{session.id}", *notes)


def _session_page(request: Request, work: Work, workspace_id: str, session_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "sessions-read")
    session = _session(work, workspace, session_id)
    detail = sessions.detail(work, session)
    inside = {document.id for document in detail.documents}
    others = [one for one in trials.readable_documents(work, workspace) if one.id not in inside]
    return page(
        request, work, "sessions/session.html", workspace=workspace, detail=detail, session=session,
        progress=progress.of_session(work, session) if detail.status == "processing" else None,
        template=work.db.get(Template, session.template_id), others=others, known=live.mark(_version(detail)),
    )  # fmt: skip


def _version(detail: SessionDetail) -> list[str]:
    return [detail.status, *(r.status for r in detail.results), *(d.status for d in detail.documents)]


def _run(work: Work, session: Session) -> list[str]:
    """Why it could not be run, or nothing."""
    try:
        with work.db.begin_nested():
            results.run(work, session)
    except Invalid as error:
        return [f"{session.name or 'Session'}: {_sentence(error)}"]
    return []


def _exported(work: Work, chosen: list[Session], kind: str) -> bytes:
    match kind:
        case "xlsx":
            return exports.sessions_xlsx(work, chosen)
        case "csv":
            return exports.sessions_csv(work, chosen)
        case _:
            return orjson.dumps(exports.export_rows(work, chosen), option=orjson.OPT_INDENT_2)


def _template(work: Work, workspace: Workspace, template_id: str) -> Template:
    template = access.template(work, template_id, "templates-read")
    if template.workspace_id != workspace.id:
        raise NotFound
    return template


def _session(work: Work, workspace: Workspace, session_id: str, *, may_write: bool = False) -> Session:
    role = Role.USER if may_write else Role.READONLY
    session = access.session(work, session_id, role=role, is_locked=may_write)
    if session.workspace_id != workspace.id:
        raise NotFound
    return session


def _sentence(error: FieldproofError) -> str:
    return " ".join(t for ts in error.fields.values() for t in ts) if isinstance(error, Invalid) else error.message
