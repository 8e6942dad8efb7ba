"""Our own routes: who may call what. A route without a row fails, as does a row without a route."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from contract.files import note_pdf
from contract.matrix import ABILITIES, Role
from contract.office import Cast, Office

PEOPLE = {Role.READ: "bob", Role.USER: "ursula", Role.ADMIN: "alice"}


@dataclass(frozen=True)
class Row:
    """``ability`` None: any token; ``role`` None: nobody's property is named; ``is_public``: no token at all."""

    method: str
    path: str
    ability: str | None = None
    role: Role | None = None
    json: Any = None
    is_public: bool = False

    @property
    def id(self) -> str:
        return f"{self.method} {self.path}"


ROWS = [
    Row("GET", "/healthz", is_public=True),
    Row("GET", "/readyz", is_public=True),
    Row("POST", "/v1/sign-in", is_public=True),
    Row("POST", "/v1/invitations/accept", is_public=True),
    Row("GET", "/v1/me"),
    Row("GET", "/v1/tokens"),
    Row("POST", "/v1/tokens", json={"name": "t", "abilities": []}),
    Row("DELETE", "/v1/tokens/{tokenId}"),
    Row("GET", "/v1/templates/{templateId}/sessions", "sessions-read", Role.READ),
    Row("GET", "/v1/templates/{templateId}/examples", "templates-read", Role.READ),
    Row("POST", "/v1/templates/{templateId}/examples/{exampleId}/activate", "templates-write", Role.USER),
    Row("POST", "/v1/templates/{templateId}/examples/{exampleId}/deactivate", "templates-write", Role.USER),
    Row("GET", "/v1/workspaces/{workspaceId}/documents", "documents-read", Role.READ),
    Row("GET", "/v1/workspaces/{workspaceId}/values", "sessions-read", Role.READ),
    Row("GET", "/v1/workspaces/{workspaceId}/tags", "documents-read", Role.READ),
    Row("POST", "/v1/workspaces/{workspaceId}/documents/tags", "documents-write", Role.USER,
        {"document_ids": [], "add": ["x"]}),
    Row("POST", "/v1/workspaces/{workspaceId}/documents/import", "documents-write", Role.USER, {"url": "http://"}),
    Row("POST", "/v1/workspaces/{workspaceId}/imports/plan", "documents-write", Role.USER, {"sha256": ["0" * 64]}),
    Row("POST", "/v1/workspaces/{workspaceId}/imports", "documents-write", Role.USER, {"keys": []}),
    Row("GET", "/v1/documents/{documentId}/tags", "documents-read", Role.READ),
    Row("PUT", "/v1/documents/{documentId}/tags", "documents-write", Role.USER, {"tags": ["x"]}),
    Row("GET", "/v1/documents/{documentId}/pages", "documents-read", Role.READ),
    Row("GET", "/v1/documents/{documentId}/pages/{number}/words", "documents-read", Role.READ),
    Row("GET", "/v1/reviews/next", "sessions-read"),
    Row("GET", "/v1/results/{resultId}/review", "sessions-read", Role.READ),
    Row("GET", "/v1/results/{resultId}/corrections", "sessions-read", Role.READ),
    Row("PUT", "/v1/results/{resultId}/values/{path}", "sessions-write", Role.USER, {"value": "x"}),
    Row("POST", "/v1/results/{resultId}/values/{path}/accept", "sessions-write", Role.USER),
    Row("POST", "/v1/results/{resultId}/values/{path}/undo", "sessions-write", Role.USER),
    Row("POST", "/v1/results/{resultId}/lists/{path}/items", "sessions-write", Role.USER),
    Row("DELETE", "/v1/results/{resultId}/lists/{path}/items/{number}", "sessions-write", Role.USER),
    Row("POST", "/v1/results/{resultId}/approve", "sessions-write", Role.USER, {}),
    Row("POST", "/v1/results/{resultId}/reject", "sessions-write", Role.USER, {}),
    Row("POST", "/v1/results/{resultId}/reopen", "sessions-write", Role.USER),
    Row("GET", "/v1/results/{resultId}/progress", "sessions-read", Role.READ),
    Row("GET", "/v1/sessions/{sessionId}/progress", "sessions-read", Role.READ),
    Row("GET", "/v1/batches/{batchId}/progress", "sessions-read", Role.READ),
    Row("POST", "/v1/results/{resultId}/cancel", "sessions-write", Role.USER),
    Row("POST", "/v1/sessions/{sessionId}/cancel", "sessions-write", Role.USER),
    Row("POST", "/v1/documents/{documentId}/cancel", "documents-write", Role.USER),
    Row("GET", "/v1/workspaces/{workspaceId}/retention", "workspaces-read", Role.READ),
    Row("PUT", "/v1/workspaces/{workspaceId}/retention", "workspaces-write", Role.ADMIN, {"days": 30}),
    Row("GET", "/v1/workspaces/{workspaceId}/webhooks", "workspaces-read", Role.ADMIN),
    Row("POST", "/v1/workspaces/{workspaceId}/webhooks", "workspaces-write", Role.ADMIN, {}),
    Row("PUT", "/v1/workspaces/{workspaceId}/webhooks/{webhookId}", "workspaces-write", Role.ADMIN, {}),
    Row("DELETE", "/v1/workspaces/{workspaceId}/webhooks/{webhookId}", "workspaces-write", Role.ADMIN),
    Row("POST", "/v1/workspaces/{workspaceId}/webhooks/{webhookId}/rotate-secret", "workspaces-write", Role.ADMIN),
    Row("GET", "/v1/workspaces/{workspaceId}/webhooks/{webhookId}/deliveries", "workspaces-read", Role.ADMIN),
    Row("POST", "/v1/workspaces/{workspaceId}/webhooks/{webhookId}/deliveries/{deliveryId}/replay", "workspaces-write",
        Role.ADMIN),
]  # fmt: skip
PRIVATE = [row for row in ROWS if not row.is_public]
OWNED = [row for row in PRIVATE if row.role is not None]
rows = pytest.mark.parametrize("row", PRIVATE, ids=lambda row: row.id)
owned = pytest.mark.parametrize("row", OWNED, ids=lambda row: row.id)


@pytest.fixture(scope="module")
def names(cast: Cast) -> dict[str, str | int]:
    """Real ids of an office of alice's; what has none there is named as if it were."""
    office = cast.office()
    result = note_run(office)
    session = result["extraction_session_id"]
    both = {"session_ids": [session, office.session(result["template"])["id"]]}
    office.api.ok(
        "attachSessionDocuments", json={"document_ids": [result["document"]]}, sessionId=both["session_ids"][1]
    )
    office.api.ok("batchExecuteSessions", json=both, templateId=result["template"])
    headers = {"Authorization": f"Bearer {office.api.token}"}
    batch = cast.http.get(f"/v1/sessions/{session}/progress", headers=headers).json()["batch_id"]
    return {
        "batchId": batch,
        "workspaceId": office.workspace, "templateId": result["template"], "documentId": result["document"],
        "resultId": result["id"], "sessionId": session, "path": "note.text", "number": 0,
        "tokenId": 2**40,
        **dict.fromkeys(("exampleId", "webhookId", "deliveryId"), "00000000-0000-4000-8000-000000000000"),
    }  # fmt: skip


def test_the_table_is_complete(cast: Cast) -> None:
    paths = cast.http.get("/openapi.json").raise_for_status().json()["paths"]
    served = {
        f"{method.upper()} {path}"
        for path, item in paths.items()
        if path.startswith("/v1/") or path in ("/healthz", "/readyz")
        for method in item
        if method in ("get", "put", "post", "delete", "patch")
    }
    assert served == {row.id for row in ROWS}


@rows
def test_without_a_token(row: Row, cast: Cast, names: dict[str, Any]) -> None:
    assert send(cast, None, row, names).status_code == 401


@rows
def test_without_its_ability(row: Row, cast: Cast, names: dict[str, Any]) -> None:
    if row.ability is None:
        assert send(cast, cast.api(cast.alice, ()).token, row, names).status_code not in (401, 403)
        return
    others = tuple(a for a in ABILITIES if a != row.ability)
    for person in (cast.alice, cast.charlie):
        assert send(cast, cast.api(person, others).token, row, names).status_code == 403


@owned
def test_an_outsider_finds_nothing(row: Row, cast: Cast, names: dict[str, Any]) -> None:
    theirs = send(cast, cast.api(cast.charlie).token, row, names)
    absent = {
        **names,
        "workspaceId": 2**40,
        **dict.fromkeys(("templateId", "documentId", "resultId", "sessionId", "batchId"), names["exampleId"]),
    }
    nobodys = send(cast, cast.api(cast.charlie).token, row, absent)
    assert (theirs.status_code, theirs.content) == (404, nobodys.content)


@owned
@pytest.mark.parametrize("role", Role, ids=lambda role: PEOPLE[role])
def test_role(row: Row, role: Role, cast: Cast, names: dict[str, Any]) -> None:
    assert row.role is not None
    status = send(cast, cast.api(getattr(cast, PEOPLE[role])).token, row, names).status_code
    assert (status == 403) == (role < row.role), status
    assert status < 500


def note_run(office: Office) -> dict[str, Any]:
    template = office.template()["id"]
    session = office.session(template)["id"]
    (document,) = office.attach(session, note_pdf("Matrix"))
    return {**office.run(session), "template": template, "document": document["id"]}


def send(cast: Cast, token: str | None, row: Row, names: dict[str, Any]) -> httpx.Response:
    path = re.sub(r"\{(\w+)\}", lambda m: str(names[m[1]]), row.path)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return cast.http.request(row.method, path, json=row.json, headers=headers)
