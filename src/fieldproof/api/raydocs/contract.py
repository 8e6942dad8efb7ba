"""The published contract: which operation has which method and path, and how it is documented."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

import orjson
from fastapi import APIRouter
from fastapi.routing import APIRoute

from fieldproof.edge import wrapped

_METHODS = ("get", "post", "put", "delete")
# Beyond what the contract lists: a body can always be no JSON, too large, or of another type.
_OUR_ANSWERS = {"400": "Malformed JSON", "413": "Body too large", "415": "Not JSON", "422": "Validation failed"}


@cache
def contract() -> dict[str, Any]:
    """The contract file (OpenAPI 3.1) as it was published."""
    return orjson.loads((resources.files(__spec__.parent) / "contract.json").read_bytes())


@cache
def operations() -> dict[str, tuple[str, str]]:
    """operationId → (METHOD, path)."""
    return {
        item[method]["operationId"]: (method.upper(), path)
        for path, item in contract()["paths"].items()
        for method in _METHODS
        if method in item
    }


def operation(router: APIRouter, operation_id: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers the function below under the contract's own method and path."""
    method, path = operations()[operation_id]
    register = router.api_route(path, methods=[method], operation_id=operation_id, include_in_schema=False)
    return lambda endpoint: register(wrapped(method, endpoint)) and endpoint


def document(routes: list[APIRoute]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Paths and components of the operations that ``routes`` serve."""
    served = {route.operation_id for route in routes}
    paths: dict[str, Any] = {}
    for path, item in copy.deepcopy(contract()["paths"]).items():
        kept = {k: v for k, v in item.items() if k not in _METHODS or v["operationId"] in served}
        if any(method in kept for method in _METHODS):
            paths[path] = {k: _with_our_answers(v) if k in _METHODS else v for k, v in kept.items()}
    return paths, copy.deepcopy(contract()["components"])


def _with_our_answers(item: dict[str, Any]) -> dict[str, Any]:
    for status, text in _OUR_ANSWERS.items():
        schema = "ValidationError" if status == "422" else "Error"
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
        item["responses"].setdefault(status, {"description": text, "content": content})
    return item
