"""What clients send."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from fieldproof.core.actor import Role
from fieldproof.edge import Body
from fieldproof.services.paging import MAX_PAGE

Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Icon = Annotated[str, StringConstraints(max_length=64)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=512)]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
RoleName = Annotated[Role, Field(strict=False)]


class WorkspaceCreate(Body):
    name: Name
    icon: Icon | None = None


class WorkspaceUpdate(Body):
    name: Name | None = None
    icon: Icon | None = None

    def changes(self) -> dict[str, Any]:
        given = self.model_dump(include=self.model_fields_set)
        return {k: v for k, v in given.items() if v is not None or k == "icon"}


class MemberAdd(Body):
    email: Annotated[str, StringConstraints(min_length=3, max_length=320)]
    role: RoleName


class MemberRole(Body):
    role: RoleName


class _TemplateBody(Body):
    @model_validator(mode="before")
    @classmethod
    def _second_spelling(cls, value: Any) -> Any:
        if isinstance(value, dict) and "schema" in value and "schema_json" not in value:
            return {**value, "schema_json": value["schema"]}
        return value


class TemplateCreate(_TemplateBody):
    name: Name
    workspace_id: Annotated[int, Field(ge=1, le=2**53)]
    schema_: Annotated[dict[str, Any], Field(alias="schema_json")]
    description: Annotated[str, StringConstraints(max_length=10_000)] | None = None
    settings: dict[str, Any] | None = None


class TemplateUpdate(_TemplateBody):
    name: Name | None = None
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema_json")] = None
    description: Annotated[str, StringConstraints(max_length=10_000)] | None = None
    settings: dict[str, Any] | None = None

    def changes(self) -> dict[str, Any]:
        given = self.model_dump(include=self.model_fields_set, by_alias=True)
        return {k: v for k, v in given.items() if v is not None or k == "description"}


class TemplateDuplicate(Body):
    name: Name | None = None


class SessionCreate(Body):
    extraction_template_id: Id
    name: Name | None = None
    settings: dict[str, Any] | None = None


class SessionUpdate(Body):
    name: Name | None = None
    settings: dict[str, Any] | None = None


class UploadKeys(Body):
    keys: Annotated[list[Key], Field(min_length=1, max_length=1000)]


class UploadKeyLegacy(Body):
    key: Key
    filename: Name | None = None


class AttachDocuments(Body):
    document_ids: Annotated[list[Id], Field(min_length=1, max_length=1000)]


class BatchSettings(Body):
    auto_extract: bool = False


class BatchCreate(Body):
    files: Annotated[list[Key], Field(min_length=1)]
    settings: BatchSettings | None = None


class SessionIds(Body):
    session_ids: Annotated[list[Id], Field(min_length=1, max_length=1000)]


class BatchExport(SessionIds):
    format: Literal["json", "csv", "excel"] = "json"


class SignedUploadCreate(Body):
    content_type: (
        Annotated[str, StringConstraints(pattern=r"^[\w.+-]+/[\w.+-]+(\s*;\s*[\w.+-]+=[\w.+\"-]+)*$", max_length=255)]
        | None
    ) = None
    visibility: Literal["private"] | None = None


class DocumentCreate(Body):
    key: Key
    filename: Name | None = None
    mime: Annotated[str, StringConstraints(max_length=255)] | None = None
    session_id: Id | None = None


class Reparse(Body):
    config_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$", to_lower=True)]
    force: bool = False
    parser_version: Annotated[str, StringConstraints(max_length=64)] | None = None


class DocumentQuery(BaseModel):
    query: Annotated[str, StringConstraints(max_length=1000)] | None = None
    mime: str | None = None
    status: Literal["uploaded", "queued", "parsing", "parsed", "processed", "failed"] | None = None
    source_type: Literal["upload", "url", "connector"] | None = None
    sort: Literal["created_at", "filename", "size", "status"] = "created_at"
    order: Literal["asc", "desc"] = "desc"
    page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 15
