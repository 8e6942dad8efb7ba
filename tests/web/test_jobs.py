"""Jobs: what waits, what has failed, trying again."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from contract.files import note_pdf
from running import Installation
from sandbox import victims
from web.conftest import Browse

pytestmark = pytest.mark.browser
BROKEN = b"%PDF-1.7\n1 0 obj\n<< /Broken"


def test_failure_appears_by_itself_with_a_remedy_and_is_retried(server: Installation, browse: Browse) -> None:
    alice = server.user()
    place = server.workspace(alice)
    page = browse(alice)
    page.goto(f"/w/{place}/jobs")
    expect(page.get_by_role("heading", name="Nothing has failed")).to_be_visible()
    _upload(server, alice.token(), place, BROKEN)
    row = page.get_by_role("row", name="corrupt")
    expect(row).to_contain_text("Export or scan it again", timeout=90_000)
    row.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("It is on its way again.")).to_be_visible()
    expect(page.get_by_role("row", name="corrupt")).to_be_visible(timeout=90_000)


def test_reader_sees_failures_and_retries_nothing(server: Installation, browse: Browse) -> None:
    alice, bob = server.user(), server.user()
    place = server.workspace(alice)
    server.member(place, bob, "readonly")
    _upload(server, alice.token(), place, BROKEN + b" ")
    page = browse(bob)
    page.goto(f"/w/{place}/jobs")
    expect(page.get_by_role("row", name="corrupt")).to_be_visible(timeout=90_000)
    expect(page.get_by_role("button", name="Retry")).to_have_count(0)


def _upload(server: Installation, token: str, place: int, content: bytes) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as http:
        signed = http.post("/vapor/signed-storage-url", json={"content_type": "application/pdf"}).json()
        httpx.put(signed["url"], content=content, headers=signed["headers"]).raise_for_status()
        schema = {"groups": {"g": {"fields": {"f": "string"}}}}
        body = {"name": "Any", "workspace_id": place, "schema_json": schema}
        template = http.post("/extractions/templates", json=body).json()["id"]
        batch = {"files": [signed["key"]], "settings": {"auto_extract": True}}
        http.post(f"/extractions/templates/{template}/sessions/batch", json=batch).raise_for_status()


def test_a_run_is_cancelled_on_its_session(
    server: Installation, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldproof.worker.tasks.parse_to_bytes", victims.never_ends)
    alice = server.user()
    place = server.workspace(alice)
    _upload(server, alice.token(), place, note_pdf("Never read"))
    page = browse(alice)
    page.goto(f"/w/{place}/sessions")
    page.get_by_role("main").get_by_role("link").filter(has_text="document-").first.click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The run is cancelled.")).to_be_visible()
    expect(page.get_by_text("It was cancelled.").first).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def test_a_file_comes_from_an_address(server: Installation, browse: Browse) -> None:
    alice = server.user()
    place = server.workspace(alice)
    page = browse(alice)
    page.goto(f"/w/{place}/documents")
    page.get_by_text("From an address").click()
    page.get_by_role("textbox", name="Address of a file").fill("http://10.0.0.1/secret")
    page.get_by_role("button", name="Fetch and read").click()
    expect(page.get_by_text("10.0.0.1 is not a public address.")).to_be_visible()
    page.get_by_text("From an address").click()
    page.get_by_role("textbox", name="Address of a file").fill(f"{server.url}/healthz")
    page.get_by_role("button", name="Fetch and read").click()
    expect(page.get_by_role("heading", name="healthz")).to_be_visible()
