"""Temporary files of processes that were killed are taken away, those of the living are not."""

from __future__ import annotations

import os
import re
import tempfile
import time
from pathlib import Path

import pytest

from fieldproof.sandbox.runner import PREFIX
from fieldproof.storage import FolderStore
from fieldproof.worker import leftovers

SOURCE = Path(leftovers.__file__).resolve().parents[1]
IN_USE = {
    found for path in SOURCE.rglob("*.py") for found in re.findall(r'prefix="(fieldproof-[a-z]+-)"', path.read_text())
}


@pytest.mark.parametrize("prefix", sorted({PREFIX, *IN_USE}))
def test_what_the_dead_left_is_swept(prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, young = tmp_path / f"{prefix}old", tmp_path / f"{prefix}young"
    for path in (old, young):
        path.write_bytes(b"x")
    assert prefix in leftovers.STALE_S, "worker/leftovers.py does not know it"
    then = time.time() - leftovers.STALE_S[prefix] - 60
    os.utime(old, (then, then))
    leftovers.sweep(FolderStore(tmp_path / "store"))
    assert (old.exists(), young.exists()) == (False, True)
