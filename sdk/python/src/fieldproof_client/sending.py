"""One request to its answer: who asks, how often it is tried, and which error a refusal is."""

from __future__ import annotations

import json
import random
import time
import uuid
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime

import httpx

from fieldproof_client.calls import Exchange, Flow, Pause, Reply
from fieldproof_client.errors import NoAnswer, refusal

UNTOUCHED = (429, 503)  # the server did nothing
LOST = (502, 504)  # a proxy does not know what it did
LONGEST_PAUSE_S = 60.0
_FIRST_PAUSE_S = 0.5


@dataclass(frozen=True)
class Connection:
    """Where the server is, who asks, and how patiently."""

    url: str
    token: str | None
    api_key: str | None
    retries: int

    def send(self, exchange: Exchange, idempotency_key: str | None = None) -> Flow[Reply]:
        """Tries again where the server is busy or out of reach. Raises: Refused, NoAnswer.

        A POST carries an ``Idempotency-Key``, made up where none is given, so that trying again does nothing twice.
        """
        addressed = self._addressed(exchange, idempotency_key)
        was_lost = False
        pause_s = _FIRST_PAUSE_S
        for left in range(self.retries if exchange.is_repeatable else 0, -1, -1):
            asked_s = None
            try:
                reply = yield addressed
            except httpx.TransportError as error:
                if not left or exchange.is_once:
                    raise NoAnswer(f"{self.url} does not answer: {error or type(error).__name__}.") from error
                was_lost = True
            else:
                asked_s = _retry_after_s(reply)
                may_try_again = reply.status in UNTOUCHED or (reply.status in LOST and not exchange.is_once)
                if not may_try_again or not left:
                    return _checked(reply, is_gone_already=was_lost and exchange.method == "DELETE")
                was_lost = was_lost or reply.status in LOST
            yield Pause(min(LONGEST_PAUSE_S, asked_s if asked_s is not None else pause_s * random.uniform(0.5, 1)))  # noqa: S311 (spreads load)
            pause_s *= 2
        raise AssertionError("the last try either answers or raises")

    def _addressed(self, exchange: Exchange, idempotency_key: str | None) -> Exchange:
        if exchange.is_link:
            return exchange
        headers = {"Accept": "application/json", **exchange.headers}
        if exchange.url.startswith("/api/"):
            headers |= {"x-api-key": self.api_key} if self.api_key else {}
        elif self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if exchange.method == "POST":
            headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        return replace(exchange, url=self.url + exchange.url, headers=headers)


def _checked(reply: Reply, *, is_gone_already: bool) -> Reply:
    if reply.status < 400 or (is_gone_already and reply.status == 404):
        return reply
    try:
        body = json.loads(reply.content)
    except ValueError:
        body = None
    request_id = reply.headers.get("x-request-id")
    raise refusal(reply.status, body, request_id=request_id, retry_after_s=_retry_after_s(reply))


def _retry_after_s(reply: Reply) -> float | None:
    """``Retry-After`` is a number of seconds or a date."""
    said = reply.headers.get("retry-after", "").strip()
    if not said:
        return None
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return None
