"""A workspace's documents: every filter, any order, and where a search hit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field, StringConstraints, ValidationError
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Caller
from fieldproof.api.v1.contract import route
from fieldproof.core.clock import iso
from fieldproof.core.errors import Invalid
from fieldproof.core.ids import parse_uuid
from fieldproof.edge import Model, fields_of
from fieldproof.services import access, search
from fieldproof.services.paging import MAX_PAGE
from fieldproof.services.search import DocumentQuery, FoundDocument

router = APIRouter(tags=["Documents"])
WorkspaceId = Annotated[str, Path(alias="workspaceId")]

Names = Annotated[str, Field(description="One or more, separated by commas; the parameter may also be repeated.")]
Text = Annotated[str, StringConstraints(max_length=500)]
Number = Annotated[int, Field(ge=0, le=2**62)]
FIELDS = (
    "id", "filename", "mime", "extension", "file_type", "size", "sha256", "status", "page_count", "error", "error_code",
    "source_type", "source_url", "parent_id", "industry", "tags", "created_at", "updated_at", "processed_at", "hit",
)  # fmt: skip


class ListQuery(BaseModel):
    search: Annotated[Text, Field(description='Words of the text, "a phrase", or a part of the file name.')] | None = (
        None
    )
    status: Names | None = None
    not_status: Names | None = None
    file_type: Names | None = None
    extension: Names | None = None
    template: str | None = None
    session: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    processed_from: datetime | None = None
    processed_to: datetime | None = None
    size_min: Number | None = None
    size_max: Number | None = None
    pages_min: Number | None = None
    pages_max: Number | None = None
    has_error: bool | None = None
    needs_review: Annotated[bool, Field(description="A completed run over it waits for a person.")] | None = None
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{64}$")] | None = None
    ids: Names | None = None
    industry: Annotated[str, StringConstraints(max_length=100)] | None = None
    tags_any: Names | None = None
    tags_all: Names | None = None
    tags_none: Names | None = None
    sort: Literal[
        "created_at", "updated_at", "processed_at", "filename", "size", "pages", "status", "relevance"
    ] = "created_at"  # fmt: skip
    order: Literal["asc", "desc"] = "desc"
    page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 1
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, StringConstraints(max_length=2000), Field(description="next_cursor of the last answer.")] | None = None  # fmt: skip
    fields: Names | None = None
    counts: Annotated[bool, Field(description="Also count by status and by file type.")] = False


class Hit(BaseModel):
    """``highlights`` are half-open spans of ``snippet``; ``box`` is left, top, right, bottom as fractions of the page."""

    score: float
    page: int | None
    snippet: str | None
    highlights: list[tuple[int, int]]
    box: list[float] | None


class Document(BaseModel):
    id: str
    filename: str = ""
    mime: str = ""
    extension: str = ""
    file_type: str = ""
    size: int = 0
    sha256: str = ""
    status: str = ""
    page_count: int | None = None
    error: str | None = None
    error_code: str | None = None
    source_type: str = ""
    source_url: str | None = None
    parent_id: str | None = None
    industry: str | None = None
    tags: list[str] = []
    created_at: datetime | None = None
    updated_at: datetime | None = None
    processed_at: datetime | None = None
    hit: Hit | None = None


class CountedBy(BaseModel):
    status: dict[str, int]
    file_type: dict[str, int]


class DocumentList(BaseModel):
    data: list[Document]
    total: int
    page: int | None
    limit: int
    next_cursor: str | None
    counts: CountedBy | None = None


@route(
    router, "GET", "/v1/workspaces/{workspaceId}/documents", summary="A workspace's documents, filtered and searched",
    query=ListQuery, answer=DocumentList,
)  # fmt: skip
def list_documents(work: Caller, workspace_id: WorkspaceId, request: Request) -> Response:
    workspace = access.workspace_id(work, workspace_id, "documents-read")
    query = joined_query_of(request, ListQuery)
    shown = _fields(query.fields)
    found = search.find_documents(work, workspace, _wanted(query))
    body: dict[str, Any] = {
        "data": [_document(item, shown) for item in found.items], "total": found.total,
        "page": None if query.cursor else query.page, "limit": query.limit, "next_cursor": found.next_cursor,
    }  # fmt: skip
    if query.counts:
        body["counts"] = {"status": found.by_status, "file_type": found.by_file_type}
    return present.answer(body)


def joined_query_of(request: Request, model: type[Model]) -> Model:
    """The query string as a model: repeated parameters joined by commas, blank ones left out. Raises: Invalid."""
    given: dict[str, str] = {}
    for key, value in request.query_params.multi_items():
        if value != "":
            given[key] = f"{given[key]},{value}" if key in given else value
    nul = {key: ["The text must not contain the NUL character."] for key, value in given.items() if "\x00" in value}
    if nul:
        raise Invalid(nul)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Invalid(fields_of(error.errors())) from error


def names_of(joined: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in (joined or "").split(",") if name.strip()))


def _wanted(query: ListQuery) -> DocumentQuery:
    if query.cursor and query.page != 1:
        raise Invalid({"cursor": ["Give a page or a cursor, not both."]})
    return DocumentQuery(
        search=(query.search or "").strip() or None,
        statuses=search.checked_statuses(names_of(query.status), "status"),
        not_statuses=search.checked_statuses(names_of(query.not_status), "not_status"),
        file_types=search.checked_file_types(names_of(query.file_type)),
        extensions=names_of(query.extension),
        template_id=_id(query.template, "template"),
        session_id=_id(query.session, "session"),
        ranges=_ranges(query),
        has_error=query.has_error,
        needs_review=query.needs_review,
        sha256=query.sha256.lower() if query.sha256 else None,
        ids=search.checked_ids(names_of(query.ids)) if query.ids is not None else None,
        industry=query.industry,
        tags_any=names_of(query.tags_any),
        tags_all=names_of(query.tags_all),
        tags_none=names_of(query.tags_none),
        sort=query.sort,
        is_ascending=query.order == "asc",
        page=query.page,
        size=query.limit,
        cursor=query.cursor,
        with_counts=query.counts,
    )


def _ranges(query: ListQuery) -> dict[str, tuple[Any, Any]]:
    ranges: dict[str, tuple[Any, Any]] = {
        "created": (_utc(query.created_from), _utc(query.created_to)),
        "updated": (_utc(query.updated_from), _utc(query.updated_to)),
        "processed": (_utc(query.processed_from), _utc(query.processed_to)),
        "size": (query.size_min, query.size_max),
        "pages": (query.pages_min, query.pages_max),
    }
    return {name: pair for name, pair in ranges.items() if pair != (None, None)}


def _utc(moment: datetime | None) -> datetime | None:
    """A moment without a zone is meant in UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _id(text: str | None, field: str) -> Any:
    found = parse_uuid(text) if text else None
    if text and found is None:
        raise Invalid({field: ["Must be an id."]})
    return found


def _fields(joined: str | None) -> frozenset[str]:
    names = names_of(joined)
    unknown = [name for name in names if name not in FIELDS]
    if unknown:
        raise Invalid({"fields": [f"Must be one or more of: {', '.join(FIELDS)}."]})
    return frozenset(names or FIELDS) | {"id"}


def _document(item: FoundDocument, shown: frozenset[str]) -> dict[str, Any]:
    row = item.document
    whole = {
        "id": str(row.id), "filename": row.filename, "mime": row.mime, "extension": row.extension,
        "file_type": row.category, "size": row.size_bytes, "sha256": row.sha256, "status": row.status,
        "page_count": row.page_count, "error": row.error, "error_code": row.error_code,
        "source_type": row.source_type, "source_url": row.source_url,
        "parent_id": str(row.parent_id) if row.parent_id else None, "industry": item.industry, "tags": item.tags,
        "created_at": iso(row.created_at), "updated_at": iso(row.updated_at), "processed_at": iso(row.processed_at),
        "hit": _hit(item),
    }  # fmt: skip
    return {name: value for name, value in whole.items() if name in shown}


def _hit(item: FoundDocument) -> dict[str, Any] | None:
    if item.score is None:
        return None
    place = item.snippet
    return {
        "score": item.score, "page": place.page if place else None, "snippet": place.text if place else None,
        "highlights": place.highlights if place else [], "box": place.box if place else None,
    }  # fmt: skip
