"""Guessing passwords and codes is slow: a few tries a minute for each address and each account."""

from __future__ import annotations

import time

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from fieldproof.core.errors import TooManyRequests
from fieldproof.edge import app_of

_EACH_NAME, _EACH_ADDRESS = RateLimitItemPerMinute(10), RateLimitItemPerMinute(40)


def attempt(request: Request, what: str, *names: str) -> None:
    """Counts one try for the client's address and for each name. Raises: TooManyRequests."""
    limiter = _limiter(request)
    tries = [(_EACH_ADDRESS, f"from {request.state.ip}"), *((_EACH_NAME, f"for {name.lower()}") for name in names)]
    for limit, name in tries:
        if not limiter.hit(limit, what, name):
            reset_at, _ = limiter.get_window_stats(limit, what, name)
            wait_s = max(1, round(reset_at - time.time()))
            raise TooManyRequests(wait_s, f"Too many tries. Wait {wait_s} seconds and try again.")


def _limiter(request: Request) -> MovingWindowRateLimiter:
    state = request.app.state
    if not hasattr(state, "attempts"):
        storage = storage_from_string(app_of(request).settings.rate_limit_url)
        state.attempts = MovingWindowRateLimiter(storage)
    return state.attempts
