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
from fieldproof.parsing.typeset import FlowItem, Grid, GridCell, Run

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


def _grid(rows: list[list[str]], eye: Eye) -> Grid:
    has_header = is_header_row(rows[0] if rows else [], rows[1:50])
    cells: list[GridCell] = []
    for row, values in enumerate(rows):
        is_header = has_header and row == 0
        for column, value in enumerate(values):
            anchor = f"{column_name(column)}{row + 1}"
            value = eye.see(value.strip(), anchor)
            if value:
                cells.append(
                    GridCell(
                        row,
                        column,
                        [Run(value, is_header)],
                        is_header=is_header,
                        is_right=not is_header and is_number(value),
                        anchor=anchor,
                    )
                )
    column_count = max((len(row) for row in rows), default=0)
    return Grid(len(rows), column_count, cells, int(has_header), is_sheet=True)


def _separator(text: str) -> str:
    """The candidate that parts most lines into the same number of fields, at least two."""
    lines = [_QUOTED.sub("", line) for line in text.splitlines()[:SAMPLE_LINES] if line.strip()]

    def score(candidate: str) -> tuple[float, int]:
        counts = Counter(line.count(candidate) for line in lines)
        usual, often = max(counts.items(), key=lambda item: (item[0] > 0, item[1], item[0]), default=(0, 0))
        return (often / len(lines) if usual else 0.0, usual)

    return max(CANDIDATES, key=score)
