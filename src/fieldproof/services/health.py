"""Whether what we stand on answers."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import exc

from fieldproof.core.errors import FieldproofError
from fieldproof.storage import Store


def check(engine: sa.Engine, store: Store) -> dict[str, str]:
    """``ok`` or ``unavailable`` for the database and the file store."""
    return {"database": _database(engine), "storage": _storage(store)}


def _database(engine: sa.Engine) -> str:
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except exc.SQLAlchemyError:
        return "unavailable"
    return "ok"


def _storage(store: Store) -> str:
    try:
        store.size("health")  # nothing needs to be there: the store must only answer
    except (FieldproofError, OSError):
        return "unavailable"
    return "ok"
