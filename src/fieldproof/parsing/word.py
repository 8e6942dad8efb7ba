"""Word documents (.docx, .docm): one pass over the body, paragraph by paragraph.

Read as Word shows them: styles and list numbers applied, inserted text taken, deleted text left out,
content controls and text boxes included. Macros, comments and linked files are never looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fieldproof.core.document import BlockKind, FailureCode, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.filetype import FileType
from fieldproof.parsing.flow import Eye, document
from fieldproof.parsing.grids import Grid, GridCell
from fieldproof.parsing.package import Package, opened
from fieldproof.parsing.typeset import FlowItem, PageBreak, Paragraph
from fieldproof.parsing.visibility import WHITE, Colour, colour
from fieldproof.parsing.wordstyles import (
    PLAIN,
    Look,
    Numbering,
    Styles,
    TableStyle,
    W,
    is_on,
    list_number,
    outline_level,
    run_look,
    shade,
)
from fieldproof.parsing.wrapping import Run

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
WPS = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
V = "{urn:schemas-microsoft-com:vml}"

MAX_COLUMNS = 500
MAX_ROWS_PER_TABLE = 200_000
TINY_TWIPS = 40  # 2 pt
EMU_PER_PT = 12_700
FAR_OFF_EMU = 720 * EMU_PER_PT  # ten inches beyond its anchor is no place on a page

_LEFT_OUT = frozenset(
    f"{W}{name}"
    for name in ("del", "moveFrom", "delText", "instrText", "rPr", "pPr", "commentReference", "annotationRef", "rt")
)
_BREAKS = frozenset((f"{W}br", f"{W}cr"))
_TAB = frozenset((f"{W}tab", f"{W}ptab"))
_DRAWN = frozenset((f"{W}drawing", f"{W}pict", f"{W}object"))


def parse(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    """The document on virtual pages, its anchors "p12" and "t3/r2c1"."""
    with opened(path, config) as package:
        body = package.main_part("word/document.xml")
        if body not in package:
            raise ParsingFailed(FailureCode.CORRUPT, "The Word file has no document part.")
        reader = _Reader(package, body)
        return document(
            kind.media_type,
            reader.flow(),
            config,
            reader.eye,
            attachments=package.attachments("word/embeddings/"),
            properties=package.properties(),
            has_pictures=package.has_pictures(),
        )


@dataclass(slots=True)
class _Surroundings:
    """Where a paragraph stands: its anchor and what is behind and around it."""

    anchor: str
    ground: Colour | None = WHITE  # None: not known, so colours are not judged
    look: Look = PLAIN  # of the table style's part
    hidden: str | None = None  # why everything in here is hidden


@dataclass(slots=True)
class _Gathered:
    """A paragraph's visible runs, and what is to follow it."""

    runs: list[Run] = field(default_factory=list)
    boxes: list[tuple[Any, _Surroundings]] = field(default_factory=list)
    has_page_break_before: bool = False
    has_page_break_after: bool = False


class _Reader:
    def __init__(self, package: Package, body: str) -> None:
        self.eye = Eye()
        self._package = package
        self._body = body
        self._related = package.relationships(body)
        self._styles = Styles(package.xml(self._part("styles", "word/styles.xml")))
        self._numbering = Numbering(package.xml(self._part("numbering", "word/numbering.xml")))
        self._paragraphs = 0
        self._tables = 0
        self._text_boxes = 0

    def flow(self) -> Iterator[FlowItem]:
        yield from self._edge("header", BlockKind.HEADER)
        yield from self._content()
        yield from self._notes("footnotes", "footnote")
        yield from self._notes("endnotes", "endnote")
        yield from self._edge("footer", BlockKind.FOOTER)

    def _content(self) -> Iterator[FlowItem]:
        for element in self._package.elements(self._body, (f"{W}p", f"{W}tbl")):
            if not _is_top_level(element):
                continue
            if element.tag == f"{W}p":
                self._paragraphs += 1
                yield from self._paragraph(element, _Surroundings(f"p{self._paragraphs}"))
            else:
                yield from self._table(element)
            _forget(element)

    def _part(self, kind: str, usual: str) -> str:
        return next((target for found, target in self._related.values() if found == kind), usual)

    def _edge(self, kind: str, block_kind: BlockKind) -> Iterator[FlowItem]:
        """Headers or footers, each text once."""
        seen: set[str] = set()
        number = 0
        for found, target in self._related.values():
            root = self._package.xml(target) if found == kind else None
            if root is None:
                continue
            number += 1
            for item in self._blocks(root, f"{kind} {number}", block_kind):
                text = _text_of(item)
                if text not in seen:
                    seen.add(text)
                    yield item

    def _notes(self, part: str, name: str) -> Iterator[FlowItem]:
        root = self._package.xml(self._part(part, f"word/{part}.xml"))
        number = 0
        for note in root if root is not None else ():
            if note.get(f"{W}type") in ("separator", "continuationSeparator", "continuationNotice"):
                continue
            number += 1
            for item in self._blocks(note, f"{name} {number}"):
                if isinstance(item, Paragraph) and item.runs:
                    item.runs.insert(0, Run(f"{number} "))
                yield item

    def _blocks(self, root: Any, anchor: str, kind: BlockKind | None = None) -> Iterator[FlowItem]:
        for element in _children(root):
            if element.tag == f"{W}p":
                for item in self._paragraph(element, _Surroundings(anchor)):
                    if isinstance(item, Paragraph):
                        item.kind = kind or item.kind
                        item.level = None if kind else item.level
                    yield item
            elif element.tag == f"{W}tbl":
                yield from self._table(element, anchor)

    # ------------------------------------------------------------------------------- paragraphs

    def _paragraph(self, element: Any, around: _Surroundings) -> Iterator[FlowItem]:
        properties = element.find(f"{W}pPr")
        style = self._styles.paragraph(_value(properties, "pStyle"))
        gathered = self._gather(element, properties, around)
        if gathered.has_page_break_before:
            yield PageBreak()
        yield from self._set_paragraph(properties, style.level, style.number, gathered, around)
        yield from self._boxes(gathered)
        if gathered.has_page_break_after:
            yield PageBreak()

    def _set_paragraph(
        self,
        properties: Any,
        style_level: int | None,
        style_number: tuple[str, int] | None,
        gathered: _Gathered,
        around: _Surroundings,
    ) -> Iterator[Paragraph]:
        runs = gathered.runs
        if not any(run.text.strip() for run in runs):
            return
        level = outline_level(properties) or style_level
        number = list_number(properties) or style_number
        marker = self._numbering.marker(*number) if number and number[0] != "0" else None
        if marker:
            runs.insert(0, Run(f"{marker} ", runs[0].is_bold))
        if level is not None and len("".join(run.text for run in runs)) <= 300:
            yield Paragraph(runs, BlockKind.HEADING, level, around.anchor)
        elif marker:
            yield Paragraph(runs, BlockKind.LIST, anchor=around.anchor, indent=1 + (number[1] if number else 0))
        else:
            yield Paragraph(runs, anchor=around.anchor)

    def _gather(self, element: Any, properties: Any, around: _Surroundings) -> _Gathered:
        style = self._styles.paragraph(_value(properties, "pStyle"))
        base = style.look.over(around.look) if around.look != PLAIN else style.look
        ground = shade(properties) or style.ground or around.ground
        gathered = _Gathered()
        hidden = around.hidden
        if properties is not None:
            hidden = hidden or _squeezed(properties)
            gathered.has_page_break_before = _toggle(properties, "pageBreakBefore")
        here = _Surroundings(around.anchor, ground, base, hidden)
        for child in element:
            self._inline(child, here, gathered)
        return gathered

    def _inline(self, element: Any, here: _Surroundings, gathered: _Gathered) -> None:
        tag = element.tag
        if tag == f"{W}r":
            self._run(element, here, gathered)
        elif tag in _LEFT_OUT or not isinstance(tag, str):
            return
        elif tag == f"{MC}AlternateContent":
            for child in _chosen(element):
                self._inline(child, here, gathered)
        elif tag.startswith(M):
            self._show("".join(text.text or "" for text in element.iter(f"{M}t")), here, gathered)
        else:  # hyperlinks, insertions, fields, content controls, smart tags: their content counts
            for child in element:
                self._inline(child, here, gathered)

    def _run(self, element: Any, here: _Surroundings, gathered: _Gathered) -> None:
        properties = element.find(f"{W}rPr")
        look = here.look
        if properties is not None:
            direct = run_look(properties)
            style = _value(properties, "rStyle")
            look = direct.over(self._styles.character(style).over(look) if style else look)
        reason = here.hidden or look.hidden_because(here.ground)
        for child in element:
            self._run_part(child, here, look, reason, gathered)

    def _run_part(self, child: Any, here: _Surroundings, look: Look, reason: str | None, gathered: _Gathered) -> None:
        tag = child.tag
        if tag == f"{W}t":
            self._show(child.text or "", here, gathered, is_bold=bool(look.is_bold), reason=reason)
        elif tag in _TAB:
            self._show("\t", here, gathered, is_bold=bool(look.is_bold), reason=reason)
        elif tag in _BREAKS:
            self._line_break(child, here, gathered, reason)
        elif tag == f"{W}noBreakHyphen":
            self._show("-", here, gathered, is_bold=bool(look.is_bold), reason=reason)
        elif tag == f"{W}sym":
            self._show(_symbol(child), here, gathered, is_bold=bool(look.is_bold), reason=reason)
        elif tag == f"{W}fldChar":
            for box in child.iterfind(f"{W}ffData/{W}checkBox"):
                self._show(_check_mark(box), here, gathered, reason=reason)
        elif tag == f"{W}ruby":
            for part in child.iterfind(f"{W}rubyBase/{W}r"):
                self._run(part, here, gathered)
        elif tag in _DRAWN:
            self._drawing(child, here, reason, gathered)
        elif tag == f"{MC}AlternateContent":
            for part in _chosen(child):
                self._run_part(part, here, look, reason, gathered)

    def _line_break(self, child: Any, here: _Surroundings, gathered: _Gathered, reason: str | None) -> None:
        if child.get(f"{W}type") != "page":
            self._show("\n", here, gathered, reason=reason)
        elif any(run.text.strip() for run in gathered.runs):
            gathered.has_page_break_after = True
        else:
            gathered.has_page_break_before = True

    def _show(
        self, text: str, here: _Surroundings, gathered: _Gathered, *, is_bold: bool = False, reason: str | None = None
    ) -> None:
        if reason:
            self.eye.hide(text, reason, here.anchor)
            return
        text = self.eye.see(text, here.anchor)
        runs = gathered.runs
        if runs and runs[-1].is_bold == is_bold:
            runs[-1].text += text
        elif text:
            runs.append(Run(text, is_bold))

    # ------------------------------------------------------------------------------- text boxes

    def _drawing(self, element: Any, here: _Surroundings, reason: str | None, gathered: _Gathered) -> None:
        reason = reason or _drawing_hidden(element)
        for content in _text_box_contents(element):
            self._text_boxes += 1
            around = _Surroundings(f"text box {self._text_boxes}", _box_ground(content), PLAIN, reason)
            gathered.boxes.append((content, around))

    def _boxes(self, gathered: _Gathered) -> Iterator[FlowItem]:
        for content, around in gathered.boxes:
            for element in _children(content):
                if element.tag == f"{W}p":
                    yield from self._paragraph(element, around)
                elif element.tag == f"{W}tbl":
                    yield from self._table(element, around.anchor)

    # ----------------------------------------------------------------------------------- tables

    def _table(self, element: Any, place: str | None = None) -> Iterator[FlowItem]:
        self._tables += 1
        anchor = f"t{self._tables}" if place is None else f"{place}/t{self._tables}"
        table = _TableReader(self, element, anchor)
        grid = table.grid()
        if grid.cells:
            yield grid
        yield from table.following

    def cell_runs(self, element: Any, around: _Surroundings, following: list[FlowItem]) -> list[Run]:
        """A cell's text in lines; tables inside it are read as lines, one for each row."""
        runs: list[Run] = []
        for child in _children(element):
            if child.tag == f"{W}p":
                gathered = self._gather(child, child.find(f"{W}pPr"), around)
                style = self._styles.paragraph(_value(child.find(f"{W}pPr"), "pStyle"))
                for paragraph in self._set_paragraph(
                    child.find(f"{W}pPr"), style.level, style.number, gathered, around
                ):
                    if runs:
                        runs.append(Run("\n", paragraph.runs[0].is_bold))
                    runs.extend(paragraph.runs)
                following.extend(self._boxes(gathered))
            elif child.tag == f"{W}tbl":
                for row in _rows(child):
                    line: list[Run] = []
                    for cell in _cells(row):
                        part = self.cell_runs(cell, around, following)
                        line.extend([Run("  "), *part] if line and part else part)
                    runs.extend([Run("\n"), *line] if runs and line else line)
        return runs

    @property
    def styles(self) -> Styles:
        return self._styles


class _TableReader:
    """One table: spans, grounds and header rows."""

    def __init__(self, reader: _Reader, element: Any, anchor: str) -> None:
        self._reader = reader
        self._anchor = anchor
        self._rows = list(_rows(element))[:MAX_ROWS_PER_TABLE]
        properties = element.find(f"{W}tblPr")
        self._style = reader.styles.table(_value(properties, "tblStyle"))
        self._ground = shade(properties) or WHITE
        self._parts = _looked_at(properties)
        self._open: dict[int, GridCell] = {}  # by column: the cell that a vertical merge goes on
        self.following: list[FlowItem] = []

    def grid(self) -> Grid:
        cells: list[GridCell] = []
        header_rows = 0
        column_count = 0
        for row, element in enumerate(self._rows):
            properties = element.find(f"{W}trPr")
            if _toggle(properties, "tblHeader") and header_rows == row:
                header_rows += 1
            column_count = max(column_count, self._row(row, element, properties, cells))
        if header_rows == 0 and _is_header(cells, len(self._rows), column_count):
            header_rows = 1
        for cell in cells:
            cell.is_header = cell.row < header_rows
        return Grid(len(self._rows), column_count, cells, header_rows, self._anchor)

    def _row(self, row: int, element: Any, properties: Any, cells: list[GridCell]) -> int:
        """Adds the row's cells; returns how many columns it reaches over."""
        hidden = _row_hidden(properties)
        column = min(_integer(_value(properties, "gridBefore")), MAX_COLUMNS)
        for cell in _cells(element):
            settings = cell.find(f"{W}tcPr")
            span = max(1, min(_integer(_value(settings, "gridSpan")), MAX_COLUMNS - column))
            if column >= MAX_COLUMNS:
                break
            self._cell(row, column, span, cell, settings, hidden, cells)
            column += span
        return column

    def _cell(
        self, row: int, column: int, span: int, element: Any, settings: Any, hidden: str | None, cells: list[GridCell]
    ) -> None:
        merge = settings.find(f"{W}vMerge") if settings is not None else None
        above = self._open.get(column)
        anchor = f"{self._anchor}/r{row + 1}c{column + 1}"
        runs = self._runs(row, column, element, settings, hidden, anchor)
        is_continued = merge is not None and merge.get(f"{W}val") != "restart"
        if is_continued and above is not None and above.row + above.row_span == row and above.column_span == span:
            above.row_span += 1
            above.runs.extend([Run("\n"), *runs] if runs and above.runs else runs)
            return
        cell = GridCell(row, column, runs, column_span=span, anchor=anchor)
        self._open[column] = cell
        cells.append(cell)

    def _runs(self, row: int, column: int, element: Any, settings: Any, hidden: str | None, anchor: str) -> list[Run]:
        ground, look = self._part(row, column)
        around = _Surroundings(anchor, shade(settings) or ground, look, hidden)
        return self._reader.cell_runs(element, around, self.following)

    def _part(self, row: int, column: int) -> tuple[Colour, Look]:
        """Ground and look that the table style gives to this cell."""
        style: TableStyle = self._style
        ground, look = self._ground, PLAIN
        for part in self._parts:
            if _is_in(part, row, column, len(self._rows)):
                ground = style.grounds.get(part, ground)
                look = style.looks.get(part, PLAIN).over(look)
        return ground, look


def _looked_at(properties: Any) -> list[str]:
    """The parts of a table style that apply, weakest first."""
    parts = ["wholeTable"]
    look = properties.find(f"{W}tblLook") if properties is not None else None
    bits = 0x04A0
    if look is not None:
        try:
            bits = int(look.get(f"{W}val") or "0", 16)
        except ValueError:
            bits = 0
        for name, bit in (("firstRow", 0x20), ("lastRow", 0x40), ("firstColumn", 0x80)):
            if (value := look.get(f"{W}{name}")) is not None:
                bits = bits | bit if is_on(value) else bits & ~bit
        if (value := look.get(f"{W}noHBand")) is not None:
            bits = bits | 0x200 if is_on(value) else bits & ~0x200
    if not bits & 0x200:
        parts += ["band1Horz", "band2Horz"]
    for name, bit in (("firstCol", 0x80), ("lastRow", 0x40), ("firstRow", 0x20)):
        if bits & bit:
            parts.append(name)
    return parts


def _is_in(part: str, row: int, column: int, row_count: int) -> bool:
    match part:
        case "firstRow":
            return row == 0
        case "lastRow":
            return row == row_count - 1
        case "firstCol":
            return column == 0
        case "band1Horz":
            return row % 2 == 1
        case "band2Horz":
            return row % 2 == 0 and row > 0
        case _:
            return True


def _is_header(cells: list[GridCell], row_count: int, column_count: int) -> bool:
    """Whether the first row, all in bold above rows that are not, is a header."""
    if row_count < 2 or column_count < 2:
        return False
    first = [cell for cell in cells if cell.row == 0 and _has_text(cell)]
    rest = [cell for cell in cells if cell.row > 0 and _has_text(cell)]
    return len(first) >= 2 and all(map(_is_bold, first)) and not all(map(_is_bold, rest))


def _has_text(cell: GridCell) -> bool:
    return any(run.text.strip() for run in cell.runs)


def _is_bold(cell: GridCell) -> bool:
    return all(run.is_bold for run in cell.runs if run.text.strip())


# --------------------------------------------------------------------------------------- elements


def _is_top_level(element: Any) -> bool:
    """Whether a paragraph or table stands in the body itself, if only inside content controls."""
    for ancestor in element.iterancestors():
        tag = ancestor.tag
        if tag == f"{W}body":
            return True
        if tag in (f"{W}tbl", f"{W}p", f"{W}txbxContent", f"{MC}AlternateContent"):
            return False
    return False


def _forget(element: Any) -> None:
    """Frees what has been read: the element's content and the elements before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _children(root: Any) -> Iterator[Any]:
    """Block elements, out of their content controls and insertions."""
    for element in root:
        if element.tag in (f"{W}p", f"{W}tbl"):
            yield element
        elif element.tag == f"{MC}AlternateContent":
            for chosen in _chosen(element):
                yield from _children_or_self(chosen)
        elif element.tag in _WRAPPERS:
            yield from _children(element)


_WRAPPERS = frozenset(f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))


def _children_or_self(element: Any) -> Iterator[Any]:
    if element.tag in (f"{W}p", f"{W}tbl"):
        yield element
    else:
        yield from _children(element)


def _wrapped(root: Any, tag: str) -> Iterator[Any]:
    for element in root:
        if element.tag == tag:
            yield element
        elif element.tag in _WRAPPERS:
            yield from _wrapped(element, tag)


def _rows(table: Any) -> Iterator[Any]:
    for row in _wrapped(table, f"{W}tr"):
        properties = row.find(f"{W}trPr")
        if properties is None or properties.find(f"{W}del") is None:
            yield row


def _cells(row: Any) -> Iterator[Any]:
    return _wrapped(row, f"{W}tc")


def _chosen(element: Any) -> list[Any]:
    """The first choice of alternative content, or its fallback."""
    for name in ("Choice", "Fallback"):
        found = element.find(f"{MC}{name}")
        if found is not None and len(found):
            return list(found)
    return []


def _text_box_contents(element: Any) -> Iterator[Any]:
    """The outermost text box contents below a drawing."""
    for child in element:
        if child.tag == f"{W}txbxContent":
            yield child
        elif child.tag == f"{MC}AlternateContent":
            for chosen in _chosen(child):
                yield from _text_box_contents(chosen)
        else:
            yield from _text_box_contents(child)


def _box_ground(content: Any) -> Colour | None:
    """What a text box is filled with: white where it says so or has no fill, None where it is not known."""
    for ancestor in content.iterancestors():
        if ancestor.tag == f"{WPS}wsp":
            shape = ancestor.find(f"{WPS}spPr")
            if shape is None or shape.find(f"{A}noFill") is not None:
                return WHITE
            fill = shape.find(f"{A}solidFill/{A}srgbClr")
            if fill is not None:
                return colour(fill.get("val"))
            has_other_fill = any(shape.find(f"{A}{name}") is not None for name in ("solidFill", "gradFill", "blipFill"))
            return None if has_other_fill or ancestor.find(f"{WPS}style") is not None else WHITE
        if ancestor.tag in (f"{V}shape", f"{V}rect", f"{V}roundrect"):
            if ancestor.get("filled") in ("f", "false"):
                return WHITE
            return colour((ancestor.get("fillcolor") or "white").split(" ")[0])
    return WHITE


def _symbol(element: Any) -> str:
    """A character of a symbol font, where its meaning is known."""
    try:
        code = int(element.get(f"{W}char") or "", 16)
    except ValueError:
        return ""
    if 0xF000 <= code <= 0xF0FF:
        return _SYMBOLS.get(((element.get(f"{W}font") or "").lower(), code & 0xFF), "")
    return chr(code) if 32 <= code < 0xD800 else ""


_SYMBOLS = {
    ("wingdings", 0xFE): "☒", ("wingdings", 0xFD): "☒", ("wingdings", 0xA8): "☐", ("wingdings", 0x6F): "☐",
    ("wingdings", 0xFC): "✓", ("wingdings", 0xFB): "✗", ("wingdings", 0xA7): "•", ("wingdings", 0xE0): "→",
    ("wingdings", 0x28): "☎", ("wingdings", 0x2A): "✉", ("wingdings 2", 0x52): "☒", ("wingdings 2", 0x54): "☒",
    ("wingdings 2", 0xA3): "☐", ("wingdings 2", 0x50): "✓", ("symbol", 0xB7): "•", ("symbol", 0xB3): "≥",
    ("symbol", 0xA3): "≤", ("symbol", 0xB1): "±", ("symbol", 0xB0): "°", ("symbol", 0x6D): "µ",
    ("symbol", 0x57): "Ω", ("symbol", 0x61): "α", ("symbol", 0x62): "β", ("symbol", 0xB4): "×",
}  # fmt: skip


def _check_mark(element: Any) -> str:
    """What a form's check box shows: its state, or the one it starts with."""
    state = element.find(f"{W}checked")
    state = element.find(f"{W}default") if state is None else state
    return "☒" if state is not None and is_on(state.get(f"{W}val")) else "☐"


def _drawing_hidden(element: Any) -> str | None:
    for child in element.iter(f"{WP}docPr"):
        if child.get("hidden") in ("1", "true"):
            return "vanish"
    for child in element.iter(f"{WP}extent"):
        if min(_integer(child.get("cx")), _integer(child.get("cy"))) < 2 * EMU_PER_PT:
            return "size"
    for child in element.iter(f"{WP}posOffset"):
        if abs(_integer(child.text)) > FAR_OFF_EMU:
            return "off_page"
    for child in element.iter(f"{V}shape", f"{V}rect", f"{V}roundrect"):
        if "visibility:hidden" in (child.get("style") or "").replace(" ", "").lower():
            return "vanish"
    return None


def _squeezed(properties: Any) -> str | None:
    """Whether the paragraph's lines are set so low, or so far away, that nothing shows."""
    spacing = properties.find(f"{W}spacing")
    if spacing is not None and spacing.get(f"{W}lineRule") == "exact":
        line = spacing.get(f"{W}line")
        if line is not None and abs(_integer(line)) < TINY_TWIPS:
            return "size"
    frame = properties.find(f"{W}framePr")
    if frame is not None and any(abs(_integer(frame.get(f"{W}{name}"))) > 20 * 720 for name in ("x", "y")):
        return "off_page"
    indent = properties.find(f"{W}ind")
    if indent is not None and any(
        _integer(indent.get(f"{W}{name}")) < -20 * 720 for name in ("left", "start", "firstLine")
    ):
        return "off_page"
    return None


def _row_hidden(properties: Any) -> str | None:
    if properties is None:
        return None
    if _toggle(properties, "hidden"):
        return "vanish"
    height = properties.find(f"{W}trHeight")
    if height is not None and height.get(f"{W}hRule") == "exact" and _integer(height.get(f"{W}val")) < TINY_TWIPS:
        return "size"
    return None


def _toggle(properties: Any, name: str) -> bool:
    element = properties.find(f"{W}{name}") if properties is not None else None
    return element is not None and is_on(element.get(f"{W}val"))


def _value(properties: Any, name: str) -> str | None:
    element = properties.find(f"{W}{name}") if properties is not None else None
    return element.get(f"{W}val") if element is not None else None


def _integer(text: str | None) -> int:
    try:
        return int(float(text)) if text else 0
    except (ValueError, OverflowError):
        return 0


def _text_of(item: FlowItem) -> str:
    match item:
        case Paragraph():
            return "".join(run.text for run in item.runs)
        case Grid():
            return "\t".join(run.text for cell in item.cells for run in cell.runs)
        case _:
            return ""
