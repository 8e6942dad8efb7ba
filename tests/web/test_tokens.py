"""Access tokens and API keys."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from running import Installation
from web.conftest import Browse

pytestmark = pytest.mark.browser


def test_token_is_shown_once_used_revoked_and_refused(server: Installation, browse: Browse) -> None:
    alice = server.user()
    server.workspace(alice)
    page = browse(alice)
    page.goto("/tokens")
    page.get_by_role("link", name="New token").first.click()
    page.get_by_label("Name").fill("Nightly import")
    page.get_by_label("templates-write").uncheck()
    page.get_by_role("button", name="Create token").click()
    secret = page.get_by_label("Access token").input_value()
    assert _me(server, secret) == 200
    page.get_by_role("link", name="Done").click()
    row = page.get_by_role("row", name="Nightly import")
    expect(row).to_contain_text("13 abilities")
    expect(row).to_contain_text("just now")
    assert secret not in page.content()
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("it opens nothing any more")).to_be_visible()
    assert _me(server, secret) == 401


def test_token_keeps_to_its_abilities(server: Installation, browse: Browse) -> None:
    alice = server.user()
    place = server.workspace(alice)
    page = browse(alice)
    page.goto("/tokens/new")
    page.get_by_label("Name").fill("Reader")
    for box in page.get_by_role("checkbox").all():
        box.set_checked(box.get_attribute("value") == "workspaces-read")
    page.get_by_role("button", name="Create token").click()
    headers = {"Authorization": f"Bearer {page.get_by_label('Access token').input_value()}"}
    assert httpx.get(f"{server.url}/workspaces", headers=headers).status_code == 200
    refused = httpx.post(f"{server.url}/workspaces/create", headers=headers, json={"name": "X"})
    assert refused.status_code == 403
    assert place


def test_token_needs_a_name_and_an_ability(server: Installation, browse: Browse) -> None:
    alice = server.user()
    page = browse(alice)
    page.goto("/tokens/new")
    page.get_by_label("Name").fill("Useless")
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_text("Tick at least one ability.")).to_be_visible()
    assert page.get_by_label("Name").input_value() == "Useless"


def test_key_opens_the_other_surface(server: Installation, browse: Browse) -> None:
    alice = server.user()
    server.workspace(alice)
    page = browse(alice)
    page.goto("/tokens/new?kind=key")
    page.get_by_label("Name").fill("DocSense")
    page.get_by_role("button", name="Create token").click()
    key = page.get_by_label("API key").input_value()
    assert key.startswith("fpk_")
    assert httpx.get(f"{server.url}/api/v1/documents/get_documents", headers={"x-api-key": key}).status_code == 200


def test_nobody_revokes_anothers_token(server: Installation, browse: Browse) -> None:
    alice, charlie = server.user(), server.user()
    secret = alice.token()
    page = browse(charlie)
    page.goto("/tokens")
    csrf = page.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRF-Token']")
    for number in range(1, 30):
        page.request.post(f"/tokens/{number}/revoke", form={"csrf": csrf}, headers={"Origin": server.url})
    assert _me(server, secret) == 200


def _me(server: Installation, secret: str) -> int:
    return httpx.get(f"{server.url}/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code
