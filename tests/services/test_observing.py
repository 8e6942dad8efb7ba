"""One trace from the request through its jobs to the result; numbers for whoever watches; log lines that belong together."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from contract.files import invoice_pdf
from contract.schemas import INVOICE
from fieldproof import metrics, tracing
from journey.installation import COMMAND, Installation, environment, free_port, installed, succeeded, until
from running import Installation as Running

CANARY = "Numbat4417"
NAME = f"secret-{CANARY}.pdf"


class Collector(BaseHTTPRequestHandler):
    """Takes OTLP over HTTP."""

    spans: list[Any]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        request = ExportTraceServiceRequest.FromString(body)
        self.spans.extend(s for r in request.resource_spans for scope in r.scope_spans for s in scope.spans)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


class Seen:
    """What one run left behind."""

    def __init__(self, spans: list[Any], log: str, metrics: str, run_answer: httpx.Response) -> None:
        self.spans, self.log, self.metrics, self.run_answer = spans, log, metrics, run_answer
        self.events = [json.loads(line) for line in log.splitlines() if line.startswith("{")]

    def value(self, name: str, **labels: str) -> float:
        """The sum over all samples with these labels."""
        samples = [s for f in text_string_to_metric_families(self.metrics) for s in f.samples if s.name == name]
        return sum(s.value for s in samples if labels.items() <= s.labels.items())


@pytest.fixture(scope="module")
def seen() -> Iterator[Seen]:
    spans: list[Any] = []
    handler = type("Handler", (Collector,), {"spans": spans})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="fieldproof-observing-") as folder, installed(Path(folder)) as one:
        answer, metrics = _run(one, f"http://127.0.0.1:{server.server_port}/v1/traces")
        one.stop()
        server.shutdown()
        yield Seen(spans, one.log(), metrics, answer)


def _run(one: Installation, collector: str) -> tuple[httpx.Response, str]:
    succeeded(
        one.run("user", "create", "ann@example.org", "--name", "Ann", "--password", "a quite unlikely pass phrase")
    )
    token = succeeded(one.run("token", "create", "--user", "ann@example.org")).strip()
    one.start({"FIELDPROOF_OTLP_URL": collector, "FIELDPROOF_LOG_FORMAT": "json"})
    place = one.request("POST", "/workspaces/create", token, {"name": CANARY})["id"]
    template = one.request(
        "POST", "/extractions/templates", token, {"name": CANARY, "workspace_id": place, "schema_json": INVOICE}
    )["id"]
    session = one.request("POST", "/extractions/sessions", token, {"extraction_template_id": template})["id"]
    signed = one.request("POST", "/vapor/signed-storage-url", token, {})
    sent = one.client.put(signed["url"], content=invoice_pdf(CANARY), headers={**signed["headers"], "X-Filename": NAME})
    assert sent.status_code == 200
    one.request("POST", f"/extractions/sessions/{session}/documents/upload", token, {"keys": [signed["key"]]})
    answer = one.client.post(
        f"/extractions/sessions/{session}/results",
        headers={"Authorization": f"Bearer {token}", "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"},
    )
    path = f"/extractions/results/{answer.json()['id']}"
    until(lambda: one.request("GET", path, token), lambda r: r["status"] == "completed")
    until(lambda: one.client.get("/metrics").text, lambda text: "fieldproof_extract_seconds_count" in text)
    return answer, one.client.get("/metrics").text


def test_a_trace_goes_from_the_request_to_the_result(seen: Seen) -> None:
    mine = [s for s in seen.spans if s.trace_id.hex() == "ab" * 16]
    by_name = {s.name: s for s in mine}
    request = by_name["POST /extractions/sessions/{sessionId}/results"]
    assert request.parent_span_id.hex() == "cd" * 8
    assert {"parse_document", "parse", "store", "extract_result", "extract", "publish"} <= set(by_name)
    assert by_name["parse_document"].parent_span_id == request.span_id
    assert by_name["extract"].parent_span_id == by_name["extract_result"].span_id
    assert _is_below(by_name["extract_result"], request, {s.span_id: s for s in mine})


def test_spans_say_nothing_of_what_is_inside(seen: Seen) -> None:
    assert len(seen.spans) > 10
    text = "".join(str(s) for s in seen.spans)
    for word in (CANARY, "secret-", "signature", "fpt_", "ann@example.org"):
        assert word not in text


def test_log_lines_of_one_request_carry_its_id_through_all_jobs(seen: Seen) -> None:
    request_id = seen.run_answer.headers["X-Request-Id"]
    mine = [e for e in seen.events if e.get("request_id") == request_id]
    assert {"parse_document", "extract_result"} <= {e.get("task") for e in mine}
    assert [e for e in mine if (e["event"] == "request" and e["status"] == 201) or e.get("status") == 202]
    assert all(e["job"] for e in mine if e["event"] == "job")


def test_metrics_count_what_happened(seen: Seen) -> None:
    assert seen.value("fieldproof_parse_seconds_count", extension="pdf") == 1
    assert seen.value("fieldproof_extract_seconds_count", extension="pdf", engine="local") == 1
    assert seen.value("fieldproof_jobs_total", task="extract_result", outcome="done") == 1
    assert seen.value("fieldproof_requests_total", method="POST") >= 5
    for name in ("fieldproof_queue_jobs", "fieldproof_queue_oldest_seconds", "fieldproof_parse_failures",
                 "fieldproof_extract_failures", "fieldproof_model_tokens", "fieldproof_model_cost"):  # fmt: skip
        assert f"# TYPE {name} " in seen.metrics or f"# TYPE {name}_total " in seen.metrics, name
    assert CANARY not in seen.metrics


def test_a_worker_shows_its_own_numbers() -> None:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="fieldproof-observing-") as folder:
        command = [*COMMAND, "worker", "--data-dir", f"{folder}/data"]
        worker = subprocess.Popen(command, env=environment() | {"FIELDPROOF_METRICS_PORT": str(port)})
        try:
            text = until(lambda: _text(f"http://127.0.0.1:{port}/metrics"), bool)
        finally:
            worker.send_signal(signal.SIGINT)
            worker.wait(60)
    assert "fieldproof_job_seconds" in text


def test_the_queue_tells_how_long_its_oldest_job_waits(server: Running) -> None:
    with server.parts.engine.begin() as connection:
        made = (
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('nobody', 'x', 'todo') RETURNING id"
        )
        jobs = [connection.scalar(sa.text(made)) for _ in range(3)]
        old = "UPDATE procrastinate_events SET at = now() - interval '90 s' WHERE job_id = :job"
        connection.execute(sa.text(old), {"job": jobs[0]})
    try:
        found = metrics.text(server.parts.engine).decode()
    finally:
        with server.parts.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM procrastinate_jobs WHERE queue_name = 'nobody'"))
    samples = {(s.name, s.labels.get("status")): s.value for f in text_string_to_metric_families(found) for s in f.samples
               if s.labels.get("queue") == "nobody"}  # fmt: skip
    assert samples["fieldproof_queue_jobs", "waiting"] == 3
    assert 90 <= samples["fieldproof_queue_oldest_seconds", None] < 300


def test_without_the_setting_nothing_is_traced(server: Running) -> None:
    assert tracing.carried() is None
    with tracing.span("x", is_request=True) as span:
        assert not span.is_recording()
        assert tracing.carried() is None


def _text(url: str) -> str:
    try:
        return httpx.get(url).text
    except httpx.TransportError:
        return ""


def _is_below(span: Any, top: Any, spans: dict[bytes, Any]) -> bool:
    while span is not None and span.span_id != top.span_id:
        span = spans.get(span.parent_span_id)
    return span is not None
