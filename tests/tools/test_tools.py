"""The tools as a language model's client sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from contract.files import invoice_pdf
from contract.schemas import INVOICE
from fieldproof.mcp import create_server
from fieldproof.services import access, templates, tokens
from journey.installation import COMMAND, environment, installed, succeeded
from running import Installation, Person, in_own_loop


class Office:
    """A workspace with a template, and calls of tools by a token."""

    def __init__(self, server: Installation, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.alice = server.user()
        self.place = server.workspace(self.alice, "Invoices")
        with server.parts.work(self.alice.actor) as work:
            workspace = access.workspace(work, self.place)
            self.template = str(templates.add_template(work, workspace, "Invoice", INVOICE).id)
        (folder / "invoice.pdf").write_bytes(invoice_pdf())

    def token(self, person: Person | None = None, abilities: list[str] | None = None) -> str:
        with self.server.parts.work((person or self.alice).actor) as work:
            return tokens.add_own_token(work, "Assistant", abilities=abilities)[1]

    def call(self, name: str, secret: str | None = None, **arguments: Any) -> Any:
        answer = self.answer(name, secret, **arguments)
        assert not answer.is_error, answer.content
        return answer.structured_content

    def refused(self, name: str, secret: str | None = None, **arguments: Any) -> str:
        answer = self.answer(name, secret, **arguments)
        assert answer.is_error
        return answer.content[0].text

    def answer(self, name: str, secret: str | None, **arguments: Any) -> Any:
        async def ask() -> Any:
            async with Client(create_server(self.server.parts, secret or self.token(), self.folder)) as client:
                return await client.call_tool(name, arguments)

        return in_own_loop(ask)


@pytest.fixture(scope="module")
def office(server: Installation, tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(server, tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def result(office: Office) -> dict[str, Any]:
    return office.call("extract_file", path="invoice.pdf", template_id=office.template)


def test_a_file_becomes_values_with_their_proof(result: dict[str, Any]) -> None:
    assert (result["status"], result["error"]) == ("completed", None)
    number = result["fields"]["invoice.number"]
    assert number["value"] == "INV-2026-0117"
    assert number["reason"]
    (source,) = number["sources"]
    left, top, right, bottom = source["box"]
    assert source["quote"] == "INV-2026-0117"
    assert source["page"] == 1
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1


def test_what_there_is_to_work_with(office: Office) -> None:
    assert {"id": office.place, "name": "Invoices", "role": "admin"} in office.call("list_workspaces")["workspaces"]
    found = office.call("list_templates", workspace_id=office.place)
    assert found["total"] == 1
    assert found["templates"][0]["id"] == office.template
    assert "invoice.number" in found["templates"][0]["fields"]


def test_documents_are_found_read_and_extracted_again(office: Office, result: dict[str, Any]) -> None:
    found = office.call("search_documents", workspace_id=office.place, words="INV-2026-0117")
    assert [d["filename"] for d in found["documents"]] == ["invoice.pdf"]
    assert found["documents"][0]["hit"]["page"] == 1
    document = found["documents"][0]["id"]
    assert "INV-2026-0117" in office.call("read_document", document_id=document)["chunks"][0]["text"]
    again = office.call("extract_document", document_id=document, template_id=office.template)
    assert again["result_id"] != result["result_id"]
    assert again["fields"] == result["fields"]


def test_values_are_found_corrected_and_approved(office: Office) -> None:
    made = office.call("extract_file", path="invoice.pdf", template_id=office.template)["result_id"]
    corrected = office.call("correct_field", result_id=made, field="invoice.number", value="INV-2026-9999")
    assert (corrected["value"], corrected["is_corrected"]) == ("INV-2026-9999", True)
    found = office.call("search_values", workspace_id=office.place, question='number = "INV-2026-9999"')
    assert [r["result_id"] for r in found["results"]] == [made]
    assert office.call("approve_result", result_id=made)["review"] == "approved"
    assert office.call("get_result", result_id=made)["review"] == "approved"


def test_a_token_may_no_more_than_over_http(office: Office, result: dict[str, Any]) -> None:
    reader = office.token(abilities=["sessions-read"])
    made = result["result_id"]
    assert office.call("get_result", reader, result_id=made)["result_id"] == made
    assert "abilit" in office.refused("approve_result", reader, result_id=made)
    assert "abilit" in office.refused("extract_file", reader, path="invoice.pdf", template_id=office.template)


def test_another_tenant_sees_nothing(office: Office, result: dict[str, Any], server: Installation) -> None:
    stranger = office.token(server.user())
    for name, arguments in (
        ("get_result", {"result_id": result["result_id"]}),
        ("list_templates", {"workspace_id": office.place}),
        ("search_documents", {"workspace_id": office.place, "words": "invoice"}),
        ("search_values", {"workspace_id": office.place, "question": "number = 1"}),
        ("correct_field", {"result_id": result["result_id"], "field": "invoice.number", "value": "x"}),
        ("extract_file", {"path": "invoice.pdf", "template_id": office.template}),
    ):
        assert office.refused(name, stranger, **arguments).endswith(": Resource not found.")


def test_an_unknown_token_is_refused(office: Office) -> None:
    assert office.refused("list_workspaces", "fp_nothing").endswith(": Unauthenticated.")


def test_files_outside_of_the_folder_are_never_opened(office: Office, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (office.folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    for path in ("/etc/passwd", "../secret.txt", str(tmp_path / "secret.txt"), "link.txt"):
        assert "Only files within" in office.refused("extract_file", path=path, template_id=office.template)
    assert "There is no such file." in office.refused("extract_file", path="missing.pdf", template_id=office.template)


def test_bad_input_is_a_sentence(office: Office, result: dict[str, Any]) -> None:
    (office.folder / "program.exe").write_bytes(b"MZ" + bytes(99))
    assert "program.exe" in office.refused("extract_file", path="program.exe", template_id=office.template)
    assert "q" in office.refused("search_values", workspace_id=office.place, question="total >")
    assert "no such field" in office.refused("correct_field", result_id=result["result_id"], field="no.field", value=1)
    assert "not found" in office.refused("get_result", result_id="no-uuid")


def test_over_standard_input_and_output(tmp_path: Path) -> None:
    """The command by itself, beside no server."""
    with installed(tmp_path / "one") as one:
        succeeded(one.run("user", "create", "ada@example.org", "--name", "Ada", "--password", "correct horse battery"))
        token = succeeded(one.run("token", "create", "--user", "ada@example.org")).strip()
        arguments = [*COMMAND[1:], "mcp", "--data-dir", str(one.data_dir), "--folder", str(tmp_path)]
        tools, workspaces = in_own_loop(_by_stdio, arguments, token)
        assert {"extract_file", "get_result", "correct_field"} <= tools
        assert workspaces == {"workspaces": []}
        refused = one.run("mcp", "--token", "fp_nothing")
        assert refused.returncode == 1
        assert "Unauthenticated" in refused.stderr
        assert "Traceback" not in refused.stderr


async def _by_stdio(arguments: list[str], token: str) -> tuple[set[str], Any]:
    command = StdioServerParameters(command=COMMAND[0], args=arguments, env=environment() | {"FIELDPROOF_TOKEN": token})
    async with Client(stdio_client(command)) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        return tools, (await client.call_tool("list_workspaces", {})).structured_content
