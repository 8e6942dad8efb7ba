"""``python -m tests.web.screenshots [name …]``: every screen, light and dark, wide and narrow, into screenshots/."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from tests.running import Installation, serving
from tests.web.conftest import CHROMIUM, FLAGS, cookie_of
from tests.web.screens import MEMBERS, NOBODYS, STRANGERS, stage

from fieldproof import logs
from fieldproof.settings import Settings

FOLDER = Path(__file__).parents[2] / "screenshots"
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
BOUNDED = ("review", "review-doubt", "review-approved")  # as high as the window, with parts that stick to it


def main(wanted: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), rate_limit_per_minute=0, log_level="error")
        logs.configure(settings)
        running = serving(settings)
        try:
            shoot_all(next(running), wanted)
        finally:
            running.close()


def shoot_all(installation: Installation, wanted: list[str]) -> None:
    def chosen(names: dict[str, str]) -> list[str]:
        return [name for name in names if not wanted or name in wanted]

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        shoot(browser, installation, chosen(NOBODYS), NOBODYS.__getitem__, None)
        shown = stage(installation)
        shoot(browser, installation, chosen(STRANGERS), shown.path, None)
        shoot(browser, installation, chosen(MEMBERS), shown.path, shown.alice)
        browser.close()


def shoot(
    browser: Browser, installation: Installation, names: list[str], path_of: Callable[[str], str], person: object
) -> None:
    for scheme in SCHEMES:
        for width in WIDTHS:
            context = browser.new_context(
                base_url=installation.url, color_scheme=scheme, viewport={"width": width, "height": 860}
            )
            if person is not None:
                context.add_cookies([cookie_of(installation, person)])
            page = context.new_page()
            for name in names:
                page.goto(path_of(name))
                page.wait_for_timeout(250)
                page.screenshot(path=FOLDER / f"{name}-{scheme}-{width}.png", full_page=name not in BOUNDED)
                overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                print(f"{name}-{scheme}-{width}{f'  WIDER BY {overflow} px' if overflow > 0 else ''}", flush=True)
            context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
