"""Counting callers: who counts as one, and what happens without the shared store."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from limits import RateLimitItemPerMinute

from fieldproof.ratelimit import Limiter, counted_as


@pytest.mark.parametrize(
    ("ip", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_network_is_one_client(ip: str, counted: str) -> None:
    assert counted_as(ip) == counted


def test_without_its_store_the_limit_still_counts() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, but nobody listens
        limiter = Limiter(f"redis://127.0.0.1:{unused.getsockname()[1]}")
        allowed = [limiter.hit(RateLimitItemPerMinute(3), "203.0.113.7")[0] for _ in range(5)]
    assert allowed == [True, True, True, False, False]


def test_a_silent_store_does_not_hold_up_anybody() -> None:
    """Asked once, then left alone for a while."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0.2)
        limiter = Limiter(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        for _ in range(50):
            assert limiter.hit(RateLimitItemPerMinute(100), "203.0.113.7")[0]
        connections = 0
        try:
            while True:
                silent.accept()
                connections += 1
        except TimeoutError:
            pass
    assert 1 <= connections <= 5


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs Debian's redis-server")
def test_processes_share_one_count_in_redis(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        limit = RateLimitItemPerMinute(5)
        one, other = (Limiter(f"redis://127.0.0.1:{port}/0") for _ in range(2))
        answers = [limiter.hit(limit, "203.0.113.7") for limiter in (one, other) * 4]
        assert [allowed for allowed, _, _ in answers] == [True] * 5 + [False] * 3
        assert [left for _, left, _ in answers[:5]] == [4, 3, 2, 1, 0]
        assert 1 <= answers[-1][2] <= 60
        assert one.hit(limit, "203.0.113.8")[0], "another address has its own"
    finally:
        redis.terminate()
        redis.wait(20)
    assert one.hit(limit, "203.0.113.9")[0], "and without Redis it goes on"


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("redis-server did not start")
