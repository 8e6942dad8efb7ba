"""The published contract: how these three operations are documented."""

from __future__ import annotations

import copy
from functools import cache
from importlib import resources
from typing import Any

import orjson

_PREFIX = "DocSense"


@cache
def contract() -> dict[str, Any]:
    """The contract file (OpenAPI 3.1) as it was published."""
    return orjson.loads((resources.files(__spec__.parent) / "contract.json").read_bytes())


def document() -> tuple[dict[str, Any], dict[str, Any]]:
    """Paths and components for the joint document of all faces.

    Names of components and operations get a prefix of their own, because other faces use the same words; what the contract says
    of all its operations (its security) is said of each.
    """
    source = copy.deepcopy(contract())
    paths = _renamed(source["paths"])
    for item in paths.values():
        for operation in item.values():
            operation.setdefault("security", _renamed(source["security"]))
            name = operation["operationId"]
            operation["operationId"] = f"docSense{name[0].upper()}{name[1:]}"
    kinds = {
        kind: {_PREFIX + name: value for name, value in entries.items()}
        for kind, entries in source["components"].items()
    }
    security = kinds["securitySchemes"]
    kinds["securitySchemes"] = {name.removeprefix(_PREFIX): value for name, value in security.items()}
    return paths, _renamed(kinds)


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reference(inner) if key == "$ref" else _renamed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner) for inner in value]
    return value


def _reference(pointer: str) -> str:
    """``#/components/schemas/Document`` → ``#/components/schemas/DocSenseDocument``."""
    place, _, name = pointer.rpartition("/")
    return f"{place}/{_PREFIX}{name}"
