"""The door to the network: one question in, one answer out, whatever the provider.

Everything a server can do wrong ends in one of ``errors``: it stalls, drips, resets, answers with
HTML, with megabytes, with another status. No key and no text of a 401 ever reaches a message.
"""

from __future__ import annotations

import contextlib
import email.utils
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from fieldproof.core.errors import Cancelled
from fieldproof.extraction.llm.config import LlmConfig
from fieldproof.extraction.llm.dialects import dialect_of
from fieldproof.extraction.llm.errors import InvalidOutput, ModelRefused, ModelTimeout, ModelUnavailable
from fieldproof.extraction.llm.messages import Ask, Reply

_BUSY = (408, 409, 425, 429)
_FIRST_PAUSE_S = 0.5


class ModelClient:
    """A model behind HTTP. ``close`` gives its connections back; ``cancel``, from any thread, ends every call."""

    def __init__(self, config: LlmConfig, model: str, *, sleep: Callable[[float], object] | None = None) -> None:
        self._config = config
        self._model = model
        self._dialect = dialect_of(config.provider)
        self._cancelled = threading.Event()
        self._sleep = sleep or self._cancelled.wait
        self._sockets: set[socket.socket] = set()
        self._guard = threading.Lock()
        # No redirects, no proxies from the environment: the key goes to the configured address only.
        self._http = httpx.Client(follow_redirects=False, trust_env=False)

    @property
    def name(self) -> str:
        return self._model

    def complete(self, ask: Ask, deadline: float) -> Reply:
        """Raises: ModelTimeout, ModelUnavailable, ModelRefused, InvalidOutput, Cancelled."""
        lost = 0
        for number in range(1, self._config.tries + 1):
            self._check()
            outcome = self._once(ask, deadline)
            if isinstance(outcome, Reply):
                return replace(outcome, lost=lost)
            self._check()
            lost += isinstance(outcome.error, ModelTimeout)
            pause = outcome.pause_s if outcome.pause_s is not None else _FIRST_PAUSE_S * 2 ** (number - 1)
            is_hopeless = pause > self._config.retry_after_cap_s or time.monotonic() + pause > deadline
            if number == self._config.tries or is_hopeless:
                raise ModelTimeout(lost=lost) if lost else outcome.error
            self._sleep(pause * (1 + 0.25 * random.random()))  # noqa: S311 (spreads retries, guards nothing)
        raise ModelUnavailable

    def close(self) -> None:
        self._http.close()

    def cancel(self) -> None:
        """Calls under way break off at once: their connections are shut under them."""
        self._cancelled.set()
        with self._guard:
            for one in self._sockets:
                with contextlib.suppress(OSError):  # it was closed in the meantime
                    one.shutdown(socket.SHUT_RDWR)

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        """httpcore tells of each connection it makes."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._guard:
                self._sockets.add(info["return_value"].get_extra_info("socket"))
            if self._cancelled.is_set():
                self.cancel()

    def _once(self, ask: Ask, deadline: float) -> Reply | _Setback:
        timeout_s = min(self._config.timeout_s, deadline - time.monotonic())
        if timeout_s <= 0:
            return _Setback(ModelUnavailable("The run's time was over before the language model was asked again."))
        try:
            status, headers, body = self._post(ask, timeout_s)
        except (httpx.TimeoutException, _TooSlow):
            return _Setback(ModelTimeout())
        except httpx.HTTPError as error:
            return _Setback(ModelUnavailable(f"The language model's server broke off: {type(error).__name__}."))
        if status in _BUSY or status >= 500:
            sentence = f"The language model's server answered {status}. Try again later, or use the local engine."
            return _Setback(ModelUnavailable(sentence), _retry_after_s(headers.get("retry-after")))
        if status != 200:
            raise ModelRefused(self._refusal(status, body))
        return self._read(body)

    def _post(self, ask: Ask, timeout_s: float) -> tuple[int, httpx.Headers, bytes]:
        path, headers, payload = self._dialect.request(self._config, self._model, ask)
        url = self._config.base_url.rstrip("/") + path
        until = time.monotonic() + timeout_s
        content = orjson.dumps(payload)
        trace = {"trace": self._trace}
        headers = {"content-type": "application/json", "accept-encoding": "identity", **headers}
        with self._http.stream(
            "POST", url, content=content, headers=headers, timeout=timeout_s, extensions=trace
        ) as response:
            body = bytearray()
            for piece in response.iter_raw():
                body += piece
                if len(body) > self._config.max_reply_bytes:
                    raise InvalidOutput(
                        f"The language model's answer is longer than {self._config.max_reply_bytes:,} bytes."
                    )
                if time.monotonic() > until:
                    raise _TooSlow
            return response.status_code, response.headers, bytes(body)

    def _read(self, body: bytes) -> Reply:
        try:
            envelope = orjson.loads(body)
            return self._dialect.reply(envelope)
        except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            # A proxy's HTML page with status 200, or a protocol that is not the configured one.
            raise ModelRefused(
                "The language model's server does not speak the configured protocol. Check FIELDPROOF_LLM_PROVIDER and _BASE_URL."
            ) from error

    def _refusal(self, status: int, body: bytes) -> str:
        if status in (401, 403):
            return f"The language model's server refused the key ({status}). Check FIELDPROOF_LLM_API_KEY."
        if status == 404:
            return f'The language model\'s server does not know "{self._model}" (404). Check the model and FIELDPROOF_LLM_BASE_URL.'
        if 300 <= status < 400:
            return (
                f"The language model's server redirects ({status}). Set FIELDPROOF_LLM_BASE_URL to its final address."
            )
        said = _complaint(body)
        if self._config.api_key:
            said = said.replace(self._config.api_key, "***")
        return f"The language model's server rejected the request ({status}){': ' + said if said else '.'}"


class _TooSlow(Exception):
    """The answer drips in without end."""


@dataclass(frozen=True, slots=True)
class _Setback:
    """A try that failed and may be repeated, after the pause that the server wants."""

    error: ModelTimeout | ModelUnavailable
    pause_s: float | None = None


def _retry_after_s(value: str | None) -> float | None:
    """Seconds, or a date, as HTTP allows; None for anything else."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _complaint(body: bytes) -> str:
    try:
        error = orjson.loads(body)["error"]
        message = error if isinstance(error, str) else error["message"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
    return "".join(c if c.isprintable() else " " for c in str(message))[:300]
