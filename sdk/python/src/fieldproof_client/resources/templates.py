from __future__ import annotations

from typing import Any

from fieldproof_client.calls import (
    UNSET,
    Each,
    Mode,
    Resource,
    Sent,
    Unset,
    given,
    many,
    nothing,
    one,
    operation,
    page_of,
)
from fieldproof_client.models import Example, SessionRow, Template


class Templates(Resource[Mode]):
    @operation("GET", "/workspaces/{workspaceId}/extractions/templates", page_of(Template))
    def list(self, workspace_id: int, *, page: int = 1) -> Sent:
        return Sent({"workspaceId": workspace_id}, {"page": page})

    each = Each(list)

    @operation("POST", "/extractions/templates", one(Template))
    def create(
        self,
        workspace_id: int,
        name: str,
        schema: dict[str, Any],
        *,
        description: str | None = None,
        settings: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Sent:
        body = given(
            name=name, workspace_id=workspace_id, schema_json=schema, description=description, settings=settings
        )
        return Sent(json=body, idempotency_key=idempotency_key)

    @operation("GET", "/extractions/templates/{templateId}", one(Template))
    def get(self, template_id: str) -> Sent:
        return Sent({"templateId": template_id})

    @operation("PUT", "/extractions/templates/{templateId}", one(Template))
    def update(
        self,
        template_id: str,
        *,
        name: str | None = None,
        schema: dict[str, Any] | None = None,
        description: str | Unset | None = UNSET,
        settings: dict[str, Any] | None = None,
    ) -> Sent:
        body = {**given(name=name, schema_json=schema, settings=settings), "description": description}
        return Sent({"templateId": template_id}, json=body)

    @operation("DELETE", "/extractions/templates/{templateId}", nothing)
    def delete(self, template_id: str) -> Sent:
        """With its sessions and results."""
        return Sent({"templateId": template_id})

    @operation("POST", "/extractions/templates/{templateId}/duplicate", one(Template))
    def duplicate(self, template_id: str, name: str | None = None, *, idempotency_key: str | None = None) -> Sent:
        return Sent({"templateId": template_id}, json=given(name=name), idempotency_key=idempotency_key)

    @operation("GET", "/v1/templates/{templateId}/sessions", page_of(SessionRow))
    def list_sessions(self, template_id: str, *, page: int = 1, per_page: int = 100) -> Sent:
        return Sent({"templateId": template_id}, {"page": page, "per_page": per_page})

    each_session = Each(list_sessions)

    @operation("GET", "/v1/templates/{templateId}/examples", many(Example))
    def list_examples(self, template_id: str) -> Sent:
        """What it has learnt from reviews."""
        return Sent({"templateId": template_id})

    @operation("POST", "/v1/templates/{templateId}/examples/{exampleId}/deactivate", one(Example))
    def forget_example(self, template_id: str, example_id: str) -> Sent:
        return Sent({"templateId": template_id, "exampleId": example_id})

    @operation("POST", "/v1/templates/{templateId}/examples/{exampleId}/activate", one(Example))
    def remember_example(self, template_id: str, example_id: str) -> Sent:
        return Sent({"templateId": template_id, "exampleId": example_id})
