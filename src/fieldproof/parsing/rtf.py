"""Rich Text Format: a small reader of its own. Text, weights, tables, hidden runs; pictures and objects are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from fieldproof.core.document import BlockKind, FailureCode
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing.flow import Eye
from fieldproof.parsing.grids import Grid, GridCell
from fieldproof.parsing.typeset import FlowItem, PageBreak, Paragraph
from fieldproof.parsing.visibility import BLACK, SMALLEST_PT, WHITE, Colour, melts
from fieldproof.parsing.wrapping import Run

MAX_DEPTH = 200
MAX_COLUMNS = 200

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)|\\"
)
_PASSED_OVER = frozenset(
    b"stylesheet info pict object objdata themedata colorschememapping datastore latentstyles listtable "
    b"listoverridetable rsidtbl generator xmlnstbl fldinst filetbl revtbl bkmkstart bkmkend annotation atnid "
    b"atnauthor atndate atnref atrfstart atrfend pnseclvl sp blipuid mmathPr nonshppict private fontemb "
    b"fchars lchars template operator wgrffmtfilter ftnsep ftnsepc aftnsep aftnsepc pgptbl do tc xe".split()
)
_SIGNS = {
    b"tab": "\t", b"line": "\n", b"emdash": "\u2014", b"endash": "\u2013", b"bullet": "•", b"lquote": "\u2018",
    b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
_EDGES = {b"header": BlockKind.HEADER, b"headerl": BlockKind.HEADER, b"headerr": BlockKind.HEADER,
          b"headerf": BlockKind.HEADER, b"footer": BlockKind.FOOTER, b"footerl": BlockKind.FOOTER,
          b"footerr": BlockKind.FOOTER, b"footerf": BlockKind.FOOTER}  # fmt: skip
_CHARSETS = {0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253",
             162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
             238: "cp1250"}  # fmt: skip


@dataclass(slots=True)
class _State:
    """What a group may change and its end restores."""

    is_bold: bool = False
    is_hidden: bool = False
    half_points: int = 24
    ink: int = 0
    ground: int = 0
    font: int = 0
    fallbacks: int = 1  # characters after \\u for readers without Unicode
    destination: str = "text"  # text | fonts | colours | skip
    is_deleted: bool = False


@dataclass(slots=True)
class _Row:
    cells: list[list[Run]] = field(default_factory=list)


def flow(content: bytes, eye: Eye) -> Iterator[FlowItem]:
    """The document as a flow; anchors are "p12" and "t3/r2c1"."""
    yield from _Reader(content, eye).run()


class _Reader:
    def __init__(self, content: bytes, eye: Eye) -> None:
        self._content = content
        self._eye = eye
        self._state = _State()
        self._stack: list[_State] = []
        self._encoding = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font_number = 0
        self._colours: list[Colour | None] = []
        self._colour: list[int | None] = [None, None, None]
        self._bytes = bytearray()
        self._pending_fallbacks = 0
        self._high_surrogate = 0
        self._runs: list[Run] = []
        self._items: list[FlowItem] = []
        self._rows: list[_Row] = []
        self._cells: list[list[Run]] = []
        self._is_in_table = False
        self._level: int | None = None
        self._edge: tuple[int, BlockKind] | None = None
        self._paragraphs = 0
        self._tables = 0

    def run(self) -> list[FlowItem]:
        at = 0
        while at < len(self._content):
            match = _TOKEN.match(self._content, at)
            if match is None:  # cannot happen: the last alternative takes a lone backslash
                break
            at = match.end()
            word, number, byte, sign, brace, plain = match.groups()
            if word is not None:
                if word == b"bin":
                    at += max(0, int(number or 0))
                else:
                    self._word(word, int(number) if number else None)
            elif byte is not None:
                self._byte(int(byte, 16))
            elif sign is not None:
                self._sign(sign)
            elif brace == b"{":
                self._open()
            elif brace == b"}":
                self._close()
            elif plain is not None:
                self._plain(plain)
        self._end_paragraph()
        self._end_table()
        return self._items

    # -------------------------------------------------------------------------------- groups, words

    def _open(self) -> None:
        self._settle()
        if len(self._stack) > MAX_DEPTH:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"The text nests deeper than {MAX_DEPTH} groups.")
        self._stack.append(self._state)
        self._state = replace(self._state)

    def _close(self) -> None:
        self._settle()
        if self._edge is not None and self._edge[0] == len(self._stack):
            self._end_paragraph()
            self._edge = None
        if self._stack:
            self._state = self._stack.pop()

    def _word(self, word: bytes, number: int | None) -> None:
        state = self._state
        if word == b"u" and number is not None:
            self._unicode(number)
            return
        self._settle()
        if word in _PASSED_OVER:
            state.destination = "skip"
        elif word == b"fonttbl":
            state.destination = "fonts"
        elif word == b"colortbl":
            state.destination = "colours"
        elif state.destination == "fonts":
            self._font_word(word, number)
        elif state.destination == "colours":
            if word in (b"red", b"green", b"blue"):
                self._colour[(b"red", b"green", b"blue").index(word)] = min(255, max(0, number or 0))
        elif state.destination == "text":
            self._text_word(word, number)

    def _font_word(self, word: bytes, number: int | None) -> None:
        if word == b"f":
            self._font_number = number or 0
        elif word == b"fcharset" and number in _CHARSETS:
            self._fonts[self._font_number] = _CHARSETS[number]

    def _text_word(self, word: bytes, number: int | None) -> None:
        state = self._state
        is_on = number is None or number != 0
        if word in _SIGNS:
            self._show(_SIGNS[word])
        elif word in _EDGES:
            self._end_paragraph()
            self._edge = len(self._stack), _EDGES[word]
        else:
            match word:
                case b"par" | b"sect":
                    self._end_paragraph()
                case b"page":
                    self._end_paragraph()
                    self._items.append(PageBreak())
                case b"pard":
                    self._is_in_table, self._level = False, None
                case b"plain":
                    fresh = _State(destination=state.destination, fallbacks=state.fallbacks)
                    self._state = fresh
                case b"b":
                    state.is_bold = is_on
                case b"v":
                    state.is_hidden = is_on
                case b"deleted":
                    state.is_deleted = is_on
                case b"fs":
                    state.half_points = 24 if number is None else number
                case b"cf":
                    state.ink = number or 0
                case b"cb" | b"highlight" | b"chcbpat":
                    state.ground = number or 0
                case b"f":
                    state.font = number or 0
                case b"uc":
                    state.fallbacks = min(max(0, number or 0), 16)
                case b"ansicpg":
                    self._encoding = f"cp{number}" if number not in (None, 0) else "cp1252"
                case b"mac":
                    self._encoding = "mac_roman"
                case b"outlinelevel" if number is not None and 0 <= number < 9:
                    self._level = number + 1
                case b"intbl":
                    self._is_in_table = True
                case b"cell" | b"nestcell":
                    self._end_cell()
                case b"row" | b"nestrow":
                    self._end_row()
                case _:
                    pass

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            # A destination that old readers may skip: none of those that are read here is one.
            if self._state.destination == "text":
                self._state.destination = "skip"
        elif sign in (b"\\", b"{", b"}"):
            self._plain(sign)
        elif sign == b"~":
            self._settle()
            self._show("\u00a0")
        elif sign == b"_":
            self._plain(b"-")
        elif sign in (b"\n", b"\r"):
            self._settle()
            self._end_paragraph()

    # ---------------------------------------------------------------------------------- characters

    def _byte(self, byte: int) -> None:
        if self._pending_fallbacks:
            self._pending_fallbacks -= 1
        elif self._state.destination == "text":
            self._bytes.append(byte)

    def _plain(self, plain: bytes) -> None:
        if self._state.destination == "colours":
            for _ in range(plain.count(b";")):
                red, green, blue = self._colour
                known = red is not None and green is not None and blue is not None
                self._colours.append((red, green, blue) if known else None)  # type: ignore[arg-type]
                self._colour = [None, None, None]
        elif self._state.destination == "text":
            skipped = min(self._pending_fallbacks, len(plain))
            self._pending_fallbacks -= skipped
            self._bytes += plain[skipped:]

    def _unicode(self, number: int) -> None:
        self._settle()
        code = number + 65_536 if number < 0 else number
        self._pending_fallbacks = self._state.fallbacks
        if 0xD800 <= code < 0xDC00:
            self._high_surrogate = code
            return
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((self._high_surrogate - 0xD800) << 10) + code - 0xDC00 if self._high_surrogate else 0xFFFD
        self._high_surrogate = 0
        if self._state.destination == "text" and 0 < code <= 0x10FFFF:
            self._show(chr(code))

    def _settle(self) -> None:
        """Turns the bytes gathered so far into text, in the encoding of their font."""
        self._pending_fallbacks = 0
        if self._bytes:
            encoding = self._fonts.get(self._state.font, self._encoding)
            try:
                text = self._bytes.decode(encoding, "replace")
            except LookupError:
                text = self._bytes.decode("cp1252", "replace")
            self._bytes.clear()
            self._show(text)

    def _show(self, text: str) -> None:
        state = self._state
        if state.destination != "text" or state.is_deleted:
            return
        anchor = self._anchor
        if reason := self._hidden_because(state):
            self._eye.hide(text, reason, anchor)
            return
        text = self._eye.see(text, anchor)
        if self._runs and self._runs[-1].is_bold == state.is_bold:
            self._runs[-1].text += text
        else:
            self._runs.append(Run(text, state.is_bold))

    def _hidden_because(self, state: _State) -> str | None:
        if state.is_hidden:
            return "vanish"
        if state.half_points / 2 < SMALLEST_PT:
            return "size"
        ink, ground = self._painted(state.ink, BLACK), self._painted(state.ground, WHITE)
        return "colour" if melts(ink, ground) else None

    def _painted(self, index: int, default: Colour) -> Colour:
        found = self._colours[index] if 0 <= index < len(self._colours) else None
        return found or default

    # -------------------------------------------------------------------------- paragraphs, tables

    @property
    def _anchor(self) -> str:
        if self._is_in_table:
            return f"t{self._tables + 1}/r{len(self._rows) + 1}c{len(self._cells) + 1}"
        return f"p{self._paragraphs + 1}"

    def _end_paragraph(self) -> None:
        self._settle()
        if self._is_in_table:
            if self._runs:
                self._runs.append(Run("\n"))
            return
        self._end_table()
        runs, self._runs = self._runs, []
        if not any(run.text.strip() for run in runs):
            return
        anchor = self._anchor
        self._paragraphs += 1
        if self._edge is not None:
            self._items.append(Paragraph(runs, self._edge[1], anchor=anchor))
        elif self._level is not None:
            self._items.append(Paragraph(runs, BlockKind.HEADING, self._level, anchor))
        else:
            self._items.append(Paragraph(runs, anchor=anchor))

    def _end_cell(self) -> None:
        self._is_in_table = True
        if len(self._cells) < MAX_COLUMNS:
            self._cells.append(self._runs)
        self._runs = []

    def _end_row(self) -> None:
        if self._cells:
            self._rows.append(_Row(self._cells))
        self._cells = []

    def _end_table(self) -> None:
        self._end_row()
        rows, self._rows = self._rows, []
        if not rows:
            return
        self._tables += 1
        anchor = f"t{self._tables}"
        cells = [
            GridCell(number, column, runs, anchor=f"{anchor}/r{number + 1}c{column + 1}")
            for number, row in enumerate(rows)
            for column, runs in enumerate(row.cells)
        ]
        self._items.append(Grid(len(rows), max(len(row.cells) for row in rows), cells, anchor=anchor))
