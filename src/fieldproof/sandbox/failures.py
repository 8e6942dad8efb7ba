"""Errors as JSON: how an exception crosses from the untrusted child to its caller.

Only kinds of core/errors.py cross as what they are; the name is looked up in a closed table.
"""

from __future__ import annotations

import json
import traceback
from typing import Any

from fieldproof.core import errors
from fieldproof.core.document import FailureCode
from fieldproof.core.errors import Cancelled, FieldproofError, Invalid, ParsingFailed, TooManyRequests

_KINDS: dict[str, type[FieldproofError]] = {
    kind.__name__: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, FieldproofError) and kind is not Cancelled  # only the caller can
}
_MAX_TRACE = 4_000


def dump(error: BaseException) -> bytes:
    """Never fails, even when memory has run out."""
    row: dict[str, Any] = {"kind": type(error).__name__}
    if isinstance(error, ParsingFailed):
        row |= {"code": error.code, "detail": error.detail}
    elif isinstance(error, MemoryError):
        row = {"kind": "ParsingFailed", "code": FailureCode.OUT_OF_MEMORY, "detail": None}
    elif isinstance(error, FieldproofError):
        row |= {"message": error.message}
        if isinstance(error, Invalid):
            row["fields"] = error.fields
        if isinstance(error, TooManyRequests):
            row["retry_after_s"] = error.retry_after_s
    else:
        row = {"kind": "ParsingFailed", "code": FailureCode.CRASHED, "detail": None}
        row["trace"] = "".join(traceback.format_exception(error))[-_MAX_TRACE:]
    return json.dumps(row).encode()


def load(data: bytes) -> FieldproofError:
    """The error that ``dump`` wrote; ``crashed`` for anything that is not one."""
    try:
        return _load(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ParsingFailed(FailureCode.CRASHED)


def _load(row: dict[str, Any]) -> FieldproofError:
    kind = _KINDS[row["kind"]]
    if kind is ParsingFailed:
        detail = row["detail"]
        error = ParsingFailed(FailureCode(row["code"]), None if detail is None else str(detail))
        if "trace" in row:
            error.add_note(str(row["trace"]))
        return error
    if kind is Invalid:
        fields = {str(path): [str(message) for message in messages] for path, messages in row["fields"].items()}
        return Invalid(fields, str(row["message"]))
    if kind is TooManyRequests:
        return TooManyRequests(int(row["retry_after_s"]), str(row["message"]))
    return kind(str(row["message"]))
