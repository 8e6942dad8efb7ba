"""The language in which values are asked for.

    query      = all { "or" all }
    all        = one { "and" one }
    one        = "not" one | "(" query ")" | field operator literal
    operator   = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" (contains) | "!~"
    literal    = number | date (2026-01-31) | word | "quoted text", in which \\" is a quotation mark
    field      = the end of a field's path: total, invoice.total, lines.amount

Texts are compared without case and accents. Numbers are compared with numbers, dates with dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from fieldproof.core.errors import Invalid
from fieldproof.search.text import fold

MAX_LENGTH = 2_000
MAX_PARTS = 30
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<operator>!=|<=|>=|!~|[=<>~])
      | (?P<bracket>[()])
      | (?P<word>[^\s"=<>~!()]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Compare:
    """``literal`` is a number, or a folded text (dates as they are written). ``spelling`` is the literal as a text."""

    field: str
    operator: str  # = < <= > >= ~
    literal: float | str
    spelling: str


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    inner: Expression


Expression: TypeAlias = And | Or | Not | Compare


def parse_value_query(text: str) -> Expression:
    """Raises: Invalid, saying where the text stops making sense."""
    if len(text) > MAX_LENGTH:
        raise _problem(f"The query may have at most {MAX_LENGTH} characters.")
    return _Reader(text).read()


def comparisons(expression: Expression) -> list[Compare]:
    """Those that can make the expression true."""
    match expression:
        case Compare():
            return [expression]
        case And(parts) | Or(parts):
            return [found for part in parts for found in comparisons(part)]
        case Not(Compare()):
            return []
        case Not(inner):
            return comparisons(inner)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


class _Reader:
    """Reads one token after the other, from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._end = len(text)
        self._next = 0
        self._parts = 0

    def read(self) -> Expression:
        found = self._any()
        if self._peek() is not None:
            raise self._expected("'and', 'or' or the end")
        return found

    def _any(self) -> Expression:
        parts = [self._all()]
        while self._takes("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Expression:
        parts = [self._one()]
        while self._takes("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Expression:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise _problem(f"The query may have at most {MAX_PARTS} parts.")
        if self._takes("not"):
            return Not(self._one())
        if self._takes("("):
            inner = self._any()
            if not self._takes(")"):
                raise self._expected("')'")
            return inner
        return self._comparison()

    def _comparison(self) -> Expression:
        field = self._take("word", "a field's name")
        operator = self._take("operator", "one of = != < <= > >= ~ !~")
        token = self._peek()
        if token is None or token.kind not in ("word", "quoted"):
            raise self._expected("a number, a date or a text")
        self._next += 1
        compare = self._compare(field.text.lower(), operator, token)
        return Not(compare) if operator.text.startswith("!") else compare

    def _compare(self, field: str, operator: _Token, token: _Token) -> Compare:
        sign = operator.text.lstrip("!")
        spelling = fold(_unquoted(token))
        is_bare = token.kind == "word"
        if is_bare and sign != "~" and _NUMBER.fullmatch(token.text):
            return Compare(field, sign, float(token.text), spelling)
        if sign not in ("=", "~") and not _DATE.fullmatch(spelling):
            raise _problem(
                f"At character {token.at + 1}: {operator.text} compares numbers and dates (2026-01-31) only."
            )
        if not spelling:
            raise _problem(f"At character {token.at + 1}: the text is empty.")
        return Compare(field, sign, spelling, spelling)

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _takes(self, text: str) -> bool:
        token = self._peek()
        is_it = token is not None and token.kind in ("word", "bracket") and token.text.lower() == text
        self._next += is_it
        return is_it

    def _take(self, kind: str, what: str) -> _Token:
        token = self._peek()
        if token is None or token.kind != kind:
            raise self._expected(what)
        self._next += 1
        return token

    def _expected(self, what: str) -> Invalid:
        token = self._peek()
        place = f"At character {token.at + 1}" if token is not None else "At the end"
        return _problem(f"{place}: expected {what}.")


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _problem(f"At character {at + 1}: this cannot be read. Put texts in quotation marks.")
        yield _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
        at = match.end()


def _unquoted(token: _Token) -> str:
    return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL) if token.kind == "quoted" else token.text


def _problem(text: str) -> Invalid:
    return Invalid({"q": [text]})
