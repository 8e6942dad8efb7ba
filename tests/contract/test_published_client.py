"""A client that no one here wrote must work: the cookbook's flows with the published Python client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from contract.files import invoice_pdf
from contract.office import PATIENCE_S, Cast
from contract.raydocs_client import RaydocsClient

SCHEMA: dict[str, Any] = {
    "config": {
        "reasoning_enabled": True,
        "system_message": "You read invoices. Answer null for what is missing.",
    },
    "groups": {
        "invoice": {
            "search_query": "invoice number, total amount",
            "fields": {
                "number": {"type": "string", "extraction_prompt": "The invoice number"},
                "total": {"type": "number", "extraction_prompt": "The total amount"},
            },
        }
    },
}


@pytest.fixture
def newcomer(cast: Cast) -> RaydocsClient:
    """Somebody whose account is empty."""
    return RaydocsClient(cast.server.user().token(), base_url=cast.server.url)


@pytest.fixture
def invoices(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"invoice-{number}.pdf" for number in ("INV-2026-0201", "INV-2026-0202", "INV-2026-0203")]
    for path in paths:
        path.write_bytes(invoice_pdf(path.stem.removeprefix("invoice-")))
    return paths


def test_the_full_workflow(newcomer: RaydocsClient, invoices: list[Path]) -> None:
    workspaces = newcomer.list_workspaces()
    workspace = workspaces[0] if workspaces else newcomer.create_workspace(name="Invoices", icon="🧾")
    assert workspace["name"]
    template = newcomer.create_template(workspace["id"], "Invoice", SCHEMA)
    assert [t["id"] for t in newcomer.list_templates(workspace["id"])] == [template["id"]]

    session = newcomer.create_session(template["id"], "First")
    documents = newcomer.add_documents(session["id"], [newcomer.upload_file(invoices[0])])
    assert len(documents) == 1
    started = newcomer.run_extraction(session["id"])
    assert started["data"] == {}
    result = newcomer.wait_for_result(started["id"], PATIENCE_S)
    assert result["status"] == "completed"
    assert result["data"]["invoice"] == {"number": "INV-2026-0201", "total": 418.88}
    assert result["reasoning"]["invoice"]["number"]

    assert newcomer.delete_template(template["id"]) == {}
    assert newcomer.list_workspaces()[0]["id"] == workspace["id"]


def test_the_quick_start(newcomer: RaydocsClient, invoices: list[Path]) -> None:
    workspace = newcomer.create_workspace("Quick")
    template = newcomer.create_template(workspace["id"], "Invoice", SCHEMA)
    keys = [newcomer.upload_file(path) for path in invoices]
    sessions = newcomer.batch_create_sessions(template["id"], keys, auto_extract=True)
    results = [newcomer.wait_for_session(s["id"], PATIENCE_S) for s in sessions]
    assert [(r["status"], r["error"]) for r in results] == [("completed", None)] * 3
    assert [r["data"]["invoice"]["number"] for r in results] == ["INV-2026-0201", "INV-2026-0202", "INV-2026-0203"]


def test_a_token_by_the_recipe_may_write_but_not_list(cast: Cast) -> None:
    token = cast.server.user().token(["workspaces-write", "templates-write", "sessions-write"])
    client = RaydocsClient(token, base_url=cast.server.url)
    assert client.create_workspace("Write only")["icon"] == "📊"
    with pytest.raises(requests.HTTPError) as refusal:
        client.list_workspaces()
    assert refusal.value.response.status_code == 403


def test_a_wrong_token_is_unauthenticated(cast: Cast) -> None:
    with pytest.raises(requests.HTTPError) as refusal:
        RaydocsClient("rd_live_example", base_url=cast.server.url).list_workspaces()
    assert refusal.value.response.status_code == 401
    assert refusal.value.response.json() == {"message": "Unauthenticated."}
