"""The API reference."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from running import Installation
from web.conftest import Browse

pytestmark = pytest.mark.browser


def test_every_operation_is_listed_by_surface(server: Installation, browse: Browse) -> None:
    page = browse()
    page.goto("/docs")
    for surface in ("Raydocs API", "DocSense API", "Fieldproof API"):
        expect(page.get_by_role("heading", name=surface)).to_be_visible()
    api = page.request.get("/openapi.json").json()
    count = sum(
        method in item for item in api["paths"].values() for method in ("get", "post", "put", "patch", "delete")
    )
    expect(page.get_by_label("Operations").get_by_role("link")).to_have_count(count)
    page.get_by_label("Search operations").fill("sign-in")
    expect(page.get_by_label("Operations").get_by_role("link")).to_have_count(1)


def test_call_is_sent_with_the_token(server: Installation, browse: Browse) -> None:
    alice = server.user(name="Alice of the docs")
    page = browse()
    page.goto("/docs#get/v1/me")
    page.get_by_label("Token or API key for the calls").fill(alice.token())
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Answer")).to_contain_text("Alice of the docs")


@pytest.mark.parametrize(
    ("operation", "secret"),
    [("get/workspaces", "token"), ("get/api/v1/documents/get_documents", "key"), ("get/v1/me", "token")],
)
def test_each_surface_is_tried_with_no_other_host(
    server: Installation, browse: Browse, operation: str, secret: str
) -> None:
    alice = server.user()
    page = browse()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/docs#{operation}")
    page.get_by_label("Token or API key for the calls").fill(alice.token() if secret == "token" else alice.key())
    page.get_by_role("button", name="Send").click()
    expect(page.locator("form.try .pill")).to_have_text("200")
    assert all(url.startswith(server.url) for url in asked), asked


def test_body_is_offered_and_sent(server: Installation, browse: Browse) -> None:
    alice = server.user()
    page = browse()
    page.goto("/docs#post/workspaces/create")
    page.get_by_label("Token or API key for the calls").fill(alice.token())
    body = page.get_by_label("Body")
    assert "name" in json.loads(body.input_value())
    body.fill('{"name": "Made in the docs"}')
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Answer")).to_contain_text("Made in the docs")
