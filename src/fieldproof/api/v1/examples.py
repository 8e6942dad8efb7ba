"""What a template has learnt from reviews; each example can be forgotten and remembered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Caller
from fieldproof.api.v1.contract import route
from fieldproof.core.actor import Role
from fieldproof.core.clock import iso
from fieldproof.db.models import Example as ExampleRow
from fieldproof.services import access, learning

router = APIRouter(tags=["Learning"])
TemplateId = Annotated[str, Path(alias="templateId")]
ExampleId = Annotated[str, Path(alias="exampleId")]


class Example(BaseModel):
    id: str
    result_id: str | None
    document_id: str | None
    fields: list[str]
    is_active: bool
    refusal: str | None
    created_at: datetime


class ExampleList(BaseModel):
    data: list[Example]


@route(router, "GET", "/v1/templates/{templateId}/examples", summary="What a template has learnt", answer=ExampleList)
def list_examples(work: Caller, template_id: TemplateId) -> Response:
    template = access.template(work, template_id, "templates-read")
    return present.answer({"data": [_shown(e) for e in learning.list_examples(work, template)]})


@route(
    router, "POST", "/v1/templates/{templateId}/examples/{exampleId}/deactivate", summary="Forgets an example",
    answer=Example,
)  # fmt: skip
def deactivate_example(work: Caller, template_id: TemplateId, example_id: ExampleId) -> Response:
    template = access.template(work, template_id, "templates-write", role=Role.USER)
    return present.answer(_shown(learning.set_active(work, template, example_id, is_active=False)))


@route(
    router, "POST", "/v1/templates/{templateId}/examples/{exampleId}/activate", summary="Remembers an example again",
    answer=Example,
)  # fmt: skip
def activate_example(work: Caller, template_id: TemplateId, example_id: ExampleId) -> Response:
    template = access.template(work, template_id, "templates-write", role=Role.USER)
    return present.answer(_shown(learning.set_active(work, template, example_id, is_active=True)))


def _shown(row: ExampleRow) -> dict[str, Any]:
    return {
        "id": str(row.id), "result_id": str(row.result_id) if row.result_id else None,
        "document_id": str(row.document_id) if row.document_id else None, "fields": sorted(row.fields),
        "is_active": row.is_active, "refusal": row.refusal, "created_at": iso(row.created_at),
    }  # fmt: skip
