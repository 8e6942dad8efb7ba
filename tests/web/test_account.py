"""First run, signing in and out, passwords, sessions."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from fieldproof.services import setup
from running import PASSWORD, Installation
from web.conftest import Browse, Watch

pytestmark = pytest.mark.browser


def test_first_visit_makes_the_first_admin(browser: Browser, empty: Installation) -> None:
    context = browser.new_context(base_url=empty.url)
    page, watch = context.new_page(), Watch()
    watch.over(page)
    page.goto("/")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    _set_up(page, "WRON-GWRO-NGWR")
    expect(page.get_by_text("This is not the set-up code")).to_be_visible()
    assert page.get_by_label("Your name").input_value() == "Ada"
    with empty.parts.work() as work:
        code = setup.setup_code(work)
    assert code is not None
    _set_up(page, code.lower())
    page.wait_for_url("**/w/*")
    page.goto("/account")
    expect(page.get_by_text("ada@example.org")).to_be_visible()
    with empty.parts.work() as work:
        assert setup.setup_code(work) is None
    page.goto("/setup")
    assert "/setup" not in page.url
    context.close()
    assert not watch.troubles, watch.troubles


def _set_up(page: Any, code: str) -> None:
    page.get_by_label("Set-up code").fill(code)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()


def test_wrong_password_says_nothing_about_the_account(server: Installation, browse: Browse) -> None:
    person = server.user(password=PASSWORD)
    page = browse()
    texts = []
    for email, password in ((person.email, "a wrong password"), ("nobody-here@example.org", PASSWORD)):
        page.goto("/sign-in")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        texts.append(page.get_by_role("alert").inner_text())
    assert texts[0] == texts[1] == "The e-mail address or the password is wrong."


def test_sign_in_comes_back_to_the_page_that_was_asked_for(server: Installation, browse: Browse) -> None:
    person = server.user(password=PASSWORD)
    page = browse()
    page.goto("/account")
    assert "/sign-in?next=/account" in page.url
    _sign_in(page, person.email, PASSWORD)
    page.wait_for_url("**/account")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.goto("/account")
    assert "/sign-in" in page.url


@pytest.mark.parametrize(
    "target", ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "/\tx"]
)
def test_sign_in_leads_to_no_other_site(server: Installation, target: str) -> None:
    person = server.user(password=PASSWORD)
    with httpx.Client(base_url=server.url) as http:
        answer = _post_sign_in(http, person.email, next=target)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"


def test_sign_in_gives_a_fresh_session_and_ends_the_old_one(server: Installation) -> None:
    person = server.user(password=PASSWORD)
    with httpx.Client(base_url=server.url) as http:
        _post_sign_in(http, person.email)
        first = http.cookies["fieldproof_session"]
        csrf = _csrf(http.get("/account").text)
        http.post("/sign-in", data={"email": person.email, "password": PASSWORD, "csrf": csrf}, headers=_ours(http))
        second = http.cookies["fieldproof_session"]
        assert first != second
        assert not _opens(server, first)
        assert _opens(server, second)


def test_cookie_is_not_for_scripts_or_other_sites(server: Installation) -> None:
    person = server.user(password=PASSWORD)
    with httpx.Client(base_url=server.url) as http:
        header = next(
            h for h in _post_sign_in(http, person.email).headers.get_list("set-cookie") if "fieldproof_session" in h
        )
    assert "HttpOnly" in header
    assert "SameSite=lax" in header
    assert "Path=/" in header


def test_new_password_ends_every_other_browser(server: Installation, browse: Browse) -> None:
    person = server.user(password=PASSWORD)
    with httpx.Client(base_url=server.url) as other:
        _post_sign_in(other, person.email)
        stolen = other.cookies["fieldproof_session"]
    page = browse()
    page.goto("/sign-in")
    _sign_in(page, person.email, PASSWORD)
    page.goto("/account")
    page.get_by_label("Old password").fill("not the old one")
    page.get_by_label("New password").fill("another long password")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("The old password is wrong.")).to_be_visible()
    page.get_by_label("Old password").fill(PASSWORD)
    page.get_by_label("New password").fill("another long password")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    assert not _opens(server, stolen)


def test_ended_session_is_signed_out(server: Installation, browse: Browse) -> None:
    person = server.user(password=PASSWORD)
    with httpx.Client(base_url=server.url) as other:
        _post_sign_in(other, person.email)
        stolen = other.cookies["fieldproof_session"]
    page = browse(person)
    page.goto("/account")
    page.get_by_role("button", name="End").click()
    expect(page.get_by_text("The session is ended.")).to_be_visible()
    assert not _opens(server, stolen)


def test_guessing_is_slowed_down(server: Installation) -> None:
    person = server.user(password=PASSWORD)
    with httpx.Client(base_url=server.url) as http:
        codes = [_post_sign_in(http, person.email, password=f"guess number {n}").status_code for n in range(12)]
    assert codes[:3] == [422, 422, 422]
    assert codes[-1] == 429


def _sign_in(page: Any, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def _post_sign_in(http: httpx.Client, email: str, password: str = PASSWORD, next: str = "/") -> httpx.Response:
    csrf = _csrf(http.get("/sign-in").text)
    fields = {"email": email, "password": password, "next": next, "csrf": csrf}
    return http.post("/sign-in", data=fields, headers=_ours(http))


def _ours(http: httpx.Client) -> dict[str, str]:
    return {"Origin": str(http.base_url).rstrip("/")}


def _csrf(html: str) -> str:
    return html.split('name="csrf" value="')[1].split('"')[0]


def _opens(server: Installation, secret: str) -> bool:
    return httpx.get(f"{server.url}/account", cookies={"fieldproof_session": secret}).status_code == 200
