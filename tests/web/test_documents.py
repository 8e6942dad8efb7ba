"""Documents: found, opened at what was found, filtered, deleted in bulk."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from fieldproof.services import access, documents
from running import Installation
from web.conftest import Browse
from web.office import PATIENCE_MS, Office, office

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def at(server: Installation) -> Office:
    return office(server, "invoice.pdf", "order.docx")


def test_hit_opens_at_its_highlight(at: Office, browse: Browse) -> None:
    page = browse(at.person)
    page.goto(f"{at.base}/documents")
    page.get_by_label("Search documents").fill("spectrometer")
    page.keyboard.press("Enter")
    page.wait_for_url("**search=spectrometer**")
    row = page.get_by_role("row", name="invoice.pdf")
    expect(row.locator("mark")).to_have_text("Spectrometer")
    expect(page.get_by_role("row", name="order.docx")).to_have_count(0)
    row.get_by_role("link", name="invoice.pdf").click()
    expect(page.get_by_text("1 place with “spectrometer”")).to_be_visible()
    expect(page.locator("rect.mark")).to_be_in_viewport()


def test_filters_are_in_the_address(at: Office, browse: Browse) -> None:
    page = browse(at.person)
    page.goto(f"{at.base}/documents")
    page.get_by_label("Type").select_option("word")
    page.wait_for_url("**type=word**")
    expect(page.get_by_role("row", name="order.docx")).to_be_visible()
    expect(page.get_by_role("row", name="invoice.pdf")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Type")).to_have_value("word")
    page.get_by_role("link", name="Clear").click()
    expect(page.get_by_role("row", name="invoice.pdf")).to_be_visible()


def test_document_says_how_it_was_read_and_where_it_is_used(at: Office, browse: Browse) -> None:
    page = browse(at.person)
    page.goto(f"{at.base}/documents/{at.documents['invoice.pdf']}")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    assert started.value.suggested_filename == "invoice.pdf"
    views = page.get_by_label("Views")
    views.get_by_role("link", name="Readings").click()
    expect(page.get_by_role("region", name="Readings")).to_contain_text("Pictures where there is no text")
    views.get_by_role("link", name="Text", exact=True).click()
    expect(page.get_by_role("region", name="Text layer")).to_contain_text("Spectrometer NL-40")
    views.get_by_role("link", name="Used in").click()
    expect(page.get_by_role("row", name="invoice.pdf")).to_contain_text("Completed")


@pytest.mark.parametrize("scripted", [True, False])
def test_chosen_documents_are_deleted(server: Installation, browse: Browse, scripted: bool) -> None:
    at = office(server)
    page = browse(at.person, java_script_enabled=scripted)
    page.goto(f"{at.base}/documents")
    page.get_by_label("Choose invoice.pdf").check()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("1 document is deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="No documents yet")).to_be_visible()


@pytest.mark.parametrize("scripted", [True, False])
def test_chosen_documents_are_extracted(at: Office, browse: Browse, scripted: bool) -> None:
    page = browse(at.person, java_script_enabled=scripted)
    page.goto(f"{at.base}/documents")
    if scripted:
        page.get_by_label("Choose all").check()
    else:
        for name in at.documents:
            page.get_by_label(f"Choose {name}").check()
    page.get_by_label("Template to extract with").select_option(at.template)
    page.get_by_role("button", name="Extract").click()
    page.wait_for_url(f"**/sessions?template={at.template}")
    expect(page.get_by_text("2 runs are started.")).to_be_visible()
    for name in at.documents:
        row = page.get_by_role("row", name=name).first
        if scripted:  # without scripts the page is as it was
            expect(row).to_contain_text("Completed", timeout=PATIENCE_MS)


def test_chosen_documents_are_read_again(server: Installation, browse: Browse) -> None:
    at = office(server)
    page = browse(at.person)
    page.goto(f"{at.base}/documents")
    expect(page.get_by_role("button", name="Read again")).to_have_count(0)  # nothing is ticked
    page.get_by_label("Choose invoice.pdf").check()
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_text("1 document is read again.")).to_be_visible()
    row = page.get_by_role("row", name="invoice.pdf")
    expect(row.locator("td.state")).to_have_text("Read", timeout=PATIENCE_MS)
    with server.parts.work(at.person.actor) as work:
        document = access.document(work, at.documents["invoice.pdf"])
        (parsing,) = documents.with_parsings(work, document).parsings
        assert parsing.status == "ready"
        assert document.processed_at is not None
        assert document.processed_at > document.created_at


@pytest.mark.parametrize("scripted", [True, False])
def test_documents_are_tagged_and_filtered_by_tag(server: Installation, browse: Browse, scripted: bool) -> None:
    at = office(server, "invoice.pdf", "order.docx")
    page = browse(at.person, java_script_enabled=scripted)
    page.goto(f"{at.base}/documents/{at.documents['invoice.pdf']}")
    page.get_by_text("Tags", exact=True).first.click()
    page.get_by_label("Tags").fill("2026, Paid,  spring offer ")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The tags are saved.")).to_be_visible()
    page.get_by_role("link", name="spring offer").click()
    page.wait_for_url("**tag=spring%20offer**")
    expect(page.get_by_role("row", name="invoice.pdf")).to_be_visible()
    expect(page.get_by_role("row", name="order.docx")).to_have_count(0)
    page.get_by_role("link", name="Clear").click()
    page.get_by_label("Choose order.docx").check()
    page.get_by_label("Tags, with commas between").fill("paid")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 document is tagged.")).to_be_visible()
    page.get_by_label("Choose invoice.pdf").check()
    page.get_by_label("Tags, with commas between").fill("2026, Paid")
    page.get_by_role("button", name="Remove tag").click()
    expect(page.get_by_text("1 document is rid of it.")).to_be_visible()
    expect(page.get_by_role("row", name="invoice.pdf").locator(".tags")).to_have_text("spring offer")
    expect(page.get_by_role("row", name="order.docx").locator(".tags")).to_have_text("paid")


def test_search_without_scripts(at: Office, browse: Browse) -> None:
    page = browse(at.person, java_script_enabled=False)
    page.goto(f"{at.base}/documents")
    page.get_by_label("Search documents").fill("spectrometer")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=re.compile("invoice.pdf")).click()
    expect(page.get_by_role("heading", name="invoice.pdf")).to_be_visible()
