"""How far an answer agrees with what people say is right: leaf by leaf, rows of lists matched first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from fieldproof.extraction.truth import same_value


class Verdict(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"  # there is a value and none was given
    INVENTED = "invented"  # there is none and one was given


@dataclass(frozen=True, slots=True)
class Leaf:
    """``field``: dotted, rows of a list under ``[]``; ``path``: the dotted path of the given value."""

    field: str
    path: str
    expected: Any
    given: Any
    verdict: Verdict


@dataclass(slots=True)
class Score:
    right: int = 0
    wrong: int = 0
    missing: int = 0
    invented: int = 0

    def add(self, verdict: Verdict) -> None:
        setattr(self, verdict.value, getattr(self, verdict.value) + 1)

    @property
    def precision(self) -> float:
        return _share(self.right, self.right + self.wrong + self.invented)

    @property
    def recall(self) -> float:
        return _share(self.right, self.right + self.wrong + self.missing)

    @property
    def f1(self) -> float:
        return _share(2 * self.right, 2 * self.right + 2 * self.wrong + self.missing + self.invented)


def compare(expected: Mapping[str, Any], given: Mapping[str, Any]) -> list[Leaf]:
    """Both as ``data`` of a result: group → field → value. Where neither has a value there is nothing to tell."""
    return list(_compared(expected, given, "", ""))


def threshold(outcomes: Iterable[tuple[float, bool]], precision: float) -> tuple[float, float] | None:
    """The lowest confidence from which on ``precision`` of (confidence, is right) are right, and their share of all."""
    ranked = sorted(outcomes, key=lambda one: -one[0])
    right, best = 0, None
    for count, (confidence, is_right) in enumerate(ranked, 1):
        right += is_right
        is_last_of_equals = count == len(ranked) or ranked[count][0] < confidence
        if is_last_of_equals and right >= precision * count:
            best = (confidence, count / len(ranked))
    return best


def _compared(expected: Any, given: Any, field: str, path: str) -> Iterator[Leaf]:
    if isinstance(expected, Mapping) or isinstance(given, Mapping):
        wanted, had = _mapping(expected), _mapping(given)
        for name in dict.fromkeys((*wanted, *had)):
            yield from _compared(wanted.get(name), had.get(name), _joined(field, name), _joined(path, name))
    elif isinstance(expected, list) or isinstance(given, list):
        rows, found = _list(expected), _list(given)
        for row, index in _paired(rows, found):
            there = found[index] if index is not None else None
            yield from _compared(row, there, f"{field}[]", _joined(path, str(index)))
    elif (verdict := _verdict(expected, given)) is not None:
        yield Leaf(field, path, expected, given, verdict)


def _verdict(expected: Any, given: Any) -> Verdict | None:
    if expected is None:
        return None if given is None else Verdict.INVENTED
    if given is None:
        return Verdict.MISSING
    return Verdict.RIGHT if same_value(given, expected) else Verdict.WRONG


def _paired(rows: list[Any], found: list[Any]) -> Iterator[tuple[Any, int | None]]:
    """Each expected row with the index of the row that was found for it: equal rows first, what is between in order."""
    matcher = SequenceMatcher(None, [_key(r) for r in rows], [_key(r) for r in found], autojunk=False)
    for _, first, last, start, end in matcher.get_opcodes():
        for n in range(max(last - first, end - start)):
            row = rows[first + n] if first + n < last else None
            yield row, start + n if start + n < end else None


def _key(row: Any) -> str:
    return repr(sorted(_mapping(row).items())) if isinstance(row, Mapping) else repr(row)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _joined(before: str, name: str) -> str:
    return f"{before}.{name}" if before else name


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
