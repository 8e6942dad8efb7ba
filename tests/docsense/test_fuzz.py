"""Schemathesis on this surface and on our own lists: no server error, and every answer as documented."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contract.files import note_pdf
from docsense.client import LIST, ONE, UPLOAD, Caller

load_all_checks()
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OURS = "/v1/workspaces/{workspaceId}"
OPERATIONS = [
    ("GET", LIST), ("GET", ONE), ("POST", UPLOAD), ("GET", f"{OURS}/documents"), ("GET", f"{OURS}/values"),
    ("GET", f"{OURS}/tags"), ("POST", f"{OURS}/documents/tags"), ("GET", "/v1/documents/{documentId}/tags"),
    ("PUT", "/v1/documents/{documentId}/tags"),
]  # fmt: skip
fuzzing = settings(
    max_examples=int(os.environ.get("FIELDPROOF_FUZZ_EXAMPLES", "10")), derandomize=True, database=None, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def home(server: Any, http: Any) -> tuple[dict[str, str], dict[str, Any]]:
    """Somebody's keys, and what there is to find."""
    person = server.user()
    workspace = server.workspace(person)
    caller = Caller(http, person.key())
    (row,) = caller.read(("a.pdf", note_pdf("something to find")))
    token = person.token()
    listed = http.get(f"/v1/workspaces/{workspace}/documents", headers={"Authorization": f"Bearer {token}"}).json()
    targets = {"workspaceId": str(workspace), "document_id": row["id"], "documentId": listed["data"][0]["id"]}
    return {"Authorization": f"Bearer {token}", "x-api-key": str(caller.key)}, targets


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize("has_target", [True, False], ids=["real", "random"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_any_input_gets_a_documented_answer(
    server: Any, home: Any, method: str, path: str, mode: GenerationMode, has_target: bool
) -> None:
    headers, targets = home
    operation = schemathesis.openapi.from_url(f"{server.url}/openapi.json")[path][method]
    real = {name: value for name, value in targets.items() if f"{{{name}}}" in path}
    fixed: dict[str, Any] = {"path_parameters": real} if has_target and real else {}

    @fuzzing
    @given(case=operation.as_strategy(generation_mode=mode, **fixed))
    def send(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=server.url, headers=headers, checks=CHECKS)

    send()
