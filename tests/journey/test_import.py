"""``import``: a folder or bucket arrives once, however often the command is run or killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.files import note_pdf
from contract.schemas import NOTE
from journey.installation import COMMAND, Installation, environment, installed, own_folder, run, succeeded, until

EMAIL = "ada@example.org"


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with own_folder() as folder, installed(folder) as one:
        succeeded(one.run("user", "create", EMAIL, "--name", "Ada", "--password", "correct horse battery"))
        one.start()
        yield one


@pytest.fixture(scope="module")
def token(installation: Installation) -> str:
    return succeeded(installation.run("token", "create", "--user", EMAIL)).strip()


@pytest.fixture
def workspace(installation: Installation, token: str) -> int:
    return installation.request("POST", "/workspaces/create", token, {"name": "Imported"})["id"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five files, two of them twins, and one that is no document."""
    place = tmp_path / "files"
    (place / "deep" / ".hidden").mkdir(parents=True)
    for name, text in (("a.pdf", "A"), ("b.pdf", "B"), ("deep/c.pdf", "C"), ("deep/twin.pdf", "A")):
        (place / name).write_bytes(note_pdf(f"Imported {text}"))
    (place / "program.exe").write_bytes(b"MZ" + bytes(500))
    (place / "deep" / ".hidden" / "x.pdf").write_bytes(note_pdf("hidden"))
    return place


def test_a_folder_arrives_once(installation: Installation, token: str, workspace: int, folder: Path) -> None:
    done = imported(installation, token, workspace, str(folder), "--json")
    assert done.returncode == 1, "one file is refused"
    outcomes = {line["file"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert {name: o["status"] for name, o in outcomes.items()} == {
        "a.pdf": "imported", "b.pdf": "imported", "deep/c.pdf": "imported", "deep/twin.pdf": "present",
        "program.exe": "failed",
    }  # fmt: skip
    assert "not supported" in outcomes["program.exe"]["error"]
    assert names(installation, token, workspace) == ["a.pdf", "b.pdf", "c.pdf"]
    (folder / "program.exe").unlink()
    again = imported(installation, token, workspace, str(folder))
    assert (again.returncode, again.stdout) == (0, "")
    assert "0 imported, 4 present, 0 failed." in again.stderr


def test_with_a_template_each_becomes_one_session(
    installation: Installation, token: str, workspace: int, folder: Path
) -> None:
    (folder / "program.exe").unlink()
    succeeded(imported(installation, token, workspace, str(folder / "a.pdf")))
    template = template_of(installation, token, workspace)
    for _ in range(2):
        succeeded(imported(installation, token, workspace, str(folder), "--template", template))
    until(
        lambda: sorted((s["name"], s["status"]) for s in sessions(installation, token, template)),
        lambda found: found == [(name, "completed") for name in ("a.pdf", "b.pdf", "c.pdf")],
    )


def test_a_bucket_arrives_too(installation: Installation, token: str, workspace: int, folder: Path) -> None:
    """obstore reaches a folder as it does a bucket."""
    done = imported(installation, token, workspace, f"file://{folder / 'deep'}")
    succeeded(done)
    assert names(installation, token, workspace) == ["c.pdf", "twin.pdf", "x.pdf"]


def test_what_was_killed_goes_on(installation: Installation, token: str, workspace: int, tmp_path: Path) -> None:
    place = tmp_path / "many"
    place.mkdir()
    for n in range(60):
        (place / f"{n:02}.pdf").write_bytes(note_pdf(f"Many {n}"))
    template = template_of(installation, token, workspace)
    arguments = ["import", str(place), "--workspace", str(workspace), "--template", template, "--url", installation.url]
    process = subprocess.Popen([*COMMAND, *arguments], env=environment() | {"FIELDPROOF_TOKEN": token})
    until(lambda: len(sessions(installation, token, template)), lambda count: count > 0)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(30)
    succeeded(imported(installation, token, workspace, str(place), "--template", template))
    assert sorted(s["name"] for s in sessions(installation, token, template)) == [f"{n:02}.pdf" for n in range(60)]


def test_a_wrong_token_or_place_is_one_line(installation: Installation, token: str, workspace: int) -> None:
    for source, secret in (("/nowhere", token), (__file__, "dx_wrong")):
        done = imported(installation, secret, workspace, source)
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.strip().splitlines()) == 1


def imported(
    installation: Installation, token: str, workspace: int, source: str, *options: str
) -> subprocess.CompletedProcess[str]:
    return run("import", source, "--workspace", str(workspace), "--url", installation.url, "--token", token, *options)


def template_of(installation: Installation, token: str, workspace: int) -> str:
    body = {"name": "Notes", "workspace_id": workspace, "schema_json": NOTE}
    return installation.request("POST", "/extractions/templates", token, body)["id"]


def names(installation: Installation, token: str, workspace: int) -> list[str]:
    found = installation.request("GET", f"/v1/workspaces/{workspace}/documents?limit=100", token)["data"]
    return sorted(d["filename"] for d in found)


def sessions(installation: Installation, token: str, template: str) -> list[dict[str, Any]]:
    return installation.request("GET", f"/v1/templates/{template}/sessions?per_page=100", token)["data"]
