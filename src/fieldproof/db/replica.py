"""A read replica for lists and search: used only for what it already has.

Before each list the primary is asked how far its log goes, and the replica must have replayed as much: so everybody
reads what they, or anybody else, had written before they asked, through whichever process. A replica that is behind
for longer than it may, or away, is left alone for a while and the primary answers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa
import structlog
from sqlalchemy import exc
from sqlalchemy.orm import Session as Db

from fieldproof.db import patience
from fieldproof.db.engine import connect
from fieldproof.db.faults import is_passing

log = structlog.get_logger()
AWAY_S = 10.0  # before a replica that failed is asked again
_LOOK_EVERY_S = 0.005
_PATIENCE = patience.Patience(3.0, 3.0)
_POSITION = sa.text("SELECT pg_current_wal_flush_lsn()::text")
_HAS = sa.text("SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() >= CAST(:position AS pg_lsn) END")
# One that has replayed all it received is not behind, however long ago that was written.
_LAG = sa.text("""
    SELECT CASE WHEN NOT pg_is_in_recovery() THEN NULL
                WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8 END
""")


class Replica:
    """``wait_s``: how long a list waits for the replica to have what the primary has."""

    def __init__(self, url: str, *, pool_size: int, wait_s: float) -> None:
        self._engine = connect(url, pool_size=pool_size, is_read_only=True)
        self._wait_s = wait_s
        self._away_until = 0.0

    @contextmanager
    def session(self, primary: Db) -> Iterator[Db | None]:
        """A session that sees all that ``primary`` sees now; None when the primary must answer itself."""
        if time.monotonic() < self._away_until:
            yield None
            return
        position = primary.scalar(_POSITION)
        with patience.waiting(_PATIENCE), Db(self._engine, expire_on_commit=False) as db:
            try:
                has_it = self._reaches(db, str(position))
            except (exc.SQLAlchemyError, psycopg.Error) as error:
                self.leave_alone(error)
                has_it = False
            yield db if has_it else None

    def leave_alone(self, error: BaseException) -> None:
        self._away_until = time.monotonic() + AWAY_S
        log.warning("the replica is away", error=type(error).__name__)

    def lag_s(self) -> float | None:
        """Seconds since what it replayed last was written; None for a server that is no replica."""
        with self._engine.connect() as connection:
            return connection.scalar(_LAG)

    def close(self) -> None:
        self._engine.dispose()

    def _reaches(self, db: Db, position: str) -> bool:
        """False also for a server that is no replica (any more): what it holds may be another history."""
        deadline = time.monotonic() + self._wait_s
        while True:
            found = db.scalar(_HAS, {"position": position})
            if found:
                return True
            if found is None or time.monotonic() >= deadline:
                return False
            time.sleep(_LOOK_EVERY_S)


def is_conflict(error: BaseException) -> bool:
    """What a replica fails with that the primary would not: it went away, or had to cancel the query to catch up."""
    return is_passing(error) or (
        isinstance(error, exc.DBAPIError) and isinstance(error.orig, psycopg.errors.QueryCanceled)
    )
