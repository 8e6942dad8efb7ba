"""What the server answers. Boxes are fractions of the page, moments have their zone, ids are text or numbers as given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")
Role = Literal["admin", "user", "readonly"]
DocumentStatus = Literal["uploaded", "queued", "parsing", "parsed", "processed", "failed"]
ResultStatus = Literal["created", "parsing_pending", "processing", "completed", "failed"]
ReviewStatus = Literal["open", "approved", "rejected"]


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list, and what is known of the rest."""

    items: list[T]
    total: int
    number: int | None
    size: int
    next_cursor: str | None = None
    counts: dict[str, dict[str, int]] | None = None

    @property
    def has_more(self) -> bool:
        if self.number is None:
            return self.next_cursor is not None
        return self.number * self.size < self.total


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def from_wire(cls, numbers: list[float]) -> Box:
        return cls(*numbers)

    def as_list(self) -> list[float]:
        return [self.left, self.top, self.right, self.bottom]


# Account


@dataclass(frozen=True)
class Me:
    id: int
    name: str
    email: str


@dataclass(frozen=True)
class Token:
    id: int
    kind: Literal["access", "key"]
    name: str
    hint: str
    abilities: list[str]
    workspace_id: int | None
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime
    token: str | None = None  # the secret, once: in the answer that made it


# Workspaces and people


@dataclass(frozen=True)
class Workspace:
    id: int
    name: str
    icon: str | None
    created_at: datetime
    updated_at: datetime
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Member:
    id: int
    name: str
    email: str
    role: Role
    photo_url: str | None = None


@dataclass(frozen=True)
class Invite:
    id: int
    email: str
    role: Role
    status: str
    valid_until: datetime
    created_at: datetime | None = None


@dataclass(frozen=True)
class MemberAdded:
    """``invite_id`` is set where the address had no account: it was invited."""

    message: str
    invite_id: int | None = None


@dataclass(frozen=True)
class Joined:
    workspace_id: int
    user_id: int
    role: Role


# Templates and sessions


@dataclass(frozen=True)
class Template:
    id: str
    name: str
    description: str | None
    workspace_id: int
    created_at: datetime
    updated_at: datetime
    schema: dict[str, Any] = field(default_factory=dict, metadata={"wire": "schema_json"})
    settings: dict[str, Any] = field(default_factory=dict)
    config_hash: str | None = None


@dataclass(frozen=True)
class Example:
    """What one reviewed document taught a template."""

    id: str
    result_id: str | None
    document_id: str | None
    fields: list[str]
    is_active: bool
    refusal: str | None
    created_at: datetime


@dataclass(frozen=True)
class Session:
    id: str
    name: str | None
    extraction_template_id: str
    status: str
    created_at: datetime
    updated_at: datetime
    settings: dict[str, Any] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)


@dataclass(frozen=True)
class SessionRow:
    """A session as lists show it."""

    id: str
    name: str | None
    template_id: str
    status: str
    created_at: datetime
    updated_at: datetime
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BatchSession:
    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True)
class Exported:
    session_id: str
    session_name: str | None
    data: dict[str, Any] | None


@dataclass(frozen=True)
class Progress:
    """``share`` of all jobs; 1 when everything has ended."""

    runs: int
    ended: int
    failed: int
    documents: int
    settled: int
    share: float
    batch_id: str | None = None


# Documents


@dataclass(frozen=True)
class Parsing:
    id: str
    config_hash: str
    status: str
    parser_version: str
    updated_at: datetime
    error: str | None = None
    error_code: str | None = None


@dataclass(frozen=True)
class Document:
    id: str
    workspace_id: int
    filename: str
    mime: str
    size: int
    sha256: str
    status: DocumentStatus
    source_type: str
    created_at: datetime
    source_url: str | None = None
    parsings: list[Parsing] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    error_code: str | None = None


@dataclass(frozen=True)
class DocumentCreated:
    document: Document
    dedup: Dedup


@dataclass(frozen=True)
class Dedup:
    reused: bool
    matched_by: str | None


@dataclass(frozen=True)
class SignedUpload:
    uuid: str
    key: str
    url: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Link:
    url: str
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Chunk:
    id: str
    document_id: str
    chunk_index: int
    blocks: list[dict[str, Any]]
    content: str = ""
    page_numbers: list[int] = field(default_factory=list)
    token_count: int | None = None
    context: str | None = None


@dataclass(frozen=True)
class Hit:
    """Where a search hit: half-open spans of ``snippet``, and the block's box on its page."""

    score: float
    page: int | None
    snippet: str | None
    highlights: list[list[int]]
    box: Box | None


@dataclass(frozen=True)
class FoundDocument:
    """A document as search shows it; only ``id`` is there when ``fields`` asked for nothing else."""

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
    tags: list[str] = field(default_factory=list)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    processed_at: datetime | None = None
    hit: Hit | None = None


@dataclass(frozen=True)
class PagePicture:
    number: int
    width_pt: float
    height_pt: float
    image_url: str
    expires_at: datetime


@dataclass(frozen=True)
class Word:
    text: str
    box: Box


@dataclass(frozen=True)
class TagCount:
    tag: str
    documents: int


@dataclass(frozen=True)
class Imported:
    document_id: str | None
    session_id: str | None
    status: str | None
    is_new: bool
    error: str | None = None


@dataclass(frozen=True)
class ImportedMany:
    data: list[Imported]
    batch_id: str | None = None


@dataclass(frozen=True)
class PlannedUpload:
    key: str
    url: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Planned:
    """What is there of a file already; ``upload`` where nothing is."""

    sha256: str
    document_id: str | None
    session_id: str | None
    upload: PlannedUpload | None


# Results


@dataclass(frozen=True)
class Result:
    id: str
    extraction_session_id: str
    status: ResultStatus
    config_hash: str
    document_refs: list[dict[str, Any]]
    title: str | None
    data: dict[str, Any]
    audit_data: dict[str, Any]
    created_at: datetime
    completed_at: datetime | None = None
    reasoning: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    error_code: str | None = None
    warnings: list[Any] = field(default_factory=list)

    @property
    def has_ended(self) -> bool:
        return self.status in ("completed", "failed")


@dataclass(frozen=True)
class Source:
    """A place that proves a value. ``match``: exact, normalised, fuzzy or none."""

    text: str
    page: int
    box: Box | None = field(default=None, metadata={"wire": "bbox"})
    document_id: str | None = None
    chunk_id: str | None = None
    match: str | None = None


@dataclass(frozen=True)
class Value:
    """One field of a result with its proof: ``quote``, ``page`` and ``box`` are of its first source."""

    path: str
    value: Any
    raw: str | None
    confidence: float | None
    sources: list[Source]
    reason: str = field(default="", metadata={"wire": "reasoning"})
    rivals: list[dict[str, Any]] = field(default_factory=list)
    formula: str | None = None
    is_supported: bool = True
    is_corrected: bool = False
    is_accepted: bool = False
    machine_value: Any = None

    @property
    def quote(self) -> str | None:
        return self.sources[0].text if self.sources else None

    @property
    def page(self) -> int | None:
        return self.sources[0].page if self.sources else None

    @property
    def box(self) -> Box | None:
        return self.sources[0].box if self.sources else None

    @property
    def document_id(self) -> str | None:
        return self.sources[0].document_id if self.sources else None


@dataclass(frozen=True)
class Review:
    result_id: str
    status: ReviewStatus
    note: str | None
    reviewed_at: datetime | None
    values: list[Value]
    ledgers: list[dict[str, Any]]


@dataclass(frozen=True)
class Change:
    """One line of a result's history."""

    id: int
    path: str
    old_value: Any
    new_value: Any
    sources: list[Source]
    undoes: int | None
    by: str
    at: datetime


@dataclass(frozen=True)
class NextReview:
    result_id: str | None
    open: int


@dataclass(frozen=True)
class Cancelled:
    id: str
    status: ResultStatus
    error_code: str | None
    error: str | None


@dataclass(frozen=True)
class FoundValue:
    field: str
    value: Any
    confidence: float | None
    document_id: str | None
    page: int | None
    box: Box | None


@dataclass(frozen=True)
class FoundResult:
    result_id: str
    session_id: str
    template_id: str
    title: str | None
    completed_at: datetime | None
    values: list[FoundValue]


class Fields(Mapping[str, Value]):
    """A result's values by path: ``fields["amounts.total"].quote``, ``fields["items.lines.0.amount"].box``."""

    def __init__(self, values: list[Value]) -> None:
        self._by_path = {value.path: value for value in values}

    def __getitem__(self, path: str) -> Value:
        return self._by_path[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_path)

    def __len__(self) -> int:
        return len(self._by_path)


@dataclass(frozen=True)
class Extraction:
    """A completed run: ``data`` as the template groups it, and every value with its proof in ``fields``."""

    result: Result
    fields: Fields

    @property
    def id(self) -> str:
        return self.result.id

    @property
    def title(self) -> str | None:
        return self.result.title

    @property
    def data(self) -> dict[str, Any]:
        return self.result.data


# Webhooks


@dataclass(frozen=True)
class Webhook:
    id: str
    url: str
    events: list[str]
    is_active: bool
    disabled_because: str | None
    created_at: datetime
    secret: str | None = None  # once: in the answer that made it


@dataclass(frozen=True)
class Delivery:
    id: str
    event_id: str
    type: str
    status: Literal["waiting", "delivered", "failed"]
    attempts: int
    answer_status: int | None
    answer: str | None
    next_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime


# The DocSense surface


@dataclass(frozen=True)
class DepositedDocument:
    id: int
    user_id: int
    original_filename: str
    file_type: str
    file_size: int
    status: str
    industry: str | None
    created_at: datetime
    updated_at: datetime
    processed_at: datetime | None
    s3_url: str


@dataclass(frozen=True)
class RejectedFile:
    original_filename: str
    code: str
    message: str


@dataclass(frozen=True)
class Deposited:
    documents: list[DepositedDocument]
    rejected: list[RejectedFile] = field(default_factory=list)


@dataclass(frozen=True)
class DocumentJob:
    id: int
    document_id: int
    job_type: str
    status: str
    result_data: ReadText | None
    document: DepositedDocument
    error_message: str | None = None


@dataclass(frozen=True)
class ReadText:
    ocr_confidence: float | None
    total_pages: int
    raw_data: RawText


@dataclass(frozen=True)
class RawText:
    text: str
    blocks: list[str]
