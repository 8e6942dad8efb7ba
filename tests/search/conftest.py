from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from search.corpus import Paper, store


@dataclass
class Desk:
    """A workspace, its owner, and the owner's way in."""

    server: Any
    http: httpx.Client
    person: Any
    workspace: int
    token: str

    def put(self, *papers: Paper) -> list[str]:
        with self.server.parts.work() as work:
            store(work.db, papers, self.workspace, self.person.id)
        return [str(paper.document_id) for paper in papers]

    def get(self, path: str, expect: int = 200, **params: Any) -> Any:
        return self.ask("GET", path, expect, params=params)

    def ask(self, method: str, path: str, expect: int = 200, **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.http.request(method, f"/v1{path}", headers=headers, **request)
        assert answer.status_code == expect, f"{answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def list(self, **params: Any) -> Any:
        return self.get(f"/workspaces/{self.workspace}/documents", **params)

    def names(self, **params: Any) -> list[str]:
        return [row["filename"] for row in self.list(**params)["data"]]


@pytest.fixture(scope="session")
def http(server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=120) as client:
        yield client


@pytest.fixture
def desk(server: Any, http: httpx.Client) -> Desk:
    person = server.user()
    return Desk(server, http, person, server.workspace(person), person.token())
