"""What every suite may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fieldproof.settings import Settings
from running import Installation, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    yield from serving(Settings(data_dir=tmp_path_factory.mktemp("installation"), rate_limit_per_minute=0))
