"""The product as it runs on real infrastructure: Debian's PostgreSQL, Redis and Ceph's S3, two APIs, two workers.

    python tests/stack/stack.py tests/contract tests/docsense       (what `make test-stack` does)

runs these suites against it and ends what was started. Everything is on loopback, in a folder of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults import proxy
from fieldproof.storage.presign import S3Signer
from journey.installation import COMMAND, environment, free_port

HERE = Path(__file__).resolve().parent
APIS, WORKERS = 2, 2
BUCKET = "fieldproof"
START_S = 120
SETTINGS = "FIELDPROOF_TEST_STACK"  # where tests/conftest.py finds the running stack


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A cluster of its own; as root it belongs to Debian's user for it, since the server refuses to be root."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    data, port = folder / "postgres", free_port()
    data.mkdir()
    if os.geteuid() == 0:
        shutil.chown(data, "postgres", "postgres")
    _as_postgres(programs / "initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "-D", data)
    options = f"-h 127.0.0.1 -p {port} -k {data} -c max_connections=200"
    _as_postgres(programs / "pg_ctl", "start", "-w", "-D", data, "-l", data / "log", "-o", options)
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        _as_postgres(programs / "pg_ctl", "stop", "-w", "-m", "fast", "-D", data)


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    port = free_port()
    with process(
        "redis",
        folder,
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
    ):
        _until(lambda: subprocess.run(["redis-cli", "-p", str(port), "ping"], capture_output=True).returncode == 0)
        yield f"redis://127.0.0.1:{port}"


@contextmanager
def ceph(folder: Path) -> Iterator[dict[str, str]]:
    """The settings of a bucket in a fresh Ceph."""
    port, data = free_port(), folder / "ceph"
    try:
        subprocess.run([HERE / "ceph.sh", data, str(port), str(free_port())], check=True, timeout=START_S)
        base = f"http://127.0.0.1:{port}"
        signer = S3Signer(base, BUCKET, "us-east-1", "AKTEST", "SKTEST123")
        httpx.put(signer.url("PUT", "", 60, datetime.now(UTC)), timeout=30).raise_for_status()
        yield {
            "storage_url": f"s3://{BUCKET}", "storage_endpoint": base, "storage_allow_http": "true",
            "storage_access_key": "AKTEST", "storage_secret_key": "SKTEST123",
        }  # fmt: skip
    finally:
        for name in ("client.rgw.a", "osd.0", "mon.a"):
            _end_daemon(data / "run" / f"{name}.pid")


@contextmanager
def fieldproof(folder: Path, settings: dict[str, str]) -> Iterator[str]:
    """The address before two APIs; each new connection goes to the other one."""
    ports = [free_port() for _ in range(APIS)]
    with ExitStack() as stack:
        front = stack.enter_context(proxy.serving(*(("127.0.0.1", port) for port in ports)))
        url = settings["public_url"] = f"http://127.0.0.1:{front.port}"
        for n, port in enumerate(ports):
            command = [*COMMAND, "serve", "--no-worker", "--port", str(port), "--data-dir", str(folder / f"api{n}")]
            stack.enter_context(process(f"api{n}", folder, command, settings))
            _until(lambda: httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200)  # noqa: B023 (called at once)
        for n in range(WORKERS):
            command = [*COMMAND, "worker", "--concurrency", "1", "--data-dir", str(folder / f"worker{n}")]
            stack.enter_context(process(f"worker{n}", folder, command, settings))
        yield url


@contextmanager
def standing() -> Iterator[dict[str, str]]:
    """Its settings; ``public_url`` is where it answers."""
    with tempfile.TemporaryDirectory(prefix="fieldproof-stack-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        settings = {
            "database_url": stack.enter_context(postgres(folder)),
            "rate_limit_url": stack.enter_context(redis(folder)),
            "rate_limit_per_minute": "1000000",  # never spent, always counted
            "secret_key": "stack-" + "k" * 40, "egress_networks": "127.0.0.0/8",
            **stack.enter_context(ceph(folder)),
        }  # fmt: skip
        stack.enter_context(fieldproof(folder, settings))
        try:
            yield settings
        except BaseException:
            kept = Path(tempfile.mkdtemp(prefix="fieldproof-stack-logs-"))
            for log in sorted(folder.rglob("*.log")):
                shutil.copy(log, kept)
            print(f"What every process wrote is in {kept}", file=sys.stderr)
            raise


@contextmanager
def process(name: str, folder: Path, command: list[str], settings: dict[str, str] | None = None) -> Iterator[int]:
    ours = {f"FIELDPROOF_{key.upper()}": value for key, value in (settings or {}).items()}
    with (folder / f"{name}.log").open("wb") as log:
        started = subprocess.Popen(
            command, env=environment() | ours, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield started.pid
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(60)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait(30)


def main() -> None:
    """Raises: subprocess.CalledProcessError with the status of the tests."""
    with standing() as settings:
        with psycopg.connect(settings["database_url"]) as connection:
            version = connection.info.server_version // 10_000
        print(f"PostgreSQL {version}, Redis, Ceph's S3, {APIS} APIs and {WORKERS} workers stand.", flush=True)
        command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
        subprocess.run(command, env=os.environ | {SETTINGS: json.dumps(settings)}, timeout=3600, check=True)


def _as_postgres(program: Path, *arguments: str | Path) -> None:
    root = os.geteuid() == 0
    owner = pwd.getpwnam("postgres").pw_uid if root else None
    subprocess.run([program, *arguments], check=True, stdout=subprocess.DEVNULL, user=owner, cwd="/", timeout=START_S)


def _end_daemon(pid_file: Path) -> None:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
        pid = int(pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            os.kill(pid, 0)  # until it is no more
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)


def _until(is_ready: object) -> None:
    deadline = time.monotonic() + START_S
    while True:
        with contextlib.suppress(httpx.TransportError):
            if is_ready():  # type: ignore[operator]
                return
        assert time.monotonic() < deadline, f"not ready after {START_S} s"
        time.sleep(0.2)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:  # pytest has said why
        sys.exit(failed.returncode)
