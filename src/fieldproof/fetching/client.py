"""A guarded HTTP client: the address that is connected to is the one that was checked.

Every address a name has must be public (or allowed by setting); the connection goes to one of these very
addresses with the name kept for TLS and Host. Redirects are not followed: each would be a new choice of somebody
else's. No proxy from the environment, caps on time and size.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from fieldproof.core.errors import FieldproofError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
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


def fetch(
    method: str, url: str, egress: Egress, *, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """Raises: FetchRefused before any connection, FetchFailed."""
    parts = urlsplit(url)
    deadline = time.monotonic() + egress.timeout_s
    host, port = _target(url)
    address = _checked_address(host, port, egress)
    shown = f"[{address}]" if address.version == 6 else str(address)
    target = parts._replace(netloc=f"{shown}:{port}", fragment="").geturl()
    name = parts.netloc.rpartition("@")[2]
    sent = {**(headers or {}), "Host": name}
    try:
        with httpx.Client(trust_env=False, follow_redirects=False, timeout=egress.timeout_s) as client:
            extensions = {"sni_hostname": host} if parts.scheme == "https" else {}
            request = client.build_request(method, target, content=body, headers=sent, extensions=extensions)
            response = client.send(request, stream=True)
            try:
                return Answer(response.status_code, dict(response.headers), _body(response, egress.max_bytes, deadline))
            finally:
                response.close()
    except (httpx.HTTPError, OSError) as error:
        raise FetchFailed(f"{host} did not answer: {type(error).__name__}.") from error


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


def _body(response: httpx.Response, limit: int, deadline: float) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if time.monotonic() > deadline:
            raise FetchFailed("The answer took too long.")
        if len(body) > limit:
            raise FetchFailed(f"The answer is larger than {limit:,} bytes.")
    return bytes(body)
