"""Temporary files of processes that were killed: nobody else takes them away."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from fieldproof.sandbox.runner import PREFIX
from fieldproof.storage import FolderStore, Store

STALE_S = 3600
_KINDS = ("attachment", "copy", "deposit", "drop", "import", "original", "page", "sample", "upload")
_PREFIXES = (PREFIX, *(f"fieldproof-{kind}-" for kind in _KINDS))


def sweep(store: Store) -> None:
    """What is older than an hour; no job or request takes as long."""
    folder = Path(tempfile.gettempdir())
    for prefix in _PREFIXES:
        for path in folder.glob(f"{prefix}*"):
            _remove(path)
    if isinstance(store, FolderStore):
        store.remove_unfinished()


def _remove(path: Path) -> None:
    try:
        if time.time() - path.lstat().st_mtime < STALE_S:
            return
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    except OSError:
        return  # gone in the meantime, or somebody else's
