"""HTML: what a browser would show of it, without scripts, pictures or anything from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]  # it ships no types

from fieldproof.core.document import BlockKind, FailureCode, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.encoding import decoded
from fieldproof.parsing.filetype import FileType
from fieldproof.parsing.flow import Eye, document
from fieldproof.parsing.grids import Grid, GridCell
from fieldproof.parsing.htmlstyle import Look, Stylesheet
from fieldproof.parsing.typeset import FlowItem, Paragraph
from fieldproof.parsing.wordstyles import written_number
from fieldproof.parsing.wrapping import Run

MAX_SPAN = 200
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_DROPPED = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "canvas",
        "audio",
        "video",
        "map",
        "datalist",
        "meta",
        "link",
        "base",
        "frame",
        "frameset",
        "noframes",
        "param",
        "source",
        "track",
        "area",
        "col",
        "colgroup",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "details",
        "dialog",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "ul",
        "xmp",
        "listing",
        "caption",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "tfoot",
    ]
)
_LIST_FORMS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_SPACES = re.compile(r"[ \t\r\n\f]+")


def parse(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    """The page's visible text on virtual pages; anchors are "p12" and "t3/r2c1"."""
    content = path.read_bytes()
    if len(content) > config.max_unpacked_bytes:
        raise ParsingFailed(FailureCode.LIMIT_EXCEEDED)
    declared = _CHARSET.search(content[:4096])
    text, warning = decoded(content, config, declared.group(1).decode("ascii") if declared else None)
    root = tree(text)
    if root is None:
        raise ParsingFailed(FailureCode.EMPTY)
    eye = Eye()
    title = root.findtext(".//title")
    return document(
        kind.media_type,
        flow(root, eye),
        config,
        eye,
        properties={"title": " ".join(title.split())} if title and title.strip() else {},
        warnings=[warning] if warning else [],
        has_pictures=root.find(".//img") is not None,
    )


def tree(text: str) -> Any:
    """The root element; None when there is none. Raises ParsingFailed for markup nested beyond reason."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        if not text.strip():
            return None
        raise ParsingFailed(FailureCode.CORRUPT, "The markup cannot be read.") from error
    return root


def flow(root: Any, eye: Eye, *, place: str = "") -> Iterator[FlowItem]:
    """What is below ``root`` as a flow; ``place`` comes before every anchor."""
    styles = Stylesheet([element.text or "" for element in root.iter("style")])
    yield from _Walk(styles, eye, place).run(root)


@dataclass(slots=True)
class _Context:
    """What the blocks below inherit."""

    look: Look
    indent: int = 0
    marker: str | None = None  # for the next block, which is a list item's first
    is_item: bool = False


class _Walk:
    """Turns elements into paragraphs and grids: inline text gathers until a block begins or ends."""

    def __init__(self, styles: Stylesheet, eye: Eye, place: str) -> None:
        self._styles = styles
        self._eye = eye
        self._place = place
        self._runs: list[Run] = []
        self._paragraphs = 0
        self._tables = 0

    def run(self, root: Any) -> Iterator[FlowItem]:
        context = _Context(Look())
        yield from self._element(root, context)
        yield from self._flush(context)

    @property
    def _anchor(self) -> str:
        return f"{self._place}p{self._paragraphs + 1}"

    def _element(self, element: Any, context: _Context) -> Iterator[FlowItem]:
        tag = element.tag
        if not isinstance(tag, str) or tag in _DROPPED:
            return
        look = self._styles.look(element, context.look)
        if tag in _BLOCKS and not look.removed:
            yield from self._flush(context)
            yield from self._block(element, tag, look, context)
        elif tag == "br":
            self._add("\n", look)
        elif tag in ("input", "select", "button"):
            self._control(element, tag, look)
        else:
            yield from self._content(element, replace_look(context, look))

    def _content(self, element: Any, context: _Context) -> Iterator[FlowItem]:
        self._text(element.text, context.look)
        for child in element:
            yield from self._element(child, context)
            self._text(child.tail, context.look)

    def _block(self, element: Any, tag: str, look: Look, context: _Context) -> Iterator[FlowItem]:
        inner = replace_look(context, look)
        match tag:
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                yield from self._content(element, inner)
                yield from self._flush(inner, BlockKind.HEADING, int(tag[1]))
            case "table":
                yield from self._table(element, inner)
            case "ul" | "ol" | "menu" | "dl":
                yield from self._list(element, tag, inner)
            case "pre" | "xmp" | "listing":
                yield from self._content(element, inner)
                yield from self._flush(inner, is_preformatted=True)
            case "hr":
                return
            case _:
                if tag in ("blockquote", "dd"):
                    inner = replace(inner, indent=inner.indent + 1)
                yield from self._content(element, inner)
                yield from self._flush(inner)
                context.marker = inner.marker

    def _list(self, element: Any, tag: str, context: _Context) -> Iterator[FlowItem]:
        number = _integer(element.get("start"), 1)
        form = _LIST_FORMS.get(element.get("type") or "", "decimal")
        for child in element:
            if child.tag != "li":
                yield from self._element(child, context)
                continue
            number = _integer(child.get("value"), number)
            marker = f"{written_number(number, form)}." if tag == "ol" else "•"
            number += 1
            look = self._styles.look(child, context.look)
            item = _Context(look, context.indent + 1, marker, True)
            yield from self._content(child, item)
            yield from self._flush(item)

    # ------------------------------------------------------------------------------- inline text

    def _text(self, text: str | None, look: Look) -> None:
        if text:
            self._add(text if look.is_preformatted else _SPACES.sub(" ", text), look)

    def _add(self, text: str, look: Look) -> None:
        if reason := look.hidden_because():
            self._eye.hide(text, reason, self._anchor)
            return
        text = self._eye.see(text, self._anchor)
        if self._runs and self._runs[-1].is_bold == look.is_bold:
            self._runs[-1].text += text
        else:
            self._runs.append(Run(text, look.is_bold))

    def _control(self, element: Any, tag: str, look: Look) -> None:
        """What a form's control shows: its value, a cross, the chosen option."""
        if tag == "select":
            options = list(element.iter("option"))
            chosen = [option for option in options if option.get("selected") is not None] or options[:1]
            self._add(" ".join("".join(option.itertext()).strip() for option in chosen), look)
        elif tag == "button":
            self._add(f" {''.join(element.itertext()).strip()} ", look)
        else:
            match (element.get("type") or "text").lower():
                case "hidden" | "password" | "file" | "image" | "submit" | "reset" | "button":
                    return
                case "checkbox" | "radio":
                    self._add("☒ " if element.get("checked") is not None else "☐ ", look)
                case _:
                    self._add(f" {element.get('value') or ''} ", look)

    def _flush(
        self,
        context: _Context,
        kind: BlockKind = BlockKind.PARAGRAPH,
        level: int | None = None,
        *,
        is_preformatted: bool = False,
    ) -> Iterator[Paragraph]:
        runs, self._runs = self._runs, []
        if not any(run.text.strip() for run in runs):
            return
        _trim(runs, keeps_columns=is_preformatted)
        anchor = self._anchor
        self._paragraphs += 1
        indent = context.indent
        if context.is_item and kind is BlockKind.PARAGRAPH:
            if context.marker:
                kind = BlockKind.LIST
                runs.insert(0, Run(f"{context.marker} "))
            context.marker = None
        yield Paragraph(runs, kind, level, anchor, indent, is_preformatted)

    # ------------------------------------------------------------------------------------ tables

    def _table(self, element: Any, context: _Context) -> Iterator[FlowItem]:
        rows = list(_rows(element))
        if _is_for_layout(element, rows):
            for child in element:
                yield from self._layout_part(child, context)
            return
        for caption in element.iterchildren("caption"):
            yield from self._content(caption, context)
            yield from self._flush(context)
        self._tables += 1
        grid = self._grid(rows, context, f"{self._place}t{self._tables}")
        if grid.cells:
            yield grid

    def _layout_part(self, element: Any, context: _Context) -> Iterator[FlowItem]:
        """A table that only arranges things is read as the things it arranges."""
        if not isinstance(element.tag, str) or element.tag in _DROPPED:
            return
        inner = replace_look(context, self._styles.look(element, context.look))
        if element.tag in ("tr", "thead", "tbody", "tfoot"):
            for child in element:
                yield from self._layout_part(child, inner)
        else:
            yield from self._content(element, inner)
            yield from self._flush(inner)

    def _grid(self, rows: list[Any], context: _Context, anchor: str) -> Grid:
        cells: list[GridCell] = []
        taken: dict[int, int] = {}  # by column: the row up to which a cell above reaches
        header_rows = column_count = 0
        for row, element in enumerate(rows):
            look = self._row_look(element, context.look)
            column = 0
            is_header = row == header_rows
            for cell in element.iterchildren("td", "th"):
                while taken.get(column, 0) > row:
                    column += 1
                column_span = min(max(1, _integer(cell.get("colspan"), 1)), MAX_SPAN)
                row_span = min(max(1, _integer(cell.get("rowspan"), 1)), len(rows) - row)
                place = f"{anchor}/r{row + 1}c{column + 1}"
                runs = self._cell(cell, look, place)
                is_header = is_header and (cell.tag == "th" or element.getparent().tag == "thead")
                cells.append(GridCell(row, column, runs, row_span, column_span, anchor=place))
                for covered in range(column, column + column_span):
                    taken[covered] = row + row_span
                column += column_span
            column_count = max(column_count, column)
            header_rows += is_header and column > 0 and row < len(rows) - 1
        for cell in cells:
            cell.is_header = cell.row < header_rows
        return Grid(len(rows), column_count, cells, header_rows, anchor)

    def _row_look(self, row: Any, look: Look) -> Look:
        parent = row.getparent()
        if parent is not None and parent.tag in ("thead", "tbody", "tfoot"):
            look = self._styles.look(parent, look)
        return self._styles.look(row, look)

    def _cell(self, element: Any, look: Look, anchor: str) -> list[Run]:
        """A cell's text; blocks inside it become lines."""
        walk = _Walk(self._styles, self._eye, f"{anchor}/")
        context = _Context(self._styles.look(element, look))
        runs: list[Run] = []
        items = [*walk._content(element, context), *walk._flush(context)]
        for item in items:
            if isinstance(item, Paragraph):
                runs.extend([Run("\n", item.runs[0].is_bold), *item.runs] if runs else item.runs)
        return runs


def replace_look(context: _Context, look: Look) -> _Context:
    return replace(context, look=look)


def _rows(table: Any) -> Iterator[Any]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from child.iterchildren("tr")


def _is_for_layout(table: Any, rows: list[Any]) -> bool:
    if table.get("role") in ("presentation", "none") or next(table.iterdescendants("table"), None) is not None:
        return True
    return max((sum(1 for _ in row.iterchildren("td", "th")) for row in rows), default=0) <= 1


def _trim(runs: list[Run], *, keeps_columns: bool) -> None:
    runs[0].text = runs[0].text.lstrip("\n" if keeps_columns else None)
    runs[-1].text = runs[-1].text.rstrip()


def _integer(text: str | None, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError:
        return default
