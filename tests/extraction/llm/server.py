"""A model's server on loopback: speaks the three protocols, fills in forms from given facts, and misbehaves on command.

Tests reach it through a real socket, so what is tested is what a provider would see and do.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

KEY = "sk-test-0123456789abcdef"


@dataclass
class Seen:
    """One request as it came in, in no protocol's words."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    dialect: str
    system: str
    user: str
    schema: dict[str, Any]

    @property
    def keys(self) -> list[str]:
        return list(self.schema.get("properties", {}))

    @property
    def documents(self) -> str:
        """What stands between the marks."""
        return re.search(r"<<<documents \w+\n(.*)\ndocuments \w+>>>", self.user, re.DOTALL)[1]


@dataclass
class Says:
    """What the model says of one field."""

    value: Any
    quote: str = ""
    passage: int = 0


Misdeed = Callable[["_Handler", Seen], None]


@dataclass
class ModelServer:
    url: str = ""
    facts: dict[str, Any] = field(default_factory=dict)  # field name -> Says
    rows: list[Any] | Callable[[Seen], list[Any]] = field(default_factory=list)  # Says per row, of any list
    plan: list[Misdeed] = field(default_factory=list)  # taken one per request, before it answers well
    always: Misdeed | None = None
    seen: list[Seen] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)
    input_tokens: int = 1_000
    output_tokens: int = 100

    def filled(self, seen: Seen) -> dict[str, Any]:
        form: dict[str, Any] = {}
        for key, shape in seen.schema["properties"].items():
            if key == "rows":
                rows = self.rows(seen) if callable(self.rows) else self.rows
                form[key] = [{"quote": r.quote, "passage": r.passage, "value": r.value} for r in rows]
            elif shape["type"] == "string":
                form[key] = self.facts.get(key, "")
            else:
                said = self.facts.get(re.sub(r"_\d+$", "", key), Says(""))
                form[key] = {"quote": said.quote, "passage": said.passage, "value": said.value}
        return form


@contextmanager
def model_server() -> Iterator[ModelServer]:
    state = ModelServer()
    handler = type("Handler", (_Handler,), {"state": state})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    http.daemon_threads = True
    state.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        http.shutdown()
        http.server_close()


class _Handler(BaseHTTPRequestHandler):
    state: ModelServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
        seen = _read(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        with self.state.lock:
            self.state.seen.append(seen)
            misdeed = self.state.plan.pop(0) if self.state.plan else self.state.always
        if misdeed is not None:
            misdeed(self, seen)
        else:
            self.say(seen, json.dumps(self.state.filled(seen), ensure_ascii=False))

    def say(self, seen: Seen, text: str | None, *, ending: str = "", **extra: Any) -> None:
        given, taken = self.state.input_tokens, self.state.output_tokens
        self.send(200, orjson.dumps(_envelope(seen.dialect, text, ending, given, taken) | extra))

    def send(self, status: int, body: bytes, media_type: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


# What a server can do wrong


def says(text: str | None, **options: Any) -> Misdeed:
    return lambda handler, seen: handler.say(seen, text, **options)


def status(code: int, body: bytes = b"{}", **headers: str) -> Misdeed:
    return lambda handler, seen: handler.send(code, body, **headers)


def stalls(seconds: float) -> Misdeed:
    def stall(handler: _Handler, seen: Seen) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return stall


def drips(seconds: float) -> Misdeed:
    """One byte now and one byte then, so that no single read ever takes long."""

    def drip(handler: _Handler, seen: Seen) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "100000")
        handler.end_headers()
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                handler.wfile.write(b" ")
                time.sleep(0.05)
        except OSError:
            pass
        handler.close_connection = True

    return drip


def resets(handler: _Handler, seen: Seen) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    handler.connection.close()
    handler.close_connection = True


def html(handler: _Handler, seen: Seen) -> None:
    handler.send(200, b"<html>Welcome to the captive portal</html>", "text/html")


def cuts(when: Callable[[Seen], bool]) -> Misdeed:
    """Runs out of tokens in the middle of the answer when the question is as described."""

    def cut(handler: _Handler, seen: Seen) -> None:
        whole = json.dumps(handler.state.filled(seen))
        if when(seen):
            handler.say(seen, whole[: len(whole) // 2], ending="length")
        else:
            handler.say(seen, whole)

    return cut


# The protocols


def _read(path: str, headers: dict[str, str], body: dict[str, Any]) -> Seen:
    if path == "/v1/messages":
        form = body.get("output_config", {}).get("format", {}).get("schema", {})
        return Seen(path, headers, body, "anthropic", body["system"], body["messages"][0]["content"], form)
    if path.startswith("/v1beta/models/") and path.endswith(":generateContent"):
        system = body["systemInstruction"]["parts"][0]["text"]
        user = body["contents"][0]["parts"][0]["text"]
        return Seen(path, headers, body, "gemini", system, user, body["generationConfig"].get("responseJsonSchema", {}))
    assert path == "/v1/chat/completions", path
    form = body.get("response_format", {}).get("json_schema", {}).get("schema", {})
    return Seen(path, headers, body, "openai", body["messages"][0]["content"], body["messages"][1]["content"], form)


def _envelope(dialect: str, text: str | None, ending: str, given: int, taken: int) -> dict[str, Any]:
    if dialect == "anthropic":
        return {
            "type": "message",
            "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": text or ""}],
            "stop_reason": {"": "end_turn", "length": "max_tokens"}.get(ending, ending),
            "usage": {"input_tokens": given, "output_tokens": taken},
        }
    if dialect == "gemini":
        return {
            "candidates": [
                {
                    "content": {"parts": [{"text": text or ""}], "role": "model"},
                    "finishReason": {"": "STOP", "length": "MAX_TOKENS"}.get(ending, ending),
                }
            ],
            "usageMetadata": {"promptTokenCount": given, "candidatesTokenCount": taken - 10, "thoughtsTokenCount": 10},
        }
    return {
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": ending or "stop"}],
        "usage": {"prompt_tokens": given, "completion_tokens": taken},
    }
