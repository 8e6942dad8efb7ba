"""``serve`` and ``worker``: the processes that stay."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from typing import Annotated, Any

import structlog
import typer
import uvicorn
from prometheus_client import start_http_server

from fieldproof import logs, metrics, tracing
from fieldproof.cli.parts import DataDir, settings_with
from fieldproof.core.errors import Transient
from fieldproof.jobs import QUEUES
from fieldproof.server import create_app
from fieldproof.services import setup
from fieldproof.wiring import App, build
from fieldproof.worker import Runner

log = structlog.get_logger()


def add_to(app: typer.Typer) -> None:
    app.command("serve")(serve)
    app.command("worker")(worker)


def exit_when_terminated() -> None:
    """As Ctrl-C: what has to be closed is closed. (uvicorn raises the signal once more when it has answered everybody.)"""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks one.", show_default="8000")] = None,
    data_dir: DataDir = None,
    has_worker: Annotated[
        bool | None, typer.Option("--worker/--no-worker", help="Whether this process also works on jobs.")
    ] = None,
) -> None:
    """Serves the APIs and the dashboard, with a worker in the same process."""
    settings = settings_with(host=host, port=port, data_dir=data_dir, worker_is_embedded=has_worker)
    logs.configure(settings)
    tracing.configure(settings)
    exit_when_terminated()
    with listening(settings.host, settings.port) as listener:
        address = f"http://{_shown(settings.host)}:{listener.getsockname()[1]}"
        parts = build(settings, public_url=settings.public_url or address)
        runner = Runner(parts) if settings.worker_is_embedded else None
        try:
            server = http_server(parts)
            if runner is not None:  # only now: they would take the processor from the first answer
                threading.Thread(target=_warm_up, args=(parts,), daemon=True).start()
                runner.start()
            _announce(parts, address)
            server.run(sockets=[listener])
        finally:
            if runner is not None:
                runner.stop()
            parts.close()
            tracing.finish()


def worker(
    queues: Annotated[str, typer.Option(help="Comma-separated queues to take jobs from.")] = ",".join(QUEUES),
    concurrency: Annotated[int | None, typer.Option(min=1, help="Jobs at once.", show_default="2")] = None,
    data_dir: DataDir = None,
) -> None:
    """Works on jobs, without serving. Run as many as you like, on any machine."""
    wanted = [q.strip() for q in queues.split(",") if q.strip()]
    unknown = sorted(set(wanted) - set(QUEUES))
    if unknown or not wanted:
        raise typer.BadParameter(f"Unknown queue: {', '.join(unknown)}. There are {', '.join(QUEUES)}.")
    settings = settings_with(data_dir=data_dir)
    logs.configure(settings)
    tracing.configure(settings)
    parts = build(settings)
    runner = Runner(parts, queues=wanted, concurrency=concurrency)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        parts.sandbox.start()
        runner.start()
        if settings.metrics_port is not None:
            start_http_server(settings.metrics_port, settings.host, metrics.registry)
        print(f"Working on {', '.join(wanted)}. Ctrl-C stops.", file=sys.stderr, flush=True)
        stopped.wait()
    finally:
        runner.stop()
        parts.close()
        tracing.finish()


def listening(host: str, port: int) -> socket.socket:
    """Bound before anything else starts, so that a taken port costs nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise OSError(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another --port.") from error
    return listener


def http_server(parts: App) -> uvicorn.Server:
    options: dict[str, Any] = {
        "log_config": None, "access_log": False, "server_header": False, "http": "h11", "proxy_headers": False, "lifespan": "off",
        "timeout_graceful_shutdown": 5, "h11_max_incomplete_event_size": 64 * 1024, "timeout_keep_alive": 30,
    }  # fmt: skip
    return uvicorn.Server(uvicorn.Config(create_app(parts), **options))


def _warm_up(parts: App) -> None:
    """What a job would otherwise wait for: the fork server loads all that reads documents."""
    try:
        parts.sandbox.start()
    except Transient as error:
        log.warning("the sandbox does not start; each job will try", error=error.message)


def _announce(parts: App, address: str) -> None:
    print(f"Fieldproof is running at {address} (Ctrl-C stops).", file=sys.stderr, flush=True)
    with parts.work() as work:
        code = setup.setup_code(work)
    if code is not None:
        print(
            f"Nobody has an account yet. Open {address}/setup; the set-up code is {code}", file=sys.stderr, flush=True
        )


def _shown(host: str) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (what a browser can open instead)
    return f"[{host}]" if ":" in host else host
