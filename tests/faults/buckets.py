"""As much of S3 as the store uses, in memory: for the faults between us and a store. The real ones are for ``make test-stack``."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class _Bucket(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.objects[self._key()] = body
        self._answer(200, headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            self._answer(200, _listing(self.objects, query.get("prefix", [""])[0]))
            return
        body = self.objects.get(self._key())
        if body is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        headers = {"ETag": f'"{hashlib.md5(body).hexdigest()}"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("range", ""))
        if wanted is None:
            self._answer(200, body, headers)
            return
        first, last = int(wanted[1]), min(int(wanted[2]), len(body) - 1)
        self._answer(206, body[first : last + 1], headers | {"Content-Range": f"bytes {first}-{last}/{len(body)}"})

    do_HEAD = do_GET  # noqa: N815 (http.server calls it)

    def do_POST(self) -> None:
        """Only ``?delete``, the way of many."""
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        keys = re.findall("<Key>([^<]+)</Key>", body)
        for key in keys:
            self.objects.pop(unescape(key), None)
        gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())

    def log_message(self, format: str, *args: object) -> None: ...

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).partition("/bucket/")[2]

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _listing(objects: dict[str, bytes], prefix: str) -> bytes:
    entries = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>{len(objects[key])}</Size></Contents>"
        for key in sorted(objects)
        if key.startswith(prefix)
    )
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>".encode()


@contextmanager
def serving() -> Iterator[tuple[int, dict[str, bytes]]]:
    """Its port, and what is in the bucket."""
    objects: dict[str, bytes] = {}
    handler = type("Bucket", (_Bucket,), {"objects": objects})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], objects
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
