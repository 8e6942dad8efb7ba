"""What the dashboard refuses, and what it never runs."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from fieldproof import search
from fieldproof.db.models import Document, User
from fieldproof.services import templates, tokens
from fieldproof.settings import Settings
from fieldproof.web import assets
from running import PASSWORD, Installation, serving
from web.conftest import Browse, cookie_of

pytestmark = pytest.mark.browser

PAYLOADS = (
    "<script>pwned=1</script>", "<img src=x onerror=pwned=1>", "<svg onload=pwned=1>", "<svg/onload=pwned=1>",
    "'\"><script>pwned=1</script>", "\"onmouseover=\"pwned=1", "' onfocus='pwned=1' autofocus='", "javascript:pwned=1",
    "<iframe src=javascript:pwned=1>", "<body onload=pwned=1>", "<details open ontoggle=pwned=1>", "{{7*7}}{%pwned%}",
    "${pwned=1}", "</title><script>pwned=1</script>", "</textarea><script>pwned=1</script>", "<!--<script>pwned=1//-->",
    "]]><script>pwned=1</script>", "<a href=javascript:pwned=1>x</a>", "<math><mi//xlink:href=\"data:x,pwned=1\">",
    "<video><source onerror=pwned=1>", "<input onfocus=pwned=1 autofocus>", "<marquee onstart=pwned=1>",
    "<object data=\"data:text/html,<script>pwned=1</script>\">", "<base href=//evil.test/>",
    "<meta http-equiv=refresh content=0;url=//evil.test>", "<link rel=stylesheet href=//evil.test>",
    "<style>*{background:url(//evil.test)}</style>", "&lt;script&gt;pwned=1&lt;/script&gt;",
    "<form action=//evil.test><button>x", "\u202e<script>pwned=1</script>", "<div hx-get=/ hx-trigger=load>",
    "<button hx-on:click=pwned=1>", "<x data-hx-get=\"//evil.test\" data-hx-trigger=load>",
)  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_are_only_ever_text(server: Installation, browse: Browse, payload: str) -> None:
    alice = server.user(name=f"N {payload}")
    place = server.workspace(alice, f"W {payload}")
    with server.parts.work(alice.actor) as work:
        schema = {"groups": {"g": {"title": payload, "fields": {"f": {"type": "string", "title": payload}}}}}
        workspace = work.db.get_one(templates.Workspace, place)
        template = str(templates.add_template(work, workspace, f"T {payload}", schema, description=payload).id)
        tokens.add_token(work, work.db.get_one(User, alice.id), f"K {payload}")
        document = _document(place, f"D {payload}.pdf", work.now)
        work.db.add(document)
        work.db.flush()
        search.add_entry(work.db, document, document.filename, is_first=True)
    page = browse(alice)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    shown = {
        f"/w/{place}/templates": f"T {payload}", f"/w/{place}/templates/{template}": f"T {payload}", "/tokens": f"K {payload}",
        f"/w/{place}/members": f"N {payload}", f"/w/{place}/audit": f"T {payload}", f"/w/{place}/settings": f"W {payload}",
        f"/w/{place}/jobs": f"D {payload}.pdf", f"/w/{place}/documents": f"D {payload}.pdf",
    }  # fmt: skip
    for path, text in shown.items():
        page.goto(path)
        if "/audit" not in path:
            assert (
                " ".join(text.split()) in " ".join(page.locator("body").inner_text().split()) or text in page.content()
            )
        assert page.evaluate("typeof pwned") == "undefined", path
    assert all(url.startswith(server.url) for url in asked), asked


def _document(place: int, filename: str, now: Any) -> Document:
    return Document(
        workspace_id=place, filename=filename, mime="application/pdf", extension="pdf", category="pdf", size_bytes=1,
        sha256=uuid.uuid4().hex * 2, status="failed", source_type="upload", error_code="corrupt", error=filename,
        created_at=now, updated_at=now,
    )  # fmt: skip


def test_every_page_forbids_inline_scripts_and_framing(server: Installation) -> None:
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


def test_cookies_behind_https(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("https")
    settings = Settings(data_dir=folder, rate_limit_per_minute=0, public_url="https://proof.example.org")
    running = serving(settings)
    try:
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
    finally:
        running.close()


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
