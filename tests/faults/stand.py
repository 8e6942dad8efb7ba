"""One installation whose database and store are reached through proxies that break on demand."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import running
from contract.files import invoice_pdf
from contract.office import Office, hired
from contract.openapi import ContractBroken
from contract.schemas import INVOICE
from faults import buckets, proxy
from fieldproof.db.embedded import EmbeddedPostgres
from fieldproof.settings import Settings

ANSWER_S = 10  # until a refusal is there
HEAL_S = 10  # until all is well again after a fault
CALLERS = 8  # at once


@dataclass
class Stand:
    database: proxy.Proxy
    store: proxy.Proxy
    installation: running.Installation
    office: Office
    template: str
    key: str  # alice's, for the DocSense API

    def submit(self, number: str) -> str:
        """The id of a run over a new document, started and not waited for."""
        session = self.office.session(self.template, number)["id"]
        self.office.attach(session, invoice_pdf(number))
        return self.office.api.ok("runExtraction", sessionId=session)["id"]

    def heals(self, number: str) -> None:
        """A new document goes all the way, by a worker that nobody restarted."""
        started = time.monotonic()
        while True:
            try:
                run = self.submit(number)
                break
            except (AssertionError, ContractBroken, httpx.TransportError):
                assert time.monotonic() - started < HEAL_S, f"still refused {HEAL_S} s after the fault"
                time.sleep(0.2)
        assert self.office.ended(run)["status"] == "completed"


@dataclass(frozen=True)
class Answer:
    status: int
    took_s: float
    retry_after: str | None
    text: str


def ask(stand: Stand, method: str, path: str, **request: Any) -> Answer:
    """As a client of its own, so that no kept connection hides anything."""
    headers = {"Authorization": f"Bearer {stand.office.api.token}", **request.pop("headers", {})}
    started = time.monotonic()
    with httpx.Client(base_url=stand.installation.url, timeout=3 * ANSWER_S, headers=headers) as client:
        found = client.request(method, path, **request)
    return Answer(found.status_code, time.monotonic() - started, found.headers.get("retry-after"), found.text)


def crowd(calls: list[Callable[[], Answer]]) -> list[Answer]:
    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(lambda call: call(), calls))


def refused(answer: Answer) -> None:
    """503 in time, with a hint when to come again and nothing about our inside."""
    assert answer.status == 503, answer
    assert answer.took_s < ANSWER_S, answer
    assert answer.retry_after, answer
    for word in ("psycopg", "sqlalchemy", "Traceback", "127.0.0.1", "obstore"):
        assert word not in answer.text, answer


@contextmanager
def raised(**settings: Any) -> Iterator[Stand]:
    with (
        tempfile.TemporaryDirectory(prefix="fieldproof-tests-") as folder,
        buckets.serving() as (port, _),
        proxy.serving(("127.0.0.1", port)) as store,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in storage(store.port).items():
            patch.setenv(name, value)
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        url = postgres.start()
        try:
            with proxy.serving(proxy.postgres_socket(url)) as database:
                found = Settings(
                    data_dir=Path(folder), rate_limit_per_minute=0, storage_url="s3://bucket",
                    database_url=f"postgresql://postgres@127.0.0.1:{database.port}/postgres", **settings,
                )  # fmt: skip
                yield from _standing(database, store, found)
        finally:
            postgres.close()


def storage(port: int) -> dict[str, str]:
    return {
        "AWS_ENDPOINT": f"http://127.0.0.1:{port}", "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
    }  # fmt: skip


def _standing(database: proxy.Proxy, store: proxy.Proxy, settings: Settings) -> Iterator[Stand]:
    for installation in running.serving(settings):
        with hired(installation) as cast:
            office = cast.office()
            yield Stand(database, store, installation, office, office.template(INVOICE)["id"], cast.alice.key())
