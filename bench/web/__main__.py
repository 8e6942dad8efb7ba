"""What the dashboard weighs, and how soon it can be used: ``python -m bench.web [pages]``.

A real browser before a real installation in this process. Written to bench/results/web.md.
"""

from __future__ import annotations

import gzip
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from contract.files import long_invoice_pdf  # noqa: E402
from fieldproof import logs  # noqa: E402
from fieldproof.settings import Settings  # noqa: E402
from fieldproof.web import assets  # noqa: E402
from running import Installation, serving  # noqa: E402
from web.conftest import CHROMIUM, FLAGS, cookie_of  # noqa: E402
from web.office import Office, office  # noqa: E402

OPENINGS = 7
# The sheet has its focus, the boxes are drawn, and the page that is looked at is there to read.
_USABLE = """() => {
  const value = document.activeElement?.closest(".value")
  const first = [...document.querySelectorAll("figure img")].find(image => {
    const at = image.getBoundingClientRect()
    return at.bottom > 60 && at.top < innerHeight
  })
  return value && document.querySelector("svg.boxes rect") && first?.complete && first.naturalWidth > 0
}"""


@dataclass(frozen=True)
class Weight:
    """Bytes on the wire at a first visit, by what they are."""

    name: str
    html: int
    styles: int
    scripts: int
    font: int

    @property
    def own(self) -> int:
        return self.html + self.styles + self.scripts + self.font


def main() -> None:
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory(prefix="fieldproof-bench-") as folder, sync_playwright() as playwright:
        settings = Settings(data_dir=Path(folder), rate_limit_per_minute=0, log_level="error")
        logs.configure(settings)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for installation in serving(settings):
            at = office(installation, pdfs={"long.pdf": long_invoice_pdf(pages)})
            weights = _weights(browser, installation, at)
            openings = _openings(browser, installation, at)
        browser.close()
    _write(pages, weights, openings)


def _weights(browser: Browser, installation: Installation, at: Office) -> list[Weight]:
    shown = {
        "sign in": ("/sign-in", None), "home": (at.base, at.person), "documents": (f"{at.base}/documents", at.person),
        "review": (f"{at.base}/results/{at.results['long.pdf']}", at.person), "API reference": ("/docs", None),
    }  # fmt: skip
    return [_weight(browser, installation, name, path, person) for name, (path, person) in shown.items()]


def _weight(browser: Browser, installation: Installation, name: str, path: str, person: Any) -> Weight:
    sums = {"Document": 0, "Stylesheet": 0, "Script": 0, "Font": 0}
    kinds: dict[str, str] = {}
    with _visit(browser, installation, person) as page:
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
        wire.on("Network.loadingFinished", lambda event: _add(sums, kinds, event))
        page.goto(path, wait_until="load")
        page.wait_for_timeout(500)
    return Weight(name, sums["Document"], sums["Stylesheet"], sums["Script"], sums["Font"])


def _add(sums: dict[str, int], kinds: dict[str, str], event: dict[str, Any]) -> None:
    kind = kinds.get(event["requestId"], "")
    if kind in sums:
        sums[kind] += int(event["encodedDataLength"])


def _openings(browser: Browser, installation: Installation, at: Office) -> dict[str, list[float]]:
    """Milliseconds until a person can begin, each in a browser that was never here; the first draws the pictures."""
    address = f"{at.base}/results/{at.results['long.pdf']}"
    times: dict[str, list[float]] = {"answered": [], "usable": []}
    for _ in range(OPENINGS + 1):
        with _visit(browser, installation, at.person) as page:
            page.goto(address, wait_until="commit")
            page.wait_for_function(_USABLE)
            times["usable"].append(page.evaluate("performance.now()"))
            times["answered"].append(page.evaluate("performance.getEntriesByType('navigation')[0].responseEnd"))
    return times


@contextmanager
def _visit(browser: Browser, installation: Installation, person: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=installation.url, viewport={"width": 1280, "height": 900})
    if person is not None:
        context.add_cookies([cookie_of(installation, person)])
    yield context.new_page()
    context.close()


def _scripts() -> tuple[int, int]:
    """All scripts there are: bytes as files, and on the wire."""
    files = [path.read_bytes() for path in sorted(assets.ROOT.rglob("*.js"))]
    return sum(map(len, files)), sum(len(gzip.compress(content, 9, mtime=0)) for content in files)


def _machine() -> str:
    model = next(x.split(":")[1].strip() for x in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in x)
    load = "/".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{os.cpu_count()} cores ({model}), load average {load}"


def _write(pages: int, weights: list[Weight], openings: dict[str, list[float]]) -> None:
    raw, wire = _scripts()
    first, again = openings["usable"][0], openings["usable"][1:]
    text = [
        "# The dashboard, measured", "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_machine()}; server, worker, database and Chromium on the same machine. "
        "`make bench-web`.", "",
        "## What a first visit weighs", "",
        "kB on the wire, headers included, nothing cached; pictures of pages are not counted. Asked: under 100 for a first page.", "",
        "| page | HTML | styles | scripts | font | all |", "|---|---:|---:|---:|---:|---:|",
        *(f"| {w.name} | {_kb(w.html)} | {_kb(w.styles)} | {_kb(w.scripts)} | {_kb(w.font)} | {_kb(w.own)} |" for w in weights), "",
        f"All scripts together, htmx included: {_kb(wire)} kB compressed, {_kb(raw)} kB as files (asked: under 60).", "",
        f"## Review of a document with {pages} pages", "",
        "Milliseconds from the click until a value has the focus, the boxes are drawn and the page in view is readable, in a "
        "browser that was never here. Asked: under 1,000.", "",
        f"- for the first time, when the page's picture is not drawn yet: {first:.0f}",
        f"- after that: median {statistics.median(again):.0f}, slowest {max(again):.0f} of {len(again)}",
        f"- of which until the whole HTML is there: median {statistics.median(openings['answered'][1:]):.0f}", "",
    ]  # fmt: skip
    (ROOT / "bench" / "results" / "web.md").write_text("\n".join(text), "utf-8")
    print("\n".join(text))


def _kb(size: int) -> str:
    return f"{size / 1000:.1f}"


if __name__ == "__main__":
    main()
