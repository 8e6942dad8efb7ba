"""A guarded HTTP client: the address that is connected to is the one that was checked.

Every address a name has must be public (or allowed by setting); the connection goes to one of these very
addresses with the name kept for TLS and Host. Redirects are followed only where a file is wanted, and each is
checked like a first address. No proxy from the environment, caps on time and size.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any
from urllib.parse import unquote, urljoin, urlsplit

import httpx

from fieldproof.core.errors import FieldproofError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MAX_HOPS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_TOO_LONG = "The answer took too long."
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class FetchRefused(FieldproofError):
    """This address is not allowed."""


class FetchFailed(FieldproofError):
    """The address did not answer."""


@dataclass(frozen=True)
class Egress:
    """Where we may go. ``networks`` are allowed although they are not public; ports other than 80 and 443 only there.

    ``timeout_s`` is for the whole of one call: a receiver that drips a byte a second does not stretch it.
    """

    networks: tuple[str, ...] = ()
    timeout_s: float = 20.0
    max_bytes: int = 100_000_000


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Downloaded:
    sha256: str
    size_bytes: int
    filename: str | None


def fetch(
    method: str, url: str, egress: Egress, *, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """Raises: FetchRefused before any connection, FetchFailed."""
    deadline = time.monotonic() + egress.timeout_s
    with _opened(method, url, egress, deadline, body=body, headers=headers) as response:
        content = b"".join(_pieces(response, egress.max_bytes, deadline))
        return Answer(response.status_code, dict(response.headers), content)


def download(url: str, egress: Egress, into: IO[bytes]) -> Downloaded:
    """Writes what the address, or one of few that it sends on to, answers with. Raises: FetchRefused, FetchFailed."""
    deadline = time.monotonic() + egress.timeout_s
    for _ in range(MAX_HOPS + 1):
        with _opened("GET", url, egress, deadline, headers={"Accept": "*/*", "User-Agent": "Fieldproof"}) as response:
            if response.status_code in _REDIRECTS and "location" in response.headers:
                url = urljoin(url, response.headers["location"])
                continue
            if response.status_code != 200:
                raise FetchFailed(f"{urlsplit(url).hostname} answered {response.status_code}.")
            hasher, size = hashlib.sha256(), 0
            for piece in _pieces(response, egress.max_bytes, deadline):
                hasher.update(piece)
                size += into.write(piece)
            into.flush()
            return Downloaded(hasher.hexdigest(), size, _filename(response, url))
    raise FetchFailed(f"The address sends on more than {MAX_HOPS} times.")


@contextlib.contextmanager
def _opened(
    method: str,
    url: str,
    egress: Egress,
    deadline: float,
    *,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Iterator[httpx.Response]:
    """The answer's head has come; its body has not. When the time is over the connection is shut, whatever it does."""
    parts = urlsplit(url)
    host, port = _target(url)
    address = _checked_address(host, port, egress)
    shown = f"[{address}]" if address.version == 6 else str(address)
    target = parts._replace(netloc=f"{shown}:{port}", fragment="").geturl()
    name = parts.netloc.rpartition("@")[2]
    sent = {**(headers or {}), "Host": name}
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise FetchFailed(_TOO_LONG)
    try:
        with (
            _Fuse(left_s) as fuse,
            httpx.Client(trust_env=False, follow_redirects=False, timeout=left_s) as client,
        ):
            extensions: dict[str, Any] = {"trace": fuse.trace}
            if parts.scheme == "https":
                extensions["sni_hostname"] = host
            request = client.build_request(method, target, content=body, headers=sent, extensions=extensions)
            response = client.send(request, stream=True)
            try:
                yield response
            finally:
                response.close()
    except (httpx.HTTPError, OSError) as error:
        if time.monotonic() > deadline:
            raise FetchFailed(_TOO_LONG) from error
        raise FetchFailed(f"{host} did not answer: {type(error).__name__}.") from error


class _Fuse:
    """Shuts the connections that ``trace`` was told of, once the time is over: no header that drips in is waited for."""

    def __init__(self, after_s: float) -> None:
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(after_s, self._blow)
        self._timer.daemon = True

    def trace(self, event: str, info: dict[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._sockets.append(info["return_value"].get_extra_info("socket"))

    def _blow(self) -> None:
        for one in self._sockets:
            with contextlib.suppress(OSError):  # it was closed in the meantime
                one.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> _Fuse:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def check_url(url: str) -> str:
    """The address, if its form is right; who it belongs to is checked at each connection. Raises: FetchRefused."""
    _target(url)
    return url


def _target(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError as error:
        raise FetchRefused("This is no valid address.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchRefused("The address must begin with https:// or http:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise FetchRefused("The address must not contain a user name or password.")
    if not url.isprintable() or " " in url:
        raise FetchRefused("This is no valid address.")
    return parts.hostname, port


def _checked_address(host: str, port: int, egress: Egress) -> Address:
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise FetchFailed(f"{host} has no address.") from error
    addresses = sorted(
        (ipaddress.ip_address(str(a).partition("%")[0]) for a in found), key=lambda a: (a.version, int(a))
    )
    allowed = [ipaddress.ip_network(n, strict=False) for n in egress.networks]
    for address in addresses:
        real = _unwrapped(address)
        is_listed = any(real in network for network in allowed)
        if not is_listed and (not real.is_global or real.is_multicast):
            raise FetchRefused(
                f"{host} is not a public address. Allow it with FIELDPROOF_EGRESS_NETWORKS if it is meant."
            )
        if not is_listed and port not in (80, 443):
            raise FetchRefused("Only ports 80 and 443 are allowed.")
    return addresses[0]


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside mapped, 6to4, Teredo and NAT64 ones."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address


def _pieces(response: httpx.Response, limit: int, deadline: float) -> Iterator[bytes]:
    """The body, unpacked; the limit is for what it unpacks to."""
    size = 0
    for piece in response.iter_bytes():
        size += len(piece)
        if time.monotonic() > deadline:
            raise FetchFailed(_TOO_LONG)
        if size > limit:
            raise FetchFailed(f"The answer is larger than {limit:,} bytes.")
        yield piece


def _filename(response: httpx.Response, url: str) -> str | None:
    """As the server calls it, else the last part of the address."""
    disposition = response.headers.get("content-disposition")
    if disposition:
        message = Message()
        message["Content-Disposition"] = disposition
        if name := message.get_filename():
            return name
    name = re.split(r"[/\\]", unquote(urlsplit(url).path))[-1]
    return name or None
