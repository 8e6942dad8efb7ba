"""Webhooks: made, told, sent again, given a new secret, switched off, deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from contract.office import until
from running import Installation, in_background
from services.test_webhooks import Receiver
from web.conftest import Browse
from web.office import PATIENCE_MS, office

pytestmark = pytest.mark.browser


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with in_background(Receiver()) as one:
        yield one


def test_webhook_is_made_told_and_told_again(server: Installation, browse: Browse, receiver: Receiver) -> None:
    at = office(server)
    page = browse(at.person)
    page.goto(f"{at.base}/settings")
    page.get_by_label("Main").get_by_role("link", name="Webhooks").click()
    page.get_by_label("Address", exact=True).fill(receiver.url)
    for event in ("document.processed", "document.failed", "result.failed"):
        page.get_by_label(event).uncheck()
    page.get_by_role("button", name="Create webhook").click()
    first = page.get_by_label("Signing secret").input_value()
    assert first.startswith("whsec_")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("heading", name="Nothing was sent yet")).to_be_visible()
    here = page.url

    page.goto(f"{at.base}/sessions/{at.sessions['invoice.pdf']}")
    page.get_by_role("button", name="Run", exact=True).click()
    until(lambda: receiver.calls, bool)
    page.goto(here)
    row = page.get_by_role("row", name="result.completed")
    expect(row).to_contain_text("Delivered", timeout=PATIENCE_MS)
    row.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("It is sent once more.")).to_be_visible()
    calls = until(lambda: receiver.calls, lambda calls: len(calls) == 2)
    assert calls[0][0]["webhook-id"] == calls[1][0]["webhook-id"]

    page.get_by_role("button", name="New secret").click()
    page.get_by_role("button", name="Make it").click()
    assert page.get_by_label("Signing secret").input_value() != first
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text(re.compile("the old secret signs too"))).to_be_visible()
    assert first not in page.content()


def test_webhook_is_refused_changed_switched_off_and_deleted(
    server: Installation, browse: Browse, receiver: Receiver
) -> None:
    alice = server.user()
    base = f"/w/{server.workspace(alice)}/webhooks"
    page = browse(alice, java_script_enabled=False)
    page.goto(base)
    page.get_by_label("Address", exact=True).fill("https://user:pw@example.org/")
    page.get_by_label("result.failed").uncheck()
    page.get_by_role("button", name="Create webhook").click()
    expect(page.locator("#url-note")).to_be_visible()
    expect(page.get_by_label("result.failed")).not_to_be_checked()
    page.get_by_label("Address", exact=True).fill(receiver.url)
    page.get_by_role("button", name="Create webhook").click()
    page.get_by_role("link", name="Done").click()
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Choose from document.processed")).to_be_visible()
    page.get_by_label("result.failed").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Switched off.")).to_be_visible()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("It is switched on.")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The webhook is deleted.")).to_be_visible()


def test_only_admins_see_webhooks(server: Installation, browse: Browse) -> None:
    alice, bob = server.user(), server.user()
    place = server.workspace(alice)
    server.member(place, bob, "user")
    page = browse(bob)
    answer = page.goto(f"/w/{place}/webhooks")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_label("Main").get_by_role("link", name="Webhooks")).to_have_count(0)
