"""A file to send, wherever its bytes are; read piece by piece, and again where a call is repeated."""

from __future__ import annotations

import io
import mimetypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

PIECE_BYTES = 1 << 20
FileLike = str | Path | bytes | BinaryIO


@dataclass(frozen=True)
class File:
    """``size_bytes`` is None for a stream whose end nobody knows; such a one can be sent only once."""

    content: Path | bytes | BinaryIO
    name: str
    media_type: str
    size_bytes: int | None
    start: int = 0

    @property
    def is_repeatable(self) -> bool:
        return self.size_bytes is not None

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """From its beginning. A stream that the caller opened stays open."""
        if isinstance(self.content, Path):
            with self.content.open("rb") as stream:
                yield stream
        elif isinstance(self.content, bytes):
            yield io.BytesIO(self.content)
        else:
            if self.is_repeatable:
                self.content.seek(self.start)
            yield self.content


def file_of(source: FileLike, name: str | None = None, media_type: str | None = None) -> File:
    """A path, bytes, or a stream that is open for reading bytes."""
    if isinstance(source, (str, Path)):
        path = Path(source)
        name = name or path.name
        return File(path, name, media_type or _kind(name), path.stat().st_size)
    if isinstance(source, bytes):
        name = name or "document"
        return File(source, name, media_type or _kind(name), len(source))
    given = getattr(source, "name", None)
    name = name or (Path(given).name if isinstance(given, str) else "document")
    if not source.seekable():
        return File(source, name, media_type or _kind(name), None)
    start = source.tell()
    size = source.seek(0, os.SEEK_END) - start
    source.seek(start)
    return File(source, name, media_type or _kind(name), size, start)


def _kind(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
