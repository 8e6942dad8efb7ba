"""What documents say is only ever text: values, quotes, reasoning, notes, names of runs."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from fieldproof.db.models import Correction, Document, FieldValue, Result, Template, Workspace
from fieldproof.services import sessions, templates
from fieldproof.services.work import Work
from running import Installation
from web.conftest import Browse
from web.test_security import PAYLOADS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hostile(server: Installation) -> dict[str, Any]:
    """One completed run with a field, a row and a choice for each payload, all of them hostile everywhere."""
    alice = server.user()
    place = server.workspace(alice, "Hostile")
    with server.parts.work(alice.actor) as work:
        template = templates.add_template(work, work.db.get_one(Workspace, place), "Hostile", _schema())
        session_id, result_id = _run(work, template)
    return {"alice": alice, "base": f"/w/{place}", "template": template.id, "session": session_id, "result": result_id}


@pytest.mark.parametrize(
    "path",
    [
        "/results/{result}", "/results/{result}?order=doubt", "/results/{result}/values/group.f0/why", "/review",
        "/sessions", "/sessions?template={template}", "/sessions/{session}", "",
    ],
)  # fmt: skip
def test_values_are_only_ever_text(server: Installation, hostile: dict[str, Any], browse: Browse, path: str) -> None:
    page = browse(hostile["alice"])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    page.goto(hostile["base"] + path.format(**hostile))
    assert page.evaluate("typeof pwned") == "undefined"
    assert page.locator("main :is(iframe, object, embed, base, marquee, math, style, meta, link, video)").count() == 0
    assert all(url.startswith(server.url) for url in asked), asked


def test_values_are_shown_as_they_are(hostile: dict[str, Any], browse: Browse) -> None:
    page = browse(hostile["alice"])
    page.goto(f"{hostile['base']}/results/{hostile['result']}")
    for n, payload in enumerate(PAYLOADS):
        assert page.locator(f"[id='v-group.f{n}'] :is(input, textarea)").input_value() == payload


def _schema() -> dict[str, Any]:
    fields: dict[str, Any] = {f"f{n}": {"type": "string", "title": payload} for n, payload in enumerate(PAYLOADS)}
    item = {"type": "object", "properties": {"a": {"type": "string", "title": PAYLOADS[0]}}}
    fields["rows"] = {"type": "array", "title": PAYLOADS[1], "items": item}
    fields["choice"] = {"type": "string", "enum": list(PAYLOADS)}
    return {"groups": {"group": {"title": PAYLOADS[2], "fields": fields}}}


def _run(work: Work, template: Template) -> tuple[str, str]:
    nasty = "<img src=x onerror=pwned=1>"
    document = Document(
        workspace_id=template.workspace_id, filename=f"{nasty}.pdf", mime="application/pdf", extension="pdf",
        category="pdf", size_bytes=1, sha256=uuid.uuid4().hex * 2, status="processed", source_type="upload",
        created_at=work.now, updated_at=work.now,
    )  # fmt: skip
    work.db.add(document)
    work.db.flush()
    session = sessions.add_session(work, template, f"S {nasty}")
    sessions.attach(work, session, [document])
    values = {f"group.f{n}": payload for n, payload in enumerate(PAYLOADS)}
    rows = [{"a": payload} for payload in PAYLOADS]
    data = {"group": {**{path[6:]: v for path, v in values.items()}, "rows": rows, "choice": PAYLOADS[0]}}
    result = Result(
        session_id=session.id, template_id=template.id, workspace_id=template.workspace_id, status="completed",
        config_hash="0" * 64, schema_json=template.schema_json, settings={}, document_ids=[document.id],
        document_refs=[{"documentId": str(document.id), "filename": document.filename}], title=nasty, data=data,
        warnings=[nasty], review_note=nasty, created_at=work.now, updated_at=work.now, completed_at=work.now,
    )  # fmt: skip
    work.db.add(result)
    work.db.flush()
    values |= {f"group.rows.{n}.a": payload for n, payload in enumerate(PAYLOADS)} | {"group.choice": PAYLOADS[0]}
    for n, (path, value) in enumerate(values.items()):
        work.db.add(_value(result, document, n, path, value))
    work.db.add(
        Correction(
            result_id=result.id, path="group.f0", old_value=nasty, new_value=PAYLOADS[0], citations=[],
            user_id=work.actor.user_id, created_at=work.now,
        )
    )  # fmt: skip
    return str(session.id), str(result.id)


def _value(result: Result, document: Document, position: int, path: str, value: str) -> FieldValue:
    place = {
        "chunk_id": "", "text": value, "page": 1, "bbox": [0.1, 0.1, 0.2, 0.2], "document_id": str(document.id),
        "match": "exact", "start": 0, "end": 1,
    }  # fmt: skip
    return FieldValue(
        result_id=result.id, position=position, path=path, value=value, raw=value, confidence=0.5, citations=[place],
        reasoning=value, rivals=[{"value": value, "confidence": 0.1, "sources": []}], formula=value, is_supported=True,
        is_corrected=path == "group.f0", machine_value=value,
    )  # fmt: skip
