"""What can go wrong, whichever of the two shapes the server says it in.

FieldproofError
├── NoAnswer            the server cannot be reached, or broke off
├── NotUnderstood       it answered something that no Fieldproof answers
├── Refused             status, message, fields, request_id
│   ├── Unauthenticated 401
│   ├── Forbidden       403: an ability of the token, or a role, is missing
│   ├── NotFound        404: absent, or not yours
│   ├── Conflict        409
│   ├── Gone            410
│   ├── TooLarge        413
│   ├── Invalid         422, and 400 and 415: fields say what and where
│   ├── TooManyRequests 429: retry_after_s
│   └── ServerFailed    5xx
├── ExtractionFailed    a run ended without a result: result
├── StillRunning        the wait is over, the run is not: result_id
└── SignatureInvalid    a webhook that is not the server's
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fieldproof_client.models import Result


class FieldproofError(Exception):
    """Something went wrong."""

    @property
    def message(self) -> str:
        return str(self.args[0])


class NoAnswer(FieldproofError):
    """The server does not answer."""


class NotUnderstood(FieldproofError):
    """The answer is not one of Fieldproof's."""


class Refused(FieldproofError):
    """``fields``: dotted path → sentences; empty where the message says it all."""

    def __init__(
        self,
        status: int,
        message: str,
        fields: Mapping[str, list[str]] | None = None,
        *,
        request_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.fields = dict(fields or {})
        self.request_id = request_id
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        where = "; ".join(f"{path}: {' '.join(sentences)}" for path, sentences in self.fields.items())
        return f"{self.status}: {self.message}" + (f" ({where})" if where else "")


class Unauthenticated(Refused): ...


class Forbidden(Refused): ...


class NotFound(Refused): ...


class Conflict(Refused): ...


class Gone(Refused): ...


class TooLarge(Refused): ...


class Invalid(Refused): ...


class TooManyRequests(Refused): ...


class ServerFailed(Refused): ...


class ExtractionFailed(FieldproofError):
    """A run ended as ``failed``."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.error or "The extraction failed.")
        self.result = result
        self.code = result.error_code


class StillRunning(FieldproofError):
    """The run goes on at the server; ``client.results.wait(result_id)`` waits again."""

    def __init__(self, result_id: str, waited_s: float) -> None:
        super().__init__(f"The run {result_id} has not ended after {waited_s:.0f} s. It goes on: wait for it again.")
        self.result_id = result_id


class SignatureInvalid(FieldproofError):
    """The webhook was not signed by the server, or is too old."""


_KINDS: dict[int, type[Refused]] = {
    400: Invalid, 401: Unauthenticated, 403: Forbidden, 404: NotFound, 409: Conflict, 410: Gone, 413: TooLarge,
    415: Invalid, 422: Invalid, 429: TooManyRequests,
}  # fmt: skip


def refusal(status: int, body: Any, *, request_id: str | None, retry_after_s: float | None) -> Refused:
    """The error of an answer: ``{message, errors: {path: [...]}}`` or ``{status, message, errors: [{loc, message}]}``."""
    said = body if isinstance(body, dict) else {}
    message = str(said.get("message") or f"The server answered {status}.")
    kind = _KINDS.get(status, ServerFailed if status >= 500 else Refused)
    fields = _fields(said.get("errors"))
    return kind(status, message, fields, request_id=request_id, retry_after_s=retry_after_s)


def _fields(errors: Any) -> dict[str, list[str]]:
    if isinstance(errors, dict):
        return {str(path): [str(text) for text in texts] for path, texts in errors.items()}
    found: dict[str, list[str]] = {}
    for error in errors if isinstance(errors, list) else ():
        found.setdefault(".".join(str(part) for part in error["loc"]), []).append(str(error["message"]))
    return found
