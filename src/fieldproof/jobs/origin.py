"""Where a job comes from: the request that asked for it, and the trace that it belongs to. Travels in its arguments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog

from fieldproof import tracing

ARGUMENT = "origin"
_request: ContextVar[str | None] = ContextVar("request", default=None)


@contextmanager
def of_request(request_id: str | None) -> Iterator[None]:
    """Jobs deferred inside, and log lines written inside, name this request."""
    token = _request.set(request_id)
    try:
        with structlog.contextvars.bound_contextvars(**({"request_id": request_id} if request_id else {})):
            yield
    finally:
        _request.reset(token)


def current() -> dict[str, str]:
    """For a job's arguments; empty outside of requests and traces."""
    found = {"request": _request.get(), "trace": tracing.carried()}
    return {name: value for name, value in found.items() if value}


@contextmanager
def taken_up(name: str, arguments: dict[str, Any], job_id: int | None) -> Iterator[None]:
    """A job goes on where its request left off. Takes the origin out of ``arguments``."""
    origin = arguments.pop(ARGUMENT, None) or {}
    with (
        of_request(origin.get("request")),
        structlog.contextvars.bound_contextvars(task=name, job=job_id),
        tracing.span(name, parent=origin.get("trace"), is_job=True, job=job_id, request=origin.get("request")),
    ):
        yield
