"""What every HTTP face shares: the transaction, the body's limits, the client's address, the rate limit."""

from __future__ import annotations

import contextlib
import functools
import inspect
import ipaddress
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import IO, Any, TypeVar, get_type_hints

import orjson
import structlog
from fastapi import Request
from limits import RateLimitItemPerMinute
from opentelemetry.trace import Span
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldproof import metrics, tracing
from fieldproof.core.actor import Actor
from fieldproof.core.errors import (
    FieldproofError,
    Invalid,
    LimitExceeded,
    Malformed,
    TooManyRequests,
    Transient,
    UnsupportedMedia,
)
from fieldproof.db import patience
from fieldproof.fetching import Downloaded, Egress, FetchFailed, FetchRefused, download
from fieldproof.jobs import origin
from fieldproof.ratelimit import Limiter, counted_as
from fieldproof.services import idempotency
from fieldproof.services.work import Call, Work
from fieldproof.settings import Settings
from fieldproof.wiring import App

log = structlog.get_logger()
_FETCH_PATIENCE_S = 5.0
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
Model = TypeVar("Model", bound=BaseModel)
Authenticate = Callable[[Work, Request], Actor]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Body(BaseModel):
    """What a client sends: types are exact, unknown keys are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", str_strip_whitespace=True)


def app_of(request: Request) -> App:
    return request.app.state.parts


def opener(authenticate: Authenticate) -> Callable[[Request], Iterator[Work]]:
    """A dependency that opens a Work for whoever ``authenticate`` finds, and commits before the answer is sent.

    Use it with ``Depends(opener(…), scope="function")``: with the default scope a failed commit still answers 200.
    """

    def open_work(request: Request) -> Iterator[Work]:
        work = app_of(request).open_work(is_reading=request.method in ("GET", "HEAD"))
        with work.db as db:
            work.actor = authenticate(work, request)
            work.call = call_of(request)
            yield work
            db.commit()

    return open_work


def wrapped(method: str, endpoint: Endpoint) -> Endpoint:
    """As the faces register a route."""
    if method == "GET":
        return in_one_thread(endpoint)
    return once(endpoint) if method == "POST" else endpoint


def in_one_thread(endpoint: Endpoint) -> Endpoint:
    """For a route without a body: opens its Work, answers and commits in one thread, not in one after the other.

    A route with a body must know who calls before it reads what they send, so that it leaves the Work to FastAPI.
    """
    hints = get_type_hints(endpoint, include_extras=True)
    if "work" not in hints:
        return endpoint
    opened = contextlib.contextmanager(hints["work"].__metadata__[0].dependency)
    known = inspect.signature(endpoint).parameters
    passes_request = "request" in known

    @functools.wraps(endpoint)
    def answer(request: Request, **given: Any) -> Response:
        with opened(request) as work:
            return endpoint(work=work, request=request, **given) if passes_request else endpoint(work=work, **given)

    shown = [p.replace(annotation=hints[p.name]) for p in known.values() if p.name not in ("work", "request")]
    asked = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    answer.__signature__ = inspect.Signature([asked, *shown])  # pyright: ignore[reportAttributeAccessIssue]
    return answer  # type: ignore[return-value]


def once(endpoint: Endpoint) -> Endpoint:
    """Makes a route that creates answer an ``Idempotency-Key`` as it did before, without doing it again."""

    @functools.wraps(endpoint)
    def answer(*args: Any, **kwargs: Any) -> Response:
        work: Work = kwargs["work"]
        if work.call is None or work.actor.user_id is None:
            return endpoint(*args, **kwargs)
        call, body = work.call, next((v.raw for v in kwargs.values() if isinstance(v, Sent)), b"")
        before = idempotency.earlier(work, call.key, call.route, call.path, body)
        if before is not None:
            replayed = {"Idempotency-Replayed": "true"}
            return Response(before.body, before.status, replayed, before.media_type)
        response: Response = endpoint(*args, **kwargs)
        kept = idempotency.Kept(response.status_code, response.media_type, bytes(response.body))
        idempotency.keep(work, call.key, call.route, call.path, body, kept)
        return response

    return answer  # type: ignore[return-value]


def call_of(request: Request) -> Call | None:
    """Set where the request carries an ``Idempotency-Key``. Raises: Invalid."""
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return None
    route = getattr(request.scope.get("route"), "path", request.url.path)
    return Call(idempotency.check_key(key), f"POST {route}", request.url.path)


class Sent:
    """What a request brought; ``raw`` tells one request from another."""

    raw: bytes


class Payload(Sent):
    """A request's body, read under its limit but not looked at: routes look after access is settled."""

    def __init__(self, raw: bytes, content_type: str) -> None:
        self.raw = raw
        self.content_type = content_type

    def read(self, model: type[Model], *, is_optional: bool = False) -> Model:
        """Raises: UnsupportedMedia, Malformed for what is no JSON, Invalid with the fields."""
        return validated(model, self.json(is_optional=is_optional))

    def json(self, *, is_optional: bool = False) -> Any:
        if is_optional and self.raw.strip() in (b"", b"null"):
            return {}
        if self.content_type and not _is_json(self.content_type):
            raise UnsupportedMedia("Send the body as application/json.")
        try:
            value = orjson.loads(self.raw)
        except orjson.JSONDecodeError as error:
            raise Malformed("The request body is not valid JSON.") from error
        problem = _nul_in(value, "")
        if problem is not None:
            raise Invalid({problem or "body": ["The text must not contain the NUL character."]})
        return value


async def payload(request: Request) -> Payload:
    return Payload(
        await read_body(request, app_of(request).settings.max_body_bytes), request.headers.get("content-type", "")
    )


async def read_body(request: Request, limit: int) -> bytes:
    """Raises: LimitExceeded as soon as more than ``limit`` bytes are announced or have come."""
    message = f"The request body is larger than {limit:,} bytes."
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise LimitExceeded(message)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise LimitExceeded(message)
    return bytes(body)


def downloaded(request: Request, url: str, egress: Egress, into: IO[bytes]) -> Downloaded:
    """Few at a time: slow servers of one caller must not take all the threads. Raises: Transient, Invalid with ``url``."""
    fetches: threading.BoundedSemaphore = request.app.state.fetches
    if not fetches.acquire(timeout=_FETCH_PATIENCE_S):
        raise Transient("Many files are being fetched. Try again in a moment.")
    try:
        return download(url, egress, into)
    except (FetchRefused, FetchFailed) as error:
        raise Invalid({"url": [error.message]}) from error
    finally:
        fetches.release()


def query_of(request: Request, model: type[Model]) -> Model:
    """The query string as a model; blank values count as not given. Raises: Invalid."""
    given = {key: value for key, value in request.query_params.items() if value != ""}
    nul = {key: ["The text must not contain the NUL character."] for key, value in given.items() if "\x00" in value}
    if nul:
        raise Invalid(nul)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Invalid(fields_of(error.errors())) from error


def validated(model: type[Model], value: Any) -> Model:
    if not isinstance(value, dict):
        raise Invalid({"body": ["The request body must be a JSON object."]})
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Invalid(fields_of(error.errors())) from error


def fields_of(errors: list[Any]) -> dict[str, list[str]]:
    """Dotted path → sentences, from Pydantic's list."""
    fields: dict[str, list[str]] = {}
    for error in errors:
        place = [str(part) for part in error["loc"] if part not in ("body", "query", "path")]
        path = ".".join(place) or "body"
        fields.setdefault(path, []).append(_sentence(path, error))
    return fields


def _sentence(path: str, error: dict[str, Any]) -> str:
    name = path.replace("_", " ")
    if error["type"] == "missing":
        return f"The {name} field is required."
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return f"The {name} field is invalid: {error['msg'][0].lower()}{error['msg'][1:]}."


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _nul_in(value: Any, path: str) -> str | None:
    """The path of the first text with a NUL, which PostgreSQL cannot store."""
    if isinstance(value, str):
        return path if "\x00" in value else None
    if isinstance(value, dict):
        children = ((f"{path}.{key}".lstrip("."), key, inner) for key, inner in value.items())
        return next(
            (
                found
                for place, key, inner in children
                if (found := _nul_in(key, place) or _nul_in(inner, place)) is not None
            ),
            None,
        )
    if isinstance(value, list):
        found = (_nul_in(inner, f"{path}.{n}".lstrip(".")) for n, inner in enumerate(value))
        return next((place for place in found if place is not None), None)
    return None


def client_ip(scope: Scope, trusted: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> str:
    """The caller's address; X-Forwarded-For counts only as far as trusted proxies vouch for it."""
    peer = scope["client"][0] if scope.get("client") else "unknown"
    forwarded = Headers(scope=scope).get("x-forwarded-for", "")
    chain = [part.strip() for part in forwarded.split(",") if part.strip()]
    while chain and _is_in(peer, trusted):
        peer = chain.pop()
    return peer


def _is_in(address: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)


class Gate:
    """The outermost layer: request id, client address, rate limit, safe headers, one log line a request.

    ``error_response`` renders an error in the shape of the path's own surface.
    """

    def __init__(
        self, app: ASGIApp, *, settings: Settings, error_response: Callable[[str, FieldproofError], Response]
    ) -> None:
        self.app = app
        self.error_response = error_response
        self.trusted = [ipaddress.ip_network(n, strict=False) for n in settings.trusted_proxies]
        self.limit = RateLimitItemPerMinute(settings.rate_limit_per_minute) if settings.rate_limit_per_minute else None
        self.limiter = Limiter(settings.rate_limit_url)
        self.is_https = (settings.public_url or "").startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = uuid.uuid4().hex
        ip = client_ip(scope, self.trusted)
        scope.setdefault("state", {}).update(request_id=request_id, ip=ip)
        allowance = self._allowance(scope["path"], ip)
        status = 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(MutableHeaders(scope=message), request_id, allowance)
            await send(message)

        if _is_ambiguous(scope):
            refusal = self.error_response(scope["path"], Malformed("Send Content-Length or chunks, not both."))
            refusal.headers["Connection"] = "close"
            await refusal(scope, receive, send_on)
        elif allowance is not None and allowance.is_spent:
            error = TooManyRequests(allowance.reset_s)
            await self.error_response(scope["path"], error)(scope, receive, send_on)
        else:
            parent = Headers(scope=scope).get("traceparent")
            with (
                origin.of_request(request_id),
                tracing.span("request", parent=parent, is_request=True, request=request_id) as span,
                patience.waiting(patience.OF_A_REQUEST),
                contextlib.suppress(ClientDisconnect),  # whoever has left needs no answer
            ):
                try:
                    await self.app(scope, receive, send_on)
                finally:
                    _name_span(span, scope, status)
        took_s = time.perf_counter() - started
        metrics.requests.labels(scope["method"] if scope["method"] in _METHODS else "other", status).inc()
        metrics.request_seconds.observe(took_s)
        took_ms = round(1000 * took_s, 1)
        log.info(
            "request",
            method=scope["method"],
            path=_masked(scope["path"]),
            status=status,
            ms=took_ms,
            request_id=request_id,
            ip=ip,
        )

    def _allowance(self, path: str, ip: str) -> Allowance | None:
        if self.limit is None or not is_limited(path):
            return None
        is_allowed, remaining, reset_s = self.limiter.hit(self.limit, counted_as(ip))
        return Allowance(self.limit.amount, remaining, reset_s, not is_allowed)

    def _add_headers(self, headers: MutableHeaders, request_id: str, allowance: Allowance | None) -> None:
        headers["X-Request-Id"] = request_id
        if self.is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Cache-Control", "no-store")
        if allowance is not None:
            headers["X-RateLimit-Limit"] = str(allowance.limit)
            headers["X-RateLimit-Remaining"] = str(allowance.remaining)
            if allowance.is_spent:
                headers["Retry-After"] = str(allowance.reset_s)
                headers["X-RateLimit-Reset"] = str(int(time.time()) + allowance.reset_s)


def _name_span(span: Span, scope: Scope, status: int) -> None:
    """By its route, not by its path: there are few of them, and no ids in their names."""
    route = getattr(scope.get("route"), "path", None)
    method = scope["method"] if scope["method"] in _METHODS else "other"
    span.update_name(f"{method} {route or 'no route'}")
    span.set_attributes({"http.request.method": method, "http.response.status_code": status})
    if route is not None:
        span.set_attribute("http.route", route)


class Allowance:
    """What one address may still ask for in this window."""

    def __init__(self, limit: int, remaining: int, reset_s: int, is_spent: bool) -> None:
        self.limit = limit
        self.remaining = remaining
        self.reset_s = reset_s
        self.is_spent = is_spent


def _is_ambiguous(scope: Scope) -> bool:
    """Two ways to end the body: a proxy before us may have chosen the other one, and smuggle a request along."""
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers and "content-length" in headers


def is_limited(path: str) -> bool:
    """The APIs are; the dashboard's pages, health checks and signed transfers are not."""
    if path.startswith(("/v1/uploads/", "/v1/files/")):
        return False
    return path.startswith(("/workspaces", "/extractions", "/vapor", "/api/", "/v1/"))


def _masked(path: str) -> str:
    """Without what works as a key by itself."""
    return "/invite/…" if path.startswith("/invite/") else path
