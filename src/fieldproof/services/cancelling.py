"""Calling work off: runs, and the reading of documents.

What was cancelled ends as ``failed`` with the code ``cancelled``, so that everybody who waits is told by the statuses
they know. Whoever cancels while the work ends gets one of the two: the lock on the row decides.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, select

from fieldproof.core.document import FailureCode
from fieldproof.core.errors import Conflict, NotFound
from fieldproof.db.models import Document, Parsing, Result, Session
from fieldproof.services import locks, processing
from fieldproof.services.work import Work

_READING = ("queued", "processing")


def cancel_run(work: Work, result: Result, *, with_documents: bool = False) -> Result:
    """Again and again with the same outcome. ``with_documents``: nor are its documents read on, unless others wait for them.

    Raises: Conflict when the run has ended otherwise, NotFound when it is gone.
    """
    documents = _locked_documents(work, result.document_ids) if with_documents else []
    found = _locked_runs(work, Result.id == result.id)
    if not found:
        raise NotFound
    if not _cancel(work, found[0], documents) and found[0].error_code != FailureCode.CANCELLED:
        raise Conflict(f"This run has ended already: it is {found[0].status}.")
    return found[0]


def cancel_sessions(work: Work, sessions: Sequence[Session], *, with_documents: bool = False) -> int:
    """How many runs were cancelled."""
    theirs = Result.session_id.in_([s.id for s in sessions]), Result.status.in_(processing.ACTIVE)
    ids = [i for row in work.db.scalars(select(Result.document_ids).where(*theirs)) for i in row]
    documents = _locked_documents(work, ids) if with_documents else []
    runs = _locked_runs(work, *theirs)
    return sum(_cancel(work, result, documents) for result in runs)


def cancel_reading(work: Work, documents: Sequence[Document]) -> int:
    """How many of the documents are not read on. Runs that wait for these go on without them."""
    locked = {document.id: document for document in _locked_documents(work, [d.id for d in documents])}
    parsings = _locked_parsings(work, locked)
    processing.cancel_parsings(work, parsings)
    stopped = sorted({found.document_id for found in parsings})
    for document_id in stopped:
        work.record("document.cancelled", locked[document_id])
    return len(stopped)


def _cancel(work: Work, result: Result, documents: Sequence[Document]) -> bool:
    if not processing.cancel_result(work, result):
        return False
    work.record("result.cancelled", result, session=str(result.session_id))
    work.db.flush()
    if documents:
        _stop_unwanted(work, result, documents)
    return True


def _stop_unwanted(work: Work, result: Result, documents: Sequence[Document]) -> None:
    """The reading of the run's documents, unless other runs wait for them."""
    ids = set(result.document_ids) & {document.id for document in documents}
    others = select(func.unnest(Result.document_ids)).where(
        Result.status == "parsing_pending", Result.config_hash == result.config_hash, Result.document_ids.overlap(list(ids))
    )  # fmt: skip
    unwanted = ids - set(work.db.scalars(others))
    processing.cancel_parsings(work, _locked_parsings(work, unwanted, Parsing.config_hash == result.config_hash))


def _locked_parsings(
    work: Work, document_ids: Collection[uuid.UUID], *conditions: ColumnElement[bool]
) -> list[Parsing]:
    """Those that have not ended, of documents that are locked."""
    query = select(Parsing).where(Parsing.document_id.in_(document_ids), Parsing.status.in_(_READING), *conditions)
    query = query.order_by(Parsing.id).with_for_update().execution_options(populate_existing=True)
    return list(work.db.scalars(query))


def _locked_documents(work: Work, ids: Sequence[uuid.UUID]) -> list[Document]:
    """Documents before results: everybody locks in this order."""
    locked = locks.lock_documents(work, ids)
    query = select(Document).where(Document.id.in_(locked)).order_by(Document.id)
    return list(work.db.scalars(query.execution_options(populate_existing=True)))


def _locked_runs(work: Work, *conditions: object) -> list[Result]:
    query = select(Result).where(*conditions).order_by(Result.id)  # type: ignore[arg-type]
    return list(work.db.scalars(query.with_for_update().execution_options(populate_existing=True)))
