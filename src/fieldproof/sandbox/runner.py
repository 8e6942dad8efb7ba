"""The caller's side: one fork server per Sandbox, any number of runs at once."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import pickle
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Self

from fieldproof.core.document import FailureCode
from fieldproof.core.errors import Cancelled, FieldproofError, ParsingFailed, Transient
from fieldproof.sandbox import failures
from fieldproof.sandbox.forkserver import ENDED, FAILURE, FRAME, MAX_MESSAGE, RESULT
from fieldproof.sandbox.limits import Limits

PREFIX = "fieldproof-run-"  # of children's own folders
_START_S = 60.0  # for the server to import what it preloads
_LOOK_S = 0.1  # how often it is asked whether the caller still wants it
_GRACE_S = 10.0  # for a killed child to be gone
_ATTEMPTS = 2


class Sandbox:
    """Runs functions in limited children. Thread-safe; start it once and share it.

    ``preload`` names what the fork server imports before it forks: "module" or "module:function".
    The functions to run must be importable under the parent's ``sys.path``.
    """

    def __init__(self, limits: Limits | None = None, *, preload: tuple[str, ...] = ()) -> None:
        self._limits = limits or Limits()
        self._preload = preload
        self._server: _Server | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    def run(
        self,
        function: Callable[..., bytes],
        *args: object,
        limits: Limits | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> bytes:
        """What ``function(*args)`` returns in a fresh child, which is killed as soon as ``is_cancelled``.

        Raises the FieldproofError the function raised, or ParsingFailed: ``timeout``, ``out_of_memory``,
        ``limit_exceeded`` (result or a written file too large), ``crashed``; Cancelled; Transient when no
        process can be started, or the sandbox was closed.
        """
        with contextlib.ExitStack() as stack:
            directory = tempfile.mkdtemp(prefix=PREFIX)
            stack.callback(shutil.rmtree, directory, ignore_errors=True)
            call = stack.enter_context(tempfile.TemporaryFile(dir=directory))
            call.write(pickle.dumps(args))
            name = f"{function.__module__}:{function.__qualname__}"
            run = _Run(name, directory, call, limits or self._limits, is_cancelled or _never)
            for _ in range(_ATTEMPTS):
                server = self._running_server()
                try:
                    return run.on(server)
                except _ServerLost:
                    self._discard(server)
        # Twice the server went down under this very run: it is the run's doing.
        raise ParsingFailed(FailureCode.CRASHED)

    @property
    def isolation(self) -> str:
        """What keeps children from the network: "namespace+seccomp", "namespace", "seccomp" or "none"."""
        return self._running_server().isolation

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def start(self) -> Self:
        """Starts the fork server now, not with the first run."""
        self._running_server()
        return self

    def close(self) -> None:
        """Ends the fork server and whatever still runs."""
        with self._lock:
            self._is_closed = True
            if self._server is not None:
                self._server.close()
            self._server = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _running_server(self) -> _Server:
        with self._lock:
            if self._is_closed:
                raise Transient("The service is stopping.")
            if self._server is not None and not self._server.is_alive():
                self._server.close()
                self._server = None
            if self._server is None:
                self._server = _Server(self._preload)
            return self._server

    def _discard(self, server: _Server) -> None:
        with self._lock:
            server.close()
            if self._server is server:
                self._server = None


def _never() -> bool:
    return False


class _ServerLost(Exception):
    """The fork server ended during a run."""


class _Server:
    def __init__(self, preload: tuple[str, ...]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._sending = threading.Lock()
        self._numbers = itertools.count(1)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-c", "from fieldproof.sandbox.forkserver import main; main()"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry), "OMP_NUM_THREADS": "1"},
                cwd="/",
                start_new_session=True,
            )
        self.isolation = self._greet(preload)

    def _greet(self, preload: tuple[str, ...]) -> str:
        self._control.send(json.dumps({"path": [entry for entry in sys.path if entry], "preload": preload}).encode())
        self._control.settimeout(_START_S)
        try:
            answer = self._control.recv(MAX_MESSAGE)
        except TimeoutError:
            answer = b""
        self._control.settimeout(None)
        if not answer:
            self.close()
            raise Transient("The sandbox could not be started.")
        return json.loads(answer)["isolation"]

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def launch(self, request: dict[str, object], descriptors: list[int]) -> int:
        """The number of the run."""
        number = next(self._numbers)
        self._send({"run": number, **request}, descriptors)
        return number

    def kill(self, number: int) -> None:
        with contextlib.suppress(_ServerLost):
            self._send({"kill": number}, [])

    def close(self) -> None:
        self._control.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, message: dict[str, object], descriptors: list[int]) -> None:
        try:
            with self._sending:
                socket.send_fds(self._control, [json.dumps(message).encode()], descriptors)
        except OSError as error:
            raise _ServerLost from error


@dataclass(slots=True)
class _Run:
    function: str
    directory: str
    call: IO[bytes]
    limits: Limits
    is_cancelled: Callable[[], bool]

    def on(self, server: _Server) -> bytes:
        self.call.seek(0)
        output, output_end = os.pipe()
        os.set_blocking(output, False)
        report, report_end = os.pipe()
        try:
            try:
                number = server.launch(self._request(), [self.call.fileno(), output_end, report_end])
            finally:
                os.close(output_end)
                os.close(report_end)
            outcome = _Watch(server, number, output, report, self.limits, self.is_cancelled).follow()
        finally:
            os.close(output)
            os.close(report)
        return _verdict(outcome, self.limits)

    def _request(self) -> dict[str, object]:
        limits = self.limits
        return {
            "function": self.function,
            "directory": self.directory,
            "memory_bytes": limits.memory_bytes,
            "cpu_s": limits.cpu_s,
            "file_bytes": limits.file_bytes,
            "output_bytes": limits.output_bytes,
            "open_files": limits.open_files,
        }


@dataclass(slots=True)
class _Outcome:
    output: bytes
    status: int  # as from wait()
    memory_bytes: int  # in use at the peak, beyond those at the start; the kernel's count
    killed_for: FailureCode | None  # CANCELLED when the caller wanted it no more


class _Watch:
    """Follows one child: collects its output, kills it when it takes too long or says too much."""

    def __init__(
        self, server: _Server, number: int, output: int, report: int, limits: Limits, is_cancelled: Callable[[], bool]
    ) -> None:
        self._server, self._number, self._limits = server, number, limits
        self._output, self._report, self._is_cancelled = output, report, is_cancelled
        self._parts: list[bytes] = []
        self._size = 0
        self._killed_for: FailureCode | None = None

    def follow(self) -> _Outcome:
        deadline = time.monotonic() + self._limits.wall_s
        poller = select.poll()
        poller.register(self._report, select.POLLIN)
        poller.register(self._output, select.POLLIN)
        while True:
            for descriptor, _ in poller.poll(_LOOK_S * 1000):
                if descriptor == self._output:
                    if not self._collect():
                        poller.unregister(self._output)
                else:
                    status, memory_bytes = self._end()
                    while self._collect():  # all that was written before the end
                        pass
                    return _Outcome(b"".join(self._parts), status, memory_bytes, self._killed_for)
            if self._killed_for is not FailureCode.CANCELLED and self._is_cancelled():
                self._kill(FailureCode.CANCELLED)
                deadline = time.monotonic() + _GRACE_S
            if time.monotonic() > deadline:
                if self._killed_for in (
                    FailureCode.TIMEOUT,
                    FailureCode.CANCELLED,
                ):  # the server itself does not answer
                    raise _ServerLost
                self._kill(FailureCode.TIMEOUT)
                deadline = time.monotonic() + _GRACE_S

    def _collect(self) -> bool:
        """Whether there may be more."""
        try:
            part = os.read(self._output, 1 << 20)
        except BlockingIOError:
            return False
        self._size += len(part)
        if self._size > self._limits.output_bytes + FRAME.size:
            if self._killed_for is None:
                self._kill(FailureCode.LIMIT_EXCEEDED)
            self._parts.clear()
        else:
            self._parts.append(part)
        return bool(part)

    def _end(self) -> tuple[int, int]:
        """The child's wait status and the memory it took."""
        message = os.read(self._report, ENDED.size)
        if len(message) != ENDED.size:
            raise _ServerLost
        status, memory_bytes = ENDED.unpack(message)
        return status, memory_bytes

    def _kill(self, reason: FailureCode) -> None:
        self._killed_for = reason
        self._server.kill(self._number)


_OUT_OF_TIME = (signal.SIGXCPU,)
# An allocation that fails makes native code abort; how near it was to the limit tells that from other crashes. The
# one that failed is not counted, so what doubles its buffer ends at half.
_MEMORY_SHARE = 0.5


def _verdict(outcome: _Outcome, limits: Limits) -> bytes:
    if outcome.killed_for is FailureCode.CANCELLED:
        raise Cancelled
    if outcome.killed_for is not None:
        raise ParsingFailed(outcome.killed_for)
    if os.WIFSIGNALED(outcome.status):
        raise ParsingFailed(_code_of_signal(os.WTERMSIG(outcome.status), outcome.memory_bytes / limits.memory_bytes))
    output = outcome.output
    if len(output) < FRAME.size:
        raise ParsingFailed(FailureCode.CRASHED)
    kind, size = FRAME.unpack_from(output)
    payload = output[FRAME.size :]
    if size != len(payload) or kind not in (RESULT, FAILURE):
        raise ParsingFailed(FailureCode.CRASHED)
    if kind == FAILURE:
        raise _failure(payload)
    return payload


def _code_of_signal(number: int, memory_share: float) -> FailureCode:
    if number in _OUT_OF_TIME:
        return FailureCode.TIMEOUT
    if number == signal.SIGXFSZ:
        return FailureCode.LIMIT_EXCEEDED
    if number == signal.SIGKILL or memory_share > _MEMORY_SHARE:
        return FailureCode.OUT_OF_MEMORY  # the kernel's own choice, or an allocation that failed
    return FailureCode.CRASHED


def _failure(payload: bytes) -> FieldproofError:
    return failures.load(payload)
