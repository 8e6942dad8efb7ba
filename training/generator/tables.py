"""Tables of items: columns, wrapped cells, subtotals, page breaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .draft import Draft, Fact
from .paper import Pen, Piece, Told, _wrapped


@dataclass(frozen=True)
class Column:
    """``width`` is a share; texts wrap, numbers do not."""

    key: str
    label: str
    width: float
    align: str = "left"


@dataclass
class Row:
    """One row of a table. ``cells`` hold what is true, ``shown`` what is written; a row without cells is no item."""

    shown: dict[str, Sequence[Piece]]
    cells: dict[str, Fact] = field(default_factory=dict)
    below: list[str] = field(default_factory=list)
    is_bold: bool = False


def cell(table: str, row: int, key: str) -> str:
    """The concept that marks one cell."""
    return f"#{table}.{row}.{key}"


class Filler:
    """Collects rows with their truth."""

    def __init__(self, d: Draft, table: str) -> None:
        self.d, self.table = d, table
        self.rows: list[Row] = []
        self.count = 0

    def item(self, **values: tuple[str, Any, str] | None) -> Row:
        """A true row: column -> (type, value, as written)."""
        row = Row({}, {})
        for key, entry in values.items():
            if entry is None:
                continue
            type_, value, written = entry
            row.cells[key] = Fact(type_, value)
            row.shown[key] = [Told(written, (cell(self.table, self.count, key),))] if written else []
        self.count += 1
        self.rows.append(row)
        return row

    def note(self, **shown: str) -> Row:
        row = Row({k: [v] for k, v in shown.items()})
        self.rows.append(row)
        return row


def draw_table(
    d: Draft,
    table: str,
    rows: Sequence[Row],
    columns: Sequence[Column],
    x: float,
    y: float,
    width: float,
    bottom: Callable[[], float],
    new_page: Callable[[], float],
    pen: Pen | None = None,
) -> float:
    """Draws header and rows over as many pages as needed; the y below. Truth goes to the draft."""
    s = d.style
    pen = pen or d.pen
    edges = _edges(columns, rows, x, width, pen)
    look = s.choice(f"{table} look", ("ruled", "plain", "plain", "boxed", "zebra", "lines", "lines"))
    step = pen.leading * s.between(f"{table} leading", 1.05, 1.7)
    header_repeats = s.chance(f"{table} header repeats", 0.85)
    y = _header(d, table, columns, edges, y, pen, look)
    number = 0
    items: list[dict[str, Fact]] = []
    top = y
    for row in rows:
        wrapped = _cells(row, columns, edges, pen)
        tall = max(step, max((len(v) for v in wrapped.values()), default=1) * pen.leading + step - pen.leading) + len(row.below) * pen.leading
        if y + tall > bottom():
            _close(d, look, edges, top, y)
            y = new_page()
            y = _header(d, table, columns, edges, y, pen, look) if header_repeats else y
            top = y
        if look == "zebra" and number % 2:
            d.paper.box(edges[0], y - 2, edges[-1], y + tall - 2, thickness=0, fill=(0.93, 0.93, 0.93))
        _draw_row(d, row, columns, edges, y, pen, wrapped)
        y += tall
        if look in ("ruled", "boxed"):
            d.paper.line(edges[0], y - 2, edges[-1], y - 2, thickness=0.4, grey=0.4)
        if row.cells:
            items.append(row.cells)
        number += 1
    _close(d, look, edges, top, y)
    d.tables[table] = items
    for c in columns:
        d.know(f"{table}.{c.key}", "column", c.label)
    return y


def _edges(columns: Sequence[Column], rows: Sequence[Row], x: float, width: float, pen: Pen) -> list[float]:
    """Column borders: as wide as the cells need, the wrapping column takes what is left."""
    needs = []
    for c in columns:
        longest = max((pen.width(_text(r.shown.get(c.key, ()))) for r in rows), default=0)
        needs.append(max(longest, pen.but(bold=True).width(c.label)) + 9)
    flexible = max(range(len(columns)), key=lambda i: columns[i].width)
    fixed = sum(n for i, n in enumerate(needs) if i != flexible)
    room = max(width - fixed, 70.0)
    spare = max(0.0, room - needs[flexible] - 12) if room > needs[flexible] + 12 else 0.0
    shares = [spare * 0.75 * c.width / sum(k.width for k in columns) for c in columns]
    scale = min(1.0, (width - 70.0) / fixed) if fixed > width - 70 else 1.0
    edges = [x]
    for i, need in enumerate(needs):
        edges.append(edges[-1] + (room - spare * 0.75 + shares[i] if i == flexible else need * scale + shares[i]))
    return edges


def _text(pieces: Sequence[Piece]) -> str:
    return "".join(p if isinstance(p, str) else p.text for p in pieces)


def _header(d: Draft, table: str, columns: Sequence[Column], edges: list[float], y: float, pen: Pen, look: str) -> float:
    s = d.style
    bold = pen.but(bold=s.chance(f"{table} header bold", 0.75))
    fill = s.choice(f"{table} header fill", [None, None, (0.85, 0.85, 0.85), (0.75, 0.82, 0.9), (0.25, 0.3, 0.4)])
    if fill and fill[0] < 0.5:
        bold = bold.but(colour=(1, 1, 1))
    height = pen.leading * s.between(f"{table} header height", 1.2, 1.8)
    labels = [_wrapped_label(c.label, bold, edges[i + 1] - edges[i] - 5) for i, c in enumerate(columns)]
    deep = max(len(lines) for lines in labels)
    height += (deep - 1) * pen.leading
    if fill:
        d.paper.box(edges[0], y, edges[-1], y + height, thickness=0, fill=fill)
    if look == "boxed":
        d.paper.box(edges[0], y, edges[-1], y + height)
    elif look in ("ruled", "lines") or s.chance(f"{table} header rule", 0.5):
        d.paper.line(edges[0], y + height, edges[-1], y + height, thickness=0.8)
        if s.chance(f"{table} header rule above", 0.4):
            d.paper.line(edges[0], y, edges[-1], y, thickness=0.8)
    for i, c in enumerate(columns):
        at, align = _spot(c, edges, i)
        for k, line in enumerate(labels[i]):
            d.paper.write(at, y + (height - deep * pen.leading) / 2 + k * pen.leading, line, bold, align=align)
    return y + height + 3


def _wrapped_label(label: str, pen: Pen, width: float) -> list[str]:
    if pen.width(label) <= width or " " not in label:
        return [label]
    return [_text(line) for line in _wrapped([label], pen, width, 0)]


def _cells(row: Row, columns: Sequence[Column], edges: list[float], pen: Pen) -> dict[str, list[list[Piece]]]:
    out = {}
    for i, c in enumerate(columns):
        pieces = row.shown.get(c.key)
        if not pieces:
            continue
        room = edges[i + 1] - edges[i] - 5
        is_wide = pen.width(_text(pieces)) > room
        out[c.key] = list(_wrapped(list(pieces), pen, room, 0)) if is_wide and c.align == "left" else [list(pieces)]
    return out


def _draw_row(d: Draft, row: Row, columns: Sequence[Column], edges: list[float], y: float, pen: Pen, wrapped: dict[str, list[list[Piece]]]) -> None:
    use = pen.but(bold=True) if row.is_bold else pen
    for i, c in enumerate(columns):
        at, align = _spot(c, edges, i)
        below = y
        with d.paper.together():
            for line in wrapped.get(c.key, ()):
                d.paper.write(at, below, line, use, align=align)
                below += pen.leading
        if c.key == "description":
            for text in row.below:
                d.paper.write(at, below, text, pen.but(size=pen.size - 0.6, italic=d.style.chance("more italic", 0.3)))
                below += pen.leading


def _spot(c: Column, edges: list[float], i: int) -> tuple[float, str]:
    if c.align == "right":
        return edges[i + 1] - 4, "right"
    if c.align == "center":
        return (edges[i] + edges[i + 1]) / 2, "center"
    return edges[i] + 3, "left"


def _close(d: Draft, look: str, edges: list[float], top: float, y: float) -> None:
    if look == "boxed":
        for e in edges:
            d.paper.line(e, top - 3, e, y - 2, thickness=0.4)
    if look in ("lines", "boxed", "ruled"):
        d.paper.line(edges[0], y - 2, edges[-1], y - 2)
