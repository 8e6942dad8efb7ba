"""The server under measurement as ``serve`` sets it up, in a process of its own, with one more route that answers a constant."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from fieldproof.cli.serving import http_server, listening
from fieldproof.settings import Settings
from fieldproof.wiring import build

CONSTANT = "/v1/bench/constant"


@contextmanager
def serving(settings: Settings) -> Iterator[tuple[str, int]]:
    """Its address and its process id."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(settings, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv(), process.pid or 0
    finally:
        process.terminate()
        process.join(20)


def _serve(settings: Settings, pipe: Connection) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with listening("127.0.0.1", 0) as listener:
        parts = build(settings)
        server = http_server(parts)
        gate: Any = server.config.app
        gate.app.add_api_route(CONSTANT, _constant, methods=["GET"])
        gate.app.router.routes.insert(0, gate.app.router.routes.pop())
        pipe.send(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server.run([listener])


def _constant(request: Request) -> Response:
    return Response(b"x" * int(request.query_params["size"]), media_type="application/json")
