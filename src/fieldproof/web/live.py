"""Live pages: one stream a page that says when something changed; the page then asks for what it shows.

In a template:  <div hx-ext="sse" sse-connect="/w/1/documents/live?known={{ known }}">
                  <div id="list" hx-get="" hx-trigger="sse:changed" hx-select="#list" hx-swap="outerHTML">
In its route:   known=live.mark(documents.version(work, …))
In the other:   return live.stream(request, lambda work: documents.version(work, …))
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable

from anyio import to_thread
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from fieldproof.core.errors import FieldproofError
from fieldproof.edge import app_of
from fieldproof.services.work import Work
from fieldproof.web.auth import signed_in

EVERY_S = 1.0
_LIFE_S = 300.0  # then the browser connects again
_PING_S = 15.0

Version = Callable[[Work], object]


def stream(request: Request, version: Version, *, event: str = "changed") -> Response:
    """``version`` is asked every second, as the person who looks: any value whose text changes with the page.

    What changed between the page and its stream is told at once, if the page says what it ``known``.
    The stream ends when the person may no longer look. Raises: what ``version`` raises at first.
    """
    first = _ask(request, version)
    return StreamingResponse(
        _events(request, version, request.query_params.get("known") or first, event), media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )  # fmt: skip


async def _events(request: Request, version: Version, known: str, event: str) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    started = quiet_since = time.monotonic()
    while time.monotonic() - started < _LIFE_S and not await request.is_disconnected():
        await asyncio.sleep(EVERY_S)
        try:
            found = await to_thread.run_sync(_ask, request, version)
        except FieldproofError:
            return
        if found != known:
            known, quiet_since = found, time.monotonic()
            yield f"event: {event}\ndata: {int(time.time())}\n\n"
        elif time.monotonic() - quiet_since > _PING_S:
            quiet_since = time.monotonic()
            yield ": still here\n\n"


def _ask(request: Request, version: Version) -> str:
    """In a short Work of its own, after a fresh look at the cookie."""
    with app_of(request).work() as work:
        work.actor = signed_in(work, request)
        return mark(version(work))


def mark(version: object) -> str:
    """A version, short enough for an address."""
    return hashlib.sha256(str(version).encode()).hexdigest()[:12]
