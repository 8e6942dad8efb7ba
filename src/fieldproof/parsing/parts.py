"""Page ranges of one document, read apart and joined to exactly the document they are together.

What only all pages together tell (headings, running headers and footers, tables that go on, languages) is not in a
part: it is found when the parts are joined. So a part is a ``ParsedDocument`` in form, and nothing to
extract from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fieldproof.core.document import Attachment, Block, Cell, FailureCode, HiddenText, Page, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.core.words import Words
from fieldproof.parsing.assembly import DraftBlock, DraftCell, DraftLine, DraftPage, DraftTable, DraftWords, assemble
from fieldproof.parsing.blocks import mark_document
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.language import languages_of

_PART = "part"  # the property that tells a part's place
_COMMENTS = "comments"


@dataclass(slots=True)
class Reading:
    """What was read of a file that has pages of its own: all of them, or ``first`` and some that follow."""

    pages: list[DraftPage]
    page_count: int  # of the file
    first: int = 1
    hidden: Sequence[HiddenText] = ()
    attachments: Sequence[Attachment] = ()
    warnings: Sequence[str] = ()
    properties: dict[str, Any] = field(default_factory=dict)
    damaged_pages: int = 0
    has_unreadable_pages: bool = False  # with writing to be seen, and none of it read


def wanted_pages(config: ParseConfig, page_count: int) -> range:
    """The pages to read, numbered from 1. Raises ParsingFailed where the file has none of them."""
    if config.pages is None:
        return range(1, page_count + 1)
    first, last = config.pages
    if not 1 <= first <= last or first > page_count:
        raise ParsingFailed(FailureCode.CORRUPT, f"The document has {page_count} pages, not {first} to {last}.")
    return range(first, min(last, page_count) + 1)


def document_of(media_type: str, reading: Reading, config: ParseConfig) -> ParsedDocument:
    """The document, or a part of it when the configuration asks for one. Raises ParsingFailed."""
    return _whole(media_type, reading) if config.pages is None else _part(media_type, reading)


def join(parts: Sequence[ParsedDocument]) -> ParsedDocument:
    """The document whose parts these are, in any order.

    Raises ParsingFailed as parsing the whole file would, ValueError where the parts do not make up a file.
    """
    ordered = sorted(parts, key=lambda part: part.properties[_PART]["first"])
    places = [part.properties[_PART] for part in ordered]
    ends = [place["first"] + len(part.pages) for place, part in zip(places, ordered, strict=True)]
    starts = [place["first"] for place in places]
    if not parts or starts[0] != 1 or any(a != b for a, b in zip(ends[:-1], starts[1:], strict=True)):
        raise ValueError("The parts do not follow one another.")
    if ends[-1] != places[0]["page_count"] + 1:
        raise ValueError("The last pages are missing.")
    reading = Reading(
        pages=[_drafted(page) for part in ordered for page in part.pages],
        page_count=places[0]["page_count"],
        hidden=[item for part in ordered for item in part.hidden],
        attachments=[file for part in ordered for file in part.attachments],
        warnings=list(dict.fromkeys(warning for part in ordered for warning in part.warnings)),
        properties=_joined_properties(ordered),
        damaged_pages=sum(place["damaged_pages"] for place in places),
        has_unreadable_pages=any(place["has_unreadable_pages"] for place in places),
    )
    document = _whole(ordered[0].media_type, reading)
    return replace(document, languages=languages_of(document.text))


def _whole(media_type: str, reading: Reading) -> ParsedDocument:
    if reading.damaged_pages == len(reading.pages):
        raise ParsingFailed(FailureCode.CORRUPT)
    if reading.has_unreadable_pages and not any(_has_words(page) for page in reading.pages):
        raise ParsingFailed(FailureCode.NO_TEXT, " ".join(reading.warnings) or None)
    mark_document(reading.pages)
    return _assembled(media_type, reading)


def _part(media_type: str, reading: Reading) -> ParsedDocument:
    place = {
        "first": reading.first,
        "page_count": reading.page_count,
        "damaged_pages": reading.damaged_pages,
        "has_unreadable_pages": reading.has_unreadable_pages,
    }
    reading.properties = {**reading.properties, _PART: place}
    return _assembled(media_type, reading)


def _assembled(media_type: str, reading: Reading) -> ParsedDocument:
    return assemble(
        media_type,
        reading.pages,
        first_page=reading.first,
        hidden=reading.hidden,
        attachments=reading.attachments,
        warnings=reading.warnings,
        properties=reading.properties,
    )


def _has_words(page: DraftPage) -> bool:
    return any(block.lines or block.table for block in page.blocks)


def _joined_properties(parts: Sequence[ParsedDocument]) -> dict[str, Any]:
    properties = {name: value for part in reversed(parts) for name, value in part.properties.items() if name != _PART}
    comments = [comment for part in parts for comment in part.properties.get(_COMMENTS, ())]
    return {**properties, _COMMENTS: comments} if comments else properties


# --- from frozen pages back to drafts ---------------------------------------------------------------


def _drafted(page: Page) -> DraftPage:
    found = Words.of(page.words)
    starts, ends = np.array(found.starts, dtype=np.int64), np.array([-1, *found.ends], dtype=np.int64)
    words = DraftWords(found.columns, starts == ends[:-1])
    for line in page.lines:
        words.glued[line.words[0]] = False
    lines = [DraftLine(words, list(line.words)) for line in page.lines]
    return DraftPage(
        page.width_pt,
        page.height_pt,
        [_drafted_block(block, page, lines) for block in page.blocks],
        source=page.source,
        rotation=page.rotation,
        grade=page.grade,
        anchor=page.anchor,
    )


def _drafted_block(block: Block, page: Page, lines: list[DraftLine]) -> DraftBlock:
    own, table = list(block.lines), None
    if block.table is not None:
        cells = [_drafted_cell(cell, page, own, lines) for cell in block.table.cells]
        table = DraftTable(block.table.row_count, block.table.column_count, cells, block.table.header_rows)
    return DraftBlock(
        block.kind,
        [lines[index] for index in own],
        table,
        level=block.level,
        key=block.key,
        value=block.value,
        box=block.box,
        anchor=block.anchor,
    )


def _drafted_cell(cell: Cell, page: Page, left: list[int], lines: list[DraftLine]) -> DraftCell:
    """Takes the cell's lines off those that are ``left`` of its block."""
    inside: list[DraftLine] = []
    while left and cell.words and page.lines[left[0]].words[0] <= cell.words[-1]:
        inside.append(lines[left.pop(0)])
    return DraftCell(
        cell.row,
        cell.column,
        inside,
        box=cell.box,
        row_span=cell.row_span,
        column_span=cell.column_span,
        is_header=cell.is_header,
        anchor=cell.anchor,
    )
