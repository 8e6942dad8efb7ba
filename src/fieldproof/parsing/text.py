"""Plain text, Markdown and separated values: whatever is characters and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from fieldproof.core.document import BlockKind, FailureCode, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing import delimited
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.encoding import decoded
from fieldproof.parsing.filetype import CSV, MARKDOWN, TSV, FileType
from fieldproof.parsing.flow import Eye, document
from fieldproof.parsing.grids import Grid, GridCell
from fieldproof.parsing.typeset import FlowItem, PageBreak, Paragraph
from fieldproof.parsing.wrapping import Run


def parse(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    """The text on virtual pages; anchors are lines ("line 12") or cells ("B7")."""
    content = path.read_bytes()
    if len(content) > config.max_unpacked_bytes:
        raise ParsingFailed(FailureCode.LIMIT_EXCEEDED)
    text, warning = decoded(content, config)
    if not text.strip():
        raise ParsingFailed(FailureCode.EMPTY)
    eye = Eye()
    if kind in (CSV, TSV):
        flow = delimited.flow(text, config, eye, separator="\t" if kind == TSV else None)
    elif kind == MARKDOWN:
        flow = markdown_flow(text, eye)
    else:
        flow = plain_flow(text, eye)
    return document(kind.media_type, flow, config, eye, warnings=[warning] if warning else [])


def plain_flow(text: str, eye: Eye, *, place: str = "") -> Iterator[FlowItem]:
    """Paragraphs as empty lines part them; columns made of spaces stay where they are. A form feed turns the page."""
    lines: list[str] = []
    first = 1
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        before, *after_feed = line.split("\f")
        if before.strip():
            first = first if lines else number
            lines.append(before)
        else:
            yield from _plain(lines, f"{place}line {first}", eye)
            lines = []
        for part in after_feed:
            yield from _plain(lines, f"{place}line {first}", eye)
            yield PageBreak()
            first, lines = number, [part] if part.strip() else []
    yield from _plain(lines, f"{place}line {first}", eye)


def _plain(lines: list[str], anchor: str, eye: Eye) -> Iterator[Paragraph]:
    if lines:
        yield Paragraph([Run(eye.see("\n".join(lines), anchor))], anchor=anchor, is_preformatted=_has_columns(lines))


_COLUMNS = re.compile(r"\S(?: {3,}|\t)\S")


def _has_columns(lines: list[str]) -> bool:
    """Whether spaces or tabs set text apart within the lines."""
    return any(_COLUMNS.search(line) for line in lines)


# ---------------------------------------------------------------------------------------- Markdown

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"(\s*)([-*+•]|\d{1,9}[.)])\s+(.*)$")
_FENCE = re.compile(r"\s*(```|~~~)")
_RULE = re.compile(r"\s*([-*_])(?:\s*\1){2,}\s*$")
_DELIMITER_ROW = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_INLINE = re.compile(
    r"(?P<image>!\[(?P<alt>[^\]]*)\]\([^)]*\))|(?P<link>\[(?P<label>[^\]]*)\]\([^)]*\))|"
    r"(?P<strong>\*\*(?P<bold>[^*]+)\*\*|__(?P<bold2>[^_]+)__)|(?P<code>`(?P<verbatim>[^`]+)`)|"
    r"(?P<emphasis>(?<!\w)[*_](?P<italic>[^*_\s][^*_]*)[*_](?!\w))|\\(?P<escaped>[\\`*_{}\[\]()#+\-.!|])"
)


def markdown_flow(text: str, eye: Eye) -> Iterator[FlowItem]:
    """Headings, lists, tables, code and paragraphs; marks are applied, not shown."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = 0
    while at < len(lines):
        line, anchor = lines[at], f"line {at + 1}"
        if not line.strip() or _RULE.match(line):
            at += 1
        elif _FENCE.match(line):
            end = _fence_end(lines, at)
            code = "\n".join(lines[at + 1 : end])
            yield Paragraph([Run(eye.see(code, anchor))], anchor=anchor, is_preformatted=True)
            at = end + 1
        elif match := _HEADING.match(line):
            yield Paragraph(_inline(match.group(2), eye, anchor), BlockKind.HEADING, len(match.group(1)), anchor)
            at += 1
        elif _is_table(lines, at):
            end = _table_end(lines, at)
            yield _table(lines[at:end], at + 1, eye)
            at = end
        else:
            end = _paragraph_end(lines, at)
            yield _text_block(lines[at:end], eye, anchor)
            at = end


def _fence_end(lines: list[str], at: int) -> int:
    mark = lines[at].strip()[:3]
    return next((n for n in range(at + 1, len(lines)) if lines[n].strip().startswith(mark)), len(lines))


def _is_table(lines: list[str], at: int) -> bool:
    return (
        "|" in lines[at] and at + 1 < len(lines) and "|" in lines[at + 1] and bool(_DELIMITER_ROW.match(lines[at + 1]))
    )


def _table_end(lines: list[str], at: int) -> int:
    return next((n for n in range(at + 2, len(lines)) if "|" not in lines[n]), len(lines))


def _table(lines: list[str], first_line: int, eye: Eye) -> Grid:
    anchor = f"line {first_line}"
    cells: list[GridCell] = []
    rows = [lines[0], *lines[2:]]
    for row, line in enumerate(rows):
        for column, text in enumerate(_split_row(line)):
            runs = _inline(text, eye, anchor)
            if row == 0:
                runs = [Run(run.text, True) for run in runs]
            place = f"line {first_line + row + (row > 0)}"
            cells.append(GridCell(row, column, runs, is_header=row == 0, anchor=place))
    return Grid(len(rows), max(cell.column for cell in cells) + 1, cells, 1, anchor)


def _split_row(line: str) -> list[str]:
    line = line.strip().removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)]


def _paragraph_end(lines: list[str], at: int) -> int:
    for n in range(at + 1, len(lines)):
        line = lines[n]
        if not line.strip() or _HEADING.match(line) or _FENCE.match(line) or _ITEM.match(line) or _is_table(lines, n):
            return n
    return len(lines)


def _text_block(lines: list[str], eye: Eye, anchor: str) -> Paragraph:
    if match := _ITEM.match(lines[0]):
        marker = "•" if match.group(2) in "-*+•" else match.group(2)
        text = " ".join([match.group(3), *(line.strip() for line in lines[1:])])
        depth = min(len(match.group(1).expandtabs(4)) // 2, 6)
        runs = [Run(f"{marker} "), *_inline(text, eye, anchor)]
        return Paragraph(runs, BlockKind.LIST, anchor=anchor, indent=1 + depth)
    is_quote = all(line.lstrip().startswith(">") for line in lines)
    if is_quote:
        lines = [line.lstrip()[1:] for line in lines]
    # Two spaces at its end break a line.
    text = "".join(line.strip() + ("\n" if line.endswith("  ") else " ") for line in lines)
    return Paragraph(_inline(text.rstrip(), eye, anchor), anchor=anchor, indent=1 if is_quote else 0)


def _inline(text: str, eye: Eye, anchor: str) -> list[Run]:
    runs: list[Run] = []
    position = 0
    for match in _INLINE.finditer(text):
        runs.append(Run(text[position : match.start()]))
        groups = match.groupdict()
        shown = next((groups[name] for name in _SHOWN if groups[name] is not None), "")
        runs.append(Run(shown, match.group("strong") is not None))
        position = match.end()
    runs.append(Run(text[position:]))
    return [Run(seen, run.is_bold) for run in runs if (seen := eye.see(run.text, anchor))]


_SHOWN = ("alt", "label", "bold", "bold2", "verbatim", "italic", "escaped")
