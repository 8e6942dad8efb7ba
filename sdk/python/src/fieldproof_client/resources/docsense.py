from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from fieldproof_client.calls import Each, Mode, Reply, Resource, Sent, given, one, operation
from fieldproof_client.decoding import decode
from fieldproof_client.files import File, FileLike, file_of
from fieldproof_client.models import Deposited, DepositedDocument, DocumentJob, Page

_BASE = "/api/v1/documents"


def _page(reply: Reply) -> Page[DepositedDocument]:
    found = reply.json()["result"]
    rows = [decode(DepositedDocument, row) for row in found["documents"]]
    return Page(rows, found["total"], found["page"], found["limit"])


class DocSense(Resource[Mode]):
    """The DocSense surface, with the client's ``api_key``."""

    @operation("POST", _BASE + "/upload_files", one(Deposited, at="result"))
    def upload(
        self, files: Sequence[FileLike | File], *, industry: str | None = None, idempotency_key: str | None = None
    ) -> Sent:
        sent = tuple(file if isinstance(file, File) else file_of(file) for file in files)
        form = {} if industry is None else {"industry": industry}
        return Sent(form=form, files=sent, idempotency_key=idempotency_key)

    @operation("GET", _BASE + "/get_documents", _page)
    def list(
        self,
        *,
        page: int = 1,
        limit: int = 100,
        status: Literal["processing", "completed", "failed"] | str | None = None,
        search: str | None = None,
    ) -> Sent:
        return Sent(query={**given(status_filter=status, search=search), "page": page, "limit": limit})

    each = Each(list)

    @operation("GET", _BASE + "/get_document/{document_id}", one(DocumentJob, at="result"))
    def get(self, document_id: int) -> Sent:
        return Sent({"document_id": document_id})
