from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from docsense.client import Caller


@pytest.fixture(scope="session")
def http(server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=120) as client:
        yield client


@pytest.fixture
def account(server: Any, http: httpx.Client) -> Callable[[], Caller]:
    """A new account with a key."""
    return lambda: Caller(http, server.user().key())


@pytest.fixture
def caller(account: Callable[[], Caller]) -> Caller:
    return account()
