"""A database in a file and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fieldproof.db import dumps
from fieldproof.db.embedded import EmbeddedPostgres
from running import database_folder


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with database_folder() as folder:
        database = EmbeddedPostgres(folder / "postgres")
        url = database.start()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT n, md5(n::text) AS words FROM generate_series(1, 50000) n")
        yield url
        database.close()


def test_what_was_dumped_comes_back_and_replaces_what_came_after(url: str, tmp_path: Path) -> None:
    dumps.dump(url, tmp_path / "database")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM kept WHERE n > 7")
    dumps.restore(url, tmp_path / "database")
    assert count(url) == 50000


def test_half_a_dump_changes_nothing(url: str, tmp_path: Path) -> None:
    whole = tmp_path / "database"
    dumps.dump(url, whole)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(RuntimeError, match="Restoring the database failed"):
        dumps.restore(url, whole)
    assert count(url) == 50000


def test_servers_before_17_are_not_told_what_they_do_not_know(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What psql is given goes into a file instead."""
    dumps.dump(url, tmp_path / "database")
    sink = tmp_path / "psql"
    sink.write_text(f"#!/bin/sh\nexec cat > {tmp_path / 'given'}\n")
    sink.chmod(0o700)
    path = dumps._path
    monkeypatch.setattr(dumps, "_path", lambda name: str(sink) if name == "psql" else path(name))
    dumps.restore(url, tmp_path / "database")
    given = (tmp_path / "given").read_text()
    assert "COPY public.kept" in given
    assert "transaction_timeout" not in given


def test_no_password_is_among_the_arguments() -> None:
    target, surroundings = dumps._reached("postgresql://ada:geheim@db.example.org/fieldproof?sslmode=require")
    assert "geheim" not in target
    assert surroundings["PGPASSWORD"] == "geheim"
    assert "sslmode=require" in target


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return row[0]
