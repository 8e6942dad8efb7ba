"""A page's words as blocks: tables first, then what is left as lines and paragraphs."""

from __future__ import annotations

from collections.abc import Sequence

from fieldproof.parsing.assembly import DraftBlock, DraftPage
from fieldproof.parsing.layout import PageLayer, blocks_of, mark_roles, parts_by_direction, segments_of
from fieldproof.parsing.tables import find_tables, mark_continuations


def page_blocks(layer: PageLayer) -> list[DraftBlock]:
    """Blocks in reading order, the page's main writing direction first."""
    blocks: list[DraftBlock] = []
    for part in parts_by_direction(layer):
        segments = segments_of(part)
        blocks += blocks_of(part, segments, find_tables(part, segments))
    return blocks


def mark_document(pages: Sequence[DraftPage]) -> None:
    """What only all pages together tell: headings, running headers and footers, tables that go on."""
    mark_roles(pages)
    mark_continuations(pages)
