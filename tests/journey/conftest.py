"""Installations do not lie under pytest's own folder: several runs share it, and each takes others' access to it away,
which the database server, run by an ordinary user when we are root, then cannot enter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from journey.installation import own_folder


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with own_folder() as folder:
        yield folder
