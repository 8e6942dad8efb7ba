"""Lists of objects from tables, with an account of every source row."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from fieldproof.core.result import LedgerRow
from fieldproof.core.schema import Field, FieldType
from fieldproof.extraction.amounts import find_amounts
from fieldproof.extraction.dates import find_dates
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.query import NUMERIC, Query, query_of
from fieldproof.extraction.scene import Scene
from fieldproof.extraction.tables import Column, Header, Row, Strip, column_at, headers_of, rows_of
from fieldproof.extraction.values import typed
from fieldproof.extraction.view import View, joined_text

_TOTALS = (
    "total",
    "net_total",
    "tax_total",
    "amount_due",
    "line_total_sum",
    "gross_amount",
    "paid",
    "discount",
    "shipping",
    "rounding",
)
_BALANCES = ("opening_balance", "closing_balance", "total_credits", "total_debits")
_BALANCE = LEXICON.index["balance"]
_MOSTLY = 0.8  # share of steps that must agree before one that does not is news
_CLEAR = 1.5  # em between a table and what stands beside it
_HALF = 0.5  # of the first item's numbers, that every item has
_FAR_LINES = 4.5  # a gap of this many line heights ends a table


@dataclass(slots=True)
class ItemCell:
    value: Any
    text: str
    pieces: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Item:
    cells: dict[str, ItemCell]
    page: int
    top: float
    bottom: float


@dataclass(slots=True)
class ItemList:
    items: list[Item] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    is_complete: bool = True


def extract_items(scene: Scene, list_field: Field, context: str, document_id: str) -> ItemList:
    """The rows of the table whose header names the list's columns best, over all its pages."""
    assert list_field.items is not None
    properties = [p for p in list_field.items.properties if p.type not in (FieldType.ARRAY, FieldType.OBJECT)]
    queries = [query_of((p.name,), p, context) for p in properties]
    if not queries:
        return ItemList()
    rows = rows_of(scene.view)
    headers = headers_of(scene, rows, queries)
    if not headers:
        return ItemList()
    reader = _TableReader(scene, queries, document_id)
    reader.read(rows, headers[0], {h.row: h for h in headers[1:] if h.score >= 0.6 * headers[0].score})
    return reader.result


class _TableReader:
    def __init__(self, scene: Scene, queries: list[Query], document_id: str) -> None:
        self.scene = scene
        self.view: View = scene.view
        self.queries = queries
        self.document_id = document_id
        self.result = ItemList()
        self.columns: list[Column] = []
        self.ended = False
        self.held: list[tuple[Row, dict[int, list[Strip]]]] = []  # text rows that wait for their item

    def read(self, rows: list[Row], header: Header, others: dict[int, Header]) -> None:
        self.columns = header.columns
        below = header.row + header.height
        for row in rows[header.row : below]:
            self.account(row, "header")
        last = rows[below - 1]
        for index in range(below, len(rows)):
            row = rows[index]
            again = others.get(index)
            if again and index >= below and self.is_same_header(again, row, rows[header.row]):
                self.columns, self.ended, below = again.columns, False, index + again.height
            if index < below:
                last = row
                self.account(row, "header", "The header again.")
                continue
            if self.ended:
                continue
            height = max(row.bottom - row.top, 1.0)
            if row.page == last.page and row.top - last.bottom > _FAR_LINES * height and self.result.items:
                self.ended = True
                continue
            if self.take(row, last):
                last = row
        self.check_totals()

    def is_same_header(self, again: Header, row: Row, first: Row) -> bool:
        named = {c.query for c in again.columns if c.query >= 0}
        own = {c.query for c in self.columns if c.query >= 0}
        return row is not first and (named <= own or own <= named)

    def take(self, row: Row, last: Row) -> bool:
        """Use, continue or skip one row; whether the table goes on through it."""
        cells = self.cells(row)
        text = " ".join(self.view.joined(s.first, s.last) for s in row.strips)
        read = self.values(cells)
        if self.is_total(row, cells, read, text):
            self.account(row, "total" if self.is_end(text) else "subtotal", "Its label names a sum.")
            self.ended = self.is_end(text) and bool(self.result.items)
            return True
        if self.is_item(read):
            self.result.items.append(Item(read, row.page, row.top, row.bottom))
            self.account(row, "used", item=len(self.result.items) - 1)
            return True
        if self.is_continuation(row, cells, last):
            self.continue_item(row, cells)
            return True
        self.account(row, "skipped", "No cell of the list's columns can be read in it.")
        return False

    def cells(self, row: Row) -> dict[int, list[Strip]]:
        cells: dict[int, list[Strip]] = {}
        for strip in row.strips:
            if self.is_outside(strip):
                continue
            for piece in self.split(strip):
                column = column_at(self.columns, piece.left, piece.right)
                cells.setdefault(self.text_column(column, piece), []).append(piece)
        return cells

    def is_outside(self, strip: Strip) -> bool:
        """Words that stand clear to the left of the whole table: another block of the page."""
        left = min(c.left for c in self.columns)
        return strip.right < left - _CLEAR * self.view.em and not any(
            map(str.isdigit, self.view.joined(strip.first, strip.last)[:3])
        )

    def text_column(self, column: int, piece: Strip) -> int:
        """Words without a digit do not belong to numbers or dates: they run on from the text to their left."""
        q = self.columns[column].query
        is_typed = q >= 0 and (self.queries[q].is_number or self.queries[q].is_date)
        if not is_typed or any(map(str.isdigit, self.view.joined(piece.first, piece.last))):
            return column
        return next((c for c in range(column - 1, -1, -1) if self.is_text_column(c)), column)

    def split(self, strip: Strip) -> list[Strip]:
        """A segment that reaches over several columns is cut between its tokens."""
        covered = [c for c in self.columns if min(strip.right, c.right) - max(strip.left, c.left) > 0]
        if len(covered) < 2 or strip.last - strip.first < 2:
            return [strip]
        pieces: list[Strip] = []
        owner = -1
        bound = self.dates_in(strip)
        for token in range(strip.first, strip.last):
            t = self.view.tokens[token]
            column = column_at(self.columns, t.left, t.right)
            if pieces and token in bound:
                column = owner
            # Words of a text column run on below the next header; numbers do not.
            if pieces and column != owner and not any(map(str.isdigit, t.text)):
                column = owner if column < owner or self.is_text_column(owner) else column
            if pieces and column == owner:
                pieces[-1].last, pieces[-1].right = token + 1, t.right
            else:
                pieces.append(Strip(token, token + 1, t.left, t.right))
                owner = column
        return pieces

    def dates_in(self, strip: Strip) -> set[int]:
        """Tokens that go on a date begun before them."""
        text, offsets = joined_text(self.view.tokens[strip.first : strip.last])
        bound: set[int] = set()
        for found in find_dates(text, self.scene.order):
            bound.update(strip.first + k for k, at in enumerate(offsets) if found.start < at < found.end)
        return bound

    def is_text_column(self, column: int) -> bool:
        q = self.columns[column].query
        return q >= 0 and self.queries[q].shape == "text"

    def values(self, cells: dict[int, list[Strip]]) -> dict[str, ItemCell]:
        read: dict[str, ItemCell] = {}
        for column, strips in cells.items():
            q = self.columns[column].query
            if q < 0:
                continue
            pieces = tuple((s.first, s.last) for s in strips)
            text = self.view.text_of(pieces)
            value = typed(text, self.queries[q].field, self.scene.order)
            if value is not None:
                read[self.queries[q].path[0]] = ItemCell(value, text, pieces)
        return read

    def is_item(self, read: dict[str, ItemCell]) -> bool:
        asked = [q for c in self.columns if c.query >= 0 for q in (self.queries[c.query],)]
        hard = {q.path[0] for q in asked if q.is_number or q.is_date}
        if not hard:
            return len(read) >= min(2, len(asked))
        money = [q.path[0] for q in asked if q.is_number]
        has_number = any(name in read for name in money) if money else True
        first = self.result.items[0].cells if self.result.items else {}
        usual = sum(name in first for name in money)
        if sum(name in read for name in money) < _HALF * usual:  # "Gross price: 4.00" below an item
            return False
        return has_number and (len(read) >= 2) and any(name in read for name in hard)

    def is_total(self, row: Row, cells: dict[int, list[Strip]], read: dict[str, ItemCell], text: str) -> bool:
        words = [self.view.joined(s.first, s.last) for s in row.strips]
        label = next((w for w in words if sum(map(str.isalpha, w)) >= 2), "")
        label = " ".join(w for w in label.split() if not any(map(str.isdigit, w)))
        if not label or not any(map(str.isdigit, text)):
            return False
        names = {LEXICON.concepts[c].name for c, s in LEXICON.matches(label) if s >= 0.7}
        # A day in its column makes "Card payment" what happened then; a balance has a day of its own.
        has_day = any(q.is_date and q.path[0] in read for q in self.queries)
        is_sum = bool(names & {*(() if has_day else _TOTALS), *_BALANCES})
        filled = sum(1 for c in cells if self.columns[c].query >= 0)
        return is_sum and filled <= 3 and len(row.strips) <= 4

    def is_end(self, text: str) -> bool:
        label = " ".join(w for w in text.split() if not any(map(str.isdigit, w)))
        names = {LEXICON.concepts[c].name for c, s in LEXICON.matches(label) if s >= 0.5}
        return bool(names & set(_TOTALS))

    def is_continuation(self, row: Row, cells: dict[int, list[Strip]], last: Row) -> bool:
        if not self.result.items or row.page != last.page:
            return False
        height = max(row.bottom - row.top, 1.0)
        if row.top - last.bottom > 1.2 * height or len(cells) > 3:
            return False
        return any(self.is_text_column(c) for c in cells) and all(
            self.may_go_on(c, strips) for c, strips in cells.items()
        )

    def may_go_on(self, column: int, strips: list[Strip]) -> bool:
        """A cell that a further line of an item can have: text, a number of the article, or what is not asked for."""
        if self.is_text_column(column):
            return True
        q = self.columns[column].query
        if q >= 0:
            return self.queries[q].shape == "id"
        return len(strips) == 1

    def continue_item(self, row: Row, cells: dict[int, list[Strip]]) -> None:
        item = self.result.items[-1]
        for column, strips in cells.items():
            if self.columns[column].query < 0:
                continue
            name = self.queries[self.columns[column].query].path[0]
            known = item.cells.get(name)
            if known and not self.is_text_column(column):
                continue
            joined = (known.pieces if known else ()) + tuple((s.first, s.last) for s in strips)
            text = self.view.text_of(joined)
            item.cells[name] = ItemCell(text, text, joined)
        item.bottom = row.bottom
        self.account(row, "continuation", item=len(self.result.items) - 1)

    def account(self, row: Row, outcome: str, reason: str = "", item: int | None = None) -> None:
        pieces = [(s.first, s.last) for s in row.strips]
        found = self.view.box(pieces)
        text = " ".join(self.view.joined(a, b) for a, b in pieces)
        page = self.view.document.pages[row.page].number
        self.result.ledger.append(
            LedgerRow(self.document_id, page, found[1] if found else None, text, outcome, reason, item)
        )

    def check_totals(self) -> None:
        """Whether a column's sum stands among the sums printed in or below the table."""
        printed = {
            round(a.value, 2)
            for r in self.result.ledger
            if r.outcome in ("total", "subtotal")
            for a in find_amounts(r.text)
            if a.has_decimals
        }
        for q in self.queries:
            if q.field.type not in NUMERIC:
                continue
            values = [i.cells[q.path[0]].value for i in self.result.items if q.path[0] in i.cells]
            total = round(sum(values), 2)
            if values and total in printed:
                self.result.checks.append(f"sum of {q.field.name} {total:,.2f} = a printed total")
        amounts = [q for q in self.queries if "amount" in q.name or "total" in q.name]
        if amounts and printed and not self.result.checks:
            self.result.checks.append("No column's sum is among the printed totals.")
            self.result.is_complete = False
        self.check_running_balance()

    def check_running_balance(self) -> None:
        """Whether each balance follows from the one before it by the amounts of its row."""
        name = next((q.path[0] for q in self.queries if q.is_number and q.means(_BALANCE)), None)
        moves = [q.path[0] for q in self.queries if q.is_number and q.path[0] != name]
        if name is None:
            return
        pairs = [
            (position, two, round(two.cells[name].value - one.cells[name].value, 2))
            for position, (one, two) in enumerate(pairwise(self.result.items), 2)
            if name in one.cells and name in two.cells
        ]
        agreeing = [self.moves(two, moves, step) for _, two, step in pairs]
        if not pairs or sum(agreeing) < _MOSTLY * len(pairs):
            return
        broken = [position for (position, _, _), agrees in zip(pairs, agreeing, strict=True) if not agrees]
        if broken:
            self.result.is_complete = False
            self.result.checks.append(
                f"The balance does not follow from the row before it at row {broken[0]}: a row may be missing."
            )
        else:
            self.result.checks.append("each balance follows from the one before it")

    def moves(self, item: Item, names: list[str], step: float) -> bool:
        values = [item.cells[n].value for n in names if n in item.cells]
        return any(abs(abs(v) - abs(step)) < 0.011 for v in values)
