"""Numbers for Prometheus. Counted in this process; what the queue looks like is asked of the database at each scrape."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180)

registry = CollectorRegistry()
requests = Counter("fieldproof_requests", "Answered requests", ["method", "status"], registry=registry)
request_seconds = Histogram("fieldproof_request_seconds", "Time to answer", buckets=_SECONDS, registry=registry)
jobs = Counter("fieldproof_jobs", "Ended jobs", ["task", "outcome"], registry=registry)
job_seconds = Histogram("fieldproof_job_seconds", "Time of jobs", ["task"], buckets=_SECONDS, registry=registry)
parse_seconds = Histogram(
    "fieldproof_parse_seconds", "Time to parse a document", ["extension"], buckets=_SECONDS, registry=registry
)
damaged = Counter(
    "fieldproof_damaged_originals", "Originals found missing or altered when they were read", registry=registry
)
failures = Counter("fieldproof_parse_failures", "Documents that could not be read", ["code"], registry=registry)
extract_seconds = Histogram(
    "fieldproof_extract_seconds", "Time to extract from a session", ["extension", "engine"], buckets=_SECONDS, registry=registry,
)  # fmt: skip
extract_failures = Counter("fieldproof_extract_failures", "Runs that failed", ["code"], registry=registry)
model_tokens = Counter(
    "fieldproof_model_tokens", "Tokens of language models, of completed runs", ["model", "direction"], registry=registry
)
model_cost = Counter(
    "fieldproof_model_cost", "Their price, in the unit of llm_prices, of completed runs", ["model"], registry=registry
)

_DEPTH = sa.text("""
    WITH depth AS (
        SELECT queue_name, status, count(*) AS jobs,
               min(id) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()) AS oldest
          FROM procrastinate_jobs WHERE status IN ('todo', 'doing') GROUP BY 1, 2
    )
    SELECT queue_name, status, jobs,
           (SELECT extract(epoch FROM now() - min(at)) FROM procrastinate_events WHERE job_id = oldest) AS age_s
      FROM depth
""")


class Queues(Collector):
    """Jobs that wait and run, by queue."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[GaugeMetricFamily]:
        depth = GaugeMetricFamily("fieldproof_queue_jobs", "Jobs by queue and status", labels=["queue", "status"])
        age = GaugeMetricFamily("fieldproof_queue_oldest_seconds", "Since when the oldest job waits", labels=["queue"])
        with self._engine.connect() as connection:
            for queue, status, count, age_s in connection.execute(_DEPTH):
                depth.add_metric([queue, {"todo": "waiting", "doing": "running"}[status]], count)
                if age_s is not None:
                    age.add_metric([queue], max(0.0, float(age_s)))
        yield depth
        yield age


def text(engine: sa.Engine) -> bytes:
    """The exposition format, version 0.0.4."""
    scrape = CollectorRegistry()
    scrape.register(Queues(engine))
    return generate_latest(registry) + generate_latest(scrape)
