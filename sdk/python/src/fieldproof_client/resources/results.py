from __future__ import annotations

import time

from fieldproof_client.calls import (
    UNSET,
    Flow,
    Mode,
    Pause,
    Resource,
    Sent,
    Story,
    content,
    given,
    many,
    nothing,
    one,
    operation,
)
from fieldproof_client.errors import StillRunning
from fieldproof_client.models import (
    Box,
    Cancelled,
    Change,
    NextReview,
    Progress,
    Result,
    Review,
    Value,
)

_FIRST_LOOK_S, _LONGEST_S = 0.2, 3.0
PATIENCE_S = 600.0


class Results(Resource[Mode]):
    @operation("GET", "/extractions/sessions/{sessionId}/results", many(Result))
    def list(self, session_id: str) -> Sent:
        return Sent({"sessionId": session_id})

    @operation("POST", "/extractions/sessions/{sessionId}/results", one(Result))
    def run(self, session_id: str, *, idempotency_key: str | None = None) -> Sent:
        """Starts a run over the session's documents."""
        return Sent({"sessionId": session_id}, idempotency_key=idempotency_key)

    @operation("GET", "/extractions/results/{resultId}", one(Result))
    def get(self, result_id: str) -> Sent:
        return Sent({"resultId": result_id})

    @Story
    def wait(self: Resource[Mode], result_id: str, *, timeout_s: float = PATIENCE_S) -> Flow[Result]:
        """Until the run has ended, well or not; looks less and less often. Raises: StillRunning."""
        started, pause_s = time.monotonic(), _FIRST_LOOK_S
        while True:
            result = yield from Results.get.flow(self, result_id)
            if result.has_ended:
                return result
            if time.monotonic() - started + pause_s > timeout_s:
                raise StillRunning(result_id, timeout_s)
            yield Pause(pause_s)
            pause_s = min(_LONGEST_S, pause_s * 1.4)

    @operation("DELETE", "/extractions/results/{resultId}", nothing)
    def delete(self, result_id: str) -> Sent:
        return Sent({"resultId": result_id})

    @operation("GET", "/extractions/results/{resultId}/export/excel", content)
    def export_excel(self, result_id: str) -> Sent:
        """The bytes of an .xlsx file: data, audit, metadata."""
        return Sent({"resultId": result_id})

    @operation("GET", "/v1/results/{resultId}/progress", one(Progress))
    def progress(self, result_id: str) -> Sent:
        return Sent({"resultId": result_id})

    @operation("POST", "/v1/results/{resultId}/cancel", one(Cancelled))
    def cancel(self, result_id: str, *, with_documents: bool = False) -> Sent:
        return Sent({"resultId": result_id}, json={"with_documents": with_documents})


class Reviews(Resource[Mode]):
    """A person's judgement: values with their proof, corrections, approval."""

    @operation("GET", "/v1/results/{resultId}/review", one(Review))
    def get(self, result_id: str) -> Sent:
        return Sent({"resultId": result_id})

    @operation("GET", "/v1/reviews/next", one(NextReview))
    def next(self, *, template_id: str | None = None, after: str | None = None) -> Sent:
        """The least certain result that nobody has judged."""
        return Sent(query={"template_id": template_id, "after": after})

    @operation("PUT", "/v1/results/{resultId}/values/{path}", one(Value))
    def correct(
        self,
        result_id: str,
        path: str,
        value: object = UNSET,
        *,
        document_id: str | None = None,
        page: int | None = None,
        box: Box | None = None,
    ) -> Sent:
        """Text is read as the field's type; None says there is none. A box without a value takes the words under it."""
        numbers = box.as_list() if box is not None else None
        body = {"value": value, **given(document_id=document_id, page=page, box=numbers)}
        return Sent({"resultId": result_id, "path": path}, json=body)

    @operation("POST", "/v1/results/{resultId}/values/{path}/accept", one(Value))
    def accept(self, result_id: str, path: str) -> Sent:
        return Sent({"resultId": result_id, "path": path})

    @operation("POST", "/v1/results/{resultId}/values/{path}/undo", one(Value))
    def undo(self, result_id: str, path: str) -> Sent:
        return Sent({"resultId": result_id, "path": path})

    @operation("POST", "/v1/results/{resultId}/lists/{path}/items", one(Review))
    def add_item(self, result_id: str, path: str, *, idempotency_key: str | None = None) -> Sent:
        return Sent({"resultId": result_id, "path": path}, idempotency_key=idempotency_key)

    @operation("DELETE", "/v1/results/{resultId}/lists/{path}/items/{number}", one(Review))
    def remove_item(self, result_id: str, path: str, number: int) -> Sent:
        """Rows below move up."""
        return Sent({"resultId": result_id, "path": path, "number": number}, is_once=True)

    @operation("POST", "/v1/results/{resultId}/approve", one(Review))
    def approve(self, result_id: str, note: str | None = None) -> Sent:
        return Sent({"resultId": result_id}, json=given(note=note))

    @operation("POST", "/v1/results/{resultId}/reject", one(Review))
    def reject(self, result_id: str, note: str | None = None) -> Sent:
        return Sent({"resultId": result_id}, json=given(note=note))

    @operation("POST", "/v1/results/{resultId}/reopen", one(Review))
    def reopen(self, result_id: str) -> Sent:
        return Sent({"resultId": result_id})

    @operation("GET", "/v1/results/{resultId}/corrections", many(Change))
    def list_corrections(self, result_id: str) -> Sent:
        return Sent({"resultId": result_id})
