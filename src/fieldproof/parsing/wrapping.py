"""Words before they have a place: runs of text into tokens, tokens into lines of a given width."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from fieldproof.parsing.typeface import MONO_EM, SPACE_EM, Face, ruler


@dataclass(slots=True)
class Run:
    """Text of one weight. A line feed breaks the line."""

    text: str
    is_bold: bool = False


@dataclass(slots=True)
class Token:
    """A word before it has a place. Widths are in ems."""

    text: str
    width_em: float
    is_bold: bool
    is_glued: bool


Placed = tuple[float, Token]  # its left edge from the line's start, in ems


UNSPACED = re.compile(
    r"[\u2e80-\u2fff\u3005-\u30ff\u3100-\u312f\u3190-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_PIECES = re.compile(f"{UNSPACED.pattern}|(?:(?!{UNSPACED.pattern}).)+")
_FIRST_STRONG = re.compile(r"[^\W\d_]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def token_lines(runs: list[Run]) -> list[list[Token]]:
    """The words of every forced line. A word takes the weight of its first letter."""
    if len(runs) == 1:
        run = runs[0]
        if "\n" not in run.text:
            return [_tokens(run.text, run.is_bold)]
        return [_tokens(line, run.is_bold) for line in run.text.split("\n")]
    text = "".join(run.text for run in runs)
    weights = {run.is_bold for run in runs if run.text.strip()}
    if len(weights) <= 1:
        is_bold = weights.pop() if weights else False
        return [_tokens(line, is_bold) for line in text.split("\n")]
    return _mixed_lines(text, runs)


def _mixed_lines(text: str, runs: list[Run]) -> list[list[Token]]:
    starts = [0, *accumulate(len(run.text) for run in runs)]
    lines: list[list[Token]] = []
    position = 0
    for line in text.split("\n"):
        tokens: list[Token] = []
        for match in re.finditer(r"\S+", line):
            run = runs[bisect_right(starts, position + match.start()) - 1]
            tokens.extend(_tokens(match.group(), run.is_bold))
        lines.append(tokens)
        position += len(line) + 1
    return lines


def _tokens(text: str, is_bold: bool) -> list[Token]:
    measure = ruler(Face.BOLD if is_bold else Face.REGULAR).width_em
    if text.isascii() or not UNSPACED.search(text):
        return [Token(word, measure(word), is_bold, False) for word in text.split()]
    return [
        Token(piece, measure(piece), is_bold, number > 0)
        for word in text.split()
        for number, piece in enumerate(_PIECES.findall(word))
    ]


def wrapped(tokens: list[Token], width_em: float) -> list[list[Placed]]:
    """The tokens broken into lines no wider than ``width_em``; a longer word is cut."""
    lines: list[list[Placed]] = []
    line: list[Placed] = []
    x = 0.0
    for token in tokens:
        start = x if token.is_glued or not line else x + SPACE_EM
        if start + token.width_em > width_em + 1e-6:
            if line:
                lines.append(line)
                line, start = [], 0.0
            if token.width_em > width_em + 1e-6:
                *full, token = _cut(token, width_em)
                lines.extend([(0.0, piece)] for piece in full)
        line.append((start, token))
        x = start + token.width_em
    if line:
        lines.append(line)
    return lines


def _cut(token: Token, width_em: float) -> list[Token]:
    """A word that is wider than its line, in pieces that fit (at least a character each)."""
    measure = ruler(Face.BOLD if token.is_bold else Face.REGULAR).character_em
    pieces: list[Token] = []
    start, width = 0, 0.0
    for position, character in enumerate(token.text):
        advance = measure(character)
        if width + advance > width_em and position > start:
            pieces.append(Token(token.text[start:position], width, token.is_bold, token.is_glued))
            start, width = position, 0.0
        width += advance
    pieces.append(Token(token.text[start:], width, token.is_bold, token.is_glued))
    return pieces


def preformatted(text: str, size_columns: int) -> list[list[Placed]]:
    """Lines with every word at its column; a line that is too long goes on in the next."""
    lines: list[list[Placed]] = []
    for line in text.split("\n"):
        expanded = line.expandtabs(8)
        for start in range(0, max(1, len(expanded)), size_columns):
            part = expanded[start : start + size_columns]
            lines.append([(match.start() * MONO_EM, _mono_token(match.group())) for match in re.finditer(r"\S+", part)])
    return lines


def _mono_token(text: str) -> Token:
    return Token(text, len(text) * MONO_EM, False, False)


def is_right_to_left(text: str) -> bool:
    if text.isascii():
        return False
    letter = _FIRST_STRONG.search(text)
    return letter is not None and _RIGHT_TO_LEFT.match(letter.group()) is not None
