from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from contract.matrix import Stage
from contract.office import Cast, Office, Server, hired
from contract.openapi import Contract, raydocs


@pytest.fixture(scope="session")
def contract() -> Contract:
    return raydocs()


@pytest.fixture(scope="session")
def cast(server: Server) -> Iterator[Cast]:
    with hired(server) as people:
        yield people


@pytest.fixture
def office(cast: Cast) -> Office:
    return cast.office()


@pytest.fixture(scope="session")
def stage(cast: Cast) -> Stage:
    return Stage(cast.office())


@pytest.fixture(scope="session")
def archive(cast: Cast) -> Office:
    """An office whose contents tests only read."""
    return cast.office()


@pytest.fixture(scope="session")
def invoice(archive: Office) -> dict[str, Any]:
    """A completed result over one invoice, in the archive."""
    return archive.invoice_run()
