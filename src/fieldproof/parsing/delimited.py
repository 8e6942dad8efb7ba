"""Separated values (CSV, TSV): one grid, ragged rows kept as they are."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator

from fieldproof.core.document import FailureCode
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing.cells import column_name, is_header_row, is_number
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.flow import Eye
from fieldproof.parsing.grids import GridColumns, SheetGrid
from fieldproof.parsing.typeset import FlowItem

CANDIDATES = (",", ";", "\t", "|")
SAMPLE_LINES = 100
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_DECLARATION = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def flow(text: str, config: ParseConfig, eye: Eye, *, separator: str | None = None) -> Iterator[FlowItem]:
    """The values as a grid with anchors "B7", as a spreadsheet would name them."""
    if declared := _DECLARATION.match(text):
        separator, text = declared.group(1), text[declared.end() :]
    rows = _rows(text, separator or _separator(text), config)
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    yield _grid(rows, eye)


def _rows(text: str, separator: str, config: ParseConfig) -> list[list[str]]:
    csv.field_size_limit(10_000_000)
    rows: list[list[str]] = []
    count = 0
    try:
        for row in csv.reader(text.replace("\0", "").splitlines(keepends=True), delimiter=separator):
            count += len(row)
            if count > config.max_cells:
                raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"More than {config.max_cells} cells.")
            rows.append(row)
    except csv.Error as error:
        raise ParsingFailed(FailureCode.CORRUPT, f"The separated values cannot be read: {error}.") from error
    return rows


def _grid(rows: list[list[str]], eye: Eye) -> SheetGrid:
    header_rows = int(is_header_row(rows[0] if rows else [], rows[1:50]))
    cells: list[tuple[int, int, str, str | None]] = []
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            anchor = f"{column_name(column)}{row + 1}"
            if value := eye.see(value.strip(), anchor):
                cells.append((row, column, value, anchor))
    numbers, columns, texts, anchors = (list(column) for column in zip(*cells, strict=True)) if cells else ([],) * 4
    is_header = [row < header_rows for row in numbers]
    return SheetGrid(
        len(rows),
        max((len(row) for row in rows), default=0),
        GridColumns(
            numbers,
            columns,
            texts,
            is_header,
            [1] * len(cells),
            [1] * len(cells),
            is_header,
            [row >= header_rows and is_number(value) for row, value in zip(numbers, texts, strict=True)],
            anchors,
        ),
        header_rows,
    )


def _separator(text: str) -> str:
    """The candidate that parts most lines into the same number of fields, at least two."""
    lines = [_QUOTED.sub("", line) for line in text.splitlines()[:SAMPLE_LINES] if line.strip()]

    def score(candidate: str) -> tuple[float, int]:
        counts = Counter(line.count(candidate) for line in lines)
        usual, often = max(counts.items(), key=lambda item: (item[0] > 0, item[1], item[0]), default=(0, 0))
        return (often / len(lines) if usual else 0.0, usual)

    return max(CANDIDATES, key=score)
