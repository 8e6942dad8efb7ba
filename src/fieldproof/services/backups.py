"""A backup: files by their hash, the database as one file, and a manifest that says which one and what it must be.

The manifest is written last and names its dump, so that a backup that was interrupted leaves the one before it whole.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from fieldproof import __version__
from fieldproof.core import clock
from fieldproof.core.errors import Conflict
from fieldproof.storage import Access, Store, StoreError, open_store

_MANIFEST = "backup.json"
_DUMPS = "database"


@dataclass(frozen=True)
class Manifest:
    """``dump`` is a key; ``taken_at`` the moment that the database is of."""

    dump: str
    sha256: str
    size_bytes: int
    taken_at: str
    version: str


@dataclass(frozen=True)
class Place:
    """Where a backup lies; ``files`` has the keys of the installation's own store."""

    root: Store
    files: Store


def place_at(url: str, access: Access) -> Place:
    """Of a folder's ``file://`` or a bucket's URL. Raises: ValueError for one that names no store."""
    base, nowhere = url.rstrip("/"), Path()
    return Place(
        open_store(base, nowhere, access, is_patient=True),
        open_store(f"{base}/files", nowhere, access, is_patient=True),
    )


def put_dump(place: Place, file: Path) -> Manifest:
    sha256 = _hash_of(file)
    manifest = Manifest(f"{_DUMPS}/{sha256}", sha256, file.stat().st_size, clock.now().isoformat(), __version__)
    place.root.put(manifest.dump, file)
    return manifest


def finish(place: Place, manifest: Manifest) -> None:
    """From now on this is the backup; what the earlier ones dumped goes."""
    place.root.put(_MANIFEST, orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
    for key in list(place.root.keys(_DUMPS)):
        if key != manifest.dump:
            place.root.delete(key)


def manifest_of(place: Place) -> Manifest:
    """Raises: Conflict where no backup has ended."""
    try:
        return Manifest(**orjson.loads(place.root.read(_MANIFEST)))
    except (StoreError, orjson.JSONDecodeError, TypeError) as error:
        raise Conflict(f"There is no whole backup here: {_MANIFEST} is missing or damaged.") from error


def fetch_dump(place: Place, manifest: Manifest, into: Path) -> None:
    """Raises: Conflict when it is not what was backed up."""
    try:
        with into.open("wb") as file:
            for piece in place.root.stream(manifest.dump, 0, manifest.size_bytes):
                file.write(piece)
        if _hash_of(into) == manifest.sha256:
            return
    except StoreError:
        pass
    raise Conflict(f"The backup's database, {manifest.dump}, is missing or damaged. Nothing was restored.")


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
