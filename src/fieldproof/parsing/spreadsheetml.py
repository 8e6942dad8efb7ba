"""Excel workbooks (.xlsx, .xlsm): one pass over each sheet's XML.

Only what stands in the file is read: extents that a sheet claims for itself are never trusted, and
formulas, links and macros are never looked at. Formulas show their stored results.
"""

from __future__ import annotations

import colorsys
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fieldproof.core.document import FailureCode
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing.cells import column_name, column_number
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.flow import Eye
from fieldproof.parsing.numbers import BUILT_IN, Shown, general, shown, shown_text
from fieldproof.parsing.package import Package
from fieldproof.parsing.sheetlayout import Sheet, hide_sheet
from fieldproof.parsing.visibility import BLACK, SMALLEST_PT, WHITE, Colour, colour, melts

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
X = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"

NARROWEST_COLUMN = 0.3  # characters
LOWEST_ROW_PT = 2.0
MAX_COLUMNS = 16_384
MAX_ROWS = 1_048_576
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})$")
_THEME_ORDER = ("lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6")
_INDEXED = ("000000", "FFFFFF", "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF")

_CELL, _STORED, _INLINE = f"{S}c", f"{S}v", f"{S}is"


@dataclass(frozen=True, slots=True)
class _Style:
    """How cells of one format look."""

    code: str
    is_bold: bool
    ink: Colour | None
    ground: Colour | None  # None: not known
    hidden: str | None  # why nothing in this format can be seen on its own ground
    is_plain: bool  # values are seen as they are


class Workbook:
    """The sheets of a package, visible ones read, the others handed to the eye."""

    def __init__(self, package: Package, config: ParseConfig, eye: Eye) -> None:
        self._package = package
        self._config = config
        self._eye = eye
        self._part = package.main_part("xl/workbook.xml")
        self._related = package.relationships(self._part)
        self._root = package.xml(self._part)
        if self._root is None:
            raise ParsingFailed(FailureCode.CORRUPT, "The workbook has no workbook part.")
        self._is_1904 = any(element.get("date1904") in ("1", "true") for element in self._root.iter(f"{S}workbookPr"))
        self._strings = list(self._shared_strings())
        self._styles = self._read_styles()
        self._style_of: dict[str | None, _Style] = {}  # by what cells say
        self._cell_count = 0

    def sheets(self) -> Iterator[Sheet]:
        for element in self._root.iter(f"{S}sheet"):
            kind, part = self._related.get(element.get(f"{R}id", ""), ("", ""))
            if kind != "worksheet" or part not in self._package:
                continue
            name = element.get("name") or f"Sheet{element.get('sheetId')}"
            sheet = self._sheet(name, part)
            if element.get("state", "visible") == "visible":
                yield sheet
            else:
                hide_sheet(sheet, self._eye)

    def _shared_strings(self) -> Iterator[str]:
        part = self._named_part("sharedStrings", "xl/sharedStrings.xml")
        if part not in self._package:
            return
        for element in self._package.elements(part, (f"{S}si",)):
            yield _rich_text(element)
            _forget(element)

    def _named_part(self, kind: str, usual: str) -> str:
        return next((target for found, target in self._related.values() if found == kind), usual)

    # ---------------------------------------------------------------------------------- one sheet

    def _sheet(self, name: str, part: str) -> Sheet:
        sheet = Sheet(name)
        hidden_columns: list[tuple[int, int]] = []
        tables = self._table_headers(part)
        row = -1
        for element in self._package.elements(part, (f"{S}col", f"{S}row", f"{S}mergeCell")):
            match element.tag.removeprefix(S):
                case "row":
                    row = self._row(element, row, sheet, hidden_columns, tables)
                    _forget(element)
                case "col":
                    if element.get("hidden") in ("1", "true") or _number(element.get("width"), 9) < NARROWEST_COLUMN:
                        span = int(_number(element.get("min"), 1)) - 1, int(_number(element.get("max"), 1)) - 1
                        hidden_columns.append(span)
                case _:
                    if merge := _range(element.get("ref", "")):
                        sheet.merges.append(merge)
        self._text_boxes(sheet, part)
        return sheet

    def _row(
        self,
        element: Any,
        previous: int,
        sheet: Sheet,
        hidden_columns: list[tuple[int, int]],
        tables: list[tuple[int, int, int]],
    ) -> int:
        row = int(_number(element.get("r"), previous + 2)) - 1
        if not 0 <= row < MAX_ROWS:
            raise ParsingFailed(FailureCode.CORRUPT, "A sheet has a row that no sheet can have.")
        is_hidden = element.get("hidden") in ("1", "true") or (
            element.get("ht") is not None and _number(element.get("ht"), 15) < LOWEST_ROW_PT
        )
        painted = [(first, last) for at, first, last in tables if at == row]
        column = -1
        for cell in element.iterchildren(_CELL):
            column += 1
            if (stated := cell.get("r")) != f"{column_name(column)}{row + 1}":  # it leaves columns out
                column = _column(stated, column)
            stored = self._stored(cell)
            if stored is None:
                continue
            self._cell_count += 1
            if is_hidden:
                self._eye.hide(f"{stored[0]}\t", "hidden_row", f"{sheet.name}!{row + 1}:{row + 1}")
            elif hidden_columns and _is_within(column, hidden_columns):
                letters = column_name(column)
                self._eye.hide(f"{stored[0]}\t", "hidden_column", f"{sheet.name}!{letters}:{letters}")
            else:
                text, number = stored
                style = self._style(cell.get("s"))
                if number is None or not style.is_plain:
                    anchor = f"{sheet.name}!{column_name(column)}{row + 1}"
                    text = self._seen(text, number, style, anchor, is_painted=_is_within(column, painted))
                else:
                    text = general(number)
                if text:
                    sheet.cells.append((row, column, text, style.is_bold, number is not None))
        if self._cell_count > self._config.max_cells:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"More than {self._config.max_cells} cells.")
        return row

    def _seen(self, stored: str, number: float | None, style: _Style, anchor: str, *, is_painted: bool) -> str:
        """What a reader sees of the cell. A table's own style may paint another ground below it."""
        if style.is_plain:
            return self._eye.see(stored, anchor).strip()
        result = self._shown(stored, number, style.code)
        if not result.text and number == 0:
            return ""  # sheets like to leave zeros out
        reason = None if is_painted else style.hidden
        if not result.text:
            reason = "format"
        elif result.colour and style.ground and (ink := colour(result.colour)) and melts(ink, style.ground):
            reason = "colour"
        if reason:
            self._eye.hide(f"{stored}\t", reason, anchor)
            return ""
        return self._eye.see(result.text, anchor).strip() if number is None else result.text

    def _shown(self, stored: str, number: float | None, code: str) -> Shown:
        if number is not None:
            return Shown(general(number)) if code == "General" else shown(number, code, is_1904=self._is_1904)
        return Shown(stored) if code in ("General", "@") else shown_text(stored, code)

    def _stored(self, cell: Any) -> tuple[str, float | None] | None:
        """What the cell holds, and the number that it is; None where it holds nothing."""
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            element = next(cell.iterchildren(_INLINE), None)
            text = _rich_text(element) if element is not None else ""
            return (text, None) if text.strip() else None
        text = None
        for child in cell:  # half the time that findtext takes
            if child.tag == _STORED:
                text = child.text
                break
        if text is None or not text.strip():
            return None
        match kind:
            case "s":
                index = int(_number(text, -1))
                text = self._strings[index] if 0 <= index < len(self._strings) else ""
                return (text, None) if text.strip() else None
            case "b":
                return "TRUE" if text.strip() in ("1", "true") else "FALSE", None
            case "n":
                try:
                    number = float(text)
                except ValueError:
                    return text, None
                return text, number if math.isfinite(number) else None
            case _:  # a formula's text, an error, an ISO date
                return text, None

    def _text_boxes(self, sheet: Sheet, part: str) -> None:
        """Shapes that float above the cells; their text follows the grid."""
        for kind, target in self._package.relationships(part).values():
            root = self._package.xml(target) if kind == "drawing" else None
            for shape in root.iter(f"{X}sp") if root is not None else ():
                properties = shape.find(f"{X}nvSpPr/{X}cNvPr")
                paragraphs = ["".join(t.text or "" for t in p.iter(f"{A}t")) for p in shape.iter(f"{A}p")]
                text = "\n".join(paragraphs).strip()
                name = (properties.get("name") if properties is not None else None) or "shape"
                if properties is not None and properties.get("hidden") in ("1", "true"):
                    self._eye.hide(f"{text}\n", "vanish", f"{sheet.name}/{name}")
                elif text := self._eye.see(text, f"{sheet.name}/{name}"):
                    sheet.notes.append((name, text))

    def _table_headers(self, part: str) -> list[tuple[int, int, int]]:
        """Row and columns that a table's style paints: its header and totals."""
        found: list[tuple[int, int, int]] = []
        for kind, target in self._package.relationships(part).values():
            root = self._package.xml(target) if kind == "table" else None
            if root is None:
                continue
            span = _range(root.get("ref", ""))
            if span is None or root.find(f"{S}tableStyleInfo") is None:
                continue
            first_row, first, last_row, last = span
            if root.get("headerRowCount") != "0":
                found.append((first_row, first, last))
            if root.get("totalsRowCount") not in (None, "0"):
                found.append((last_row, first, last))
        return found

    # ------------------------------------------------------------------------------------- styles

    def _style(self, stated: str | None) -> _Style:
        style = self._style_of.get(stated)
        if style is None:
            index = int(_number(stated, 0))
            style = self._styles[index] if 0 <= index < len(self._styles) else _PLAIN
            self._style_of[stated] = style
        return style

    def _read_styles(self) -> list[_Style]:
        root = self._package.xml(self._named_part("styles", "xl/styles.xml"))
        if root is None:
            return []
        theme = self._theme()
        codes = dict(BUILT_IN)
        for element in root.iter(f"{S}numFmt"):
            codes[int(_number(element.get("numFmtId"), 0))] = element.get("formatCode") or "General"
        fonts = [_font(element, theme) for element in root.iterfind(f"{S}fonts/{S}font")]
        fills = [_fill(element, theme) for element in root.iterfind(f"{S}fills/{S}fill")]
        formats = root.iterfind(f"{S}cellXfs/{S}xf")
        return [_cell_style(element, codes, fonts, fills) for element in formats]

    def _theme(self) -> list[Colour]:
        root = self._package.xml(self._named_part("theme", "xl/theme/theme1.xml"))
        scheme = root.find(f".//{A}clrScheme") if root is not None else None
        found: list[Colour] = []
        for name in _THEME_ORDER:
            element = scheme.find(f"{A}{name}") if scheme is not None else None
            value = element[0].get("lastClr") or element[0].get("val") if element is not None and len(element) else None
            default = WHITE if name.startswith("lt") else BLACK
            found.append(colour(value) or default)
        return found


_PLAIN = _Style("General", False, BLACK, WHITE, None, is_plain=True)


def _cell_style(
    element: Any, codes: dict[int, str], fonts: list[tuple[bool, Colour | None, float]], fills: list[Colour | None]
) -> _Style:
    code = codes.get(int(_number(element.get("numFmtId"), 0)), "General")
    font, fill = int(_number(element.get("fontId"), 0)), int(_number(element.get("fillId"), 0))
    is_bold, ink, size = fonts[font] if 0 <= font < len(fonts) else (False, BLACK, 11.0)
    ground = fills[fill] if 0 <= fill < len(fills) else WHITE
    hidden = None
    if size < SMALLEST_PT:
        hidden = "size"
    elif ink is not None and ground is not None and melts(ink, ground):
        hidden = "colour"
    return _Style(code, is_bold, ink, ground, hidden, is_plain=code == "General" and hidden is None)


def _font(element: Any, theme: list[Colour]) -> tuple[bool, Colour | None, float]:
    bold, size = element.find(f"{S}b"), element.find(f"{S}sz")
    is_bold = bold is not None and bold.get("val") not in ("0", "false")
    points = _number(size.get("val"), 11.0) if size is not None else 11.0
    return is_bold, _colour(element.find(f"{S}color"), theme, BLACK), points


def _fill(element: Any, theme: list[Colour]) -> Colour | None:
    """White where there is no fill; None where it is a gradient or a pattern."""
    pattern = element.find(f"{S}patternFill")
    if pattern is None:
        return None if len(element) else WHITE
    match pattern.get("patternType", "none"):
        case "none":
            return WHITE
        case "solid":
            return _colour(pattern.find(f"{S}fgColor"), theme, WHITE)
        case _:
            return None


def _colour(element: Any, theme: list[Colour], default: Colour) -> Colour | None:
    if element is None or element.get("auto") in ("1", "true"):
        return default
    if (text := element.get("rgb")) is not None:
        return colour(text[-6:])
    if (text := element.get("theme")) is not None:
        index = int(_number(text, -1))
        return _tinted(theme[index], _number(element.get("tint"), 0.0)) if 0 <= index < len(theme) else None
    if (text := element.get("indexed")) is not None:
        index = int(_number(text, -1))
        if index in (64, 65):  # the window's own ink and ground
            return BLACK if index == 64 else WHITE
        return colour(_INDEXED[index % 8]) if 0 <= index < 16 else None
    return default


def _tinted(base: Colour, tint: float) -> Colour:
    if not tint:
        return base
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in base))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    red, green, blue = colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light)), saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def _rich_text(element: Any) -> str:
    """Text of a string item, without the reading aids above Chinese and Japanese."""
    if len(element) == 1 and element[0].tag == f"{S}t":
        return _unescaped(element[0].text or "")
    parts: list[str] = []
    for child in element:
        if child.tag == f"{S}t":
            parts.append(child.text or "")
        elif child.tag == f"{S}r":
            parts.append(child.findtext(f"{S}t") or "")
    return _unescaped("".join(parts))


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text) if "_x" in text else text


def _column(reference: str | None, next_one: int) -> int:
    match = _REFERENCE.match(reference or "")
    column = column_number(match.group(1)) if match else next_one
    if column >= MAX_COLUMNS:
        raise ParsingFailed(FailureCode.CORRUPT, "A sheet has a column that no sheet can have.")
    return column


def _is_within(column: int, spans: list[tuple[int, int]]) -> bool:
    return any(first <= column <= last for first, last in spans) if spans else False


def _range(text: str) -> tuple[int, int, int, int] | None:
    """First row, first column, last row, last column."""
    ends = [_REFERENCE.match(end) for end in text.replace("$", "").split(":")]
    if len(ends) not in (1, 2) or not all(ends):
        return None
    corners = [(int(end.group(2)) - 1, column_number(end.group(1))) for end in ends if end]
    return (*corners[0], *corners[-1])


def _number(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default


def _forget(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
