"""What a live list asks each second."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from fieldproof.db.models import Document, Workspace
from fieldproof.services import documents, grid
from running import Installation


@pytest.fixture
def place(server: Installation) -> dict[str, Any]:
    alice = server.user()
    return {"alice": alice, "id": server.workspace(alice)}


def test_version_changes_with_each_change_and_only_then(server: Installation, place: dict[str, Any]) -> None:
    first = _add(server, place, minutes_ago=2)
    _add(server, place, minutes_ago=1)
    seen = [_version(server, place)]
    assert _version(server, place) == seen[0]
    _set_status(server, place, first, "processed", minutes_ago=0)
    seen.append(_version(server, place))
    with server.parts.work(place["alice"].actor) as work:
        documents.remove_document(work, work.db.get_one(Document, first))
    seen.append(_version(server, place))
    assert len(set(seen)) == 3


def test_change_that_is_committed_late_is_not_missed(server: Installation, place: dict[str, Any]) -> None:
    """Its moment is older than the newest that was seen already."""
    late = _add(server, place, minutes_ago=3)
    _add(server, place, minutes_ago=1)
    before = _version(server, place)
    _set_status(server, place, late, "processed", minutes_ago=2)
    assert _version(server, place) != before


def test_other_workspaces_change_nothing(server: Installation, place: dict[str, Any]) -> None:
    before = _version(server, place)
    _add(server, {"alice": place["alice"], "id": server.workspace(place["alice"])}, minutes_ago=0)
    assert _version(server, place) == before


def _version(server: Installation, place: dict[str, Any]) -> str:
    with server.parts.work(place["alice"].actor) as work:
        return str(grid.version(work, work.db.get_one(Workspace, place["id"])))


def _add(server: Installation, place: dict[str, Any], *, minutes_ago: int) -> uuid.UUID:
    with server.parts.work(place["alice"].actor) as work:
        at = work.now - timedelta(minutes=minutes_ago)
        document = Document(
            workspace_id=place["id"], filename="a.pdf", mime="application/pdf", extension="pdf", category="pdf",
            size_bytes=1, sha256=uuid.uuid4().hex * 2, status="failed", source_type="upload", created_at=at, updated_at=at,
        )  # fmt: skip
        work.db.add(document)
        work.db.flush()
        return document.id


def _set_status(
    server: Installation, place: dict[str, Any], document_id: uuid.UUID, status: str, *, minutes_ago: int
) -> None:
    with server.parts.work(place["alice"].actor) as work:
        document = work.db.get_one(Document, document_id)
        document.status, document.updated_at = status, work.now - timedelta(minutes=minutes_ago)
