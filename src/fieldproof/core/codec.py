"""Documents, chunks and extractions as bytes: what crosses process borders and lies in the store.

A document is written as columns (all left edges, then all tops, …) of whole numbers, plus a JSON part for
what is irregular, compressed with zstandard: about a third of the size of JSON objects and far
quicker to read. Equal documents give equal bytes. Reading never trusts its input: anything unexpected
raises Malformed, and no size is believed before it is checked.

Coordinates are kept to five decimals, confidences to four, font sizes to two: as parsers give them.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import orjson
import zstandard

from fieldproof.core.columns import build
from fieldproof.core.document import (
    Attachment,
    Block,
    BlockKind,
    Cell,
    Chunk,
    ChunkBlock,
    HiddenText,
    Line,
    Page,
    PageSource,
    ParsedDocument,
    Table,
    Word,
    WordSource,
)
from fieldproof.core.errors import Malformed
from fieldproof.core.geometry import Box
from fieldproof.core.result import Citation, Extraction, FieldValue, Ledger, LedgerRow, Match, Rival, Usage
from fieldproof.core.words import WordColumns, Words

MAGIC = b"FPD1"
MAX_DOCUMENT_BYTES = 2_000_000_000

_COORDINATE = 100_000
_CONFIDENCE = 10_000
_FONT_SIZE = 100
_NONE = -1
_SOURCES = tuple(WordSource)
_UNREADABLE = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, struct.error, zstandard.ZstdError,
)  # fmt: skip


def dump(document: ParsedDocument) -> bytes:
    """The document as bytes that ``load`` reads; the same for equal documents."""
    pages = [Words.of(page.words) for page in document.pages]
    words = WordColumns.joined([page.columns for page in pages])
    starts = list(chain.from_iterable(page.starts for page in pages))
    ends = list(chain.from_iterable(page.ends for page in pages))
    lines = [line for page in document.pages for line in page.lines]
    blocks = [block for page in document.pages for block in page.blocks]
    tables = [block.table for block in blocks if block.table is not None]
    cells = [cell for table in tables for cell in table.cells]
    columns = {
        **_dump_words(words, starts, ends),
        **_dump_lines(lines),
        **_dump_cells(cells),
    }
    head = {
        "media_type": document.media_type,
        "languages": document.languages,
        "warnings": document.warnings,
        "properties": document.properties,
        "hidden": [[h.text, h.reason, h.page, _box_numbers(h.box), h.anchor] for h in document.hidden],
        "attachments": [[a.filename, a.media_type, len(a.content)] for a in document.attachments],
        "pages": [_dump_page(page) for page in document.pages],
        "blocks": [_dump_block(block, document.text) for block in blocks],
        "word_texts": _odd_texts(
            [(text, document.text[a:b]) for text, a, b in zip(words.texts, starts, ends, strict=True)]
        ),
        "word_anchors": _runs(words.anchors),
        "line_words": _odd_ranges([line.words for line in lines]),
        "cell_words": _odd_ranges([cell.words for cell in cells]),
        "cell_texts": _odd_texts(_cell_texts(document, pages)),
        "cell_anchors": _runs([cell.anchor for cell in cells]),
        "columns": [[name, len(values)] for name, values in columns.items()],
    }
    parts = [orjson.dumps(head), document.text.encode("utf-8", "surrogatepass")]
    parts += [_planes(values) for values in columns.values()]
    parts += [attachment.content for attachment in document.attachments]
    body = b"".join([struct.pack("<II", len(parts[0]), len(parts[1])), *parts])
    return MAGIC + zstandard.ZstdCompressor(level=3, write_content_size=True).compress(body)


def load(data: bytes) -> ParsedDocument:
    """The document that ``dump`` wrote. Raises Malformed for anything else."""
    try:
        return _load(data)
    except _UNREADABLE as error:
        raise Malformed("These bytes are not a parsed document.") from error


def load_page(data: bytes, number: int) -> Page | None:
    """One page, if there is one of that number: words and lines without blocks. Raises Malformed.

    Takes a fiftieth of the time of the whole of a long document.
    """
    try:
        head, columns, text, _ = _unpacked(data)
        return _load_page(head, columns, text, number) if 1 <= number <= len(head["pages"]) else None
    except _UNREADABLE as error:
        raise Malformed("These bytes are not a parsed document.") from error


def chunks_to_json(chunks: Sequence[Chunk]) -> bytes:
    return orjson.dumps(list(chunks))


def chunks_from_json(data: bytes) -> tuple[Chunk, ...]:
    """Raises Malformed."""
    try:
        rows = orjson.loads(data)
        return tuple(Chunk(**row | {"blocks": tuple(ChunkBlock(**block) for block in row["blocks"])}) for row in rows)
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed("These bytes are not chunks.") from error


def extraction_to_json(extraction: Extraction) -> bytes:
    return orjson.dumps(extraction)


def extraction_from_json(data: bytes) -> Extraction:
    """Raises Malformed."""
    try:
        row = orjson.loads(data)
        return Extraction(
            data=row["data"],
            values=tuple(_field_value(value) for value in row["values"]),
            title=row["title"],
            engine=row["engine"],
            ledgers=tuple(_ledger(ledger) for ledger in row["ledgers"]),
            usage=Usage(**row["usage"]),
            warnings=tuple(row["warnings"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed("These bytes are not an extraction.") from error


# --- writing a document -------------------------------------------------------------------------


def _dump_words(words: WordColumns, starts: list[int], ends: list[int]) -> dict[str, np.ndarray]:
    first, behind = np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64)
    numbers = {source: number for number, source in enumerate(_SOURCES)}
    return {
        "word_start": np.diff(first, prepend=0).astype(np.int32),
        "word_length": (behind - first).astype(np.int32),
        **_dump_sides("word", words.sides),
        "word_confidence": _scaled(words.confidences, _CONFIDENCE),
        "word_font_size": _scaled(words.font_sizes, _FONT_SIZE),
        "word_source": _ints(list(map(numbers.__getitem__, words.sources))),
        "word_bold": np.array(words.is_bold, dtype=np.int32),
    }


def _dump_lines(lines: list[Line]) -> dict[str, np.ndarray]:
    return {**_dump_boxes("line", [line.box for line in lines]), **_dump_ranges("line", [x.words for x in lines])}


def _dump_cells(cells: list[Cell]) -> dict[str, np.ndarray]:
    return {
        "cell_row": _ints([cell.row for cell in cells]),
        "cell_column": _ints([cell.column for cell in cells]),
        "cell_page": _ints([cell.page for cell in cells]),
        "cell_row_span": _ints([cell.row_span for cell in cells]),
        "cell_column_span": _ints([cell.column_span for cell in cells]),
        "cell_header": _ints([int(cell.is_header) for cell in cells]),
        **_dump_boxes("cell", [cell.box for cell in cells]),
        **_dump_ranges("cell", [cell.words for cell in cells]),
    }


def _dump_page(page: Page) -> list[Any]:
    return [
        page.number,
        page.width_pt,
        page.height_pt,
        len(page.words),
        len(page.lines),
        len(page.blocks),
        page.source,
        page.rotation,
        page.grade,
        page.anchor,
    ]


def _dump_block(block: Block, text: str) -> list[Any]:
    table = block.table
    return [
        block.kind,
        None if block.text == text[block.start : block.end] else block.text,
        block.start,
        block.end,
        _box_numbers(block.box),
        _range_of(block.lines) or list(block.lines),
        block.level,
        block.key,
        block.value,
        block.anchor,
        table
        and [table.row_count, table.column_count, len(table.cells), table.header_rows, int(table.is_continuation)],
    ]


def _dump_boxes(name: str, boxes: Sequence[Box | None]) -> dict[str, np.ndarray]:
    """Left and top as they are, width and height after them; a missing box has left -1."""
    rows = [(b.left, b.top, b.right, b.bottom) if b is not None else (_NONE / _COORDINATE, 0, 0, 0) for b in boxes]
    return _dump_sides(name, np.array(rows, dtype=np.float64).reshape(-1, 4))


def _dump_sides(name: str, sides: np.ndarray) -> dict[str, np.ndarray]:
    numbers = np.rint(sides * _COORDINATE).astype(np.int32)
    numbers[:, 2:] -= numbers[:, :2]
    return {f"{name}_{side}": numbers[:, i] for i, side in enumerate(("left", "top", "width", "height"))}


def _dump_ranges(name: str, ranges: Sequence[tuple[int, ...]]) -> dict[str, np.ndarray]:
    return {
        f"{name}_first": _ints([indexes[0] if indexes else 0 for indexes in ranges]),
        f"{name}_count": _ints([len(indexes) for indexes in ranges]),
    }


def _ints(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.int32)


def _scaled(values: Sequence[float | None], factor: int) -> np.ndarray:
    numbers = np.array(values, dtype=np.float64)  # None: not a number
    return np.where(np.isnan(numbers), _NONE, np.rint(numbers * factor)).astype(np.int32)


def _planes(values: np.ndarray) -> bytes:
    """All lowest bytes, then all second bytes, …: compresses far better than number after number."""
    return np.ascontiguousarray(values, dtype="<i4").view(np.uint8).reshape(-1, 4).T.tobytes()


def _box_numbers(box: Box | None) -> list[int] | None:
    return box and [round(v * _COORDINATE) for v in (box.left, box.top, box.right, box.bottom)]


def _range_of(indexes: tuple[int, ...]) -> list[int] | None:
    """[first, count] spelt as a negative count, so that it cannot be taken for a list of indexes."""
    if not indexes or indexes != tuple(range(indexes[0], indexes[0] + len(indexes))):
        return None
    return [indexes[0], -len(indexes)]


def _odd_ranges(ranges: Sequence[tuple[int, ...]]) -> list[list[Any]]:
    return [[i, list(indexes)] for i, indexes in enumerate(ranges) if indexes and _range_of(indexes) is None]


def _odd_texts(pairs: Sequence[tuple[str, str]]) -> list[list[Any]]:
    """The texts that are not what their span in the document's text says."""
    return [[i, text] for i, (text, derived) in enumerate(pairs) if text != derived]


def _cell_texts(document: ParsedDocument, words_of_pages: list[Words]) -> list[tuple[str, str]]:
    return [
        (cell.text, document.text[words.starts[cell.words[0]] : words.ends[cell.words[-1]]] if cell.words else "")
        for page, words in zip(document.pages, words_of_pages, strict=True)
        for block in page.blocks
        if block.table is not None
        for cell in block.table.cells
    ]


def _cell_text(text: str, words: Sequence[Word], indexes: tuple[int, ...]) -> str:
    return text[words[indexes[0]].start : words[indexes[-1]].end] if indexes else ""


def _runs(values: list[str | None]) -> list[list[Any]]:
    """[value, how often in a row]; nothing when there are no values at all."""
    runs: list[list[Any]] = []
    for value in values:
        if runs and runs[-1][0] == value:
            runs[-1][1] += 1
        else:
            runs.append([value, 1])
    return [] if len(runs) == 1 and runs[0][0] is None else runs


# --- reading a document -------------------------------------------------------------------------


def _load(data: bytes) -> ParsedDocument:
    head, columns, text, attachments = _unpacked(data)
    return ParsedDocument(
        media_type=head["media_type"],
        text=text,
        pages=_load_pages(head, columns, text),
        languages=tuple(head["languages"]),
        hidden=tuple(HiddenText(t, reason, page, _box(box), anchor) for t, reason, page, box, anchor in head["hidden"]),
        attachments=tuple(attachments),
        warnings=tuple(head["warnings"]),
        properties=head["properties"],
    )


def _unpacked(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray], str, list[Attachment]]:
    body = _decompressed(data)
    head_size, text_size = struct.unpack_from("<II", body)
    position = 8 + head_size
    head = orjson.loads(body[8:position])
    text = body[position : position + text_size].decode("utf-8", "surrogatepass")
    position += text_size
    columns: dict[str, np.ndarray] = {}
    for name, count in head["columns"]:
        columns[name] = _unplaned(body[position : position + 4 * count], count)
        position += 4 * count
    attachments = []
    for filename, media_type, size in head["attachments"]:
        attachments.append(Attachment(filename, media_type, body[position : position + size]))
        position += size
    if position != len(body):
        raise ValueError("left over or missing bytes")
    return head, columns, text, attachments


def _decompressed(data: bytes) -> bytes:
    if not data.startswith(MAGIC):
        raise ValueError("unknown format")
    size = zstandard.frame_content_size(data[len(MAGIC) :])
    if not 0 <= size <= MAX_DOCUMENT_BYTES:
        raise ValueError("unbelievable size")
    return zstandard.ZstdDecompressor().decompress(data[len(MAGIC) :])


def _unplaned(data: bytes, count: int) -> np.ndarray:
    return np.frombuffer(data, dtype=np.uint8).reshape(4, count).T.copy().view("<i4").reshape(-1)


def _load_pages(head: dict[str, Any], columns: dict[str, np.ndarray], text: str) -> tuple[Page, ...]:
    words = _load_words(head, columns, text)
    line_words = _load_ranges("line", columns, head["line_words"], limit=len(words))
    lines = [Line(box, indexes) for box, indexes in zip(_load_boxes("line", columns), line_words, strict=True)]
    cells = _CellReader(head, columns, text)
    pages, word_at, line_at, block_at = [], 0, 0, 0
    for number, width, height, word_count, line_count, block_count, source, rotation, grade, anchor in head["pages"]:
        page_words = tuple(words[word_at : word_at + word_count])
        rows = head["blocks"][block_at : block_at + block_count]
        pages.append(
            Page(
                number=number,
                width_pt=width,
                height_pt=height,
                words=page_words,
                lines=tuple(lines[line_at : line_at + line_count]),
                blocks=tuple(_load_block(row, text, cells, page_words, line_count) for row in rows),
                source=PageSource(source),
                rotation=rotation,
                grade=grade,
                anchor=anchor,
            )
        )
        word_at, line_at, block_at = word_at + word_count, line_at + line_count, block_at + block_count
    return tuple(pages)


def _load_page(head: dict[str, Any], columns: dict[str, np.ndarray], text: str, number: int) -> Page:
    """The columns cut down to the page's own words and lines, and read as those of a document that has no other."""
    rows = head["pages"]
    _, width, height, word_count, line_count, _, source, rotation, grade, anchor = rows[number - 1]
    word_at, line_at = sum(row[3] for row in rows[: number - 1]), sum(row[4] for row in rows[: number - 1])
    starts = np.cumsum(columns["word_start"].astype(np.int64))
    own = {"word": slice(word_at, word_at + word_count), "line": slice(line_at, line_at + line_count)}
    cut = {name: values[own[kind]] for name, values in columns.items() if (kind := name.split("_")[0]) in own}
    cut["word_start"] = np.diff(starts[own["word"]], prepend=0)
    odd = {
        "word_texts": [[i - word_at, t] for i, t in head["word_texts"] if 0 <= i - word_at < word_count],
        "word_anchors": _runs(_unrun(head["word_anchors"], len(starts))[own["word"]]),
        "line_words": [[i - line_at, w] for i, w in head["line_words"] if 0 <= i - line_at < line_count],
    }
    words = _load_words(odd, cut, text)
    line_words = _load_ranges("line", cut, odd["line_words"], limit=len(words))
    lines = [Line(box, indexes) for box, indexes in zip(_load_boxes("line", cut), line_words, strict=True)]
    return Page(
        number=number, width_pt=width, height_pt=height, words=tuple(words), lines=tuple(lines), blocks=(),
        source=PageSource(source), rotation=rotation, grade=grade, anchor=anchor,
    )  # fmt: skip


def _load_words(head: dict[str, Any], columns: dict[str, np.ndarray], text: str) -> list[Word]:
    starts = np.cumsum(columns["word_start"].astype(np.int64)).tolist()
    count = len(starts)
    lengths = columns["word_length"].tolist()
    ends = [start + length for start, length in zip(starts, lengths, strict=True)]
    texts = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    for index, odd_text in head["word_texts"]:
        texts[index] = str(odd_text)
    sources = [_SOURCES[source] for source in columns["word_source"].tolist()]
    sizes, confidences = columns["word_font_size"].tolist(), columns["word_confidence"].tolist()
    made = build(
        Word,
        count,
        text=texts,
        box=_load_boxes("word", columns),
        start=starts,
        end=ends,
        confidence=[None if value < 0 else value / _CONFIDENCE for value in confidences],
        source=sources,
        font_size=[None if value < 0 else value / _FONT_SIZE for value in sizes],
        is_bold=columns["word_bold"].astype(bool).tolist(),
        anchor=_unrun(head["word_anchors"], count),
    )
    if not all(len(column) == count for column in (sources, sizes, confidences)):
        raise ValueError("columns of different lengths")
    return made


class _CellReader:
    """Hands out the cells of one table after the other, in the order they were written."""

    def __init__(self, head: dict[str, Any], columns: dict[str, np.ndarray], text: str) -> None:
        self._text = text
        self._position = 0
        self._odd = {index: str(text) for index, text in head["cell_texts"]}
        self._boxes = _load_boxes("cell", columns)
        self._words = _load_ranges("cell", columns, head["cell_words"], limit=len(columns["word_start"]))
        self._anchors = _unrun(head["cell_anchors"], len(self._boxes))
        names = ("row", "column", "page", "row_span", "column_span", "header")
        self._numbers = list(zip(*(columns[f"cell_{name}"].tolist() for name in names), strict=True))

    def take(self, count: int, words: tuple[Word, ...]) -> tuple[Cell, ...]:
        first, self._position = self._position, self._position + count
        return tuple(self._cell(index, words) for index in range(first, self._position))

    def _cell(self, index: int, words: tuple[Word, ...]) -> Cell:
        row, column, page, row_span, column_span, is_header = self._numbers[index]
        indexes = self._words[index]
        text = self._odd.get(index)
        return Cell(
            row=row,
            column=column,
            text=_cell_text(self._text, words, indexes) if text is None else text,
            page=page,
            box=self._boxes[index],
            words=indexes,
            row_span=row_span,
            column_span=column_span,
            is_header=bool(is_header),
            anchor=self._anchors[index],
        )


def _load_block(row: list[Any], text: str, cells: _CellReader, words: tuple[Word, ...], line_count: int) -> Block:
    kind, odd_text, start, end, box, lines, level, key, value, anchor, table = row
    return Block(
        kind=BlockKind(kind),
        text=text[start:end] if odd_text is None else odd_text,
        start=start,
        end=end,
        box=_box(box),
        lines=_indexes(lines, line_count),
        level=level,
        table=table
        and Table(
            row_count=table[0],
            column_count=table[1],
            cells=cells.take(table[2], words),
            header_rows=table[3],
            is_continuation=bool(table[4]),
        ),
        key=_text_or_none(key),
        value=_text_or_none(value),
        anchor=_text_or_none(anchor),
    )


def _load_boxes(name: str, columns: dict[str, np.ndarray]) -> list[Any]:
    left, top, width, height = (columns[f"{name}_{side}"] for side in ("left", "top", "width", "height"))
    right, bottom = left + width, top + height
    sides = [(side / _COORDINATE).tolist() for side in (left, top, right, bottom)]
    boxes: list[Any] = build(Box, len(left), left=sides[0], top=sides[1], right=sides[2], bottom=sides[3])
    for index in np.flatnonzero(left == _NONE).tolist():
        boxes[index] = None
    return boxes


def _load_ranges(name: str, columns: dict[str, np.ndarray], odd: list[list[Any]], limit: int) -> list[tuple[int, ...]]:
    """Nothing points beyond ``limit``, and all ranges together hold no more indexes than that."""
    firsts, counts = columns[f"{name}_first"].astype(np.int64), columns[f"{name}_count"].astype(np.int64)
    if len(counts) and (
        counts.min() < 0 or firsts.min() < 0 or counts.sum() > limit or (firsts + counts).max() > limit
    ):
        raise ValueError("indexes out of range")
    ranges = [tuple(range(first, first + count)) for first, count in zip(firsts.tolist(), counts.tolist(), strict=True)]
    for index, indexes in odd:
        ranges[index] = _checked(indexes, limit)
    return ranges


def _indexes(numbers: list[int], limit: int) -> tuple[int, ...]:
    if len(numbers) == 2 and numbers[1] < 0:
        if not 0 <= numbers[0] <= numbers[0] - numbers[1] <= limit:
            raise ValueError("indexes out of range")
        return tuple(range(numbers[0], numbers[0] - numbers[1]))
    return _checked(numbers, limit)


def _checked(indexes: list[int], limit: int) -> tuple[int, ...]:
    if not all(type(index) is int and 0 <= index < limit for index in indexes):
        raise ValueError("indexes out of range")
    return tuple(indexes)


def _unrun(runs: list[list[Any]], count: int) -> list[str | None]:
    if not runs:
        return [None] * count
    if any(length < 0 for _, length in runs) or sum(length for _, length in runs) != count:
        raise ValueError("wrong number of anchors")
    return [_text_or_none(value) for value, length in runs for _ in range(length)]


def _text_or_none(value: Any) -> str | None:
    if value is not None and type(value) is not str:
        raise TypeError("text expected")
    return value


def _box(numbers: list[int] | None) -> Box | None:
    if numbers is None:
        return None
    left, top, right, bottom = (number / _COORDINATE for number in numbers)
    return Box(left, top, right, bottom)


# --- extractions --------------------------------------------------------------------------------


def _field_value(row: dict[str, Any]) -> FieldValue:
    return FieldValue(
        **row
        | {
            "path": tuple(row["path"]),
            "citations": tuple(_citation(citation) for citation in row["citations"]),
            "rivals": tuple(
                Rival(**rival | {"citations": tuple(_citation(c) for c in rival["citations"])})
                for rival in row["rivals"]
            ),
        }
    )


def _citation(row: dict[str, Any]) -> Citation:
    return Citation(**row | {"box": Box(**row["box"]), "match": Match(row["match"])})


def _ledger(row: dict[str, Any]) -> Ledger:
    return Ledger(
        path=tuple(row["path"]),
        rows=tuple(
            LedgerRow(**item | {"box": Box(**item["box"]) if item["box"] is not None else None}) for item in row["rows"]
        ),
        checks=tuple(row["checks"]),
        is_complete=row["is_complete"],
    )
