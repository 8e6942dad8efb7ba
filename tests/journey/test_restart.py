"""Power goes while fifty documents are being read: nothing is lost, doubled or stuck."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contract.files import invoice_pdf
from contract.schemas import INVOICE
from journey.installation import Installation, installed, succeeded, until

COUNT = 50


def test_a_killed_server_finishes_its_batch_after_the_restart(tmp_path: Path) -> None:
    with installed(tmp_path) as installation:
        installation.start()
        token = new_token(installation)
        workspace = installation.request("POST", "/workspaces/create", token, {"name": "Batch"})["id"]
        template = {"name": "Invoices", "workspace_id": workspace, "schema_json": INVOICE}
        path = f"/extractions/templates/{installation.request('POST', '/extractions/templates', token, template)['id']}"
        files = [installation.upload(token, invoice_pdf(f"INV-{n:03}")) for n in range(COUNT)]
        body = {"files": files, "settings": {"auto_extract": True}}
        sessions = [s["id"] for s in installation.request("POST", f"{path}/sessions/batch", token, body)]
        assert len(sessions) == COUNT

        until(lambda: completed(installation, token, sessions), lambda done: done >= 3)
        installation.kill()
        installation.start()

        assert completed(installation, token, sessions) < COUNT, "the kill came too late to show anything"
        until(lambda: completed(installation, token, sessions), lambda done: done == COUNT)
        for number, session in enumerate(sessions):
            assert_done_once(installation.request("GET", f"/extractions/sessions/{session}", token), number)
        listed = installation.request("GET", f"/workspaces/{workspace}/documents?per_page=100", token)
        assert listed["meta"]["total"] == COUNT


def test_acknowledged_objects_survive_a_kill(tmp_path: Path) -> None:
    with installed(tmp_path) as installation:
        installation.start()
        token = new_token(installation)
        made = [installation.request("POST", "/workspaces/create", token, {"name": f"W{n}"})["id"] for n in range(5)]
        key = installation.upload(token, invoice_pdf("INV-KILL"))
        document = installation.request("POST", f"/workspaces/{made[0]}/documents", token, {"key": key})["document"]
        for _ in range(2):
            installation.kill()
            installation.start()
            listed = installation.request("GET", "/workspaces", token)["data"]
            assert {w["id"] for w in listed} >= set(made)
            url = installation.request("GET", f"/extractions/documents/{document['id']}/url", token)["url"]
            assert installation.client.get(url).content == invoice_pdf("INV-KILL")


def completed(installation: Installation, token: str, sessions: list[str]) -> int:
    states = [installation.request("GET", f"/extractions/sessions/{s}", token)["status"] for s in sessions]
    assert "failed" not in states
    return states.count("completed")


def assert_done_once(session: dict[str, Any], number: int) -> None:
    (result,) = session["results"]
    assert result["status"] == "completed"
    assert result["data"]["invoice"]["number"] == f"INV-{number:03}"
    (document,) = session["documents"]
    assert document["status"] == "processed"
    assert [p["status"] for p in document["parsings"]] == ["ready"]


def new_token(installation: Installation) -> str:
    user = ("user", "create", "ada@example.org", "--name", "Ada", "--password", "correct horse battery")
    succeeded(installation.run(*user))
    return succeeded(installation.run("token", "create", "--user", "ada@example.org")).strip()
