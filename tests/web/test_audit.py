"""The audit log."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from fieldproof.core.actor import Role
from fieldproof.db.models import Workspace
from fieldproof.services import members, workspaces
from running import Installation
from web.conftest import Browse

pytestmark = pytest.mark.browser


def test_log_is_filtered_in_the_address(server: Installation, browse: Browse) -> None:
    alice, bob = server.user(), server.user()
    place = server.workspace(alice)
    server.member(place, bob, "admin")
    with server.parts.work(bob.actor) as work:
        workspace = work.db.get_one(Workspace, place)
        workspaces.update_workspace(work, workspace, {"name": "Renamed by Bob"})
        members.add_member(work, workspace, "someone@example.org", Role.USER)
    page = browse(alice)
    page.goto(f"/w/{place}/audit")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    page.get_by_label("Person").select_option(bob.email)
    page.wait_for_url("**actor=*")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="invitation.sent").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("someone@example.org")
    page.goto(f"/w/{place}/audit?q=renamed+by")
    expect(rows).to_have_count(1)
    page.goto(f"/w/{place}/audit?until=2001-01-01")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.goto(f"/w/{place}/audit?since=yesterday")
    expect(page.get_by_role("heading", name="Something is missing or wrong")).to_be_visible()


def test_log_is_for_admins(server: Installation, browse: Browse) -> None:
    alice, bob = server.user(), server.user()
    place = server.workspace(alice)
    server.member(place, bob, "user")
    page = browse(bob)
    page.goto(f"/w/{place}/audit")
    expect(page.get_by_role("heading", name="Not allowed")).to_be_visible()
