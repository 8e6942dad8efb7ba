"""The fork server: a clean process that has imported everything heavy and forks one child per run.

It reads requests from a socket (its standard input), each with three file descriptors: the pickled call,
the pipe for the child's result, and the pipe on which the server itself reports how the child ended.
When the socket closes, because the parent ended in whatever way, it kills all children.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pickle
import resource
import select
import signal
import socket
import struct
import sys
from dataclasses import dataclass
from typing import Any, NoReturn

from fieldproof.sandbox import failures, isolation

RESULT, FAILURE = b"R", b"E"
FRAME = struct.Struct("<cQ")  # kind and size of what follows
ENDED = struct.Struct("<iq")  # wait status, bytes of memory in use at the peak beyond those at the start
MAX_MESSAGE = 65_536


@dataclass(slots=True)
class _Child:
    run: int
    pid: int
    report: int  # file descriptor
    resident: int  # bytes in use at the start


def main() -> None:
    control = socket.socket(fileno=os.dup(0))
    hello = json.loads(control.recv(MAX_MESSAGE))
    sys.path[:] = hello["path"]
    for entry in hello["preload"]:
        _preload(entry)
    state = {"isolation": isolation.isolate()}
    gc.collect()
    gc.freeze()  # children then share these objects' pages
    with contextlib.suppress(BrokenPipeError):  # the parent ended in the meantime
        control.send(json.dumps(state).encode())
        _serve(control)


def _preload(entry: str) -> None:
    """``module`` is imported; ``module:function`` is imported and the function called."""
    module, _, function = entry.partition(":")
    loaded = importlib.import_module(module)
    if function:
        getattr(loaded, function)()


def _serve(control: socket.socket) -> None:
    wake, alarm = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the parent to act on
    children: dict[int, _Child] = {}
    while True:
        ready, _, _ = select.select([control, wake], [], [])
        if wake in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(wake, 4096)
            _reap(children)
        if control in ready:
            message, descriptors, _, _ = socket.recv_fds(control, MAX_MESSAGE, 3)
            if not message:
                break
            _obey(json.loads(message), descriptors, children)
    for child in children.values():
        _kill_group(child.pid)


def _obey(request: dict[str, Any], descriptors: list[int], children: dict[int, _Child]) -> None:
    if "kill" in request:
        for child in children.values():
            if child.run == request["kill"]:
                _kill_group(child.pid)
        return
    call, result, report = descriptors
    resident = _in_bytes(_RESIDENT)
    try:
        pid = os.fork()
    except OSError:
        os.close(report)  # the parent sees the end without a word and tries again
        report = -1
        pid = -1
    if pid == 0:
        _be_child(request, call, result)
    os.close(call)
    os.close(result)
    if pid > 0:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)  # the child does the same; whoever comes first
        children[pid] = _Child(request["run"], pid, report, resident)


def _reap(children: dict[int, _Child]) -> None:
    for child in list(children.values()):
        try:
            ended = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            ended = None
        if ended is None:
            continue
        _kill_group(child.pid)  # what it left behind; still safe, its pid is not free yet
        _, status, usage = os.wait4(child.pid, 0)
        _report(child.report, ENDED.pack(status, usage.ru_maxrss * 1024 - child.resident))
        os.close(child.report)
        del children[child.pid]


_MAPPED, _RESIDENT = 0, 1  # of /proc/self/statm


def _in_bytes(column: int) -> int:
    """How much memory this process has."""
    with open("/proc/self/statm") as statm:  # noqa: PTH123  (one read on the hot path)
        return int(statm.read().split()[column]) * resource.getpagesize()


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _report(descriptor: int, data: bytes) -> None:
    with contextlib.suppress(OSError):  # the parent may have given up on this run
        os.write(descriptor, data)


# --- in the child --------------------------------------------------------------------------------


def _be_child(request: dict[str, Any], call: int, result: int) -> NoReturn:
    """Everything is taken away first, then the function runs; this never returns to the server's loop."""
    gc.disable()  # the process ends with its call: nothing of it needs to be given back
    try:
        result = _shed(request, call, result)
        try:
            output = _checked(_run(request["function"]), request["output_bytes"])
            kind = RESULT
        except BaseException as error:
            kind, output = FAILURE, failures.dump(error)
        _write(result, FRAME.pack(kind, len(output)) + output)
    finally:
        os._exit(0)


_CALL, _RESULT = 3, 4


def _shed(request: dict[str, Any], call: int, result: int) -> int:
    """Own process group, no inherited descriptors but two, empty environment, own directory, limits."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    isolation.die_with_parent()
    with contextlib.suppress(PermissionError):
        os.setsid()
    call, result = os.dup2(call, 1_000), os.dup2(result, 1_001)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.dup2(call, _CALL, inheritable=False)
    os.dup2(result, _RESULT, inheritable=False)
    os.closerange(5, 1_024)
    os.chdir(request["directory"])
    os.environ.clear()
    os.environ |= {"HOME": request["directory"], "TMPDIR": request["directory"], "PATH": "/usr/bin:/bin"}
    import tempfile  # its cached answer belongs to the server

    tempfile.tempdir = request["directory"]
    isolation.keep_to(request["directory"])
    _limit(request)
    return _RESULT


def _limit(request: dict[str, Any]) -> None:
    _set_limit(resource.RLIMIT_AS, _in_bytes(_MAPPED) + request["memory_bytes"])
    _set_limit(resource.RLIMIT_FSIZE, request["file_bytes"])
    _set_limit(resource.RLIMIT_NOFILE, request["open_files"])
    _set_limit(resource.RLIMIT_CORE, 0)
    # The soft limit's signal tells that it was the processor time; the hard one is for who ignores it.
    _set_limit(resource.RLIMIT_CPU, request["cpu_s"], request["cpu_s"] + 2)


def _set_limit(which: int, soft: int, hard: int | None = None) -> None:
    _, ceiling = resource.getrlimit(which)
    hard = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(which, (soft, hard))


def _run(name: str) -> Any:
    """The call comes from the parent, so it may be unpickled here; never the other way round."""
    with os.fdopen(_CALL, "rb") as stream:
        arguments = pickle.load(stream)  # noqa: S301
    module, _, qualified = name.partition(":")
    function: Any = importlib.import_module(module)
    for part in qualified.split("."):
        function = getattr(function, part)
    return function(*arguments)


def _checked(output: Any, limit: int) -> bytes:
    if not isinstance(output, bytes):
        raise TypeError(f"a sandboxed function returns bytes, not {type(output).__name__}")
    if len(output) > limit:
        from fieldproof.core.document import FailureCode
        from fieldproof.core.errors import ParsingFailed

        raise ParsingFailed(FailureCode.LIMIT_EXCEEDED)
    return output


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
