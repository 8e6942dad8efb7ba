"""Our kinds of errors in the contract's envelope: ``{status, message, result, errors?}``."""

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
KEY_REQUIRED = "API key required for API access"


def error_response(error: FieldproofError) -> Response:
    status = STATUS[type(error)]
    body: dict[str, Any] = {"status": status, "message": _message(error), "result": None}
    if isinstance(error, Invalid):
        body["errors"] = _errors(error.fields)
    headers = {"Retry-After": "5"} if isinstance(error, Transient) else {}
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = error.allow
    return Response(orjson.dumps(body), status, headers, "application/json")


def _message(error: FieldproofError) -> str:
    match error:
        case Unauthenticated():
            return KEY_REQUIRED  # one sentence for a missing, a wrong, a revoked and an expired key
        case Invalid():
            return "Request validation failed."
        case TooManyRequests():
            return "Too many requests."
        case Broken():
            return "Internal server error."
        case _:
            return error.message


def _errors(fields: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [{"loc": _place(path), "message": text} for path, texts in fields.items() for text in texts]


def _place(path: str) -> list[str | int]:
    return [int(part) if part.isdigit() else part for part in path.split(".")]
