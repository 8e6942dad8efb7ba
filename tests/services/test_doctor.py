"""What the doctor calls ill, and what it says to do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fieldproof.cli import doctor
from fieldproof.settings import Settings
from fieldproof.wiring import App, build
from running import Installation


@pytest.fixture
def parts(server: Installation, tmp_path: Path) -> Iterator[App]:
    settings = Settings.model_validate({"data_dir": tmp_path / "data", "database_url": server.parts.database_url})
    built = build(settings)
    yield built
    built.close()


def found(parts: App, check: str) -> tuple[bool, str]:
    return doctor._CHECKS[check](parts)


def test_a_fresh_installation_is_well(parts: App) -> None:
    ill = {name: check(parts) for name, check in doctor._CHECKS.items()}
    assert [name for name, (is_well, _) in ill.items() if not is_well] == []


def test_a_secret_that_others_can_read(parts: App) -> None:
    path = parts.settings.data_dir / "secret"
    path.chmod(0o644)
    is_well, says = found(parts, "permissions")
    assert not is_well
    assert f"chmod go-rwx {path}" in says


def test_files_that_others_can_read(parts: App) -> None:
    (parts.settings.data_dir / "blobs").chmod(0o755)
    assert not found(parts, "permissions")[0]


def test_a_full_disk(parts: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "MIN_FREE_BYTES", 10**18)
    assert not found(parts, "disk")[0]


def test_a_clock_that_is_wrong(parts: App, monkeypatch: pytest.MonkeyPatch) -> None:
    now = doctor.clock.now
    monkeypatch.setattr(doctor.clock, "now", lambda: now().replace(year=now().year - 1))
    is_well, says = found(parts, "clock")
    assert not is_well
    assert "between this machine and the database" in says


def test_an_audit_log_without_its_guard(parts: App) -> None:
    """In a transaction that never ends well; other tests need the guard."""
    with parts.engine.connect() as connection:
        assert connection.scalar(doctor._AUDIT_TRIGGER) is True
        connection.execute(sa.text("ALTER TABLE audit_events DISABLE TRIGGER audit_events_are_final"))
        assert connection.scalar(doctor._AUDIT_TRIGGER) is False
        connection.rollback()


def test_a_database_user_who_is_above_every_guard(parts: App) -> None:
    assert "superuser" in found(parts, "audit log")[1]  # the tests' own is one


def test_a_replica_that_is_none(server: Installation, tmp_path: Path) -> None:
    url = server.parts.database_url
    built = build(Settings.model_validate({"data_dir": tmp_path, "database_url": url, "database_replica_url": url}))
    try:
        assert found(built, "replica") == (
            False,
            "FIELDPROOF_DATABASE_REPLICA_URL leads to a server that is no replica",
        )
    finally:
        built.close()


def test_a_redis_that_is_away(server: Installation, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{unused.getsockname()[1]}"
        settings = {"data_dir": tmp_path, "database_url": server.parts.database_url, "rate_limit_url": address}
        built = build(Settings.model_validate(settings))
        try:
            assert not found(built, "rate limit")[0]
        finally:
            built.close()
