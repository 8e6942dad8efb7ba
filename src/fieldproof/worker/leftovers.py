"""Temporary files of processes that were killed: nobody else takes them away."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from fieldproof.sandbox.runner import PREFIX
from fieldproof.storage import FolderStore, Store

_HOUR, _WEEK = 3600, 7 * 24 * 3600
_OF_A_REQUEST = ("attachment", "copy", "deposit", "drop", "import", "original", "page", "sample", "upload")
_OF_A_COMMAND = ("backup", "migrate", "restore")  # of everything there is
# Prefix → the age in seconds that nothing of a living process reaches.
STALE_S = {
    PREFIX: _HOUR,
    **{f"fieldproof-{kind}-": _HOUR for kind in _OF_A_REQUEST},
    **{f"fieldproof-{kind}-": _WEEK for kind in _OF_A_COMMAND},
}


def sweep(store: Store) -> None:
    """What is older than any job, request or command becomes."""
    folder = Path(tempfile.gettempdir())
    for prefix, stale_s in STALE_S.items():
        for path in folder.glob(f"{prefix}*"):
            _remove(path, stale_s)
    if isinstance(store, FolderStore):
        store.remove_unfinished()


def _remove(path: Path, stale_s: float) -> None:
    try:
        if time.time() - path.lstat().st_mtime < stale_s:
            return
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    except OSError:
        return  # gone in the meantime, or somebody else's
