"""Form fields and typed comments as blocks, at the places where the page shows them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldproof.core.document import BlockKind, WordSource
from fieldproof.core.geometry import Box, clamped
from fieldproof.parsing.assembly import DraftBlock, DraftWord, as_line, rounded
from fieldproof.parsing.pdf import pdfium
from fieldproof.parsing.pdf.annotations import Annotation, annotations_of
from fieldproof.parsing.pdf.objects import PageObjects
from fieldproof.parsing.pdf.structure import FormField
from fieldproof.parsing.pdf.words import Frame

_MAX_FIGURES = 50  # of one page
_MIN_FIGURE, _MAX_FIGURE = 0.005, 0.8  # of the page's area
_CHARACTER_EM = 0.5  # the usual width of a character
_LINE_EM = 1.25
_USUAL_SIZE_PT = 10.0


def with_fields(blocks: list[DraftBlock], fields: Sequence[FormField], frame: Frame) -> list[DraftBlock]:
    """The page's blocks and its fields, each field behind the last block that begins above it."""
    return _placed(blocks, [_field_block(field, frame) for field in fields])


def with_typed_text(blocks: list[DraftBlock], page: int, frame: Frame) -> list[DraftBlock]:
    """The page's blocks and what was typed onto it (free text annotations)."""
    typed = [
        _typed_block(annotation, frame)
        for annotation in annotations_of(page, frame)
        if annotation.subtype == pdfium.FREE_TEXT and not annotation.is_hidden
    ]
    return _placed(blocks, [block for block in typed if block is not None])


def with_figures(blocks: list[DraftBlock], objects: PageObjects, frame: Frame) -> list[DraftBlock]:
    """The page's blocks and its pictures, those large enough to show something and small enough not to be the page."""
    boxes: dict[Box, None] = {}
    for picture in objects.pictures:
        left, top, right, bottom = picture.box
        box = clamped(left / frame.width, top / frame.height, right / frame.width, bottom / frame.height)
        if _MIN_FIGURE <= box.area <= _MAX_FIGURE:
            boxes[box] = None
    figures = [DraftBlock(BlockKind.FIGURE, box=box) for box in list(boxes)[:_MAX_FIGURES]]
    return _placed(blocks, figures)


def _placed(blocks: list[DraftBlock], extra: list[DraftBlock]) -> list[DraftBlock]:
    if not extra:
        return blocks
    tops = [_top(block) for block in blocks]
    after: dict[int, list[DraftBlock]] = {}
    for block in extra:
        top = _top(block)
        place = max((i for i, other in enumerate(tops) if other <= top), default=-1)
        after.setdefault(place, []).append(block)
    placed = after.get(-1, [])
    for index, block in enumerate(blocks):
        placed = [*placed, block, *after.get(index, ())]
    return placed


def _top(block: DraftBlock) -> float:
    if block.box is not None:
        return block.box.top
    lines = list(block.lines)
    if block.table is not None:
        lines += [line for cell in block.table.cells for line in cell.lines]
    return min((side[1] for line in lines for side in as_line(line).sides), default=0.0)


def _field_block(field: FormField, frame: Frame) -> DraftBlock:
    left, bottom, right, top = field.rectangle
    box = _seen((left, top, right, bottom), frame)
    lines = (
        [[DraftWord(field.mark, box, source=WordSource.FORM)]]
        if field.mark is not None
        else _set_in(field.value, box, frame, is_multiline=field.is_multiline)
    )
    return DraftBlock(BlockKind.KEY_VALUE, lines, key=field.key or None, value=field.value, box=box)


def _typed_block(annotation: Annotation, frame: Frame) -> DraftBlock | None:
    text = annotation.string(b"Contents")
    if not text:
        return None
    left, top, right, bottom = annotation.sides
    box = clamped(left / frame.width, top / frame.height, right / frame.width, bottom / frame.height)
    return DraftBlock(BlockKind.PARAGRAPH, _set_in(text, box, frame, is_multiline=True))


def _seen(stored: tuple[float, float, float, float], frame: Frame) -> Box:
    left, top, right, bottom = frame.boxes(np.array([stored]))[0].tolist()
    return clamped(left / frame.width, top / frame.height, right / frame.width, bottom / frame.height)


def _set_in(text: str, box: Box, frame: Frame, *, is_multiline: bool) -> list[list[DraftWord]]:
    """The text set into the box as a viewer would, roughly: the file does not say where each word stands."""
    width, height = box.width * frame.width, box.height * frame.height
    size = min(_USUAL_SIZE_PT, 0.8 * height) or _USUAL_SIZE_PT
    rows = text.splitlines() or [text]
    if is_multiline:
        rows = [row for line in rows for row in _wrapped(line, width / (size * _CHARACTER_EM))]
    else:
        rows = [" ".join(rows)]
    size = min(size, 0.95 * height / (_LINE_EM * len(rows)) if len(rows) > 1 else size)
    longest = max(len(row) for row in rows)
    advance = min(size * _CHARACTER_EM, width / max(1, longest)) / frame.width
    pitch = (size * _LINE_EM if len(rows) > 1 else height) / frame.height
    return [
        line
        for number, row in enumerate(rows)
        if (line := _row_words(row, box.left, box.top + number * pitch, advance, pitch, size, box))
    ]


def _wrapped(line: str, room: float) -> list[str]:
    rows: list[str] = []
    for word in line.split():
        if rows and len(rows[-1]) + 1 + len(word) <= room:
            rows[-1] += " " + word
        else:
            rows.append(word)
    return rows


def _row_words(
    row: str, left: float, top: float, advance: float, pitch: float, size: float, box: Box
) -> list[DraftWord]:
    words, at = [], 0
    for text in row.split():
        at = row.index(text, at)
        start, end = left + at * advance, left + (at + len(text)) * advance
        place = Box(min(start, box.right), min(top, box.bottom), min(end, box.right), min(top + pitch, box.bottom))
        words.append(DraftWord(text, rounded(place), source=WordSource.FORM, font_size=round(size, 2)))
        at += len(text)
    return words
