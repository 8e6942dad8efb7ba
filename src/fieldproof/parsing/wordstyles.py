"""Word's styles and list numbers: what a paragraph or a run looks like once all inheritance is applied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from fieldproof.parsing.visibility import BLACK, SMALLEST_PT, WHITE, Colour, colour, melts

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING_NAME = re.compile(r"heading (\d)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Look:
    """How a run is shown. None means: not said here."""

    is_bold: bool | None = None
    is_vanished: bool | None = None
    ink: Colour | None = None
    ground: Colour | None = None
    half_points: int | None = None
    scale_percent: int | None = None
    spacing_twips: int | None = None  # between letters
    raised: int | None = None  # half points
    fitted_twips: int | None = None  # the width the run is squeezed into

    def over(self, below: Look) -> Look:
        """This look where it says something, else the one below."""
        return Look(
            below.is_bold if self.is_bold is None else self.is_bold,
            below.is_vanished if self.is_vanished is None else self.is_vanished,
            self.ink or below.ink,
            self.ground or below.ground,
            below.half_points if self.half_points is None else self.half_points,
            below.scale_percent if self.scale_percent is None else self.scale_percent,
            below.spacing_twips if self.spacing_twips is None else self.spacing_twips,
            below.raised if self.raised is None else self.raised,
            below.fitted_twips if self.fitted_twips is None else self.fitted_twips,
        )

    def hidden_because(self, ground: Colour | None) -> str | None:
        """Why nobody can see this run on ``ground`` (None: not known), or None when they can."""
        if self.is_vanished:
            return "vanish"
        if self.half_points is not None and self.half_points / 2 < SMALLEST_PT:
            return "size"
        if self.scale_percent is not None and self.scale_percent < 10:
            return "size"
        size_twips = 10 * (_USUAL_HALF_POINTS if self.half_points is None else self.half_points)
        if self.spacing_twips is not None and -self.spacing_twips > _TIGHTEST_EM * size_twips:
            return "size"
        if self.fitted_twips is not None and self.fitted_twips < size_twips / 10:
            return "size"
        if self.raised is not None and abs(self.raised) > _FAR_HALF_POINTS:
            return "off_page"
        ground = self.ground or ground
        if ground is not None and self.ink is not None and melts(self.ink, ground):
            return "colour"
        return None


_USUAL_HALF_POINTS = 22
_TIGHTEST_EM = 0.45  # letters closer than this lie on one another
_FAR_HALF_POINTS = 1_000

PLAIN = Look()


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    look: Look = PLAIN
    level: int | None = None  # of a heading, from 1
    number: tuple[str, int] | None = None  # list id and depth
    ground: Colour | None = None


@dataclass(frozen=True, slots=True)
class TableStyle:
    """Grounds by the part of the table they fill: "wholeTable", "firstRow", "band1Horz", …"""

    grounds: dict[str, Colour]
    looks: dict[str, Look]


class Styles:
    """The styles of a document, resolved when first asked for."""

    def __init__(self, root: Any) -> None:
        self._elements: dict[str, Any] = {}
        self._paragraphs: dict[str, ParagraphStyle] = {}
        self._looks: dict[str, Look] = {}
        self._tables: dict[str, TableStyle] = {}
        self._default_paragraph = ""
        self._defaults = PLAIN
        if root is None:
            return
        self._defaults = run_look(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"))
        for element in root.iter(f"{W}style"):
            style_id = element.get(f"{W}styleId", "")
            self._elements[style_id] = element
            if element.get(f"{W}type") == "paragraph" and is_on(element.get(f"{W}default", "0")):
                self._default_paragraph = style_id

    def paragraph(self, style_id: str | None) -> ParagraphStyle:
        known = style_id if style_id and style_id in self._elements else self._default_paragraph
        if known not in self._paragraphs:
            self._paragraphs[known] = self._resolved_paragraph(known)
        return self._paragraphs[known]

    def character(self, style_id: str | None) -> Look:
        if style_id is None or style_id not in self._elements:
            return PLAIN
        if style_id not in self._looks:
            look = PLAIN
            for element in self._chain(style_id):
                look = run_look(element.find(f"{W}rPr")).over(look)
            self._looks[style_id] = look
        return self._looks[style_id]

    def table(self, style_id: str | None) -> TableStyle:
        key = style_id or ""
        if key not in self._tables:
            grounds: dict[str, Colour] = {}
            looks: dict[str, Look] = {}
            for element in self._chain(key):
                _collect_table_parts(element, grounds, looks)
            self._tables[key] = TableStyle(grounds, looks)
        return self._tables[key]

    def _resolved_paragraph(self, style_id: str) -> ParagraphStyle:
        style = ParagraphStyle(self._defaults)
        for element in self._chain(style_id):
            properties = element.find(f"{W}pPr")
            name = element.find(f"{W}name")
            style = replace(
                style,
                look=run_look(element.find(f"{W}rPr")).over(style.look),
                level=_heading_level(properties, name) or style.level,
                number=list_number(properties) or style.number,
                ground=_shade(properties) or style.ground,
            )
        return style

    def _chain(self, style_id: str) -> list[Any]:
        """The style's elements from its farthest ancestor to itself."""
        chain: list[Any] = []
        seen: set[str] = set()
        while style_id in self._elements and style_id not in seen:
            seen.add(style_id)
            chain.append(self._elements[style_id])
            style_id = _value(chain[-1], "basedOn") or ""
        return chain[::-1]


def run_look(properties: Any) -> Look:
    """The look that run properties (w:rPr) say."""
    if properties is None or not len(properties):
        return PLAIN
    is_bold = is_vanished = None
    ink = ground = None
    half_points = scale = spacing = raised = fitted = None
    for element in properties:
        match element.tag:
            case "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}b":
                is_bold = is_on(element.get(f"{W}val"))
            case "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}vanish":
                is_vanished = is_on(element.get(f"{W}val"))
            case "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}color":
                # "auto" is black on light and white on dark: it can always be read.
                ink = colour(element.get(f"{W}val")) or _THEME.get(element.get(f"{W}themeColor") or "")
            case "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}highlight":
                ground = colour((element.get(f"{W}val") or "").lower())
            case "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}shd":
                ground = ground or _fill(element)
            case "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}sz":
                half_points = _integer(element.get(f"{W}val"))
            case "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}w":
                scale = _integer((element.get(f"{W}val") or "").rstrip("%"))
            case "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}spacing":
                spacing = _integer(element.get(f"{W}val"))
            case "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}position":
                raised = _integer(element.get(f"{W}val"))
            case "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}fitText":
                fitted = _integer(element.get(f"{W}val"))
            case _:
                pass
    return Look(is_bold, is_vanished, ink, ground, half_points, scale, spacing, raised, fitted)


_THEME = {"background1": WHITE, "light1": WHITE, "dark1": BLACK, "text1": BLACK}  # where the colour itself is not said


def is_on(value: str | None) -> bool:
    """Whether a toggle is set: present without a value means yes."""
    return value not in ("0", "false", "off", "none")


def list_number(properties: Any) -> tuple[str, int] | None:
    """List id and depth of paragraph properties (w:pPr)."""
    numbering = properties.find(f"{W}numPr") if properties is not None else None
    if numbering is None:
        return None
    list_id = _value(numbering, "numId")
    return (list_id, _integer(_value(numbering, "ilvl")) or 0) if list_id else None


def _heading_level(properties: Any, name: Any) -> int | None:
    text = (name.get(f"{W}val") or "") if name is not None else ""
    if match := _HEADING_NAME.match(text):
        return int(match.group(1))
    if text.lower() == "title":
        return 1
    if text.lower() == "subtitle":
        return 2
    return outline_level(properties)


def outline_level(properties: Any) -> int | None:
    level = _integer(_value(properties, "outlineLvl")) if properties is not None else None
    return level + 1 if level is not None and 0 <= level < 9 else None


def _shade(properties: Any) -> Colour | None:
    element = properties.find(f"{W}shd") if properties is not None else None
    return _fill(element) if element is not None else None


def shade(properties: Any) -> Colour | None:
    """The ground of a paragraph, cell or table by its properties."""
    return _shade(properties)


def _fill(element: Any) -> Colour | None:
    pattern = element.get(f"{W}val") or "clear"
    fill = colour(element.get(f"{W}fill"))
    if pattern == "solid":
        return colour(element.get(f"{W}color")) or BLACK
    return fill


def _collect_table_parts(element: Any, grounds: dict[str, Colour], looks: dict[str, Look]) -> None:
    parts = [("wholeTable", element)] + [(part.get(f"{W}type", ""), part) for part in element.iter(f"{W}tblStylePr")]
    for name, part in parts:
        for properties in (part.find(f"{W}tblPr"), part.find(f"{W}tcPr")):
            if ground := _shade(properties):
                grounds[name] = ground
        look = run_look(part.find(f"{W}rPr"))
        if look != PLAIN:
            looks[name] = look.over(looks.get(name, PLAIN))


def _value(element: Any, name: str) -> str | None:
    child = element.find(f"{W}{name}")
    return child.get(f"{W}val") if child is not None else None


def _integer(text: str | None) -> int | None:
    try:
        return int(float(text)) if text else None
    except (ValueError, OverflowError):
        return None


# ------------------------------------------------------------------------------------------- lists


@dataclass(slots=True)
class _Level:
    form: str
    text: str
    start: int


class Numbering:
    """Counts list items as Word does: "1.", "1.1", "a)", "•"."""

    def __init__(self, root: Any) -> None:
        self._levels: dict[str, list[_Level | None]] = {}
        self._families: dict[str, str] = {}  # lists of one family go on counting together
        self._counts: dict[str, list[int | None]] = {}
        if root is None:
            return
        abstract = {
            element.get(f"{W}abstractNumId", ""): list(_levels(element)) for element in root.iter(f"{W}abstractNum")
        }
        for element in root.iter(f"{W}num"):
            self._add_list(element, abstract)

    def marker(self, list_id: str, depth: int) -> str | None:
        """The next item's marker; None where the list or its marker does not exist."""
        levels = self._levels.get(list_id)
        if levels is None or not 0 <= depth < len(levels):
            return None
        level = levels[depth]
        if level is None:
            return None
        counts = self._counts.setdefault(self._families[list_id], [None] * 9)
        current = counts[depth]
        counts[depth] = level.start if current is None else current + 1
        counts[depth + 1 :] = [None] * (8 - depth)
        if level.form == "bullet":
            return "•"
        if level.form == "none":
            return None
        return self._written(levels, counts, level)

    @staticmethod
    def _written(levels: list[_Level | None], counts: list[int | None], level: _Level) -> str | None:
        def digit(match: re.Match[str]) -> str:
            at = int(match.group(1)) - 1
            known = levels[at]
            if known is None:
                return ""
            count = counts[at]
            return written_number(known.start if count is None else count, known.form)

        return re.sub(r"%([1-9])", digit, level.text).strip() or None

    def _add_list(self, element: Any, abstract: dict[str, list[_Level | None]]) -> None:
        list_id, family = element.get(f"{W}numId", ""), _value(element, "abstractNumId") or ""
        levels = list(abstract.get(family, []))
        for override in element.iter(f"{W}lvlOverride"):
            depth = _integer(override.get(f"{W}ilvl")) or 0
            start = _integer(_value(override, "startOverride"))
            if start is not None and 0 <= depth < len(levels) and (level := levels[depth]):
                levels[depth] = replace(level, start=start)
                family = f"{family}/{list_id}"
        self._levels[list_id] = levels
        self._families[list_id] = family


def _levels(element: Any) -> Iterator[_Level | None]:
    found: dict[int, _Level] = {}
    for level in element.iter(f"{W}lvl"):
        depth = _integer(level.get(f"{W}ilvl")) or 0
        start = _integer(_value(level, "start"))
        found[depth] = _Level(
            _value(level, "numFmt") or "decimal", _value(level, "lvlText") or "", 1 if start is None else start
        )
    return (found.get(depth) for depth in range(9))


def written_number(number: int, form: str) -> str:
    """A number as a list writes it."""
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letters = chr(97 + (number - 1) % 26) * min((number - 1) // 26 + 1, 20)
        return letters if form == "lowerLetter" else letters.upper()
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        roman = _roman(number)
        return roman if form == "upperRoman" else roman.lower()
    if form == "decimalZero":
        return f"{number:02d}"
    return str(number)


def _roman(number: int) -> str:
    values = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
              (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
    text = ""
    for value, letters in values:
        text += letters * (number // value)
        number %= value
    return text
