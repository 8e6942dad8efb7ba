"""What the tests run in the sandbox."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from fieldproof.core.document import FailureCode
from fieldproof.core.errors import Invalid, NotFound, ParsingFailed


def tell(ears: str, number: int) -> None:
    """A child can write no file that others see; a socket of this machine it may speak to."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mouth:
        mouth.sendto(str(number).encode(), ears)


def echo(data: bytes) -> bytes:
    return data


def pid() -> bytes:
    return str(os.getpid()).encode()


def environment() -> bytes:
    return repr((sorted(os.environ), str(Path.cwd()), os.environ["TMPDIR"])).encode()


def descriptors() -> bytes:
    return repr(sorted(int(entry.name) for entry in Path("/proc/self/fd").iterdir())).encode()


def not_bytes() -> bytes:
    return "text"  # type: ignore[return-value]


def fails(code: str) -> bytes:
    raise ParsingFailed(FailureCode(code), "In the child.")


def refuses() -> bytes:
    raise Invalid({"a.b": ["No."]})


def misses() -> bytes:
    raise NotFound()


def raises() -> bytes:
    raise RuntimeError("something odd")


def segfaults() -> bytes:
    ctypes.string_at(0)
    return b""


def aborts() -> bytes:
    os.abort()


def eats_memory() -> bytes:
    kept = []
    while True:
        kept.append(bytearray(50_000_000))


def eats_memory_natively() -> bytes:
    """Like a C library: writes into memory until malloc says no, then aborts."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    size = 20_000_000
    while place := libc.malloc(size):
        ctypes.memset(place, 1, size)
    os.abort()


def burns() -> bytes:
    while True:
        pass


def sleeps() -> bytes:
    time.sleep(600)
    return b""


def ignores_and_sleeps(ears: str) -> bytes:
    """Starts a process of its own and ignores polite signals."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    tell(ears, child.pid)
    time.sleep(600)
    return b""


def leaves_a_process(ears: str) -> bytes:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    tell(ears, child.pid)
    return b"done"


def talks_too_much(size: int) -> bytes:
    return b"x" * size


def shouts(size: int) -> bytes:
    """Writes past the agreed result, straight into the pipe."""
    while True:
        os.write(4, b"x" * size)


def lies() -> bytes:
    os.write(4, b"\x80\x04garbage")
    os._exit(0)


def says_nothing() -> bytes:
    os._exit(0)


def fills_the_disk() -> bytes:
    with Path("big").open("wb") as stream:
        while True:
            stream.write(b"x" * 1_000_000)


def writes_a_file() -> bytes:
    Path("here").write_text("x")
    return str(Path.cwd()).encode()


def writes(path: str) -> bytes:
    """Tries each way to change something at ``path``, an existing file; what came of each."""
    place = Path(path)
    ways = {
        "write": lambda: place.write_text("x"), "append": lambda: place.open("a").close(), "remove": place.unlink,
        "truncate": lambda: os.truncate(place, 0), "make": lambda: place.with_name("made").write_text("x"),
        "folder": lambda: place.with_name("folder").mkdir(), "link": lambda: place.with_name("link").symlink_to(place),
        "hard link": lambda: os.link(place, "own"), "rename": lambda: place.rename(place.with_name("other")),
    }  # fmt: skip
    outcome = {}
    for name, way in ways.items():
        try:
            way()
            outcome[name] = "done"
        except OSError as error:
            outcome[name] = type(error).__name__
    Path("mine").write_text("x")
    Path("mine").rename("ours")
    Path("ours").unlink()
    Path(os.devnull).write_text("x")
    return json.dumps(outcome).encode()


def dials(host: str, port: int) -> bytes:
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError as error:
        return type(error).__name__.encode()
    return b"connected"


def kills_the_server() -> bytes:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
    return b""


def never_ends(*_: object) -> bytes:
    """In the place of a parser or an engine."""
    while True:
        time.sleep(600)


def tells_and_sleeps(ears: str) -> bytes:
    tell(ears, os.getpid())
    time.sleep(600)
    return b""
