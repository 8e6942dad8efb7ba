"""The visible text as the model reads it: rows of words, cut into numbered passages.

What is sent and where quotes are looked for is the same sequence of words, so that every verbatim
quote can be found again. Hidden text, file names, properties and attachments are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fieldproof.core.document import Block, Page, ParsedDocument, Word
from fieldproof.extraction.engine import SourceDocument
from fieldproof.extraction.llm.messages import tokens_of

PASSAGE_LETTERS = 1_200


@dataclass(frozen=True, slots=True)
class Row:
    """One visual line. ``words`` index into the page's words; ``is_header``: of a table."""

    document: int
    page: int  # index, from 0
    words: tuple[int, ...]
    text: str
    is_header: bool = False
    table: int = -1


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of one page; ``number`` is what the model calls it."""

    number: int
    document: int
    page: int
    rows: tuple[Row, ...]
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Script:
    documents: tuple[SourceDocument, ...]
    passages: tuple[Passage, ...]

    def word(self, document: int, page: int, index: int) -> Word:
        return self.documents[document].parsed.pages[page].words[index]

    @property
    def page_count(self) -> int:
        return sum(len(d.parsed.pages) for d in self.documents)


def script_of(documents: Sequence[SourceDocument]) -> Script:
    passages: list[Passage] = []
    for number, document in enumerate(documents):
        for rows in _pieces(_rows(number, document.parsed)):
            text = "\n".join(r.text for r in rows)
            passages.append(Passage(len(passages) + 1, number, rows[0].page, tuple(rows), text, tokens_of(text)))
    return Script(tuple(documents), tuple(passages))


def windows(passages: Sequence[Passage], most_tokens: int) -> list[tuple[Passage, ...]]:
    """All passages in order, in as few windows as the limit allows."""
    found: list[tuple[Passage, ...]] = []
    current: list[Passage] = []
    for passage in passages:
        if current and sum(p.tokens for p in current) + passage.tokens > most_tokens:
            found.append(tuple(current))
            current = []
        current.append(passage)
    return [*found, tuple(current)] if current else found


def header_above(script: Script, passage: Passage) -> str:
    """The header of the table that goes on into this passage, or ""."""
    first = passage.rows[0]
    if first.table < 0 or first.is_header:
        return ""
    rows = [r for p in script.passages for r in p.rows if r.document == first.document and r.is_header]
    before = [r for r in rows if (r.page, r.table) <= (first.page, first.table)]
    last = before[-1] if before else None
    return "\n".join(r.text for r in before if last and (r.page, r.table) == (last.page, last.table))


def _pieces(rows: Iterator[Row]) -> Iterator[list[Row]]:
    current: list[Row] = []
    for row in rows:
        is_full = sum(len(r.text) for r in current) + len(row.text) > PASSAGE_LETTERS
        if current and (is_full or row.page != current[0].page):
            yield current
            current = []
        current.append(row)
    if current:
        yield current


def _rows(document: int, parsed: ParsedDocument) -> Iterator[Row]:
    for number, page in enumerate(parsed.pages):
        seen: set[int] = set()
        for index, block in enumerate(page.blocks):
            for words, is_header, is_table in _of_block(page, block):
                fresh = tuple(w for w in words if w not in seen)
                seen.update(fresh)
                if fresh:
                    yield Row(
                        document, number, fresh, _text(page, fresh, is_table), is_header, index if is_table else -1
                    )
        for words in _side_by_side(page, range(len(page.lines))):  # what no block claims
            rest = tuple(w for w in words if w not in seen)
            seen.update(rest)
            if rest:
                yield Row(document, number, rest, _text(page, rest, False))


def _of_block(page: Page, block: Block) -> Iterator[tuple[tuple[int, ...], bool, bool]]:
    """Words of each row, whether they head a table, whether they are of one."""
    if block.table is None:
        for words in _side_by_side(page, block.lines):
            yield words, False, False
        return
    rows: dict[int, list[int]] = {}
    headers: set[int] = set()
    for cell in sorted(block.table.cells, key=lambda c: (c.row, c.column)):
        if cell.page == page.number:
            rows.setdefault(cell.row, []).extend(cell.words)
            headers |= {cell.row} if cell.is_header or cell.row < block.table.header_rows else set()
    for row, words in rows.items():
        yield tuple(words), row in headers, True


def _side_by_side(page: Page, lines: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Neighbouring lines that stand on one height are one row: a label and its value."""
    current: list[int] = []
    for index in lines:
        if current and not _is_level(page, current[-1], index):
            yield tuple(w for i in current for w in page.lines[i].words)
            current = []
        current.append(index)
    if current:
        yield tuple(w for i in current for w in page.lines[i].words)


def _is_level(page: Page, left: int, right: int) -> bool:
    a, b = page.lines[left].box, page.lines[right].box
    return b.left >= a.right and abs(a.middle[1] - b.middle[1]) < 0.4 * max(a.height, b.height)


def _text(page: Page, words: tuple[int, ...], is_table: bool) -> str:
    """The words with one blank, or with a bar where a column gap lies between."""
    gap = " | " if is_table else "   "
    parts = [page.words[words[0]].text]
    for left, right in pairwise(words):
        a, b = page.words[left], page.words[right]
        is_far = (b.box.left - a.box.right) * page.width_pt > 1.5 * (a.box.height * page.height_pt)
        parts += [gap if is_far else " ", b.text]
    return "".join(parts)
