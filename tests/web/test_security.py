"""What the dashboard refuses, and what it never runs."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from fieldproof.settings import Settings
from fieldproof.web import assets
from running import PASSWORD, Installation, database_folder, serving
from web.conftest import Browse, cookie_of

pytestmark = pytest.mark.browser


def test_every_page_forbids_inline_scripts_and_framing(server: Installation) -> None:
    server.user()  # else signing in leads to the set-up
    for path in ("/sign-in", "/docs", "/nowhere", "/static/app.css"):
        headers = httpx.get(f"{server.url}{path}").headers
        assert headers["x-content-type-options"] == "nosniff"
        if path != "/static/app.css":
            policy = headers["content-security-policy"]
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.test/x"},
        {},
    ],
)
def test_forms_of_other_sites_do_nothing(server: Installation, headers: dict[str, str]) -> None:
    alice = server.user()
    with _signed_in(server, alice) as http:
        csrf = _csrf(http)
        answer = http.post("/w/new", data={"name": "Forged", "csrf": csrf}, headers=headers)
        assert answer.status_code == 403
        assert "Forged" not in http.get("/account").text


def test_form_needs_its_own_token(server: Installation) -> None:
    alice, mallory = server.user(), server.user()
    with _signed_in(server, mallory) as http:
        foreign = _csrf(http)
    with _signed_in(server, alice) as http:
        ours = {"Origin": server.url}
        for token in ("", "x", foreign):
            assert http.post("/w/new", data={"name": "Forged", "csrf": token}, headers=ours).status_code == 403
            assert http.post("/w/new", data={"name": "F"}, headers={**ours, "X-CSRF-Token": token}).status_code == 403
        assert http.post("/w/new", data={"name": "Real", "csrf": _csrf(http)}, headers=ours).status_code == 303


def test_cookie_opens_no_api(server: Installation) -> None:
    with _signed_in(server, server.user()) as http:
        assert http.get("/v1/me").status_code == 401
        assert http.get("/workspaces").status_code == 401


def test_reading_changes_nothing(server: Installation) -> None:
    """Nothing that writes answers to GET."""
    alice = server.user()
    place = server.workspace(alice)
    with _signed_in(server, alice) as http:
        for path in ("leave", "delete", f"members/{alice.id}/remove", f"members/{alice.id}/role"):
            assert http.get(f"/w/{place}/{path}").status_code in (404, 405)
        assert http.get("/sign-out").status_code == 405
        assert http.get(f"/w/{place}/settings").status_code == 200


def test_cookies_behind_https() -> None:
    with database_folder() as folder:
        settings = Settings(data_dir=folder, rate_limit_per_minute=0, public_url="https://proof.example.org")
        with closing(serving(settings)) as running:
            installation = next(running)
            installation.parts.public_url = "https://proof.example.org"
            person = installation.user(password=PASSWORD)
            with httpx.Client(base_url=installation.url) as http:
                first = http.get("/sign-in")
                assert first.headers["strict-transport-security"]
                visit = first.headers["set-cookie"].split(";")[0]
                csrf = first.text.split('name="csrf" value="')[1].split('"')[0]
                answer = http.post(
                    "/sign-in", data={"email": person.email, "password": PASSWORD, "csrf": csrf},
                    headers={"Origin": "https://proof.example.org", "Cookie": visit},
                )  # fmt: skip
            header = next(h for h in answer.headers.get_list("set-cookie") if "fieldproof_session" in h)
            assert header.startswith("__Host-fieldproof_session=")
            assert "Secure" in header
            assert "Path=/" in header
            assert "Domain" not in header


def test_assets_are_small_and_cached(server: Installation, browse: Browse) -> None:
    """What a first page transfers of our own: under 100 kB, scripts under 60 kB in all, whichever pages follow."""
    page = browse()
    sizes: dict[str, int] = {}
    page.on("requestfinished", lambda r: sizes.__setitem__(r.url, r.sizes()["responseBodySize"]))
    page.goto("/sign-in")
    page.wait_for_load_state("networkidle")
    own = {url: size for url, size in sizes.items() if "/static/" in url}
    assert len(own) >= 4
    assert sum(own.values()) < 100_000, own
    scripts = [name for name in assets._names() if name.endswith(".js")]
    assert sum(len(assets._asset(name).compressed or b"") for name in scripts) < 60_000
    style = next(url for url in own if "app.css" in url)
    answer = httpx.get(style)
    assert "immutable" in answer.headers["cache-control"]
    assert httpx.get(style, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert httpx.get(style.split("?")[0]).headers["cache-control"] == "no-cache"
    assert httpx.get(f"{server.url}/static/../pages.py").status_code == 404


def test_error_pages_tell_nothing(server: Installation, browse: Browse) -> None:
    page = browse(server.user())
    page.goto("/w/999999/settings")
    absent = page.locator("main").inner_text()
    page.goto(f"/w/{server.workspace(server.user())}/settings")
    assert page.locator("main").inner_text() == absent
    expect(page.get_by_role("link", name="Go to the start page")).to_be_visible()


def _signed_in(server: Installation, person: Any) -> httpx.Client:
    return httpx.Client(base_url=server.url, cookies={"fieldproof_session": cookie_of(server, person)["value"]})


def _csrf(http: httpx.Client) -> str:
    return http.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
