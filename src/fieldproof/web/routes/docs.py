"""The API reference of all three surfaces; the document it draws is ``/openapi.json``."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from fieldproof.web.auth import Anybody
from fieldproof.web.pages import page

router = APIRouter()


@router.get("/docs")
def show_docs(request: Request, work: Anybody) -> Response:
    """Open to everybody: it says nothing that the document does not say."""
    return page(request, work, "docs/docs.html", origin=work.public_url)
