"""A hundred requests a minute for each address, or what the settings say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.openapi import Contract
from fieldproof.settings import Settings
from running import Installation, serving

LIMIT = 5


@pytest.fixture
def limited(server: Installation, tmp_path: Path) -> Iterator[Installation]:
    """A second process' worth of server on the same database, with little patience."""
    yield from serving(limited_settings(server, tmp_path))


def limited_settings(server: Installation, folder: Path, **more: Any) -> Settings:
    return Settings.model_validate(
        {"data_dir": folder, "database_url": server.parts.database_url, "rate_limit_per_minute": LIMIT, **more}
    )


def test_the_limit_is_told_and_kept(limited: Installation, contract: Contract) -> None:
    token = limited.user().token()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=limited.url, headers=headers) as client:
        answers = [client.get("/workspaces") for _ in range(LIMIT + 2)]
    assert [a.status_code for a in answers] == [200] * LIMIT + [429] * 2
    assert [a.headers["X-RateLimit-Remaining"] for a in answers[:LIMIT]] == ["4", "3", "2", "1", "0"]
    assert {a.headers["X-RateLimit-Limit"] for a in answers} == {str(LIMIT)}
    for refused in answers[LIMIT:]:
        contract.check("GET", "/workspaces", refused)
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert int(refused.headers["X-RateLimit-Reset"]) > 0


def test_a_forged_address_does_not_help(limited: Installation) -> None:
    with httpx.Client(base_url=limited.url) as client:
        statuses = [
            client.get("/workspaces", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code
            for n in range(LIMIT + 1)
        ]
    assert statuses == [401] * LIMIT + [429]


def test_behind_a_trusted_proxy_each_client_has_its_own(server: Installation, tmp_path: Path) -> None:
    for one in serving(limited_settings(server, tmp_path, trusted_proxies="127.0.0.0/8")):
        with httpx.Client(base_url=one.url) as client:
            for address in ("203.0.113.7", "203.0.113.8"):
                forwarded = {"X-Forwarded-For": f"198.51.100.1, {address}"}
                statuses = [client.get("/workspaces", headers=forwarded).status_code for _ in range(LIMIT + 1)]
                assert statuses == [401] * LIMIT + [429]


def test_health_checks_and_transfers_are_not_counted(limited: Installation) -> None:
    with httpx.Client(base_url=limited.url) as client:
        assert {client.get("/healthz").status_code for _ in range(LIMIT * 2)} == {200}
        assert {client.get("/v1/files/x").status_code for _ in range(LIMIT * 2)} == {404}
