"""Events to whoever subscribed, after Standard Webhooks: signed, tried for days, logged, repeatable.

An event is written in the transaction of what it tells of; each delivery is a job of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select

from fieldproof.core.clock import iso
from fieldproof.core.errors import Invalid, NotFound
from fieldproof.core.ids import parse_uuid
from fieldproof.db.models import Delivery, Document, Result, Webhook, Workspace
from fieldproof.fetching import Answer, Egress, FetchRefused
from fieldproof.fetching.client import check_url
from fieldproof.services.paging import Page, page_of
from fieldproof.services.work import Work

EVENTS = ("document.processed", "document.failed", "result.completed", "result.failed")
# Seconds before each attempt; about three days in all.
SCHEDULE_S = (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
SECRET_OVERLAP = timedelta(days=1)
MAX_KEPT_ANSWER = 2000


@dataclass(frozen=True)
class Order:
    """One attempt, read in one short transaction."""

    delivery_id: uuid.UUID
    attempt: int
    url: str
    headers: dict[str, str]
    body: bytes


def add_webhook(work: Work, workspace: Workspace, url: str, events: Sequence[str]) -> Webhook:
    """Its ``secret`` is shown this once. Raises: Invalid."""
    webhook = Webhook(
        workspace_id=workspace.id, url=_checked_url(url), events=_checked_events(events), secret=_new_secret(),
        created_at=work.now, updated_at=work.now,
    )  # fmt: skip
    work.db.add(webhook)
    work.db.flush()
    work.record("webhook.created", webhook, url=url)
    return webhook


def list_webhooks(work: Work, workspace: Workspace) -> list[Webhook]:
    query = select(Webhook).where(Webhook.workspace_id == workspace.id)
    return list(work.db.scalars(query.order_by(Webhook.created_at.desc(), Webhook.id)))


def find_webhook(work: Work, workspace: Workspace, webhook_id: str) -> Webhook:
    key = parse_uuid(webhook_id)
    found = work.db.get(Webhook, key) if key is not None else None
    if found is None or found.workspace_id != workspace.id:
        raise NotFound
    return found


def update_webhook(work: Work, webhook: Webhook, changes: dict[str, Any]) -> Webhook:
    """url, events, is_active. Switching on again forgets why it was off."""
    if "url" in changes:
        webhook.url = _checked_url(changes["url"])
    if "events" in changes:
        webhook.events = _checked_events(changes["events"])
    if "is_active" in changes:
        webhook.disabled_at = None if changes["is_active"] else work.now
        webhook.disabled_because = None if changes["is_active"] else "Switched off."
    webhook.updated_at = work.now
    work.record("webhook.updated", webhook, changed=sorted(changes))
    return webhook


def rotate_secret(work: Work, webhook: Webhook) -> Webhook:
    """A new secret; for a day both sign, so that the receiver can change over."""
    webhook.old_secret, webhook.old_secret_until = webhook.secret, work.now + SECRET_OVERLAP
    webhook.secret, webhook.updated_at = _new_secret(), work.now
    work.record("webhook.secret_rotated", webhook)
    return webhook


def remove_webhook(work: Work, webhook: Webhook) -> None:
    work.record("webhook.deleted", webhook, url=webhook.url)
    work.db.delete(webhook)


def list_deliveries(work: Work, webhook: Webhook, page: int, size: int) -> Page[Delivery]:
    query = select(Delivery).where(Delivery.webhook_id == webhook.id)
    return page_of(work, query.order_by(Delivery.created_at.desc(), Delivery.id.desc()), page, size)


def replay(work: Work, webhook: Webhook, delivery_id: str) -> Delivery:
    """Sends an event once more, under its own id, so that the receiver can tell it is the same."""
    key = parse_uuid(delivery_id)
    old = work.db.get(Delivery, key) if key is not None else None
    if old is None or old.webhook_id != webhook.id:
        raise NotFound
    return _enqueue(work, webhook, old.event_id, old.type, old.body)


def emit_result(work: Work, result: Result) -> None:
    """To be called in the transaction that ends the run."""
    data = {
        "result_id": str(result.id), "session_id": str(result.session_id), "template_id": str(result.template_id),
        "workspace_id": result.workspace_id, "status": result.status, "title": result.title, "error": result.error,
        "error_code": result.error_code,
    }  # fmt: skip
    _emit(work, result.workspace_id, f"result.{result.status}", data)


def emit_document(work: Work, document: Document) -> None:
    emit_documents(work, [document])


def emit_documents(work: Work, documents: Sequence[Document]) -> None:
    """Of any number in one workspace; where nobody subscribed, at the cost of one question."""
    if documents and _subscribed(work, documents[0].workspace_id):
        for document in documents:
            _emit_document(work, document)


def _emit_document(work: Work, document: Document) -> None:
    kind = "document.failed" if document.status == "failed" else "document.processed"
    data = {
        "document_id": str(document.id), "workspace_id": document.workspace_id, "filename": document.filename,
        "status": document.status, "page_count": document.page_count, "error": document.error,
        "error_code": document.error_code,
    }  # fmt: skip
    _emit(work, document.workspace_id, kind, data)


def claim_delivery(work: Work, delivery_id: uuid.UUID, attempt: int) -> Order | None:
    """None when this attempt was made already, or nobody wants it any more."""
    query = select(Delivery).where(Delivery.id == delivery_id)
    delivery = work.db.scalars(query.with_for_update()).one_or_none()
    if delivery is None or delivery.status != "waiting" or delivery.attempt != attempt:
        return None
    webhook = work.db.get_one(Webhook, delivery.webhook_id)
    if webhook.disabled_at is not None:
        delivery.status, delivery.answer = "failed", f"The webhook is switched off: {webhook.disabled_because}"
        return None
    body = delivery.body.encode()
    return Order(delivery.id, attempt, webhook.url, _headers(work, webhook, delivery.event_id, body), body)


def finish_delivery(work: Work, order: Order, answer: Answer | None, problem: str | None) -> None:
    """2xx is success; 410 switches the webhook off; anything else is tried again by the schedule."""
    delivery = work.db.scalars(select(Delivery).where(Delivery.id == order.delivery_id).with_for_update()).one_or_none()
    if delivery is None or delivery.status != "waiting" or delivery.attempt != order.attempt:
        return
    delivery.attempt += 1
    delivery.answer_status = answer.status if answer else None
    delivery.answer = (
        problem if answer is None else answer.body[:MAX_KEPT_ANSWER].decode("utf-8", "replace").replace("\0", "")
    )
    delivery.updated_at = work.now
    if answer is not None and 200 <= answer.status < 300:
        delivery.status, delivery.delivered_at, delivery.next_at = "delivered", work.now, None
        return
    if answer is not None and answer.status == 410:
        webhook = work.db.get_one(Webhook, delivery.webhook_id)
        webhook.disabled_at, webhook.disabled_because = work.now, "The receiver answered 410 Gone."
    if delivery.attempt >= len(SCHEDULE_S) or (answer is not None and answer.status == 410):
        delivery.status, delivery.next_at = "failed", None
        return
    _schedule(work, delivery)


def egress_of(work: Work) -> Egress:
    return Egress(tuple(work.settings.egress_networks), timeout_s=work.settings.webhook_timeout_s, max_bytes=1_000_000)


def signature(secret: str, event_id: str, timestamp: int, body: bytes) -> str:
    """``v1,<base64>`` over ``id.timestamp.body``, as the Standard Webhooks specification has it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _emit(work: Work, workspace_id: int, kind: str, data: dict[str, Any]) -> None:
    for webhook in _subscribed(work, workspace_id):
        if kind in webhook.events:
            body = orjson.dumps({"type": kind, "timestamp": iso(work.now), "data": data}).decode()
            _enqueue(work, webhook, f"msg_{secrets.token_urlsafe(18)}", kind, body)


def _subscribed(work: Work, workspace_id: int) -> list[Webhook]:
    query = select(Webhook).where(Webhook.workspace_id == workspace_id, Webhook.disabled_at.is_(None))
    return list(work.db.scalars(query))


def _enqueue(work: Work, webhook: Webhook, event_id: str, kind: str, body: str) -> Delivery:
    delivery = Delivery(
        id=uuid.uuid4(), webhook_id=webhook.id, event_id=event_id, type=kind, body=body, status="waiting",
        created_at=work.now, updated_at=work.now,
    )  # fmt: skip
    work.db.add(delivery)
    work.db.flush()
    _schedule(work, delivery)
    return delivery


def _schedule(work: Work, delivery: Delivery) -> None:
    wait_s = SCHEDULE_S[delivery.attempt] * random.uniform(1, 1.1)  # noqa: S311 (only spreads the load)
    delivery.next_at = work.now + timedelta(seconds=wait_s)
    at: datetime | None = delivery.next_at if wait_s else None
    work.jobs.defer(work.db, "deliver_webhook", at=at, delivery_id=str(delivery.id), attempt=delivery.attempt)


def _headers(work: Work, webhook: Webhook, event_id: str, body: bytes) -> dict[str, str]:
    timestamp = int(work.now.timestamp())
    keys = [webhook.secret]
    if webhook.old_secret is not None and webhook.old_secret_until is not None and webhook.old_secret_until > work.now:
        keys.append(webhook.old_secret)
    return {
        "Content-Type": "application/json", "User-Agent": "Fieldproof", "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, event_id, timestamp, body) for key in keys),
    }  # fmt: skip


def _checked_url(url: str) -> str:
    try:
        return check_url(url)
    except FetchRefused as error:
        raise Invalid({"url": [error.message]}) from error


def _checked_events(events: Sequence[str]) -> list[str]:
    unknown = sorted(set(events) - set(EVENTS))
    if unknown or not events:
        raise Invalid({"events": [f"Choose from {', '.join(EVENTS)}."]})
    return list(dict.fromkeys(events))


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
