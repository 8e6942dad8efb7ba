"""Whatever people and documents say is only ever text: names, values, quotes, notes, what was read, what was found."""

from __future__ import annotations

import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from contract.office import until
from fieldproof import search
from fieldproof.db.models import (
    Correction,
    Delivery,
    Document,
    DocumentTag,
    Example,
    FieldValue,
    Result,
    Template,
    User,
    Webhook,
    Workspace,
)
from fieldproof.services import drops, sessions, templates, tokens, workspaces
from fieldproof.services.drops import DroppedFile
from fieldproof.services.work import Work
from running import Installation
from web.conftest import Browse

pytestmark = pytest.mark.browser

PAYLOADS = (
    "<script>pwned=1</script>", "<img src=x onerror=pwned=1>", "<svg onload=pwned=1>", "<svg/onload=pwned=1>",
    "'\"><script>pwned=1</script>", "\"onmouseover=\"pwned=1", "' onfocus='pwned=1' autofocus='", "javascript:pwned=1",
    "<iframe src=javascript:pwned=1>", "<body onload=pwned=1>", "<details open ontoggle=pwned=1>", "{{7*7}}{%pwned%}",
    "${pwned=1}", "</title><script>pwned=1</script>", "</textarea><script>pwned=1</script>", "<!--<script>pwned=1//-->",
    "]]><script>pwned=1</script>", "<a href=javascript:pwned=1>x</a>", "<math><mi//xlink:href=\"data:x,pwned=1\">",
    "<video><source onerror=pwned=1>", "<input onfocus=pwned=1 autofocus>", "<marquee onstart=pwned=1>",
    "<object data=\"data:text/html,<script>pwned=1</script>\">", "<base href=//evil.test/>",
    "<meta http-equiv=refresh content=0;url=//evil.test>", "<link rel=stylesheet href=//evil.test>",
    "<style>*{background:url(//evil.test)}</style>", "&lt;script&gt;pwned=1&lt;/script&gt;",
    "<form action=//evil.test><button>x", "\u202e<script>pwned=1</script>", "<div hx-get=/ hx-trigger=load>",
    "<button hx-on:click=pwned=1>", "<x data-hx-get=\"//evil.test\" data-hx-trigger=load>",
)  # fmt: skip
# A screen: its addresses, and how the texts begin of which it shows one for each payload.
SCREENS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "home": (("{base}",), ("W ",)),
    "documents": (("{base}/documents", "{base}/documents?page=2"), ("D ", "E ", "G ")),
    "document": (("{base}/documents/{document}",), ()),
    "text of a document": (("{base}/documents/{document}?view=text",), ("L ",)),
    "chunks of a document": (("{base}/documents/{document}?view=chunks",), ("L ",)),
    "readings of a document": (("{base}/documents/{document}?view=readings",), ()),
    "uses of a document": (("{base}/documents/{document}?view=uses",), ("S ", "R ")),
    "templates": (("{base}/templates", "{base}/templates?page=2"), ("T ", "A ")),
    "template": (("{base}/templates/{template}",), ("F ",)),
    "learnt": (("{base}/templates/{template}/learnt",), ("H ", "X ")),
    "new template": (("{base}/templates/new",), ()),
    "sessions": (("{base}/sessions", "{base}/sessions?page=2"), ("S ", "R ")),
    "results grid": (("{base}/sessions?template={template}",), ("F ", "V ")),
    "session": (("{base}/sessions/{session}",), ()),
    "review queue": (("{base}/review", "{base}/review?page=2"), ("R ",)),
    "review": (("{base}/results/{result}",), ("F ", "V ", "C ", "N ", "O ")),
    "review, least sure first": (("{base}/results/{result}?order=doubt",), ("F ", "V ")),
    "members": (("{base}/members",), ("P ",)),
    "jobs": (("{base}/jobs", "{base}/jobs?page=2"), ("D ", "E ")),
    "audit log": (("{base}/audit?action=template.created",), ("T ",)),
    "settings": (("{base}/settings",), ("W ",)),
    "webhooks": (("{base}/webhooks",), ("U ",)),
    "webhook": (("{base}/webhooks/{webhook}", "{base}/webhooks/{webhook}?page=2"), ("Y ", "Z ")),
    "tokens": (("/tokens",), ("K ",)),
    "token": (("/tokens/new",), ("W ",)),
}  # fmt: skip
_TEXTS = """() => [document.body.textContent, ...[...document.querySelectorAll("input, textarea")].map(e => e.value)].join("\\n")"""
_MARKUP = "main :is(iframe, object, embed, base, marquee, math, style, meta, link, video, script)"


@dataclass(frozen=True)
class Hostile:
    """A workspace in which everything that anybody may name is named after each payload; ``places`` fill addresses."""

    alice: Any
    places: dict[str, Any]


@pytest.fixture(scope="module")
def hostile(server: Installation) -> Hostile:
    alice = server.user(name=f"P {PAYLOADS[0]}")
    place = server.workspace(alice, f"W {PAYLOADS[0]}")
    for payload in PAYLOADS:
        server.member(place, server.user(name=f"P {payload}"), "readonly")
    with server.parts.work(alice.actor) as work:
        workspace = work.db.get_one(Workspace, place)
        document_id = _dropped(work, workspace)
        _name_everything(work, workspace)
    until(lambda: _status(server, document_id), lambda status: status == "processed")
    with server.parts.work(alice.actor) as work:
        workspace, document = work.db.get_one(Workspace, place), work.db.get_one(Document, document_id)
        for payload in PAYLOADS:
            tag = DocumentTag(document_id=document_id, workspace_id=place, tag=f"G {payload}", created_at=work.now)
            work.db.add(tag)
        template = templates.add_template(work, workspace, "Hostile", _schema())
        results = [_run(work, template, document, payload) for payload in PAYLOADS]
        _judge(work, results[0], document)
        _teach(work, template, results)
        webhook = _told(work, workspace)
        places = {
            "base": f"/w/{place}", "document": document_id, "template": template.id, "result": results[0].id,
            "session": results[0].session_id, "webhook": webhook.id,
        }  # fmt: skip
    return Hostile(alice, places)


@pytest.mark.parametrize("name", SCREENS)
def test_screen_shows_only_text(server: Installation, hostile: Hostile, browse: Browse, name: str) -> None:
    page, asked = _listening(browse, hostile)
    paths, prefixes = SCREENS[name]
    seen = "\n".join(_read(page, path.format(**hostile.places)) for path in paths)
    _nothing_ran(server, page, asked)
    _all_there(seen, prefixes)


@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_proof_of_a_value_is_only_text(server: Installation, hostile: Hostile, browse: Browse, number: int) -> None:
    """The panel beside the sheet, which its script puts in."""
    page, asked = _listening(browse, hostile)
    page.goto("{base}/results/{result}".format(**hostile.places))
    value = page.locator(f"[id='v-group.f{number}']")
    value.click()
    value.get_by_role("link", name="Why").click()
    proof = page.get_by_label("Where the value comes from")
    proof.get_by_role("heading", name="Other candidates").wait_for()
    seen = proof.text_content() or ""
    _nothing_ran(server, page, asked)
    for prefix in ("F ", "Q ", "B ", "V ", "M "):
        assert _plain(prefix + PAYLOADS[number]) in _plain(seen)


def test_found_words_are_only_text(server: Installation, hostile: Hostile, browse: Browse) -> None:
    page, asked = _listening(browse, hostile)
    for number, payload in enumerate(PAYLOADS):
        seen = _read(page, f"{hostile.places['base']}/documents?search=token{number}x")
        assert _plain(payload) in _plain(seen), payload
        assert page.locator("mark").all_text_contents() == [f"token{number}x"]
    _read(page, "{base}/documents/{document}?search=pwned".format(**hostile.places))
    _nothing_ran(server, page, asked)


def test_typed_text_comes_back_as_text(server: Installation, hostile: Hostile, browse: Browse) -> None:
    """A refused form shows what was typed again."""
    page, asked = _listening(browse, hostile)
    page.goto("{base}/members".format(**hostile.places))
    for payload in PAYLOADS:
        email = page.get_by_label("E-mail of the new member")
        email.evaluate("input => (input.type = 'text')")
        email.fill(payload)
        page.get_by_role("button", name="Add or invite").click()
        page.locator("#email[aria-invalid]").wait_for()
        assert page.locator("#email").input_value() == payload.strip()
        _nothing_ran(server, page, asked)


def _listening(browse: Browse, hostile: Hostile) -> tuple[Page, list[str]]:
    """A page, and what it asks for and says."""
    page = browse(hostile.alice)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    return page, asked


def _read(page: Page, path: str) -> str:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    assert page.locator(_MARKUP).count() == 0, path
    return page.evaluate(_TEXTS)


def _nothing_ran(server: Installation, page: Page, asked: list[str]) -> None:
    assert page.evaluate("typeof pwned") == "undefined"
    assert page.locator(_MARKUP).count() == 0
    assert all(url.startswith(server.url) for url in asked), asked


def _all_there(seen: str, prefixes: tuple[str, ...]) -> None:
    plain = _plain(seen)
    missing = [p + payload for p in prefixes for payload in PAYLOADS if _plain(p + payload) not in plain]
    assert not missing, missing


def _plain(text: str) -> str:
    """Signs that turn the direction are left out where a document is read."""
    return " ".join(text.replace("\u202e", "").split())


def _name_everything(work: Work, workspace: Workspace) -> None:
    schema = {"groups": {"g": {"fields": {"f": "string"}}}}
    me = work.db.get_one(User, work.actor.user_id)
    for payload in PAYLOADS:
        workspaces.add_workspace(work, f"W {payload}")
        templates.add_template(work, workspace, f"T {payload}", schema, description=f"A {payload}")
        tokens.add_token(work, me, f"K {payload}")
        document = _failed(workspace.id, f"D {payload}.pdf", f"E {payload}", work.now)
        work.db.add(document)
        work.db.flush()
        search.add_entry(work.db, document, document.filename, is_first=True)


def _failed(place: int, filename: str, error: str, now: Any) -> Document:
    return Document(
        workspace_id=place, filename=filename, mime="application/pdf", extension="pdf", category="pdf", size_bytes=1,
        sha256=uuid.uuid4().hex * 2, status="failed", source_type="upload", error_code="corrupt", error=error,
        created_at=now, updated_at=now,
    )  # fmt: skip


def _dropped(work: Work, workspace: Workspace) -> uuid.UUID:
    """A text file with a paragraph for each payload, read by the worker."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hostile"
        path.write_text("\n\n".join(f"token{n}x L {payload}" for n, payload in enumerate(PAYLOADS)))
        file = DroppedFile("<img src=x onerror=pwned=1>.txt", "text/plain", path)
        return drops.take(work, workspace, [file], None).documents[0].id


def _status(server: Installation, document_id: uuid.UUID) -> str:
    with server.parts.work() as work:
        document = work.db.get_one(Document, document_id)
        assert document.status != "failed", document.error
        return document.status


def _schema() -> dict[str, Any]:
    fields: dict[str, Any] = {
        f"f{n}": {"type": "string", "title": f"F {payload}"} for n, payload in enumerate(PAYLOADS)
    }
    item = {"type": "object", "properties": {"a": {"type": "string", "title": PAYLOADS[0]}}}
    fields["rows"] = {"type": "array", "title": PAYLOADS[1], "items": item}
    fields["choice"] = {"type": "string", "enum": [f"O {payload}" for payload in PAYLOADS]}
    return {"groups": {"group": {"title": PAYLOADS[2], "fields": fields}}}


def _run(work: Work, template: Template, document: Document, payload: str) -> Result:
    session = sessions.add_session(work, template, f"S {payload}")
    sessions.attach(work, session, [document])
    given = {f"f{n}": f"V {one}" for n, one in enumerate(PAYLOADS)}
    data = {"group": {**given, "rows": [{"a": f"C {one}"} for one in PAYLOADS], "choice": f"O {payload}"}}
    result = Result(
        session_id=session.id, template_id=template.id, workspace_id=template.workspace_id, status="completed",
        config_hash="0" * 64, schema_json=template.schema_json, settings={}, document_ids=[document.id],
        document_refs=[{"documentId": str(document.id), "filename": document.filename}], title=f"R {payload}", data=data,
        created_at=work.now, updated_at=work.now, completed_at=work.now,
    )  # fmt: skip
    work.db.add(result)
    work.db.flush()
    return result


def _judge(work: Work, result: Result, document: Document) -> None:
    """One of the runs has values with proofs, a history, warnings and a note."""
    result.review_status, result.review_note = "rejected", "\n".join(f"N {payload}" for payload in PAYLOADS)
    result.warnings, result.reviewed_at = [f"N {payload}" for payload in PAYLOADS], work.now
    values = {f"group.f{n}": payload for n, payload in enumerate(PAYLOADS)}
    rows = {f"group.rows.{n}.a": f"C {payload}" for n, payload in enumerate(PAYLOADS)}
    for n, (path, payload) in enumerate(values.items()):
        work.db.add(_value(result, document, n, path, f"V {payload}", payload))
        work.db.add(
            Correction(
                result_id=result.id, path=path, old_value=f"M {payload}", new_value=f"V {payload}", citations=[],
                user_id=work.actor.user_id, created_at=work.now,
            )
        )  # fmt: skip
    for n, (path, value) in enumerate([*rows.items(), ("group.choice", f"O {PAYLOADS[0]}")], len(values)):
        work.db.add(_value(result, document, n, path, value, value))


def _teach(work: Work, template: Template, results: list[Result]) -> None:
    for result, payload in zip(results, PAYLOADS, strict=True):
        example = Example(
            template_id=template.id, result_id=result.id, document_id=result.document_ids[0], fingerprint={},
            fields={f"H {payload}": {}}, refusal=f"X {payload}", created_at=work.now, updated_at=work.now,
        )  # fmt: skip
        work.db.add(example)


def _told(work: Work, workspace: Workspace) -> Webhook:
    """A webhook for each payload; the last has a delivery for each."""
    made = {"created_at": work.now, "updated_at": work.now}
    webhooks = [
        Webhook(workspace_id=workspace.id, url=f"U {payload}", events=[], secret="whsec_x", **made)
        for payload in PAYLOADS
    ]
    work.db.add_all(webhooks)
    work.db.flush()
    for payload in PAYLOADS:
        delivery = Delivery(
            webhook_id=webhooks[-1].id, event_id=payload, type="result.completed", body=f"Y {payload}", status="failed",
            answer_status=500, answer=f"Z {payload}", **made,
        )  # fmt: skip
        work.db.add(delivery)
    return webhooks[-1]


def _value(result: Result, document: Document, position: int, path: str, value: str, payload: str) -> FieldValue:
    place = {
        "chunk_id": "", "text": f"Q {payload}", "page": 1, "bbox": [0.1, 0.1, 0.2, 0.2],
        "document_id": str(document.id), "match": "exact", "start": 0, "end": 1,
    }  # fmt: skip
    return FieldValue(
        result_id=result.id, position=position, path=path, value=value, raw=value, confidence=0.5, citations=[place],
        reasoning=f"B {payload}", rivals=[{"value": f"V {payload}", "confidence": 0.1, "sources": []}],
        formula=payload, is_supported=True, is_corrected=path.startswith("group.f"), machine_value=f"M {payload}",
    )  # fmt: skip
