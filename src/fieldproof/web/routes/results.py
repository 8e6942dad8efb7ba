"""The review screen: one result beside its pages, and everything that can be done to its values."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from fieldproof.core.actor import Role
from fieldproof.core.errors import Conflict, Invalid, NotFound
from fieldproof.core.geometry import clamped
from fieldproof.core.schema import parse_schema
from fieldproof.db.models import Document, FieldValue, Result, Session, Template, User, Workspace
from fieldproof.services import access, pages, reviews
from fieldproof.services import results as result_service
from fieldproof.services.work import Work
from fieldproof.web import live, sheet
from fieldproof.web.auth import Sent, Visitor
from fieldproof.web.forms import Form
from fieldproof.web.pages import counted, go, html, page, render, undone

router = APIRouter()


@router.get("/w/{workspace_id}/results/{result_id}")
def show_result(request: Request, work: Visitor, workspace_id: str, result_id: str) -> Response:
    workspace, result = _found(work, workspace_id, result_id)
    return page(request, work, "review/review.html", workspace=workspace, **_screen(request, work, workspace, result))


@router.get("/w/{workspace_id}/results/{result_id}/live")
def watch_result(request: Request, workspace_id: str, result_id: str) -> Response:
    return live.stream(request, lambda work: _found(work, workspace_id, result_id)[1].status)


@router.get("/w/{workspace_id}/results/{result_id}/values/{path}/why")
def show_why(request: Request, work: Visitor, workspace_id: str, result_id: str, path: str) -> Response:
    """The proof of one value and its history: a panel of the screen, or a page of its own."""
    workspace, result = _found(work, workspace_id, result_id)
    row = reviews.value_at(work, result, path)
    shown = {
        "result": result, "cell": sheet.cell_of(parse_schema(result.schema_json), row, _document_ids(result)),
        "history": [c for c in reviews.history(work, result) if c.correction.path == path], "sheet": sheet,
        "here": f"/w/{workspace.id}/results/{result.id}", "names": _names(result),
    }  # fmt: skip
    if _is_fragment(request):
        return html(render("review/proof.html", **shown), request=request)
    return page(request, work, "review/why.html", workspace=workspace, **shown)


@router.post("/w/{workspace_id}/results/{result_id}/values")
def correct_many(request: Request, work: Visitor, sent: Sent, workspace_id: str, result_id: str) -> Response:
    """The whole sheet as one form, for who has no scripts: what differs is corrected."""
    workspace, result = _found(work, workspace_id, result_id, may_write=True)
    try:
        changed = _correct_changed(work, result, sent)
    except Invalid as error:
        problem = undone(work, error)
        shown = _screen(request, work, workspace, result)
        return page(request, work, "review/review.html", workspace=workspace, problem=problem, **shown)
    return go(
        request,
        _address(workspace, result),
        f"{counted(changed, 'value is', 'values are')} corrected." if changed else "No changes.",
    )


@router.post("/w/{workspace_id}/results/{result_id}/values/{path}")
def correct(request: Request, work: Visitor, sent: Sent, workspace_id: str, result_id: str, path: str) -> Response:
    workspace, result = _found(work, workspace_id, result_id, may_write=True)
    try:
        row = _correct(work, result, path, sent)
    except Invalid as error:
        problem = " ".join(text for texts in undone(work, error).fields.values() for text in texts)
        return _value(request, work, workspace, result, reviews.value_at(work, result, path), problem)
    return _value(request, work, workspace, result, row)


@router.post("/w/{workspace_id}/results/{result_id}/values/{path}/accept")
def accept(request: Request, work: Visitor, workspace_id: str, result_id: str, path: str) -> Response:
    workspace, result = _found(work, workspace_id, result_id, may_write=True)
    return _value(request, work, workspace, result, reviews.accept(work, result, path))


@router.post("/w/{workspace_id}/results/{result_id}/values/{path}/undo")
def undo(request: Request, work: Visitor, workspace_id: str, result_id: str, path: str) -> Response:
    workspace, result = _found(work, workspace_id, result_id, may_write=True)
    try:
        row = reviews.undo(work, result, path)
    except Conflict as error:
        return _value(request, work, workspace, result, reviews.value_at(work, result, path), error.message)
    return _value(request, work, workspace, result, row)


@router.post("/w/{workspace_id}/results/{result_id}/lists/{path}/add")
def add_item(request: Request, work: Visitor, workspace_id: str, result_id: str, path: str) -> Response:
    workspace, result = _found(work, workspace_id, result_id, may_write=True)
    reviews.add_item(work, result, path)
    return go(request, f"{_address(workspace, result)}#list-{path}")


@router.post("/w/{workspace_id}/results/{result_id}/lists/{path}/remove/{number}")
def remove_item(request: Request, work: Visitor, workspace_id: str, result_id: str, path: str, number: str) -> Response:
    workspace, result = _found(work, workspace_id, result_id, may_write=True)
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFound
    reviews.remove_item(work, result, path, int(number))
    return go(request, f"{_address(workspace, result)}#list-{path}")


@router.post("/w/{workspace_id}/results/{result_id}/{judgement}")
def judge(request: Request, work: Visitor, sent: Sent, workspace_id: str, result_id: str, judgement: str) -> Response:
    workspace, result = _found(work, workspace_id, result_id, may_write=True)
    note = sent.text("note")[:10_000] or None
    match judgement:
        case "approve":
            reviews.approve(work, result, note)
            return go(request, f"/w/{workspace.id}/review/next?after={result.id}", "Approved.")
        case "reject":
            reviews.reject(work, result, note)
            return go(request, f"/w/{workspace.id}/review/next?after={result.id}", "Rejected.")
        case "reopen":
            reviews.reopen(work, result)
            return go(request, _address(workspace, result), "It is open again.")
        case "delete":
            session_id = result.session_id
            result_service.remove_result(work, result)
            return go(request, f"/w/{workspace.id}/sessions/{session_id}", "The run is deleted.")
    raise NotFound


def _found(work: Work, workspace_id: str, result_id: str, *, may_write: bool = False) -> tuple[Workspace, Result]:
    workspace = access.workspace(work, workspace_id, "sessions-read")
    if may_write:
        result = access.result(work, result_id, "sessions-write", role=Role.USER, is_locked=True)
    else:
        result = access.result(work, result_id, "sessions-read")
    if result.workspace_id != workspace.id:
        raise NotFound
    return workspace, result


def _screen(request: Request, work: Work, workspace: Workspace, result: Result) -> dict[str, Any]:
    by_id = {i: work.db.get(Document, i) for i in result.document_ids}
    shown = [(str(i), document, _pages(work, document, result)) for i, document in by_id.items()]
    first = request.query_params.get("from", "")
    values = reviews.values(work, result)
    sections = sheet.sections(
        parse_schema(result.schema_json), values, _document_ids(result), result.ledgers,
        int(first) if first.isascii() and first.isdigit() and len(first) < 8 else 0,
    )  # fmt: skip
    return {
        "result": result, "documents": shown, "sections": sections, "here": _address(workspace, result),
        "session": work.db.get(Session, result.session_id), "template": work.db.get(Template, result.template_id),
        "reviewer": work.db.get(User, result.reviewed_by) if result.reviewed_by else None,
        "changes": _latest_changes(work, result), "waiting": reviews.count_open(work, workspace=workspace),
        "progress": _progress(values), "sheet": sheet, "by_doubt": request.query_params.get("order") == "doubt",
        "known": live.mark(result.status),
    }  # fmt: skip


def _pages(work: Work, document: Document | None, result: Result) -> tuple[str, list[pages.Size]]:
    """The id of the reading, and the size of each page; nothing when the document is gone."""
    parsing = pages.parsing_of(work, document, result) if document is not None else None
    return (str(parsing.id), pages.sizes(work, parsing)) if parsing is not None else ("", [])


def _progress(values: list[FieldValue]) -> tuple[int, int]:
    """How many values a person has looked at, and of how many."""
    return sum(1 for v in values if v.is_accepted or v.is_corrected), len(values)


def _latest_changes(work: Work, result: Result) -> dict[str, reviews.Change]:
    latest: dict[str, reviews.Change] = {}
    for change in reviews.history(work, result):
        latest.setdefault(change.correction.path, change)
    return latest


def _correct(work: Work, result: Result, path: str, sent: Form) -> FieldValue:
    """By what was typed, or by a box that was drawn: ``document``, ``page`` and ``box``."""
    if not sent.has("box"):
        return reviews.correct(work, result, path, _typed(sent.raw("value")))
    try:
        left, top, right, bottom = (float(number) for number in sent.text("box").split(","))
        box, number = clamped(left, top, right, bottom), int(sent.text("page"))
    except ValueError as error:
        raise Invalid({"box": ["A box is four numbers between 0 and 1."]}) from error
    return reviews.correct(
        work, result, path, reviews.FROM_BOX, document_id=sent.text("document"), page=number, box=box
    )


def _correct_changed(work: Work, result: Result, sent: Form) -> int:
    changed = 0
    for row in reviews.values(work, result):
        name = f"value:{row.path}"
        if sent.has(name) and _typed(sent.raw(name)) != (sheet.text_of(row.value) or None):
            reviews.correct(work, result, row.path, _typed(sent.raw(name)))
            changed += 1
    return changed


def _typed(text: str) -> str | None:
    return text.replace("\r\n", "\n").strip() or None


def _value(
    request: Request, work: Work, workspace: Workspace, result: Result, row: FieldValue, problem: str = ""
) -> Response:
    """The value as it is now: a piece of the screen, or the whole of it for who has no scripts."""
    address = _address(workspace, result)
    if not _is_fragment(request):
        return go(request, f"{address}#v-{row.path}", *([problem] if problem else []))
    cell = sheet.cell_of(parse_schema(result.schema_json), row, _document_ids(result))
    change = _latest_changes(work, result).get(row.path)
    text = render(
        "review/value.html", result=result, cell=cell, here=address, can_write=True, problem=problem, change=change
    )
    response = html(text, 422 if problem else 200, request=request)
    seen, total = _progress(reviews.values(work, result))
    response.headers["X-Seen"] = f"{seen} of {total}"
    return response


def _is_fragment(request: Request) -> bool:
    return request.headers.get("x-fragment") == "true"


def _address(workspace: Workspace, result: Result) -> str:
    return f"/w/{workspace.id}/results/{result.id}"


def _document_ids(result: Result) -> list[str]:
    return [str(i) for i in result.document_ids]


def _names(result: Result) -> dict[str, str]:
    return {ref["documentId"]: ref["filename"] for ref in result.document_refs}
