"""The API reference as Markdown, made of the OpenAPI document: for people without scripts and for language models.

``index`` is the llms.txt of https://llmstxt.org; ``page`` is one operation; ``full`` is all of it in one text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

_METHODS = ("get", "post", "put", "patch", "delete")
_DEEPEST = 3  # levels of an object that a table spells out
_SURFACES = {"/api/": "DocSense API", "/v1/": "Fieldproof API"}
_CREDENTIALS = {"bearerAuth": "`Authorization: Bearer …`", "ApiKeyHeader": "`x-api-key: …`"}


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    surface: str
    source: dict[str, Any]

    @property
    def summary(self) -> str:
        return self.source.get("summary") or self.id


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        surface = next((name for start, name in _SURFACES.items() if path.startswith(start)), "Raydocs API")
        for method in _METHODS:
            if method in item:
                source = item[method]
                parameters = [*item.get("parameters", []), *source.get("parameters", [])]
                merged = {"security": document.get("security", []), **source, "parameters": parameters}
                yield Operation(source["operationId"], method.upper(), path, surface, merged)


def index(document: dict[str, Any]) -> str:
    lines = [
        *_head(document),
        "Everything in one file: [llms-full.txt](/llms-full.txt). As data: [openapi.json](/openapi.json).",
    ]
    for surface, group in _by_surface(document).items():
        lines += ["", f"## {surface}", ""]
        lines += [f"- [{o.summary}](/docs/{o.id}.md): `{o.method} {o.path}`" for o in group]
    return "\n".join(lines) + "\n"


def full(document: dict[str, Any]) -> str:
    return "\n".join(["\n".join(_head(document)), "", *(_page(document, o, "##") for o in operations(document))])


def page(document: dict[str, Any], operation_id: str) -> str | None:
    """None where there is no such operation."""
    return next((_page(document, o, "#") for o in operations(document) if o.id == operation_id), None)


def _head(document: dict[str, Any]) -> list[str]:
    info = document["info"]
    return [f"# {info['title']} {info['version']}", "", f"> {info['description']}", ""]


def _by_surface(document: dict[str, Any]) -> dict[str, list[Operation]]:
    groups: dict[str, list[Operation]] = {}
    for operation in operations(document):
        groups.setdefault(operation.surface, []).append(operation)
    return groups


def _page(document: dict[str, Any], operation: Operation, heading: str) -> str:
    source = operation.source
    parts = [f"{heading} {operation.summary}", f"`{operation.method} {operation.path}`", _access(operation)]
    if source.get("description"):
        parts.append(source["description"].strip())
    parameters = [_resolved(document, p) for p in source["parameters"]]
    if parameters:
        parts += [
            f"{heading}# Parameters",
            _table(("name", "in", "type", "", "what"), [_parameter(document, p) for p in parameters]),
        ]
    if "requestBody" in source:
        body = _resolved(document, source["requestBody"])
        parts += [f"{heading}# Body", *_contents(document, body.get("content", {}))]
    parts.append(f"{heading}# Answers")
    for status, given in sorted(source["responses"].items()):
        answer = _resolved(document, given)
        parts.append(f"**{status}** {answer.get('description', '').strip()}")
        if status.startswith("2"):
            parts += _contents(document, answer.get("content", {}))
    return "\n\n".join(part for part in parts if part) + "\n"


def _access(operation: Operation) -> str:
    names = [name for one in operation.source["security"] for name in one]
    said = [
        operation.surface,
        "with " + " or ".join(_CREDENTIALS.get(n, f"`{n}`") for n in names) if names else "open to everybody",
    ]
    abilities = operation.source.get("x-ability") or []
    if abilities:
        said.append("abilities " + ", ".join(f"`{a}`" for a in abilities))
    return ", ".join(said) + "."


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> tuple[str, ...]:
    schema = parameter.get("schema", {})
    what = parameter.get("description") or _resolved(document, schema).get("description", "")
    need = "required" if parameter.get("required") else _default(schema)
    return f"`{parameter['name']}`", parameter["in"], _type(document, schema), need, what


def _contents(document: dict[str, Any], content: dict[str, Any]) -> Iterator[str]:
    for media, shape in content.items():
        schema = shape.get("schema", {})
        yield f"`{media}`: {_type(document, schema)}"
        rows = list(_fields(document, schema))
        if rows:
            yield _table(("field", "type", "", "what"), rows)
        example = _example(document, shape)
        if example is not None:
            yield f"```json\n{orjson.dumps(example, option=orjson.OPT_INDENT_2).decode()}\n```"


def _example(document: dict[str, Any], shape: dict[str, Any]) -> Any:
    if "example" in shape:
        return shape["example"]
    named = [_resolved(document, one) for one in shape.get("examples", {}).values()]
    return named[0].get("value") if named else None


def _fields(
    document: dict[str, Any], schema: dict[str, Any], before: str = "", depth: int = 0, seen: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Each property with its dotted path; the items of a list under ``[]``. What holds itself is told once."""
    reference = schema.get("$ref", "")
    if depth == _DEEPEST or reference in seen:
        return
    seen = (*seen, reference) if reference else seen
    for shape in _alternatives(document, schema):
        if "items" in shape:
            yield from _fields(document, shape["items"], f"{before}[]", depth, seen)
        for name, inner in shape.get("properties", {}).items():
            plain, path = _resolved(document, inner), f"{before}.{name}" if before else name
            need = "required" if name in shape.get("required", ()) else _default(plain)
            what = inner.get("description") or plain.get("description", "")
            yield f"`{path}`", _type(document, inner), need, what
            yield from _fields(document, inner, path, depth + 1, seen)


def _alternatives(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The shape itself, or each of those that it is put together of or may be."""
    plain = _resolved(document, schema)
    parts = [*plain.get("allOf", ()), *plain.get("anyOf", ()), *plain.get("oneOf", ())]
    return [shape for part in parts for shape in _alternatives(document, part)] + [plain] if parts else [plain]


def _type(document: dict[str, Any], schema: dict[str, Any]) -> str:
    if "$ref" in schema and "enum" not in _resolved(document, schema):
        return schema["$ref"].rpartition("/")[2]
    plain = _resolved(document, schema)
    if "const" in plain:
        return f"`{_word(plain['const'])}`"
    if "enum" in plain:
        return " \\| ".join(f"`{_word(value)}`" for value in plain["enum"])
    if "properties" in plain:
        return "object"
    several = [*plain.get("anyOf", ()), *plain.get("oneOf", ())]
    if several:
        return " or ".join(dict.fromkeys(_type(document, one) for one in several))
    if plain.get("allOf"):
        return " and ".join(dict.fromkeys(_type(document, one) for one in plain["allOf"]))
    kinds = plain.get("type", "any")
    names = kinds if isinstance(kinds, list) else [kinds]
    told = [f"list of {_type(document, plain['items'])}" if n == "array" and "items" in plain else n for n in names]
    return " or ".join(told) + (f" ({plain['format']})" if "format" in plain else "")


def _default(schema: dict[str, Any]) -> str:
    return f"default `{_word(schema['default'])}`" if schema.get("default") is not None else ""


def _word(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(' '.join(cell.split()) for cell in line)} |" for line in lines)


def _resolved(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """What a reference points at, from reference to reference."""
    while "$ref" in value:
        target: Any = document
        for name in value["$ref"].removeprefix("#/").split("/"):
            target = target[name.replace("~1", "/").replace("~0", "~")]
        value = target
    return value
