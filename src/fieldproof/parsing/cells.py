"""What grids of values share: column names, numbers, and telling a header row."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[^\w\s]{0,3}\s?[-+(]?\s?[^\w\s]?\d[\d\s.,'’]*\)?\s?[%€$£¥]?(?:\s?[A-Z]{3})?$")
_HAS_DIGIT = re.compile(r"\d")


@functools.lru_cache(maxsize=20_000)
def column_name(column: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_number(name: str) -> int:
    """A is 0, AA is 26."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number - 1


def is_number(text: str) -> bool:
    """Whether a value is a number, an amount or a percentage as people write them."""
    return len(text) < 40 and _NUMBER.match(text) is not None


def is_header_row(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names its columns: words everywhere, where some column below holds other things."""
    names = [value.strip() for value in first]
    if len(names) < 2 or not rest or not all(names):
        return False
    if any(_HAS_DIGIT.match(name) or is_number(name) for name in names) or len(set(names)) < len(names):
        return False
    return any(_column_differs(column, rest) for column in range(len(names))) or _rows_differ(names, rest)


def _column_differs(column: int, rest: Sequence[Sequence[str]]) -> bool:
    values = [row[column].strip() for row in rest if column < len(row) and row[column].strip()]
    return bool(values) and sum(bool(_HAS_DIGIT.search(value)) for value in values) > 0.6 * len(values)


def _rows_differ(names: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """All words: a header is short, and its names come back nowhere below."""
    below = {value.strip() for row in rest for value in row}
    return len(rest) >= 2 and all(len(name) <= 40 for name in names) and not below & set(names)
