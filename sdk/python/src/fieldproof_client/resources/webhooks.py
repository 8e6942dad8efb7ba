from __future__ import annotations

from collections.abc import Sequence

from fieldproof_client.calls import Each, Mode, Resource, Sent, given, many, nothing, one, operation, page_of
from fieldproof_client.models import Delivery, Webhook

_ALL = "/v1/workspaces/{workspaceId}/webhooks"
_ONE = _ALL + "/{webhookId}"


class Webhooks(Resource[Mode]):
    @operation("GET", _ALL, many(Webhook))
    def list(self, workspace_id: int) -> Sent:
        return Sent({"workspaceId": workspace_id})

    @operation("POST", _ALL, one(Webhook))
    def create(self, workspace_id: int, url: str, events: Sequence[str], *, idempotency_key: str | None = None) -> Sent:
        """The secret for ``verify_webhook`` is in ``.secret``, this once."""
        return Sent(
            {"workspaceId": workspace_id}, json={"url": url, "events": [*events]}, idempotency_key=idempotency_key
        )

    @operation("PUT", _ONE, one(Webhook))
    def update(
        self,
        workspace_id: int,
        webhook_id: str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        is_active: bool | None = None,
    ) -> Sent:
        wanted = None if events is None else [*events]
        return Sent(_ids(workspace_id, webhook_id), json=given(url=url, events=wanted, is_active=is_active))

    @operation("DELETE", _ONE, nothing)
    def delete(self, workspace_id: int, webhook_id: str) -> Sent:
        return Sent(_ids(workspace_id, webhook_id))

    @operation("POST", _ONE + "/rotate-secret", one(Webhook))
    def rotate_secret(self, workspace_id: int, webhook_id: str, *, idempotency_key: str | None = None) -> Sent:
        """Both secrets sign for a day."""
        return Sent(_ids(workspace_id, webhook_id), idempotency_key=idempotency_key)

    @operation("GET", _ONE + "/deliveries", page_of(Delivery))
    def list_deliveries(self, workspace_id: int, webhook_id: str, *, page: int = 1, per_page: int = 100) -> Sent:
        return Sent(_ids(workspace_id, webhook_id), {"page": page, "per_page": per_page})

    each_delivery = Each(list_deliveries)

    @operation("POST", _ONE + "/deliveries/{deliveryId}/replay", one(Delivery))
    def replay(self, workspace_id: int, webhook_id: str, delivery_id: str) -> Sent:
        return Sent({**_ids(workspace_id, webhook_id), "deliveryId": delivery_id})


def _ids(workspace_id: int, webhook_id: str) -> dict[str, object]:
    return {"workspaceId": workspace_id, "webhookId": webhook_id}
