"""How our own routes are documented: what they take and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.routing import BaseRoute

from fieldproof.core.errors import (
    Conflict,
    FieldproofError,
    Forbidden,
    Invalid,
    LimitExceeded,
    Malformed,
    NotFound,
    TooManyRequests,
    Transient,
    Unauthenticated,
    UnsupportedMedia,
)
from fieldproof.edge import wrapped

_SCHEMAS = "#/components/schemas/"
_PREFIX = "V1"
BEARER = [{"bearerAuth": []}]
_BODY = (Malformed, Invalid, LimitExceeded, UnsupportedMedia)
_ALWAYS = (Invalid, TooManyRequests, Transient)
_STATUS = {
    Malformed: 400, Unauthenticated: 401, Forbidden: 403, NotFound: 404, Conflict: 409, LimitExceeded: 413,
    UnsupportedMedia: 415, Invalid: 422, TooManyRequests: 429, Transient: 503,
}  # fmt: skip


def route(
    router: APIRouter,
    method: str,
    path: str,
    *,
    summary: str,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    answer: type[Any] | None = None,
    status: int = 200,
    refuses: tuple[type[FieldproofError], ...] = (Unauthenticated, Forbidden, NotFound),
    is_public: bool = False,
    **documented: Any,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers the function below with its documentation. Routes read bodies themselves, after access is settled.

    ``body`` and ``query`` are flat models; ``answer`` is a model, None where there is no body.
    """
    kinds = {*_ALWAYS, *refuses, *(_BODY if body else ())}
    responses: dict[int | str, dict[str, Any]] = {
        _STATUS[kind]: {"description": kind.__doc__, "content": _error(kind)}
        for kind in sorted(kinds, key=lambda k: _STATUS[k])
    }
    responses[status] = {"description": "Done", **({"model": answer} if answer is not None else {})}
    extra: dict[str, Any] = {"security": [] if is_public else BEARER}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(body)}}}
    if query is not None:
        extra["parameters"] = _parameters(query)

    def register(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        router.add_api_route(
            path, wrapped(method, endpoint), methods=[method], summary=summary,
            responses=responses, openapi_extra=extra, response_model=None, status_code=status,
            operation_id=_operation_id(endpoint), **documented,
        )  # fmt: skip
        return endpoint

    return register


def document(routes: Sequence[BaseRoute]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Paths and components for the joint document of all faces; our components get a prefix of their own."""
    made = get_openapi(title="", version="", openapi_version="3.1.0", routes=routes)
    text = orjson.dumps(made).decode()
    names = made.get("components", {}).get("schemas", {})
    for name in names:
        text = text.replace(f'"{_SCHEMAS}{name}"', f'"{_SCHEMAS}{_PREFIX}{name}"')
    renamed = orjson.loads(text)
    schemas = renamed.get("components", {}).get("schemas", {})
    return renamed["paths"], {"schemas": {_PREFIX + name: schema for name, schema in schemas.items()}}


def _operation_id(endpoint: Callable[..., Any]) -> str:
    """``list_tokens`` → ``v1ListTokens``: the vendors have ids of the same words."""
    return _PREFIX.lower() + endpoint.__name__.title().replace("_", "")


def _error(kind: type[FieldproofError]) -> dict[str, Any]:
    name = "ValidationError" if kind is Invalid else "Error"
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    assert "$defs" not in schema, f"{model.__name__} must be flat: use Literal instead of enums and nested models"
    return schema


def _parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = _schema(model)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": property_}
        for name, property_ in schema["properties"].items()
    ]
