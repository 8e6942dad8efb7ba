from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from fieldproof.services.copying import copy_blobs
from fieldproof.storage import StoreError, blob_key, open_store

ORIGINAL = b"an original" * 1000
KEY = blob_key(hashlib.sha256(ORIGINAL).hexdigest())


def test_a_copy_that_lost_its_bytes_is_copied_again(tmp_path: Path) -> None:
    source, target = open_store(None, tmp_path / "a"), open_store(None, tmp_path / "b")
    source.put(KEY, ORIGINAL)
    target.put(KEY, bytes(len(ORIGINAL)))

    assert list(copy_blobs(source, target).each) == [KEY]
    assert target.read(KEY) == ORIGINAL


def test_a_damaged_original_is_named_and_not_copied(tmp_path: Path) -> None:
    source, target = open_store(None, tmp_path / "a"), open_store(None, tmp_path / "b")
    source.put(KEY, ORIGINAL[:-1] + b"?")

    with pytest.raises(StoreError, match=KEY):
        list(copy_blobs(source, target).each)
    assert target.size(KEY) is None
