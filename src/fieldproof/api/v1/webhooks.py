"""Webhooks of a workspace, and what was delivered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Caller
from fieldproof.api.v1.contract import route
from fieldproof.api.v1.sessions import Meta, PageQuery
from fieldproof.core.actor import Role
from fieldproof.core.clock import iso
from fieldproof.db.models import Delivery as DeliveryRow
from fieldproof.db.models import Webhook as WebhookRow
from fieldproof.edge import Body, Payload, payload, query_of
from fieldproof.services import access, webhooks
from fieldproof.services.work import Work

router = APIRouter(tags=["Webhooks"])
Sent = Annotated[Payload, Depends(payload)]
WorkspaceId = Annotated[str, Path(alias="workspaceId")]
WebhookId = Annotated[str, Path(alias="webhookId")]
DeliveryId = Annotated[str, Path(alias="deliveryId")]
Url = Annotated[str, StringConstraints(min_length=8, max_length=2000)]
Events = Annotated[list[str], Field(min_length=1, max_length=20)]


class WebhookCreate(Body):
    url: Url
    events: Events


class WebhookUpdate(Body):
    url: Url | None = None
    events: Events | None = None
    is_active: bool | None = None


class Webhook(BaseModel):
    id: str
    url: str
    events: list[str]
    is_active: bool
    disabled_because: str | None
    created_at: datetime


class WebhookMade(Webhook):
    secret: str


class WebhookList(BaseModel):
    data: list[Webhook]


class Delivery(BaseModel):
    id: str
    event_id: str
    type: str
    status: Literal["waiting", "delivered", "failed"]
    attempts: int
    answer_status: int | None
    answer: str | None
    next_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime


class DeliveryList(BaseModel):
    data: list[Delivery]
    meta: Meta


_BASE = "/v1/workspaces/{workspaceId}/webhooks"
_ONE = _BASE + "/{webhookId}"


@route(router, "GET", _BASE, summary="A workspace's webhooks", answer=WebhookList)
def list_webhooks(work: Caller, workspace_id: WorkspaceId) -> Response:
    workspace = access.workspace(work, workspace_id, "workspaces-read", role=Role.ADMIN)
    return present.answer({"data": [_shown(w) for w in webhooks.list_webhooks(work, workspace)]})


@route(router, "POST", _BASE, summary="A new webhook; its secret is shown this once", body=WebhookCreate,
       answer=WebhookMade, status=201)  # fmt: skip
def create_webhook(work: Caller, workspace_id: WorkspaceId, sent: Sent) -> Response:
    workspace = access.workspace(work, workspace_id, "workspaces-write", role=Role.ADMIN)
    body = sent.read(WebhookCreate)
    made = webhooks.add_webhook(work, workspace, body.url, body.events)
    return present.answer({**_shown(made), "secret": made.secret}, 201)


@route(router, "PUT", _ONE, summary="Changes address, events, or switches it on and off", body=WebhookUpdate,
       answer=Webhook)  # fmt: skip
def update_webhook(work: Caller, workspace_id: WorkspaceId, webhook_id: WebhookId, sent: Sent) -> Response:
    webhook = _webhook(work, workspace_id, webhook_id, "workspaces-write")
    body = sent.read(WebhookUpdate)
    changes = {k: v for k, v in body.model_dump(include=body.model_fields_set).items() if v is not None}
    return present.answer(_shown(webhooks.update_webhook(work, webhook, changes)))


@route(router, "DELETE", _ONE, summary="Removes a webhook", status=204)
def delete_webhook(work: Caller, workspace_id: WorkspaceId, webhook_id: WebhookId) -> Response:
    webhooks.remove_webhook(work, _webhook(work, workspace_id, webhook_id, "workspaces-write"))
    return present.nothing()


@route(router, "POST", _ONE + "/rotate-secret", summary="A new secret; both sign for a day", answer=WebhookMade)
def rotate_secret(work: Caller, workspace_id: WorkspaceId, webhook_id: WebhookId) -> Response:
    webhook = webhooks.rotate_secret(work, _webhook(work, workspace_id, webhook_id, "workspaces-write"))
    return present.answer({**_shown(webhook), "secret": webhook.secret})


@route(router, "GET", _ONE + "/deliveries", summary="What was sent, newest first", query=PageQuery, answer=DeliveryList)
def list_deliveries(work: Caller, workspace_id: WorkspaceId, webhook_id: WebhookId, request: Request) -> Response:
    webhook = _webhook(work, workspace_id, webhook_id, "workspaces-read")
    query = query_of(request, PageQuery)
    page = webhooks.list_deliveries(work, webhook, query.page, query.per_page)
    meta = {"current_page": page.number, "last_page": page.last, "per_page": page.size, "total": page.total}
    return present.answer({"data": [_delivery(d) for d in page.items], "meta": meta})


@route(
    router,
    "POST",
    _ONE + "/deliveries/{deliveryId}/replay",
    summary="Sends an event again",
    answer=Delivery,
    status=201,
)
def replay_delivery(
    work: Caller, workspace_id: WorkspaceId, webhook_id: WebhookId, delivery_id: DeliveryId
) -> Response:
    webhook = _webhook(work, workspace_id, webhook_id, "workspaces-write")
    return present.answer(_delivery(webhooks.replay(work, webhook, delivery_id)), 201)


def _webhook(work: Work, workspace_id: str, webhook_id: str, ability: str) -> WebhookRow:
    workspace = access.workspace(work, workspace_id, ability, role=Role.ADMIN)
    return webhooks.find_webhook(work, workspace, webhook_id)


def _shown(row: WebhookRow) -> dict[str, Any]:
    return {
        "id": str(row.id), "url": row.url, "events": row.events, "is_active": row.disabled_at is None,
        "disabled_because": row.disabled_because, "created_at": iso(row.created_at),
    }  # fmt: skip


def _delivery(row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": str(row.id), "event_id": row.event_id, "type": row.type, "status": row.status, "attempts": row.attempt,
        "answer_status": row.answer_status, "answer": row.answer, "next_at": iso(row.next_at),
        "delivered_at": iso(row.delivered_at), "created_at": iso(row.created_at),
    }  # fmt: skip
