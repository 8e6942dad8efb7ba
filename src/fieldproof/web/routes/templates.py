"""Templates: what to extract. Written by hand, from a document, or as JSON; tried before they are saved."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from fieldproof.core.actor import Role
from fieldproof.core.errors import FieldproofError, Invalid
from fieldproof.core.result import Extraction
from fieldproof.core.schema import parse_schema
from fieldproof.db.models import Template
from fieldproof.edge import app_of, query_of
from fieldproof.ratelimit import attempt
from fieldproof.services import access, learning, templates, trials
from fieldproof.services.paging import MAX_PAGE
from fieldproof.services.trials import Proposed, Trial
from fieldproof.services.work import Work
from fieldproof.web import drafts
from fieldproof.web.auth import Sent, Visitor, visit
from fieldproof.web.forms import FormModel
from fieldproof.web.pages import go, page, undone

router = APIRouter()
Name = Annotated[str, Field(min_length=1, max_length=255)]


class TemplateQuery(BaseModel):
    q: Annotated[str, Field(max_length=300)] = ""
    page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 1


class TemplateForm(FormModel):
    name: Name
    description: Annotated[str, Field(max_length=10_000)] | None = None


# The list


@router.get("/w/{workspace_id}/templates")
def show_templates(request: Request, work: Visitor, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "templates-read")
    query = query_of(request, TemplateQuery)
    found = templates.list_templates(work, workspace, query.page, 24, name=query.q)
    shown = [(template, _count(template)) for template in found.items]
    return page(
        request, work, "templates/templates.html", workspace=workspace, found=found, templates=shown, text=query.q
    )


@router.post("/w/{workspace_id}/templates/{template_id}/duplicate")
def duplicate_template(request: Request, work: Visitor, workspace_id: str, template_id: str) -> Response:
    template = access.template(work, template_id, "templates-write", role=Role.USER)
    copy = templates.duplicate_template(work, template)
    return go(request, f"/w/{workspace_id}/templates/{copy.id}", f"This is the copy: {copy.name}.")


@router.post("/w/{workspace_id}/templates/{template_id}/delete")
def remove_template(request: Request, work: Visitor, workspace_id: str, template_id: str) -> Response:
    template = access.template(work, template_id, "templates-write", role=Role.USER, is_locked=True)
    templates.remove_template(work, template)
    return go(request, f"/w/{workspace_id}/templates", f"{template.name} is deleted.")


# New ones


@router.get("/w/{workspace_id}/templates/new")
def show_new(request: Request, work: Visitor, workspace_id: str) -> Response:
    return _new_page(request, work, workspace_id)


@router.post("/w/{workspace_id}/templates/new")
def add_template(request: Request, work: Visitor, sent: Sent, workspace_id: str) -> Response:
    """From scratch, or from JSON: the schema alone, or a template as the API answers it."""
    workspace = access.workspace(work, workspace_id, "templates-write", role=Role.USER)
    try:
        schema_json, name, description = drafts.EMPTY, sent.text("name"), None
        if sent.has("json"):
            schema_json, name, description = _imported(sent.raw("json"), name)
        form = TemplateForm.checked(name=name, description=description)
        made = templates.add_template(work, workspace, form.name, schema_json, description=form.description)
    except Invalid as error:
        return _new_page(request, work, workspace_id, undone(work, error), sent)
    return go(request, f"/w/{workspace.id}/templates/{made.id}", f"{made.name} is made. Describe its fields now.")


@router.get("/w/{workspace_id}/templates/from/{document_id}")
def show_proposals(request: Request, workspace_id: str, document_id: str) -> Response:
    return _proposals_page(request, workspace_id, document_id)


@router.post("/w/{workspace_id}/templates/from/{document_id}")
def add_from_document(request: Request, sent: Sent, workspace_id: str, document_id: str) -> Response:
    proposed = _proposed(request, workspace_id, document_id)
    try:
        schema_json = drafts.from_proposals(proposed, sent)
        with visit(request) as work:
            workspace = access.workspace(work, workspace_id, "templates-write", role=Role.USER)
            made = templates.add_template(work, workspace, sent.read(TemplateForm).name, schema_json)
            url = f"/w/{workspace.id}/templates/{made.id}?document={document_id}"
    except Invalid as error:
        return _proposals_page(request, workspace_id, document_id, error, sent)
    return go(request, url, f"{made.name} is made.")


# The editor


@router.get("/w/{workspace_id}/templates/{template_id}")
def show_template(request: Request, work: Visitor, workspace_id: str, template_id: str) -> Response:
    template = access.template(work, template_id, "templates-read")
    return _editor(request, work, template, drafts.read_draft(_pretty(template.schema_json)))


@router.post("/w/{workspace_id}/templates/{template_id}")
def update_template(request: Request, work: Visitor, sent: Sent, workspace_id: str, template_id: str) -> Response:
    template = access.template(work, template_id, "templates-write", role=Role.USER, is_locked=True)
    draft = drafts.read_draft(sent.raw("schema_json"))
    try:
        form = sent.read(TemplateForm)
        changes = {"name": form.name, "description": form.description, "schema_json": draft.checked()}
        templates.update_template(work, template, {**changes, "settings": _settings(template, sent)})
    except Invalid as error:
        problem = undone(work, error)
        return _editor(request, work, access.template(work, template_id, "templates-read"), draft, problem, sent)
    return go(request, f"/w/{template.workspace_id}/templates/{template.id}", "Saved.")


@router.post("/w/{workspace_id}/templates/{template_id}/check")
def check_draft(request: Request, work: Visitor, sent: Sent, workspace_id: str, template_id: str) -> Response:
    """While somebody types: what is wrong so far."""
    access.template(work, template_id, "templates-read")
    return page(request, work, "templates/problems.html", draft=drafts.read_draft(sent.raw("schema_json")))


@router.post("/w/{workspace_id}/templates/{template_id}/try")
def try_draft(request: Request, sent: Sent, workspace_id: str, template_id: str) -> Response:
    """The draft as it stands, on one document; nothing is stored."""
    draft = drafts.read_draft(sent.raw("schema_json"))
    outcome: Extraction | None = None
    problem: Invalid | None = None
    try:
        trial = _trial(request, workspace_id, sent.text("document"), template_id)
        outcome = trials.run(trial, draft.checked(), store=app_of(request).store, sandbox=app_of(request).sandbox)
    except Invalid as error:
        problem = error
    except FieldproofError as error:
        problem = Invalid({"document": [error.message]})
    with visit(request) as work:
        template = access.template(work, template_id, "templates-read")
        if request.headers.get("hx-request") == "true":
            return page(
                request, work, "templates/outcome.html", workspace=_workspace(work, template), problem=problem,
                outcome=outcome, document_id=sent.text("document"), status=200,
            )  # fmt: skip
        return _editor(request, work, template, draft, problem, sent, outcome)


# What reviews have taught


@router.get("/w/{workspace_id}/templates/{template_id}/learnt")
def show_learnt(request: Request, work: Visitor, workspace_id: str, template_id: str) -> Response:
    template = access.template(work, template_id, "templates-read")
    examples = learning.list_examples(work, template)
    return page(
        request, work, "templates/learnt.html", workspace=_workspace(work, template), template=template,
        examples=examples, names=learning.documents_of(work, examples),
    )  # fmt: skip


@router.post("/w/{workspace_id}/templates/{template_id}/learnt/{example_id}")
def switch_example(
    request: Request, work: Visitor, sent: Sent, workspace_id: str, template_id: str, example_id: str
) -> Response:
    """Forgets it or, with ``is_active`` true, remembers it again."""
    template = access.template(work, template_id, "templates-write", role=Role.USER)
    is_active = sent.text("is_active") == "true"
    learning.set_active(work, template, example_id, is_active=is_active)
    note = "It is used again." if is_active else "It is forgotten: runs from now on do not use it."
    return go(request, f"/w/{template.workspace_id}/templates/{template.id}/learnt", note)


def _trial(request: Request, workspace_id: str, document_id: str, template_id: str | None = None) -> Trial:
    with visit(request) as work:
        attempt(request, "trial", str(work.actor.user_id))
        workspace = access.workspace(work, workspace_id, "templates-read")
        if not document_id:
            raise Invalid({"document": ["Choose a document first."]})
        template = access.template(work, template_id, "templates-read") if template_id else None
        document = access.document(work, document_id, "documents-read", within=workspace)
        return trials.prepare(work, document, template)


def _proposed(request: Request, workspace_id: str, document_id: str) -> list[Proposed]:
    trial = _trial(request, workspace_id, document_id)
    return trials.propose(trial, store=app_of(request).store, sandbox=app_of(request).sandbox)


def _new_page(
    request: Request, work: Work, workspace_id: str, problem: Invalid | None = None, sent: Sent | None = None
) -> Response:
    workspace = access.workspace(work, workspace_id, "templates-write", role=Role.USER)
    return page(
        request, work, "templates/new.html", workspace=workspace, problem=problem, sent=sent,
        documents=trials.readable_documents(work, workspace),
    )  # fmt: skip


def _proposals_page(
    request: Request, workspace_id: str, document_id: str, problem: Invalid | None = None, sent: Sent | None = None
) -> Response:
    proposed = _proposed(request, workspace_id, document_id)
    with visit(request) as work:
        workspace = access.workspace(work, workspace_id, "templates-write", role=Role.USER)
        document = access.document(work, document_id, "documents-read", within=workspace)
        return page(
            request, work, "templates/proposals.html", workspace=workspace, document=document, proposed=proposed,
            problem=problem, sent=sent, types=drafts.TYPES,
        )  # fmt: skip


def _editor(
    request: Request,
    work: Work,
    template: Template,
    draft: drafts.Draft,
    problem: Invalid | None = None,
    sent: Sent | None = None,
    outcome: Extraction | None = None,
) -> Response:
    workspace = _workspace(work, template)
    chosen = sent.text("document") if sent else request.query_params.get("document", "")
    return page(
        request, work, "templates/editor.html", workspace=workspace, template=template, draft=draft, problem=problem,
        sent=sent, outcome=outcome, document_id=chosen, documents=trials.readable_documents(work, workspace),
        has_llm=work.settings.llm_model is not None,
    )  # fmt: skip


def _workspace(work: Work, template: Template) -> Any:
    return access.workspace(work, template.workspace_id)


def _settings(template: Template, sent: Sent) -> dict[str, Any]:
    parsing = dict(template.settings.get("parsing") or {})
    parsing["contextual_embedding"] = sent.has("contextual_embedding")
    if sent.text("ocr") in ("auto", "always", "never"):
        parsing["ocr"] = sent.text("ocr")
    engine = {"engine": sent.text("engine")} if sent.text("engine") else {}
    return {"parsing": parsing, **engine}


def _imported(text: str, name: str) -> tuple[dict[str, Any], str, str | None]:
    draft, template = drafts.read_import(text)
    return draft.checked(), name or str(template.get("name") or ""), template.get("description")


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _count(template: Template) -> int:
    return sum(1 for _ in parse_schema(template.schema_json).leaves())
