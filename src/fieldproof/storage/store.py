"""The store's verbs, over a local folder or over obstore."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import quote, unquote, urlsplit

import obstore
from obstore.store import from_url

from fieldproof.core import clock
from fieldproof.core.errors import FieldproofError, LimitExceeded, Transient
from fieldproof.storage.access import Access
from fieldproof.storage.presign import S3Signer

PIECE_BYTES = 1024 * 1024
MIN_FREE_BYTES = 64 * 1024 * 1024  # left on the disk for the database, which suffers more than we do when it is full
STALE_S = 3600  # after which a file that was not finished is nobody's
# A piece of the largest kind (5 MiB, of many) has these seconds; what fails sooner is tried again, what hangs is not.
_CLIENT: Any = {"connect_timeout": "2s", "timeout": "8s", "allow_http": True}  # where the endpoint says http
_RETRY: Any = {
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=4),
    "backoff": {"max_backoff": timedelta(seconds=1)},
}
# Nobody waits for a backup: a narrow line may take its time, and a store that is away for a moment ends nothing.
_PATIENT_CLIENT: Any = _CLIENT | {"connect_timeout": "10s", "timeout": "120s"}
_PATIENT_RETRY: Any = {
    "max_retries": 8,
    "retry_timeout": timedelta(minutes=3),
    "backoff": {"max_backoff": timedelta(seconds=15)},
}


class StoreError(FieldproofError):
    """The stored file is missing or cannot be read."""


class Store(Protocol):
    """Raises: StoreError when there is nothing under a key, Transient when the store is out of reach."""

    def put(self, key: str, source: Path | bytes) -> None: ...
    def read(self, key: str) -> bytes: ...
    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes of the half-open range."""
        ...

    def size(self, key: str) -> int | None: ...
    def delete(self, key: str) -> None: ...
    def delete_under(self, prefix: str) -> None: ...
    def keys(self, prefix: str) -> Iterator[str]: ...
    def upload_link(self, key: str, content_type: str, ttl_s: int) -> tuple[str, dict[str, str]] | None:
        """For a PUT straight to the store, and the headers that it needs; None where files go through us."""
        ...

    def download_link(self, key: str, filename: str, content_type: str, ttl_s: int) -> str | None:
        """For a GET straight from the store, as an attachment of that name and type; None where files go through us."""
        ...

    def receive(self, key: str, into: IO[bytes], limit: int) -> str | None:
        """What a client has put under ``key``, and the Content-Disposition it came with. Raises: LimitExceeded."""
        ...


class FolderStore:
    """Files below one folder; a write is on the disk before ``put`` returns, whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else's to read

    def put(self, key: str, source: Path | bytes) -> None:
        target = self._path(key)
        try:
            self._require_room(len(source) if isinstance(source, bytes) else source.stat().st_size)
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.root, prefix=".part-", delete=False) as part:
                try:
                    if isinstance(source, bytes):
                        part.write(source)
                    else:
                        with source.open("rb") as file:
                            shutil.copyfileobj(file, part, PIECE_BYTES)
                    part.flush()
                    os.fsync(part.fileno())
                    Path(part.name).replace(target)
                except BaseException:
                    Path(part.name).unlink(missing_ok=True)
                    raise
            self._sync(target.parent)
        except OSError as error:
            raise Transient("The file could not be stored: the disk is full or not writable.") from error

    def read(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except OSError as error:
            raise StoreError from error

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        try:
            with self._path(key).open("rb") as file:
                file.seek(start)
                left = end - start
                while left > 0 and (piece := file.read(min(PIECE_BYTES, left))):
                    left -= len(piece)
                    yield piece
        except OSError as error:
            raise StoreError from error

    def size(self, key: str) -> int | None:
        path = self._path(key)
        return path.stat().st_size if path.is_file() else None

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def delete_under(self, prefix: str) -> None:
        shutil.rmtree(self._path(prefix), ignore_errors=True)

    def keys(self, prefix: str) -> Iterator[str]:
        for path in sorted(self._path(prefix).rglob("*")):
            if path.is_file():
                yield path.relative_to(self.root).as_posix()

    def upload_link(self, key: str, content_type: str, ttl_s: int) -> None:
        """Our own server takes the bytes."""

    def download_link(self, key: str, filename: str, content_type: str, ttl_s: int) -> None:
        """Our own server sends the bytes."""

    def receive(self, key: str, into: IO[bytes], limit: int) -> str | None:
        raise StoreError

    def remove_unfinished(self) -> None:
        """What writers left that were killed."""
        for part in self.root.glob(".part-*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - part.stat().st_mtime > STALE_S:
                    part.unlink()

    def _require_room(self, size_bytes: int) -> None:
        if shutil.disk_usage(self.root).free < size_bytes + MIN_FREE_BYTES:
            raise Transient("There is no room on the disk for this file. Make room, then try again.")

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root):
            raise StoreError
        return path

    @staticmethod
    def _sync(folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class ObjectStore:
    """S3, Google Cloud Storage or Azure through obstore (its sync API only: the async one aborts at exit)."""

    def __init__(self, url: str, access: Access = Access(), *, is_patient: bool = False, **options: Any) -> None:
        self._kind = kind_of(url)
        client, retry = (_PATIENT_CLIENT, _PATIENT_RETRY) if is_patient else (_CLIENT, _RETRY)
        self._store: Any = from_url(
            url, client_options=client | options.pop("client_options", {}), retry_config=retry,
            **access.options(self._kind), **options,
        )  # fmt: skip
        self._is_direct = access.is_direct and access.has_keys
        self._signer = _s3_signer(url, access) if self._is_direct and self._kind == "s3" else None

    def put(self, key: str, source: Path | bytes) -> None:
        with _Reachable():
            obstore.put(self._store, key, source)

    def read(self, key: str) -> bytes:
        with _Reachable():
            return bytes(obstore.get(self._store, key).bytes())

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        with _Reachable():
            for offset in range(start, end, PIECE_BYTES):
                stop = min(offset + PIECE_BYTES, end)
                piece = bytes(obstore.get_range(self._store, key, start=offset, end=stop))
                if len(piece) != stop - offset:
                    raise Transient("The stored file does not arrive whole. Try again in a moment.")
                yield piece

    def size(self, key: str) -> int | None:
        try:
            with _Reachable():
                return obstore.head(self._store, key)["size"]
        except StoreError:
            return None

    def delete(self, key: str) -> None:
        with _Reachable():
            obstore.delete(self._store, key)

    def delete_under(self, prefix: str) -> None:
        for key in list(self.keys(prefix)):
            self.delete(key)

    def keys(self, prefix: str) -> Iterator[str]:
        with _Reachable():
            for batch in obstore.list(self._store, prefix=prefix):
                for entry in batch:
                    yield entry["path"]

    def upload_link(self, key: str, content_type: str, ttl_s: int) -> tuple[str, dict[str, str]] | None:
        if self._signer is not None:
            headers = {"Content-Type": content_type}
            return self._signer.url("PUT", key, ttl_s, clock.now(), headers=headers), headers
        if not self._is_direct:
            return None
        headers = {"x-ms-blob-type": "BlockBlob"} if self._kind == "az" else {}
        url = obstore.sign(self._store, "PUT", key, timedelta(seconds=ttl_s))
        return url, {"Content-Type": content_type, **headers}

    def download_link(self, key: str, filename: str, content_type: str, ttl_s: int) -> str | None:
        if self._signer is None:  # the others' links cannot name the file
            return None
        answer = {
            "response-content-disposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}",
            "response-content-type": content_type,
        }
        return self._signer.url("GET", key, ttl_s, clock.now(), query=answer)

    def receive(self, key: str, into: IO[bytes], limit: int) -> str | None:
        with _Reachable():
            found = obstore.get(self._store, key)
            size = 0
            for piece in found.stream(min_chunk_size=PIECE_BYTES):
                size += len(piece)
                if size > limit:
                    raise LimitExceeded(f"The file is larger than {limit:,} bytes.")
                into.write(piece)
            if size != found.meta["size"]:
                raise Transient("The stored file does not arrive whole. Try again in a moment.")
            return found.attributes.get("Content-Disposition")


def _s3_signer(url: str, access: Access) -> S3Signer:
    parts = urlsplit(url)
    base = access.public_url or access.endpoint or f"https://s3.{access.region}.amazonaws.com"
    return S3Signer(
        base, parts.netloc, access.region, access.access_key, access.secret_key, access.is_path_style,
        parts.path.strip("/"),
    )  # fmt: skip


class _Reachable:
    """obstore's errors in our kinds."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, (FileNotFoundError, obstore.exceptions.NotFoundError)):
            raise StoreError from error
        if isinstance(error, (obstore.exceptions.BaseError, OSError)):
            raise Transient("The file store cannot be reached. Try again in a moment.") from error


def kind_of(url: str) -> str:
    """file, s3, gs, az or whatever else the URL begins with."""
    scheme = urlsplit(url).scheme
    return {"s3a": "s3", "gcs": "gs", "azure": "az", "abfs": "az", "abfss": "az"}.get(scheme, scheme)


def open_store(url: str | None, data_dir: Path, access: Access = Access(), *, is_patient: bool = False) -> Store:
    """``is_patient``: where nobody waits for an answer."""
    if url is None:
        return FolderStore(data_dir / "blobs")
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderStore(Path(unquote(parts.path)))
    return ObjectStore(url, access, is_patient=is_patient)
