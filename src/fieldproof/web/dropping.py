"""Uploaded files of a form as the services take them: with a path, until the block ends."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from starlette.datastructures import UploadFile

from fieldproof.services.drops import DroppedFile


@contextmanager
def on_disk(files: Sequence[UploadFile]) -> Iterator[list[DroppedFile]]:
    with tempfile.TemporaryDirectory(prefix="fieldproof-drop-") as folder:
        yield [_dropped(file, Path(folder) / str(n)) for n, file in enumerate(files)]


def _dropped(file: UploadFile, path: Path) -> DroppedFile:
    with path.open("wb") as target:
        shutil.copyfileobj(file.file, target)
    return DroppedFile(file.filename or "file", file.content_type or "application/octet-stream", path)
