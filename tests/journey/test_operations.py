"""Backup, restore, move, clean: what was acknowledged is there again, byte for byte."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from contract.files import invoice_pdf
from faults import buckets
from fieldproof.core.errors import Conflict
from fieldproof.db.embedded import EmbeddedPostgres
from fieldproof.services import backups
from fieldproof.services.backups import place_at
from fieldproof.settings import Settings
from fieldproof.storage import Access, blob_key
from fieldproof.wiring import backup_access
from journey.installation import COMMAND, Installation, environment, installed, succeeded

EMAIL = "ada@example.org"


def test_a_backup_comes_back_in_an_empty_installation(tmp_path: Path) -> None:
    folder = tmp_path / "back up"
    with installed(tmp_path / "old") as old:
        token, document = filled(old)
        succeeded(old.run("backup", folder))  # while it serves
    with installed(tmp_path / "new") as new:
        succeeded(new.run("restore", folder))
        assert new.run("restore", folder).returncode == 1, "a filled installation is never overwritten"
        new.start()
        assert_there(new, token, document)


def test_a_backup_in_a_bucket_comes_back_and_is_only_added_to(tmp_path: Path) -> None:
    with (
        buckets.serving() as (port, objects),
        installed(tmp_path / "old") as old,
        installed(tmp_path / "new") as new,
    ):
        place, settings = "s3://bucket/our backups", bucket_at(port)
        token, document = filled(old)
        succeeded(old.run("backup", place, settings=settings))
        (blob,) = [key for key in objects if "/files/blobs/" in key]
        assert blob == f"our backups/files/{blob_key(document['sha256'])}"
        (first,) = [key for key in objects if "/database/" in key]

        kept = objects[blob] = bytes(bytearray(objects[blob]))
        succeeded(old.run("token", "create", "--user", EMAIL))
        succeeded(old.run("backup", place, settings=settings))
        assert objects[blob] is kept, "sent again though it was there"
        (second,) = [key for key in objects if "/database/" in key]
        assert second != first

        succeeded(new.run("restore", place, settings=settings))
        new.start()
        assert_there(new, token, document)


def test_what_a_backup_lost_is_told(tmp_path: Path) -> None:
    with (
        buckets.serving() as (port, objects),
        installed(tmp_path / "old") as old,
        installed(tmp_path / "new") as new,
    ):
        settings = bucket_at(port)
        filled(old)
        succeeded(old.run("backup", "s3://bucket", settings=settings))
        (blob,) = [key for key in objects if key.startswith("files/blobs/")]
        (dump,) = [key for key in objects if key.startswith("database/")]

        objects[blob] = bytes(len(objects[blob]))
        succeeded(old.run("backup", "s3://bucket", "--verify", settings=settings))
        assert hashlib.sha256(objects[blob]).hexdigest() == blob[-64:], "found and sent again"

        (dump,) = [key for key in objects if key.startswith("database/")]
        whole, objects[dump] = objects[dump], objects[dump][:-1] + b"?"
        refused = new.run("restore", "s3://bucket", settings=settings)
        assert refused.returncode == 1
        assert "is missing or damaged. Nothing was restored." in refused.stderr

        objects[dump], objects[blob] = whole, bytes(len(objects[blob]))
        told = new.run("restore", "s3://bucket", settings=settings)
        assert told.returncode == 1
        assert "1 originals are damaged" in told.stderr
        assert "1 originals are missing" in told.stderr
        assert "people in it" in new.run("restore", "s3://bucket", settings=settings).stderr, "the rest is there"


def test_an_interrupted_backup_leaves_the_one_before(tmp_path: Path) -> None:
    place = place_at((tmp_path / "backup").as_uri(), Access())
    (tmp_path / "dump").write_bytes(b"first")
    first = backups.put_dump(place, tmp_path / "dump")
    with pytest.raises(Conflict, match="no whole backup"):
        backups.manifest_of(place)
    backups.finish(place, first)

    (tmp_path / "dump").write_bytes(b"second")
    second = backups.put_dump(place, tmp_path / "dump")  # and then the machine stops
    assert backups.manifest_of(place) == first
    backups.fetch_dump(place, first, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == b"first"

    backups.finish(place, second)
    assert list(place.root.keys("database")) == [second.dump]


@pytest.mark.parametrize(
    ("command", "place", "told"),
    [
        ("backup", "ftp://elsewhere/x", "neither a folder nor a bucket"),
        ("backup", "s3://", "neither a folder nor a bucket"),
        ("restore", "/there/is/no/such/folder", "There is no folder"),
    ],
)
def test_a_place_that_cannot_be_one_is_refused(tmp_path: Path, command: str, place: str, told: str) -> None:
    with installed(tmp_path) as one:
        done = one.run(command, place)
        assert done.returncode != 0
        assert told in " ".join(done.stderr.replace("\u2502", " ").split())


def test_an_account_of_the_store_is_not_shown_to_another_provider() -> None:
    settings = Settings.model_validate({
        "storage_url": "s3://ours", "storage_access_key": "key", "storage_secret_key": "secret"
    })  # fmt: skip
    assert backup_access(settings, "s3://copies").secret_key == "secret"
    assert backup_access(settings, "az://copies") == Access()
    in_a_folder = settings.model_copy(update={"storage_url": None})
    assert backup_access(in_a_folder, "az://copies").secret_key == "secret"


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


def bucket_at(port: int) -> dict[str, str]:
    return {
        "FIELDPROOF_STORAGE_ENDPOINT": f"http://127.0.0.1:{port}",
        "FIELDPROOF_STORAGE_ALLOW_HTTP": "true",
        "FIELDPROOF_STORAGE_ACCESS_KEY": "key",
        "FIELDPROOF_STORAGE_SECRET_KEY": "secret",
    }


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
