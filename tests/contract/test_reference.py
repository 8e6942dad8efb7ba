"""The API reference as Markdown: every operation has its page, and every page what the document says."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from fieldproof.api.reference import Operation, operations
from fieldproof.server import openapi_document
from running import Installation

OPERATIONS = list(operations(openapi_document()))


@pytest.fixture(scope="module")
def texts(server: Installation) -> dict[str, str]:
    answers = {path: httpx.get(f"{server.url}{path}") for path in ("/llms.txt", "/llms-full.txt")}
    assert {a.status_code for a in answers.values()} == {200}
    return {path: answer.text for path, answer in answers.items()}


def test_no_two_operations_have_one_id() -> None:
    ids = [operation.id for operation in OPERATIONS]
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.id)
def test_every_operation_has_a_page_that_the_index_links(
    operation: Operation, texts: dict[str, str], server: Installation
) -> None:
    assert f"(/docs/{operation.id}.md): `{operation.method} {operation.path}`" in texts["/llms.txt"]
    answer = httpx.get(f"{server.url}/docs/{operation.id}.md")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/markdown; charset=utf-8")
    page = answer.text
    assert page.startswith(f"# {operation.summary}\n\n`{operation.method} {operation.path}`")
    assert all(f"**{status}**" in page for status in operation.source["responses"])
    assert all(f"`{name}`" in page for name in re.findall(r"\{(\w+)", operation.path))
    assert all(f"| `{name}` |" in page for name in _body(operation).get("properties", {}))
    assert page.split("\n", 1)[1].split("\n##", 1)[0] in texts["/llms-full.txt"]


def test_fields_are_told_to_the_depth_that_people_read(server: Installation) -> None:
    page = httpx.get(f"{server.url}/docs/getResult.md").text
    assert "| `document_refs[].source.type` | `upload` \\| `url` \\| `connector` \\| `workflow_file` |" in page
    assert '"audit_data": {' in page


def test_unknown_page_is_not_found(server: Installation) -> None:
    assert httpx.get(f"{server.url}/docs/deleteEverything.md").status_code == 404


def _body(operation: Operation) -> dict[str, Any]:
    content = operation.source.get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("schema", {})
