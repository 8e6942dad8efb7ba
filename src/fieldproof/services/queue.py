"""What a workspace's jobs are doing: how many wait and run, and what has failed and can be tried again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, text, union_all

from fieldproof.core.document import REMEDIES, FailureCode
from fieldproof.core.errors import Conflict, NotFound
from fieldproof.db.models import Document, Parsing, Result, Session, Workspace
from fieldproof.services import processing, results
from fieldproof.services.paging import Page
from fieldproof.services.work import Work

PAGE_SIZE = 25
_RUN_REMEDIES = {
    "no_document": "The documents of this run are gone or cannot be read. Look at each of them, then run it again.",
    "budget": "The workspace has used up its month. Raise the limit, or wait for the next month.",
}

_DEPTH = text("""
    SELECT job.queue_name AS queue,
           count(*) FILTER (WHERE job.status = 'todo') AS waiting,
           count(*) FILTER (WHERE job.status = 'doing') AS running,
           min(event.at) FILTER (WHERE job.status = 'todo') AS oldest
      FROM procrastinate_jobs job
      LEFT JOIN parsings ON parsings.id = CASE WHEN job.task_name IN ('parse_document', 'parse_part', 'join_parts')
                                               THEN (job.args ->> 'parsing_id')::uuid END
      LEFT JOIN documents ON documents.id = parsings.document_id
      LEFT JOIN results ON results.id = CASE WHEN job.task_name = 'extract_result' THEN (job.args ->> 'result_id')::uuid END
      LEFT JOIN LATERAL (SELECT min(e.at) AS at FROM procrastinate_events e WHERE e.job_id = job.id) event ON true
     WHERE job.status IN ('todo', 'doing')
       AND coalesce(documents.workspace_id, results.workspace_id) = :workspace_id
     GROUP BY job.queue_name
""")


@dataclass(frozen=True)
class Depth:
    """Jobs of one queue: those that wait, those that run, and since when the oldest waits."""

    queue: str
    waiting: int = 0
    running: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True)
class Failure:
    """A document that could not be read or a run that broke down."""

    kind: str  # document | result
    id: uuid.UUID
    name: str
    code: str
    message: str
    at: datetime

    @property
    def remedy(self) -> str:
        if self.code in _RUN_REMEDIES:
            return _RUN_REMEDIES[self.code]
        return REMEDIES[FailureCode(self.code)] if self.code in list(FailureCode) else self.message


def depths(work: Work, workspace: Workspace) -> list[Depth]:
    """Reading, then extracting; empty queues too."""
    rows = work.db.execute(_DEPTH, {"workspace_id": workspace.id})
    found = {row.queue: Depth(row.queue, row.waiting, row.running, row.oldest) for row in rows}
    return [found.get(queue, Depth(queue)) for queue in ("parse", "extract")]


def list_failures(work: Work, workspace: Workspace, page: int = 1) -> Page[Failure]:
    """Newest first. Runs whose session has been run again since are left out."""
    documents = select(
        literal("document").label("kind"), Document.id, Document.filename.label("name"),
        func.coalesce(Document.error_code, "").label("code"), func.coalesce(Document.error, "").label("message"),
        Document.updated_at.label("at"),
    ).where(Document.workspace_id == workspace.id, Document.status == "failed")  # fmt: skip
    later = select(Result.id).where(Result.session_id == Session.id, Result.status != "failed").correlate(Session)
    runs = select(
        literal("result").label("kind"), Result.id, func.coalesce(Session.name, "").label("name"),
        func.coalesce(Result.error_code, "").label("code"), func.coalesce(Result.error, "").label("message"),
        Result.updated_at.label("at"),
    ).join(Session, Session.id == Result.session_id).where(
        Result.workspace_id == workspace.id, Result.status == "failed", ~later.exists()
    )  # fmt: skip
    both = union_all(documents, runs).subquery()
    total = work.db.scalar(select(func.count()).select_from(both)) or 0
    rows = work.db.execute(select(both).order_by(both.c.at.desc()).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return Page([Failure(*row) for row in rows], page, PAGE_SIZE, total)


def retry(work: Work, document: Document | None = None, result: Result | None = None) -> None:
    """Reads the document again, or runs the run's session again. Raises: Conflict when it has not failed, Invalid."""
    if document is not None:
        _reread(work, document)
    elif result is not None:
        if result.status != "failed":
            raise Conflict
        results.run(work, work.db.get_one(Session, result.session_id))


def _reread(work: Work, document: Document) -> None:
    query = select(Parsing).where(Parsing.document_id == document.id, Parsing.status == "failed")
    failed = list(work.db.scalars(query.order_by(Parsing.created_at)))
    if not failed:
        raise NotFound("Nothing of this document has failed.")
    for parsing in failed:
        processing.request_parsing(work, document, parsing.config, force=True)
    work.record("document.retried", document, parsings=len(failed))
