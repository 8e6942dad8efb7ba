"""The command line, as the documents describe it. Standard output is for what was asked, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.main import get_command

from contract.files import docx, invoice_pdf, xlsx
from contract.openapi import raydocs
from contract.schemas import INVOICE
from fieldproof.cli import PARTS, build
from journey.installation import Installation, installed, json_of, own_folder, run, succeeded

EMAIL = "ada@example.org"


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Running, with one user."""
    with own_folder() as folder, installed(folder) as one:
        succeeded(one.run("user", "create", EMAIL, "--name", "Ada", "--password", "correct horse battery"))
        one.start()
        yield one


def token_of(installation: Installation, *options: str) -> str:
    lines = succeeded(installation.run("token", "create", "--user", EMAIL, *options)).splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def status(installation: Installation, path: str, token: str, method: str = "GET") -> int:
    return installation.client.request(method, path, headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_is_the_only_line_and_works(installation: Installation) -> None:
    assert status(installation, "/workspaces", token_of(installation)) == 200


def test_a_token_has_the_abilities_it_was_given(installation: Installation) -> None:
    token = token_of(installation, "--name", "reader", "--ability", "workspaces-read", "--ability", "templates-read")
    assert status(installation, "/workspaces", token) == 200
    assert status(installation, "/workspaces/create", token, "POST") == 403


def test_a_token_can_expire(installation: Installation) -> None:
    assert status(installation, "/workspaces", token_of(installation, "--expires-in-days", "1")) == 200


@pytest.mark.parametrize(
    "options",
    [("--ability", "everything"), ("--expires-in-days", "-1"), ("--expires-in-days", "soon")],
    ids=lambda o: o[0] + o[1],
)
def test_a_token_with_nonsense_is_refused(options: tuple[str, str], installation: Installation) -> None:
    done = installation.run("token", "create", "--user", EMAIL, *options)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["token", "key"])
def test_nobody_gets_a_secret_for_an_unknown_user(kind: str, installation: Installation) -> None:
    done = installation.run(kind, "create", "--user", "nobody@example.org")
    assert done.returncode != 0
    assert done.stdout == ""
    assert "nobody@example.org" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_is_the_only_line_and_works(installation: Installation) -> None:
    lines = succeeded(installation.run("key", "create", "--user", EMAIL)).splitlines()
    assert len(lines) == 1
    path = "/api/v1/documents/get_documents"
    assert installation.client.get(path, headers={"x-api-key": "wrong"}).status_code == 401
    assert installation.client.get(path, headers={"x-api-key": lines[0]}).status_code == 200


def test_the_same_user_cannot_be_made_twice(installation: Installation) -> None:
    done = installation.run("user", "create", EMAIL.upper(), "--name", "Ada", "--password", "correct horse battery")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("email", ["", "no address", "a@b@c"])
def test_a_user_needs_an_address(email: str, installation: Installation) -> None:
    done = installation.run("user", "create", email, "--name", "X", "--password", "correct horse battery")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_a_template_can_be_added_from_a_file(installation: Installation, tmp_path: Path) -> None:
    token = token_of(installation)
    workspace = installation.request("POST", "/workspaces/create", token, {"name": "From files"})["id"]
    path = tmp_path / "invoice.json"
    path.write_text(json.dumps(INVOICE), "utf-8")
    succeeded(installation.run("template", "add", path, "--workspace", str(workspace)))
    (template,) = installation.request("GET", f"/workspaces/{workspace}/extractions/templates", token)["data"]
    assert template["schema_json"] == INVOICE


def test_a_bad_template_file_is_refused_with_its_path(installation: Installation, tmp_path: Path) -> None:
    token = token_of(installation)
    workspace = installation.request("POST", "/workspaces/create", token, {"name": "Bad files"})["id"]
    path = tmp_path / "bad.json"
    for text in ('{"groups": {"g": {"fields": {"f": {"type": "colour"}}}}}', "{", ""):
        path.write_text(text, "utf-8")
        done = installation.run("template", "add", path, "--workspace", str(workspace))
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
    assert installation.request("GET", f"/workspaces/{workspace}/extractions/templates", token)["data"] == []


def test_the_openapi_document_is_complete(installation: Installation) -> None:
    printed = json_of(run("openapi"))
    assert printed["openapi"].startswith("3.1")
    assert printed == httpx.get(f"{installation.url}/openapi.json").json()
    paths = len({o.path for o in raydocs().required.values()})
    assert len([p for p in printed["paths"] if p.startswith(("/workspaces", "/extractions", "/vapor"))]) >= paths


def test_the_doctor_finds_a_working_installation_well(installation: Installation) -> None:
    succeeded(installation.run("doctor"))
    assert json_of(installation.run("doctor", "--json"))


def test_extract_needs_neither_server_nor_database(tmp_path: Path) -> None:
    invoice, template, out = tmp_path / "invoice.pdf", tmp_path / "template.json", tmp_path / "out"
    invoice.write_bytes(invoice_pdf())
    template.write_text(json.dumps(INVOICE), "utf-8")
    succeeded(run("extract", invoice, "--template", template, "--out", out))
    (written,) = out.glob("*.json")
    found = json.loads(written.read_text("utf-8"))
    assert found["data"]["invoice"]["number"] == "INV-2026-0117"
    assert set(found["audit_data"]["invoice"]) >= {"number", "total"}
    number = found["fields"]["invoice.number"]
    assert number["value"] == "INV-2026-0117"
    assert 0 <= number["confidence"] <= 1
    for field in found["fields"].values():
        for source in field["sources"]:
            left, top, right, bottom = box_of(source["bbox"])
            assert 0 <= left < right <= 1
            assert 0 <= top < bottom <= 1
            assert source["page"] == 1
            assert source["text"]


def test_verify_holds_every_quote_against_the_document(tmp_path: Path) -> None:
    invoice, template, out = tmp_path / "invoice.pdf", tmp_path / "template.json", tmp_path / "out"
    invoice.write_bytes(invoice_pdf())
    template.write_text(json.dumps(INVOICE), "utf-8")
    succeeded(run("extract", invoice, "--template", template, "--out", out))
    (proof,) = out.glob("*.json")
    findings = json_of(run("verify", invoice, proof, "--json"))
    assert {"invoice.number", "invoice.total"} <= {finding["field"] for finding in findings}
    assert {finding["standing"] for finding in findings} == {"holds"}

    said = json.loads(proof.read_text("utf-8"))
    said["fields"]["invoice.number"]["sources"][0]["bbox"] = [0.9, 0.9, 0.95, 0.95]
    said["fields"]["invoice.total"]["sources"][0]["text"] = "9,999.99"
    proof.write_text(json.dumps(said), "utf-8")
    done = run("verify", invoice, proof, "--json")
    assert done.returncode == 1
    standing = {finding["field"]: finding["standing"] for finding in json.loads(done.stdout)}
    assert (standing["invoice.number"], standing["invoice.total"]) == ("moved", "absent")

    proof.write_text("[]", "utf-8")
    done = run("verify", invoice, proof)
    assert done.returncode == 1
    assert "it has no fields" in done.stderr


@pytest.mark.parametrize("part", PARTS)
def test_each_command_is_found_in_its_own_module(part: str) -> None:
    for command in PARTS[part]:
        assert set(get_command(build([command])).commands) == set(PARTS[part])  # type: ignore[attr-defined]


def test_extract_prints_one_document_and_writes_many(tmp_path: Path) -> None:
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"groups": {"g": {"fields": {"total": {"type": "number"}}}}}), "utf-8")
    paths = [tmp_path / "a.pdf", tmp_path / "b.docx", tmp_path / "c.xlsx"]
    paths[0].write_bytes(invoice_pdf())
    paths[1].write_bytes(docx("Total: 12.50"))
    paths[2].write_bytes(xlsx([["Item", "Amount"], ["Total", 12.5]]))
    assert "g" in json_of(run("extract", paths[0], "--template", template))["data"]
    out = tmp_path / "out"
    succeeded(run("extract", *paths, "--template", template, "--out", out))
    assert len(list(out.glob("*.json"))) == 3


def test_extract_is_the_same_twice(tmp_path: Path) -> None:
    invoice, template = tmp_path / "invoice.pdf", tmp_path / "template.json"
    invoice.write_bytes(invoice_pdf())
    template.write_text(json.dumps(INVOICE), "utf-8")
    once, again = (succeeded(run("extract", invoice, "--template", template)) for _ in range(2))
    assert once == again


def test_bench_counts_against_right_values(tmp_path: Path) -> None:
    folder, template = tmp_path / "labelled", tmp_path / "template.json"
    folder.mkdir()
    template.write_text(json.dumps(INVOICE), "utf-8")
    for name, number in (("right", "INV-2026-0117"), ("wrong", "INV-1")):
        (folder / f"{name}.pdf").write_bytes(invoice_pdf())
        (folder / f"{name}.json").write_text(json.dumps({"data": {"invoice": {"number": number}}}), "utf-8")
    found = json_of(run("bench", folder, "--template", template, "--json"))
    scores = found["fields"]["invoice.number"]
    assert (found["documents"], scores["right"], scores["wrong"], scores["precision"]) == (2, 1, 1, 0.5)
    mistake = next(m for m in found["mistakes"] if m["field"] == "invoice.number")
    assert mistake == {
        "document": "wrong.pdf", "field": "invoice.number", "expected": "INV-1", "given": "INV-2026-0117", "verdict": "wrong",
    }  # fmt: skip
    assert "invoice.number" in succeeded(run("bench", folder, "--template", template))
    (folder / "right.pdf").unlink()
    done = run("bench", folder, "--template", template)
    assert done.returncode != 0
    assert "right.json should have exactly one document" in done.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.pdf", None),
        ("empty.pdf", b""),
        ("broken.pdf", b"%PDF-1.7 nothing"),
        ("program.exe", b"MZ" + bytes(99)),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_extract_says_what_is_wrong_with_a_file(name: str, content: bytes | None, tmp_path: Path) -> None:
    path, template = tmp_path / name, tmp_path / "template.json"
    template.write_text(json.dumps(INVOICE), "utf-8")
    if content is not None:
        path.write_bytes(content)
    done = run("extract", path, "--template", template)
    assert done.returncode != 0
    assert name in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_parse_wants_languages_by_their_codes(tmp_path: Path) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(invoice_pdf())
    done = run("parse", path, "--languages", "english")
    assert done.returncode != 0
    assert "Two-letter codes" in done.stderr
    assert "INV-2026-0117" in succeeded(run("parse", path, "--languages", "en, de"))


def test_every_command_explains_itself() -> None:
    for command in (
        [], ["serve"], ["worker"], ["openapi"], ["user", "create"], ["token", "create"], ["key", "create"],
        ["template", "add"], ["extract"], ["doctor"],
    ):  # fmt: skip
        text = succeeded(run(*command, "--help"))
        if command and command != ["openapi"] and command != ["extract"]:
            assert "--data-dir" in text, command


def test_ctrl_c_ends_the_server_cleanly_and_its_database_with_it(tmp_path: Path) -> None:
    with installed(tmp_path) as one:
        one.start()
        assert one.stop() in (0, 130)
        assert "Traceback" not in one.log()


def box_of(bbox: dict[str, float] | list[float]) -> list[float]:
    return [bbox[k] for k in ("left", "top", "right", "bottom")] if isinstance(bbox, dict) else bbox


def test_cancel_is_told_what_the_server_says(installation: Installation) -> None:
    token = token_of(installation)
    workspace = installation.request("POST", "/workspaces/create", token, {"name": "Cancel"})["id"]
    body = {"key": installation.upload(token, invoice_pdf())}
    made = installation.request("POST", f"/workspaces/{workspace}/documents", token, body)["document"]
    done = run("cancel", "document", made["id"], "--url", installation.url, "--token", token)
    assert succeeded(done) == ""
    assert "0 are cancelled" in done.stderr
    done = run("cancel", "result", made["id"], "--url", installation.url, "--token", token)
    assert (done.returncode, done.stdout) == (1, "")
    assert "not found" in done.stderr.lower()
