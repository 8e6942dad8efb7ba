"""Documents: the grid, one document with its pages, and what can be done to them."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from fieldproof.core.actor import Role
from fieldproof.core.errors import FieldproofError, Invalid, NotFound
from fieldproof.core.ids import parse_uuid
from fieldproof.db.models import Document, Parsing, Workspace
from fieldproof.edge import downloaded, query_of
from fieldproof.services import (
    access,
    cancelling,
    documents,
    drops,
    grid,
    imports,
    locks,
    pages,
    processing,
    results,
    search,
    sessions,
    tags,
    templates,
)
from fieldproof.services.filetypes import CLASSES
from fieldproof.services.paging import MAX_PAGE, Page
from fieldproof.services.search import DocumentQuery
from fieldproof.services.work import Work
from fieldproof.web import dropping, live
from fieldproof.web.auth import Sent, Visitor, visit
from fieldproof.web.pages import counted, go, page, undone

router = APIRouter()
SIZE = 25
SORTS = {
    "newest": ("created_at", False), "oldest": ("created_at", True), "name": ("filename", True),
    "largest": ("size", False), "longest": ("pages", False), "relevance": ("relevance", False),
}  # fmt: skip
GROUPS = {
    "waiting": ("uploaded", "queued"), "reading": ("parsing", "parsed"), "read": ("processed",), "failed": ("failed",)
}  # fmt: skip
VIEWS = ("pages", "text", "chunks", "readings", "uses")


class GridQuery(BaseModel):
    search: Annotated[str, Field(max_length=500)] | None = None
    status: Literal["waiting", "reading", "read", "failed"] | None = None
    type: Annotated[str, Field(max_length=20)] | None = None
    template: Annotated[str, Field(max_length=36)] | None = None
    tag: Annotated[str, Field(max_length=tags.MAX_LENGTH)] | None = None
    sort: Literal["newest", "oldest", "name", "largest", "longest", "relevance"] = "newest"
    page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 1


@router.get("/w/{workspace_id}/documents")
def show_documents(request: Request, work: Visitor, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "documents-read")
    query = query_of(request, GridQuery)
    found = search.find_documents(work, workspace.id, _wanted(query))
    shown = Page(found.items, query.page, SIZE, found.total)
    return page(
        request, work, "documents/documents.html", workspace=workspace, found=shown, asked=query, kinds=CLASSES,
        results=grid.results_of(work, [item.document.id for item in found.items]),
        templates=templates.list_templates(work, workspace, size=100).items, groups=GROUPS,
        known=live.mark(grid.version(work, workspace)), at_work=grid.at_work(work, workspace),
        tags=[tag for tag, _ in tags.list_tags(work, workspace)],
    )  # fmt: skip


@router.get("/w/{workspace_id}/documents/live")
def watch_documents(request: Request, workspace_id: str) -> Response:
    return live.stream(request, lambda work: grid.version(work, access.workspace(work, workspace_id, "documents-read")))


@router.post("/w/{workspace_id}/documents")
def upload(request: Request, work: Visitor, sent: Sent, workspace_id: str) -> Response:
    """Files to be read only."""
    workspace = access.workspace(work, workspace_id, "documents-write", role=Role.USER)
    with dropping.on_disk(sent.files("files")) as dropped:
        taken = drops.take(work, workspace, dropped, None)
    count = len(taken.documents)
    return go(
        request,
        f"/w/{workspace.id}/documents",
        f"{counted(count, 'document', 'documents')} taken in.",
        *taken.refusals,
    )


@router.post("/w/{workspace_id}/documents/import")
def import_url(request: Request, sent: Sent, workspace_id: str) -> Response:
    """From an address; no transaction is open while it is fetched."""
    back, url = f"/w/{workspace_id}/documents", sent.text("url")[:2000]
    with visit(request) as work:
        access.workspace(work, workspace_id, "documents-write", role=Role.USER)
        egress = imports.egress_of(work)
    try:
        with tempfile.NamedTemporaryFile(prefix="fieldproof-import-") as file:
            found = downloaded(request, url, egress, file)
            with visit(request) as work:
                workspace = access.workspace(work, workspace_id, "documents-write", role=Role.USER)
                made = imports.take_download(work, workspace, url, Path(file.name), found)
    except FieldproofError as error:
        return go(request, back, _sentence(error))
    return go(request, f"{back}/{made.document.id}")


@router.post("/w/{workspace_id}/documents/bulk")
def do_bulk(request: Request, work: Visitor, sent: Sent, workspace_id: str) -> Response:
    """One deed for all that are ticked; what one document refuses does not stop the others."""
    workspace = access.workspace(work, workspace_id, "documents-write", role=Role.USER)
    back = f"/w/{workspace.id}/documents"
    chosen = [access.document(work, i, role=Role.USER, within=workspace) for i in sent.texts("document")[:500]]
    if not chosen:
        return go(request, back, "Tick the documents first.")
    locks.lock_documents(work, [document.id for document in chosen], is_removing=sent.text("do") == "delete")
    match sent.text("do"):
        case "delete":
            for document in chosen:
                documents.remove_document(work, document)
            return go(request, back, f"{counted(len(chosen), 'document is', 'documents are')} deleted.")
        case "reread":
            for document in chosen:
                _read_again(work, document)
            return go(request, back, f"{counted(len(chosen), 'document is', 'documents are')} read again.")
        case "cancel":
            return go(request, back, f"{cancelling.cancel_reading(work, chosen)} documents are not read on.")
        case "extract":
            return _extract(request, work, workspace, chosen, sent.text("template"))
        case "tag" | "untag":
            return _tag(request, work, workspace, chosen, sent)
    raise NotFound


@router.get("/w/{workspace_id}/documents/{document_id}")
def show_document(request: Request, work: Visitor, workspace_id: str, document_id: str) -> Response:
    workspace, document = _found(work, workspace_id, document_id)
    view = request.query_params.get("view", "pages")
    parsing = pages.parsing_of(work, document)
    asked = request.query_params.get("search", "")[:500]
    parsed = pages.load(work.store, parsing) if parsing is not None and (view == "text" or asked) else None
    return page(
        request, work, "documents/document.html", workspace=workspace, document=document, parsing=parsing,
        view=view if view in VIEWS else "pages", readings=documents.with_parsings(work, document).parsings,
        sizes=pages.sizes(work, parsing) if parsing is not None else [], parsed=parsed, asked=asked,
        marks=pages.hits(parsed, asked) if parsed is not None and asked else [],
        chunks=documents.list_chunks(work, document)[0] if view == "chunks" and parsing is not None else [],
        uses=grid.uses_of(work, document), templates=templates.list_templates(work, workspace, size=100).items,
        known=live.mark(document.status), tags=tags.tags_of(work, document),
    )  # fmt: skip


@router.get("/w/{workspace_id}/documents/{document_id}/live")
def watch_document(request: Request, workspace_id: str, document_id: str) -> Response:
    return live.stream(request, lambda work: _found(work, workspace_id, document_id)[1].status)


@router.get("/w/{workspace_id}/documents/{document_id}/download")
def download(request: Request, work: Visitor, workspace_id: str, document_id: str) -> Response:
    _, document = _found(work, workspace_id, document_id)
    link = documents.download_link(work, document)[0]
    return RedirectResponse(link.removeprefix(work.public_url), 303)


@router.get("/w/{workspace_id}/documents/{document_id}/readings/{reading}/{number}")
def show_picture(
    request: Request, work: Visitor, workspace_id: str, document_id: str, reading: str, number: str
) -> Response:
    """On to the picture itself, by a link that lives for minutes; the browser remembers where."""
    parsing = _reading(work, _found(work, workspace_id, document_id)[1], reading)
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= (parsing.page_count or 0)):
        raise NotFound
    width = request.query_params.get("width", "")
    width_px = int(width) if width in map(str, pages.WIDTHS_PX) else 1000
    path, _ = pages.link(work, parsing, int(number), width_px)
    return RedirectResponse(path, 302, {"Cache-Control": f"private, max-age={pages.LINK_TTL_S - 60}"})


@router.get("/w/{workspace_id}/documents/{document_id}/readings/{reading}/{number}/words")
def show_words(work: Visitor, workspace_id: str, document_id: str, reading: str, number: str) -> Response:
    parsing = _reading(work, _found(work, workspace_id, document_id)[1], reading)
    if not (number.isascii() and number.isdigit() and len(number) < 8):
        raise NotFound
    found = pages.words(work.store, parsing, int(number))
    return JSONResponse(found, headers={"Cache-Control": "private, max-age=600"})


@router.post("/w/{workspace_id}/documents/{document_id}/reread")
def reread(request: Request, work: Visitor, sent: Sent, workspace_id: str, document_id: str) -> Response:
    workspace, document = _found(work, workspace_id, document_id, may_write=True)
    _read_again(work, document, sent.text("config_hash"))
    return go(request, f"/w/{workspace.id}/documents/{document.id}", "It is read again.")


@router.post("/w/{workspace_id}/documents/{document_id}/cancel")
def cancel_reading(request: Request, work: Visitor, workspace_id: str, document_id: str) -> Response:
    workspace, document = _found(work, workspace_id, document_id, may_write=True)
    is_stopped = cancelling.cancel_reading(work, [document])
    note = "It is not read on." if is_stopped else "There is nothing to cancel: it has been read."
    return go(request, f"/w/{workspace.id}/documents/{document.id}", note)


@router.post("/w/{workspace_id}/documents/{document_id}/tags")
def set_tags(request: Request, work: Visitor, sent: Sent, workspace_id: str, document_id: str) -> Response:
    workspace, document = _found(work, workspace_id, document_id, may_write=True)
    here = f"/w/{workspace.id}/documents/{document.id}"
    try:
        tags.set_tags(work, document, _words(sent.text("tags")))
    except Invalid as error:
        return go(request, here, _sentence(undone(work, error)))
    return go(request, here, "The tags are saved.")


@router.post("/w/{workspace_id}/documents/{document_id}/extract")
def extract(request: Request, work: Visitor, sent: Sent, workspace_id: str, document_id: str) -> Response:
    workspace, document = _found(work, workspace_id, document_id, may_write=True)
    return _extract(request, work, workspace, [document], sent.text("template"))


@router.post("/w/{workspace_id}/documents/{document_id}/delete")
def remove(request: Request, work: Visitor, workspace_id: str, document_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "documents-write", role=Role.USER)
    document = access.document(work, document_id, role=Role.USER, within=workspace, is_locked=True)
    documents.remove_document(work, document)
    return go(request, f"/w/{workspace.id}/documents", f"{document.filename} is deleted.")


def _tag(request: Request, work: Work, workspace: Workspace, chosen: list[Document], sent: Sent) -> Response:
    back, words = f"/w/{workspace.id}/documents", _words(sent.text("tags"))
    add, remove = (words, []) if sent.text("do") == "tag" else ([], words)
    if not words:
        return go(request, back, "Type a tag first.")
    try:
        count = tags.change_tags(work, workspace, [d.id for d in chosen], add=add, remove=remove)
    except Invalid as error:
        return go(request, back, _sentence(undone(work, error)))
    return go(request, back, f"{counted(count, 'document is', 'documents are')} {'tagged' if add else 'rid of it'}.")


def _words(text: str) -> list[str]:
    """Tags as people type them: with commas between."""
    return [word for word in text.split(",") if word.strip()]


def _found(work: Work, workspace_id: str, document_id: str, *, may_write: bool = False) -> tuple[Workspace, Document]:
    workspace = access.workspace(work, workspace_id, "documents-read")
    if may_write:
        return workspace, access.document(work, document_id, "documents-write", role=Role.USER, within=workspace)
    return workspace, access.document(work, document_id, "documents-read", within=workspace)


def _reading(work: Work, document: Document, reading: str) -> Parsing:
    key = parse_uuid(reading)
    parsing = work.db.get(Parsing, key) if key is not None else None
    if parsing is None or parsing.document_id != document.id or parsing.status != "ready":
        raise NotFound
    return parsing


def _wanted(query: GridQuery) -> DocumentQuery:
    sort, is_ascending = SORTS[query.sort if query.search or query.sort != "relevance" else "newest"]
    template = parse_uuid(query.template) if query.template else None
    return DocumentQuery(
        search=query.search, statuses=GROUPS[query.status] if query.status else (),
        file_types=search.checked_file_types([query.type]) if query.type else (),
        template_id=template if template or not query.template else uuid.UUID(int=0),
        tags_all=(query.tag,) if query.tag else (),
        sort=sort, is_ascending=is_ascending, page=query.page, size=SIZE,
    )  # fmt: skip


def _read_again(work: Work, document: Document, config_hash: str = "") -> None:
    if config_hash:
        documents.reparse(work, document, config_hash, force=True)
        return
    known = documents.with_parsings(work, document).parsings
    configs = [p.config for p in known] or [processing.parse_config(work.settings, {})]
    for config in configs:
        processing.request_parsing(work, document, config, force=True)


def _extract(request: Request, work: Work, workspace: Workspace, chosen: list[Document], template_id: str) -> Response:
    """A session for each document, run at once."""
    template = access.template(work, template_id, "sessions-write", role=Role.USER)
    if template.workspace_id != workspace.id:
        raise NotFound
    refusals = []
    for document in chosen:
        try:
            with work.db.begin_nested():
                session = sessions.add_session(work, template, document.filename, {"auto_extract": True})
                sessions.attach(work, session, [document])
                results.run(work, session)
        except Invalid as error:
            refusals.append(f"{document.filename}: {_sentence(error)}")
    done = len(chosen) - len(refusals)
    return go(
        request,
        f"/w/{workspace.id}/sessions?template={template.id}",
        f"{counted(done, 'run is', 'runs are')} started.",
        *refusals,
    )


def _sentence(error: FieldproofError) -> str:
    return " ".join(t for ts in error.fields.values() for t in ts) if isinstance(error, Invalid) else error.message
