"""A schema as somebody types it: read, checked, with problems that point at a line and a field."""

from __future__ import annotations

from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any

from fieldproof.core.errors import Invalid
from fieldproof.core.schema import SchemaInvalid, parse_schema
from fieldproof.services.trials import Proposed
from fieldproof.web import jsonlines
from fieldproof.web.forms import Form

TYPES = (
    ("string", "Text"), ("number", "Number"), ("integer", "Whole number"), ("currency", "Money"), ("date", "Date"),
    ("datetime", "Date and time"), ("boolean", "Yes or no"),
)  # fmt: skip

EMPTY: dict[str, Any] = {
    "groups": {"document": {"title": "Document", "fields": {"number": {"type": "string", "title": "Number"}}}}
}


@dataclass(frozen=True)
class Problem:
    """One mistake: where it stands, in the text and in the schema, and what to do."""

    line: int
    path: str
    text: str


@dataclass(frozen=True)
class Draft:
    text: str
    schema_json: dict[str, Any] | None
    problems: list[Problem]

    def checked(self) -> dict[str, Any]:
        """Raises: Invalid."""
        if self.schema_json is None or self.problems:
            sentences = [f"Line {p.line}: {p.text}" for p in self.problems]
            raise Invalid({"schema_json": sentences or ["The schema is missing."]})
        return self.schema_json


def read_draft(text: str) -> Draft:
    try:
        parsed = jsonlines.parse(text)
    except JSONDecodeError as error:
        return _unreadable(text, error)
    return _checked(text, parsed, parsed.value)


def read_import(text: str) -> tuple[Draft, dict[str, Any]]:
    """A schema alone, or within a template as the API answers it; then its name and description, too."""
    try:
        parsed = jsonlines.parse(text)
    except JSONDecodeError as error:
        return _unreadable(text, error), {}
    if isinstance(parsed.value, dict) and "schema_json" in parsed.value:
        return _checked(text, parsed, parsed.value["schema_json"], "schema_json."), parsed.value
    return _checked(text, parsed, parsed.value), {}


def from_proposals(proposed: list[Proposed], sent: Form) -> dict[str, Any]:
    """The schema of what was ticked, under the names and types that were chosen. Raises: Invalid."""
    fields: dict[str, Any] = {}
    lists: dict[str, Any] = {}
    for number, one in enumerate(proposed):
        if str(number) not in sent.texts("take"):
            continue
        name = sent.text(f"name-{number}") or one.name
        if name in fields or name in lists:
            raise Invalid({f"name-{number}": [f"There are two fields with the name {name}."]})
        if one.columns:
            lists[name] = _list(one, number, sent)
        else:
            fields[name] = {"type": sent.text(f"type-{number}") or one.type, "title": one.title}
    if not fields and not lists:
        raise Invalid({"take": ["Tick at least one field."]})
    groups = {"document": {"title": "Document", "fields": fields}} if fields else {}
    if lists:
        groups["items"] = {"title": "Items", "fields": lists}
    return {"groups": groups}


def _unreadable(text: str, error: JSONDecodeError) -> Draft:
    return Draft(text, None, [Problem(error.lineno, "", f"{error.msg} (column {error.colno}).")])


def _checked(text: str, parsed: jsonlines.Parsed, schema_json: Any, prefix: str = "") -> Draft:
    try:
        parse_schema(schema_json)
    except SchemaInvalid as error:
        problems = [
            Problem(parsed.line_of(prefix + path), path, sentence)
            for path, sentences in error.problems.items()
            for sentence in sentences
        ]
        return Draft(text, None, sorted(problems, key=lambda p: p.line))
    return Draft(text, schema_json, [])


def _list(one: Proposed, number: int, sent: Form) -> dict[str, Any]:
    wanted = sent.texts(f"columns-{number}")
    columns = [c for c in one.columns if c["name"] in wanted] or one.columns
    properties = {c["name"]: {"type": c["type"], "title": c["title"]} for c in columns}
    return {"type": "array", "title": one.title, "items": {"type": "object", "properties": properties}}
