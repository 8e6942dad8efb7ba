"""Workspaces, members and invitations."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from running import PASSWORD, Installation
from web.conftest import Browse

pytestmark = pytest.mark.browser


def test_workspace_is_made_named_and_switched(server: Installation, browse: Browse) -> None:
    alice = server.user()
    first = server.workspace(alice, "First place")
    page = browse(alice)
    page.goto(f"/w/{first}/settings")
    page.locator("aside").get_by_label("Workspace: First place. Switch").click()
    page.get_by_role("link", name="New workspace").click()
    page.get_by_label("Name").fill("Second place")
    page.get_by_label("Icon 🏦").check(force=True)
    page.get_by_role("button", name="Create workspace").click()
    page.wait_for_url(re.compile(r"/w/\d+$"))
    second = page.url.rsplit("/", 1)[1]
    page.goto(f"/w/{second}/settings")
    expect(page.locator("aside").get_by_label("Workspace: Second place. Switch")).to_contain_text("🏦")
    page.get_by_label("Name", exact=True).fill("Second, renamed")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.locator("aside").get_by_label("Workspace: Second, renamed. Switch").click()
    expect(page.get_by_role("link", name="First place")).to_have_attribute("href", f"/w/{first}")


def test_outsider_sees_no_workspace(server: Installation, browse: Browse) -> None:
    alice, charlie = server.user(), server.user()
    place = server.workspace(alice)
    page = browse(charlie)
    for path in ("settings", "members", "templates", "audit", "jobs"):
        page.goto(f"/w/{place}/{path}")
        expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()


def test_invited_person_joins_and_is_lowered_and_refused(server: Installation, browse: Browse) -> None:
    alice = server.user()
    place = server.workspace(alice, "Accounts")
    admin = browse(alice)
    admin.goto(f"/w/{place}/members")
    admin.get_by_label("E-mail of the new member").fill("newcomer@example.org")
    admin.get_by_label("Role", exact=True).select_option("user")
    admin.get_by_role("button", name="Add or invite").click()
    link = admin.get_by_label("Invitation link for newcomer@example.org").input_value()

    guest = browse()
    guest.goto(httpx.URL(link).path)
    expect(guest.get_by_role("heading", name="Join Accounts")).to_be_visible()
    guest.get_by_label("Your name").fill("New Comer")
    guest.get_by_label("Choose a password").fill(PASSWORD)
    guest.get_by_role("button", name="Create the account and join").click()
    guest.wait_for_url(f"**/w/{place}")
    guest.goto(f"/w/{place}/templates/new")
    expect(guest.get_by_role("heading", name="New template")).to_be_visible()

    admin.reload()
    admin.get_by_label("Role of New Comer").select_option("readonly")
    expect(admin.get_by_text("The role is changed.")).to_be_visible()
    guest.goto(f"/w/{place}/templates/new")
    expect(guest.get_by_role("heading", name="Not allowed")).to_be_visible()
    guest.goto(f"/w/{place}/members")
    expect(guest.get_by_role("button", name="Add or invite")).to_have_count(0)

    admin.get_by_role("button", name="Remove").click()
    admin.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(admin.get_by_text("The member is removed.")).to_be_visible()
    guest.goto(f"/w/{place}/members")
    expect(guest.get_by_role("heading", name="Nothing here")).to_be_visible()


def test_cancelled_invitation_is_dead(server: Installation, browse: Browse) -> None:
    alice = server.user()
    place = server.workspace(alice)
    page = browse(alice)
    link = _invite(page, place, "late@example.org")
    page.get_by_role("button", name="Resend").click()
    expect(page.get_by_text("good for another 7 days")).to_be_visible()
    assert page.get_by_label("Invitation link for late@example.org").input_value() == link
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Its link is dead")).to_be_visible()
    guest = browse()
    guest.goto(httpx.URL(link).path)
    expect(guest.get_by_role("heading", name="Nothing here")).to_be_visible()


def test_invitation_is_for_nobody_else(server: Installation, browse: Browse) -> None:
    alice, charlie = server.user(), server.user()
    page = browse(alice)
    link = _invite(page, server.workspace(alice), "invited@example.org")
    other = browse(charlie)
    other.goto(httpx.URL(link).path)
    expect(other.get_by_text("This invitation is for another address.")).to_be_visible()


def test_last_admin_stays(server: Installation, browse: Browse) -> None:
    alice = server.user()
    place = server.workspace(alice)
    page = browse(alice)
    page.goto(f"/w/{place}/settings")
    page.get_by_role("button", name="Leave workspace").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    expect(page.get_by_text("You are the only admin left.")).to_be_visible()
    page.goto(f"/w/{place}/members")
    page.get_by_label(f"Role of {alice.name}").select_option("readonly")
    expect(page.get_by_text("The last admin must stay one.")).to_be_visible()


def test_deleting_asks_for_the_name(server: Installation, browse: Browse) -> None:
    alice = server.user()
    place = server.workspace(alice, "To be gone")
    page = browse(alice)
    page.goto(f"/w/{place}/settings")
    page.get_by_label("Type the name to confirm").fill("something else")
    page.get_by_role("button", name="Delete workspace").click()
    expect(page.get_by_text("Type the name of the workspace exactly")).to_be_visible()
    page.get_by_label("Type the name to confirm").fill("To be gone")
    page.get_by_role("button", name="Delete workspace").click()
    expect(page.get_by_role("heading", name="New workspace")).to_be_visible()
    page.goto(f"/w/{place}/settings")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()


def test_everything_works_without_scripts(server: Installation, browse: Browse) -> None:
    alice, bob = server.user(), server.user()
    place = server.workspace(alice)
    server.member(place, bob, "user")
    page = browse(alice, java_script_enabled=False)
    page.goto(f"/w/{place}/members")
    row = page.get_by_role("row", name=bob.name)
    row.get_by_label(f"Role of {bob.name}").select_option("readonly")
    row.get_by_role("button", name="Change").click()
    expect(page.get_by_text("The role is changed.")).to_be_visible()
    page.get_by_role("row", name=bob.name).get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The member is removed.")).to_be_visible()


def _invite(page: Page, place: int, email: str) -> str:
    page.goto(f"/w/{place}/members")
    page.get_by_label("E-mail of the new member").fill(email)
    page.get_by_role("button", name="Add or invite").click()
    return page.get_by_label(f"Invitation link for {email}").input_value()
