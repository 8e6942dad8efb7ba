"""The parts of a running Fieldproof, built once and handed down."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session as Db

from fieldproof.core import clock
from fieldproof.core.actor import MACHINE, Actor
from fieldproof.core.signing import Signer
from fieldproof.db.embedded import EmbeddedPostgres
from fieldproof.db.engine import connect, migrate
from fieldproof.db.replica import Replica
from fieldproof.extraction.child import PRELOAD as EXTRACTION
from fieldproof.jobs import Jobs
from fieldproof.parsing.child import PRELOAD as PARSING
from fieldproof.sandbox import Sandbox
from fieldproof.services.work import Work
from fieldproof.settings import Settings
from fieldproof.storage import Access, Store, kind_of, open_store


@dataclass
class App:
    """Everything a face or a worker needs. ``close`` gives all of it back."""

    settings: Settings
    database_url: str
    engine: sa.Engine
    store: Store
    jobs: Jobs
    signer: Signer
    sandbox: Sandbox
    public_url: str
    embedded: EmbeddedPostgres | None = None
    replica: Replica | None = None

    @contextmanager
    def work(self, actor: Actor = MACHINE) -> Iterator[Work]:
        """One transaction: committed when the block ends well, rolled back otherwise."""
        with Db(self.engine, expire_on_commit=False) as db:
            yield self._work(db, actor)
            db.commit()

    def open_work(self, actor: Actor = MACHINE, *, is_reading: bool = False) -> Work:
        """For the edge, which commits by itself. ``is_reading``: lists may come from the replica."""
        work = self._work(Db(self.engine, expire_on_commit=False), actor)
        work.replica = self.replica if is_reading else None
        return work

    def close(self) -> None:
        self.sandbox.close()
        self.engine.dispose()
        if self.replica is not None:
            self.replica.close()
        if self.embedded is not None:
            self.embedded.close()

    def _work(self, db: Db, actor: Actor) -> Work:
        return Work(
            db=db, actor=actor, now=clock.now(), store=self.store, jobs=self.jobs, settings=self.settings,
            signer=self.signer, public_url=self.public_url,
        )  # fmt: skip


def build(settings: Settings, *, public_url: str | None = None) -> App:
    """Starts the database when it is ours, brings its tables up to date, opens the store."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    embedded, url = None, settings.database_url.get_secret_value() if settings.database_url else None
    if url is None:
        embedded = EmbeddedPostgres(settings.data_dir / "postgres")
        url = embedded.start()
        embedded.watch()
    engine = connect(url, pool_size=settings.database_pool_size)
    migrate(engine)
    return App(
        settings=settings,
        database_url=url,
        engine=engine,
        store=store_of(settings),
        jobs=Jobs(),
        signer=Signer(_secret(settings)),
        sandbox=Sandbox(preload=(*PARSING, *EXTRACTION)),
        public_url=(public_url or settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/"),
        embedded=embedded,
        replica=_replica(settings),
    )


def _replica(settings: Settings) -> Replica | None:
    url = settings.database_replica_url
    if url is None:
        return None
    wait_s = settings.database_replica_wait_ms / 1000
    return Replica(url.get_secret_value(), pool_size=settings.database_pool_size, wait_s=wait_s)


def store_of(settings: Settings) -> Store:
    return open_store(settings.storage_url, settings.data_dir, access_of(settings))


def access_of(settings: Settings) -> Access:
    secret = settings.storage_secret_key
    return Access(
        endpoint=(settings.storage_endpoint or "").rstrip("/"),
        public_url=(settings.storage_public_url or "").rstrip("/"),
        region=settings.storage_region,
        is_path_style=settings.storage_is_path_style,
        access_key=settings.storage_access_key or "",
        secret_key=secret.get_secret_value() if secret else "",
        is_direct=settings.storage_is_direct,
    )


def backup_access(settings: Settings, url: str) -> Access:
    """The store's own, unless that is another provider's: then what the provider's client finds in its surroundings."""
    kept = kind_of(settings.storage_url or "file:")
    return access_of(settings) if kept in ("file", kind_of(url)) else Access()


def _secret(settings: Settings) -> str:
    """The configured key, or one that is made once and kept beside the data, readable by the owner only."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.data_dir / "secret"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_secret(path)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    return _read_secret(path)


def _read_secret(path: Path) -> str:
    secret = path.read_text().strip()
    if len(secret) < 32:
        raise RuntimeError(f"{path} is damaged: remove it to make a new key (links and sign-ins then end).")
    return secret
