"""OpenDocument texts, presentations and spreadsheets (.odt, .odp, .ods), from content.xml and styles.xml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fieldproof.core.document import BlockKind, FailureCode, PageSource, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing.assembly import DraftBlock, DraftPage, assemble
from fieldproof.parsing.cells import column_name
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.filetype import ODP, ODS, FileType
from fieldproof.parsing.flow import Eye, document
from fieldproof.parsing.grids import Grid, GridCell
from fieldproof.parsing.package import Package, opened
from fieldproof.parsing.sheetlayout import Sheet, hide_sheet, section
from fieldproof.parsing.typeset import FlowItem, Frame, FramedText, Paragraph, set_in_frame
from fieldproof.parsing.visibility import SMALLEST_PT, WHITE, Colour, colour, melts
from fieldproof.parsing.wordstyles import written_number
from fieldproof.parsing.wrapping import Run

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE = f"{{{_ODF}office:1.0}}"
TEXT = f"{{{_ODF}text:1.0}}"
TABLE = f"{{{_ODF}table:1.0}}"
DRAW = f"{{{_ODF}drawing:1.0}}"
STYLE = f"{{{_ODF}style:1.0}}"
SVG = f"{{{_ODF}svg-compatible:1.0}}"
FO = f"{{{_ODF}xsl-fo-compatible:1.0}}"
PRESENTATION = f"{{{_ODF}presentation:1.0}}"
MANIFEST = f"{{{_ODF}manifest:1.0}}"

MAX_COLUMNS = 1_024
MAX_REPEATS = 1_000  # of a cell or row that has content
FRAME_PT = 18.0
TITLE_PT = 32.0
_LENGTH = re.compile(r"(-?[\d.]+)(cm|mm|in|pt|px|pc)?$")
_POINTS = {"cm": 28.3465, "mm": 2.83465, "in": 72.0, "pt": 1.0, "px": 0.75, "pc": 12.0}
_SKIPPED = frozenset(
    (
        f"{OFFICE}annotation",
        f"{OFFICE}annotation-end",
        f"{TEXT}tracked-changes",
        f"{TEXT}sequence-decls",
        f"{TEXT}note-citation",
        f"{OFFICE}forms",
        f"{TEXT}ruby-text",
        f"{SVG}title",
        f"{SVG}desc",
    )
)
_NUMBER_FORMS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_NOTHING_SHOWN = frozenset((f"{TEXT}hidden-text", f"{TEXT}hidden-paragraph"))


def parse(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    """The document on virtual pages, a presentation on pages of its slides' size."""
    with opened(path, config) as package:
        _refuse_encrypted(package)
        root = package.xml("content.xml")
        if root is None:
            raise ParsingFailed(FailureCode.CORRUPT, "The document has no content part.")
        eye = Eye()
        styles = _Styles(root, package.xml("styles.xml"))
        if kind == ODP:
            return _presentation(package, root, styles, config, kind, eye)
        if kind == ODS:
            flow: Iterator[FlowItem] = (section(sheet) for sheet in _Sheets(root, styles, config, eye).visible())
        else:
            flow = _TextReader(styles, eye).flow(root, package.xml("styles.xml"))
        return document(
            kind.media_type,
            flow,
            config,
            eye,
            properties=package.properties("meta.xml"),
            has_pictures=package.has_pictures(),
        )


def _refuse_encrypted(package: Package) -> None:
    manifest = package.xml("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter(f"{MANIFEST}encryption-data"), None) is not None:
        raise ParsingFailed(FailureCode.ENCRYPTED)


# ------------------------------------------------------------------------------------------ styles


@dataclass(frozen=True, slots=True)
class _Look:
    is_bold: bool = False
    ink: Colour | None = None
    ground: Colour | None = None
    size_pt: float | None = None
    is_undisplayed: bool = False

    def hidden_because(self) -> str | None:
        if self.is_undisplayed:
            return "display"
        if self.size_pt is not None and self.size_pt < SMALLEST_PT:
            return "size"
        return "colour" if self.ink and melts(self.ink, self.ground or WHITE) else None


class _Styles:
    """Named and automatic styles, each with what it inherits."""

    def __init__(self, *roots: Any) -> None:
        self._elements: dict[tuple[str, str], Any] = {}
        self._lists: dict[str, Any] = {}
        for root in roots:
            for element in root.iter(f"{TEXT}list-style") if root is not None else ():
                self._lists[element.get(f"{STYLE}name", "")] = element
            for element in root.iter(f"{STYLE}style") if root is not None else ():
                key = element.get(f"{STYLE}family", ""), element.get(f"{STYLE}name", "")
                self._elements[key] = element

    def look(self, family: str, name: str | None, below: _Look) -> _Look:
        """The style's look over the one it stands in."""
        if not name:
            return below
        look = below
        for element in self._chain(family, name):
            look = _over(element, look)
        return look

    def element(self, family: str, name: str | None) -> Any:
        return self._elements.get((family, name or ""))

    def marker(self, list_style: str | None, depth: int, number: int) -> str:
        """What stands before a list item: its number as the style writes it, or a bullet."""
        style = self._lists.get(list_style or "")
        for level in style if style is not None else ():
            if level.get(f"{TEXT}level") == str(depth) and level.tag == f"{TEXT}list-level-style-number":
                form = _NUMBER_FORMS.get(level.get(f"{STYLE}num-format") or "", "decimal")
                written = written_number(number, form)
                return f"{level.get(f'{STYLE}num-prefix') or ''}{written}{level.get(f'{STYLE}num-suffix') or ''}"
        return "•"

    def first_number(self, list_style: str | None, depth: int) -> int:
        style = self._lists.get(list_style or "")
        for level in style if style is not None else ():
            if level.get(f"{TEXT}level") == str(depth):
                return _integer(level.get(f"{TEXT}start-value"), 1)
        return 1

    def _chain(self, family: str, name: str) -> list[Any]:
        chain: list[Any] = []
        seen: set[str] = set()
        while (family, name) in self._elements and name not in seen:
            seen.add(name)
            chain.append(self._elements[family, name])
            name = chain[-1].get(f"{STYLE}parent-style-name", "")
        return chain[::-1]


def _over(element: Any, look: _Look) -> _Look:
    for properties in element:
        if ground := colour(properties.get(f"{FO}background-color")):
            look = replace(look, ground=ground)
        if properties.tag != f"{STYLE}text-properties":
            continue
        if ink := colour(properties.get(f"{FO}color")):
            look = replace(look, ink=ink)
        if (weight := properties.get(f"{FO}font-weight")) is not None:
            look = replace(look, is_bold=weight in ("bold", "600", "700", "800", "900"))
        if (size := points(properties.get(f"{FO}font-size"))) is not None:
            look = replace(look, size_pt=size)
        if (display := properties.get(f"{TEXT}display")) is not None:
            look = replace(look, is_undisplayed=display == "none")
    return look


def points(text: str | None) -> float | None:
    """A length in points; None for a percentage or nothing."""
    match = _LENGTH.match(text) if text else None
    return float(match.group(1)) * _POINTS[match.group(2) or "pt"] if match else None


# ------------------------------------------------------------------------------------------- texts


class _TextReader:
    """Reads text content in document order; notes come last."""

    def __init__(self, styles: _Styles, eye: Eye) -> None:
        self._styles = styles
        self._eye = eye
        self._paragraphs = 0
        self._tables = 0
        self._boxes: list[Any] = []
        self._notes: list[Any] = []
        self._concealed: str | None = None
        self._marker: str | None = None  # of the list item that comes next
        self._counts: dict[tuple[str | None, int], int] = {}  # by list style and depth: the last number

    def flow(self, root: Any, styles: Any) -> Iterator[FlowItem]:
        yield from self._edge(styles, "header", BlockKind.HEADER)
        body = root.find(f"{OFFICE}body/{OFFICE}text")
        if body is not None:
            yield from self._blocks(body)
        for number, note in enumerate(self._notes, start=1):
            for item in self._blocks(note, place=f"footnote {number}"):
                if isinstance(item, Paragraph):
                    item.runs.insert(0, Run(f"{number} "))
                yield item
        yield from self._edge(styles, "footer", BlockKind.FOOTER)

    def _edge(self, styles: Any, name: str, kind: BlockKind) -> Iterator[FlowItem]:
        seen: set[str] = set()
        for element in styles.iter(f"{STYLE}{name}") if styles is not None else ():
            for item in self._blocks(element, place=name):
                text = "".join(run.text for run in item.runs) if isinstance(item, Paragraph) else ""
                if isinstance(item, Paragraph) and text not in seen:
                    seen.add(text)
                    item.kind, item.level = kind, None
                    yield item

    def _blocks(self, parent: Any, *, place: str | None = None, depth: int = 0) -> Iterator[FlowItem]:
        for element in parent:
            tag = element.tag
            if tag in (f"{TEXT}p", f"{TEXT}h"):
                yield from self._paragraph(element, place, depth)
            elif tag == f"{TEXT}list":
                yield from self._list(element, place, depth + 1)
            elif tag == f"{TABLE}table":
                yield from self._table(element)
            elif tag == f"{TEXT}section" and element.get(f"{TEXT}display") in ("none", "condition"):
                before, self._concealed = self._concealed, "display"
                yield from self._blocks(element, place=place, depth=depth)
                self._concealed = before
            elif tag not in _SKIPPED and tag not in _NOTHING_SHOWN:
                yield from self._blocks(element, place=place, depth=depth)

    def _list(self, element: Any, place: str | None, depth: int, style: str | None = None) -> Iterator[FlowItem]:
        style = element.get(f"{TEXT}style-name") or style
        key = style, depth
        number = self._styles.first_number(style, depth)
        if element.get(f"{TEXT}continue-numbering") == "true":
            number = self._counts.get(key, number - 1) + 1
        for item in element.iterchildren(f"{TEXT}list-item", f"{TEXT}list-header"):
            if item.tag == f"{TEXT}list-item":
                number = _integer(item.get(f"{TEXT}start-value"), number)
                self._marker = self._styles.marker(style, depth, number)
                self._counts[key] = number
                number += 1
            for child in item:
                if child.tag == f"{TEXT}list":
                    yield from self._list(child, place, depth + 1, style)
                else:
                    yield from self._blocks([child], place=place, depth=depth)

    def _paragraph(self, element: Any, place: str | None, depth: int) -> Iterator[FlowItem]:
        if place is None:
            self._paragraphs += 1
        anchor = place or f"p{self._paragraphs}"
        runs = self.runs(element, anchor)
        boxes, self._boxes = self._boxes, []
        if any(run.text.strip() for run in runs):
            if element.tag == f"{TEXT}h":
                level = _integer(element.get(f"{TEXT}outline-level"), 1)
                yield Paragraph(runs, BlockKind.HEADING, level, anchor)
            elif depth:
                marker, self._marker = self._marker, None
                shown = [Run(f"{marker} "), *runs] if marker else runs
                yield Paragraph(shown, BlockKind.LIST, anchor=anchor, indent=depth)
            else:
                yield Paragraph(runs, anchor=anchor)
        for number, box in enumerate(boxes, start=1):
            yield from self._blocks(box, place=f"{anchor}/text box {number}")

    def runs(self, element: Any, anchor: str, below: _Look | None = None) -> list[Run]:
        """A paragraph's visible text."""
        look = self._styles.look("paragraph", element.get(f"{TEXT}style-name"), below or _Look())
        runs: list[Run] = []
        self._inline(element, look, anchor, runs)
        return runs

    def _inline(self, element: Any, look: _Look, anchor: str, runs: list[Run]) -> None:
        self._show(element.text, look, anchor, runs)
        for child in element:
            self._inline_part(child, look, anchor, runs)
            self._show(child.tail, look, anchor, runs)

    def _inline_part(self, child: Any, look: _Look, anchor: str, runs: list[Run]) -> None:
        tag = child.tag
        if tag == f"{TEXT}s":
            self._show(" " * min(_integer(child.get(f"{TEXT}c"), 1), 200), look, anchor, runs)
        elif tag == f"{TEXT}tab":
            self._show("\t", look, anchor, runs)
        elif tag == f"{TEXT}line-break":
            runs.append(Run("\n", look.is_bold))
        elif tag == f"{TEXT}note":
            self._notes.extend(child.iterfind(f"{TEXT}note-body"))
        elif tag in (f"{DRAW}frame", f"{DRAW}custom-shape"):
            self._boxes.extend(child.iterfind(f"{DRAW}text-box"))
        elif tag in _NOTHING_SHOWN:
            self._eye.hide(child.get(f"{TEXT}string-value") or "".join(child.itertext()), "display", anchor)
        elif tag not in _SKIPPED:
            inner = self._styles.look("text", child.get(f"{TEXT}style-name"), look)
            self._inline(child, inner, anchor, runs)

    def _show(self, text: str | None, look: _Look, anchor: str, runs: list[Run]) -> None:
        if not text:
            return
        if reason := self._concealed or look.hidden_because():
            self._eye.hide(text, reason, anchor)
            return
        runs.append(Run(self._eye.see(text.replace("\n", " "), anchor), look.is_bold))

    def _table(self, element: Any) -> Iterator[FlowItem]:
        self._tables += 1
        anchor = f"t{self._tables}"
        cells: list[GridCell] = []
        rows = list(_rows(element))
        header_rows = sum(is_header for _, is_header in rows)
        column_count = 0
        for row, (source, is_header) in enumerate(rows):
            column = 0
            for cell in source.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                repeats = min(_integer(cell.get(f"{TABLE}number-columns-repeated"), 1), MAX_COLUMNS - column)
                if cell.tag == f"{TABLE}table-cell" and len(cell):
                    place = f"{anchor}/r{row + 1}c{column + 1}"
                    cells.append(self._grid_cell(cell, row, column, len(rows), place, is_header=is_header))
                column += max(repeats, 0)
            column_count = max(column_count, column)
        for cell in cells:
            cell.column_span = min(cell.column_span, column_count - cell.column)
        if cells:
            yield Grid(len(rows), column_count, cells, header_rows if header_rows < len(rows) else 0, anchor)

    def _grid_cell(
        self, element: Any, row: int, column: int, row_count: int, anchor: str, *, is_header: bool
    ) -> GridCell:
        look = self._styles.look("table-cell", element.get(f"{TABLE}style-name"), _Look())
        runs: list[Run] = []
        for paragraph in element.iter(f"{TEXT}p", f"{TEXT}h"):
            part = self.runs(paragraph, anchor, look)
            runs.extend([Run("\n"), *part] if runs and part else part)
        return GridCell(
            row,
            column,
            runs,
            max(1, min(_integer(element.get(f"{TABLE}number-rows-spanned"), 1), row_count - row)),
            max(1, _integer(element.get(f"{TABLE}number-columns-spanned"), 1)),
            is_header,
            anchor=anchor,
        )


def _rows(table: Any, *, is_header: bool = False) -> Iterator[tuple[Any, bool]]:
    """Rows, and whether each is a header."""
    for child in table:
        if child.tag == f"{TABLE}table-row":
            yield child, is_header
        elif child.tag in (f"{TABLE}table-rows", f"{TABLE}table-row-group", f"{TABLE}table-header-rows"):
            yield from _rows(child, is_header=is_header or child.tag == f"{TABLE}table-header-rows")


# ------------------------------------------------------------------------------------ spreadsheets


class _Sheets:
    """The tables of a spreadsheet; a cell shows the text that the file keeps for it."""

    def __init__(self, root: Any, styles: _Styles, config: ParseConfig, eye: Eye) -> None:
        self._root = root
        self._styles = styles
        self._config = config
        self._eye = eye
        self._text = _TextReader(styles, eye)
        self._cell_count = 0

    def visible(self) -> Iterator[Sheet]:
        for table in self._root.iterfind(f"{OFFICE}body/{OFFICE}spreadsheet/{TABLE}table"):
            sheet = self._sheet(table)
            style = self._styles.element("table", table.get(f"{TABLE}style-name"))
            properties = style.find(f"{STYLE}table-properties") if style is not None else None
            if properties is not None and properties.get(f"{TABLE}display") == "false":
                hide_sheet(sheet, self._eye)
            else:
                yield sheet

    def _sheet(self, table: Any) -> Sheet:
        sheet = Sheet(table.get(f"{TABLE}name") or "Sheet")
        hidden_columns = list(_hidden_columns(table))
        row = 0
        for element, _ in _rows(table):
            repeats = max(1, _integer(element.get(f"{TABLE}number-rows-repeated"), 1))
            if any(len(cell) for cell in element.iterchildren(f"{TABLE}table-cell")):
                for number in range(min(repeats, MAX_REPEATS)):
                    self._row(element, row + number, sheet, hidden_columns)
            row += repeats
        return sheet

    def _row(self, element: Any, row: int, sheet: Sheet, hidden_columns: list[tuple[int, int]]) -> None:
        is_hidden = element.get(f"{TABLE}visibility") in ("collapse", "filter")
        column = 0
        for cell in element.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            repeats = max(1, _integer(cell.get(f"{TABLE}number-columns-repeated"), 1))
            if len(cell) and cell.tag == f"{TABLE}table-cell":
                for number in range(min(repeats, MAX_REPEATS)):
                    self._cell(cell, row, column + number, sheet, hidden_columns, is_row_hidden=is_hidden)
            column += repeats

    def _cell(
        self,
        cell: Any,
        row: int,
        column: int,
        sheet: Sheet,
        hidden_columns: list[tuple[int, int]],
        *,
        is_row_hidden: bool,
    ) -> None:
        self._cell_count += 1
        if self._cell_count > self._config.max_cells:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"More than {self._config.max_cells} cells.")
        letters = column_name(column)
        text = "\n".join("".join(p.itertext()) for p in cell.iterfind(f"{TEXT}p"))
        if is_row_hidden:
            self._eye.hide(f"{text}\t", "hidden_row", f"{sheet.name}!{row + 1}:{row + 1}")
            return
        if any(first <= column <= last for first, last in hidden_columns):
            self._eye.hide(f"{text}\t", "hidden_column", f"{sheet.name}!{letters}:{letters}")
            return
        look = self._styles.look("table-cell", cell.get(f"{TABLE}style-name"), _Look())
        anchor = f"{sheet.name}!{letters}{row + 1}"
        lines = ["".join(run.text for run in self._text.runs(p, anchor, look)) for p in cell.iterfind(f"{TEXT}p")]
        shown = "\n".join(lines).strip()
        if shown:
            is_number = cell.get(f"{OFFICE}value-type") in ("float", "percentage", "currency")
            sheet.cells.append((row, column, shown, look.is_bold, is_number))
            self._merge(cell, row, column, sheet)

    @staticmethod
    def _merge(cell: Any, row: int, column: int, sheet: Sheet) -> None:
        rows = _integer(cell.get(f"{TABLE}number-rows-spanned"), 1)
        columns = _integer(cell.get(f"{TABLE}number-columns-spanned"), 1)
        if rows > 1 or columns > 1:
            sheet.merges.append((row, column, row + max(rows, 1) - 1, column + max(columns, 1) - 1))


def _hidden_columns(table: Any) -> Iterator[tuple[int, int]]:
    column = 0
    for element in table.iter(f"{TABLE}table-column"):
        repeats = max(1, _integer(element.get(f"{TABLE}number-columns-repeated"), 1))
        if element.get(f"{TABLE}visibility") in ("collapse", "filter"):
            yield column, column + repeats - 1
        column += repeats


# ----------------------------------------------------------------------------------- presentations


def _presentation(
    package: Package, root: Any, styles: _Styles, config: ParseConfig, kind: FileType, eye: Eye
) -> ParsedDocument:
    size = _slide_size(package.xml("styles.xml"))
    reader = _TextReader(styles, eye)
    pages: list[DraftPage] = []
    for number, slide in enumerate(root.iterfind(f"{OFFICE}body/{OFFICE}presentation/{DRAW}page"), start=1):
        if number > config.max_pages:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"More than {config.max_pages} slides.")
        page = DraftPage(*size, source=PageSource.LAYOUT, anchor=f"slide {number}")
        style = styles.element("drawing-page", slide.get(f"{DRAW}style-name"))
        properties = style.find(f"{STYLE}drawing-page-properties") if style is not None else None
        if properties is not None and properties.get(f"{PRESENTATION}visibility") == "hidden":
            eye.hide(" ".join(slide.itertext()), "hidden_slide", page.anchor)
        else:
            _set_slide(slide, reader, page, eye)
        pages.append(page)
    hidden = eye.found()
    if not any(page.blocks for page in pages):
        raise ParsingFailed(FailureCode.NO_TEXT if hidden or package.has_pictures() else FailureCode.EMPTY)
    return assemble(kind.media_type, pages, hidden=hidden, properties=package.properties("meta.xml"))


def _slide_size(styles: Any) -> tuple[float, float]:
    for element in styles.iter(f"{STYLE}page-layout-properties") if styles is not None else ():
        width, height = points(element.get(f"{FO}page-width")), points(element.get(f"{FO}page-height"))
        if width and height and 10 <= width <= 20_000 and 10 <= height <= 20_000:
            return width, height
    return 793.7, 446.5  # 28 by 15.75 cm, what new presentations have


def _set_slide(slide: Any, reader: _TextReader, page: DraftPage, eye: Eye) -> None:
    number = 0
    for shape in slide.iter(f"{DRAW}frame", f"{DRAW}custom-shape", f"{DRAW}rect", f"{DRAW}ellipse"):
        if any(ancestor.tag == f"{PRESENTATION}notes" for ancestor in shape.iterancestors()):
            continue
        number += 1
        anchor = f"{page.anchor}/shape {number}"
        runs = [reader.runs(p, anchor) for p in shape.iter(f"{TEXT}p", f"{TEXT}h")]
        paragraphs = [part for part in runs if any(run.text.strip() for run in part)]
        if not paragraphs:
            continue
        frame = _frame(shape, page)
        if frame.right <= 0 or frame.bottom <= 0 or frame.left >= page.width_pt or frame.top >= page.height_pt:
            eye.hide("\n".join("".join(run.text for run in part) for part in paragraphs), "off_page", anchor)
            continue
        is_title = shape.get(f"{PRESENTATION}class") == "title"
        text = FramedText(paragraphs, TITLE_PT if is_title else FRAME_PT, ["left"] * len(paragraphs), anchor)
        _, lines = set_in_frame(text, frame, page)
        kind = BlockKind.HEADING if is_title else BlockKind.PARAGRAPH
        page.blocks.extend(
            DraftBlock(kind, part, level=1 if is_title else None, anchor=anchor) for part in lines if part
        )


def _frame(shape: Any, page: DraftPage) -> Frame:
    left, top = points(shape.get(f"{SVG}x")) or 0.0, points(shape.get(f"{SVG}y")) or 0.0
    width = points(shape.get(f"{SVG}width")) or page.width_pt - left
    return Frame(left, top, left + width, top + (points(shape.get(f"{SVG}height")) or 40.0))


def _integer(text: str | None, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError:
        return default
