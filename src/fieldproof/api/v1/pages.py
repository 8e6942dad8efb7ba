"""Pages of a document: their pictures by links that prove themselves, and their words with boxes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Caller
from fieldproof.api.v1.contract import route
from fieldproof.core.clock import iso
from fieldproof.core.errors import NotFound, Transient
from fieldproof.db.models import Parsing
from fieldproof.edge import app_of, query_of
from fieldproof.services import access, pages
from fieldproof.services.work import Work

router = APIRouter(tags=["Documents"])
DocumentId = Annotated[str, Path(alias="documentId")]
AT_ONCE = 2  # pictures that are drawn at the same time; others wait their turn
_PATIENCE_S = 20


class PagesQuery(BaseModel):
    width: Annotated[Literal["240", "1000", "1800"], Field(description="Of the pictures, in pixels.")] = "1000"


class Page(BaseModel):
    number: int
    width_pt: float
    height_pt: float
    image_url: str
    expires_at: datetime


class PageList(BaseModel):
    data: list[Page]


class Word(BaseModel):
    text: str
    box: list[float]


class WordList(BaseModel):
    data: list[Word]


@route(
    router, "GET", "/v1/documents/{documentId}/pages", summary="A document's pages with links to their pictures",
    query=PagesQuery, answer=PageList,
)  # fmt: skip
def list_pages(work: Caller, document_id: DocumentId, request: Request) -> Response:
    parsing = _parsing(work, document_id)
    width_px = int(query_of(request, PagesQuery).width)
    shown = []
    for size in pages.sizes(work, parsing):
        path, expires_at = pages.link(work, parsing, size.number, width_px)
        shown.append({
            "number": size.number, "width_pt": size.width_pt, "height_pt": size.height_pt,
            "image_url": work.public_url + path, "expires_at": iso(expires_at),
        })  # fmt: skip
    return present.answer({"data": shown})


@route(
    router, "GET", "/v1/documents/{documentId}/pages/{number}/words", summary="The words of a page, with their boxes",
    answer=WordList,
)  # fmt: skip
def list_words(work: Caller, document_id: DocumentId, number: str) -> Response:
    parsing = _parsing(work, document_id)
    if not (number.isascii() and number.isdigit() and len(number) < 7):
        raise NotFound
    found = pages.words(work.store, parsing, int(number))
    return present.answer({"data": [{"text": text, "box": box} for text, box in found]})


@router.get(pages.PATH + "{parsingId}/{page}/{width}", include_in_schema=False)
def get_picture(
    request: Request, parsing_id: Annotated[str, Path(alias="parsingId")], page: str, width: str
) -> Response:
    """No transaction is open while the page is drawn."""
    parts, query = app_of(request), request.query_params
    with parts.work() as work:
        proof = query.get("expires", ""), query.get("signature", "")
        picture = pages.find_linked(work, parsing_id, page, width, *proof)
    if pages.is_drawn(picture, parts.store):
        content = pages.draw(picture, store=parts.store, sandbox=parts.sandbox)
    else:
        with _turn(request):
            content = pages.draw(picture, store=parts.store, sandbox=parts.sandbox)
    headers = {
        "Cache-Control": f"private, max-age={pages.LINK_TTL_S}", "Content-Disposition": "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    return Response(content, media_type="image/webp", headers=headers)


@contextmanager
def _turn(request: Request) -> Iterator[None]:
    """Raises: Transient when too many wait already."""
    state = request.app.state
    if not hasattr(state, "drawing"):
        state.drawing = threading.BoundedSemaphore(AT_ONCE)
    if not state.drawing.acquire(timeout=_PATIENCE_S):
        raise Transient
    try:
        yield
    finally:
        state.drawing.release()


def _parsing(work: Work, document_id: str) -> Parsing:
    document = access.document(work, document_id, "documents-read")
    parsing = pages.parsing_of(work, document)
    if parsing is None:
        raise NotFound("The document has no pages yet: it has not been read.")
    return parsing
