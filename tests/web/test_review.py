"""Review: by mouse, by keys alone, by finger, and without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from contract.files import long_invoice_pdf
from contract.office import until
from fieldproof.db.models import Result
from fieldproof.services import access, learning
from running import Installation
from web.conftest import Browse
from web.office import Office, office, result_of

pytestmark = pytest.mark.browser


@pytest.fixture
def at(server: Installation) -> Office:
    return office(server)


def test_review_by_mouse(server: Installation, at: Office, browse: Browse) -> None:
    page = _open(browse, at)
    page.locator("rect[data-for='document.number']").click()
    number = _value(page, "document.number")
    expect(number).to_have_class(re.compile("active"))
    expect(page.locator("rect.active")).to_have_count(1)
    number.get_by_role("link", name="Why").click()
    expect(page.get_by_label("Where the value comes from")).to_contain_text("NI-2026-1047")
    number.get_by_role("button", name="Accept").click()
    expect(number).to_contain_text("Accepted")
    expect(page.get_by_text("1 of 24 looked at")).to_be_visible()
    supplier = _value(page, "document.supplier")
    supplier.get_by_role("textbox", name="Supplier", exact=True).fill("Nordlicht GmbH")
    page.get_by_role("textbox", name="Due date", exact=True).click()
    expect(supplier).to_contain_text("Corrected")
    expect(supplier.locator(".machine")).to_contain_text("Nordlicht Instruments GmbH")
    expect(supplier.locator(".machine")).to_contain_text(at.person.name)
    assert result_of(server, at).data["document"]["supplier"] == "Nordlicht GmbH"
    supplier.get_by_role("textbox", name="Supplier", exact=True).click()
    supplier.get_by_role("button", name="Undo").click()
    expect(supplier.get_by_role("textbox", name="Supplier", exact=True)).to_have_value("Nordlicht Instruments GmbH")
    page.locator("#reject summary").click()
    page.get_by_label("What is wrong with it").fill("The wrong supplier")
    page.get_by_role("button", name="Reject", exact=True).click()
    page.wait_for_url("**/review")
    page.goto(at.review)
    expect(page.get_by_text(f"Rejected by {at.person.name}")).to_contain_text("The wrong supplier")


def test_review_by_keyboard_alone(server: Installation, at: Office, browse: Browse) -> None:
    page = _open(browse, at)
    expect(page.locator(".value:focus")).to_have_class(re.compile("bad|warn|missing"))  # the least certain
    page.keyboard.press("j")
    _press_until(page, "k", "v-document.number")
    _press_until(page, "j", "v-document.currency")
    page.keyboard.press("Shift+Tab")
    assert _focused(page) == "v-document.due_date"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(_value(page, "document.currency")).to_contain_text("Accepted")
    assert _focused(page) == "v-amounts.net"
    page.keyboard.press("e")
    page.keyboard.type("4.117,00")
    page.keyboard.press("Enter")
    expect(_value(page, "amounts.net")).to_contain_text("Corrected")
    expect(_value(page, "amounts.tax")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("u")
    expect(_value(page, "amounts.net").get_by_role("textbox")).to_have_value("4116")
    page.keyboard.press("w")
    expect(page.get_by_label("Where the value comes from")).to_be_visible()
    for key in ("]", "["):
        page.keyboard.press(key)
        expect(page.get_by_text("Page 1 of 1")).to_be_visible()
    page.keyboard.press("a")
    page.wait_for_url("**/review")
    assert result_of(server, at).review_status == "approved"


def test_pages_are_turned_and_the_result_approved_by_keyboard_alone(server: Installation, browse: Browse) -> None:
    at = office(server, pdfs={"long.pdf": long_invoice_pdf(5)})
    page = browse(at.person)
    page.goto(f"{at.base}/results/{at.results['long.pdf']}")
    expect(page.locator("rect[data-for='amounts.total']")).to_be_attached()
    total = page.locator("#p-0-5 rect[data-for='amounts.total']")
    page.evaluate("document.activeElement.blur()")
    for _ in range(5):  # from wherever the least certain value is
        page.keyboard.press("[")
    for key, number in zip("[]]]]][[[[", (1, 2, 3, 4, 5, 5, 4, 3, 2, 1), strict=True):
        page.keyboard.press(key)
        expect(page.get_by_text(f"Page {number} of 5")).to_be_visible()
        expect(page.get_by_role("img", name=f"Page {number} of long.pdf")).to_be_in_viewport()
    expect(total).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    _press_until(page, "Tab", "v-amounts.total")
    expect(total).to_be_in_viewport()
    expect(page.get_by_text("Page 5 of 5")).to_be_visible()
    page.keyboard.press("Enter")
    expect(_value(page, "amounts.total")).to_contain_text("Accepted")
    page.keyboard.press("a")
    page.wait_for_url("**/review")
    with server.parts.work() as work:
        assert work.db.get_one(Result, at.results["long.pdf"]).review_status == "approved"


def test_title_names_the_corrected_value(at: Office, browse: Browse) -> None:
    page = _open(browse, at)
    expect(page.get_by_role("heading", level=1)).to_contain_text("NI-2026-1047")
    number = _value(page, "document.number")
    number.get_by_role("textbox").fill("NI-2026-1048")
    page.keyboard.press("Enter")
    expect(number).to_contain_text("Corrected")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nordlicht Instruments GmbH · NI-2026-1048 · 2026-10-14")
    expect(page).to_have_title("Nordlicht Instruments GmbH · NI-2026-1048 · 2026-10-14 · Fieldproof")
    number.click()
    number.get_by_role("button", name="Undo").click()
    expect(number).not_to_contain_text("Corrected")
    expect(page.get_by_role("heading", level=1)).to_contain_text("NI-2026-1047")


def test_value_that_is_none_is_refused_beside_the_field(at: Office, browse: Browse) -> None:
    page = _open(browse, at)
    total = _value(page, "amounts.total")
    total.get_by_role("textbox").fill("much")
    page.keyboard.press("Enter")
    expect(total.get_by_role("alert")).to_contain_text("“much” is no number")
    assert page.evaluate("document.activeElement.id") == "i-amounts.total"


def test_box_drawn_gives_value_and_place(server: Installation, at: Office, browse: Browse) -> None:
    page = _open(browse, at)
    page.get_by_role("textbox", name="Number", exact=True).click()
    left, top, right, bottom = _place(page, "PO-88213")
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move((left + right) / 2, (top + bottom) / 2)
    page.mouse.move(right, bottom)
    page.mouse.up()
    _shows_order_number(server, at, page)


def test_box_drawn_by_finger(server: Installation, at: Office, browse: Browse) -> None:
    page = _open(browse, at, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.get_by_role("textbox", name="Number", exact=True).tap()
    page.get_by_role("button", name="Draw a box").tap()
    left, top, right, bottom = _place(page, "PO-88213")
    touch = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [(left, top)]),
        ("touchMove", [((left + right) / 2, (top + bottom) / 2)]),
        ("touchMove", [(right, bottom)]),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})
    _shows_order_number(server, at, page)
    expect(page.get_by_role("button", name="Draw a box")).to_have_attribute("aria-pressed", "false")


def test_rows_are_added_and_removed(server: Installation, at: Office, browse: Browse) -> None:
    page = _open(browse, at)
    page.get_by_role("button", name="Row", exact=True).click()
    page.get_by_label("Description, row 5").fill("Travel")
    page.get_by_label("Quantity, row 5").click()
    expect(_value(page, "items.lines.4.description")).to_have_class(re.compile("seen"))
    page.get_by_role("button", name="Remove row 1").click()
    expect(page.get_by_label("Description, row 4")).to_have_value("Travel")
    assert [r["description"] for r in result_of(server, at).data["items"]["lines"]][-1] == "Travel"


def test_what_was_learnt_is_forgotten_and_used_again(server: Installation, at: Office, browse: Browse) -> None:
    page = browse(at.person)
    page.goto(at.review)
    page.get_by_role("button", name="Approve", exact=True).click()
    page.wait_for_url("**/review")
    page.goto(f"{at.base}/templates/{at.template}")
    page.get_by_role("link", name="Learnt").click()
    row = page.get_by_role("row", name="invoice.pdf")
    until(lambda: page.reload() and row.count(), bool)  # learning is a job
    expect(row).to_contain_text("Used")
    row.get_by_role("button", name="Forget").click()
    expect(page.get_by_text("It is forgotten")).to_be_visible()
    expect(row).to_contain_text("Not used")
    with server.parts.work(at.person.actor) as work:
        (example,) = learning.list_examples(work, access.template(work, at.template))
        assert not example.is_active
    row.get_by_role("button", name="Use").click()
    expect(row.locator("td.state")).to_have_text("Used")


def test_queue_serves_the_least_certain_first(server: Installation, browse: Browse) -> None:
    at = office(server, "invoice.pdf", "order.docx")
    page = browse(at.person)
    page.goto(f"{at.base}/review")
    sure = [int(text.split()[0]) for text in page.locator("tbody td:nth-child(4)").all_inner_texts()]
    assert sure == sorted(sure)
    titles = page.locator("tbody td.lead a").all_inner_texts()
    page.get_by_role("link", name="Start reviewing").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(titles[0])
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(titles[1])
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()


def test_reader_looks_and_changes_nothing(server: Installation, at: Office, browse: Browse) -> None:
    reader = server.user()
    server.member(at.place, reader, "readonly")
    page = browse(reader)
    page.goto(at.review)
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Supplier", exact=True)).not_to_be_editable()
    page.get_by_role("textbox", name="Supplier", exact=True).click()
    page.keyboard.press("Enter")
    page.reload()
    expect(page.get_by_text("0 of 24 looked at")).to_be_visible()


def test_review_without_scripts(server: Installation, at: Office, browse: Browse) -> None:
    page = browse(at.person, java_script_enabled=False)
    page.goto(at.review)
    _value(page, "document.number").get_by_role("button", name="Accept").click()
    expect(_value(page, "document.number")).to_contain_text("Accepted")
    page.get_by_role("textbox", name="Supplier", exact=True).fill("Nordlicht GmbH")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("1 value is corrected.")).to_be_visible()
    _value(page, "document.supplier").get_by_role("link", name="Why").click()
    expect(page.get_by_role("heading", name="Where this value comes from")).to_be_visible()
    page.goto(at.review)
    page.get_by_role("button", name="Approve", exact=True).click()
    assert result_of(server, at).review_status == "approved"


def _open(browse: Browse, at: Office, **options: object) -> Page:
    page = browse(at.person, **options)
    page.goto(at.review)
    expect(page.locator("rect[data-for='document.number']")).to_be_attached()
    return page


def _value(page: Page, path: str) -> Locator:
    return page.locator(f"[id='v-{path}']")


def _press_until(page: Page, key: str, wanted: str) -> None:
    for _ in range(60):
        if _focused(page) == wanted:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{wanted} is not reached with {key}")


def _focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


def _place(page: Page, word: str) -> tuple[float, float, float, float]:
    """Where a word of the first page is on the screen, with a little around it; scrolled into view."""
    url = page.locator("figure img").first.get_attribute("src")
    box = next(box for text, box in page.request.get(f"{url}/words").json() if text == word)
    figure = page.locator("figure").first
    figure.evaluate("(f, y) => f.parentElement.scrollTo(0, f.offsetTop + y * f.offsetHeight - 120)", box[1])
    on = figure.bounding_box()
    assert on is not None
    x, y = on["x"], on["y"]
    width, height = on["width"], on["height"]
    return x + box[0] * width - 3, y + box[1] * height - 3, x + box[2] * width + 3, y + box[3] * height + 3


def _shows_order_number(server: Installation, at: Office, page: Page) -> None:
    expect(page.get_by_role("textbox", name="Number", exact=True)).to_have_value("PO-88213")
    result = result_of(server, at)
    assert result.data["document"]["number"] == "PO-88213"
    source = result.audit_data["document"]["number"]["sources"][0]
    assert source["text"] == "PO-88213"
    expect(page.locator("rect[data-for='document.number']")).to_have_count(1)
