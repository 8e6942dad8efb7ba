"""Home: drop files, say what they are, see what comes of them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fieldproof.core.actor import Role
from fieldproof.core.errors import Invalid, NotFound
from fieldproof.db.models import Template, Workspace
from fieldproof.services import access, drops, grid, queue, reviews, templates
from fieldproof.services.drops import Taken
from fieldproof.services.work import Work
from fieldproof.web import dropping, live
from fieldproof.web.auth import Sent, Visitor
from fieldproof.web.pages import counted, go, page

router = APIRouter()
GUESS, READ = "guess", "read"  # instead of a template
NO_TEMPLATE = "There is no template yet: open a document once it is read, and make one from it."


@router.get("/w/{workspace_id:int}")  # a number only: /w/new is a page of its own
def show_home(request: Request, work: Visitor, workspace_id: int) -> Response:
    return _home(request, work, access.workspace(work, workspace_id, "documents-read"))


@router.get("/w/{workspace_id}/live")
def watch_home(request: Request, workspace_id: str) -> Response:
    return live.stream(request, lambda work: grid.version(work, access.workspace(work, workspace_id, "documents-read")))


@router.post("/w/{workspace_id}/drop")
def drop(request: Request, work: Visitor, sent: Sent, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "documents-write", "sessions-write", role=Role.USER)
    files, wanted = sent.files("files"), sent.text("template")
    if not files:
        return _home(request, work, workspace, Invalid({"files": ["Choose at least one file."]}))
    template = _chosen(work, workspace, wanted)
    with dropping.on_disk(files) as dropped:
        taken = drops.take(work, workspace, dropped, template)
    if taken.refusals and not taken.sessions and not taken.documents:
        return _home(request, work, workspace, Invalid({"files": taken.refusals}))
    if wanted == GUESS:
        drops.guess_templates(work, taken.documents)
    hints = [] if template or templates.list_templates(work, workspace, size=1).total else [NO_TEMPLATE]
    return go(request, _after(workspace, taken, template), _sentence(taken), *hints, *taken.refusals)


@router.post("/w/{workspace_id}/samples")
def load_samples(request: Request, work: Visitor, workspace_id: str) -> Response:
    workspace = access.workspace(
        work, workspace_id, "documents-write", "sessions-write", "templates-write", role=Role.USER
    )
    taken = drops.load_samples(work, workspace)
    target = f"?template={taken.sessions[0].template_id}" if taken.sessions else ""
    return go(request, f"/w/{workspace.id}/sessions{target}", _sentence(taken), *taken.refusals)


def _home(request: Request, work: Work, workspace: Workspace, problem: Invalid | None = None) -> Response:
    return page(
        request, work, "home/home.html", workspace=workspace, problem=problem,
        templates=templates.list_templates(work, workspace, size=100).items,
        recent=grid.list_rows(work, workspace, None, size=8), at_work=grid.at_work(work, workspace),
        waiting=reviews.count_open(work, workspace=workspace), failed=queue.list_failures(work, workspace).total,
        chosen=request.query_params.get("template", GUESS), known=live.mark(grid.version(work, workspace)),
    )  # fmt: skip


def _chosen(work: Work, workspace: Workspace, wanted: str) -> Template | None:
    if wanted in ("", GUESS, READ):
        return None
    template = access.template(work, wanted, "templates-read")
    if template.workspace_id != workspace.id:
        raise NotFound
    return template


def _after(workspace: Workspace, taken: Taken, template: Template | None) -> str:
    if template is not None:
        return f"/w/{workspace.id}/sessions?template={template.id}"
    return f"/w/{workspace.id}/documents"


def _sentence(taken: Taken) -> str:
    return f"{counted(len(taken.sessions) + len(taken.documents), 'document', 'documents')} taken in."
