"""A TCP proxy of our own that breaks on demand what passes through it. Loopback only; ``serving`` ends with its block.

Modes: ``ok``; ``down`` (nobody listens); ``blackhole`` (bytes vanish, and connections that lost some stay silent for
ever, also after the fault); ``latency`` (each piece is late); ``reset``; ``truncated`` (answers end in the middle);
``corrupt`` (answers are altered).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

MODES = ("down", "blackhole", "latency", "reset", "truncated", "corrupt")
# In `make test` those that differ most; all of them with FIELDPROOF_FAULTS=long.
SHORT = MODES if os.environ.get("FIELDPROOF_FAULTS") == "long" else ("blackhole", "truncated")
LATENCY_S = 1.5  # each way
CUT_AFTER = 20  # bytes of an answer, when it is truncated
CORRUPT_EVERY = 7  # bytes

Target = Path | tuple[str, int]  # a socket in the file system, or host and port


@dataclass(eq=False)
class _Passage:
    """One client's connection and ours behind it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    is_lost: bool = False
    answered: int = 0  # bytes since the fault began


@dataclass
class Proxy:
    targets: Sequence[Target]
    port: int = 0
    mode: str = "ok"
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _listener: asyncio.Server | None = None
    _passages: set[_Passage] = field(default_factory=set)
    _turns: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def fault(self, mode: str) -> Iterator[None]:
        self._call(self._change(mode))
        try:
            yield
        finally:
            self._call(self._change("ok"))

    def _call(self, coroutine: object) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)  # type: ignore[arg-type]

    async def _change(self, mode: str) -> None:
        self.mode = mode
        for passage in list(self._passages):
            passage.answered = 0
            if mode in ("down", "reset"):
                _reset(passage.client)
        if mode == "down" and self._listener is not None:
            self._listener.close()
            self._listener = None
        elif self._listener is None:
            await self._listen()

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._pass, "127.0.0.1", self.port, reuse_address=True)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        here = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not here]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "reset":
            _reset(writer)
            return
        target = self.targets[next(self._turns) % len(self.targets)]
        try:
            if isinstance(target, Path):
                behind, server = await asyncio.open_unix_connection(str(target))
            else:
                behind, server = await asyncio.open_connection(*target)
        except OSError:
            _reset(writer)
            return
        passage = _Passage(writer, server)
        self._passages.add(passage)
        with contextlib.suppress(asyncio.CancelledError):  # when the proxy ends
            await self._both_ways(passage, reader, behind)
        self._passages.discard(passage)
        server.close()
        writer.close()

    async def _both_ways(self, passage: _Passage, reader: asyncio.StreamReader, behind: asyncio.StreamReader) -> None:
        forth = asyncio.create_task(self._carry(passage, reader, passage.server, is_answer=False))
        back = asyncio.create_task(self._carry(passage, behind, passage.client, is_answer=True))
        try:
            await asyncio.wait((forth, back), return_when=asyncio.FIRST_COMPLETED)
            if forth.done():
                await asyncio.wait((back,), timeout=5)
        finally:
            forth.cancel()
            back.cancel()
            await asyncio.gather(forth, back, return_exceptions=True)

    async def _carry(
        self, passage: _Passage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(65_536):
                if self.mode == "blackhole" or passage.is_lost:
                    passage.is_lost = True
                    continue
                if self.mode == "latency":
                    await asyncio.sleep(LATENCY_S)
                if is_answer and self.mode == "corrupt":
                    piece = bytes(b ^ 0x55 if n % CORRUPT_EVERY == 3 else b for n, b in enumerate(piece))
                if is_answer and self.mode == "truncated":
                    piece = piece[: max(0, CUT_AFTER - passage.answered)]
                    passage.answered += len(piece)
                writer.write(piece)
                await writer.drain()
                if is_answer and self.mode == "truncated" and passage.answered >= CUT_AFTER:
                    return
            if not is_answer and not passage.is_lost and writer.can_write_eof():
                writer.write_eof()


@contextmanager
def serving(*targets: Target) -> Iterator[Proxy]:
    """One address; with several targets behind it each new connection goes to the next."""
    proxy = Proxy(targets)
    thread = threading.Thread(target=proxy._loop.run_forever, name="proxy", daemon=True)
    thread.start()
    proxy._call(proxy._listen())
    try:
        yield proxy
    finally:
        proxy._call(proxy._close())
        proxy._loop.call_soon_threadsafe(proxy._loop.stop)
        thread.join(10)
        proxy._loop.close()


def postgres_socket(url: str) -> Path:
    """Where the embedded server of this address listens."""
    return Path(url.partition("host=")[2].partition("&")[0]) / ".s.PGSQL.5432"


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection as a crashed machine or a firewall does."""
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
