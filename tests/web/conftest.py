"""A real browser before the real server. A page with any error in its console fails its test."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright

from fieldproof.db.models import User
from fieldproof.services import users
from fieldproof.settings import Settings

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
PATIENCE_MS = 30_000  # the machine may be busy
_REPORT_VIOLATIONS = "addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI))"

Browse = Callable[..., Page]
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Watch:
    """What went wrong in a page. An answer of 4xx to the page itself is no error of the page."""

    troubles: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def over(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        page.on("response", self._note)
        page.on("console", self._listen)

    def _note(self, response: Response) -> None:
        if response.status >= 400 and (
            response.request.is_navigation_request() or {"hx-request", "x-fragment"} & set(response.request.headers)
        ):
            self.refused.add(response.url)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        is_refusal = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if not (is_refusal and message.location.get("url") in self.refused):
            self.troubles.append(f"console: {message.text} ({message.location.get('url')})")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def empty() -> Iterator[Any]:
    """An installation in which nobody has an account."""
    from running import serving  # late: the screenshots take this module without the tests' folder on the path

    with tempfile.TemporaryDirectory(prefix="fieldproof-tests-") as folder:
        yield from serving(Settings(data_dir=Path(folder), rate_limit_per_minute=0, worker_is_embedded=False))


@pytest.fixture
def browse(browser: Browser, server: Any) -> Iterator[Browse]:
    """``browse(person)`` opens a page as that person, ``browse()`` as a stranger; options go to the context."""
    contexts: list[BrowserContext] = []
    watch = Watch()

    def open_page(person: Any = None, **options: Any) -> Page:
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
        context = browser.new_context(base_url=server.url, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(_REPORT_VIOLATIONS)
        if person is not None:
            context.add_cookies([cookie_of(server, person)])
        page = context.new_page()
        watch.over(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not watch.troubles, watch.troubles


@pytest.fixture
def page(browse: Browse) -> Page:
    """A stranger's page; see ``browse`` for a signed-in one."""
    return browse()


def cookie_of(server: Any, person: Any) -> Any:
    """A signed-in session of the person, without the time that a password takes."""
    with server.parts.work(person.actor) as work:
        secret = users.start_session(work, work.db.get_one(User, person.id), user_agent="Test", ip="127.0.0.1")
    return {"name": "fieldproof_session", "value": secret, "url": server.url}


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it is now, one line each."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{page.url}: {v['id']}: {v['help']}: {node['html'][:160]}" for v in found["violations"] for node in v["nodes"]
    ]
