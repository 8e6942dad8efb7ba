"""Chunks: a page's blocks in reading order, tables row by row, each with its box.

The shape is the Raydocs chunk contract; boxes ride in ``meta.bbox``. Nothing here depends on anything
but the document, so equal documents give equal chunks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fieldproof.core.document import Block, BlockKind, Cell, Chunk, ChunkBlock, Page, ParsedDocument, Table
from fieldproof.core.geometry import Box, union
from fieldproof.core.words import Words

MAX_CHUNK_CHARACTERS = 12_000
CELL_SEPARATOR = " | "

_TOKEN = re.compile(r"\w+|[^\w\s]")


def _kind(character: str) -> str:
    if character.isspace():
        return " "
    return "w" if character.isalnum() or character == "_" else "."


_KINDS = "".join([_kind(chr(code)) for code in range(0x2200)]).encode()  # as _TOKEN has them


@dataclass(slots=True)
class _Piece:
    """A chunk block with its span in the document's text."""

    block: ChunkBlock
    start: int
    end: int


def chunk(document: ParsedDocument) -> tuple[Chunk, ...]:
    """One chunk per page that has blocks; a very long page gives several."""
    chunks: list[Chunk] = []
    last_table: str | None = None  # of the page before
    for page in document.pages:
        table_count = sum(block.table is not None for block in page.blocks)
        pieces_of_page = _page_pieces(page, last_table)
        last_table = _table_id(page.number, table_count) if table_count else None
        for pieces in _portions(pieces_of_page):
            chunks.append(_chunk(len(chunks), page.number, pieces))
    return tuple(chunks)


def _portions(pieces: Iterator[_Piece]) -> Iterator[list[_Piece]]:
    portion: list[_Piece] = []
    size = 0
    for piece in pieces:
        if portion and size + len(piece.block.content) > MAX_CHUNK_CHARACTERS:
            yield portion
            portion, size = [], 0
        portion.append(piece)
        size += len(piece.block.content)
    if portion:
        yield portion


def _chunk(index: int, page_number: int, pieces: list[_Piece]) -> Chunk:
    content = _joined(pieces)
    return Chunk(
        index=index,
        blocks=tuple(piece.block for piece in pieces),
        first_page=page_number,
        last_page=page_number,
        content=content,
        start=pieces[0].start,
        end=max(piece.end for piece in pieces),
        token_count=_token_count(content),
    )


def _token_count(text: str) -> int:
    """Words and signs, one by one."""
    if text.isascii():
        kinds = text.encode("ascii").translate(_KINDS[:256])
    else:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        if codes.max() >= len(_KINDS):
            return len(_TOKEN.findall(text))
        kinds = np.frombuffer(_KINDS, dtype=np.uint8)[codes].tobytes()
    return kinds.count(b".") + len(kinds.replace(b".", b" ").split())


def _joined(pieces: list[_Piece]) -> str:
    """Blocks apart by an empty line, the rows of one table by a line feed."""
    parts: list[str] = []
    previous_table = None
    for piece in pieces:
        if not piece.block.content:
            continue
        table = piece.block.meta.get("table_row", {}).get("table_id")
        if parts:
            parts.append("\n" if table and table == previous_table else "\n\n")
        parts.append(piece.block.content)
        previous_table = table
    return "".join(parts)


def _page_pieces(page: Page, last_table: str | None) -> Iterator[_Piece]:
    """``last_table``: the last one of the page before, which the first of this page may continue."""
    numbers = iter(range(1_000_000_000))
    table_number = 0
    words = Words.of(page.words)
    for block in page.blocks:
        if block.table is None:
            yield _Piece(_plain(block, page.number, next(numbers)), block.start, block.end)
            continue
        table_number += 1
        table_id = _table_id(page.number, table_number)
        head = _table(block, block.table, table_id, page.number, next(numbers))
        if block.table.is_continuation and last_table is not None and table_number == 1:
            head.meta["table"]["continues"] = last_table
        yield _Piece(head, block.start, block.start)
        position, rows = block.start, _by_row(block.table)
        for row in range(block.table.row_count):
            cells = rows.get(row, [])
            start, position = _row_span(words, cells, position)
            yield _Piece(_row(block.table, cells, table_id, page.number, next(numbers)), start, position)


def _plain(block: Block, page: int, number: int) -> ChunkBlock:
    meta: dict[str, Any] = _bbox(block.box)
    content = block.text
    if block.kind is BlockKind.HEADING and block.level is not None:
        meta["level"] = block.level
    if block.kind is BlockKind.KEY_VALUE and block.key is not None:
        meta["key"], meta["value"] = block.key, block.value
        content = f"{block.key}: {block.value or ''}".rstrip()
    if block.anchor is not None:
        meta["anchor"] = block.anchor
    return ChunkBlock(_block_id(page, number), block.kind.value, content, page, meta)


def _table(block: Block, table: Table, table_id: str, page: int, number: int) -> ChunkBlock:
    meta: dict[str, Any] = {
        "table": {"table_id": table_id, "row_count": table.row_count, "col_count": table.column_count}
    }
    if table.is_continuation:
        meta["table"]["is_continuation"] = True
    meta |= _bbox(block.box)
    if block.anchor is not None:
        meta["anchor"] = block.anchor
    return ChunkBlock(_block_id(page, number), "table", "", page, meta)


def _row(table: Table, cells: list[Cell], table_id: str, page: int, number: int) -> ChunkBlock:
    texts = [""] * table.column_count
    for cell in cells:
        texts[cell.column] = cell.text
    row = {
        "table_id": table_id,
        "is_header_row": bool(cells) and all(cell.is_header for cell in cells),
        "cells": [{"col_index": column, "text": text} for column, text in enumerate(texts, start=1)],
    }
    meta = {"table_row": row, **_bbox(union([cell.box for cell in cells if cell.box is not None]))}
    return ChunkBlock(_block_id(page, number), "table_row", CELL_SEPARATOR.join(texts), page, meta)


def _by_row(table: Table) -> dict[int, list[Cell]]:
    rows: dict[int, list[Cell]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell)
    return rows


def _row_span(words: Words, cells: list[Cell], position: int) -> tuple[int, int]:
    """Where the row's words, which are written one after the other, begin and end."""
    filled = [cell.words for cell in cells if cell.words]
    if not filled:
        return position, position
    return words.starts[filled[0][0]], words.ends[filled[-1][-1]]


def _table_id(page: int, number: int) -> str:
    return f"page:{page}:table:{number}"


def _block_id(page: int, number: int) -> str:
    return f"doc:page:{page}:block:{number}"


def _bbox(box: Box | None) -> dict[str, Any]:
    """As ``Box.as_list``, whose rounding a document's boxes have behind them."""
    return {} if box is None else {"bbox": [box.left, box.top, box.right, box.bottom]}
