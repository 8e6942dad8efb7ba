"""How one description of a call serves both clients.

An operation says what is sent and how the answer is read. Everything that happens in time (retries, uploads in three
steps, waiting) is a ``Flow``: a generator that yields ``Exchange`` and ``Pause`` and is handed what came of them. The
sync and the async client differ only in how they carry those two out, so nothing is written twice.
"""

from __future__ import annotations

import functools
import inspect
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload
from urllib.parse import quote

from fieldproof_client.decoding import decode
from fieldproof_client.errors import NotUnderstood
from fieldproof_client.files import File
from fieldproof_client.models import Page

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True)
class Exchange:
    """One request. ``is_link``: the address proves itself, so no token goes along. ``into``: where the answer's bytes go.

    ``is_once``: done twice it does more, so it is not repeated when nobody knows whether it was done.
    """

    method: str
    url: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()  # as multipart form
    content: File | None = None
    into: Path | None = None
    is_link: bool = False
    is_once: bool = False

    @property
    def is_repeatable(self) -> bool:
        given = (*self.files, *((self.content,) if self.content else ()))
        return all(file.is_repeatable for file in given)


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise NotUnderstood(f"The server's answer is not JSON: {self.content[:80]!r}") from error


Flow = Generator[Exchange | Pause, Any, T]
Read = Callable[[Reply], T]


@dataclass(frozen=True)
class Sent:
    """What one call sends. None stands for what is left out, in ``query`` and ``json`` alike."""

    path: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, object] = field(default_factory=dict)
    json: Mapping[str, object] | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    idempotency_key: str | None = None
    is_once: bool = False


class Unset:
    """Left as it is, where None means: none."""


UNSET = Unset()


class Sync:
    """Marks what answers at once."""


class Async:
    """Marks what is awaited."""


Mode = TypeVar("Mode", Sync, Async)


class Resource(Generic[Mode]):
    """Calls about one noun. ``send`` makes a flow of an exchange with retries and errors; ``run`` carries flows out."""

    def __init__(self, send: Callable[[Exchange, str | None], Flow[Reply]], run: Callable[[Flow[Any]], Any]) -> None:
        self._send = send
        self._run = run


class Story(Generic[P, T]):
    """A method of a resource that is told as a flow: called on the sync client it answers, on the async one it is awaited."""

    def __init__(self, tell: Callable[Concatenate[Any, P], Flow[T]]) -> None:
        self._tell = tell
        functools.update_wrapper(cast("Any", self), tell)

    def flow(self, resource: Resource[Any], *args: P.args, **kwargs: P.kwargs) -> Flow[T]:
        return self._tell(resource, *args, **kwargs)

    @overload
    def __get__(self, owner: None, kind: type) -> Story[P, T]: ...
    @overload
    def __get__(self, owner: Resource[Sync], kind: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, owner: Resource[Async], kind: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, owner: Resource[Any] | None, kind: type) -> Any:
        if owner is None:
            return self

        @functools.wraps(self._tell)
        def call(*args: P.args, **kwargs: P.kwargs) -> Any:
            return owner._run(self.flow(owner, *args, **kwargs))

        return call


class Operation(Story[P, T]):
    """One endpoint: the story of one exchange."""

    def __init__(self, method: str, path: str, read: Read[T], describe: Callable[Concatenate[Any, P], Sent]) -> None:
        def tell(resource: Resource[Any], *args: P.args, **kwargs: P.kwargs) -> Flow[T]:
            sent = describe(resource, *args, **kwargs)
            reply = yield from resource._send(_exchange(method, path, sent), sent.idempotency_key)
            return read(reply)

        functools.update_wrapper(tell, describe)
        super().__init__(tell)
        self.method = method
        self.path = path


def operation(
    method: str, path: str, read: Read[T]
) -> Callable[[Callable[Concatenate[Any, P], Sent]], Operation[P, T]]:
    return lambda describe: Operation(method, path, read, describe)


class Each(Generic[P, T]):
    """All rows of a list, page after page as they are asked for."""

    def __init__(self, listing: Story[P, Page[T]]) -> None:
        self._listing = listing

    @overload
    def __get__(self, owner: None, kind: type) -> Each[P, T]: ...
    @overload
    def __get__(self, owner: Resource[Sync], kind: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, owner: Resource[Async], kind: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, owner: Resource[Any] | None, kind: type) -> Any:
        if owner is None:
            return self
        return functools.partial(self._async if inspect.iscoroutinefunction(owner._run) else self._sync, owner)

    def _sync(self, owner: Resource[Any], *args: Any, **kwargs: Any) -> Iterator[T]:
        following: dict[str, Any] | None = kwargs
        while following is not None:
            page: Page[T] = owner._run(self._listing.flow(owner, *args, **following))
            yield from page.items
            following = _following(page, kwargs)

    async def _async(self, owner: Resource[Any], *args: Any, **kwargs: Any) -> AsyncIterator[T]:
        following: dict[str, Any] | None = kwargs
        while following is not None:
            page: Page[T] = await owner._run(self._listing.flow(owner, *args, **following))
            for item in page.items:
                yield item
            following = _following(page, kwargs)


def _following(page: Page[Any], asked: dict[str, Any]) -> dict[str, Any] | None:
    """What to ask for next: behind a cursor nothing moves while others add rows, so it goes before numbers."""
    if not page.items or not page.has_more:
        return None
    if page.next_cursor is not None:
        return {**asked, "page": 1, "cursor": page.next_cursor}
    return {**asked, "page": (page.number or 1) + 1}


# How answers are read


def one(kind: type[T], at: str | None = None) -> Read[T]:
    return lambda reply: decode(kind, _at(reply, at))


def many(kind: type[T], at: str | None = "data") -> Read[list[T]]:
    return lambda reply: [decode(kind, row) for row in _at(reply, at)]


def nothing(reply: Reply) -> None:
    """Done, and nothing to tell."""


def content(reply: Reply) -> bytes:
    return reply.content


def page_of(kind: type[T]) -> Read[Page[T]]:
    """``{data, meta: {current_page, per_page, total}}``"""

    def read(reply: Reply) -> Page[T]:
        body = reply.json()
        meta = body["meta"]
        rows = [decode(kind, row) for row in body["data"]]
        return Page(rows, meta["total"], meta["current_page"], meta["per_page"])

    return read


def found(kind: type[T]) -> Read[Page[T]]:
    """``{data, total, page, limit, next_cursor}``"""

    def read(reply: Reply) -> Page[T]:
        body = reply.json()
        rows = [decode(kind, row) for row in body["data"]]
        return Page(rows, body["total"], body["page"], body["limit"], body["next_cursor"], body.get("counts"))

    return read


def _at(reply: Reply, name: str | None) -> Any:
    body = reply.json()
    if name is None:
        return body
    if not isinstance(body, dict) or name not in body:
        raise NotUnderstood(f"The server's answer has no {name}.")
    return body[name]


# How calls are written


def _exchange(method: str, path: str, sent: Sent) -> Exchange:
    url = re.sub(r"\{(\w+)\}", lambda match: _segment(str(sent.path[match[1]])), path)
    query = {name: _parameter(value) for name, value in sent.query.items() if value is not None}
    body = None if sent.json is None else {k: v for k, v in sent.json.items() if not isinstance(v, Unset)}
    return Exchange(method, url, query, json=body, form=sent.form, files=sent.files, is_once=sent.is_once)


def given(**members: object) -> dict[str, object]:
    """A body without what is None."""
    return {name: value for name, value in members.items() if value is not None}


def _parameter(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple, set, frozenset)):
        return ",".join(str(one) for one in value)
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat is not None else str(value)


def _segment(value: str) -> str:
    """Dots are escaped too where they are all there is: ``..`` would lead elsewhere."""
    return value.replace(".", "%2E") if not value.strip(".") else quote(value, safe="")
