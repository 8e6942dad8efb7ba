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


def is_passing(error: BaseException) -> bool:
    """Also what a connection says that was cut in the middle of an answer."""
    return isinstance(error, PASSING) or (isinstance(error, exc.DBAPIError) and error.connection_invalidated)
