"""Templates: made, edited on both sides, tried, copied, deleted."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from fieldproof import samples
from running import Installation
from web.conftest import Browse

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(server: Installation) -> dict[str, Any]:
    """A workspace with an invoice that has been read."""
    alice = server.user()
    place = server.workspace(alice, "Office")
    headers = {"Authorization": f"Bearer {alice.token()}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=120) as http:
        template = _add_template(http, place, "To begin with", {"a": "string"})
        session = http.post("/extractions/sessions", json={"extraction_template_id": template}).json()["id"]
        key = _upload(http, samples.SAMPLES[0])
        document = http.post(f"/extractions/sessions/{session}/documents/upload", json={"keys": [key]}).json()
        http.post(f"/extractions/sessions/{session}/results")
        _wait(http, session)
    return {"alice": alice, "place": place, "document": document["data"][0]["id"], "base": f"/w/{place}/templates"}


def test_template_from_a_sample_document(office: dict[str, Any], browse: Browse) -> None:
    page = browse(office["alice"])
    page.goto(f"{office['base']}/new")
    page.get_by_role("link", name="invoice.pdf").click()
    row = page.get_by_role("row", name="Due date")
    expect(row).to_contain_text("13 November 2026")
    assert row.get_by_label("Type of Due date").input_value() == "date"
    for box in page.get_by_role("checkbox", name="Take").all():
        box.uncheck()
    row.get_by_label("Take Due date").check()
    row.get_by_label("Name of Due date").fill("pay_until")
    page.get_by_role("row", name="Lines").get_by_label("Take Lines").check()
    page.get_by_label("Name of the template").fill("From a sample")
    page.get_by_role("button", name="Make the template").click()
    schema = _schema(page)
    assert list(schema["groups"]["document"]["fields"]) == ["pay_until"]
    lines = schema["groups"]["items"]["fields"]["lines"]["items"]["properties"]
    assert lines["amount"]["type"] == "number"
    page.get_by_role("button", name="Try the draft").click()
    expect(page.get_by_role("row", name="document.pay_until")).to_contain_text("2026-11-13")


def test_tree_and_json_are_one_schema(office: dict[str, Any], browse: Browse) -> None:
    page = _new(office, browse, "Two sides")
    page.get_by_role("button", name="Add: Field in document").click()
    page.get_by_label("Name of the field").nth(1).fill("total")
    page.keyboard.press("Tab")
    page.get_by_label("Type of total").select_option("currency")
    page.get_by_label("Prompt of total").fill("Amount to pay")
    assert _schema(page)["groups"]["document"]["fields"]["total"] == {
        "type": "currency", "extraction_prompt": "Amount to pay",
    }  # fmt: skip
    page.get_by_role("button", name="Add: Field in document").click()
    page.get_by_label("Type of field", exact=True).select_option("rows")
    expect(page.get_by_role("group", name="Field value")).to_be_visible()
    page.get_by_role("button", name="Move field total up").click()
    assert list(_schema(page)["groups"]["document"]["fields"]) == ["total", "number", "field"]

    schema = _schema(page)
    schema["groups"]["document"]["fields"]["typed"] = {"type": "boolean", "kept": [1]}
    page.get_by_label("JSON").fill(json.dumps(schema))
    assert page.get_by_label("Type of typed").input_value() == "boolean"
    page.get_by_label("Title of typed").fill("Typed by hand")
    assert _schema(page)["groups"]["document"]["fields"]["typed"]["kept"] == [1]
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert _schema(page)["groups"]["document"]["fields"]["typed"]["title"] == "Typed by hand"


def test_errors_point_at_the_line_and_the_field(office: dict[str, Any], browse: Browse) -> None:
    page = _new(office, browse, "Wrong")
    schema = {"groups": {"g": {"fields": {"fine": "string", "odd": {"type": "colour"}}}}}
    page.get_by_label("JSON").fill(json.dumps(schema, indent=2))
    problem = page.get_by_role("button", name="Line 7")
    expect(problem).to_contain_text("groups.g.fields.odd.type")
    expect(problem).to_contain_text("'colour' is not a type")
    expect(page.get_by_role("group", name="Field odd")).to_have_class("leaf wrong")
    problem.click()
    assert page.evaluate("getSelection().toString() || document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)").strip() == '"type": "colour"'  # fmt: skip
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Line 7")).to_be_visible()
    page.get_by_label("JSON").fill('{\n  "groups": {\n    "g": }\n}')
    expect(page.get_by_role("button", name="Line 3")).to_be_visible()


def test_draft_is_tried_without_being_saved(office: dict[str, Any], browse: Browse) -> None:
    page = _new(office, browse, "Tried")
    before = _schema(page)
    draft = {"groups": {"d": {"fields": {"invoice_number": {"type": "string"}}}}}
    page.get_by_label("JSON").fill(json.dumps(draft))
    page.get_by_role("button", name="Try the draft").click()
    expect(page.get_by_text("Choose a document first.")).to_be_visible()
    page.get_by_label("Document to try on").select_option(label="invoice.pdf")
    page.get_by_role("button", name="Try the draft").click()
    expect(page.get_by_role("row", name="d.invoice_number")).to_contain_text("NI-2026-1047")
    page.reload()
    assert _schema(page) == before


def test_template_from_json_without_scripts(office: dict[str, Any], browse: Browse) -> None:
    page = browse(office["alice"], java_script_enabled=False)
    page.goto(f"{office['base']}/new")
    page.get_by_label("JSON", exact=True).fill('{"name": "Imported", "schema_json": {"groups": 3}}')
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("alert").first).to_contain_text("Line 1")
    page.get_by_label("JSON", exact=True).fill(
        json.dumps({"name": "Imported", "schema_json": {"groups": {"g": {"fields": {"f": "date"}}}}})
    )
    page.get_by_role("button", name="Import").click()
    assert page.locator("textarea[name=schema_json]").input_value().count('"date"') == 1
    page.locator("textarea[name=schema_json]").fill('{"groups": {"d": {"fields": {"invoice_number": "string"}}}}')
    page.get_by_label("Document to try on").select_option(label="invoice.pdf")
    page.get_by_role("button", name="Try the draft").click()
    expect(page.get_by_role("row", name="d.invoice_number")).to_contain_text("NI-2026-1047")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_template_is_found_copied_and_deleted(office: dict[str, Any], browse: Browse) -> None:
    page = _new(office, browse, "Customs forms 50% [a_b]")
    page.goto(f"{office['base']}?q=50%25 [A_B")
    expect(page.get_by_role("link", name="Customs forms")).to_have_count(1)
    page.get_by_role("button", name="Duplicate").click()
    expect(page.get_by_role("heading", name="Customs forms 50% [a_b] (Copy)")).to_be_visible()
    page.goto(f"{office['base']}?q=Customs")
    page.get_by_role("row", name="(Copy)").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("is deleted.")).to_be_visible()
    page.goto(f"{office['base']}?q=Customs")
    expect(page.get_by_role("link", name="Customs forms")).to_have_count(1)


def test_reader_looks_and_changes_nothing(server: Installation, office: dict[str, Any], browse: Browse) -> None:
    template = _new(office, browse, "Looked at").url
    bob = server.user()
    server.member(office["place"], bob, "readonly")
    page = browse(bob)
    page.goto(template)
    expect(page.get_by_role("heading", name="Looked at")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    assert page.get_by_label("JSON").is_disabled()


def _new(office: dict[str, Any], browse: Browse, name: str) -> Page:
    page = browse(office["alice"])
    page.goto(f"{office['base']}/new")
    page.get_by_role("region", name="From scratch").get_by_label("Name").fill(name)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    return page


def _schema(page: Page) -> Any:
    return json.loads(page.locator("textarea[name=schema_json]").input_value())


def _add_template(http: httpx.Client, place: int, name: str, fields: dict[str, Any]) -> str:
    schema = {"groups": {"g": {"fields": fields}}}
    body = {"name": name, "workspace_id": place, "schema_json": schema}
    return http.post("/extractions/templates", json=body).json()["id"]


def _upload(http: httpx.Client, sample: samples.Sample) -> str:
    signed = http.post("/vapor/signed-storage-url", json={"content_type": sample.media_type}).json()
    headers = {**signed["headers"], "X-Filename": sample.filename}
    httpx.put(signed["url"], content=sample.read(), headers=headers, timeout=60).raise_for_status()
    return signed["key"]


def _wait(http: httpx.Client, session: str) -> None:
    deadline = time.monotonic() + 180
    while http.get(f"/extractions/sessions/{session}").json()["status"] not in ("completed", "failed"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
