"""What passes by itself: the same call may work when the database is back."""

from __future__ import annotations

import psycopg
from sqlalchemy import exc

from fieldproof.core.errors import Transient

PASSING: tuple[type[Exception], ...] = (
    Transient,
    exc.OperationalError,  # also deadlocks, full disks and statements that took too long
    exc.InterfaceError,
    exc.TimeoutError,  # no connection became free
    psycopg.OperationalError,
    psycopg.InterfaceError,
)


def cause_of(error: BaseException) -> dict[str, str | None]:
    """For the log, of an error that is passing: its kind, PostgreSQL's code (40P01: a deadlock, 53…: no room, 57014: took
    too long) and the first line it said, without the statement and without the detail, where values would stand.
    """
    inner = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    told: dict[str, str | None] = {"error": type(error).__name__, "cause": type(inner).__name__}
    if isinstance(inner, psycopg.Error):
        told["sqlstate"] = inner.sqlstate
        told["said"] = (inner.diag.message_primary or str(inner)).partition("\n")[0][:200]
    return told


def is_passing(error: BaseException) -> bool:
    """Also what a connection says that was cut in the middle of an answer."""
    return isinstance(error, PASSING) or (isinstance(error, exc.DBAPIError) and error.connection_invalidated)
