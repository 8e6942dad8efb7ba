"""Events arrive signed, once per event id, and are tried again; addresses are checked where the connection goes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from contract.files import invoice_pdf
from contract.office import Office, hired, until
from contract.schemas import INVOICE
from fieldproof.fetching import Egress, FetchFailed, FetchRefused, fetch
from fieldproof.services.webhooks import signature
from running import Installation, in_background


class Receiver(ThreadingHTTPServer):
    """Answers what it is told to, 200 otherwise, and keeps what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with in_background(Receiver()) as one:
        yield one


@pytest.fixture(scope="module")
def office(server: Installation) -> Iterator[Office]:
    with hired(server) as cast:
        yield cast.office()


@pytest.fixture
def hook(office: Office, receiver: Receiver) -> Iterator[dict[str, Any]]:
    made = call(
        office, "POST", hooks(office), {"url": receiver.url, "events": ["result.completed", "document.processed"]}
    )
    yield made
    send(office, "DELETE", f"{hooks(office)}/{made['id']}")


def test_a_finished_run_is_told_with_a_signature(office: Office, receiver: Receiver, hook: dict[str, Any]) -> None:
    result = run(office, "INV-HOOK-1")
    until(lambda: list(receiver.calls), lambda calls: len(calls) == 2)
    events = {json.loads(body)["type"]: (headers, body) for headers, body in receiver.calls}
    assert set(events) == {"document.processed", "result.completed"}
    headers, body = events["result.completed"]
    assert json.loads(body)["data"]["result_id"] == result["id"]
    assert headers["webhook-signature"] == signed(hook["secret"], headers, body)
    delivered = until(lambda: deliveries(office, hook), lambda found: all(d["status"] == "delivered" for d in found))
    assert {d["event_id"] for d in delivered} == {h["webhook-id"] for h, _ in receiver.calls}


def test_what_fails_is_tried_again_under_the_same_id(office: Office, receiver: Receiver, hook: dict[str, Any]) -> None:
    call(office, "PUT", f"{hooks(office)}/{hook['id']}", {"events": ["result.completed"]})
    receiver.answers = [500]
    run(office, "INV-HOOK-2")
    until(lambda: list(receiver.calls), lambda calls: len(calls) == 2)  # 5 s apart
    assert len({headers["webhook-id"] for headers, _ in receiver.calls}) == 1
    (delivery,) = until(lambda: deliveries(office, hook), lambda found: found[0]["status"] == "delivered")
    assert (delivery["attempts"], delivery["answer_status"]) == (2, 200)


def test_a_rotated_secret_signs_beside_the_old_one(office: Office, receiver: Receiver, hook: dict[str, Any]) -> None:
    rotated = call(office, "POST", f"{hooks(office)}/{hook['id']}/rotate-secret")
    run(office, "INV-HOOK-3")
    until(lambda: list(receiver.calls), bool)
    headers, body = receiver.calls[0]
    both = {signed(hook["secret"], headers, body), signed(rotated["secret"], headers, body)}
    assert set(headers["webhook-signature"].split()) == both


def test_gone_switches_it_off_and_a_delivery_can_be_replayed(
    office: Office, receiver: Receiver, hook: dict[str, Any]
) -> None:
    call(office, "PUT", f"{hooks(office)}/{hook['id']}", {"events": ["result.completed"]})
    receiver.answers = [410]
    run(office, "INV-HOOK-4")
    (listed,) = until(lambda: call(office, "GET", hooks(office))["data"], lambda found: not found[0]["is_active"])
    assert "410" in listed["disabled_because"]
    call(office, "PUT", f"{hooks(office)}/{hook['id']}", {"is_active": True})
    (failed,) = deliveries(office, hook)
    call(office, "POST", f"{hooks(office)}/{hook['id']}/deliveries/{failed['id']}/replay")
    until(lambda: list(receiver.calls), lambda calls: len(calls) == 2)
    assert receiver.calls[0][0]["webhook-id"] == receiver.calls[1][0]["webhook-id"]


def test_the_signature_is_that_of_the_specification() -> None:
    """The vector that the specification's own libraries are tested with."""
    secret, payload = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    given = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, payload)
    assert given == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "body",
    [
        {"url": "ftp://example.org/x", "events": ["result.completed"]},
        {"url": "http://user:secret@example.org/", "events": ["result.completed"]},
        {"url": "http:///nowhere", "events": ["result.completed"]},
        {"url": "http://example.org:99999/", "events": ["result.completed"]},
        {"url": "https://example.org/", "events": ["everything"]},
        {"url": "https://example.org/", "events": []},
        {"url": 5, "events": ["result.completed"]},
    ],
)
def test_a_bad_webhook_is_refused(body: dict[str, Any], office: Office) -> None:
    assert send(office, "POST", hooks(office), body).status_code == 422


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/",
        "http://2130706433/", "http://0x7f000001/", "http://127.1/", "http://10.0.0.1/", "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "http://[fd00::1]/", "http://100.64.0.1/",
        "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://224.0.0.1/", "file:///etc/passwd",
        "gopher://127.0.0.1/", "http://127.0.0.1:22/",
    ],
)  # fmt: skip
def test_inner_addresses_are_never_connected_to(url: str) -> None:
    with pytest.raises((FetchRefused, FetchFailed)) as refusal:
        fetch("GET", url, Egress())
    assert isinstance(refusal.value, FetchRefused) or "has no address" in refusal.value.message


def test_redirects_are_not_followed_and_large_answers_end(receiver: Receiver) -> None:
    receiver.answers = [302]
    answer = fetch("POST", receiver.url, Egress(("127.0.0.0/8",)), body=b"{}")
    assert answer.status == 302
    assert len(receiver.calls) == 1


def test_the_same_key_creates_once_and_answers_the_same(office: Office) -> None:
    body = {"name": "Once", "workspace_id": office.workspace, "schema_json": INVOICE}
    first = send(office, "POST", "/extractions/templates", body, {"Idempotency-Key": "k-1"})
    again = send(office, "POST", "/extractions/templates", body, {"Idempotency-Key": "k-1"})
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = send(office, "POST", "/extractions/templates", {**body, "name": "Twice"}, {"Idempotency-Key": "k-1"})
    assert other.status_code == 422
    assert send(office, "POST", "/extractions/templates", body, {"Idempotency-Key": "x" * 256}).status_code == 422
    listed = office.api.ok("listTemplates", workspaceId=office.workspace)["data"]
    assert [t["name"] for t in listed].count("Once") == 1


def test_a_refused_call_leaves_its_key_free(office: Office) -> None:
    bad = {"name": "", "workspace_id": office.workspace, "schema_json": INVOICE}
    assert send(office, "POST", "/extractions/templates", bad, {"Idempotency-Key": "k-2"}).status_code == 422
    good = {**bad, "name": "Good"}
    assert send(office, "POST", "/extractions/templates", good, {"Idempotency-Key": "k-2"}).status_code == 201


def test_twins_at_once_have_one_effect(office: Office) -> None:
    body = {"name": "Twin", "workspace_id": office.workspace, "schema_json": INVOICE}
    answers: list[int] = []

    def post() -> None:
        answers.append(send(office, "POST", "/extractions/templates", body, {"Idempotency-Key": "k-3"}).status_code)

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 409}
    assert 201 in answers
    listed = office.api.ok("listTemplates", workspaceId=office.workspace)["data"]
    assert [t["name"] for t in listed].count("Twin") == 1


def run(office: Office, number: str) -> dict[str, Any]:
    session = office.session(office.template(INVOICE)["id"])["id"]
    office.attach(session, invoice_pdf(number))
    return office.run(session)


def hooks(office: Office) -> str:
    return f"/v1/workspaces/{office.workspace}/webhooks"


def deliveries(office: Office, hook: dict[str, Any]) -> list[dict[str, Any]]:
    return call(office, "GET", f"{hooks(office)}/{hook['id']}/deliveries")["data"]


def signed(secret: str, headers: dict[str, str], body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    message = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    return "v1," + base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def call(office: Office, method: str, path: str, body: Any = None) -> Any:
    answer = send(office, method, path, body)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json()


def send(
    office: Office, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> httpx.Response:
    sent = {"Authorization": f"Bearer {office.api.token}", **(headers or {})}
    return office.cast.http.request(method, path, json=body, headers=sent)
