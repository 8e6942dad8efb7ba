"""Review: what a person corrects is kept beside what the machine said, and teaches the template."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from contract.files import Line, invoice_pdf
from contract.office import Cast, Office, hired, until
from fieldproof.db.models import Result
from fieldproof.services import reviews
from running import Installation


@pytest.fixture(scope="module")
def office(server: Installation) -> Any:
    with hired(server) as cast:
        yield cast.office()


@pytest.fixture
def invoice(office: Office) -> dict[str, Any]:
    return office.invoice_run()


def test_a_correction_is_kept_beside_the_machines_value(office: Office, invoice: dict[str, Any]) -> None:
    put(office, invoice, "invoice.number", {"value": "INV-2026-9999"})
    row = value(office, invoice, "invoice.number")
    assert (row["value"], row["machine_value"], row["is_corrected"]) == ("INV-2026-9999", "INV-2026-0117", True)
    again = office.api.ok("getResult", resultId=invoice["id"])
    assert again["data"]["invoice"]["number"] == "INV-2026-9999"
    assert "Entered by" in again["audit_data"]["invoice"]["number"]["reasoning"]
    (change,) = call(office, "GET", f"/v1/results/{invoice['id']}/corrections")["data"]
    assert (change["old_value"], change["new_value"], change["path"]) == (
        "INV-2026-0117",
        "INV-2026-9999",
        "invoice.number",
    )


def test_a_correction_finds_where_it_stands(office: Office, invoice: dict[str, Any]) -> None:
    row = put(office, invoice, "invoice.total", {"value": "352.00"})
    assert row["value"] == 352
    assert row["sources"][0]["text"] == "352.00"


def test_a_box_drawn_on_the_page_gives_value_and_place(office: Office, invoice: dict[str, Any]) -> None:
    due = value(office, invoice, "invoice.date")["sources"][0]
    left, top, right, bottom = due["bbox"]
    line = top + (bottom - top) * 1.8  # the line below: the due date
    box = {"page": 1, "box": [left - 0.02, top + (line - top) * 0.7, right + 0.02, bottom + (line - top)]}
    row = put(office, invoice, "invoice.date", box)
    assert row["value"] == "2026-03-05"
    assert row["sources"][0]["bbox"][1] > top


def test_a_cell_of_a_list_can_be_corrected(office: Office, invoice: dict[str, Any]) -> None:
    put(office, invoice, "invoice.lines.1.quantity", {"value": "11"})
    data = office.api.ok("getResult", resultId=invoice["id"])["data"]
    assert [line["quantity"] for line in data["invoice"]["lines"]] == [4, 11, 6]


def test_rows_can_be_added_and_removed(office: Office, invoice: dict[str, Any]) -> None:
    path = f"/v1/results/{invoice['id']}/lists/invoice.lines/items"
    call(office, "POST", path)
    put(office, invoice, "invoice.lines.3.description", {"value": "Travel"})
    call(office, "DELETE", f"{path}/0")
    lines = office.api.ok("getResult", resultId=invoice["id"])["data"]["invoice"]["lines"]
    assert [line["description"] for line in lines] == ["Junction box IP65", "Labour, hours", "Travel"]
    assert value(office, invoice, "invoice.lines.2.description")["value"] == "Travel"
    office.api.ok("exportResultExcel", resultId=invoice["id"])


def test_a_change_can_be_undone_and_the_history_keeps_both(office: Office, invoice: dict[str, Any]) -> None:
    for text in ("A-1", "A-2"):
        put(office, invoice, "invoice.number", {"value": text})
    undo = f"/v1/results/{invoice['id']}/values/invoice.number/undo"
    assert call(office, "POST", undo)["value"] == "A-1"
    back = call(office, "POST", undo)
    assert (back["value"], back["is_corrected"]) == ("INV-2026-0117", False)
    assert send(office, "POST", undo).status_code == 409
    assert len(call(office, "GET", f"/v1/results/{invoice['id']}/corrections")["data"]) == 4


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("invoice.total", {"value": "much"}, 422),
        ("invoice.total", {"value": {"a": 1}}, 422),
        ("invoice.date", {"value": "the day after"}, 422),
        ("invoice.nothing", {"value": "x"}, 404),
        ("nothing", {"value": "x"}, 404),
        ("invoice.lines.99.amount", {"value": 1}, 404),
        ("invoice.number", {"page": 1, "box": [0.9, 0.9, 0.1, 0.1]}, 422),
        ("invoice.number", {"page": 1, "box": [0, 0.95, 0.1, 1]}, 422),
        ("invoice.number", {"page": 7, "box": [0, 0, 1, 1]}, 422),
        ("invoice.number", {"box": [0, 0, 1, 1]}, 422),
        ("invoice.number", {"page": 1, "document_id": "x", "box": [0, 0, 1, 1]}, 404),
    ],
)
def test_what_is_no_value_is_refused(
    path: str, body: dict[str, Any], status: int, office: Office, invoice: dict[str, Any]
) -> None:
    answer = send(office, "PUT", f"/v1/results/{invoice['id']}/values/{path}", body)
    assert answer.status_code == status, answer.text
    assert office.api.ok("getResult", resultId=invoice["id"])["data"] == invoice["data"]


def test_results_are_judged_and_the_queue_goes_on(office: Office) -> None:
    first, second = office.invoice_run(), office.invoice_run()
    for result, verb in ((first, "approve"), (second, "reject")):
        review = call(office, "POST", f"/v1/results/{result['id']}/{verb}", {"note": "seen"})
        assert (review["status"], review["note"]) == ({"approve": "approved", "reject": "rejected"}[verb], "seen")
    waiting = call(office, "GET", "/v1/reviews/next")
    assert waiting["result_id"] not in (first["id"], second["id"])
    reopened = call(office, "POST", f"/v1/results/{second['id']}/reopen")
    assert reopened["status"] == "open"
    assert call(office, "GET", "/v1/reviews/next")["open"] == waiting["open"] + 1


def test_a_correction_makes_the_next_lookalike_right(office: Office) -> None:
    """“Our ref” is no invoice number until somebody says so."""
    schema = {"groups": {"invoice": {"fields": {"buyer_code": {"type": "string", "extraction_prompt": "Buyer code"}}}}}
    template = office.template(schema, name="Learns")["id"]
    first = run(office, template, "INV-2026-0301")
    assert first["data"]["invoice"]["buyer_code"] != "INV-2026-0301"
    put(office, first, "invoice.buyer_code", {"value": "INV-2026-0301"})
    examples = f"/v1/templates/{template}/examples"
    (example,) = until(lambda: call(office, "GET", examples)["data"], lambda found: len(found) == 1)
    assert example["is_active"]
    assert run(office, template, "INV-2026-0302")["data"]["invoice"]["buyer_code"] == "INV-2026-0302"

    assert not call(office, "POST", f"{examples}/{example['id']}/deactivate")["is_active"]
    assert run(office, template, "INV-2026-0303")["data"]["invoice"]["buyer_code"] != "INV-2026-0303"


def test_a_burst_of_judgements_is_one_lesson(server: Installation, office: Office, invoice: dict[str, Any]) -> None:
    waiting = sa.text(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'learn_from' AND args ->> 'result_id' = :id"
    )
    with server.parts.work() as work:
        result = work.db.get_one(Result, invoice["id"])
        for path in ("invoice.number", "invoice.date", "invoice.total"):
            reviews.accept(work, result, path)
        reviews.correct(work, result, "invoice.number", "A-1")
        assert work.db.scalar(waiting, {"id": invoice["id"]}) == 1
    assert value(office, invoice, "invoice.number")["value"] == "A-1"


def test_only_members_who_may_write_review(office: Office, invoice: dict[str, Any]) -> None:
    cast, path = office.cast, f"/v1/results/{invoice['id']}/values/invoice.number"
    statuses = {name: as_person(cast, name, "PUT", path).status_code for name in ("alice", "ursula", "bob", "charlie")}
    assert statuses == {"alice": 200, "ursula": 200, "bob": 403, "charlie": 404}
    assert as_person(cast, "bob", "GET", f"/v1/results/{invoice['id']}/review").status_code == 200


def run(office: Office, template: str, number: str) -> dict[str, Any]:
    session = office.session(template)["id"]
    office.attach(session, invoice_pdf(number, lines=(Line(f"Work for {number}", 1, "10.00", "10.00"),)))
    return office.run(session)


def value(office: Office, result: dict[str, Any], path: str) -> dict[str, Any]:
    return next(v for v in call(office, "GET", f"/v1/results/{result['id']}/review")["values"] if v["path"] == path)


def put(office: Office, result: dict[str, Any], path: str, body: dict[str, Any]) -> dict[str, Any]:
    return call(office, "PUT", f"/v1/results/{result['id']}/values/{path}", body)


def call(office: Office, method: str, path: str, body: Any = None) -> Any:
    answer = send(office, method, path, body)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json()


def send(office: Office, method: str, path: str, body: Any = None) -> httpx.Response:
    return office.cast.http.request(method, path, json=body, headers={"Authorization": f"Bearer {office.api.token}"})


def as_person(cast: Cast, name: str, method: str, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {cast.api(getattr(cast, name)).token}"}
    body = {"value": "X-1"} if method == "PUT" else None
    return cast.http.request(method, path, json=body, headers=headers)
