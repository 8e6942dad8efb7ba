"""Whose job is next: people before batches, and no workspace's crowd before another's first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from fieldproof.db.models import Document, Parsing, Result
from fieldproof.jobs import TASKS
from fieldproof.services.work import Work

MAX_WAITING = 1000  # jobs of a workspace that are told apart
HEAD_START = 20  # turns that work somebody waits for is ahead of a batch, and no more: a batch comes to its turn too


@dataclass(frozen=True)
class Turn:
    """The higher the priority, the sooner. ``place``: how many of its kind the workspace had waiting before."""

    workspace_id: int
    priority: int
    place: int

    def after(self, count: int) -> Turn:
        """That of a job which comes ``count`` places later."""
        return Turn(self.workspace_id, max(0, self.priority - count), self.place + count)


def next_turn(work: Work, workspace_id: int, *, is_batch: bool) -> Turn:
    """The more a workspace has waiting, the later its next. People's work and batches queue up apart.

    Each call in a transaction is for one more job: what waited before is counted once.
    """
    count_waiting(work, workspace_id, is_batch=is_batch)
    kind = workspace_id, is_batch
    work.places[kind] = place = work.places[kind] + 1
    head_start = 0 if is_batch else HEAD_START
    return Turn(workspace_id, head_start + MAX_WAITING - min(MAX_WAITING, place), place)


def count_waiting(work: Work, workspace_id: int, *, is_batch: bool) -> None:
    """To be called before rows are added whose jobs are still to get their turns."""
    kind = workspace_id, is_batch
    if kind not in work.places:
        work.places[kind] = _waiting(work, workspace_id, is_batch) - 1


def _waiting(work: Work, workspace_id: int, is_batch: bool) -> int:
    parsings = (
        select(Parsing.id).join(Document, Document.id == Parsing.document_id)
        .where(Document.workspace_id == workspace_id, Parsing.status.in_(("queued", "processing")))
        .where(Parsing.is_batch.is_(is_batch)).limit(MAX_WAITING).subquery()
    )  # fmt: skip
    runs = (
        select(Result.id).where(Result.workspace_id == workspace_id, Result.status.in_(("created", "processing")))
        .where(Result.is_batch.is_(is_batch)).limit(MAX_WAITING).subquery()
    )  # fmt: skip
    return sum(work.db.scalar(select(func.count()).select_from(rows)) or 0 for rows in (parsings, runs))


def defer(work: Work, task: str, turn: Turn, **ids: Any) -> None:
    """With a cap on the workspace's running jobs each job goes into one of so many slots, which one job holds at a time."""
    defer_many(work, task, [(turn, ids)])


def defer_many(work: Work, task: str, jobs: Sequence[tuple[Turn, dict[str, Any]]]) -> None:
    """In one statement."""
    work.jobs.defer_many(work.db, task, [(turn.priority, _slot(work, task, turn), ids) for turn, ids in jobs])


def _slot(work: Work, task: str, turn: Turn) -> str | None:
    cap = work.settings.workspace_concurrency
    return f"workspace:{turn.workspace_id}:{TASKS[task].queue}:{turn.place % cap}" if cap else None
