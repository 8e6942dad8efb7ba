"""A result as the review screen shows it: sections of values and tables, in the order of the schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from fieldproof.core.schema import Field, FieldType, Schema
from fieldproof.db.models import FieldValue
from fieldproof.services.reviews import DOUBTFUL, field_at

SURE = 0.9
ROWS_SHOWN = 200
_NUMBERS = (FieldType.NUMBER, FieldType.CURRENCY, FieldType.INTEGER)


@dataclass(frozen=True)
class Cell:
    """One value. ``kind``: text | long | number | choice; ``boxes``: document number, page and box of each place."""

    row: FieldValue
    title: str
    kind: str
    options: tuple[str, ...]
    boxes: str
    is_in_table: bool = False

    @property
    def path(self) -> str:
        return self.row.path

    @property
    def text(self) -> str:
        return text_of(self.row.value)

    @property
    def level(self) -> str:
        return level_of(self.row)

    @property
    def is_seen(self) -> bool:
        return self.row.is_accepted or self.row.is_corrected

    @property
    def doubt(self) -> tuple[bool, float]:
        """Sorts what a person should look at first to the front; what was looked at, to the end."""
        return self.is_seen, self.row.confidence if self.row.confidence is not None else 0.0


@dataclass(frozen=True)
class Grid:
    """A list: a row each, ``first`` is the number of the first that is shown."""

    path: str
    title: str
    columns: list[tuple[str, bool]]  # title, and whether numbers stand in it
    rows: list[tuple[int, list[Cell | None]]]
    count: int
    first: int
    can_grow: bool
    note: str = ""
    is_complete: bool = True


@dataclass
class Section:
    title: str
    cells: list[Cell] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)


def sections(
    schema: Schema, values: Sequence[FieldValue], documents: Sequence[str], ledgers: Sequence[Any] = (), first: int = 0
) -> list[Section]:
    """``documents`` are the ids in the order in which they are shown; ``first`` is where long lists begin."""
    maker = _Maker(schema, {v.path: v for v in values}, list(documents), {x["path"]: x for x in ledgers}, first)
    found = [section for group in schema.groups for section in maker.sections(group)]
    left = maker.left()
    if left:
        found.append(Section("More", left))
    return found


def cell_of(schema: Schema, row: FieldValue, documents: Sequence[str]) -> Cell:
    """One value alone, after a change."""
    wanted = field_at(schema, row.path)
    is_in_table = row.path.split(".")[-1].isdigit() or any(p.isdigit() for p in row.path.split(".")[2:])
    title = wanted.title or wanted.name.replace("_", " ").capitalize()
    return _cell(row, wanted, title, list(documents), is_in_table=is_in_table)


def text_of(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.12g}" if abs(value) < 1e15 else str(value)
        case str() | int():
            return str(value)
        case _:
            return orjson.dumps(value).decode()


def level_of(row: FieldValue) -> str:
    """good | warn | bad, or missing: the only colours of the screen."""
    if row.value is None:
        return "good" if row.is_accepted or row.is_corrected else "missing"
    if row.is_corrected or row.is_accepted:
        return "good"
    return sureness(row.confidence) if row.is_supported else "bad"


def sureness(confidence: float | None) -> str:
    if confidence is None:
        return "warn"
    return "good" if confidence >= SURE else "warn" if confidence >= DOUBTFUL else "bad"


class _Maker:
    def __init__(
        self, schema: Schema, rows: dict[str, FieldValue], documents: list[str], ledgers: dict[str, Any], first: int
    ) -> None:
        self.schema, self.rows, self.documents, self.ledgers, self.first = schema, rows, documents, ledgers, first
        self.used: set[str] = set()
        self.counts = _list_counts(rows)

    def sections(self, group: Any) -> Iterator[Section]:
        title = group.title or _words(group.name)
        if group.iterates_on is None:
            yield self.section(title, group.name, group.fields)
            return
        for n in range(self.counts.get(group.name, 0)):
            yield self.section(f"{title} {n + 1}", f"{group.name}.{n}", group.fields)

    def section(self, title: str, prefix: str, fields: Sequence[Field]) -> Section:
        section = Section(title)
        for one in fields:
            self.add(section, f"{prefix}.{one.name}", one, one.title or _words(one.name))
        return section

    def add(self, section: Section, path: str, one: Field, title: str) -> None:
        if one.type is FieldType.OBJECT and one.properties:
            for child in one.properties:
                self.add(section, f"{path}.{child.name}", child, f"{title} · {child.title or _words(child.name)}")
        elif one.is_list:
            section.grids.append(self.grid(path, one, title))
        elif path in self.rows:
            section.cells.append(self.cell(path, one, title))

    def grid(self, path: str, one: Field, title: str) -> Grid:
        item = one.items
        is_of_objects = item is not None and bool(item.properties)
        columns = list(_columns(item)) if is_of_objects and item is not None else [("", "Value", item or one)]
        count = self.counts.get(path, 0)
        first = self.first if self.first < count else 0
        rows: list[tuple[int, list[Cell | None]]] = []
        for n in range(count):
            paths = [f"{path}.{n}.{name}".rstrip(".") for name, _, _ in columns]
            if first <= n < first + ROWS_SHOWN:
                cells = [
                    self.cell(p, leaf, f"{head}, row {n + 1}", is_in_table=True) if p in self.rows else None
                    for p, (_, head, leaf) in zip(paths, columns, strict=True)
                ]
                rows.append((n, cells))
            self.used.update(paths)
        ledger = self.ledgers.get(path) or {}
        return Grid(
            path, title, [(head, leaf.type in _NUMBERS) for _, head, leaf in columns], rows, count, first, is_of_objects,
            "; ".join(ledger.get("checks", ())), ledger.get("is_complete", True),
        )  # fmt: skip

    def cell(self, path: str, one: Field, title: str, *, is_in_table: bool = False) -> Cell:
        self.used.add(path)
        return _cell(self.rows[path], one, title, self.documents, is_in_table=is_in_table)

    def left(self) -> list[Cell]:
        """Values that the schema's own walk did not meet, such as lists inside of lists."""
        rest = [row for path, row in self.rows.items() if path not in self.used]
        return [_cell(r, field_at(self.schema, r.path), _path_words(r.path), self.documents) for r in rest[:ROWS_SHOWN]]


def _cell(row: FieldValue, one: Field, title: str, documents: list[str], *, is_in_table: bool = False) -> Cell:
    options: tuple[str, ...] = ()
    if one.type is FieldType.BOOLEAN:
        options = ("true", "false")
    elif one.enum:
        options = tuple(text_of(v) for v in one.enum)
    is_long = not is_in_table and isinstance(row.value, str) and (len(row.value) > 48 or "\n" in row.value)
    kind = "choice" if options else "number" if one.type in _NUMBERS else "long" if is_long else "text"
    return Cell(row, title, kind, options, _boxes(row, documents), is_in_table)


def _boxes(row: FieldValue, documents: list[str]) -> str:
    places = [
        f"{documents.index(c['document_id'])} {c['page']} {' '.join(f'{v:g}' for v in c['bbox'])}"
        for c in row.citations
        if c["document_id"] in documents
    ]
    return ";".join(places)


def _columns(item: Field, prefix: str = "", titles: str = "") -> Iterator[tuple[str, str, Field]]:
    for child in item.properties:
        name, title = f"{prefix}{child.name}", f"{titles}{child.title or _words(child.name)}"
        if child.type is FieldType.OBJECT and child.properties:
            yield from _columns(child, f"{name}.", f"{title} · ")
        elif not child.is_list:
            yield name, title, child


def _list_counts(rows: dict[str, FieldValue]) -> dict[str, int]:
    """List path → how many items its values show."""
    counts: dict[str, int] = {}
    for path in rows:
        parts = path.split(".")
        for n, part in enumerate(parts):
            if part.isdigit():
                prefix = ".".join(parts[:n])
                counts[prefix] = max(counts.get(prefix, 0), int(part) + 1)
    return counts


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip().capitalize()


def _path_words(path: str) -> str:
    return " · ".join(str(int(p) + 1) if p.isdigit() else _words(p) for p in path.split(".")[1:])
