"""What an answer tells, and what a strange request gets."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import httpx
import pytest

from contract.files import note_pdf
from contract.office import Office, hired
from running import Installation

EVIL = "https://evil.test"


@pytest.fixture(scope="module")
def office(server: Installation) -> Iterator[Office]:
    with hired(server) as cast:
        yield cast.office()


def test_every_answer_is_safe_to_show_and_not_kept(server: Installation) -> None:
    token = server.user().token()
    for path in ("/workspaces", "/v1/me", "/workspaces/1", "/v1/nothing", "/healthz", "/api/user/user-documents"):
        for headers in ({}, {"Authorization": f"Bearer {token}"}):
            answer = httpx.get(server.url + path, headers=headers)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["content-type"].startswith("application/json")
            assert "server" not in answer.headers
            assert "x-powered-by" not in answer.headers


def test_no_origin_is_allowed_unless_it_is_named(server: Installation) -> None:
    token = server.user().token()
    asked = {"Origin": EVIL, "Authorization": f"Bearer {token}"}
    for answer in (
        httpx.get(f"{server.url}/workspaces", headers=asked),
        httpx.options(f"{server.url}/workspaces", headers={**asked, "Access-Control-Request-Method": "GET"}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_the_host_that_a_client_names_goes_into_no_link(office: Office, server: Installation) -> None:
    http = office.cast.http
    named = {"Authorization": f"Bearer {office.api.token}", "Host": "evil.test", "X-Forwarded-Host": "evil.test"}
    signed = http.post("/vapor/signed-storage-url", json={}, headers=named)
    assert signed.json()["url"].startswith(server.url)
    document = office.document(note_pdf("Host"))
    link = http.get(f"/extractions/documents/{document['id']}/url", headers=named).raise_for_status()
    assert "evil.test" not in signed.text + link.text
    for path in ("/", "/sign-in", "/docs", "/nowhere", f"/w/{office.workspace}"):
        answer = http.get(path, headers={"Host": "evil.test"})
        assert "evil.test" not in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config", "/.env", "/debug", "/server-status", "/static/", "/static", "/static/../pages.py",
        "/static/%2e%2e/pages.py", "/static/..%2fpages.py", "/docs/../../etc/passwd", "/redoc", "/console",
        "/v1/files/%2e%2e%2f%2e%2e%2fsecret", "/v1/uploads/..%2f..%2fsecret",
    ],
)  # fmt: skip
def test_odd_paths_lead_nowhere(server: Installation, path: str) -> None:
    status, _, body = _raw(server, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert status in (400, 404, 405)
    assert b"def page(" not in body
    assert b"root:" not in body


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "FOO"])
def test_other_methods_are_refused(server: Installation, method: str) -> None:
    status, _, body = _raw(
        server, f"{method} /workspaces HTTP/1.1\r\nHost: x\r\nCookie: secret=1\r\nConnection: close\r\n\r\n".encode()
    )
    assert status in (400, 404, 405)
    assert b"secret=1" not in body


@pytest.mark.parametrize(
    ("name", "head", "body"),
    [
        ("length_and_chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked", b"0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"),
        ("two_lengths", "Content-Length: 4\r\nContent-Length: 5", b"{}  \r"),
        ("negative_length", "Content-Length: -1", b""),
        ("length_that_is_none", "Content-Length: 0x4", b"{}  "),
        ("unknown_coding", "Transfer-Encoding: gzip, identity", b"{}"),
        ("bare_line_feed", "X-A: 1\nX-B 2", b""),
        ("blank_in_name", "X-A : 1", b""),
        ("nul", "X-A: 1\0", b""),
        ("huge_header", "X-A: " + "x" * 200_000, b""),
        ("bad_chunk", "Transfer-Encoding: chunked", b"zz\r\n{}\r\n0\r\n\r\n"),
    ],
    ids=lambda value: value if isinstance(value, str) and re.fullmatch(r"\w+", value) else "",
)  # fmt: skip
def test_ambiguous_requests_are_refused(server: Installation, name: str, head: str, body: bytes) -> None:
    sent = f"POST /v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{head}\r\n\r\n"
    status, headers, _ = _raw(server, sent.encode("latin-1") + body)
    assert status in (400, 413, 431, 501), name
    assert b"connection: close" in headers.lower()
    assert headers.count(b"HTTP/1.1 ") == 1, "the rest was taken for a second request"


def test_a_file_name_becomes_no_header(office: Office) -> None:
    names = [
        "a\r\nSet-Cookie: x=1.pdf",
        'a"; filename="b.html',
        "../../etc/passwd",
        "\u202efdp.exe",
        "x" * 5000 + ".pdf",
        "a\x00b.pdf",
    ]
    for n, name in enumerate(names):
        key = office.upload(note_pdf(f"Name {n}"), **{"X-Filename": quote(name)})
        document = office.api.ok("createWorkspaceDocument", json={"key": key}, workspaceId=office.workspace)["document"]
        assert not re.search(r"[\x00-\x1f/\\\u202e]", document["filename"])
        url = office.api.ok("getDocumentUrl", documentId=document["id"])["url"]
        raw = f"GET {urlsplit(url).path}?{urlsplit(url).query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        _, headers, _ = _raw(office.cast.server, raw.encode())
        (disposition,) = [h for h in headers.split(b"\r\n") if h.lower().startswith(b"content-disposition")]
        assert re.fullmatch(
            rb"content-disposition: attachment; filename\*=UTF-8''[\w.~%-]+", disposition, re.IGNORECASE
        )
        assert b"\r\nset-cookie" not in headers.lower()


def _raw(server: object, request: bytes) -> tuple[int, bytes, bytes]:
    """Status, all of the headers (of every answer that came), the body."""
    address = urlsplit(server.url)  # type: ignore[attr-defined]
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=20) as connection:
        connection.settimeout(20)
        received = b""
        try:
            connection.sendall(request)
            while piece := connection.recv(65536):
                received += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
    assert received, "no answer at all"
    head, _, body = received.partition(b"\r\n\r\n")
    return int(received.split(b" ")[1]), head + b"\r\n" + (body if b"HTTP/1.1 " in body else b""), body
