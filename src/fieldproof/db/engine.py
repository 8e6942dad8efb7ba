"""The connection to PostgreSQL, and the migrations that run before anything else."""

from __future__ import annotations

from pathlib import Path

import orjson
import sqlalchemy as sa

from fieldproof.db import patience

_MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x46_50_00_01  # "FP": one process migrates, the others wait
_LIMITS = ("statement_timeout", "idle_in_transaction_session_timeout")


def connect(url: str, *, pool_size: int = 10, statement_timeout_s: int = 60, is_read_only: bool = False) -> sa.Engine:
    """An engine for any ``postgresql://`` address; times are UTC, JSON is read by orjson."""
    # The last options end a statement whose client has left, since nobody would read its answer, and a transaction whose
    # client stopped in the middle (a paused machine, a pulled plug), since others wait for what it has locked.
    options = (
        f"-c timezone=UTC -c statement_timeout={statement_timeout_s * 1000} -c jit=off"
        f" -c client_connection_check_interval=2000 -c idle_in_transaction_session_timeout={patience.SILENT_S * 1000}"
    )
    if is_read_only:
        options += " -c default_transaction_read_only=on"
    engine = sa.create_engine(
        psycopg_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=patience.POOL_S,
        pool_pre_ping=True,
        hide_parameters=True,  # values would end in logs with the text of an error
        json_serializer=lambda value: orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "connect_timeout": patience.CONNECT_S,
            "options": options,
            "application_name": "fieldproof",
        },
    )
    patience.make_patient(engine)
    return engine


def psycopg_url(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgresql", "postgres") else url


def plain_url(url: str) -> str:
    """The address as psycopg itself takes it."""
    scheme, _, rest = url.partition("://")
    return f"postgresql://{rest}" if scheme.startswith("postgres") else url


def migrate(engine: sa.Engine) -> None:
    """Brings the database to the newest revision; safe to call from many processes at once."""
    if not _is_newest(engine):
        _upgrade(engine)


def newest_revision() -> str:
    """As the files are named; a test compares it with what Alembic makes of them."""
    return max(path.stem for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


def _is_newest(engine: sa.Engine) -> bool:
    """By one look: most starts find nothing to do, and loading Alembic with all revisions takes its time."""
    with engine.connect() as connection:
        if connection.scalar(sa.text("SELECT to_regclass('alembic_version')")) is None:
            return False
        return connection.scalars(sa.text("SELECT version_num FROM alembic_version")).all() == [newest_revision()]


def _upgrade(engine: sa.Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with patience.waiting(patience.ENDLESS), engine.connect() as connection:
        for limit in _LIMITS:
            connection.execute(sa.text(f"SET {limit} = 0"))
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        try:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
            connection.execute(sa.text("RESET ALL"))  # the pool hands this connection on
            connection.commit()
