"""Where things stand in a JSON text: the line of each path, for errors that point."""

from __future__ import annotations

import json
from dataclasses import dataclass
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

_SPACE = " \t\n\r"
_MAX_DEPTH = 100


@dataclass(frozen=True)
class Parsed:
    """The value, and for each dotted path the line (from 1) where its key stands."""

    value: Any
    lines: dict[str, int]

    def line_of(self, path: str) -> int:
        """The line of the path, or of the nearest thing around it that is there."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 1)


def parse(text: str) -> Parsed:
    """Raises: JSONDecodeError, with line and column."""
    scanner = _Scanner(text)
    value, end = scanner.value(scanner.skip(0), "", 0)
    if scanner.skip(end) != len(text):
        raise JSONDecodeError("Something stands after the end", text, scanner.skip(end))
    return Parsed(value, scanner.lines)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: dict[str, int] = {"": 1}
        self._decoder = json.JSONDecoder()

    def value(self, at: int, path: str, depth: int) -> tuple[Any, int]:
        if depth > _MAX_DEPTH:
            raise JSONDecodeError("Nested too deeply", self.text, at)
        head = self.text[at : at + 1]
        if head == "{":
            return self.object(at + 1, path, depth)
        if head == "[":
            return self.array(at + 1, path, depth)
        return self._decoder.raw_decode(self.text, at)

    def object(self, at: int, path: str, depth: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        at = self.skip(at)
        if self.text[at : at + 1] == "}":
            return found, at + 1
        while True:
            if self.text[at : at + 1] != '"':
                raise JSONDecodeError("A name in double quotes should stand here", self.text, at)
            start = at
            name, at = scanstring(self.text, at + 1, True)
            if name in found:
                raise JSONDecodeError(f"{name!r} stands here for the second time", self.text, start)
            inner = f"{path}.{name}" if path else name
            self.lines[inner] = self.text.count("\n", 0, start) + 1
            at = self.skip(at)
            if self.text[at : at + 1] != ":":
                raise JSONDecodeError("A colon should stand here", self.text, at)
            found[name], at = self.value(self.skip(at + 1), inner, depth + 1)
            at = self.skip(at)
            if self.text[at : at + 1] == "}":
                return found, at + 1
            at = self.comma(at)

    def array(self, at: int, path: str, depth: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        at = self.skip(at)
        if self.text[at : at + 1] == "]":
            return found, at + 1
        while True:
            value, at = self.value(at, f"{path}.{len(found)}", depth + 1)
            found.append(value)
            at = self.skip(at)
            if self.text[at : at + 1] == "]":
                return found, at + 1
            at = self.comma(at)

    def comma(self, at: int) -> int:
        if self.text[at : at + 1] != ",":
            raise JSONDecodeError("A comma is missing here", self.text, at)
        return self.skip(at + 1)

    def skip(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in _SPACE:
            at += 1
        return at
