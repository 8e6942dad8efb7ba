"""The form that a model fills in: from fields to a JSON Schema, and from its JSON back to values.

Every answer is a text, "" for what the document does not state; so the schema needs neither unions nor
optional keys, which providers limit or refuse, and numbers keep all their digits. Types are read here.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import orjson

from fieldproof.core.schema import Field, FieldType, Group
from fieldproof.extraction.amounts import parse_amount
from fieldproof.extraction.dates import parse_date
from fieldproof.extraction.llm.messages import Reply
from fieldproof.extraction.values import member_of, truth_of

TITLE = "document_title"
NOT_STATED = "not stated"
MAX_TEXT = 20_000
MAX_ROWS = 5_000
_NOTHING = frozenset(["", "null", NOT_STATED])
_SAID_NOTHING = frozenset(["none", "n/a", "na", "-", "unknown"])  # may stand in a document; without a quote it does not
_MAX_NUMBER = 2**53
_FENCED = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar field outside of lists, and its key in the form."""

    key: str
    path: Path
    field: Field


@dataclass(frozen=True, slots=True)
class ListField:
    path: Path
    field: Field

    @property
    def item(self) -> Field:
        assert self.field.items is not None
        return self.field.items


@dataclass(frozen=True, slots=True)
class Said:
    """What the model said of one field. ``value`` is of the field's type, None for nothing stated."""

    value: Any
    quote: str = ""
    passage: int | None = None
    reason: str = ""


@dataclass(slots=True)
class Filled:
    """A form as it came back. ``problems`` name what could not be read, for the model and for people."""

    said: dict[str, Said] = field(default_factory=dict)
    rows: list[Said] = field(default_factory=list)
    title: str = ""
    problems: list[str] = field(default_factory=list)
    is_usable: bool = True


# Which fields there are


def leaves_of(group: Group) -> list[Leaf]:
    found: list[Leaf] = []
    for path, f in _walk(group.fields, (group.name,)):
        if f.type is not FieldType.ARRAY:
            found.append(Leaf(_key(path[1:], len(found)), path, f))
    return found


def lists_of(group: Group) -> list[ListField]:
    return [ListField(path, f) for path, f in _walk(group.fields, (group.name,)) if f.type is FieldType.ARRAY]


def parts(leaves: Sequence[Leaf], most: int) -> list[tuple[Leaf, ...]]:
    """As few parts as the limit allows, all of about the same size."""
    count = math.ceil(len(leaves) / most)
    bounds = [round(i * len(leaves) / count) for i in range(count + 1)] if count else [0]
    return [tuple(leaves[a:b]) for a, b in pairwise(bounds)]


def _walk(fields: Sequence[Field], path: Path) -> Iterator[tuple[Path, Field]]:
    for f in fields:
        if f.type is FieldType.OBJECT:
            yield from _walk(f.properties, (*path, f.name))
        else:
            yield (*path, f.name), f


def _key(path: Path, number: int) -> str:
    """Letters that every provider takes, and the number that makes it unique."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", "_".join(path)).strip("_")[:48]
    return f"{name}_{number + 1}" if name else f"field_{number + 1}"


# From fields to a JSON Schema


def schema_of_leaves(leaves: Sequence[Leaf], *, with_reasons: bool, with_title: bool) -> dict[str, Any]:
    entries = {leaf.key: _entry(_text_schema(leaf.field), with_reasons) for leaf in leaves}
    if with_title:
        entries[TITLE] = {"type": "string"}
    return _object(entries)


def schema_of_rows(item: Field, *, with_reasons: bool) -> dict[str, Any]:
    return _object({"rows": {"type": "array", "items": _entry(_value_schema(item), with_reasons)}})


def _entry(value: dict[str, Any], with_reasons: bool) -> dict[str, Any]:
    entry = {"quote": {"type": "string"}, "passage": {"type": "integer"}, "value": value}
    return _object({"reason": {"type": "string"}, **entry} if with_reasons else entry)


def _value_schema(f: Field) -> dict[str, Any]:
    if f.type is FieldType.OBJECT:
        return _object({p.name: _value_schema(p) for p in f.properties})
    if f.type is FieldType.ARRAY:
        assert f.items is not None
        return {"type": "array", "items": _value_schema(f.items)}
    return _text_schema(f)


def _text_schema(f: Field) -> dict[str, Any]:
    if not f.enum:
        return {"type": "string"}
    return {
        "type": "string",
        "enum": list(dict.fromkeys([*(_member_text(m) for m in f.enum if m is not None), NOT_STATED])),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _member_text(member: Any) -> str:
    return member if isinstance(member, str) else orjson.dumps(member).decode()


# From JSON back to values


def read_leaves(reply: Reply, leaves: Sequence[Leaf]) -> Filled:
    filled = Filled()
    answer = _answer(reply, filled)
    for leaf in leaves if answer is not None else ():
        entry = answer.get(leaf.key) if answer else None
        if not isinstance(entry, dict) or "value" not in entry:
            filled.problems.append(f'"{leaf.key}" is missing, or is not an object with "value", "quote" and "passage".')
            continue
        try:
            value = read_value(entry["value"], leaf.field)
        except ValueError as error:
            filled.problems.append(f'"{leaf.key}": {error}')
            continue
        filled.said[leaf.key] = _said(entry, value)
    if answer:
        filled.title = clean(answer.get(TITLE), 200)
    filled.is_usable = bool(filled.said) or not leaves
    return filled


def read_rows(reply: Reply, item: Field) -> Filled:
    filled = Filled()
    answer = _answer(reply, filled)
    rows = answer.get("rows") if answer else None
    if not isinstance(rows, list) or len(rows) > MAX_ROWS:
        filled.problems.append(f'"rows" must be a list of at most {MAX_ROWS:,} entries.')
        filled.is_usable = False
        return filled
    for number, entry in enumerate(rows):
        if not isinstance(entry, dict) or "value" not in entry:
            filled.problems.append(f'Row {number} is not an object with "value", "quote" and "passage".')
            continue
        try:
            value = read_value(entry["value"], item)
        except ValueError as error:
            filled.problems.append(f"Row {number}: {error}")
            continue
        filled.rows.append(_said(entry, value))
    filled.is_usable = bool(filled.rows) or not rows
    return filled


def read_value(source: Any, f: Field) -> Any:
    """The value in the field's type. Raises ValueError with a sentence."""
    if f.type is FieldType.OBJECT:
        if source is None:
            source = {}
        if not isinstance(source, dict):
            raise ValueError(f"{f.name} must be an object.")
        return {p.name: read_value(source.get(p.name), p) for p in f.properties}
    if f.type is FieldType.ARRAY:
        if source is None:
            return []
        if not isinstance(source, list) or len(source) > MAX_ROWS or f.items is None:
            raise ValueError(f"{f.name} must be a list.")
        return [v for v in (read_value(entry, f.items) for entry in source) if v is not None]
    return _scalar(source, f)


def clean(source: Any, most: int = MAX_TEXT) -> str:
    """Text without control characters: a database takes no NUL, and people see none of them."""
    text = source if isinstance(source, str) else ""
    return "".join(c for c in text if c.isprintable() or c in "\n\t").strip()[:most]


def _answer(reply: Reply, filled: Filled) -> dict[str, Any] | None:
    if reply.refusal:
        filled.problems.append(f"The model refused: {reply.refusal}")
    else:
        for text in _candidates(reply.text):
            try:
                found = orjson.loads(text)
            except orjson.JSONDecodeError:
                continue
            if isinstance(found, dict):
                return found
        filled.problems.append("The answer is not one JSON object.")
    filled.is_usable = False
    return None


def _candidates(text: str) -> Iterator[str]:
    """The answer itself; else what models put around it taken off."""
    yield text
    fenced = _FENCED.search(text)
    if fenced:
        yield fenced[1]
    if "{" in text:
        yield text[text.index("{") : text.rfind("}") + 1]


def _said(entry: dict[str, Any], value: Any) -> Said:
    passage = entry.get("passage")
    number = passage if isinstance(passage, int) and not isinstance(passage, bool) else None
    quote = clean(entry.get("quote"), 4_000)
    if not quote and isinstance(value, str) and value.casefold() in _SAID_NOTHING:
        value = None
    return Said(value, quote, number, clean(entry.get("reason"), 500))


def _scalar(source: Any, f: Field) -> Any:
    if isinstance(source, (dict, list)):
        raise ValueError(f"{f.name} must be one text.")
    if isinstance(source, bool):
        text = "true" if source else "false"
    elif isinstance(source, (int, float)):
        text = repr(source)
    else:
        text = clean(source)
    if f.enum:
        return _member(text, f)
    if text.casefold() in _NOTHING:
        return None
    match f.type:
        case FieldType.NUMBER | FieldType.CURRENCY:
            return _number(text, f)
        case FieldType.INTEGER:
            number = _number(text, f)
            if number != int(number):
                raise ValueError(f'{f.name}: "{text[:80]}" is not a whole number.')
            return int(number)
        case FieldType.BOOLEAN:
            truth = truth_of(text)
            if truth is None:
                raise ValueError(f'{f.name}: "{text[:80]}" is neither true nor false.')
            return truth
        case FieldType.DATE:
            return _moment(text, f).date().isoformat()
        case FieldType.DATETIME:
            return _moment(text, f).replace(tzinfo=None).isoformat()
        case _:
            return text


def _member(text: str, f: Field) -> Any:
    by_text = {_member_text(m): m for m in f.enum}
    if text in by_text:
        return by_text[text]
    if text.casefold() in _NOTHING:
        return None
    member = member_of(text, f.enum)
    if member is None:
        raise ValueError(f'{f.name}: "{text[:80]}" is not one of {", ".join(list(by_text)[:30])}.')
    return member


def _number(text: str, f: Field) -> int | float:
    try:
        number = int(text) if re.fullmatch(r"-?\d{1,16}", text) else float(text)
    except ValueError:
        number = parse_amount(text)
    if number is None or not math.isfinite(number) or abs(number) > _MAX_NUMBER:
        raise ValueError(f'{f.name}: "{text[:80]}" is not a number such as 1234.50.')
    return int(number) if number == int(number) else number


def _moment(text: str, f: Field) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        found = parse_date(text)
    if found is None:
        raise ValueError(f'{f.name}: "{text[:80]}" is not a date such as 2024-03-31.')
    return dt.datetime.combine(found, dt.time())
