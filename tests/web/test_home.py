"""Home: files dropped, read and extracted while one looks."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import expect

from running import Installation
from web.conftest import Browse
from web.office import PATIENCE_MS, SAMPLES, Office, office

pytestmark = pytest.mark.browser
DROP = """([name, type, content]) => {
  const files = new DataTransfer()
  files.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], name, {type}))
  document.querySelector("main").dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true}))
}"""


@pytest.fixture(scope="module")
def at(server: Installation) -> Office:
    return office(server)


def test_dropped_file_is_followed_to_its_result(at: Office, browse: Browse) -> None:
    page = browse(at.person)
    page.goto(at.base)
    page.get_by_label("Take out the fields of").select_option(at.template)
    order = SAMPLES["order.docx"]
    page.evaluate(DROP, [order.filename, order.media_type, base64.b64encode(order.read()).decode()])
    expect(page.get_by_text("1 document taken in.")).to_be_visible()
    page.wait_for_url(f"**/sessions?template={at.template}")
    row = page.get_by_role("row", name="order.docx")
    expect(row).to_contain_text("Completed", timeout=PATIENCE_MS)  # by itself: nothing is reloaded
    row.get_by_role("link", name="order.docx", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("VG-7730")


def test_empty_workspace_offers_the_samples(server: Installation, browse: Browse) -> None:
    alice = server.user()
    page = browse(alice)
    page.goto(f"/w/{server.workspace(alice)}")
    page.get_by_role("button", name="Load the sample documents").click()
    expect(page.get_by_text("4 documents taken in.")).to_be_visible()
    for name in SAMPLES:
        expect(page.get_by_role("row", name=name)).to_contain_text("Completed", timeout=PATIENCE_MS)


def test_first_document_leads_to_a_template(server: Installation, browse: Browse) -> None:
    alice = server.user()
    page = browse(alice)
    page.goto(f"/w/{server.workspace(alice)}")
    invoice = SAMPLES["invoice.pdf"]
    page.get_by_label("Drop documents here, or choose them").set_input_files(
        {"name": invoice.filename, "mimeType": invoice.media_type, "buffer": invoice.read()}
    )
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("There is no template yet")).to_be_visible()
    expect(page.get_by_role("row", name="invoice.pdf").locator("td.state")).to_have_text("Read", timeout=PATIENCE_MS)
    page.get_by_role("link", name="invoice.pdf").click()
    page.get_by_role("link", name="Make a template from it").click()
    expect(page.get_by_role("heading", name="What is in invoice.pdf")).to_be_visible()


def test_upload_and_run_without_scripts(at: Office, browse: Browse) -> None:
    page = browse(at.person, java_script_enabled=False)
    page.goto(at.base)
    sheet = SAMPLES["expenses.xlsx"]
    page.get_by_label("Choose files").set_input_files(
        {"name": sheet.filename, "mimeType": sheet.media_type, "buffer": sheet.read()}
    )
    page.get_by_label("Take out the fields of").select_option(at.template)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("1 document taken in.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("expenses.xlsx"))).to_be_visible()
    page.get_by_role("link", name=re.compile("Session expenses.xlsx")).click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
