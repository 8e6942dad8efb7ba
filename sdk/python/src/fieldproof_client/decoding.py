"""JSON values into frozen dataclasses. What a newer server sends beyond them is left out."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from fieldproof_client.errors import NotUnderstood

T = TypeVar("T")


def decode(kind: type[T], value: Any) -> T:
    """Raises: NotUnderstood where a member is missing or of another kind."""
    return _decode(kind, value)


def _decode(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _decode(next(a for a in get_args(kind) if a is not type(None)), value)
    if dataclasses.is_dataclass(kind):
        return _made(kind, value)
    if origin is list:
        (inner,) = get_args(kind)
        return [_decode(inner, one) for one in _of(list, value, kind)]
    if origin is dict:
        inner = get_args(kind)[1]
        return {str(key): _decode(inner, one) for key, one in _of(dict, value, kind).items()}
    if kind is datetime:
        return datetime.fromisoformat(_of(str, value, kind))
    if kind is float:
        return float(_of((int, float), value, kind))
    if kind in (str, int, bool):
        return _of(kind, value, kind)
    return value


def _made(kind: Any, value: Any) -> Any:
    read = getattr(kind, "from_wire", None)
    if read is not None:
        return read(value)
    members = _of(Mapping, value, kind)
    given = {}
    for name, wire, inner, is_required in _members(kind):
        if wire in members:
            given[name] = _decode(inner, members[wire])
        elif is_required:
            raise NotUnderstood(f"The server's {kind.__name__} has no {wire}.")
    return kind(**given)


@cache
def _members(kind: Any) -> list[tuple[str, str, Any, bool]]:
    """Of each member: its name, its name on the wire, its type, and whether it must be there."""
    hints = get_type_hints(kind)
    missing = dataclasses.MISSING
    return [
        (f.name, f.metadata.get("wire", f.name), hints[f.name], f.default is missing and f.default_factory is missing)
        for f in dataclasses.fields(kind)
    ]


def _of(expected: Any, value: Any, kind: Any) -> Any:
    if not isinstance(value, expected):
        raise NotUnderstood(f"The server sent {value!r:.80}, where {getattr(kind, '__name__', kind)} is expected.")
    return value
