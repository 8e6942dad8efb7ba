"""Review of results: values with their proof, corrections, judgement."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Caller
from fieldproof.api.v1.contract import route
from fieldproof.core.actor import Role
from fieldproof.core.clock import iso
from fieldproof.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from fieldproof.core.geometry import Box
from fieldproof.db.models import FieldValue, Result
from fieldproof.edge import Body, Payload, payload, query_of
from fieldproof.services import access, reviews
from fieldproof.services.reviews import Change
from fieldproof.services.work import Work

router = APIRouter(tags=["Reviews"])
Sent = Annotated[Payload, Depends(payload)]
ResultId = Annotated[str, Path(alias="resultId")]
ValuePath = Annotated[str, Path(alias="path")]
_REFUSES = (Unauthenticated, Forbidden, NotFound, Conflict)
Fraction = Annotated[float, Field(ge=0, le=1, strict=False)]


class ValueCorrect(Body):
    """``value`` null says: there is none. ``box`` alone takes the words under it."""

    value: Any = None
    document_id: Annotated[str, StringConstraints(max_length=36)] | None = None
    page: Annotated[int, Field(ge=1, le=100_000)] | None = None
    box: Annotated[list[Fraction], Field(min_length=4, max_length=4)] | None = None


class Judgement(Body):
    note: Annotated[str, StringConstraints(max_length=10_000)] | None = None


class NextQuery(BaseModel):
    template_id: Annotated[str, StringConstraints(max_length=36)] | None = None
    after: Annotated[str, StringConstraints(max_length=36)] | None = None


class Value(BaseModel):
    path: str
    value: Any
    raw: str | None
    confidence: float | None
    sources: list[Any]
    reasoning: str
    rivals: list[Any]
    formula: str | None
    is_supported: bool
    is_corrected: bool
    is_accepted: bool
    machine_value: Any


class Review(BaseModel):
    result_id: str
    status: Literal["open", "approved", "rejected"]
    note: str | None
    reviewed_at: datetime | None
    values: list[Value]
    ledgers: list[Any]


class Changed(BaseModel):
    id: int
    path: str
    old_value: Any
    new_value: Any
    sources: list[Any]
    undoes: int | None
    by: str
    at: datetime


class History(BaseModel):
    data: list[Changed]


class NextReview(BaseModel):
    result_id: str | None
    open: int


@route(router, "GET", "/v1/results/{resultId}/review", summary="All values with their proof", answer=Review)
def get_review(work: Caller, result_id: ResultId) -> Response:
    return present.answer(_review(work, access.result(work, result_id, "sessions-read")))


@route(
    router, "PUT", "/v1/results/{resultId}/values/{path}", summary="Corrects a value, by text or by a box drawn on the page",
    body=ValueCorrect, answer=Value, refuses=_REFUSES,
)  # fmt: skip
def correct_value(work: Caller, result_id: ResultId, path: ValuePath, sent: Sent) -> Response:
    result = _locked(work, result_id)
    body = sent.read(ValueCorrect)
    box = _box(body.box) if body.box is not None else None
    value = reviews.FROM_BOX if box is not None and "value" not in body.model_fields_set else body.value
    row = reviews.correct(work, result, path, value, document_id=body.document_id, page=body.page, box=box)
    return present.answer(_value(row))


@route(
    router, "POST", "/v1/results/{resultId}/values/{path}/accept", summary="Says that a value is right", answer=Value,
    refuses=_REFUSES,
)  # fmt: skip
def accept_value(work: Caller, result_id: ResultId, path: ValuePath) -> Response:
    return present.answer(_value(reviews.accept(work, _locked(work, result_id), path)))


@route(
    router, "POST", "/v1/results/{resultId}/values/{path}/undo", summary="Takes the last change of a value back",
    answer=Value, refuses=_REFUSES,
)  # fmt: skip
def undo_value(work: Caller, result_id: ResultId, path: ValuePath) -> Response:
    return present.answer(_value(reviews.undo(work, _locked(work, result_id), path)))


@route(
    router, "POST", "/v1/results/{resultId}/lists/{path}/items", summary="Adds an empty row to a list", answer=Review,
    status=201, refuses=_REFUSES,
)  # fmt: skip
def add_item(work: Caller, result_id: ResultId, path: ValuePath) -> Response:
    result = _locked(work, result_id)
    reviews.add_item(work, result, path)
    return present.answer(_review(work, result), 201)


@route(
    router, "DELETE", "/v1/results/{resultId}/lists/{path}/items/{number}", summary="Removes a row of a list",
    answer=Review, refuses=_REFUSES,
)  # fmt: skip
def remove_item(work: Caller, result_id: ResultId, path: ValuePath, number: str) -> Response:
    result = _locked(work, result_id)
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFound
    reviews.remove_item(work, result, path, int(number))
    return present.answer(_review(work, result))


@route(
    router, "POST", "/v1/results/{resultId}/approve", summary="The result is right as it stands", body=Judgement,
    answer=Review, refuses=_REFUSES,
)  # fmt: skip
def approve_result(work: Caller, result_id: ResultId, sent: Sent) -> Response:
    result = _locked(work, result_id)
    return present.answer(_review(work, reviews.approve(work, result, sent.read(Judgement, is_optional=True).note)))


@route(
    router, "POST", "/v1/results/{resultId}/reject", summary="The result is not to be used", body=Judgement,
    answer=Review, refuses=_REFUSES,
)  # fmt: skip
def reject_result(work: Caller, result_id: ResultId, sent: Sent) -> Response:
    result = _locked(work, result_id)
    return present.answer(_review(work, reviews.reject(work, result, sent.read(Judgement, is_optional=True).note)))


@route(
    router, "POST", "/v1/results/{resultId}/reopen", summary="Takes a judgement back", answer=Review, refuses=_REFUSES
)  # fmt: skip
def reopen_result(work: Caller, result_id: ResultId) -> Response:
    return present.answer(_review(work, reviews.reopen(work, _locked(work, result_id))))


@route(router, "GET", "/v1/results/{resultId}/corrections", summary="Every change, newest first", answer=History)
def list_corrections(work: Caller, result_id: ResultId) -> Response:
    result = access.result(work, result_id, "sessions-read")
    return present.answer({"data": [_change(c) for c in reviews.history(work, result)]})


@route(
    router, "GET", "/v1/reviews/next", summary="The result to review next: the least certain one", query=NextQuery,
    answer=NextReview,
)  # fmt: skip
def next_review(work: Caller, request: Request) -> Response:
    access.require(work, "sessions-read")
    query = query_of(request, NextQuery)
    template = access.template(work, query.template_id, "sessions-read") if query.template_id else None
    after = access.result(work, query.after, "sessions-read") if query.after else None
    found = reviews.next_result(work, after, template=template)
    count = reviews.count_open(work, template=template)
    return present.answer({"result_id": str(found.id) if found is not None else None, "open": count})


def _locked(work: Work, result_id: str) -> Result:
    return access.result(work, result_id, "sessions-write", role=Role.USER, is_locked=True)


def _box(numbers: list[float]) -> Box:
    left, top, right, bottom = numbers
    if left >= right or top >= bottom:
        raise Invalid(
            {"box": ["A box is [left, top, right, bottom] in fractions of the page, left < right, top < bottom."]}
        )
    return Box(left, top, right, bottom)


def _review(work: Work, result: Result) -> dict[str, Any]:
    return {
        "result_id": str(result.id), "status": result.review_status, "note": result.review_note,
        "reviewed_at": iso(result.reviewed_at), "values": [_value(v) for v in reviews.values(work, result)],
        "ledgers": result.ledgers,
    }  # fmt: skip


def _value(row: FieldValue) -> dict[str, Any]:
    return {
        "path": row.path, "value": row.value, "raw": row.raw, "confidence": row.confidence, "sources": row.citations,
        "reasoning": row.reasoning, "rivals": row.rivals, "formula": row.formula, "is_supported": row.is_supported,
        "is_corrected": row.is_corrected, "is_accepted": row.is_accepted, "machine_value": row.machine_value,
    }  # fmt: skip


def _change(change: Change) -> dict[str, Any]:
    row = change.correction
    return {
        "id": row.id, "path": row.path, "old_value": row.old_value, "new_value": row.new_value,
        "sources": row.citations, "undoes": row.undoes, "by": change.by, "at": iso(row.created_at),
    }  # fmt: skip
