"""The template's schema: from ``schema_json`` to typed groups and fields.

Grammar: ``shared/spec/raydocs.md`` section 2.5. Unknown keys are legal everywhere and stay in
the stored JSON; this module reads only what extraction needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fieldproof.core import patterns

MAX_DEPTH = 12  # levels of nested objects and arrays, $ref followed
MAX_FIELDS = 5_000

_REFERENCE = re.compile(r"\{\{\s*([\w-]+(?:\.[\w-]+)+)\s*\}\}|\{\s*([\w-]+(?:\.[\w-]+)+)\s*\}")


class FieldType(StrEnum):
    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CURRENCY = "currency"  # a number: an amount of money
    ENUM = "enum"
    ARRAY = "array"
    OBJECT = "object"


_ALIASES = {
    "str": FieldType.STRING, "text": FieldType.STRING, "float": FieldType.NUMBER, "decimal": FieldType.NUMBER,
    "int": FieldType.INTEGER, "bool": FieldType.BOOLEAN, "date-time": FieldType.DATETIME, "timestamp": FieldType.DATETIME,
    "money": FieldType.CURRENCY, "amount": FieldType.CURRENCY, "list": FieldType.ARRAY, "table": FieldType.ARRAY,
}  # fmt: skip


class SchemaInvalid(ValueError):
    """The schema breaks the grammar; ``problems`` maps a dotted path to sentences."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        super().__init__("; ".join(f"{path}: {', '.join(texts)}" for path, texts in problems.items()))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Field:
    """One field. Arrays have ``items``, objects have ``properties``."""

    name: str
    type: FieldType
    title: str | None = None
    description: str | None = None  # extraction_prompt, else description
    format: str | None = None
    enum: tuple[Any, ...] = ()
    pattern: str | None = None
    is_nullable: bool = True
    is_required: bool = False
    default: Any = None
    items: Field | None = None
    properties: tuple[Field, ...] = ()

    def child(self, name: str) -> Field | None:
        return next((p for p in self.properties if p.name == name), None)

    @property
    def is_list(self) -> bool:
        return self.type is FieldType.ARRAY


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that are extracted together over the same chunks.

    ``iterates_on`` is the path (group, field, …) of a list; then the group's data is a list with
    one entry per item. ``depends_on`` names groups whose values must exist first.
    """

    name: str
    fields: tuple[Field, ...]
    title: str | None = None
    description: str | None = None  # extraction_prompt
    search_query: str | None = None
    system_message: str | None = None
    iterates_on: tuple[str, ...] | None = None
    depends_on: tuple[str, ...] = ()

    def field(self, name: str) -> Field | None:
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class Schema:
    groups: tuple[Group, ...]
    system_message: str | None = None
    is_reasoning_enabled: bool = False
    title_prompt: str | None = None

    def group(self, name: str) -> Group | None:
        return next((g for g in self.groups if g.name == name), None)

    def in_dependency_order(self) -> tuple[Group, ...]:
        """Groups such that each comes after those it depends on; otherwise in schema order."""
        done: list[Group] = []
        names: set[str] = set()
        waiting = list(self.groups)
        while waiting:
            ready = next(g for g in waiting if set(g.depends_on) <= names)
            waiting.remove(ready)
            done.append(ready)
            names.add(ready.name)
        return tuple(done)

    def leaves(self) -> Iterator[tuple[tuple[str, ...], Field]]:
        """Every scalar field with its path; array items under the segment ``[]``."""
        for group in self.groups:
            for f in group.fields:
                yield from _leaves((group.name, f.name), f)


def _leaves(path: tuple[str, ...], f: Field) -> Iterator[tuple[tuple[str, ...], Field]]:
    if f.type is FieldType.ARRAY and f.items is not None:
        yield from _leaves((*path, "[]"), f.items)
    elif f.type is FieldType.OBJECT:
        for child in f.properties:
            yield from _leaves((*path, child.name), child)
    else:
        yield path, f


def parse_schema(schema_json: Any) -> Schema:
    """The typed schema.

    Raises: SchemaInvalid, naming every path that is wrong (cycles included).
    """
    return _Reader().read(schema_json)


@dataclass
class _Reader:
    problems: dict[str, list[str]] = field(default_factory=dict)
    definitions: dict[str, Any] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)  # definitions that some field refers to
    count: int = 0

    def read(self, source: Any) -> Schema:
        if not isinstance(source, dict):
            raise SchemaInvalid({"": ['The schema must be an object with a key "groups".']})
        config = self.object(source, "config", "config")
        self.definitions = self.named(source, "definitions")
        groups = [
            self.group(name, value, f"groups.{name}")
            for name, value in self.named(source, "groups", is_required=True).items()
        ]
        self.unused_definitions()
        present = self.resolved([g for g in groups if g is not None])
        schema = Schema(
            groups=tuple(present),
            system_message=self.text(config, "system_message", "config"),
            is_reasoning_enabled=self.flag(config, "reasoning_enabled", "config"),
            title_prompt=self.text(config, "extraction_title_prompt", "config"),
        )
        if self.problems:
            raise SchemaInvalid(self.problems)
        return schema

    def problem(self, path: str, text: str) -> None:
        self.problems.setdefault(path, []).append(text)

    # Groups

    def group(self, name: str, source: Any, path: str) -> Group | None:
        if not self.legal_name(name, path) or not isinstance(source, dict):
            if not isinstance(source, dict):
                self.problem(path, "A group must be an object.")
            return None
        config = self.object(source, "config", f"{path}.config")
        iterates_on = self.text(config, "iterates_on", f"{path}.config")
        fields = self.named(source, "fields", f"{path}.", is_required=True)
        read = [self.field(n, value, f"{path}.fields.{n}", 0) for n, value in fields.items()]
        return Group(
            name=name,
            fields=tuple(f for f in read if f is not None),
            title=self.text(source, "title", path),
            description=self.text(source, "extraction_prompt", path) or self.text(source, "description", path),
            search_query=self.text(source, "search_query", path),
            system_message=self.text(config, "system_message", f"{path}.config"),
            iterates_on=tuple(iterates_on.split(".")) if iterates_on else None,
        )

    def resolved(self, groups: list[Group]) -> list[Group]:
        """Groups with ``depends_on`` set from ``iterates_on`` and references; cycles reported."""
        by_name = {g.name: g for g in groups}
        depends: dict[str, list[str]] = {}
        for g in groups:
            needs = [g.iterates_on[0]] if g.iterates_on else []
            if g.iterates_on and not self.is_list_path(by_name, g.iterates_on):
                self.problem(
                    f"groups.{g.name}.config.iterates_on",
                    f'"{".".join(g.iterates_on)}" is not a list field of this schema. Use group.field of an array.',
                )
            needs += [target for target in references_of(g) if target in by_name]
            depends[g.name] = [n for n in dict.fromkeys(needs) if n in by_name and n != g.name]
            if g.iterates_on and g.iterates_on[0] == g.name:
                self.problem(f"groups.{g.name}.config.iterates_on", "A group cannot iterate on itself: cycle.")
        cycle = _cycle(depends)
        if cycle:
            self.problem(f"groups.{cycle[0]}", f"The groups depend on each other in a cycle: {' -> '.join(cycle)}.")
        return [_with_depends(g, tuple(depends[g.name])) for g in groups]

    def is_list_path(self, groups: dict[str, Group], path: tuple[str, ...]) -> bool:
        group = groups.get(path[0])
        found = group.field(path[1]) if group and len(path) > 1 else None
        for name in path[2:]:
            if found is None:
                return False
            inner = found.items if found.type is FieldType.ARRAY and found.items else found
            found = inner.child(name)
        return found is not None and found.type is FieldType.ARRAY

    # Fields

    def field(self, name: str, source: Any, path: str, depth: int, seen: tuple[str, ...] = ()) -> Field | None:
        self.count += 1
        if self.count > MAX_FIELDS:
            if self.count == MAX_FIELDS + 1:
                self.problem(path, f"The schema has more than {MAX_FIELDS:,} fields. Split it into several templates.")
            return None
        if depth > MAX_DEPTH:
            self.problem(path, f"Nested deeper than {MAX_DEPTH} levels.")
            return None
        if isinstance(source, str):  # shorthand: "total": "number"
            source = {"type": source}
        if not isinstance(source, dict):
            self.problem(path, "A field must be an object.")
            return None
        if not self.legal_name(name, path):
            return None
        if "$ref" in source:
            return self.referenced(name, source, path, depth, seen)
        kind, is_nullable = self.type_of(source, path)
        enum = source.get("enum")
        if enum is not None and (not isinstance(enum, list) or not enum or not all(_is_scalar(v) for v in enum)):
            self.problem(f"{path}.enum", "enum must be a list of at least one text, number, true, false or null.")
            enum = None
        required = source.get("required")
        return Field(
            name=name,
            type=FieldType.ENUM if enum and kind is FieldType.STRING else kind,
            title=self.text(source, "title", path),
            description=self.text(source, "extraction_prompt", path) or self.text(source, "description", path),
            format=self.text(source, "format", path),
            enum=tuple(enum or ()),
            pattern=self.pattern_of(source, path),
            is_nullable=is_nullable,
            is_required=required is True,
            default=source.get("default"),
            items=self.items_of(source, path, depth, seen) if kind is FieldType.ARRAY else None,
            properties=self.properties_of(source, path, depth, seen) if kind is FieldType.OBJECT else (),
        )

    def referenced(
        self, name: str, source: dict[str, Any], path: str, depth: int, seen: tuple[str, ...]
    ) -> Field | None:
        target = source["$ref"]
        key = target.removeprefix("#/definitions/") if isinstance(target, str) else None
        if key is None or key not in self.definitions:
            self.problem(f"{path}.$ref", f"{target!r} is not among the definitions.")
            return None
        if key in seen:
            self.problem(
                f"{path}.$ref", f"The definitions refer to each other in a cycle: {' -> '.join((*seen, key))}."
            )
            return None
        self.used.add(key)
        definition = self.definitions[key]
        if not isinstance(definition, dict):
            self.problem(f"definitions.{key}", "A definition must be an object.")
            return None
        merged = {**definition, **{k: v for k, v in source.items() if k != "$ref"}}
        return self.field(name, merged, path, depth + 1, (*seen, key))

    def unused_definitions(self) -> None:
        """Reads what no field refers to, so that a mistake is told now rather than when a field comes to use it."""
        for key in [k for k in self.definitions if k not in self.used]:
            self.referenced("[]", {"$ref": f"#/definitions/{key}"}, f"definitions.{key}", 0, ())

    def pattern_of(self, source: dict[str, Any], path: str) -> str | None:
        pattern = self.text(source, "pattern", path)
        problem = patterns.problem(pattern) if pattern else None
        if problem is not None:
            self.problem(f"{path}.pattern", problem)
            return None
        return pattern

    def type_of(self, source: dict[str, Any], path: str) -> tuple[FieldType, bool]:
        given = source.get("type")
        if given is None:
            implied = (
                FieldType.OBJECT if "properties" in source
                else FieldType.ARRAY if "items" in source
                else FieldType.STRING
            )  # fmt: skip
            return implied, True
        names = given if isinstance(given, list) else [given]
        texts = [n for n in names if isinstance(n, str)]
        kinds = [n for n in texts if n != "null"]
        if len(texts) != len(names) or len(kinds) != 1:
            self.problem(f"{path}.type", 'type must be one type name, or a list of one type name and "null".')
            return FieldType.STRING, True
        kind = _ALIASES.get(kinds[0].lower()) or _type_named(kinds[0].lower())
        if kind is None:
            self.problem(f"{path}.type", f"{kinds[0]!r} is not a type. Use one of: {', '.join(FieldType)}.")
            return FieldType.STRING, True
        return kind, True

    def items_of(self, source: dict[str, Any], path: str, depth: int, seen: tuple[str, ...]) -> Field | None:
        items = source.get("items")
        if items is None and isinstance(source.get("properties"), dict):
            items = {"type": "object", "properties": source["properties"]}
        if items is None:
            items = {"type": "string"}
        return self.field("[]", items, f"{path}.items", depth + 1, seen)

    def properties_of(self, source: dict[str, Any], path: str, depth: int, seen: tuple[str, ...]) -> tuple[Field, ...]:
        key = "properties" if "properties" in source else "fields"
        properties = self.named(source, key, f"{path}.")
        read = [self.field(n, value, f"{path}.{key}.{n}", depth + 1, seen) for n, value in properties.items()]
        return tuple(f for f in read if f is not None)

    # Pieces

    def legal_name(self, name: str, path: str) -> bool:
        if name == "[]":
            return True
        if not name or len(name) > 200 or any(ord(c) < 32 for c in name):
            self.problem(path, "A name must have 1 to 200 characters and no control characters.")
            return False
        return True

    def named(self, source: dict[str, Any], key: str, prefix: str = "", is_required: bool = False) -> dict[str, Any]:
        value = source.get(key)
        if value is None and not is_required:
            return {}
        if not isinstance(value, dict):
            self.problem(prefix + key, f"{key} must be an object of name: definition.")
            return {}
        return value

    def object(self, source: dict[str, Any], key: str, path: str) -> dict[str, Any]:
        value = source.get(key)
        if value is None or value == []:  # PHP clients send an empty object as []
            return {}
        if not isinstance(value, dict):
            self.problem(path, f"{key} must be an object.")
            return {}
        return value

    def text(self, source: dict[str, Any], key: str, path: str) -> str | None:
        value = source.get(key)
        if value is not None and not isinstance(value, str):
            self.problem(f"{path}.{key}", f"{key} must be a text.")
            return None
        return value or None

    def flag(self, source: dict[str, Any], key: str, path: str) -> bool:
        value = source.get(key)
        if value is not None and not isinstance(value, bool):
            self.problem(f"{path}.{key}", f"{key} must be true or false.")
            return False
        return bool(value)


def references_of(group: Group) -> list[str]:
    """Names of the groups that this group's prompts refer to (``{{group.field}}``, ``{group.field}``)."""
    texts = [group.description, group.search_query, group.system_message]
    for f in group.fields:
        texts += _prompts(f)
    found = [a or b for text in texts if text for a, b in _REFERENCE.findall(text)]
    return [path.split(".")[0] for path in found]


def _prompts(f: Field) -> list[str | None]:
    inner = [f.items] if f.items else []
    return [f.description, *(p for child in (*inner, *f.properties) for p in _prompts(child))]


def _cycle(depends: dict[str, list[str]]) -> list[str] | None:
    done: set[str] = set()
    for start in depends:
        trail: list[str] = []
        found = _walk(start, depends, trail, done)
        if found:
            return found
    return None


def _walk(name: str, depends: dict[str, list[str]], trail: list[str], done: set[str]) -> list[str] | None:
    if name in trail:
        return [*trail[trail.index(name) :], name]
    if name in done:
        return None
    trail.append(name)
    for target in depends.get(name, []):
        found = _walk(target, depends, trail, done)
        if found:
            return found
    trail.pop()
    done.add(name)
    return None


def _with_depends(group: Group, depends_on: tuple[str, ...]) -> Group:
    return Group(
        group.name, group.fields, group.title, group.description, group.search_query,
        group.system_message, group.iterates_on, depends_on,
    )  # fmt: skip


def _type_named(name: str) -> FieldType | None:
    return FieldType(name) if name in FieldType.__members__.values() else None


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float, bool))
