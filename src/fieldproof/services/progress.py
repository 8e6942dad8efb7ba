"""How far runs are: one figure for all their jobs, a reading for each document and an extraction for each run."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select, text

from fieldproof.core.actor import Role
from fieldproof.core.errors import NotFound
from fieldproof.core.ids import parse_uuid
from fieldproof.db.models import Result, Session
from fieldproof.services import access, processing
from fieldproof.services.work import Work

_COUNT = text("""
    SELECT count(*) AS runs,
           count(*) FILTER (WHERE run.status IN ('completed', 'failed')) AS ended,
           count(*) FILTER (WHERE run.status = 'failed') AS failed,
           coalesce(sum(cardinality(run.document_ids)), 0)::bigint AS documents,
           coalesce(sum(CASE WHEN run.status IN ('completed', 'failed', 'processing') THEN cardinality(run.document_ids)
               ELSE (SELECT count(*) FROM parsings WHERE parsings.document_id = ANY(run.document_ids)
                        AND parsings.config_hash = run.config_hash AND parsings.status IN ('ready', 'failed')) END), 0)::bigint
               AS settled
      FROM results run WHERE run.id = ANY(:ids)
""")


@dataclass(frozen=True)
class Progress:
    """``settled``: documents that have been read, or cannot be."""

    runs: int
    ended: int
    failed: int
    documents: int
    settled: int
    batch_id: uuid.UUID | None = None

    @property
    def share(self) -> float:
        """From 0 to 1, which is only said when everything has ended."""
        jobs = self.documents + self.runs
        return round((self.settled + self.ended) / jobs, 4) if self.runs != self.ended and jobs else 1.0


def of_result(work: Work, result: Result) -> Progress:
    return _counted(work, [result.id], result.batch_id)


def of_session(work: Work, session: Session) -> Progress:
    """Of the runs that have not ended, else of the newest. Raises: NotFound when it was never run."""
    query = select(Result.id, Result.status, Result.batch_id).where(Result.session_id == session.id)
    runs = work.db.execute(query.order_by(Result.created_at.desc(), Result.id.desc())).all()
    if not runs:
        raise NotFound("This session was not run yet.")
    active = [row.id for row in runs if row.status in processing.ACTIVE]
    return _counted(work, active or [runs[0].id], runs[0].batch_id)


def of_batch(work: Work, batch_id: str, *abilities: str) -> Progress:
    """Of all runs that one call started. Raises: NotFound, for a stranger's batch as for none."""
    access.require(work, *abilities)
    key = parse_uuid(batch_id)
    query = select(Result.id, Result.workspace_id).where(Result.batch_id == key)
    runs = work.db.execute(query).all() if key is not None else []
    if not runs:
        raise NotFound
    access.workspace(work, runs[0].workspace_id, role=Role.READONLY)
    return _counted(work, [row.id for row in runs], key)


def _counted(work: Work, ids: list[uuid.UUID], batch_id: uuid.UUID | None) -> Progress:
    row = work.db.execute(_COUNT, {"ids": ids}).one()
    return Progress(row.runs, row.ended, row.failed, row.documents, row.settled, batch_id)
