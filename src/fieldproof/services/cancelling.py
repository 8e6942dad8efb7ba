"""Calling work off: runs, and the reading of documents.

What was cancelled ends as ``failed`` with the code ``cancelled``, so that everybody who waits is told by the statuses
they know. Whoever cancels while the work ends gets one of the two: the lock on the row decides.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from fieldproof.core.document import FailureCode
from fieldproof.core.errors import Conflict, NotFound
from fieldproof.db.models import Document, Parsing, Result, Session
from fieldproof.services import processing
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
    return sum(_stop(work, document) for document in _locked_documents(work, [d.id for d in documents]))


def _stop(work: Work, document: Document) -> bool:
    query = select(Parsing).where(Parsing.document_id == document.id, Parsing.status.in_(_READING))
    stopped = [p for p in work.db.scalars(query.order_by(Parsing.id)).all() if processing.cancel_parsing(work, p)]
    if stopped:
        work.record("document.cancelled", document, parsings=len(stopped))
    return bool(stopped)


def _cancel(work: Work, result: Result, documents: Sequence[Document]) -> bool:
    if not processing.cancel_result(work, result):
        return False
    work.record("result.cancelled", result, session=str(result.session_id))
    work.db.flush()
    for document in documents:
        if document.id in result.document_ids:
            _stop_unwanted(work, result, document)
    return True


def _stop_unwanted(work: Work, result: Result, document: Document) -> None:
    query = select(Parsing).where(
        Parsing.document_id == document.id, Parsing.config_hash == result.config_hash, Parsing.status.in_(_READING)
    )
    parsing = work.db.scalars(query).one_or_none()
    others = select(Result.id).where(
        Result.status == "parsing_pending", Result.config_hash == result.config_hash,
        Result.document_ids.contains([document.id]),
    )  # fmt: skip
    if parsing is not None and work.db.scalar(others.limit(1)) is None:
        processing.cancel_parsing(work, parsing)


def _locked_documents(work: Work, ids: Sequence[object]) -> list[Document]:
    """Documents before results: everybody locks in this order."""
    query = select(Document).where(Document.id.in_(ids)).order_by(Document.id)
    return list(work.db.scalars(query.with_for_update(key_share=True)))


def _locked_runs(work: Work, *conditions: object) -> list[Result]:
    query = select(Result).where(*conditions).order_by(Result.id)  # type: ignore[arg-type]
    return list(work.db.scalars(query.with_for_update().execution_options(populate_existing=True)))
