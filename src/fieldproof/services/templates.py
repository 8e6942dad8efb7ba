"""Templates: what to extract, and how."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from fieldproof.core.errors import Invalid
from fieldproof.core.schema import SchemaInvalid, parse_schema
from fieldproof.db.models import Session, Template, Workspace
from fieldproof.extraction import llm
from fieldproof.parsing.config import are_languages
from fieldproof.services import budgets, sessions
from fieldproof.services.paging import Page, page_of
from fieldproof.services.work import Work

PAGE_SIZE = 15
_LANGUAGES = "languages must be a list of two-letter codes, such as en and de."


def list_templates(
    work: Work, workspace: Workspace, page: int = 1, size: int = PAGE_SIZE, *, name: str = ""
) -> Page[Template]:
    """Newest first; with ``name``, those whose name has it as a part."""
    query = select(Template).where(Template.workspace_id == workspace.id)
    if name:
        query = query.where(Template.name.icontains(name, autoescape=True))
    return page_of(work, query.order_by(Template.created_at.desc(), Template.id.desc()), page, size)


def add_template(
    work: Work,
    workspace: Workspace,
    name: str,
    schema_json: Any,
    *,
    description: str | None = None,
    settings: dict[str, Any] | None = None,
) -> Template:
    """Raises: Invalid, naming each path of the schema that is wrong."""
    template = Template(
        workspace_id=workspace.id, name=name, description=description, schema_json=checked_schema(schema_json),
        settings=checked_settings(work, settings), created_by=work.actor.user_id, created_at=work.now, updated_at=work.now,
    )  # fmt: skip
    work.db.add(template)
    work.db.flush()
    work.record("template.created", template, name=name)
    return template


def update_template(work: Work, template: Template, changes: dict[str, Any]) -> Template:
    """Only what ``changes`` names: name, description, schema_json, settings."""
    if "schema_json" in changes:
        template.schema_json = checked_schema(changes["schema_json"])
    if "settings" in changes:
        template.settings = checked_settings(work, {**template.settings, **(changes["settings"] or {})})
    if "name" in changes:
        template.name = changes["name"]
    if "description" in changes:
        template.description = changes["description"]
    template.updated_at = work.now
    work.record("template.updated", template, changed=sorted(changes))
    return template


def remove_template(work: Work, template: Template) -> None:
    """Its sessions go along by the rules of a session's own removal."""
    sessions.remove_sessions(work, work.db.scalars(select(Session).where(Session.template_id == template.id)).all())
    work.record("template.deleted", template, name=template.name)
    work.db.flush()
    work.db.delete(template)


def duplicate_template(work: Work, template: Template, name: str | None = None) -> Template:
    copy = Template(
        workspace_id=template.workspace_id, name=name or f"{template.name} (Copy)", description=template.description,
        schema_json=template.schema_json, settings=template.settings, created_by=work.actor.user_id,
        created_at=work.now, updated_at=work.now,
    )  # fmt: skip
    work.db.add(copy)
    work.db.flush()
    work.record("template.duplicated", copy, name=copy.name, source=str(template.id))
    return copy


def checked_schema(schema_json: Any) -> dict[str, Any]:
    """The schema as it was given, once it is known to be right. Raises: Invalid."""
    try:
        parse_schema(schema_json)
    except SchemaInvalid as error:
        problems = {f"schema_json.{path}" if path else "schema_json": texts for path, texts in error.problems.items()}
        raise Invalid(problems) from error
    return schema_json


def checked_settings(work: Work, settings: dict[str, Any] | None) -> dict[str, Any]:
    """Settings with the documented key in place; unknown keys stay, an unknown engine does not. Raises: Invalid."""
    settings = dict(settings or {})
    try:
        llm.check_engine(settings, budgets.llm_config(work.settings))
    except llm.UnknownEngine as error:
        raise Invalid({"settings.engine": [error.message]}) from error
    parsing = settings.get("parsing", {})
    if not isinstance(parsing, dict):
        raise Invalid({"settings.parsing": ["settings.parsing must be an object."]})
    if not isinstance(parsing.get("contextual_embedding", False), bool):
        raise Invalid({"settings.parsing.contextual_embedding": ["contextual_embedding must be true or false."]})
    if not are_languages(parsing.get("languages") or []):
        raise Invalid({"settings.parsing.languages": [_LANGUAGES]})
    return {**settings, "parsing": {"contextual_embedding": False, **parsing}}
