"""The log names nobody's secrets and no document's words, and every event is one line."""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from contract.files import invoice_pdf
from contract.schemas import INVOICE
from fieldproof import logs
from journey.installation import Installation, installed, succeeded, until

CANARY = "Quokka7731"
PASSWORD = "a quite unlikely pass phrase"


@pytest.fixture
def lines() -> io.StringIO:
    return io.StringIO()


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_name_with_a_line_break_stays_on_one_line(kind: str, lines: io.StringIO) -> None:
    log = structlog.wrap_logger(structlog.PrintLogger(lines), processors=logs.processors(kind))
    log.info("request", path="/a\nlevel=error msg=forged\r\x1b[2J\u2028x", error="b\x00c")
    text = lines.getvalue()
    assert text.count("\n") == 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u2028]", text.replace("\x1b[0m", ""))
    assert "forged" in text


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_trace_shows_no_local_variables(kind: str, lines: io.StringIO) -> None:
    log = structlog.wrap_logger(structlog.PrintLogger(lines), processors=logs.processors(kind))
    _fail(log, CANARY.encode().hex())
    text = lines.getvalue()
    assert "ZeroDivisionError" in text
    assert CANARY.encode().hex() not in text


def _fail(log: Any, document_text: str) -> None:
    try:
        _ = len(document_text) / 0
    except ZeroDivisionError:
        log.exception("job failed")


@pytest.fixture(scope="module")
def logged() -> Iterator[tuple[list[dict[str, Any]], str, dict[str, str]]]:
    """The log of a whole workflow at its most talkative, and what must not be in it."""
    with tempfile.TemporaryDirectory(prefix="fieldproof-logs-") as folder, installed(Path(folder)) as one:
        secrets = _workflow(one)
        one.stop()
        text = one.log()
        yield [json.loads(line) for line in text.splitlines() if line.startswith("{")], text, secrets


def test_no_secret_and_no_words_are_logged(logged: tuple[list[dict[str, Any]], str, dict[str, str]]) -> None:
    events, text, secrets = logged
    assert len(events) > 10
    for name, secret in secrets.items():
        assert secret not in text, name
    assert not re.search(r"(fpt|fpk|fps)_[0-9A-Za-z]{46}", text)
    assert not re.search(r"signature=|whsec_|Bearer ", text)


def test_refused_callers_are_logged_each(logged: tuple[list[dict[str, Any]], str, dict[str, str]]) -> None:
    refused = [e for e in logged[0] if e["event"] == "request" and e["status"] == 401]
    assert len(refused) == 8  # six tokens, one password, one token in a query
    assert all(e["ip"] == "127.0.0.1" and e["request_id"] for e in refused)


def _workflow(one: Installation) -> dict[str, str]:
    """An account, a token, a webhook, one document uploaded, parsed, extracted and downloaded; some refusals."""
    succeeded(one.run("user", "create", "ann@example.org", "--name", "Ann", "--password", PASSWORD))
    token = succeeded(one.run("token", "create", "--user", "ann@example.org")).strip()
    one.start({"FIELDPROOF_LOG_LEVEL": "debug", "FIELDPROOF_LOG_FORMAT": "json"})
    for n in range(6):
        wrong = {"Authorization": f"Bearer {token[:-1]}{'abcdef'[n] if token[-1] != 'abcdef'[n] else 'Z'}"}
        assert one.client.get("/v1/me", headers=wrong).status_code == 401
    refused = one.client.post("/v1/sign-in", json={"email": "ann@example.org", "password": f"{PASSWORD}!"})
    assert refused.status_code == 401
    signed_in = one.client.post("/v1/sign-in", json={"email": "ann@example.org", "password": PASSWORD}).json()["token"]
    place = one.request("POST", "/workspaces/create", token, {"name": "Logs"})["id"]
    hook = one.request(
        "POST", f"/v1/workspaces/{place}/webhooks", token,
        {"url": "http://127.0.0.1:9/hook", "events": ["result.completed"]},
    )  # fmt: skip
    template = one.request(
        "POST", "/extractions/templates", token, {"name": "Notes", "workspace_id": place, "schema_json": INVOICE}
    )
    session = one.request("POST", "/extractions/sessions", token, {"extraction_template_id": template["id"]})["id"]
    key = one.upload(token, invoice_pdf(CANARY))
    damaged = one.upload(token, b"%PDF-1.7\n" + CANARY.encode() * 50)
    documents = one.request(
        "POST", f"/extractions/sessions/{session}/documents/upload", token, {"keys": [key, damaged]}
    )
    result = one.request("POST", f"/extractions/sessions/{session}/results", token)["id"]
    ended = until(
        lambda: one.request("GET", f"/extractions/results/{result}", token),
        lambda r: r["status"] in ("completed", "failed"),
    )
    assert ended["status"] == "completed", ended
    assert CANARY in json.dumps(ended["data"])
    url = one.request("GET", f"/extractions/documents/{documents['data'][0]['id']}/url", token)["url"]
    assert one.client.get(url).status_code == 200
    one.client.get(f"/v1/me?token={token}")
    return {
        "token": token, "sign-in": signed_in, "password": PASSWORD, "webhook": hook["secret"], "text": CANARY,
        "link": url.rpartition("signature=")[2], "key": (one.data_dir / "secret").read_text().strip(),
    }  # fmt: skip
