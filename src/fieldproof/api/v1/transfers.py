"""Bytes in and out, by links that prove themselves: no token, five minutes to upload, ten to download."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Request
from fastapi import Path as PathParameter
from starlette.responses import Response, StreamingResponse

from fieldproof.api.v1.auth import Anybody
from fieldproof.core.errors import LimitExceeded, NotFound
from fieldproof.db.models import Document
from fieldproof.edge import app_of
from fieldproof.services import deposits, documents, uploads
from fieldproof.services.work import Work

router = APIRouter(include_in_schema=False)

_RANGE = re.compile(r"bytes=(?!-$)(\d{0,15})-(\d{0,15})")  # one range; anything else is answered with the whole file


@dataclass(frozen=True)
class Received:
    file: Path
    sha256: str
    size_bytes: int


async def received(request: Request) -> AsyncIterator[Received]:
    """The body in a temporary file, hashed on its way. Nothing is read under a link that is not ours."""
    parts = app_of(request)
    query = request.query_params
    if not parts.signer.accepts("upload", request.url.path, query.get("expires", ""), query.get("signature", "")):
        raise NotFound("This upload link is not valid or has expired. Ask for a new one.")
    limit = parts.settings.max_upload_bytes
    with tempfile.NamedTemporaryFile(prefix="fieldproof-upload-") as file:
        hasher, size = hashlib.sha256(), 0
        async for piece in request.stream():
            size += len(piece)
            if size > limit:
                raise LimitExceeded(f"The file is larger than {limit:,} bytes.")
            hasher.update(piece)
            file.write(piece)
        file.flush()
        yield Received(Path(file.name), hasher.hexdigest(), size)


@router.put(uploads.UPLOAD_PATH + "{uploadId}")
def put_upload(
    work: Anybody,
    sent: Annotated[Received, Depends(received)],
    upload_id: Annotated[str, PathParameter(alias="uploadId")],
    request: Request,
) -> Response:
    query = request.query_params
    upload = uploads.find_open(work, upload_id, query.get("expires", ""), query.get("signature", ""))
    uploads.receive(work, upload, sent.file, sent.sha256, sent.size_bytes, _filename(request))
    return Response(status_code=200, headers={"ETag": f'"{sent.sha256}"'})


@router.api_route(documents.FILE_PATH + "{documentId}", methods=["GET", "HEAD"])
def get_file(
    work: Anybody, document_id: Annotated[str, PathParameter(alias="documentId")], request: Request
) -> Response:
    query = request.query_params
    document = documents.find_linked(work, document_id, query.get("expires", ""), query.get("signature", ""))
    return _original(work, document, document.filename, request)


@router.api_route(documents.FILE_PATH + "{userId}/{key}/{filename}", methods=["GET", "HEAD"])
def get_deposit(
    work: Anybody,
    user_id: Annotated[str, PathParameter(alias="userId")],
    key: str,
    request: Request,
) -> Response:
    """What ``s3_url`` of the DocSense surface leads to; the name at its end is for people."""
    query = request.query_params
    deposit, document = deposits.find_linked(work, user_id, key, query.get("expires", ""), query.get("signature", ""))
    return _original(work, document, deposit.filename, request)


def _original(work: Work, document: Document, filename: str, request: Request) -> Response:
    key, size = documents.stored_original(work, document)
    headers = {
        "Accept-Ranges": "bytes", "ETag": f'"{document.sha256}"', "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }  # fmt: skip
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    # A range of a file that the client has under another tag would not fit what it has: it gets all of it.
    is_same = request.headers.get("if-range", headers["ETag"]) == headers["ETag"]
    match = _RANGE.fullmatch(request.headers.get("range", "").strip()) if is_same and size else None
    is_part = match is not None
    wanted = _span(match[1], match[2], size) if match else (0, size)
    if wanted is None:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    start, end = wanted
    headers["Content-Length"] = str(end - start)
    if is_part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if is_part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=document.mime)
    whole = (start, end) == (0, size)
    pieces = documents.whole_original(work, document, size) if whole else work.store.stream(key, start, end)
    first = next(pieces, b"")  # what is missing or out of reach is told before the answer begins
    return StreamingResponse(chain((first,), pieces), status, headers, document.mime)


def _filename(request: Request) -> str | None:
    """Of ``Content-Disposition`` or ``X-Filename``, whichever is there; without NUL, which no database stores."""
    named = uploads.name_in_disposition(request.headers.get("content-disposition"))
    name = unquote(request.headers.get("x-filename", "")).replace("\x00", "_")
    return named or name or None


def _span(first: str, last: str, size: int) -> tuple[int, int] | None:
    """The half-open range that is asked for; None when it lies outside."""
    if first == "":
        return (max(0, size - int(last)), size) if int(last) else None
    start, end = int(first), min(size, int(last) + 1) if last else size
    return (start, end) if start < end else None
