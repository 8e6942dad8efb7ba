"""Links that prove themselves: HMAC over method, path and expiry."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime, timedelta

from fieldproof.core import clock


class Signer:
    """Signs and checks with one secret. ``purpose`` keeps signatures of different uses apart."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def signature(self, purpose: str, *parts: str | int) -> str:
        """43 URL-safe characters."""
        message = "\n".join([purpose, *(str(p) for p in parts)]).encode()
        digest = hmac.digest(self._secret, message, "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def is_valid(self, signature: str, purpose: str, *parts: str | int) -> bool:
        return hmac.compare_digest(signature.encode(), self.signature(purpose, *parts).encode())

    def link(self, purpose: str, path: str, ttl_s: int) -> tuple[str, datetime]:
        """``path?expires=…&signature=…`` and the moment it dies."""
        expires = clock.now() + timedelta(seconds=ttl_s)
        stamp = int(expires.timestamp())
        return f"{path}?expires={stamp}&signature={self.signature(purpose, path, stamp)}", expires

    def accepts(self, purpose: str, path: str, expires: str, signature: str) -> bool:
        if not expires.isdigit() or len(expires) > 12:
            return False
        return self.is_valid(signature, purpose, path, int(expires)) and int(expires) >= clock.now().timestamp()
