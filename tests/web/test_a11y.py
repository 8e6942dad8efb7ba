"""axe-core finds nothing wrong, and nothing is wider than the window, on any screen."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fieldproof.web import routes
from running import Installation
from web.conftest import Browse, violations
from web.screens import MEMBERS, NOBODYS, SCREENS, STRANGERS, Stage, stage

pytestmark = pytest.mark.browser
_PLACE = re.compile(r"{(\w+)}")


# Answers to GET that are no page: streams, files, ways on to another page.
NO_SCREENS = {
    "/w/{workspace_id}/documents/live", "/w/{workspace_id}/documents/{document_id}/live", "/w/{workspace_id}/live",
    "/w/{workspace_id}/jobs/live", "/w/{workspace_id}/results/{result_id}/live", "/w/{workspace_id}/review/live",
    "/w/{workspace_id}/sessions/live", "/w/{workspace_id}/sessions/{session_id}/live",
    "/w/{workspace_id}/documents/{document_id}/download", "/w/{workspace_id}/sessions/export.{kind}",
    "/w/{workspace_id}/documents/{document_id}/readings/{reading}/{number}",
    "/w/{workspace_id}/documents/{document_id}/readings/{reading}/{number}/words", "/w/{workspace_id}/review/next", "/",
}  # fmt: skip


@pytest.fixture(scope="module")
def shown(server: Installation) -> Stage:
    return stage(server)


@pytest.mark.parametrize("name", MEMBERS)
def test_screen_is_open_to_everybody(shown: Stage, browse: Browse, name: str) -> None:
    _check(browse(shown.alice), shown.path(name))


@pytest.mark.parametrize("name", STRANGERS)
def test_way_in_is_open_to_everybody(shown: Stage, browse: Browse, name: str) -> None:
    _check(browse(), shown.path(name))


@pytest.mark.parametrize("name", NOBODYS)
def test_first_visit_is_open_to_everybody(empty: Installation, browse: Browse, name: str) -> None:
    _check(browse(), f"{empty.url}{SCREENS[name]}")


def test_no_page_is_forgotten() -> None:
    modules = [importlib.import_module(f"{routes.__name__}.{m.name}") for m in pkgutil.iter_modules(routes.__path__)]
    pages = [r for m in modules for r in m.router.routes if "GET" in r.methods and r.path not in NO_SCREENS]
    given = dict.fromkeys(_PLACE.findall(" ".join(SCREENS.values())), "7") | {"base": "/w/7", "empty": "/w/8"}
    paths = [path.format(**given).partition("?")[0] for path in SCREENS.values()]
    forgotten = {r.path for r in pages if not any(r.path_regex.fullmatch(path) for path in paths)}
    assert not forgotten, forgotten


def test_opened_menus_and_questions(shown: Stage, browse: Browse) -> None:
    page = browse(shown.alice, viewport={"width": 390, "height": 800})
    page.goto(shown.path("members"))
    page.get_by_label("Menu").first.click()
    assert not violations(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove").first.click()
    assert not violations(page)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["document", "sessions-grid", "session", "review", "home"])
def test_what_opens_stays_within_the_window(shown: Stage, browse: Browse, name: str, width: int) -> None:
    page = browse(shown.alice, viewport={"width": width, "height": 860})
    page.goto(shown.path(name))
    for menu in page.locator("details.menu:visible").all():
        menu.locator("summary").click()
        box = menu.locator("> div").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        found = violations(page)
        assert not found, found
        page.keyboard.press("Escape")


@pytest.mark.parametrize("width", [390, 1280])
def test_proof_of_a_value_is_shown_whole(shown: Stage, browse: Browse, width: int) -> None:
    page = browse(shown.alice, viewport={"width": width, "height": 860})
    page.goto(shown.path("review"))
    page.locator("[id='v-amounts.total']").click()
    page.locator("[id='v-amounts.total']").get_by_role("link", name="Why").click()
    proof = page.get_by_label("Where the value comes from")
    expect(proof.get_by_text("Other candidates")).to_be_visible()
    panel, keys = proof.bounding_box(), page.locator("[data-keys]").bounding_box()
    assert panel is not None
    assert keys is not None
    assert panel["height"] > 100
    assert panel["y"] + panel["height"] <= keys["y"]


def test_main_way_by_keyboard_alone(shown: Stage, browse: Browse) -> None:
    """Skip link, menu, a page, and back."""
    page = browse(shown.alice)
    page.goto(shown.path("members"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "email"


def _check(page: Page, address: str) -> None:
    page.goto(address)
    if page.locator("api-reference").count():
        page.get_by_role("heading", name="Try it").wait_for()
    found: list[str] = []
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 860})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{scheme}, {width} px: {line}" for line in violations(page)]
    for width in (390, 768, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 860})
        over: Any = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{width} px: wider by {over} px"] if over > 0 else []
    assert not found, "\n".join(found)
