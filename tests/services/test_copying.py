from __future__ import annotations

import hashlib
from pathlib import Path

from fieldproof.services.copying import copy_blobs
from fieldproof.storage import blob_key, open_store

ORIGINAL = b"an original" * 1000
KEY = blob_key(hashlib.sha256(ORIGINAL).hexdigest())


def test_a_copy_that_lost_its_bytes_is_copied_again(tmp_path: Path) -> None:
    source, target = open_store(None, tmp_path / "a"), open_store(None, tmp_path / "b")
    source.put(KEY, ORIGINAL)
    target.put(KEY, bytes(len(ORIGINAL)))

    assert list(copy_blobs(source, target).each) == [KEY]
    assert target.read(KEY) == ORIGINAL


def test_a_damaged_original_is_named_and_the_others_are_copied(tmp_path: Path) -> None:
    source, target = open_store(None, tmp_path / "a"), open_store(None, tmp_path / "b")
    damaged = blob_key(hashlib.sha256(b"another original").hexdigest())
    source.put(damaged, b"another origina?")
    source.put(KEY, ORIGINAL)

    copies = copy_blobs(source, target)
    assert set(copies.each) == {KEY, damaged}
    assert copies.damaged == [damaged]
    assert target.size(damaged) is None
    assert target.read(KEY) == ORIGINAL


def test_only_one_who_trusts_takes_a_length_for_the_bytes(tmp_path: Path) -> None:
    source, target = open_store(None, tmp_path / "a"), open_store(None, tmp_path / "b")
    source.put(KEY, ORIGINAL)
    target.put(KEY, bytes(len(ORIGINAL)))

    list(copy_blobs(source, target, is_trusting=True).each)
    assert target.read(KEY) == bytes(len(ORIGINAL))
