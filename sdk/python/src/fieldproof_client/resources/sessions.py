from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from fieldproof_client.calls import (
    Each,
    Mode,
    Resource,
    Sent,
    content,
    given,
    many,
    nothing,
    one,
    operation,
    page_of,
)
from fieldproof_client.models import BatchSession, Document, Exported, Progress, Session

_BATCH = "/extractions/templates/{templateId}/sessions/batch"


class Sessions(Resource[Mode]):
    @operation("POST", "/extractions/sessions", one(Session))
    def create(
        self,
        template_id: str,
        name: str | None = None,
        *,
        settings: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Sent:
        body = given(extraction_template_id=template_id, name=name, settings=settings)
        return Sent(json=body, idempotency_key=idempotency_key)

    @operation("GET", "/extractions/sessions/{sessionId}", one(Session))
    def get(self, session_id: str) -> Sent:
        """With its documents and results."""
        return Sent({"sessionId": session_id})

    @operation("PUT", "/extractions/sessions/{sessionId}", one(Session))
    def update(self, session_id: str, *, name: str | None = None, settings: dict[str, Any] | None = None) -> Sent:
        return Sent({"sessionId": session_id}, json=given(name=name, settings=settings))

    @operation("DELETE", "/extractions/sessions/{sessionId}", nothing)
    def delete(self, session_id: str) -> Sent:
        return Sent({"sessionId": session_id})

    @operation("GET", "/extractions/sessions/{sessionId}/documents", page_of(Document))
    def list_documents(self, session_id: str, *, page: int = 1) -> Sent:
        return Sent({"sessionId": session_id}, {"page": page})

    each_document = Each(list_documents)

    @operation("POST", "/extractions/sessions/{sessionId}/documents/upload", many(Document))
    def add_uploads(self, session_id: str, keys: Sequence[str], *, idempotency_key: str | None = None) -> Sent:
        """Attaches what ``client.uploads.send`` has sent, by its keys."""
        return Sent({"sessionId": session_id}, json={"keys": [*keys]}, idempotency_key=idempotency_key)

    @operation("POST", "/extractions/sessions/{sessionId}/documents/attach", many(Document))
    def attach(self, session_id: str, document_ids: Sequence[str]) -> Sent:
        return Sent({"sessionId": session_id}, json={"document_ids": [*document_ids]})

    @operation("DELETE", "/extractions/sessions/{sessionId}/documents/{documentId}", nothing)
    def detach(self, session_id: str, document_id: str) -> Sent:
        """The document stays in its workspace."""
        return Sent({"sessionId": session_id, "documentId": document_id})

    @operation("GET", "/v1/sessions/{sessionId}/progress", one(Progress))
    def progress(self, session_id: str) -> Sent:
        return Sent({"sessionId": session_id})

    @operation("POST", "/v1/sessions/{sessionId}/cancel", one(int, at="cancelled"))
    def cancel(self, session_id: str, *, with_documents: bool = False) -> Sent:
        """All its runs that have not ended; how many there were."""
        return Sent({"sessionId": session_id}, json={"with_documents": with_documents})


class Batches(Resource[Mode]):
    """Many sessions of one template at once."""

    @operation("POST", _BATCH, many(BatchSession, at=None))
    def create(
        self, template_id: str, keys: Sequence[str], *, auto_extract: bool = False, idempotency_key: str | None = None
    ) -> Sent:
        """One session for each uploaded file, at most 50."""
        body = {"files": [*keys], "settings": {"auto_extract": auto_extract}}
        return Sent({"templateId": template_id}, json=body, idempotency_key=idempotency_key)

    @operation("POST", _BATCH + "/execute", one(int, at="queued_count"))
    def run(self, template_id: str, session_ids: Sequence[str], *, idempotency_key: str | None = None) -> Sent:
        return Sent({"templateId": template_id}, json={"session_ids": [*session_ids]}, idempotency_key=idempotency_key)

    @operation("POST", _BATCH + "/delete", nothing)
    def delete(self, template_id: str, session_ids: Sequence[str]) -> Sent:
        return Sent({"templateId": template_id}, json={"session_ids": [*session_ids]})

    @operation("POST", _BATCH + "/export", many(Exported, at=None))
    def export(self, template_id: str, session_ids: Sequence[str]) -> Sent:
        return Sent({"templateId": template_id}, json={"session_ids": [*session_ids], "format": "json"})

    @operation("POST", _BATCH + "/export", content)
    def export_file(
        self, template_id: str, session_ids: Sequence[str], format: Literal["csv", "excel"] = "excel"
    ) -> Sent:
        """The bytes of a .csv or .xlsx file."""
        return Sent({"templateId": template_id}, json={"session_ids": [*session_ids], "format": format})

    @operation("GET", "/v1/batches/{batchId}/progress", one(Progress))
    def progress(self, batch_id: str) -> Sent:
        return Sent({"batchId": batch_id})
