"""Presentations (.pptx, .pptm): a slide is a page, its shapes are where the file puts them.

Words stand inside their shape's box, in type that fits it. Speaker notes follow below the slide, on
the same page. What an audience cannot see goes to ``hidden``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fieldproof.core.document import BlockKind, FailureCode, PageSource, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.core.geometry import Box
from fieldproof.parsing.assembly import DraftBlock, DraftCell, DraftPage, DraftTable, DraftWord, assemble
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.filetype import FileType
from fieldproof.parsing.flow import Eye
from fieldproof.parsing.numbers import shown
from fieldproof.parsing.package import Package, opened
from fieldproof.parsing.slidetheme import A, P, Theme, is_clear
from fieldproof.parsing.typeset import Frame, FramedText, set_in_frame
from fieldproof.parsing.visibility import SMALLEST_PT, WHITE, Colour, melts
from fieldproof.parsing.wrapping import Run

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
DSP = "{http://schemas.microsoft.com/office/drawing/2008/diagram}"

EMU_PER_PT = 12_700
NOTES_PT = 10.0
NOTES_MARGIN_PT = 24.0
INSET_PT = 3.6
TEXT_PT = 18.0
TITLE_PT = 32.0
TABLE_PT = 14.0
MAX_GROUP_DEPTH = 20
MAX_SHAPES = 20_000
MAX_TABLE_CELLS = 20_000
MAX_CHART_POINTS = 1_000
_ALIGN = {"ctr": "center", "r": "right"}
_VERTICAL = {"ctr": "middle", "b": "bottom"}
_TITLES = ("title", "ctrTitle")
_FURNITURE = {"ftr": BlockKind.FOOTER, "dt": BlockKind.FOOTER, "sldNum": BlockKind.FOOTER, "hdr": BlockKind.HEADER}


def parse(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    """One page for each slide; anchors are "slide 3/shape 4" and "slide 3/notes"."""
    with opened(path, config) as package:
        reader = _Reader(package, config)
        pages = list(reader.pages())
        hidden = reader.eye.found()
        attachments = package.attachments("ppt/embeddings/")
        if not any(page.blocks for page in pages) and not attachments:
            raise ParsingFailed(FailureCode.NO_TEXT if hidden or package.has_pictures() else FailureCode.EMPTY)
        return assemble(
            kind.media_type,
            pages,
            hidden=hidden,
            attachments=attachments,
            properties=package.properties(),
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """A rectangle on the slide, in points."""

    left: float
    top: float
    right: float
    bottom: float

    def contains(self, other: _Place) -> bool:
        return (
            self.left <= other.left + 1
            and self.top <= other.top + 1
            and self.right >= other.right - 1
            and self.bottom >= other.bottom - 1
        )

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom


@dataclass(frozen=True, slots=True)
class _Mapping:
    """From a group's coordinates to the slide's: scale and shift."""

    scale_x: float = 1.0
    scale_y: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0

    def place(self, x: float, y: float, width: float, height: float) -> _Place:
        left, top = x * self.scale_x + self.shift_x, y * self.scale_y + self.shift_y
        return _Place(
            left / EMU_PER_PT,
            top / EMU_PER_PT,
            (left + width * self.scale_x) / EMU_PER_PT,
            (top + height * self.scale_y) / EMU_PER_PT,
        )


@dataclass(slots=True)
class _Shape:
    element: Any
    number: int  # its rank from the bottom of the slide, from 1
    place: _Place | None
    anchor: str
    placeholder: str | None = None
    is_concealed: bool = False
    paint: tuple[Colour | None] | None = None  # what it is filled with; (None,) for a picture
    is_solid: bool = False  # hides what is under it
    inherited: list[Any] = field(default_factory=list)  # its placeholders in layout and master


class _Reader:
    def __init__(self, package: Package, config: ParseConfig) -> None:
        self.eye = Eye()
        self._package = package
        self._config = config
        self._part = package.main_part("ppt/presentation.xml")
        self._root = package.xml(self._part)
        if self._root is None:
            raise ParsingFailed(FailureCode.CORRUPT, "The presentation has no presentation part.")
        size = self._root.find(f"{P}sldSz")
        self._width = _number(size.get("cx"), 9_144_000) / EMU_PER_PT if size is not None else 720.0
        self._height = _number(size.get("cy"), 6_858_000) / EMU_PER_PT if size is not None else 540.0
        if not (10 <= self._width <= 20_000 and 10 <= self._height <= 20_000):
            raise ParsingFailed(FailureCode.CORRUPT, "The presentation has slides of an impossible size.")
        self._backgrounds: dict[str, _Background] = {}

    def pages(self) -> Iterator[DraftPage]:
        related = self._package.relationships(self._part)
        number = 0
        for entry in self._root.iter(f"{P}sldId"):
            _, part = related.get(entry.get(f"{R}id", ""), ("", ""))
            root = self._package.xml(part)
            if root is None:
                continue
            number += 1
            if number > self._config.max_pages:
                raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"More than {self._config.max_pages} slides.")
            yield self._page(root, part, f"slide {number}")

    def _page(self, root: Any, part: str, anchor: str) -> DraftPage:
        related = self._package.relationships(part)
        notes = self._notes(related)
        if root.get("show") in ("0", "false"):
            text = "\n".join(_plain(p) for p in root.iter(f"{A}p"))
            self.eye.hide(f"{text}\n{notes}", "hidden_slide", anchor)
            return DraftPage(self._width, self._height, source=PageSource.NONE, anchor=anchor)
        page = DraftPage(self._width, self._height, source=PageSource.LAYOUT, anchor=anchor)
        notes_lines = self._room_for_notes(page, notes, anchor)
        slide = _SlideReader(self, self._package, root, related, self._background(related), page)
        slide.read(_Place(0, 0, self._width, self._height))
        if notes_lines:
            page.blocks.extend(notes_lines)
        return page

    def _notes(self, related: dict[str, tuple[str, str]]) -> str:
        for kind, target in related.values():
            root = self._package.xml(target) if kind == "notesSlide" else None
            if root is None:
                continue
            bodies = (s for s in root.iter(f"{P}sp") if _placeholder(s)[0] == "body")
            return "\n".join(_plain(p) for shape in bodies for p in shape.iter(f"{A}p")).strip()
        return ""

    def _room_for_notes(self, page: DraftPage, notes: str, anchor: str) -> list[DraftBlock]:
        """Makes the page tall enough for the notes and sets them below the slide."""
        place = f"{anchor}/notes"
        notes = self.eye.see(notes, place)
        if not notes.strip():
            return []
        paragraphs = [[Run(line)] for line in notes.split("\n") if line.strip()]
        text = FramedText(paragraphs, NOTES_PT, ["left"] * len(paragraphs), place)
        top = self._height + NOTES_MARGIN_PT
        frame = Frame(NOTES_MARGIN_PT, top, self._width - NOTES_MARGIN_PT, top + 1e6)
        _, trial = set_in_frame(text, frame, page)
        line_count = sum(map(len, trial))
        page.height_pt = top + line_count * NOTES_PT * 1.3 + NOTES_MARGIN_PT
        _, lines = set_in_frame(text, frame, page)
        return [DraftBlock(BlockKind.PARAGRAPH, paragraph, anchor=place) for paragraph in lines if paragraph]

    def _background(self, related: dict[str, tuple[str, str]]) -> _Background:
        layout = next((target for kind, target in related.values() if kind == "slideLayout"), "")
        if layout not in self._backgrounds:
            self._backgrounds[layout] = _Background(self._package, layout)
        return self._backgrounds[layout]


class _Background:
    """A slide's layout and master: their placeholders, colours and ground."""

    def __init__(self, package: Package, layout: str) -> None:
        self.layout = package.xml(layout)
        related = package.relationships(layout) if self.layout is not None else {}
        master = next((target for kind, target in related.values() if kind == "slideMaster"), "")
        self.master = package.xml(master)
        below = package.relationships(master) if self.master is not None else {}
        theme = next((target for kind, target in below.values() if kind == "theme"), "")
        self.theme = Theme(package.xml(theme), self.master)

    def ground(self, slide: Any) -> Colour | None:
        """What is behind everything: a colour, or None for a picture."""
        for root in (slide, self.layout, self.master):
            background = root.find(f"{P}cSld/{P}bg") if root is not None else None
            if background is None:
                continue
            fill = self.theme.fill(background.find(f"{P}bgPr"))
            if fill is not None:
                return fill[0]
            return self.theme.colour(background.find(f"{P}bgRef")) or WHITE
        return WHITE

    def placeholders(self, kind: str, index: str | None) -> list[Any]:
        """The shapes of layout and master that a placeholder takes after."""
        found = [_matching(self.layout, kind, index), _matching(self.master, kind, None)]
        return [shape for shape in found if shape is not None]


def _matching(root: Any, kind: str, index: str | None) -> Any:
    shapes = list(root.iter(f"{P}sp")) if root is not None else []
    if index is not None:
        for shape in shapes:
            if _placeholder(shape)[1] == index and index != "0":
                return shape
    wanted = {"ctrTitle": ("ctrTitle", "title"), "subTitle": ("subTitle", "body"), "obj": ("obj", "body")}
    for name in wanted.get(kind, (kind,)):
        for shape in shapes:
            if _placeholder(shape)[0] == name:
                return shape
    return None


class _SlideReader:
    """One slide: gathers its shapes, judges what can be seen, sets the text."""

    def __init__(
        self,
        reader: _Reader,
        package: Package,
        root: Any,
        related: dict[str, tuple[str, str]],
        background: _Background,
        page: DraftPage,
    ) -> None:
        self._eye = reader.eye
        self._package = package
        self._root = root
        self._related = related
        self._background = background
        self._theme = background.theme
        self._page = page
        self._shapes: list[_Shape] = []

    def read(self, slide: _Place) -> None:
        tree = self._root.find(f"{P}cSld/{P}spTree")
        if tree is None:
            return
        self._gather(tree, _Mapping(), 0, is_concealed=False)
        ground = self._background.ground(self._root)
        for shape in sorted(self._shapes, key=_reading_order):
            self._set_shape(shape, slide, ground)

    def _gather(self, parent: Any, mapping: _Mapping, depth: int, *, is_concealed: bool) -> None:
        if depth > MAX_GROUP_DEPTH or len(self._shapes) > MAX_SHAPES:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, "A slide nests or holds too many shapes.")
        for element in _shape_elements(parent):
            concealed = is_concealed or _is_concealed(element)
            if element.tag == f"{P}grpSp":
                self._gather(element, _group_mapping(element, mapping), depth + 1, is_concealed=concealed)
            else:
                self._add(element, mapping, is_concealed=concealed)

    def _add(self, element: Any, mapping: _Mapping, *, is_concealed: bool) -> None:
        number = len(self._shapes) + 1
        kind, index = _placeholder(element)
        inherited = self._background.placeholders(kind, index) if kind else []
        shape = _Shape(
            element,
            number,
            _place(element, inherited, mapping),
            f"{self._page.anchor}/shape {number}",
            kind,
            is_concealed,
            inherited=inherited,
        )
        self._paint(shape)
        self._shapes.append(shape)

    def _paint(self, shape: _Shape) -> None:
        element = shape.element
        if element.tag == f"{P}pic":
            shape.paint = (None,)
            return
        for holder in (element, *shape.inherited):
            properties = holder.find(f"{P}spPr")
            fill = self._theme.fill(properties)
            if fill is not None:
                shape.paint = fill
                shape.is_solid = fill[0] is not None and not _has_alpha(properties) and _is_rectangle(properties)
                return
            if properties is not None and properties.find(f"{A}noFill") is not None:
                return
        reference = element.find(f"{P}style/{A}fillRef")
        if reference is not None and reference.get("idx", "0") != "0":
            shape.paint = (self._theme.colour(reference),)

    # ---------------------------------------------------------------------------------- one shape

    def _set_shape(self, shape: _Shape, slide: _Place, ground: Colour | None) -> None:
        hidden = self._hidden_because(shape, slide)
        if shape.element.tag == f"{P}graphicFrame":
            self._set_frame(shape, hidden, ground)
            return
        body = shape.element.find(f"{P}txBody")
        if body is None:
            return
        behind = self._ground_of(shape, ground)
        paragraphs = [(p, self._runs(p, body, shape.anchor, behind, hidden)) for p in body.iterfind(f"{A}p")]
        shown = [(p, runs) for p, runs in paragraphs if any(run.text.strip() for run in runs)]
        if shown:
            self._set_text(shape, body, shown)

    def _set_text(self, shape: _Shape, body: Any, shown: list[tuple[Any, list[Run]]]) -> None:
        place = shape.place or _Place(0, 0, self._page.width_pt, 40.0)
        is_title = shape.placeholder in _TITLES
        size = _type_size(body) or (TITLE_PT if is_title else TEXT_PT)
        align = [_align(p) for p, _ in shown]
        text = FramedText([runs for _, runs in shown], size, align, shape.anchor)
        properties = body.find(f"{A}bodyPr")
        vertical = _VERTICAL.get((properties.get("anchor") if properties is not None else None) or "", "top")
        frame = Frame(
            place.left + INSET_PT, place.top + INSET_PT, place.right - INSET_PT, place.bottom - INSET_PT, vertical
        )
        _, lines = set_in_frame(text, frame, self._page)
        if is_title:
            self._block(BlockKind.HEADING, [line for part in lines for line in part], shape, level=1)
            return
        kind = _FURNITURE.get(shape.placeholder or "", BlockKind.PARAGRAPH)
        if shape.placeholder in ("body", "obj") and len(shown) > 1:
            kind = BlockKind.LIST
        for part in lines:
            self._block(kind, part, shape)

    def _block(self, kind: BlockKind, lines: list[list[DraftWord]], shape: _Shape, level: int | None = None) -> None:
        if lines:
            self._page.blocks.append(DraftBlock(kind, lines, level=level, anchor=shape.anchor))

    def _runs(self, paragraph: Any, body: Any, anchor: str, ground: Colour | None, hidden: str | None) -> list[Run]:
        runs: list[Run] = []
        scale = _shrink(body)
        for element in paragraph:
            if element.tag == f"{A}br":
                runs.append(Run("\n"))
                continue
            if element.tag not in (f"{A}r", f"{A}fld"):
                continue
            text = element.findtext(f"{A}t") or ""
            properties = element.find(f"{A}rPr")
            if reason := hidden or self._run_hidden(properties, ground, scale):
                self._eye.hide(text, reason, anchor)
            elif text := self._eye.see(text, anchor).replace("\v", "\n"):
                runs.append(Run(text, properties is not None and properties.get("b") in ("1", "true")))
        if hidden:
            self._eye.hide("\n", hidden, anchor)
        return runs

    def _run_hidden(self, properties: Any, ground: Colour | None, scale: float) -> str | None:
        if properties is None:
            return None
        size = properties.get("sz")
        if size is not None and _number(size, 1800) / 100 * scale < SMALLEST_PT:
            return "size"
        if properties.find(f"{A}noFill") is not None and properties.find(f"{A}ln") is None:
            return "colour"
        fill = properties.find(f"{A}solidFill")
        if fill is None:
            return None
        if is_clear(fill):
            return "colour"
        ink = self._theme.colour(fill)
        return "colour" if ink is not None and ground is not None and melts(ink, ground) else None

    def _hidden_because(self, shape: _Shape, slide: _Place) -> str | None:
        if shape.is_concealed:
            return "vanish"
        place = shape.place
        if place is None:
            return None
        is_off = place.right <= 0 or place.bottom <= 0 or place.left >= slide.right or place.top >= slide.bottom
        if is_off:
            return "off_page"
        above = self._shapes[shape.number :]
        if any(cover.is_solid and not cover.is_concealed and _covers(cover, place) for cover in above):
            return "covered"
        return None

    def _ground_of(self, shape: _Shape, ground: Colour | None) -> Colour | None:
        """What is behind a shape's text: its own fill, or the highest painted shape below its middle."""
        if shape.paint is not None:
            return shape.paint[0]
        place = shape.place
        if place is None:
            return None
        x, y = (place.left + place.right) / 2, (place.top + place.bottom) / 2
        for below in reversed(self._shapes[: shape.number - 1]):
            if below.paint is not None and below.place is not None and below.place.holds(x, y):
                return below.paint[0]
        return ground

    # ---------------------------------------------------------- tables, charts, diagrams (frames)

    def _set_frame(self, shape: _Shape, hidden: str | None, ground: Colour | None) -> None:
        table = shape.element.find(f".//{A}tbl")
        if table is not None:
            self._set_table(shape, table, hidden, ground)
            return
        for texts in self._frame_rows(shape.element):
            text = "\n".join(texts)
            if hidden:
                self._eye.hide(f"{text}\n", hidden, shape.anchor)
                continue
            self._set_rows(shape, self._eye.see(text, shape.anchor).split("\n"))

    def _frame_rows(self, element: Any) -> Iterator[list[str]]:
        """The lines of text of a chart or of a diagram."""
        for chart in element.iter(f"{C}chart"):
            _, part = self._related.get(chart.get(f"{R}id", ""), ("", ""))
            root = self._package.xml(part)
            if root is not None:
                yield list(_chart_lines(root))
        if next(element.iter("{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"), None) is not None:
            for kind, part in self._related.values():
                root = self._package.xml(part) if kind == "diagramDrawing" else None
                if root is not None:
                    yield [_plain(p) for shape in root.iter(f"{DSP}sp") for p in shape.iter(f"{A}p") if _plain(p)]

    def _set_rows(self, shape: _Shape, rows: list[str]) -> None:
        place = shape.place or _Place(0, 0, self._page.width_pt, self._page.height_pt)
        shown = [[Run(row)] for row in rows if row.strip()]
        text = FramedText(shown, TABLE_PT, ["left"] * len(shown), shape.anchor)
        _, lines = set_in_frame(text, Frame(place.left, place.top, place.right, place.bottom), self._page)
        for part in lines:
            self._block(BlockKind.PARAGRAPH, part, shape)

    def _set_table(self, shape: _Shape, table: Any, hidden: str | None, ground: Colour | None) -> None:
        rows = list(table.iterfind(f"{A}tr"))
        widths = [_number(column.get("w"), 0) / EMU_PER_PT for column in table.iterfind(f"{A}tblGrid/{A}gridCol")]
        if not rows or not widths or len(rows) * len(widths) > MAX_TABLE_CELLS:
            return
        heights = [max(1.0, _number(row.get("h"), 0) / EMU_PER_PT) for row in rows]
        lefts, tops = _edges(shape.place.left if shape.place else 0.0, widths), _edges(0.0, heights)
        top = shape.place.top if shape.place else 0.0
        tops = [top + edge for edge in tops]
        properties = table.find(f"{A}tblPr")
        has_header = properties is not None and properties.get("firstRow") in ("1", "true") and len(rows) > 1
        draft = DraftTable(len(rows), len(widths), header_rows=int(has_header))
        for row, element in enumerate(rows):
            for column, cell in enumerate(list(element.iterfind(f"{A}tc"))[: len(widths)]):
                if cell.get("hMerge") in ("1", "true") or cell.get("vMerge") in ("1", "true"):
                    continue
                row_span = min(int(_number(cell.get("rowSpan"), 1)), len(rows) - row)
                column_span = min(int(_number(cell.get("gridSpan"), 1)), len(widths) - column)
                place = _Place(lefts[column], tops[row], lefts[column + column_span], tops[row + row_span])
                anchor = f"{shape.anchor}/r{row + 1}c{column + 1}"
                lines = self._cell_lines(cell, place, anchor, hidden, ground)
                draft.cells.append(
                    DraftCell(
                        row,
                        column,
                        lines,
                        self._box(place),
                        row_span,
                        column_span,
                        is_header=has_header and row == 0,
                        anchor=anchor,
                    )
                )
        if any(cell.lines for cell in draft.cells):
            self._page.blocks.append(DraftBlock(BlockKind.TABLE, table=draft, anchor=shape.anchor))

    def _cell_lines(
        self, cell: Any, place: _Place, anchor: str, hidden: str | None, ground: Colour | None
    ) -> list[list[DraftWord]]:
        body = cell.find(f"{A}txBody")
        if body is None:
            return []
        properties = cell.find(f"{A}tcPr")
        fill = self._theme.fill(properties)
        # Without a fill of its own a cell is painted by the table's style, which is not looked up.
        behind = fill[0] if fill is not None else ground if _has_no_fill(properties) else None
        paragraphs = [(p, self._runs(p, body, anchor, behind, hidden)) for p in body.iterfind(f"{A}p")]
        shown = [(p, runs) for p, runs in paragraphs if any(run.text.strip() for run in runs)]
        if not shown:
            return []
        text = FramedText(
            [runs for _, runs in shown], _type_size(body) or TABLE_PT, [_align(p) for p, _ in shown], anchor
        )
        frame = Frame(place.left + INSET_PT, place.top + 1, place.right - INSET_PT, place.bottom - 1)
        _, lines = set_in_frame(text, frame, self._page)
        return [line for part in lines for line in part]

    def _box(self, place: _Place) -> Box:
        width, height = self._page.width_pt, self._page.height_pt
        return Box(place.left / width, place.top / height, place.right / width, place.bottom / height)


# --------------------------------------------------------------------------------------- elements


def _shape_elements(parent: Any) -> Iterator[Any]:
    for element in parent:
        if element.tag == f"{MC}AlternateContent":
            for name in ("Choice", "Fallback"):
                chosen = element.find(f"{MC}{name}")
                if chosen is not None and len(chosen):
                    yield from _shape_elements(chosen)
                    break
        elif element.tag in (f"{P}sp", f"{P}grpSp", f"{P}graphicFrame", f"{P}pic"):
            yield element


def _reading_order(shape: _Shape) -> tuple[int, float, float, int]:
    """Titles first, then from top to bottom; what stands at almost one height from left to right."""
    if shape.place is None:
        return 1, 0.0, 0.0, shape.number
    rank = 0 if shape.placeholder in _TITLES else 2 if shape.placeholder in _FURNITURE else 1
    return rank, round(shape.place.top / 12), shape.place.left, shape.number


def _covers(cover: _Shape, place: _Place) -> bool:
    return cover.place is not None and cover.place.contains(place)


def _placeholder(shape: Any) -> tuple[str | None, str | None]:
    """Kind and index of the placeholder that a shape is, if it is one."""
    for name in ("nvSpPr", "nvPicPr", "nvGraphicFramePr"):
        element = shape.find(f"{P}{name}/{P}nvPr/{P}ph")
        if element is not None:
            return element.get("type", "obj"), element.get("idx")
    return None, None


def _is_concealed(element: Any) -> bool:
    return any(properties.get("hidden") in ("1", "true") for properties in element.iterfind(f"*/{P}cNvPr"))


def _place(element: Any, inherited: list[Any], mapping: _Mapping) -> _Place | None:
    for holder, used in ((element, mapping), *((shape, _Mapping()) for shape in inherited)):
        transform = holder.find(f"{P}spPr/{A}xfrm")
        transform = holder.find(f"{P}xfrm") if transform is None else transform
        if transform is None:
            continue
        offset, extent = transform.find(f"{A}off"), transform.find(f"{A}ext")
        if offset is not None and extent is not None:
            return used.place(
                _number(offset.get("x"), 0),
                _number(offset.get("y"), 0),
                _number(extent.get("cx"), 0),
                _number(extent.get("cy"), 0),
            )
    return None


def _group_mapping(group: Any, outer: _Mapping) -> _Mapping:
    transform = group.find(f"{P}grpSpPr/{A}xfrm")
    parts = [transform.find(f"{A}{name}") for name in ("off", "ext", "chOff", "chExt")] if transform is not None else []
    if len(parts) != 4 or any(part is None for part in parts):
        return outer
    offset, extent, child_offset, child_extent = parts
    scale_x = _ratio(extent.get("cx"), child_extent.get("cx"))
    scale_y = _ratio(extent.get("cy"), child_extent.get("cy"))
    shift_x = _number(offset.get("x"), 0) - _number(child_offset.get("x"), 0) * scale_x
    shift_y = _number(offset.get("y"), 0) - _number(child_offset.get("y"), 0) * scale_y
    return _Mapping(
        outer.scale_x * scale_x,
        outer.scale_y * scale_y,
        outer.shift_x + shift_x * outer.scale_x,
        outer.shift_y + shift_y * outer.scale_y,
    )


def _ratio(outer: str | None, inner: str | None) -> float:
    below = _number(inner, 0)
    return _number(outer, 0) / below if below else 1.0


def _has_alpha(properties: Any) -> bool:
    solid = properties.find(f"{A}solidFill") if properties is not None else None
    return solid is not None and next(solid.iter(f"{A}alpha"), None) is not None


def _is_rectangle(properties: Any) -> bool:
    geometry = properties.find(f"{A}prstGeom") if properties is not None else None
    return geometry is not None and geometry.get("prst") == "rect"


def _has_no_fill(properties: Any) -> bool:
    return properties is not None and properties.find(f"{A}noFill") is not None


def _type_size(body: Any) -> float | None:
    """The largest type that a text's runs ask for, in points, shrunk as the file says."""
    sizes = [_number(run.get("sz"), 0) / 100 for run in body.iter(f"{A}rPr") if run.get("sz")]
    visible = [size for size in sizes if SMALLEST_PT <= size <= 400]
    return max(visible) * _shrink(body) if visible else None


def _shrink(body: Any) -> float:
    fit = body.find(f"{A}bodyPr/{A}normAutofit")
    return _number(fit.get("fontScale"), 100_000) / 100_000 if fit is not None else 1.0


def _align(paragraph: Any) -> str:
    properties = paragraph.find(f"{A}pPr")
    return _ALIGN.get((properties.get("algn") if properties is not None else None) or "", "left")


def _plain(paragraph: Any) -> str:
    return "".join("\n" if e.tag == f"{A}br" else e.text or "" for e in paragraph.iter(f"{A}t", f"{A}br")).strip()


def _chart_lines(root: Any) -> Iterator[str]:
    """A chart's title, then a line for each series: its name, and its values by category."""
    title = root.find(f".//{C}chart/{C}title")
    if title is not None:
        yield " ".join(filter(None, (_plain(p) for p in title.iter(f"{A}p"))))
    for series in root.iter(f"{C}ser"):
        name = " ".join(_points(series.find(f"{C}tx")))
        categories = _points(series.find(f"{C}cat")) or _points(series.find(f"{C}xVal"))
        values = _points(series.find(f"{C}val")) or _points(series.find(f"{C}yVal"))
        pairs = [f"{category} {value}" for category, value in zip(categories, values, strict=False)] or values
        yield f"{name}: {', '.join(pairs)}" if name else ", ".join(pairs)


def _points(holder: Any) -> list[str]:
    """A series' names or values, as their number format shows them."""
    if holder is None:
        return []
    code = holder.findtext(f".//{C}formatCode") or "General"
    return [_point(value.text or "", code) for value in list(holder.iter(f"{C}v"))[:MAX_CHART_POINTS]]


def _point(text: str, code: str) -> str:
    number = _number(text, math.nan)
    return " ".join(text.split()) if math.isnan(number) or math.isinf(number) else shown(number, code).text


def _edges(start: float, sizes: list[float]) -> list[float]:
    edges = [start]
    for size in sizes:
        edges.append(edges[-1] + size)
    return edges


def _number(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default
