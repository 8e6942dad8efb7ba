"""axe-core finds nothing wrong, and nothing is wider than the window, on any screen."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from running import Installation
from web.conftest import Browse, violations
from web.screens import SCREENS, Stage, stage

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shown(server: Installation) -> Stage:
    return stage(server)


@pytest.mark.parametrize("name", SCREENS)
def test_screen_is_open_to_everybody(shown: Stage, browse: Browse, name: str) -> None:
    page = browse(shown.alice)
    page.goto(shown.screens[name])
    _check(page)


@pytest.mark.parametrize("name", ["sign-in", "invitation"])
def test_way_in_is_open_to_everybody(shown: Stage, browse: Browse, name: str) -> None:
    page = browse()
    page.goto(shown.strangers[name])
    _check(page)


def test_opened_menus_and_questions(shown: Stage, browse: Browse) -> None:
    page = browse(shown.alice, viewport={"width": 390, "height": 800})
    page.goto(shown.screens["members"])
    page.get_by_label("Menu").first.click()
    assert not violations(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove").first.click()
    assert not violations(page)


def test_main_way_by_keyboard_alone(shown: Stage, browse: Browse) -> None:
    """Skip link, menu, a page, and back."""
    page = browse(shown.alice)
    page.goto(shown.screens["members"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "email"


def _check(page: Page) -> None:
    if page.locator("api-reference").count():
        page.get_by_role("heading", name="Try it").wait_for()
    found: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {line}" for line in violations(page)]
    for width in (390, 1920):
        page.set_viewport_size({"width": width, "height": 860})
        over: Any = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{width} px: wider by {over} px"] if over > 0 else []
    assert not found, "\n".join(found)
