"""The disk is full: refused with a plain sentence, nothing half-written, reading goes on, and room heals it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from contract.files import invoice_pdf
from contract.office import Office, hired
from contract.schemas import INVOICE
from fieldproof.settings import Settings
from running import serving

SIZE_MB = 320
FILLER = "filler"


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk of its own."""
    with tempfile.TemporaryDirectory(prefix="fieldproof-tests-") as folder:
        Path(folder).chmod(0o755)
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "tmpfs", folder]
        mounted = subprocess.run(command, capture_output=True, text=True)
        if mounted.returncode != 0:
            pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def office(disk: Path) -> Iterator[Office]:
    for installation in serving(Settings(data_dir=disk / "data", rate_limit_per_minute=0)):
        with hired(installation) as cast:
            yield cast.office()


def test_a_full_disk_refuses_politely_and_heals_by_itself(disk: Path, office: Office) -> None:
    template = office.template(INVOICE)["id"]
    session = office.session(template)["id"]
    (document,) = office.attach(session, invoice_pdf("INV-ROOM"))
    fill(disk, leave_mb=20)  # below what is left for the database
    refused(office)
    assert office.session(template)["id"], "small rows still find room"
    fill(disk, leave_mb=0)
    refused(office)
    statuses = [
        httpx.post(f"{office.cast.server.url}/workspaces/create", json={"name": f"W{n}"}, headers=bearer(office), timeout=30)
        for n in range(15)
    ]  # fmt: skip
    assert {answer.status_code for answer in statuses} <= {201, 503}
    link = office.api.ok("getDocumentUrl", documentId=document["id"])["url"]
    assert httpx.get(link).content == invoice_pdf("INV-ROOM"), "reading goes on"
    assert list((disk / "data" / "blobs").glob(".part-*")) == []
    (disk / FILLER).unlink()
    office.attach(session, invoice_pdf("INV-ROOM-AGAIN"))
    assert office.run(session)["status"] == "completed"


def fill(disk: Path, *, leave_mb: int) -> None:
    left = os.statvfs(disk)
    with (disk / FILLER).open("ab") as file:
        os.posix_fallocate(file.fileno(), file.tell(), left.f_bavail * left.f_frsize - leave_mb * 1024 * 1024)


def refused(office: Office) -> None:
    signed = httpx.post(
        f"{office.cast.server.url}/vapor/signed-storage-url", json={}, headers=bearer(office), timeout=30
    )
    if signed.status_code == 503:  # not even room for its row
        return
    link = signed.json()
    answer = httpx.put(link["url"], content=invoice_pdf("INV-FULL"), headers=link["headers"], timeout=30)
    assert (answer.status_code, answer.headers.get("retry-after") is not None) == (503, True), answer.text
    assert "room" in answer.text


def bearer(office: Office) -> dict[str, str]:
    return {"Authorization": f"Bearer {office.api.token}"}
