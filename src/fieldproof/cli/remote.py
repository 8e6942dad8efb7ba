"""A running server, over its published API, for the commands that work with one."""

from __future__ import annotations

import time
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from fieldproof.core.errors import FieldproofError, Invalid

Url = Annotated[str, typer.Option("--url", envvar="FIELDPROOF_URL", help="The server's address.")]
Token = Annotated[str, typer.Option("--token", envvar="FIELDPROOF_TOKEN", help="A personal access token.")]
LOCAL = "http://127.0.0.1:8000"
_TRIES = 10  # at a server that is busy or restarts
_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 60.0


class ServerSaid(FieldproofError):
    """The server refused the call."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Remote:
    """Thread-safe. Waits and repeats where the server is busy, so give what creates an ``Idempotency-Key``."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.Client(base_url=url.rstrip("/"), headers={"Authorization": f"Bearer {token}"}, timeout=120)
        self._bytes = httpx.Client(timeout=300)  # links prove themselves: no token goes along

    def call(self, method: str, path: str, json: Any = None, *, key: str | None = None, **query: Any) -> Any:
        """Raises: ServerSaid, Invalid with the fields, FieldproofError when the server cannot be reached."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = self._patiently(self._http, method, path, json=json, params=query, headers=headers)
        return answer.json() if answer.content else None

    def put(self, url: str, file: Path, headers: dict[str, str]) -> None:
        """Raises: as ``call``."""
        self._patiently(self._bytes, "PUT", url, file=file, headers=headers)

    def close(self) -> None:
        self._http.close()
        self._bytes.close()

    def _patiently(
        self, http: httpx.Client, method: str, url: str, *, file: Path | None = None, **options: Any
    ) -> httpx.Response:
        pause_s, said = _PAUSE_S, ""
        for number in range(_TRIES):
            if number:
                time.sleep(pause_s)
            try:
                with file.open("rb") if file is not None else nullcontext() as content:
                    answer = http.request(method, url, content=content, **options)
            except httpx.TransportError as error:
                said, pause_s = f"The server at {http.base_url or url} does not answer: {error}.", pause_s * 2
                continue
            if answer.status_code not in (429, 503):
                return _checked(answer)
            said, pause_s = _message(answer), _retry_after_s(answer, pause_s * 2)
        raise FieldproofError(said)


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    fields = _json(answer).get("errors") if answer.status_code == 422 else None
    if isinstance(fields, dict):
        raise Invalid(fields)
    raise ServerSaid(answer.status_code, _message(answer))


def _message(answer: httpx.Response) -> str:
    return str(_json(answer).get("message") or f"The server answered {answer.status_code}.")


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after_s(answer: httpx.Response, otherwise_s: float) -> float:
    said = answer.headers.get("retry-after", "")
    return min(_LONGEST_PAUSE_S, float(said) if said.isdigit() else otherwise_s)
