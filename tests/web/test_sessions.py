"""Sessions: the results of a template as a grid, exported, run again, renamed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from running import Installation
from web.conftest import Browse
from web.office import PATIENCE_MS, Office, office

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def at(server: Installation) -> Office:
    return office(server)


def test_results_are_exported(at: Office, browse: Browse) -> None:
    page = browse(at.person)
    page.goto(f"{at.base}/sessions?template={at.template}")
    expect(page.get_by_role("columnheader", name="Supplier")).to_be_visible()
    expect(page.get_by_role("row", name="invoice.pdf")).to_contain_text("4898.04")
    files: dict[str, Path] = {}
    for kind in ("XLSX", "CSV", "JSON"):
        page.get_by_text("Export", exact=True).click()
        with page.expect_download() as started:
            page.get_by_role("link", name=kind).click()
        files[kind] = started.value.path()
        page.keyboard.press("Escape")
    assert "NI-2026-1047" in files["CSV"].read_text()
    assert "NI-2026-1047" in json.dumps(json.loads(files["JSON"].read_text()))
    with files["XLSX"].open("rb") as file:
        cells = [
            c for sheet in load_workbook(file).worksheets for row in sheet.iter_rows(values_only=True) for c in row
        ]
    assert "NI-2026-1047" in cells


def test_session_is_renamed(at: Office, browse: Browse) -> None:
    page = browse(at.person)
    page.goto(f"{at.base}/sessions/{at.sessions['invoice.pdf']}")
    page.get_by_text("Rename", exact=True).click()
    page.get_by_label("Name", exact=True).fill("October")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="October")).to_be_visible()


def test_chosen_sessions_are_run_again(server: Installation, browse: Browse) -> None:
    at = office(server, "invoice.pdf", "order.docx")
    page = browse(at.person)
    page.goto(f"{at.base}/sessions?template={at.template}")
    page.get_by_label("Choose all").check()
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("2 runs are started.")).to_be_visible()
    for name in at.sessions:
        expect(page.get_by_role("row", name=name)).to_contain_text("Completed", timeout=PATIENCE_MS)
        page.goto(f"{at.base}/sessions/{at.sessions[name]}")
        expect(page.get_by_role("region", name="Runs").locator("tbody tr")).to_have_count(2)
        page.goto(f"{at.base}/sessions?template={at.template}")
