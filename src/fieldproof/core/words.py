"""The words of a page as columns, made objects only when someone asks for one.

A page has hundreds of words, and most steps want all their texts or all their boxes at once: numbers and lists move
at a tenth of the cost of objects. ``Words`` is to its readers what a tuple of ``Word`` is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, cast, overload

import numpy as np

from fieldproof.core.columns import build
from fieldproof.core.document import Word, WordSource
from fieldproof.core.geometry import Box

_EDGES = attrgetter("left", "top", "right", "bottom")


@dataclass(slots=True, eq=False)
class WordColumns:
    """One entry of each column per word."""

    texts: list[str]
    sides: np.ndarray  # rows of left, top, right, bottom: shares of the page
    confidences: list[float | None]
    sources: list[WordSource]
    font_sizes: list[float | None]
    is_bold: list[bool]
    anchors: list[str | None]

    def take(self, indexes: list[int]) -> WordColumns:
        if indexes == list(range(len(self.texts))):
            return self
        lists = {name: picked(getattr(self, name), indexes) for name in _LISTS}
        return WordColumns(sides=self.sides[indexes], **lists)

    @staticmethod
    def joined(parts: Sequence[WordColumns]) -> WordColumns:
        if len(parts) == 1:
            return parts[0]
        lists = {name: list(chain.from_iterable(getattr(part, name) for part in parts)) for name in _LISTS}
        return WordColumns(sides=np.concatenate([np.zeros((0, 4)), *(part.sides for part in parts)]), **lists)


_LISTS: tuple[str, ...] = tuple(field.name for field in fields(WordColumns) if field.name != "sides")


class Words(Sequence[Word]):
    """The words of a page. Equal to any sequence of equal words."""

    __slots__ = ("_made", "columns", "ends", "starts")

    def __init__(self, columns: WordColumns, starts: list[int], ends: list[int]) -> None:
        self.columns, self.starts, self.ends = columns, starts, ends
        self._made: tuple[Word, ...] | None = None

    @staticmethod
    def of(words: Sequence[Word]) -> Words:
        if isinstance(words, Words):
            return words
        columns = WordColumns(
            [word.text for word in words],
            sides_of(word.box for word in words),
            [word.confidence for word in words],
            [word.source for word in words],
            [word.font_size for word in words],
            [word.is_bold for word in words],
            [word.anchor for word in words],
        )
        return Words(columns, [word.start for word in words], [word.end for word in words])

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, index: int) -> Word: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Word, ...]: ...
    def __getitem__(self, index: int | slice) -> Word | tuple[Word, ...]:
        return self._all()[index]

    def __iter__(self) -> Iterator[Word]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Words | tuple | list):
            return self._all() == tuple(cast(Iterable[Word], other))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def __reduce__(self) -> tuple[Any, ...]:
        return Words.of, (self._all(),)

    def _all(self) -> tuple[Word, ...]:
        if self._made is None:
            own = self.columns
            self._made = tuple(
                build(
                    Word,
                    len(self.starts),
                    text=own.texts,
                    box=boxes(own.sides),
                    start=self.starts,
                    end=self.ends,
                    confidence=own.confidences,
                    source=own.sources,
                    font_size=own.font_sizes,
                    is_bold=own.is_bold,
                    anchor=own.anchors,
                )
            )
        return self._made


def boxes(sides: np.ndarray) -> list[Box]:
    """``sides``: rows of left, top, right, bottom."""
    left, top, right, bottom = sides.T.tolist()
    return build(Box, len(sides), left=left, top=top, right=right, bottom=bottom)


def sides_of(found: Iterable[Box]) -> np.ndarray:
    """Rows of left, top, right, bottom."""
    return np.fromiter(chain.from_iterable(map(_EDGES, found)), np.float64).reshape(-1, 4)


def picked(values: list[Any], indexes: Sequence[int]) -> list[Any]:
    if len(indexes) < 2:
        return [values[index] for index in indexes]
    return list(itemgetter(*indexes)(values))
