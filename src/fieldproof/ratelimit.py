"""How often somebody may ask: in this process, or in Redis for all of them.

When Redis is away this process counts alone for a while: a limit that is too generous for some seconds is better
than an API that answers nobody.
"""

from __future__ import annotations

import ipaddress
import time

import structlog
from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from fieldproof.core.errors import TooManyRequests

log = structlog.get_logger()
ALONE_S = 10.0  # before Redis is asked again
_TIMEOUT_S = 0.5
_EACH_NAME, _EACH_ADDRESS = RateLimitItemPerMinute(10), RateLimitItemPerMinute(40)


class Limiter:
    """A moving window a minute long."""

    def __init__(self, url: str) -> None:
        self._alone = MovingWindowRateLimiter(MemoryStorage())
        self._shared: MovingWindowRateLimiter | None = None
        self._alone_until = 0.0
        if not url.startswith("memory:"):
            options = {"socket_timeout": _TIMEOUT_S, "socket_connect_timeout": _TIMEOUT_S, "wrap_exceptions": True}
            self._shared = MovingWindowRateLimiter(storage_from_string(url, **options))

    def hit(self, item: RateLimitItem, *names: str) -> tuple[bool, int, int]:
        """Whether this one is allowed, how many are left, and seconds until there is room again."""
        if self._shared is not None and time.monotonic() >= self._alone_until:
            try:
                return _hit(self._shared, item, names)
            except Exception as error:  # whatever a store out of reach raises
                self._alone_until = time.monotonic() + ALONE_S
                log.warning("rate limit counts alone", error=type(error).__name__)
        return _hit(self._alone, item, names)


def _hit(limiter: MovingWindowRateLimiter, item: RateLimitItem, names: tuple[str, ...]) -> tuple[bool, int, int]:
    is_allowed = limiter.hit(item, *names)
    reset_at, remaining = limiter.get_window_stats(item, *names)
    return is_allowed, remaining, max(1, round(reset_at - time.time()))


def counted_as(ip: str) -> str:
    """An IPv6 client owns a whole /64: it is counted as one."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return ip


def attempt(request: Request, what: str, *names: str) -> None:
    """Guessing is slow: counts one try for the client's address and for each name. Raises: TooManyRequests."""
    limiter: Limiter = request.app.state.attempts
    address = counted_as(request.state.ip)
    tries = [(_EACH_ADDRESS, f"from {address}"), *((_EACH_NAME, f"for {name.lower()}") for name in names)]
    for limit, name in tries:
        is_allowed, _, wait_s = limiter.hit(limit, what, name)
        if not is_allowed:
            raise TooManyRequests(wait_s, f"Too many tries. Wait {wait_s} seconds and try again.")
