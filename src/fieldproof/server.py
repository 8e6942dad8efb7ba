"""The HTTP server: every face on one port, each answering errors in its own shape."""

from __future__ import annotations

import errno
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from sqlalchemy import exc
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp

import fieldproof.api.docsense.errors as docsense_errors
import fieldproof.api.raydocs.errors as raydocs_errors
import fieldproof.web.errors as web_errors
from fieldproof import __version__
from fieldproof.api import reference
from fieldproof.api.docsense import contract as docsense_contract
from fieldproof.api.docsense.router import router as docsense_router
from fieldproof.api.raydocs import contract as raydocs_contract
from fieldproof.api.raydocs.router import router as raydocs_router
from fieldproof.api.v1 import contract as v1_contract
from fieldproof.api.v1 import present
from fieldproof.api.v1.router import router as v1_router
from fieldproof.core.errors import (
    Broken,
    Conflict,
    FieldproofError,
    Gone,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    Transient,
)
from fieldproof.db.faults import cause_of, is_passing
from fieldproof.edge import Gate, fields_of
from fieldproof.ratelimit import Limiter
from fieldproof.storage import StoreError
from fieldproof.web.router import router as web_router
from fieldproof.web.router import static_files
from fieldproof.wiring import App

log = structlog.get_logger()
FETCHES_AT_ONCE = 4  # imports from an address that one process makes; threads are for everybody
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_API = ("/workspaces", "/extractions", "/vapor", "/v1", "/openapi.json", "/healthz", "/readyz", "/metrics")

# FastAPI's own spans hold query strings, which are keys here, and the words of errors; ours are in edge and tracing.
_NO_TELEMETRY: Any = {
    "tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False,
}  # fmt: skip


def create_app(parts: App) -> ASGIApp:
    """The whole application over the parts of one process."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, telemetry=_NO_TELEMETRY)
    app.state.parts = parts
    app.state.fetches = threading.BoundedSemaphore(FETCHES_AT_ONCE)
    app.state.attempts = Limiter(parts.settings.rate_limit_url)
    for router in (raydocs_router, docsense_router, v1_router):
        app.router.routes.extend(_served(router.routes))  # flat: an included router looks for its route three times
    app.include_router(web_router)
    app.mount("/static", static_files())
    for path, answer in _DOCUMENTATION.items():
        app.add_api_route(path, answer, methods=["GET"], include_in_schema=False)
    for kind in (FieldproofError, HTTPException, RequestValidationError, exc.SQLAlchemyError, psycopg.Error, OSError):
        app.add_exception_handler(kind, _refuse)
    app.add_exception_handler(Exception, _break)
    served: ASGIApp = app
    if parts.settings.cors_origins:
        served = CORSMiddleware(
            served, allow_origins=parts.settings.cors_origins, allow_methods=["*"], allow_headers=["*"],
            expose_headers=["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After", "ETag"],
        )  # fmt: skip
    return Gate(served, settings=parts.settings, error_response=error_response)


def openapi_document() -> dict[str, Any]:
    """Both published contracts and our own endpoints in one OpenAPI document; the same on every installation."""
    documents = (
        raydocs_contract.document(_served(raydocs_router.routes)),
        docsense_contract.document(),
        v1_contract.document(v1_router.routes),
    )
    paths: dict[str, Any] = {}
    components: dict[str, Any] = {}
    for more_paths, more in documents:
        paths |= more_paths
        for kind, entries in more.items():
            components.setdefault(kind, {}).update(entries)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fieldproof",
            "version": __version__,
            "description": "Documents to structured data, where every extracted field carries its proof.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearerAuth": []}],
        "paths": paths,
        "components": components,
    }


def error_response(path: str, error: FieldproofError, request: Request | None = None) -> Response:
    """An error in the shape of the surface that the path belongs to."""
    if path.startswith("/api/"):
        return docsense_errors.error_response(error)
    if path.startswith(_API) or (request is not None and _wants_json(request)):
        return raydocs_errors.error_response(error)
    return web_errors.error_response(error, request)


def _wants_json(request: Request) -> bool:
    """A program that asks for a page of ours: it reads JSON, not HTML."""
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/html" not in accept


_document = cache(openapi_document)


def _openapi() -> Response:
    return present.answer(_document())


def _index() -> Response:
    return PlainTextResponse(reference.index(_document()))


def _everything() -> Response:
    return PlainTextResponse(reference.full(_document()))


def _reference_page(operation: str) -> Response:
    text = reference.page(_document(), operation)
    if text is None:
        raise NotFound
    return PlainTextResponse(text, media_type="text/markdown")


_DOCUMENTATION: dict[str, Callable[..., Response]] = {
    "/openapi.json": _openapi, "/llms.txt": _index, "/llms-full.txt": _everything, "/docs/{operation}.md": _reference_page,
}  # fmt: skip


def _served(routes: Iterable[BaseRoute]) -> list[APIRoute]:
    return [route for route in _flat(routes) if isinstance(route, APIRoute)]


def _flat(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Routers that were included keep their own routes."""
    for route in routes:
        yield route
        yield from _flat(getattr(getattr(route, "original_router", None), "routes", ()))


def _refuse(request: Request, error: Exception) -> Response:
    return error_response(request.url.path, _kind_of(error, request), request)


def _kind_of(error: Exception, request: Request) -> FieldproofError:
    match error:
        case StoreError():
            return Gone()
        case FieldproofError():
            return error
        case RequestValidationError():
            return Invalid(fields_of(list(error.errors())))
        case HTTPException(status_code=405):
            return MethodNotAllowed(", ".join(sorted(_methods_at(request))))
        case HTTPException(status_code=404):
            return NotFound()
        case HTTPException():
            return Malformed(error.detail)
        case exc.DBAPIError() if _is_bad_value(error):
            return Invalid(
                {"body": ["A value cannot be stored: a number is too large or a text is not valid Unicode."]}
            )
        case exc.IntegrityError() if isinstance(error.orig, psycopg.errors.ForeignKeyViolation):
            return NotFound()  # removed by somebody else a moment ago
        case exc.IntegrityError():
            return Conflict()
        case _ if is_passing(error):
            log.warning("database unavailable", **cause_of(error))
            return Transient()
        case OSError(errno=number) if number in _NO_ROOM:
            log.warning("no room", error=error.strerror)
            return Transient("There is no room on the disk. Make room, then try again.")
        case OSError(filename=str(path)) if path.startswith(tempfile.gettempdir()):
            log.warning("temporary folder not usable", error=error.strerror)
            return Transient()
        case _:
            raise error


def _methods_at(request: Request) -> set[str]:
    """Of all routes with the path; the one that was found first knows only its own."""
    routes = [route for route in _flat(request.app.routes) if isinstance(route, Route)]
    at = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return {method for route in at for method in route.methods or ()}


def _is_bad_value(error: exc.DBAPIError) -> bool:
    return isinstance(error.orig, (psycopg.DataError, UnicodeEncodeError))


def _break(request: Request, error: Exception) -> Response:
    """The last resort: logged with its trace by the server, told without any detail."""
    return error_response(request.url.path, Broken(), request)
