"""The three operations."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from fieldproof.api.docsense import present
from fieldproof.api.docsense.auth import Caller
from fieldproof.api.docsense.upload import Upload, received
from fieldproof.core.errors import Invalid
from fieldproof.edge import in_one_thread, once
from fieldproof.services import access, deposits
from fieldproof.services.deposits import DepositFilter

router = APIRouter(prefix="/api/v1/documents")
MAX_LIMIT, MAX_SEARCH, MAX_NUMBER = 100, 500, 2**53


@router.post("/upload_files")
@once
def upload_files(sent: Annotated[Upload, Depends(received)], work: Caller) -> Response:
    access.require(work, "documents-write")
    taken, refused = deposits.add_files(work, sent.files, sent.industry)
    return present.answer("Files uploaded successfully.", present.uploaded(taken, refused), 201)


@router.get("/get_documents")
@in_one_thread
def get_documents(work: Caller, request: Request) -> Response:
    access.require(work, "documents-read")
    page = deposits.list_deposits(work, _filter(request))
    return present.answer("Documents fetched successfully.", present.page(page))


@router.get("/get_document/{documentId}")
@in_one_thread
def get_document(work: Caller, document_id: Annotated[str, Path(alias="documentId")]) -> Response:
    access.require(work, "documents-read")
    found = deposits.get_job(work, _number("path.document_id", document_id, 2**63 - 1))
    return present.answer("Document jobs fetched successfully.", present.job(found))


def _filter(request: Request) -> DepositFilter:
    """Raises: Invalid."""
    given = request.query_params
    status = given.get("status_filter", "").strip().lower()
    if status and status not in deposits.STATUSES:
        raise Invalid({"query.status_filter": [f"Must be one of: {', '.join(deposits.STATUSES)}."]})
    search = given.get("search", "")
    if len(search) > MAX_SEARCH:
        raise Invalid({"query.search": [f"May have at most {MAX_SEARCH} characters."]})
    if "\x00" in search:
        raise Invalid({"query.search": ["The text must not contain the NUL character."]})
    return DepositFilter(
        page=_number("query.page", given.get("page", "1"), MAX_NUMBER),
        size=_number("query.limit", given.get("limit", "10"), MAX_LIMIT),
        status=status or None,
        search=search.strip() or None,
    )


def _number(place: str, text: str, highest: int) -> int:
    if not re.fullmatch(r"-?[0-9]{1,30}", text):
        raise Invalid({place: ["Must be a whole number."]})
    if not 1 <= int(text) <= highest:
        raise Invalid({place: [f"Must be from 1 to {highest}."]})
    return int(text)
