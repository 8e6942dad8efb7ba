"""What every suite may ask for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldproof.settings import Settings
from running import Installation, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Installation]:
    """One for the whole test process. Not below pytest's own folder, which no other user may enter: as root, PostgreSQL is one."""
    with tempfile.TemporaryDirectory(prefix="fieldproof-tests-") as folder:
        yield from serving(Settings(data_dir=Path(folder), rate_limit_per_minute=0, egress_networks=["127.0.0.0/8"]))
