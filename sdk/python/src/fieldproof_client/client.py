"""The two clients: the same calls, answered or awaited."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar

import httpx

from fieldproof_client.calls import Async, Exchange, Flow, Mode, Pause, Reply, Resource, Story, Sync
from fieldproof_client.errors import ExtractionFailed
from fieldproof_client.files import PIECE_BYTES, File, FileLike, file_of
from fieldproof_client.models import Extraction, Fields, Template
from fieldproof_client.resources.account import Account, Tokens
from fieldproof_client.resources.docsense import DocSense
from fieldproof_client.resources.documents import Documents, Uploads, Values
from fieldproof_client.resources.results import PATIENCE_S, Results, Reviews
from fieldproof_client.resources.sessions import Batches, Sessions
from fieldproof_client.resources.templates import Templates
from fieldproof_client.resources.webhooks import Webhooks
from fieldproof_client.resources.workspaces import Invites, Members, Tags, Workspaces
from fieldproof_client.sending import Connection

T = TypeVar("T")
LOCAL = "http://127.0.0.1:8000"
RETRIES = 5
TIMEOUT_S = 120.0


class Surface(Resource[Mode]):
    """Everything that can be asked, by noun."""

    def __init__(self, connection: Connection, run: Callable[[Flow[Any]], Any]) -> None:
        super().__init__(connection.send, run)
        self.account: Account[Mode] = Account(connection.send, run)
        self.tokens: Tokens[Mode] = Tokens(connection.send, run)
        self.workspaces: Workspaces[Mode] = Workspaces(connection.send, run)
        self.members: Members[Mode] = Members(connection.send, run)
        self.invites: Invites[Mode] = Invites(connection.send, run)
        self.templates: Templates[Mode] = Templates(connection.send, run)
        self.uploads: Uploads[Mode] = Uploads(connection.send, run)
        self.documents: Documents[Mode] = Documents(connection.send, run)
        self.tags: Tags[Mode] = Tags(connection.send, run)
        self.sessions: Sessions[Mode] = Sessions(connection.send, run)
        self.batches: Batches[Mode] = Batches(connection.send, run)
        self.results: Results[Mode] = Results(connection.send, run)
        self.reviews: Reviews[Mode] = Reviews(connection.send, run)
        self.values: Values[Mode] = Values(connection.send, run)
        self.webhooks: Webhooks[Mode] = Webhooks(connection.send, run)
        self.docsense: DocSense[Mode] = DocSense(connection.send, run)

    @Story
    def extract(
        self: Resource[Mode],
        files: FileLike | Sequence[FileLike],
        template: str | Template,
        *,
        name: str | None = None,
        timeout_s: float = PATIENCE_S,
        idempotency_key: str | None = None,
    ) -> Flow[Extraction]:
        """Uploads one file, or several that belong together, runs the template over them, waits, and gives the values.

        With an ``idempotency_key`` the same call again, within a day, continues the run that the first one started.
        Raises: ExtractionFailed, StillRunning.
        """
        template_id = template.id if isinstance(template, Template) else template
        given = [files] if isinstance(files, (str, bytes)) or not isinstance(files, Sequence) else [*files]
        key = (lambda step: f"{idempotency_key}:{step}") if idempotency_key is not None else (lambda _: None)
        name = name or file_of(given[0]).name
        session = yield from Sessions.create.flow(self, template_id, name, idempotency_key=key("session"))
        if idempotency_key is not None:  # the answer that was kept shows the session as it was made, without documents
            session = yield from Sessions.get.flow(self, session.id)
        if not session.documents:
            keys: list[str] = []
            for one in given:
                keys.append((yield from Uploads.send.flow(self, one)))
            yield from Sessions.add_uploads.flow(self, session.id, keys)
        run = yield from Results.run.flow(self, session.id, idempotency_key=key("run"))
        return (yield from Surface.finished.flow(self, run.id, timeout_s=timeout_s))

    @Story
    def finished(self: Resource[Mode], result_id: str, *, timeout_s: float = PATIENCE_S) -> Flow[Extraction]:
        """Waits for a run and gives its values. Raises: ExtractionFailed, StillRunning."""
        result = yield from Results.wait.flow(self, result_id, timeout_s=timeout_s)
        if result.status == "failed":
            raise ExtractionFailed(result)
        review = yield from Reviews.get.flow(self, result_id)
        return Extraction(result, Fields(review.values))


class Client(Surface[Sync]):
    """``url``, ``token`` and ``api_key`` default to FIELDPROOF_URL, FIELDPROOF_TOKEN and FIELDPROOF_API_KEY.

    ``token`` is for everything but the DocSense surface, ``api_key`` for that one. ``http`` is closed by whoever made it;
    ``pause`` waits for seconds between tries.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        api_key: str | None = None,
        timeout_s: float = TIMEOUT_S,
        retries: int = RETRIES,
        http: httpx.Client | None = None,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._http = http or httpx.Client(timeout=timeout_s)
        self._pause = pause
        self._is_own = http is None
        super().__init__(_connection(url, token, api_key, retries), self._carry_out)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._is_own:
            self._http.close()

    def _carry_out(self, flow: Flow[T]) -> T:
        try:
            step = next(flow)
            while True:
                try:
                    outcome = self._pause(step.seconds) if isinstance(step, Pause) else self._exchanged(step)
                except httpx.TransportError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(outcome)
        except StopIteration as end:
            return end.value

    def _exchanged(self, step: Exchange) -> Reply:
        with ExitStack() as stack:
            options = _options(step, stack)
            if step.content is not None:
                options["content"] = _pieces(step.content)
            with self._http.stream(step.method, step.url, **options) as answer:
                if step.into is None or not answer.is_success:
                    return Reply(answer.status_code, answer.headers, answer.read())
                with step.into.open("wb") as file:
                    for piece in answer.iter_bytes(PIECE_BYTES):
                        file.write(piece)
                return Reply(answer.status_code, answer.headers, b"")


class AsyncClient(Surface[Async]):
    """As ``Client``, with every call awaited, on asyncio."""

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        api_key: str | None = None,
        timeout_s: float = TIMEOUT_S,
        retries: int = RETRIES,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._http = http or httpx.AsyncClient(timeout=timeout_s)
        self._is_own = http is None
        super().__init__(_connection(url, token, api_key, retries), self._carry_out)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        if self._is_own:
            await self._http.aclose()

    async def _carry_out(self, flow: Flow[T]) -> T:
        try:
            step = next(flow)
            while True:
                try:
                    outcome = await (asyncio.sleep(step.seconds) if isinstance(step, Pause) else self._exchanged(step))
                except httpx.TransportError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(outcome)
        except StopIteration as end:
            return end.value

    async def _exchanged(self, step: Exchange) -> Reply:
        with ExitStack() as stack:
            options = _options(step, stack)
            if step.content is not None:
                options["content"] = _async_pieces(step.content)
            async with self._http.stream(step.method, step.url, **options) as answer:
                if step.into is None or not answer.is_success:
                    return Reply(answer.status_code, answer.headers, await answer.aread())
                with step.into.open("wb") as file:
                    async for piece in answer.aiter_bytes(PIECE_BYTES):
                        await asyncio.to_thread(file.write, piece)
                return Reply(answer.status_code, answer.headers, b"")


def _connection(url: str | None, token: str | None, api_key: str | None, retries: int) -> Connection:
    url = url or os.environ.get("FIELDPROOF_URL") or LOCAL
    token = token or os.environ.get("FIELDPROOF_TOKEN")
    api_key = api_key or os.environ.get("FIELDPROOF_API_KEY")
    return Connection(url.rstrip("/"), token, api_key, retries)


def _options(step: Exchange, stack: ExitStack) -> dict[str, Any]:
    """What both clients hand to httpx; opened files are closed with ``stack``."""
    options: dict[str, Any] = {"headers": dict(step.headers)}
    if step.query:
        options["params"] = step.query
    if step.json is not None:
        options["json"] = step.json
    if step.files:
        options["data"] = step.form
        options["files"] = [
            ("files[]", (file.name, stack.enter_context(file.opened()), file.media_type)) for file in step.files
        ]
    if step.content is not None and step.content.size_bytes is not None:
        options["headers"]["Content-Length"] = str(step.content.size_bytes)  # object stores take no chunks
    return options


def _pieces(file: File) -> Iterator[bytes]:
    with file.opened() as stream:
        while piece := stream.read(PIECE_BYTES):
            yield piece


async def _async_pieces(file: File) -> AsyncIterator[bytes]:
    with file.opened() as stream:
        while piece := await asyncio.to_thread(stream.read, PIECE_BYTES):
            yield piece
