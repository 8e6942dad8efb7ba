"""The people and the workspace that the contract suites work in.

alice is the workspace's admin, ursula a user, bob a readonly member, charlie an outsider with a
workspace of his own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import httpx

from contract.files import PDF, invoice_pdf
from contract.openapi import Api
from contract.schemas import INVOICE, NOTE

T = TypeVar("T")

PATIENCE_S = 180  # how long a background job may take on a busy machine before we call it stuck


class Person(Protocol):
    id: int
    email: str

    def token(self, abilities: list[str] | None = None) -> str: ...


class Server(Protocol):
    url: str

    def user(self, email: str | None = None, name: str | None = None) -> Person: ...
    def workspace(self, owner: Person, name: str = ...) -> int: ...
    def member(self, workspace_id: int, person: Person, role: str) -> Any: ...


@dataclass
class Cast:
    """Four people on one server, and their callers, made once per test worker."""

    server: Server
    http: httpx.Client
    alice: Person
    ursula: Person
    bob: Person
    charlie: Person
    _apis: dict[tuple[int, tuple[str, ...] | None], Api] = field(default_factory=dict)

    def api(self, person: Person, abilities: tuple[str, ...] | None = None) -> Api:
        """The person's caller; ``abilities`` None is all fourteen."""
        key = (person.id, abilities)
        if key not in self._apis:
            token = person.token(None if abilities is None else list(abilities))
            self._apis[key] = Api(self.http, token)
        return self._apis[key]

    @property
    def stranger(self) -> Api:
        """A caller without any token."""
        return Api(self.http, None)

    def office(self) -> Office:
        workspace = self.server.workspace(self.alice)
        self.server.member(workspace, self.ursula, "user")
        self.server.member(workspace, self.bob, "readonly")
        return Office(self, workspace, self.api(self.alice))


@contextmanager
def hired(server: Server) -> Iterator[Cast]:
    with httpx.Client(base_url=server.url, timeout=120) as http:
        yield Cast(server, http, server.user(), server.user(), server.user(), server.user())


@dataclass
class Office:
    """A fresh workspace of alice's. The methods arrange; they act as alice through the public door."""

    cast: Cast
    workspace: int
    api: Api

    def template(self, schema: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        body = {"name": "Notes", "workspace_id": self.workspace, "schema_json": schema or NOTE, **fields}
        return self.api.ok("createTemplate", json=body)

    def session(self, template: str | None = None, name: str = "A session") -> dict[str, Any]:
        template = template or self.template()["id"]
        return self.api.ok("createSession", json={"extraction_template_id": template, "name": name})

    def upload(self, content: bytes, mime: str = PDF, **headers: str) -> str:
        """Steps 1 and 2 of an upload; the key for step 3."""
        signed = self.api.ok("createSignedUploadUrl", json={"content_type": mime, "visibility": "private"})
        put = httpx.put(signed["url"], content=content, headers={**signed["headers"], **headers}, timeout=120)
        assert put.status_code == 200, f"PUT of the bytes: {put.status_code} {put.text}"
        return signed["key"]

    def document(self, content: bytes, mime: str = PDF, **fields: Any) -> dict[str, Any]:
        """A document of the workspace, attached nowhere."""
        body = {"key": self.upload(content, mime), **fields}
        return self.api.ok("createWorkspaceDocument", json=body, workspaceId=self.workspace)["document"]

    def attach(self, session: str, *contents: bytes, mime: str = PDF) -> list[dict[str, Any]]:
        keys = [self.upload(c, mime) for c in contents]
        return self.api.ok("uploadSessionDocuments", json={"keys": keys}, sessionId=session)["data"]

    def run(self, session: str) -> dict[str, Any]:
        """Start a run and wait for its end."""
        return self.ended(self.api.ok("runExtraction", sessionId=session)["id"])

    def ended(self, result: str) -> dict[str, Any]:
        return until(
            lambda: self.api.ok("getResult", resultId=result),
            lambda r: r["status"] in ("completed", "failed"),
        )

    def ended_session(self, session: str) -> dict[str, Any]:
        return until(
            lambda: self.api.ok("getSession", sessionId=session),
            lambda s: s["status"] in ("completed", "failed"),
        )

    def invoice_run(self) -> dict[str, Any]:
        """A completed run over one invoice; the result."""
        session = self.session(self.template(INVOICE, name="Invoices")["id"], "INV-2026-0117")
        self.attach(session["id"], invoice_pdf())
        result = self.run(session["id"])
        assert result["status"] == "completed", result
        return result


def until(read: Callable[[], T], is_done: Callable[[T], bool]) -> T:
    """Poll until done. Only a job that is stuck runs into the deadline."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        value = read()
        if is_done(value):
            return value
        assert time.monotonic() < deadline, f"still not done after {PATIENCE_S} s: {value}"
        time.sleep(0.1)
