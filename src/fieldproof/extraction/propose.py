"""What a document seems to say about itself: fields one could ask for, each with its value and place.

Three sources: form fields, lines that read ``label: value`` (or a label with a value beside or
below it), and tables with a header. Nothing here knows document types.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from fieldproof.core import codec
from fieldproof.core.document import Block, BlockKind, Line, Page, ParsedDocument, Table
from fieldproof.core.geometry import Box, union
from fieldproof.core.schema import FieldType

MAX_FIELDS = 60
_MAX_PAGES = 5
_MAX_ROWS_SHOWN = 3
_LONGEST_BELOW = 40  # characters; what is longer is the second line of a heading or an address

_LABELLED = re.compile(r"\s*(?P<label>[^\W\d_][^:]{1,38}?)\s*:\s+(?P<value>\S.*)")
_LABEL = re.compile(r"[^\W\d_][^\d:]{1,38}:?")
_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\.? [^\W\d_]{3,9}\.?,? \d{4}|[^\W\d_]{3,9} \d{1,2}, \d{4}"
)
_MONEY = re.compile(r"(?:[€$£¥]|[A-Z]{3})\s?-?\d[\d.,' \u00a0]*|-?\d[\d.,' \u00a0]*\s?(?:[€$£¥]|[A-Z]{3})")
_DECIMAL = re.compile(r"-?\d{1,3}(?:[.,' \u00a0]\d{3})*[.,]\d{1,4}\s?%?|-?\d+[.,]\d{1,4}\s?%?")
_INTEGER = re.compile(r"-?[1-9]\d{0,8}|0")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One field, or one list with ``columns``. ``value`` is the text as it stands there."""

    name: str
    title: str
    type: FieldType
    value: str
    page: int
    box: Box | None
    columns: tuple[Proposal, ...] = ()


def propose(document: ParsedDocument) -> list[Proposal]:
    """In reading order, lists last; names are unique."""
    found: list[Proposal] = []
    lists: list[Proposal] = []
    for page in document.pages[:_MAX_PAGES]:
        found += _of_forms(page)
        found += _of_lines(page)
        lists += _of_tables(page)
    return [*_distinct(found)[: MAX_FIELDS - len(lists)], *_distinct(lists)][:MAX_FIELDS]


def propose_to_bytes(data: bytes) -> bytes:
    """For the sandbox: a document as ``codec.dump`` wrote it in, JSON out."""
    return orjson.dumps([_as_json(one) for one in propose(codec.load(data))])


def type_of(text: str) -> FieldType:
    """What kind of value a text looks like."""
    text = text.strip()
    kinds = (
        (_DATE, FieldType.DATE), (_MONEY, FieldType.CURRENCY), (_DECIMAL, FieldType.NUMBER), (_INTEGER, FieldType.INTEGER)
    )  # fmt: skip
    return next((kind for pattern, kind in kinds if pattern.fullmatch(text)), FieldType.STRING)


def name_of(title: str) -> str:
    """``Invoice No.`` → ``invoice_no``."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60] or "field"


# Forms and lines


def _of_forms(page: Page) -> Iterator[Proposal]:
    for block in page.blocks:
        if block.kind is BlockKind.KEY_VALUE and block.key and block.value:
            yield _field(block.key, block.value, page, block.box)


def _of_lines(page: Page) -> Iterator[Proposal]:
    """A line with its own label; else a label with a value to its right or below."""
    in_tables = [b.box for b in page.blocks if b.table is not None and b.box is not None and _is_list(b.table)]
    lines = [
        (line, _text(page, line)) for line in page.lines if not any(t.contains(*line.box.middle) for t in in_tables)
    ]
    for n, (line, text) in enumerate(lines):
        match = _LABELLED.fullmatch(text)
        if match:
            yield _field(match["label"], match["value"], page, _value_box(page, line, match.start("value")))
        elif _is_label(text):
            beside = _beside(lines, n)
            if beside is not None:
                yield _field(text, beside[1], page, beside[0].box)


def _is_label(text: str) -> bool:
    return _LABEL.fullmatch(text.strip()) is not None and len(text.split()) <= 4


def _beside(lines: list[tuple[Line, str]], index: int) -> tuple[Line, str] | None:
    """The next line on the same height, or right below on the same left edge, that looks like a value."""
    label, text = lines[index]
    height = label.box.bottom - label.box.top
    others = [pair for pair in lines if pair[0] is not label]
    right = [
        pair for pair in others
        if abs(pair[0].box.top - label.box.top) < height and 0 <= pair[0].box.left - label.box.right < 0.45
    ]  # fmt: skip
    if right:
        nearest = min(right, key=lambda pair: pair[0].box.left)
        return nearest if text.rstrip().endswith(":") or _is_value(nearest[1]) else None
    below = [
        pair for pair in others
        if 0 <= pair[0].box.top - label.box.bottom < 1.2 * height and abs(pair[0].box.left - label.box.left) < 0.01
    ]  # fmt: skip
    return next((pair for pair in below if _is_value(pair[1]) and len(pair[1]) <= _LONGEST_BELOW), None)


def _is_value(text: str) -> bool:
    return any(c.isdigit() for c in text) and len(text) <= 80


# Tables


def _of_tables(page: Page) -> Iterator[Proposal]:
    for block in page.blocks:
        if block.table is not None and _is_list(block.table):
            yield _list(block, block.table, page)


def _is_list(table: Table) -> bool:
    body = table.row_count - max(1, table.header_rows)
    return table.column_count >= 2 and body >= 1 and table.header_rows >= 1 and not table.is_continuation


def _list(block: Block, table: Table, page: Page) -> Proposal:
    heads: dict[int, list[str]] = {}
    bodies: dict[int, list[str]] = {}
    for cell in table.cells:
        texts = heads if cell.row < table.header_rows else bodies
        texts.setdefault(cell.column, []).append(cell.text.strip())
    columns = [
        _column(" ".join(heads.get(n, [])) or f"Column {n + 1}", [t for t in bodies.get(n, []) if t], page)
        for n in range(table.column_count)
    ]
    shown = _rows(table)
    return Proposal("lines", "Lines", FieldType.ARRAY, shown, page.number, block.box, tuple(_distinct(columns)))


def _column(title: str, texts: list[str], page: Page) -> Proposal:
    kinds = {type_of(text) for text in texts}
    if kinds == {FieldType.INTEGER, FieldType.NUMBER}:
        kinds = {FieldType.NUMBER}
    kind = kinds.pop() if len(kinds) == 1 else FieldType.STRING
    return Proposal(name_of(title), _title(title), kind, ", ".join(texts[:_MAX_ROWS_SHOWN]), page.number, None)


def _rows(table: Table) -> str:
    rows: dict[int, list[str]] = {}
    for cell in sorted(table.cells, key=lambda c: (c.row, c.column)):
        if cell.row >= table.header_rows:
            rows.setdefault(cell.row, []).append(cell.text.strip())
    lines = [" | ".join(cells) for cells in rows.values()]
    more = [f"and {len(lines) - _MAX_ROWS_SHOWN} more"] if len(lines) > _MAX_ROWS_SHOWN else []
    return "\n".join([*lines[:_MAX_ROWS_SHOWN], *more])


# Pieces


def _as_json(one: Proposal) -> dict[str, Any]:
    return {
        "name": one.name, "title": one.title, "type": one.type, "value": one.value, "page": one.page,
        "box": one.box.as_list() if one.box else None, "columns": [_as_json(column) for column in one.columns],
    }  # fmt: skip


def _field(title: str, value: str, page: Page, box: Box | None) -> Proposal:
    value = value.strip()[:300]
    return Proposal(name_of(title), _title(title), type_of(value), value, page.number, box)


def _title(text: str) -> str:
    return " ".join(text.strip().rstrip(":").split())[:80]


def _distinct(proposals: list[Proposal]) -> list[Proposal]:
    """The same label with the same value once; another value under a numbered name."""
    seen: set[tuple[str, str]] = set()
    names: set[str] = set()
    kept: list[Proposal] = []
    for one in proposals:
        if (one.name, one.value) in seen:
            continue
        seen.add((one.name, one.value))
        name, number = one.name, 2
        while name in names:
            name, number = f"{one.name}_{number}", number + 1
        names.add(name)
        kept.append(replace(one, name=name))
    return kept


def _text(page: Page, line: Line) -> str:
    return " ".join(page.words[i].text for i in line.words)


def _value_box(page: Page, line: Line, start: int) -> Box:
    """The box of the words from a place in the line's text on."""
    position, words = 0, []
    for index in line.words:
        word = page.words[index]
        if position >= start:
            words.append(word.box)
        position += len(word.text) + 1
    return union(words) or line.box
