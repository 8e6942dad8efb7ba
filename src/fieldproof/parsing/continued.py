"""Tables that go on over pages, as the one table they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fieldproof.core.document import Block, Cell, ParsedDocument, Table


def whole_tables(document: ParsedDocument) -> list[Table]:
    """Every table once, in reading order: rows of the following pages below, their repeated header left out.

    Each cell still names its page, and its words are words of that page.
    """
    return [table for _, table in with_whole_tables(document) if table is not None]


def with_whole_tables(document: ParsedDocument) -> Iterator[tuple[Block, Table | None]]:
    """The document's blocks; each table, complete, at its beginning, and not again where it goes on."""
    blocks = [block for page in document.pages for block in page.blocks]
    for index, block in enumerate(blocks):
        if block.table is None:
            yield block, None
        elif not block.table.is_continuation:
            yield block, _completed(block.table, blocks[index + 1 :])


def _completed(table: Table, following: list[Block]) -> Table:
    for block in following:
        if block.table is None:
            continue
        if not block.table.is_continuation:
            break
        table = _joined(table, block.table)
    return table


def _joined(table: Table, rest: Table) -> Table:
    shift = table.row_count - rest.header_rows
    cells: list[Cell] = [replace(c, row=c.row + shift) for c in rest.cells if c.row >= rest.header_rows]
    return replace(table, row_count=shift + rest.row_count, cells=(*table.cells, *cells))
