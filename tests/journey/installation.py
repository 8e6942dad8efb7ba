"""One installation in a folder of its own, driven as a stranger would: the command line and HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from faults import twice

T = TypeVar("T")

PATIENCE_S = 300  # a restart and fifty extractions on a machine that is busy with other things
TESTS = Path(__file__).resolve().parents[1]
COMMAND = (
    (sys.executable, "-m", "faults.twice") if twice.how() else (str(Path(sys.executable).with_name("fieldproof")),)
)


@dataclass
class Installation:
    data_dir: Path
    port: int
    serving: subprocess.Popen[bytes] | None = None
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, timeout=60)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str | Path, settings: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return run(*arguments, "--data-dir", self.data_dir, settings=settings)

    def start(self, settings: dict[str, str] | None = None) -> None:
        """Start ``serve`` and wait until it is ready."""
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        with (self.data_dir.parent / "serve.log").open("ab") as log:
            self.serving = subprocess.Popen(
                [*COMMAND, "serve", "--port", str(self.port), "--data-dir", str(self.data_dir)],
                env=environment() | (settings or {}), stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        until(self._is_ready, bool)

    def kill(self) -> None:
        """SIGKILL to ``serve`` alone; whatever it started is left to itself."""
        assert self.serving is not None
        self.serving.send_signal(signal.SIGKILL)
        self.serving.wait(30)

    def stop(self) -> int:
        """Ctrl-C; the exit status."""
        assert self.serving is not None
        self.serving.send_signal(signal.SIGINT)
        return self.serving.wait(60)

    def close(self) -> None:
        self.client.close()
        if self.serving is not None and self.serving.poll() is None:
            self.serving.send_signal(signal.SIGINT)
            try:
                self.serving.wait(60)
            except subprocess.TimeoutExpired:
                self.serving.kill()
                self.serving.wait(30)

    def request(self, method: str, path: str, token: str, body: Any = None) -> Any:
        answer = self.client.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def upload(self, token: str, content: bytes) -> str:
        signed = self.request("POST", "/vapor/signed-storage-url", token, {})
        assert self.client.put(signed["url"], content=content, headers=signed["headers"]).status_code == 200
        return signed["key"]

    def log(self) -> str:
        return (self.data_dir.parent / "serve.log").read_text("utf-8", "replace")

    def _is_ready(self) -> bool:
        assert self.serving is not None
        assert self.serving.poll() is None, f"serve ended: {self.log()[-4000:]}"
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def own_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fieldproof-journey-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    installation = Installation(folder / "data", free_port())
    try:
        yield installation
    finally:
        installation.close()


def run(*arguments: str | Path, settings: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *(str(a) for a in arguments)],
        env=environment() | (settings or {}), capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, f"{done.args}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def json_of(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(succeeded(done))


def environment() -> dict[str, str]:
    """Ours, without any FIELDPROOF_* setting that the surroundings may have."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FIELDPROOF_")}
    if asked := twice.how():
        kept |= {twice.ASKED: asked, **our_modules()}
    return kept | {"FIELDPROOF_RATE_LIMIT_PER_MINUTE": "0", "OMP_NUM_THREADS": "1"}


def our_modules() -> dict[str, str]:
    """For ``python -m faults.…``, which is fieldproof with something wrong about it."""
    return {"PYTHONPATH": os.pathsep.join((str(TESTS), os.environ.get("PYTHONPATH", "")))}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(read: Callable[[], T], is_done: Callable[[T], bool]) -> T:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        value = read()
        if is_done(value):
            return value
        assert time.monotonic() < deadline, f"still not done after {PATIENCE_S} s: {value}"
        time.sleep(0.2)
