"""The multipart body of an upload: read once as it comes, each file into a temporary one, hashed on its way."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from fieldproof.api.docsense.auth import api_key
from fieldproof.core.errors import Invalid, LimitExceeded, Malformed
from fieldproof.edge import Sent, app_of
from fieldproof.services import access
from fieldproof.services.deposits import ReceivedFile

FILE_PARTS = ("files[]", "files", "file")
MAX_INDUSTRY = 100
_MAX_BODY_FILES = 10  # the whole body may hold this many files of the largest size
_MAX_FIELD_BYTES = 4 * MAX_INDUSTRY


@dataclass(frozen=True)
class Upload(Sent):
    files: list[ReceivedFile]
    industry: str | None

    @property
    def raw(self) -> bytes:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Not the body itself, whose boundary is another one each time."""
        files = [[f.filename, f.sha256, f.size_bytes] for f in self.files]
        return orjson.dumps([files, self.industry])


async def received(request: Request) -> AsyncIterator[Upload]:
    """Raises: Unauthenticated and Forbidden before anything is read; Malformed, LimitExceeded, Invalid."""
    await run_in_threadpool(_require_key, request)
    settings = app_of(request).settings
    folder = Path(await run_in_threadpool(tempfile.mkdtemp, prefix="fieldproof-deposit-"))
    try:
        form = _Form(_boundary(request), folder, settings.max_upload_bytes, settings.max_batch_files)
        limit, size = settings.max_upload_bytes * _MAX_BODY_FILES, 0
        async for piece in request.stream():
            size += len(piece)
            if size > limit:
                raise LimitExceeded(f"The request is larger than {limit:,} bytes.")
            await run_in_threadpool(form.feed, piece)
        yield form.finished()
    finally:
        await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)


def _require_key(request: Request) -> None:
    """In a short transaction of its own: none is open while a slow client sends its bytes."""
    with app_of(request).work() as work:
        work.actor = api_key(work, request)
        access.require(work, "documents-write")


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise Malformed("Send the files as multipart/form-data.")
    return boundary


class _Form:
    """What the parser has found so far."""

    def __init__(self, boundary: bytes, folder: Path, max_file_bytes: int, max_files: int) -> None:
        self._folder = folder
        self._max_file_bytes = max_file_bytes
        self._max_files = max_files
        self._files: list[ReceivedFile] = []
        self._industry: bytes | None = None
        self._part: _FilePart | _Field | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._header = (b"", b"")
        self._is_complete = False
        with _Readable():
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._begin_content,
                    "on_part_data": self._content,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )

    def feed(self, piece: bytes) -> None:
        with _Readable():
            self._parser.write(piece)

    def finished(self) -> Upload:
        if not self._is_complete:
            raise Malformed("The multipart body could not be read: it ends too early.")
        if not self._files:
            raise Invalid({"body.files[]": ["Send at least one file."]})
        return Upload(self._files, _industry(self._industry))

    def _begin_part(self) -> None:
        self._headers, self._part = [], None

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _end_header(self) -> None:
        self._headers.append((self._header[0].strip().lower(), self._header[1].strip()))
        self._header = (b"", b"")

    def _begin_content(self) -> None:
        disposition = next((value for name, value in self._headers if name == b"content-disposition"), b"")
        _, options = parse_options_header(disposition.decode("latin-1"))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name == "industry":
            self._part = _Field()
        elif name in FILE_PARTS and b"filename" in options:
            if len(self._files) == self._max_files:
                raise Invalid({"body.files[]": [f"At most {self._max_files} files may be sent at once."]})
            self._part = _FilePart(_filename(options[b"filename"]), self._folder / str(len(self._files)))

    def _content(self, data: bytes, start: int, end: int) -> None:
        if self._part is not None:
            limit = self._max_file_bytes if isinstance(self._part, _FilePart) else _MAX_FIELD_BYTES
            self._part.take(data[start:end], limit)

    def _end_part(self) -> None:
        if isinstance(self._part, _Field):
            self._industry = bytes(self._part.content)
        elif self._part is not None:
            file = self._part.closed()
            if file.filename or file.size_bytes:  # browsers send an empty, nameless part for an empty file input
                self._files.append(file)
        self._part = None

    def _end(self) -> None:
        self._is_complete = True


class _Field:
    def __init__(self) -> None:
        self.content = bytearray()

    def take(self, piece: bytes, limit: int) -> None:
        self.content += piece[: max(0, limit + 1 - len(self.content))]


class _FilePart:
    """One file on its way to the disk. What is beyond the limit is counted, not kept."""

    def __init__(self, filename: str, path: Path) -> None:
        self._filename = filename
        self._path = path
        self._file: IO[bytes] = path.open("wb")
        self._hasher = hashlib.sha256()
        self._size = 0

    def take(self, piece: bytes, limit: int) -> None:
        self._size += len(piece)
        if self._size <= limit:
            self._hasher.update(piece)
            self._file.write(piece)

    def closed(self) -> ReceivedFile:
        self._file.close()
        return ReceivedFile(self._filename, self._path, self._hasher.hexdigest(), self._size)


class _Readable:
    """The parser's errors in our kind."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FormParserError):
            raise Malformed("The multipart body could not be read.") from error


def _filename(raw: bytes) -> str:
    """As the client meant it: HTML writes a quotation mark as ``%22``, and leaves every other percent sign alone."""
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        name = raw.decode("latin-1")
    return name.replace("%22", '"')


def _industry(raw: bytes | None) -> str | None:
    text = (raw or b"").decode("utf-8", "replace").strip()
    if len(text) > MAX_INDUSTRY:
        raise Invalid({"body.industry": [f"The industry may have at most {MAX_INDUSTRY} characters."]})
    if "\x00" in text:
        raise Invalid({"body.industry": ["The text must not contain the NUL character."]})
    return text or None
