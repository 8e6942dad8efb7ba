"""The one client that goes out: where it connects, whom it believes, and when it gives up."""

from __future__ import annotations

import gzip
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import fieldproof
from fieldproof.fetching import Egress, FetchFailed, FetchRefused, fetch

LOOPBACK = Egress(("127.0.0.0/8",), timeout_s=1.0)


@contextmanager
def answering(*pieces: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that answers one caller with the pieces, half a second apart; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
                with context.wrap_socket(connection, server_side=True) if context else connection as caller:
                    caller.recv(65536)
                    for piece in pieces:
                        caller.sendall(piece)
                        time.sleep(0.5)
            except (OSError, ssl.SSLError):
                return

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def test_the_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that turns into an inner address after the check changes nothing: the checked address is connected to."""
    looked_up: list[str] = []

    def rebinding(host: str, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        looked_up.append(host)
        address = "127.0.0.1" if looked_up.count("rebind.test") == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host if host[0].isdigit() else address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as port:
        assert fetch("GET", f"http://rebind.test:{port}/", LOOPBACK).body == b"ok"
    assert looked_up.count("rebind.test") == 1


@pytest.mark.parametrize("addresses", [["93.184.216.34", "127.0.0.1"], ["127.0.0.1", "93.184.216.34"]])
def test_one_inner_address_of_many_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 80)) for a in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)
    with pytest.raises(FetchRefused):
        fetch("GET", "http://mixed.test/", Egress())


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as port:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        monkeypatch.setenv("all_proxy", "http://127.0.0.1:1")
        assert fetch("GET", f"http://127.0.0.1:{port}/", LOOPBACK).body == b"ok"


def test_a_dripping_answer_ends_in_time() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    with answering(head, *[b"x"] * 60) as port, pytest.raises(FetchFailed, match=r"too long|ReadTimeout"):
        fetch("GET", f"http://127.0.0.1:{port}/", LOOPBACK)


def test_an_answer_is_read_up_to_its_limit_after_unpacking() -> None:
    body = gzip.compress(b"0" * 5_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    egress = Egress(("127.0.0.0/8",), timeout_s=10.0, max_bytes=1_000_000)
    with answering(head + body) as port, pytest.raises(FetchFailed, match="larger"):
        fetch("GET", f"http://127.0.0.1:{port}/", egress)


def test_an_unknown_certificate_is_not_believed() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("self-signed.pem"))
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with answering(answer, context=context) as port, pytest.raises(FetchFailed, match="did not answer"):
        fetch("GET", f"https://127.0.0.1:{port}/", LOOPBACK)


def test_nothing_else_goes_out() -> None:
    """The model's client goes to one configured address; the command line to the server that it is told."""
    root = Path(fieldproof.__file__).parent
    clients = re.compile(
        r"\b(httpx\.(Client|get|post|stream|AsyncClient)|requests\.(get|post)|urlopen|urllib3|http\.client|create_connection)\b"
    )
    found = {p.relative_to(root).as_posix() for p in root.rglob("*.py") if clients.search(p.read_text("utf-8"))}
    assert found == {"cli/demo.py", "cli/remote.py", "extraction/llm/client.py", "fetching/client.py"}
