"""What was understood of a document, for people: Markdown, JSON, and page pictures with boxes drawn in."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import orjson
from PIL import Image, ImageDraw

from fieldproof.core.document import Block, BlockKind, Page, ParsedDocument, Table
from fieldproof.core.geometry import Box
from fieldproof.parsing.chunking import chunk
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.continued import whole_tables, with_whole_tables
from fieldproof.parsing.dispatch import render

_WIDTH_PX = 1240
_COLOURS = {
    BlockKind.HEADING: (196, 40, 40),
    BlockKind.PARAGRAPH: (40, 90, 200),
    BlockKind.LIST: (20, 140, 150),
    BlockKind.TABLE: (20, 140, 60),
    BlockKind.KEY_VALUE: (200, 120, 0),
    BlockKind.FIGURE: (140, 60, 180),
    BlockKind.HEADER: (130, 130, 130),
    BlockKind.FOOTER: (130, 130, 130),
}
_WORD_COLOUR = (250, 180, 60)


def to_markdown(document: ParsedDocument) -> str:
    """The visible text in reading order; hidden text and warnings are listed at the end."""
    parts = [_block_markdown(block, table) for block, table in with_whole_tables(document)]
    if document.hidden:
        parts.append("---\n\n**Hidden from the reader, not used:**")
        parts += [f"- {item.reason}, {_place(item.page, item.anchor)}: {item.text}" for item in document.hidden]
    parts += [f"> {warning}" for warning in document.warnings]
    return "\n\n".join(part for part in parts if part) + "\n"


def to_json(document: ParsedDocument) -> bytes:
    """Everything, the chunks and the tables joined over pages included; attached files by name and size."""
    tree = asdict(document) | {
        "attachments": [
            {"filename": a.filename, "media_type": a.media_type, "size_bytes": len(a.content)}
            for a in document.attachments
        ],
        "tables": [asdict(table) for table in whole_tables(document)],
        "chunks": [asdict(piece) for piece in chunk(document)],
    }
    return orjson.dumps(tree, default=list, option=orjson.OPT_INDENT_2)  # list: words held as columns


def draw_boxes(
    path: Path,
    document: ParsedDocument,
    folder: Path,
    config: ParseConfig,
    *,
    render_page: Callable[[int, int], bytes] | None = None,
) -> list[Path]:
    """One WebP per page with the boxes of blocks, words and cells; returns the files written.

    ``render_page`` gives the picture of a page number in a width: from the sandbox, where the file is not trusted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rendered = render_page or (lambda number, width_px: render(path, number, width_px, config))
    written = []
    for page in document.pages:
        picture = Image.open(io.BytesIO(rendered(page.number, _WIDTH_PX))).convert("RGB")
        _draw(picture, page)
        target = folder / f"page-{page.number:04}.webp"
        picture.save(target, "WEBP", quality=85)
        written.append(target)
    return written


def _block_markdown(block: Block, table: Table | None) -> str:
    if table is not None:
        return _table_markdown(table)
    match block.kind:
        case BlockKind.HEADING:
            return f"{'#' * (block.level or 1)} {_one_line(block.text)}"
        case BlockKind.KEY_VALUE:
            return f"**{block.key}:** {block.value}" if block.key else block.value or block.text
        case BlockKind.HEADER | BlockKind.FOOTER:
            return f"*{_one_line(block.text)}*"
        case BlockKind.FIGURE:
            return f"![{_one_line(block.text)}]()"
        case _:
            return block.text


def _table_markdown(table: Table) -> str:
    rows = [[""] * table.column_count for _ in range(table.row_count)]
    for cell in table.cells:
        rows[cell.row][cell.column] = _one_line(cell.text).replace("|", "\\|")
    header = rows[: table.header_rows][-1:] or [[""] * table.column_count]
    body = (
        rows[table.header_rows :]
        if table.header_rows <= 1
        else [*rows[: table.header_rows - 1], *rows[table.header_rows :]]
    )
    lines = [header[0], ["---"] * table.column_count, *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _place(page: int | None, anchor: str | None) -> str:
    return anchor or (f"page {page}" if page else "the file")


def _draw(picture: Image.Image, page: Page) -> None:
    canvas = ImageDraw.Draw(picture)
    for word in page.words:
        canvas.rectangle(_pixels(word.box, picture), outline=_WORD_COLOUR)
    for block in page.blocks:
        for cell in block.table.cells if block.table else ():
            if cell.box is not None:
                canvas.rectangle(_pixels(cell.box, picture), outline=_COLOURS[BlockKind.TABLE])
        if block.box is not None:
            canvas.rectangle(_pixels(block.box, picture), outline=_COLOURS[block.kind], width=2)


def _pixels(box: Box, picture: Image.Image) -> tuple[float, float, float, float]:
    width, height = picture.size
    return box.left * width, box.top * height, box.right * width, box.bottom * height
