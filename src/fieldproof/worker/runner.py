"""Runs Procrastinate's workers under a loop of ours.

Procrastinate's worker exits when PostgreSQL restarts, and leaves the jobs of a killed worker alone:
this starts it again, and hands such jobs out anew as soon as their worker's heartbeat is old.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import structlog
from procrastinate import App as Queue
from procrastinate import JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import AbortReason
from procrastinate.jobs import DeleteJobCondition, Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from fieldproof import metrics
from fieldproof.db import patience
from fieldproof.db.engine import plain_url
from fieldproof.db.faults import is_passing
from fieldproof.jobs import QUEUES, TASKS, origin
from fieldproof.wiring import App
from fieldproof.worker import leftovers
from fieldproof.worker.tasks import HANDLERS, Handler, give_up

log = structlog.get_logger()

HEARTBEAT_S = 2.0
STALLED_S = 8.0  # without a heartbeat, after which a worker counts as dead
RETRIES = 180  # of a passing fault, 2, 4, 8, 16, then 20 seconds apart: an hour
RETRY_CAP_S = 20
LIGHT_SLOTS = 4
STOP_GRACE_S = 5.0  # for running jobs to end by themselves; then their children are killed
LEAVE_S = 12.0  # for workers that lost their database; their jobs may run on beside their successors


class Runner:
    """Workers for some queues, in a thread of their own or in this one. ``stop`` may be called from anywhere."""

    def __init__(self, parts: App, *, queues: Sequence[str] = QUEUES, concurrency: int | None = None) -> None:
        self._parts = parts
        self._queues = list(queues)
        self._concurrency = concurrency or parts.settings.worker_concurrency
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._workers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._thread = threading.Thread(target=self.run, name="worker", daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Until ``stop``."""
        asyncio.run(self._run())

    def stop(self) -> None:
        """Waits for running jobs a little; what does not end is handed out again after the next start."""
        self._stopping.set()
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._cancel)
        if self._thread is not None:
            self._thread.join(STOP_GRACE_S)
            self._parts.sandbox.close()
            self._thread.join(STOP_GRACE_S)

    def _cancel(self) -> None:
        for worker in self._workers:
            worker.cancel()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(leftovers.sweep, self._parts.store)
        delay_s = 0.2
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                await self._database_answers()
                await self._work()
            except (ConnectorException, psycopg.Error, OSError, asyncio.CancelledError) as error:
                if not self._stopping.is_set():
                    log.warning("worker lost its database", error=repr(error)[:200])
            except Exception:  # whatever it is: a process that serves no jobs any more helps nobody
                log.exception("worker broke down")
            delay_s = 0.2 if time.monotonic() - started > 10 else min(2.0, delay_s * 2)
            if not self._stopping.is_set():
                await asyncio.sleep(delay_s)

    async def _database_answers(self) -> None:
        """Raises: psycopg.OperationalError. The pool would try ever more seldom, and sleep while the database is back."""
        url = plain_url(self._parts.database_url)
        await (await patience.QueueConnection.connect(url, connect_timeout=patience.CONNECT_S)).close()

    async def _work(self) -> None:
        connector = PsycopgConnector(
            conninfo=plain_url(self._parts.database_url), min_size=1, max_size=6, timeout=patience.OF_THE_QUEUE_S,
            connection_class=patience.QueueConnection,
            kwargs={
                "application_name": "fieldproof-worker", "connect_timeout": patience.CONNECT_S,
                "options": f"-c idle_in_transaction_session_timeout={patience.QUEUE_SILENT_S * 1000}",
            },
        )  # fmt: skip
        queue = Queue(connector=connector)
        self._register(queue)
        async with queue.open_async():
            heavy = [q for q in self._queues if q != "light"]
            light = [q for q in self._queues if q == "light"]
            tasks = [asyncio.create_task(self._rescue(queue))]
            for queues, slots in ((heavy, self._concurrency), (light, LIGHT_SLOTS)):
                if queues:
                    tasks.append(asyncio.create_task(self._one_worker(queue, queues, slots)))
            self._workers = tasks
            if self._stopping.is_set():
                self._cancel()
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._cancel()
                ended, _ = await asyncio.wait(tasks, timeout=LEAVE_S)
                await asyncio.gather(*ended, return_exceptions=True)
            for task in done:
                task.result()

    async def _one_worker(self, queue: Queue, queues: list[str], slots: int) -> None:
        await queue.run_worker_async(
            queues=queues, concurrency=slots, name="-".join(queues), install_signal_handlers=False,
            fetch_job_polling_interval=1.0, abort_job_polling_interval=1.0, update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=STALLED_S, shutdown_graceful_timeout=STOP_GRACE_S,
            delete_jobs=DeleteJobCondition.SUCCESSFUL,
        )  # fmt: skip

    async def _rescue(self, queue: Queue) -> None:
        """Hands out the jobs of dead workers again. Many may do this at once: a job is only taken while it is ``doing``."""
        while True:
            manager = queue.job_manager
            await manager.prune_stalled_workers(STALLED_S)
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
                with contextlib.suppress(ConnectorException):
                    await manager.retry_job(job)
                    log.info("job handed out again", task=job.task_name, job=job.id)
            await asyncio.sleep(HEARTBEAT_S)

    def _register(self, queue: Queue) -> None:
        for name, handler in HANDLERS.items():
            task = queue.task(name=name, queue=TASKS[name].queue, retry=_Backoff(), pass_context=True)
            registered = task(_logged(self._parts, name, handler))
            every = TASKS[name].every
            if every:
                queue.periodic(cron=every, periodic_id=name)(registered)


class _Backoff(BaseRetryStrategy):
    """Only what may pass is tried again."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if not is_passing(exception) or job.attempts >= RETRIES:
            return None
        return RetryDecision(retry_in={"seconds": min(RETRY_CAP_S, 2 ** (job.attempts + 1))})


def _logged(parts: App, name: str, handler: Handler) -> Callable[..., None]:
    """The handler as Procrastinate calls it: in a thread, with its context first."""

    @functools.wraps(handler)
    def run(context: JobContext, *args: Any, **arguments: Any) -> None:
        if args:  # periodic tasks get their moment by place
            arguments["timestamp"] = args[0]
        if TASKS[name].is_cancellable:
            arguments["is_cancelled"] = lambda: context.abort_reason() is AbortReason.USER_REQUEST
        with origin.taken_up(name, arguments, context.job.id):
            attempt(context, arguments)

    def attempt(context: JobContext, arguments: dict[str, Any]) -> None:
        started = time.monotonic()
        outcome = "done"
        try:
            handler(parts, **arguments)
        except Exception as error:
            if is_passing(error):
                outcome = "put off"
                if context.job.attempts >= RETRIES:
                    outcome = "given up"
                    give_up(parts, name, arguments)
                raise
            outcome = "failed"
            log.exception("job failed")
            give_up(parts, name, arguments)
            raise
        finally:
            took_s = time.monotonic() - started
            metrics.jobs.labels(name, outcome).inc()
            metrics.job_seconds.labels(name).observe(took_s)
            took_ms = round(1000 * took_s)
            log.info("job", outcome=outcome, ms=took_ms)

    return run
