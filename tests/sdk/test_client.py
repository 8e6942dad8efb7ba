"""The Python client against a running server, both ways of calling it."""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import fieldproof_client as fc
from contract.files import invoice_pdf, note_pdf
from contract.office import until
from contract.openapi import raydocs
from contract.schemas import INVOICE, NOTE
from docsense.client import contract as docsense
from fieldproof.services.webhooks import signature
from fieldproof_client.calls import Operation
from fieldproof_client.client import Surface
from fieldproof_client.resources import (
    account,
    documents,
    results,
    sessions,
    templates,
    webhooks,
    workspaces,
)
from fieldproof_client.resources import docsense as docsense_calls
from running import PASSWORD, Installation, Person, in_own_loop

MODULES = (account, documents, docsense_calls, results, sessions, templates, webhooks, workspaces)


@pytest.fixture(scope="module")
def alice(server: Installation) -> Person:
    return server.user()


@pytest.fixture(scope="module")
def client(server: Installation, alice: Person) -> Iterator[fc.Client]:
    with fc.Client(server.url, alice.token(), api_key=alice.key()) as client:
        yield client


@pytest.fixture(scope="module")
def workspace(server: Installation, alice: Person) -> int:
    return server.workspace(alice)


@pytest.fixture(scope="module")
def invoices(client: fc.Client, workspace: int) -> fc.Template:
    return client.templates.create(workspace, "Invoices", INVOICE)


@pytest.fixture(scope="module")
def extraction(client: fc.Client, invoices: fc.Template) -> fc.Extraction:
    return client.extract(io.BytesIO(invoice_pdf()), invoices, name="INV-2026-0117")


# The surface as a whole


def test_every_published_operation_has_a_method() -> None:
    described = {(o.method, anonymous(o.path)) for o in operations()}
    published = [o for c in (raydocs(), docsense()) for o in c.required.values() if o.alias_of is None]
    assert len(published) == 46 + 3
    assert [o.id for o in published if (o.method, anonymous(o.path)) not in described] == []


def test_every_method_speaks_to_an_endpoint_that_there_is(server: Installation) -> None:
    paths = httpx.get(f"{server.url}/openapi.json").raise_for_status().json()["paths"]
    served = {(method.upper(), anonymous(path)) for path, item in paths.items() for method in item}
    assert [(o.method, o.path) for o in operations() if (o.method, anonymous(o.path)) not in served] == []


def test_every_noun_is_reachable_from_the_client(client: fc.Client) -> None:
    offered = {type(value) for value in vars(client).values()}
    assert {kind for module in MODULES for kind in kinds(module)} <= offered


# From a file to its values


def test_a_file_becomes_values_with_their_proof(extraction: fc.Extraction) -> None:
    total = extraction.fields["invoice.total"]
    assert total.value == 418.88 == extraction.data["invoice"]["total"]
    assert (total.quote, total.page) == ("418.88", 1)
    assert total.confidence is not None and 0 < total.confidence <= 1
    assert total.box is not None and 0 < total.box.left < total.box.right < 1
    assert total.reason
    assert extraction.fields["invoice.lines.2.amount"].value == 270.0


def test_the_async_client_gives_the_same(
    server: Installation, alice: Person, invoices: fc.Template, extraction: fc.Extraction, tmp_path: Path
) -> None:
    path = tmp_path / "async.pdf"
    path.write_bytes(invoice_pdf())

    async def story() -> tuple[fc.Extraction, list[str]]:
        async with fc.AsyncClient(server.url, alice.token()) as client:
            found = await client.extract(path, invoices.id)
            document = found.fields["invoice.total"].document_id
            assert document is not None
            original = await client.documents.download(document, tmp_path / "copy.pdf")
            assert original.read_bytes() == invoice_pdf()
            return found, [t.name async for t in client.templates.each(invoices.workspace_id)]

    found, names = in_own_loop(story)
    assert found.data == extraction.data
    assert names == ["Invoices"]


def test_the_same_key_continues_the_same_run(client: fc.Client, invoices: fc.Template) -> None:
    first = client.extract(invoice_pdf(), invoices, idempotency_key="invoice-0117")
    again = client.extract(b"Not sent: the session has its document", invoices, idempotency_key="invoice-0117")
    assert again.id == first.id
    assert len(client.results.list(first.result.extraction_session_id)) == 1


def test_a_failed_run_says_why(client: fc.Client, workspace: int, invoices: fc.Template) -> None:
    with pytest.raises((fc.ExtractionFailed, fc.Invalid)) as failed:
        client.extract(b"%PDF-1.7\nthis is no PDF", invoices, name="broken.pdf")
    assert failed.value.message


def test_impatience_names_the_run_that_goes_on(client: fc.Client, invoices: fc.Template) -> None:
    with pytest.raises(fc.StillRunning) as waiting:
        client.extract(note_pdf("A long wait"), invoices, timeout_s=0)
    assert client.finished(waiting.value.result_id).result.status == "completed"


def test_lists_are_walked_to_their_end(client: fc.Client, server: Installation, alice: Person) -> None:
    own = server.workspace(alice)
    for number in range(17):
        client.templates.create(own, f"Template {number}", NOTE)
    assert len(client.templates.list(own).items) == 15
    assert {t.name for t in client.templates.each(own)} == {f"Template {n}" for n in range(17)}


# Around it


def test_documents_are_uploaded_found_and_tagged(client: fc.Client, workspace: int, tmp_path: Path) -> None:
    document = client.documents.upload(workspace, note_pdf("Turbine blades"), filename="Übergabe & Protokoll.pdf")
    assert document.filename == "Übergabe & Protokoll.pdf"
    hash_of = client.templates.create(workspace, "Notes", NOTE).config_hash
    assert hash_of is not None
    client.documents.reparse(workspace, document.id, hash_of)
    found = until(lambda: [*client.documents.each_found(workspace, "turbine", limit=1)], bool)
    assert [f.id for f in found] == [document.id]
    assert found[0].hit is not None and found[0].hit.page == 1
    assert client.tags.set(document.id, ["wind"]) == ["wind"]
    assert client.documents.search(workspace, tags_any=["wind"]).total == 1
    assert "Turbine" in client.documents.list_chunks(document.id)[0].content
    client.documents.delete(document.id)
    with pytest.raises(fc.NotFound):
        client.documents.get(document.id)


def test_a_pipe_is_sent_as_it_comes(client: fc.Client, workspace: int) -> None:
    reading, writing = os.pipe()
    os.write(writing, note_pdf("Through a pipe"))
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        document = client.documents.upload(workspace, pipe, filename="piped.pdf")
    assert (document.filename, document.size) == ("piped.pdf", len(note_pdf("Through a pipe")))


def test_values_are_searched_corrected_and_approved(
    client: fc.Client, extraction: fc.Extraction, workspace: int
) -> None:
    hits = client.values.search(workspace, "total > 400")
    assert extraction.id in {hit.result_id for hit in hits.items}
    corrected = client.reviews.correct(extraction.id, "invoice.number", "INV-1")
    assert (corrected.value, corrected.is_corrected) == ("INV-1", True)
    assert client.reviews.undo(extraction.id, "invoice.number").value == "INV-2026-0117"
    assert client.reviews.approve(extraction.id, "Seen").status == "approved"
    assert client.reviews.reopen(extraction.id).status == "open"
    assert len(client.reviews.list_corrections(extraction.id)) == 2


def test_sessions_are_put_together_by_hand(client: fc.Client, workspace: int, extraction: fc.Extraction) -> None:
    template = client.templates.create(workspace, "By hand", NOTE)
    assert client.templates.update(template.id, description="Notes").description == "Notes"
    assert client.templates.update(template.id, name="Notes by hand").description == "Notes"
    assert client.templates.update(template.id, description=None).description is None
    client.templates.delete(client.templates.duplicate(template.id, "Twin").id)
    session = client.sessions.create(template.id, "By hand")
    (first,) = client.sessions.add_uploads(session.id, [client.uploads.send(note_pdf("By hand"))])
    second = client.documents.upload(workspace, note_pdf("Attached"))
    client.sessions.attach(session.id, [second.id])
    client.sessions.detach(session.id, first.id)
    assert [d.id for d in client.sessions.each_document(session.id)] == [second.id]
    assert client.sessions.update(session.id, name="Renamed").name == "Renamed"
    run = client.results.wait(client.results.run(session.id).id)
    assert client.results.progress(run.id).share == 1 == client.sessions.progress(session.id).share
    with pytest.raises(fc.Conflict):
        client.results.cancel(run.id)
    assert client.sessions.cancel(session.id) == 0
    assert client.results.export_excel(run.id).startswith(b"PK")
    assert client.reviews.next(template_id=template.id).result_id == run.id
    client.results.delete(run.id)
    client.sessions.delete(session.id)
    with pytest.raises(fc.NotFound):
        client.sessions.get(session.id)


def test_pages_and_their_words_have_places(client: fc.Client, workspace: int, extraction: fc.Extraction) -> None:
    total = extraction.fields["invoice.total"]
    assert total.document_id is not None and total.box is not None
    (page,) = client.documents.list_pages(total.document_id, width=240)
    assert httpx.get(page.image_url).headers["content-type"] == "image/webp"
    words = {word.text: word.box for word in client.documents.list_words(total.document_id, page.number)}
    assert words["418.88"].left == pytest.approx(total.box.left, abs=0.01)
    document = client.documents.get_in_workspace(workspace, total.document_id)
    assert document.id in {d.id for d in client.documents.each(workspace, sort="filename", per_page=1)}
    assert httpx.get(client.documents.link_in_workspace(workspace, document.id).url).content == invoice_pdf()
    planned = client.documents.plan_imports(workspace, [document.sha256, "0" * 64])
    assert [p.upload is None for p in planned] == [True, False]
    assert client.documents.take_imports(workspace, document_ids=[document.id]).data[0].error is None
    assert client.documents.cancel_reading(document.id) == 0


def test_rows_of_a_list_are_added_and_removed(client: fc.Client, extraction: fc.Extraction) -> None:
    assert "invoice.lines.3.amount" in {v.path for v in client.reviews.add_item(extraction.id, "invoice.lines").values}
    left = client.reviews.remove_item(extraction.id, "invoice.lines", 3)
    assert "invoice.lines.3.amount" not in {v.path for v in left.values}
    assert client.reviews.accept(extraction.id, "invoice.date").is_accepted
    assert client.reviews.reject(extraction.id, "Wrong one").note == "Wrong one"
    client.reviews.reopen(extraction.id)


def test_a_workspace_from_its_making_to_its_end(server: Installation, client: fc.Client, alice: Person) -> None:
    own = client.workspaces.create("Own", "🧾", idempotency_key=f"own-{alice.id}")
    assert client.workspaces.create("Own", "🧾", idempotency_key=f"own-{alice.id}").id == own.id
    assert client.workspaces.update(own.id, name="Renamed").icon == "🧾"
    assert client.workspaces.update(own.id, icon=None).icon is None
    assert client.workspaces.set_retention(own.id, 30) == 30 == client.workspaces.get_retention(own.id)
    assert client.workspaces.set_retention(own.id, None) is None
    invited = client.members.add(own.id, f"joins.{alice.id}@example.org", "user").invite_id
    assert invited is not None
    assert client.invites.resend(own.id, invited)
    assert [i.id for i in client.invites.list(own.id)] == [invited]
    link = client.invites.link(own.id, invited)
    with fc.Client(server.url) as nobody:
        joined = nobody.invites.accept(link.rpartition("/")[2], name="Joins", password=PASSWORD)
        token = nobody.account.sign_in(f"joins.{alice.id}@example.org", PASSWORD).token
    with fc.Client(server.url, token) as guest:
        assert guest.account.me().id == joined.user_id
        assert guest.workspaces.leave(own.id)
    client.workspaces.delete(own.id)
    assert own.id not in {w.id for w in client.workspaces.list()}


def test_tokens_and_webhooks_are_made_and_taken_back(client: fc.Client, workspace: int) -> None:
    made = client.tokens.create("Short", abilities=["workspaces-read"], expires_in_days=1)
    assert made.token is not None and made.token not in str(client.tokens.list())
    client.tokens.revoke(made.id)
    hook = client.webhooks.create(workspace, "https://example.org/hook", ["result.completed"])
    assert hook.secret is not None and client.webhooks.rotate_secret(workspace, hook.id).secret != hook.secret
    assert not client.webhooks.update(workspace, hook.id, is_active=False).is_active
    assert [h.id for h in client.webhooks.list(workspace)] == [hook.id]
    assert [*client.webhooks.each_delivery(workspace, hook.id)] == []
    client.webhooks.delete(workspace, hook.id)


def test_a_batch_runs_and_is_exported(client: fc.Client, workspace: int) -> None:
    template = client.templates.create(workspace, "Batch", NOTE)
    keys = [client.uploads.send(note_pdf(f"Number {n}")) for n in range(2)]
    made = [s.id for s in client.batches.create(template.id, keys, auto_extract=True)]
    until(lambda: [client.sessions.get(s).status for s in made], lambda found: set(found) <= {"completed", "failed"})
    assert {row.session_id for row in client.batches.export(template.id, made)} == set(made)
    assert client.batches.export_file(template.id, made, "excel").startswith(b"PK")
    client.batches.delete(template.id, made)
    assert [*client.templates.each_session(template.id)] == []


def test_people_are_added_and_invited(client: fc.Client, server: Installation, workspace: int) -> None:
    bob = server.user()
    assert client.members.add(workspace, bob.email, "readonly").invite_id is None
    client.members.update_role(workspace, bob.id, "user")
    assert {m.id: m.role for m in client.members.list(workspace)}[bob.id] == "user"
    invite = client.members.add(workspace, "sdk-guest@example.org", "user").invite_id
    assert invite is not None
    assert "/invite/" in client.invites.link(workspace, invite)
    client.invites.cancel(workspace, invite)
    client.members.remove(workspace, bob.id)


def test_the_docsense_surface_takes_the_api_key(client: fc.Client) -> None:
    made = client.docsense.upload([fc.file_of(note_pdf("Deposited"), "note.pdf")], industry="energy")
    assert made.documents[0].original_filename == "note.pdf"
    job = until(lambda: client.docsense.get(made.documents[0].id), lambda j: j.status in ("completed", "failed"))
    assert job.result_data is not None and "Deposited" in job.result_data.raw_data.text
    assert made.documents[0].id in {d.id for d in client.docsense.each(limit=1)}


# What goes wrong


def test_refusals_of_both_surfaces_are_the_same_errors(client: fc.Client, workspace: int) -> None:
    with pytest.raises(fc.Invalid) as raydocs_says:
        client.workspaces.create("")
    assert "name" in raydocs_says.value.fields
    assert raydocs_says.value.request_id
    with pytest.raises(fc.Invalid) as docsense_says:
        client.docsense.list(limit=1000)
    assert "query.limit" in docsense_says.value.fields


def test_a_wrong_token_a_missing_ability_and_a_foreign_tenant(
    server: Installation, alice: Person, workspace: int, extraction: fc.Extraction
) -> None:
    with fc.Client(server.url, "fpt_wrong") as nobody, pytest.raises(fc.Unauthenticated):
        nobody.workspaces.list()
    with fc.Client(server.url, alice.token(["workspaces-read"])) as reader, pytest.raises(fc.Forbidden):
        reader.templates.list(workspace)
    with fc.Client(server.url, server.user().token()) as charlie, pytest.raises(fc.NotFound):
        charlie.reviews.get(extraction.id)


def test_a_busy_server_is_asked_again_under_the_same_key_when_it_said() -> None:
    asked, pauses = answering(
        httpx.Response(429, headers={"Retry-After": "7"}, json={"message": "Too Many Attempts."}),
        httpx.ConnectError("gone"),
        httpx.Response(201, json=WORKSPACE),
    )
    assert pauses.client.workspaces.create("A").name == "A"
    assert len({request.headers["idempotency-key"] for request in asked}) == 1
    assert len(asked) == 3
    assert pauses.seconds[0] == 7


def test_what_is_not_there_any_more_after_a_lost_answer_was_deleted() -> None:
    lost = httpx.ReadTimeout("lost")
    _, pauses = answering(lost, httpx.Response(404, json={"message": "Resource not found."}))
    pauses.client.results.delete("one")
    asked, pauses = answering(lost, httpx.Response(200, json={}))
    with pytest.raises(fc.NoAnswer):
        pauses.client.reviews.remove_item("one", "items.lines", 0)
    assert len(asked) == 1, "a row that has moved up must not be removed too"


def test_a_server_that_stays_away_is_given_up() -> None:
    asked, pauses = answering(*[httpx.ConnectError("no")] * 6)
    with pytest.raises(fc.NoAnswer):
        pauses.client.workspaces.list()
    assert len(asked) == 6


def test_an_id_cannot_lead_elsewhere() -> None:
    asked, pauses = answering(httpx.Response(404, json={"message": "Resource not found."}))
    with pytest.raises(fc.NotFound):
        pauses.client.results.get("../../workspaces?x=1")
    assert asked[0].url.raw_path == b"/extractions/results/..%2F..%2Fworkspaces%3Fx%3D1"


# Webhooks


SECRET = "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI="
BODY = b'{"type":"result.completed","timestamp":"2026-02-03T08:15:00Z","data":{"result_id":"r"}}'


def test_a_webhook_of_the_server_is_believed() -> None:
    event = fc.verify_webhook(BODY, signed(BODY), ["whsec_b2xk", SECRET])
    assert (event.id, event.type, event.data) == ("msg_1", "result.completed", {"result_id": "r"})


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda: (BODY + b" ", signed(BODY), SECRET),
        lambda: (BODY, signed(BODY), "whsec_b2xk"),
        lambda: (BODY, signed(BODY, at=int(time.time()) - 301), SECRET),
        lambda: (BODY, {**signed(BODY), "Webhook-Id": "msg_2"}, SECRET),
        lambda: (BODY, {}, SECRET),
    ],
)
def test_a_webhook_of_somebody_else_is_not(spoilt: Callable[[], tuple[Any, Any, Any]]) -> None:
    with pytest.raises(fc.SignatureInvalid):
        fc.verify_webhook(*spoilt())


# The quick start


def test_the_readmes_quick_start_works(
    server: Installation, alice: Person, workspace: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    readme = (Path(__file__).resolve().parents[2] / "sdk" / "python" / "README.md").read_text("utf-8")
    code = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)[0]
    assert len(code.strip().splitlines()) <= 15
    (tmp_path / "invoice.pdf").write_bytes(invoice_pdf())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIELDPROOF_URL", server.url)
    monkeypatch.setenv("FIELDPROOF_TOKEN", alice.token())
    exec(compile(code, "README.md", "exec"), {})
    assert "418.88" in capsys.readouterr().out


# Small things


WORKSPACE = {
    "id": 1, "name": "A", "icon": None, "settings": {}, "created_at": "2026-02-03T08:15:00Z",
    "updated_at": "2026-02-03T08:15:00Z",
}  # fmt: skip


class Paused:
    """A client whose pauses are noted, not waited for."""

    def __init__(self, http: httpx.Client) -> None:
        self.seconds: list[float] = []
        self.client = fc.Client("http://server.test", "fpt_x", http=http, pause=self.seconds.append)


def answering(*answers: httpx.Response | httpx.TransportError) -> tuple[list[httpx.Request], Paused]:
    """A server that cannot be had for real: one that breaks off and is busy on command."""
    asked: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        said = left.pop(0)
        if isinstance(said, httpx.TransportError):
            raise said
        return said

    return asked, Paused(httpx.Client(transport=httpx.MockTransport(answer)))


def signed(body: bytes, at: int | None = None) -> dict[str, str]:
    at = int(time.time()) if at is None else at
    sent = {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(at)}
    return {**sent, "Webhook-Signature": signature(SECRET, "msg_1", at, body)}


def kinds(module: Any) -> list[type]:
    return [k for k in vars(module).values() if isinstance(k, type) and k.__module__ == module.__name__]


def operations() -> list[Operation[Any, Any]]:
    owners = [Surface, *(kind for module in MODULES for kind in kinds(module))]
    return [value for owner in owners for value in vars(owner).values() if isinstance(value, Operation)]


def anonymous(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)
