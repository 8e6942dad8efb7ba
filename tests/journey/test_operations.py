"""Backup, restore, move, clean: what was acknowledged is there again, byte for byte."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from contract.files import invoice_pdf
from fieldproof.db.embedded import EmbeddedPostgres
from journey.installation import COMMAND, Installation, environment, installed, succeeded

EMAIL = "ada@example.org"


def test_a_backup_comes_back_in_an_empty_installation(tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    with installed(tmp_path / "old") as old:
        token, document = filled(old)
        succeeded(old.run("backup", folder))  # while it serves
    with installed(tmp_path / "new") as new:
        succeeded(new.run("restore", folder))
        assert new.run("restore", folder).returncode == 1, "a filled installation is never overwritten"
        new.start()
        assert_there(new, token, document)


def test_an_embedded_installation_moves_to_a_configured_database(tmp_path: Path) -> None:
    with installed(tmp_path / "old") as old:
        token, document = filled(old)
        assert old.stop() in (0, 130)
        database = EmbeddedPostgres(tmp_path / "elsewhere")
        try:
            settings = {
                "FIELDPROOF_DATABASE_URL": database.start(),
                "FIELDPROOF_STORAGE_URL": f"file://{tmp_path / 'files'}",
            }
            command = [*COMMAND, "migrate", "--from", str(old.data_dir), "--data-dir", str(tmp_path / "new" / "data")]
            done = subprocess.run(command, env=environment() | settings, capture_output=True, text=True, check=False)
            succeeded(done)
            with installed(tmp_path / "new") as new:
                new.start(settings)
                assert_there(new, token, document)
        finally:
            database.close()


def test_gc_removes_what_nothing_refers_to_and_nothing_else(tmp_path: Path) -> None:
    with installed(tmp_path) as one:
        token, document = filled(one)
        stray = one.data_dir / "blobs" / "blobs" / "00" / ("00" + "ab" * 31)
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_bytes(b"stray")
        assert "1 would go" in one.run("gc", "--dry-run").stderr
        succeeded(one.run("gc"))
        assert not stray.exists()
        assert_there(one, token, document)


def filled(one: Installation) -> tuple[str, dict[str, Any]]:
    user = ("user", "create", EMAIL, "--name", "Ada", "--password", "correct horse battery")
    succeeded(one.run(*user))
    token = succeeded(one.run("token", "create", "--user", EMAIL)).strip()
    one.start()
    workspace = one.request("POST", "/workspaces/create", token, {"name": "W"})["id"]
    key = one.upload(token, invoice_pdf("INV-OPS"))
    return token, one.request("POST", f"/workspaces/{workspace}/documents", token, {"key": key})["document"]


def assert_there(one: Installation, token: str, document: dict[str, Any]) -> None:
    found = one.request("GET", f"/extractions/documents/{document['id']}", token)
    assert json.dumps(found) == json.dumps(document)
    url = one.request("GET", f"/extractions/documents/{document['id']}/url", token)["url"]
    assert one.client.get(url).content == invoice_pdf("INV-OPS")
