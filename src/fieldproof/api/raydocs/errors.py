"""Our kinds of errors in the contract's shape: ``{message, errors?}``."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from fieldproof.core.errors import (
    Broken,
    Conflict,
    FieldproofError,
    Forbidden,
    Gone,
    Invalid,
    LimitExceeded,
    Malformed,
    MethodNotAllowed,
    NotFound,
    ParsingFailed,
    TooManyRequests,
    Transient,
    Unauthenticated,
    UnsupportedMedia,
)

STATUS: dict[type[FieldproofError], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    Conflict: 409,
    Gone: 410,
    LimitExceeded: 413,
    UnsupportedMedia: 415,
    Invalid: 422,
    ParsingFailed: 422,
    TooManyRequests: 429,
    Broken: 500,
    Transient: 503,
}


def error_response(error: FieldproofError) -> Response:
    body: dict[str, Any] = {"message": error.message}
    if isinstance(error, Invalid):
        body["errors"] = error.fields
    headers = {"Retry-After": "5"} if isinstance(error, Transient) else {}
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = error.allow
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return plain(STATUS[type(error)], body, headers)


def plain(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json")
