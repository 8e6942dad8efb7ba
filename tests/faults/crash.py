"""SIGKILL on the API, a worker, both, and the database, round after round, while clients write. Then: what was
acknowledged is there, once, and nothing is stuck.

    python tests/faults/crash.py --rounds 100        (or FIELDPROOF_CRASH_ROUNDS=100 with pytest)
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from contract.files import invoice_pdf
from contract.schemas import INVOICE
from journey.installation import COMMAND, environment, free_port, our_modules, run, succeeded

VICTIMS = ("api", "worker", "database", "both")
CLIENTS = 2
PAUSE_S = 0.25  # of a client between two documents: more than the machine reads would only make the end longer
PATIENCE_S = 120  # for one call to get through, and after the last kill for everything to end
ENDED = ("completed", "failed")
EMAIL = "ada@example.org"


@dataclass
class Machine:
    """An API without a worker and a worker, over one folder with its embedded database."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    token: str = ""
    restarts_s: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def install(self) -> None:
        """Or take up what is there."""
        if not self.data_dir.exists():
            user = ("user", "create", EMAIL, "--name", "Ada", "--password", "correct horse battery")
            succeeded(run(*user, "--data-dir", self.data_dir))
        self.token = succeeded(run("token", "create", "--user", EMAIL, "--data-dir", self.data_dir)).strip()

    @property
    def database_url(self) -> str:
        lines = (self.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
        return f"postgresql://postgres@/postgres?host={lines[4]}"

    def start(
        self, name: str, *, key: str | None = None, options: Sequence[str] = (), program: Sequence[str] = COMMAND
    ) -> None:
        """``key`` tells several of one name apart."""
        command = {"api": ["serve", "--no-worker", "--port", str(self.port)], "worker": ["worker"]}[name]
        with (self.data_dir.parent / f"{name}.log").open("ab") as log:
            self.processes[key or name] = subprocess.Popen(
                [*program, *command, *options, "--data-dir", str(self.data_dir)],
                env=environment() | our_modules(), stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def strike(self, victim: str) -> None:
        """Kills, starts again, and waits until the API answers with what is in the database."""
        started = time.monotonic()
        if victim == "database":
            os.kill(int((self.data_dir / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        else:
            for name in ("api", "worker") if victim == "both" else (victim,):
                self.processes[name].kill()
                self.processes[name].wait(30)
                started = time.monotonic()
                self.start(name)
        self.wait()
        if victim != "worker":
            self.restarts_s.append(time.monotonic() - started)

    def wait(self) -> None:
        """Until the API answers."""
        started = time.monotonic()
        with httpx.Client(base_url=self.url, timeout=15) as client:
            while not self._answers(client):
                assert time.monotonic() - started < PATIENCE_S, f"no answer after {PATIENCE_S} s: {self.tail()}"
                time.sleep(0.05)

    def end(self, *names: str) -> list[int]:
        """By SIGTERM; their exit statuses."""
        ending = [self.processes.pop(name) for name in names]
        for process in ending:
            process.send_signal(signal.SIGTERM)
        for process in ending:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(30)
        return [process.returncode for process in ending]

    def close(self) -> None:
        self.end(*self.processes)

    def log(self, name: str) -> str:
        return (self.data_dir.parent / f"{name}.log").read_text("utf-8", "replace")

    def tail(self) -> str:
        logs = sorted(self.data_dir.parent.glob("*.log"))
        return "\n".join(log.read_text("utf-8", "replace")[-2000:] for log in logs)

    def _answers(self, client: httpx.Client) -> bool:
        try:
            return client.get("/workspaces", headers={"Authorization": f"Bearer {self.token}"}).status_code == 200
        except httpx.TransportError:
            return False


@dataclass(frozen=True)
class Acknowledged:
    number: str
    session: str
    document: str
    result: str


@dataclass
class Writer:
    """One client: each call is repeated with the same Idempotency-Key until it is answered."""

    machine: Machine
    template: str
    serial: Iterator[int]
    stop: threading.Event
    refusals: tuple[int, ...] = (
        409,
        503,
    )  # 409: the twin that was cut off still holds the key, until the database notices
    acknowledged: list[Acknowledged] = field(default_factory=list)
    repeats: int = 0
    problem: BaseException | None = None

    def run(self) -> None:
        try:
            with self.calling():
                while not self.stop.is_set():
                    self.acknowledged.append(self.document(f"INV-{next(self.serial):05}"))
                    self.stop.wait(PAUSE_S)
        except BaseException as error:
            self.problem = error

    @contextmanager
    def calling(self) -> Iterator[None]:
        with httpx.Client(base_url=self.machine.url, timeout=30) as self.http:
            yield

    def document(self, number: str) -> Acknowledged:
        session = self.call("/extractions/sessions", {"extraction_template_id": self.template, "name": number})["id"]
        key = self.upload(invoice_pdf(number))
        attached = self.call(f"/extractions/sessions/{session}/documents/upload", {"keys": [key]})["data"]
        result = self.call(f"/extractions/sessions/{session}/results", None)["id"]
        return Acknowledged(number, session, attached[0]["id"], result)

    def upload(self, content: bytes) -> str:
        signed = self.call("/vapor/signed-storage-url", {})
        self.until(lambda: self.http.put(signed["url"], content=content, headers=signed["headers"]))
        return signed["key"]

    def call(self, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.machine.token}", "Idempotency-Key": uuid.uuid4().hex}
        return self.until(lambda: self.http.post(path, json=body, headers=headers)).json()

    def until(self, send: Any) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = send()
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.is_success:
                return answer
            assert answer is None or answer.status_code in self.refusals, f"{answer.status_code} {answer.text}"
            assert time.monotonic() < deadline, "a call never got through"
            self.repeats += 1
            time.sleep(0.2)


@dataclass
class Outcome:
    rounds: int
    acknowledged: int
    repeats: int
    quarantined: int
    restarts_s: list[float]
    settled_s: float

    def __str__(self) -> str:
        restarts = sorted(self.restarts_s)
        return (
            f"{self.rounds} rounds, {self.acknowledged} documents with their runs acknowledged, {self.repeats} calls repeated: "
            f"0 lost, 0 doubled, 0 stuck; {self.quarantined} given up after two deaths of their worker, done after a retry; "
            f"restart to first answer median {statistics.median(restarts):.1f} s, slowest {restarts[-1]:.1f} s; "
            f"all ended {self.settled_s:.0f} s after the last kill"
        )


def crash_loop(rounds: int, seed: int = 7) -> Outcome:
    chance = random.Random(seed)
    with running() as machine:
        template = template_in(machine)
        stop, serial = threading.Event(), itertools.count(1)
        writers = [Writer(machine, template, serial, stop) for _ in range(CLIENTS)]
        threads = [threading.Thread(target=writer.run, daemon=True) for writer in writers]
        for thread in threads:
            thread.start()
        for n in range(rounds):
            time.sleep(chance.uniform(0.3, 2.5))
            machine.strike(VICTIMS[n % len(VICTIMS)])
        last = time.monotonic()
        stop.set()
        for thread in threads:
            thread.join(2 * PATIENCE_S)
        for writer in writers:
            assert writer.problem is None, f"{writer.problem!r}\n{machine.tail()}"
        acknowledged = [a for writer in writers for a in writer.acknowledged]
        with httpx.Client(
            base_url=machine.url, timeout=30, headers={"Authorization": f"Bearer {machine.token}"}
        ) as http:
            settled_s = settle(http, acknowledged) - last
            quarantined = sum(check(http, a) for a in acknowledged)
            listed = http.get(f"/workspaces/{_workspace(http)}/documents?per_page=1").json()["meta"]["total"]
        # One more, at most, for each writer: stored, and its answer cut off for good.
        assert len(acknowledged) <= listed <= len(acknowledged) + CLIENTS, (listed, len(acknowledged))
        repeats = sum(writer.repeats for writer in writers)
        return Outcome(rounds, len(acknowledged), repeats, quarantined, machine.restarts_s, settled_s)


def settle(http: httpx.Client, acknowledged: list[Acknowledged]) -> float:
    """The moment when the last of them had ended."""
    waiting = [a.result for a in acknowledged]
    started = time.monotonic()
    while waiting := [r for r in waiting if _get(http, f"/extractions/results/{r}")["status"] not in ENDED]:
        assert time.monotonic() - started < PATIENCE_S, f"{len(waiting)} are stuck, the first is {waiting[0]}"
        time.sleep(0.5)
    return time.monotonic()


def check(http: httpx.Client, one: Acknowledged) -> bool:
    """There, once, and right. True when it had been given up and needed a person's retry."""
    session = _get(http, f"/extractions/sessions/{one.session}")
    assert [r["id"] for r in session["results"]] == [one.result], session
    assert [d["id"] for d in session["documents"]] == [one.document], session
    url = _get(http, f"/extractions/documents/{one.document}/url")["url"]
    assert http.get(url).content == invoice_pdf(one.number)
    result = _get(http, f"/extractions/results/{one.result}")
    is_given_up = result["status"] == "failed"
    if is_given_up:
        (document,) = session["documents"]
        for parsing in document["parsings"]:
            path = f"/workspaces/{_workspace(http)}/documents/{one.document}/reparse"
            http.post(path, json={"config_hash": parsing["config_hash"], "force": True}).raise_for_status()
        result = http.post(f"/extractions/sessions/{one.session}/results").raise_for_status().json()
        settle(http, [Acknowledged(one.number, one.session, one.document, result["id"])])
        result = _get(http, f"/extractions/results/{result['id']}")
    assert result["status"] == "completed", result
    assert result["data"]["invoice"]["number"] == one.number
    return is_given_up


def _get(http: httpx.Client, path: str) -> Any:
    return http.get(path).raise_for_status().json()


def _workspace(http: httpx.Client) -> int:
    return _get(http, "/workspaces")["data"][0]["id"]


def template_in(machine: Machine) -> str:
    headers = {"Authorization": f"Bearer {machine.token}"}
    with httpx.Client(base_url=machine.url, timeout=30, headers=headers) as http:
        workspace = http.post("/workspaces/create", json={"name": "Crash"}).raise_for_status().json()["id"]
        body = {"name": "Invoices", "workspace_id": workspace, "schema_json": INVOICE}
        return http.post("/extractions/templates", json=body).raise_for_status().json()["id"]


@contextmanager
def running() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="fieldproof-tests-") as folder:
        machine = Machine(Path(folder) / "data")
        try:
            machine.install()
            for name in ("api", "worker"):
                machine.start(name)
            machine.wait()
            yield machine
        finally:
            machine.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=100)
    arguments.add_argument("--seed", type=int, default=7)
    given = arguments.parse_args()
    print(crash_loop(given.rounds, given.seed))


if __name__ == "__main__":
    main()
