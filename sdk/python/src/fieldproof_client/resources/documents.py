from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from fieldproof_client.calls import (
    Each,
    Exchange,
    Flow,
    Mode,
    Resource,
    Sent,
    Story,
    found,
    given,
    many,
    nothing,
    one,
    operation,
    page_of,
)
from fieldproof_client.files import FileLike, file_of
from fieldproof_client.models import (
    Chunk,
    Document,
    DocumentCreated,
    DocumentStatus,
    FoundDocument,
    FoundResult,
    Imported,
    ImportedMany,
    Link,
    PagePicture,
    Parsing,
    Planned,
    SignedUpload,
    Word,
)

Names = str | Sequence[str]


class Uploads(Resource[Mode]):
    @operation("POST", "/vapor/signed-storage-url", one(SignedUpload))
    def sign(self, content_type: str = "application/octet-stream") -> Sent:
        """A link for five minutes, and the key under which its bytes can be attached."""
        return Sent(json={"content_type": content_type, "visibility": "private"})

    @Story
    def send(self: Resource[Mode], file: FileLike, *, filename: str | None = None) -> Flow[str]:
        """Signs, sends the bytes piece by piece, and gives the key for ``add_uploads``, ``create`` or a batch."""
        given_file = file_of(file, filename)
        signed = yield from Uploads.sign.flow(self, given_file.media_type)
        headers = {**signed.headers, "X-Filename": quote(given_file.name)}
        yield from self._send(Exchange("PUT", signed.url, headers=headers, content=given_file, is_link=True), None)
        return signed.key


class Documents(Resource[Mode]):
    @operation("GET", "/extractions/documents/{documentId}", one(Document))
    def get(self, document_id: str) -> Sent:
        return Sent({"documentId": document_id})

    @operation("GET", "/extractions/documents/{documentId}/url", one(Link))
    def link(self, document_id: str) -> Sent:
        """To the original, for ten minutes."""
        return Sent({"documentId": document_id})

    @operation("DELETE", "/extractions/documents/{documentId}", nothing)
    def delete(self, document_id: str) -> Sent:
        return Sent({"documentId": document_id})

    @operation("GET", "/extractions/documents/{documentId}/chunks", many(Chunk))
    def list_chunks(self, document_id: str) -> Sent:
        return Sent({"documentId": document_id})

    @operation("GET", "/workspaces/{workspaceId}/documents", page_of(Document))
    def list(
        self,
        workspace_id: int,
        *,
        query: str | None = None,
        mime: str | None = None,
        status: DocumentStatus | None = None,
        source_type: Literal["upload", "url", "connector"] | None = None,
        sort: Literal["created_at", "filename", "size", "status"] | None = None,
        order: Literal["asc", "desc"] | None = None,
        page: int = 1,
        per_page: int = 100,
    ) -> Sent:
        asked = given(query=query, mime=mime, status=status, source_type=source_type, sort=sort, order=order)
        return Sent({"workspaceId": workspace_id}, {**asked, "page": page, "per_page": per_page})

    each = Each(list)

    @operation("POST", "/workspaces/{workspaceId}/documents", one(DocumentCreated))
    def create(
        self,
        workspace_id: int,
        key: str,
        *,
        filename: str | None = None,
        mime: str | None = None,
        session_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Sent:
        """From an upload's key. The same bytes are one document; ``dedup`` tells."""
        body = given(key=key, filename=filename, mime=mime, session_id=session_id)
        return Sent({"workspaceId": workspace_id}, json=body, idempotency_key=idempotency_key)

    @Story
    def upload(
        self: Resource[Mode],
        workspace_id: int,
        file: FileLike,
        *,
        filename: str | None = None,
        session_id: str | None = None,
    ) -> Flow[Document]:
        """The whole upload in one call: link, bytes, document."""
        name = file_of(file, filename).name
        key = yield from Uploads.send.flow(self, file, filename=filename)
        made = yield from Documents.create.flow(self, workspace_id, key, filename=name, session_id=session_id)
        return made.document

    @Story
    def download(self: Resource[Mode], document_id: str, to: str | Path) -> Flow[Path]:
        """The original, piece by piece, into a file."""
        link = yield from Documents.link.flow(self, document_id)
        yield from self._send(Exchange("GET", link.url, into=Path(to), is_link=True), None)
        return Path(to)

    @operation("GET", "/workspaces/{workspaceId}/documents/{documentId}", one(Document))
    def get_in_workspace(self, workspace_id: int, document_id: str) -> Sent:
        return Sent({"workspaceId": workspace_id, "documentId": document_id})

    @operation("GET", "/workspaces/{workspaceId}/documents/{documentId}/url", one(Link))
    def link_in_workspace(self, workspace_id: int, document_id: str) -> Sent:
        return Sent({"workspaceId": workspace_id, "documentId": document_id})

    @operation("POST", "/workspaces/{workspaceId}/documents/{documentId}/reparse", one(Parsing, at="parsing"))
    def reparse(self, workspace_id: int, document_id: str, config_hash: str, *, force: bool = False) -> Sent:
        """Reads it for the configuration of a template (``template.config_hash``)."""
        body = {"config_hash": config_hash, "force": force}
        return Sent({"workspaceId": workspace_id, "documentId": document_id}, json=body)

    @operation("GET", "/v1/workspaces/{workspaceId}/documents", found(FoundDocument))
    def search(
        self,
        workspace_id: int,
        search: str | None = None,
        *,
        status: Names | None = None,
        not_status: Names | None = None,
        file_type: Names | None = None,
        extension: Names | None = None,
        template: str | None = None,
        session: str | None = None,
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        updated_from: datetime | None = None,
        updated_to: datetime | None = None,
        processed_from: datetime | None = None,
        processed_to: datetime | None = None,
        size_min: int | None = None,
        size_max: int | None = None,
        pages_min: int | None = None,
        pages_max: int | None = None,
        has_error: bool | None = None,
        needs_review: bool | None = None,
        sha256: str | None = None,
        ids: Names | None = None,
        industry: str | None = None,
        tags_any: Names | None = None,
        tags_all: Names | None = None,
        tags_none: Names | None = None,
        sort: str | None = None,
        order: Literal["asc", "desc"] | None = None,
        page: int = 1,
        limit: int = 100,
        cursor: str | None = None,
        fields: Names | None = None,
        counts: bool | None = None,
    ) -> Sent:
        """By words of the text, "a phrase", or a part of the name; every hit with its page, snippet and box."""
        asked = {name: value for name, value in locals().items() if name not in ("self", "workspace_id")}
        return Sent({"workspaceId": workspace_id}, asked)

    each_found = Each(search)

    @operation("POST", "/v1/workspaces/{workspaceId}/documents/import", one(Imported))
    def import_url(
        self,
        workspace_id: int,
        url: str,
        *,
        filename: str | None = None,
        template_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Sent:
        """The server fetches the file; with a template it runs that."""
        body = given(url=url, filename=filename, template_id=template_id)
        return Sent({"workspaceId": workspace_id}, json=body, idempotency_key=idempotency_key)

    @operation("POST", "/v1/workspaces/{workspaceId}/imports/plan", many(Planned))
    def plan_imports(self, workspace_id: int, sha256: Sequence[str], *, template_id: str | None = None) -> Sent:
        """What is there of many files, and links to send the rest to."""
        return Sent({"workspaceId": workspace_id}, json=given(sha256=[*sha256], template_id=template_id))

    @operation("POST", "/v1/workspaces/{workspaceId}/imports", one(ImportedMany))
    def take_imports(
        self,
        workspace_id: int,
        *,
        keys: Sequence[str] = (),
        names: Sequence[str] = (),
        document_ids: Sequence[str] = (),
        template_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Sent:
        body = given(keys=[*keys], names=[*names], document_ids=[*document_ids], template_id=template_id)
        return Sent({"workspaceId": workspace_id}, json=body, idempotency_key=idempotency_key)

    @operation("GET", "/v1/documents/{documentId}/pages", many(PagePicture))
    def list_pages(self, document_id: str, *, width: Literal[240, 1000, 1800] = 1000) -> Sent:
        """Links to pictures of its pages."""
        return Sent({"documentId": document_id}, {"width": width})

    @operation("GET", "/v1/documents/{documentId}/pages/{number}/words", many(Word))
    def list_words(self, document_id: str, number: int) -> Sent:
        return Sent({"documentId": document_id, "number": number})

    @operation("POST", "/v1/documents/{documentId}/cancel", one(int, at="cancelled"))
    def cancel_reading(self, document_id: str) -> Sent:
        return Sent({"documentId": document_id})


class Values(Resource[Mode]):
    @operation("GET", "/v1/workspaces/{workspaceId}/values", found(FoundResult))
    def search(self, workspace_id: int, q: str, *, page: int = 1, limit: int = 100, cursor: str | None = None) -> Sent:
        """``total > 5000 and supplier ~ "acme"``: the newest runs whose values answer, with those values."""
        return Sent({"workspaceId": workspace_id}, {"q": q, "page": page, "limit": limit, "cursor": cursor})

    each = Each(search)
