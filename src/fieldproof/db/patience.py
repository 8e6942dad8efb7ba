"""Connections that never wait for ever: whatever the network swallows, the caller gets an error in time.

PostgreSQL's client library waits without end for an answer that was lost on its way, and a server's
statement_timeout does not reach it. So every connection carries how many more seconds it may wait for
the server in all; when they are used up it is closed and the call ends with an OperationalError.
"""

from __future__ import annotations

import math
import select
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.errors import _WaitTimeout
from sqlalchemy import event

CONNECT_S = 3  # for a new connection to stand
POOL_S = 3.0  # for a connection to become free
SILENT_S = 60  # in a transaction, until the server ends it; a file may be on its way into the store meanwhile
QUEUE_SILENT_S = 15  # in one of the job queue's
HOLD_OFF_S = 1.0  # after a failed connection nobody tries another: a crowd of waiting requests ends at once


@dataclass(frozen=True)
class Patience:
    """How long to wait for the answer to one statement, and for those of a whole transaction."""

    statement_s: float
    transaction_s: float = math.inf


USUAL = Patience(70.0)  # more than statement_timeout, which the server should reach first
OF_A_REQUEST = Patience(6.5, 6.5)  # with all of the above it is answered within ten seconds
OF_THE_QUEUE_S = 5.0  # for one statement of the job queue
ENDLESS = Patience(math.inf)
_PING = Patience(2.0, 2.0)  # for a kept connection to say that it still stands
FRESH_S = 1.0  # after its last use a connection is not asked, unless its socket says that something happened

_patience: ContextVar[Patience] = ContextVar("patience", default=USUAL)


@contextmanager
def waiting(patience: Patience) -> Iterator[None]:
    """For every transaction that begins inside, also in threads that this context is handed to."""
    token = _patience.set(patience)
    try:
        yield
    finally:
        _patience.reset(token)


class Connection(psycopg.Connection[Any]):
    """``left`` is what remains of its patience; given anew whenever it leaves or enters the pool."""

    left = OF_A_REQUEST
    used_at = -math.inf

    def is_quiet(self) -> bool:
        """Nothing was received since the last answer: a server that ends or a broken wire is heard at once."""
        watch = select.poll()
        watch.register(self.pgconn.socket, select.POLLIN)
        return not watch.poll(0)

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        limit_s = min(self.left.statement_s, self.left.transaction_s, math.inf if timeout is None else timeout)
        started = time.monotonic()
        try:
            return super().wait(gen, interval, None if limit_s == math.inf else limit_s)
        except _WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("the database did not answer in time") from error
        finally:
            left_s = max(0.05, self.left.transaction_s - (time.monotonic() - started))
            self.left = Patience(self.left.statement_s, left_s)


class QueueConnection(psycopg.AsyncConnection[Any]):
    """The job queue's: each statement has its own time, only listening may take as long as it likes."""

    _is_listening = False

    async def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if self._is_listening:
            return await super().wait(gen, interval, timeout)
        try:
            return await super().wait(gen, interval, OF_THE_QUEUE_S if timeout is None else timeout)
        except _WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("the database did not answer in time") from error

    async def notifies(self, **options: Any) -> AsyncGenerator[psycopg.Notify]:  # pyright: ignore[reportIncompatibleMethodOverride]
        self._is_listening = True
        try:
            async for notification in super().notifies(**options):
                yield notification
        finally:
            self._is_listening = False


def make_patient(engine: sa.Engine) -> None:
    """Gives the engine's connections their patience."""
    failed_at = -HOLD_OFF_S
    lock = threading.Lock()

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Connection:
        nonlocal failed_at
        if time.monotonic() - failed_at < HOLD_OFF_S:
            raise psycopg.OperationalError("the database could not be reached a moment ago")
        try:
            return Connection.connect(*arguments, **options)
        except psycopg.OperationalError:
            with lock:
                failed_at = time.monotonic()
            raise

    @event.listens_for(engine, "checkout")
    def _leave(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.left = _patience.get()

    @event.listens_for(engine, "checkin")
    def _enter(connection: Any, _record: Any) -> None:
        if connection is not None:
            connection.left, connection.used_at = _PING, time.monotonic()

    ask = engine.dialect.do_ping

    def ask_if_long_unused(connection: Any) -> bool:
        is_fresh = time.monotonic() - connection.used_at < FRESH_S
        return True if is_fresh and connection.is_quiet() else ask(connection)

    engine.dialect.do_ping = ask_if_long_unused  # pyright: ignore[reportAttributeAccessIssue]
