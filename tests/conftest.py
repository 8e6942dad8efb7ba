"""What every suite may ask for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from faults import twice
from fieldproof.settings import Settings
from running import Installation, database_folder, joined, serving

twice.double_when_asked()


@pytest.fixture(scope="session")
def server() -> Iterator[Installation]:
    """One for the whole test process."""
    with database_folder() as folder:
        stack = os.environ.get("FIELDPROOF_TEST_STACK")  # see tests/stack
        if stack:
            yield from joined(Settings.model_validate({"data_dir": folder, **json.loads(stack)}))
            return
        yield from serving(Settings(data_dir=folder, rate_limit_per_minute=0, egress_networks=["127.0.0.0/8"]))


@pytest.fixture
def one_process() -> None:
    """For tests that look into the serving process, or change it."""
    if os.environ.get("FIELDPROOF_TEST_STACK"):
        pytest.skip("looks into the serving process; on the stack there are several")
