"""The errors of every room: kinds, not status codes.

FieldproofError
├── Unauthenticated
├── Forbidden
├── NotFound
├── Gone               was here, and is no more
├── Invalid            fields: dotted path → sentences
├── Malformed          the request could not be read at all
├── Conflict
├── UnsupportedMedia
├── LimitExceeded      too large
├── TooManyRequests    retry_after_s
├── ParsingFailed      code: FailureCode
├── Cancelled          somebody called it off
├── MethodNotAllowed   allow: what the path has instead
├── Transient          the same call may work later
└── Broken             our own fault, told without any detail
"""

from __future__ import annotations

from fieldproof.core.document import REMEDIES, FailureCode


class FieldproofError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__ or "")

    @property
    def message(self) -> str:
        return str(self.args[0])


class Unauthenticated(FieldproofError):
    """Unauthenticated."""


class Forbidden(FieldproofError):
    """You may not do this."""


class NotFound(FieldproofError):
    """Resource not found."""


class Gone(FieldproofError):
    """This is no longer stored."""


class Malformed(FieldproofError):
    """The request could not be read."""


class Invalid(FieldproofError):
    """Validation failed."""

    def __init__(self, fields: dict[str, list[str]], message: str | None = None) -> None:
        super().__init__(message)
        self.fields = fields


class Conflict(FieldproofError):
    """The resource has changed, or is busy. Read it again and repeat the call."""


class UnsupportedMedia(FieldproofError):
    """This kind of content is not accepted here."""


class LimitExceeded(FieldproofError):
    """The request is larger than allowed."""


class TooManyRequests(FieldproofError):
    """Too Many Attempts."""

    def __init__(self, retry_after_s: int, message: str | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ParsingFailed(FieldproofError):
    """The document could not be read."""

    def __init__(self, code: FailureCode, detail: str | None = None) -> None:
        super().__init__(f"{REMEDIES[code]}" if detail is None else f"{detail} {REMEDIES[code]}")
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type[ParsingFailed], tuple[FailureCode, str | None]]:
        return type(self), (self.code, self.detail)


class Cancelled(FieldproofError):
    """It was cancelled."""


class MethodNotAllowed(FieldproofError):
    """This method is not allowed here."""

    def __init__(self, allow: str) -> None:
        super().__init__()
        self.allow = allow


class Transient(FieldproofError):
    """The service is busy. Try again in a moment."""


class Broken(FieldproofError):
    """Something went wrong on our side. It has been logged."""
