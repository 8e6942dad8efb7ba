"""One real installation per test process: embedded PostgreSQL, files in a folder, a worker, HTTP on loopback."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from socketserver import BaseServer
from typing import Any, TypeVar

import anyio

from fieldproof.cli.serving import http_server, listening
from fieldproof.core.actor import Actor, Role
from fieldproof.db.models import Member, User, Workspace
from fieldproof.services import tokens, users, workspaces
from fieldproof.settings import Settings
from fieldproof.wiring import App, build
from fieldproof.worker import Runner

PASSWORD = "correct horse battery staple"
R = TypeVar("R")
S = TypeVar("S", bound=BaseServer)
_serial = count(1)


def in_own_loop(story: Callable[..., Awaitable[R]], *arguments: Any) -> R:
    """Runs a coroutine function apart: the browser tests of this process have a loop running in the main thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, story, *arguments).result()


@contextmanager
def database_folder() -> Iterator[Path]:
    """For an embedded database. Not below pytest's own folder, which no other user may enter: as root, PostgreSQL is one.

    (Another pytest that starts meanwhile closes that folder, whoever was let in.)
    """
    with tempfile.TemporaryDirectory(prefix="fieldproof-tests-") as folder:
        yield Path(folder)


@contextmanager
def in_background(server: S) -> Iterator[S]:
    """A small server of a test, answering in a thread of its own until the end."""
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@dataclass
class Person:
    installation: Installation = field(repr=False)
    id: int
    email: str
    name: str

    @property
    def actor(self) -> Actor:
        """As the dashboard knows this person."""
        return Actor(user_id=self.id, name=self.name, email=self.email)

    def token(self, abilities: list[str] | None = None, **options: Any) -> str:
        with self.installation.parts.work(self.actor) as work:
            return tokens.add_token(work, work.db.get_one(User, self.id), "Test", abilities=abilities, **options)[1]

    def key(self) -> str:
        """An x-api-key."""
        return self.token(kind="key")


@dataclass
class Installation:
    """The running server, and a way round its doors for arranging people and workspaces."""

    url: str
    parts: App

    def user(self, email: str | None = None, name: str | None = None, password: str | None = None) -> Person:
        """Without ``password`` the person cannot sign in, which saves the time of a hash."""
        number = next(_serial)
        email = email or f"person{number}.{os.getpid()}@example.org"  # several test processes may share a stack
        with self.parts.work() as work:
            user = users.add_user(work, email, name or f"Person {number}", password)
            return Person(self, user.id, user.email, user.name)

    def workspace(self, owner: Any, name: str = "Workspace") -> int:
        with self.parts.work(owner.actor) as work:
            return workspaces.add_workspace(work, name).id

    def member(self, workspace_id: int, person: Any, role: str) -> None:
        with self.parts.work() as work:
            workspace = work.db.get_one(Workspace, workspace_id)
            work.db.add(Member(workspace_id=workspace.id, user_id=person.id, role=Role(role), created_at=work.now))


def serving(settings: Settings, *, has_worker: bool = True) -> Iterator[Installation]:
    """A whole installation in this process, until the generator is closed."""
    with listening("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        parts = build(settings, public_url=url)
        runner = Runner(parts)
        http = http_server(parts)
        thread = threading.Thread(target=http.run, kwargs={"sockets": [listener]}, daemon=True)
        try:
            if has_worker:
                runner.start()
            thread.start()
            while not http.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.01)
            yield Installation(url, parts)
        finally:
            http.should_exit = True
            thread.join(20)
            runner.stop()
            parts.close()


def joined(settings: Settings) -> Iterator[Installation]:
    """An installation that runs elsewhere, over its database and store."""
    assert settings.public_url is not None
    parts = build(settings)
    try:
        yield Installation(settings.public_url, parts)
    finally:
        parts.close()
