"""Webhooks, for admins: who is told, what was sent, sending it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from fieldproof.core.actor import Role
from fieldproof.core.errors import Invalid
from fieldproof.db.models import Webhook, Workspace
from fieldproof.edge import query_of
from fieldproof.services import access, webhooks
from fieldproof.services.paging import MAX_PAGE
from fieldproof.services.webhooks import EVENTS
from fieldproof.services.work import Work
from fieldproof.web.auth import Sent, Visitor
from fieldproof.web.forms import FormModel
from fieldproof.web.pages import go, page, undone

router = APIRouter()
SIZE = 25


class WebhookForm(FormModel):
    url: Annotated[str, Field(min_length=8, max_length=2000)]
    events: list[str] = []


class DeliveryQuery(BaseModel):
    page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 1


@router.get("/w/{workspace_id}/webhooks")
def show_webhooks(request: Request, work: Visitor, workspace_id: str) -> Response:
    return _list_page(request, work, workspace_id)


@router.post("/w/{workspace_id}/webhooks")
def add_webhook(request: Request, work: Visitor, sent: Sent, workspace_id: str) -> Response:
    workspace = access.workspace(work, workspace_id, "workspaces-write", role=Role.ADMIN)
    try:
        form = sent.read(WebhookForm)
        made = webhooks.add_webhook(work, workspace, form.url, form.events)
    except Invalid as error:
        return _list_page(request, work, workspace_id, undone(work, error), sent)
    return _secret_page(request, work, workspace, made)


@router.get("/w/{workspace_id}/webhooks/{webhook_id}")
def show_webhook(request: Request, work: Visitor, workspace_id: str, webhook_id: str) -> Response:
    return _one_page(request, work, workspace_id, webhook_id)


@router.post("/w/{workspace_id}/webhooks/{webhook_id}")
def update_webhook(request: Request, work: Visitor, sent: Sent, workspace_id: str, webhook_id: str) -> Response:
    workspace, webhook = _found(work, workspace_id, webhook_id, "workspaces-write")
    try:
        form = sent.read(WebhookForm)
        webhooks.update_webhook(work, webhook, {"url": form.url, "events": form.events})
    except Invalid as error:
        return _one_page(request, work, workspace_id, webhook_id, undone(work, error), sent)
    return go(request, _address(workspace, webhook), "Saved.")


@router.post("/w/{workspace_id}/webhooks/{webhook_id}/secret")
def rotate_secret(request: Request, work: Visitor, workspace_id: str, webhook_id: str) -> Response:
    workspace, webhook = _found(work, workspace_id, webhook_id, "workspaces-write")
    return _secret_page(request, work, workspace, webhooks.rotate_secret(work, webhook))


@router.post("/w/{workspace_id}/webhooks/{webhook_id}/switch")
def switch(request: Request, work: Visitor, sent: Sent, workspace_id: str, webhook_id: str) -> Response:
    workspace, webhook = _found(work, workspace_id, webhook_id, "workspaces-write")
    is_active = sent.text("is_active") == "true"
    webhooks.update_webhook(work, webhook, {"is_active": is_active})
    note = "It is switched on." if is_active else "It is switched off: nothing is sent."
    return go(request, _address(workspace, webhook), note)


@router.post("/w/{workspace_id}/webhooks/{webhook_id}/delete")
def remove_webhook(request: Request, work: Visitor, workspace_id: str, webhook_id: str) -> Response:
    workspace, webhook = _found(work, workspace_id, webhook_id, "workspaces-write")
    webhooks.remove_webhook(work, webhook)
    return go(request, f"/w/{workspace.id}/webhooks", "The webhook is deleted.")


@router.post("/w/{workspace_id}/webhooks/{webhook_id}/deliveries/{delivery_id}/replay")
def replay(request: Request, work: Visitor, workspace_id: str, webhook_id: str, delivery_id: str) -> Response:
    workspace, webhook = _found(work, workspace_id, webhook_id, "workspaces-write")
    webhooks.replay(work, webhook, delivery_id)
    return go(request, _address(workspace, webhook), "It is sent once more.")


def _found(work: Work, workspace_id: str, webhook_id: str, ability: str) -> tuple[Workspace, Webhook]:
    workspace = access.workspace(work, workspace_id, ability, role=Role.ADMIN)
    return workspace, webhooks.find_webhook(work, workspace, webhook_id)


def _address(workspace: Workspace, webhook: Webhook) -> str:
    return f"/w/{workspace.id}/webhooks/{webhook.id}"


def _list_page(
    request: Request, work: Work, workspace_id: str, problem: Invalid | None = None, sent: Sent | None = None
) -> Response:
    workspace = access.workspace(work, workspace_id, "workspaces-read", role=Role.ADMIN)
    return page(
        request, work, "webhooks/webhooks.html", workspace=workspace, problem=problem, sent=sent, events=EVENTS,
        webhooks=webhooks.list_webhooks(work, workspace),
    )  # fmt: skip


def _one_page(
    request: Request,
    work: Work,
    workspace_id: str,
    webhook_id: str,
    problem: Invalid | None = None,
    sent: Sent | None = None,
) -> Response:
    workspace, webhook = _found(work, workspace_id, webhook_id, "workspaces-read")
    number = query_of(request, DeliveryQuery).page
    return page(
        request, work, "webhooks/webhook.html", workspace=workspace, webhook=webhook, problem=problem, sent=sent,
        events=EVENTS, found=webhooks.list_deliveries(work, webhook, number, SIZE),
    )  # fmt: skip


def _secret_page(request: Request, work: Work, workspace: Workspace, webhook: Webhook) -> Response:
    work.db.flush()
    return page(request, work, "webhooks/secret.html", status=201, workspace=workspace, webhook=webhook)
