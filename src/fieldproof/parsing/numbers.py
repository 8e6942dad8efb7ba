"""Number formats of spreadsheets: a stored value and a format code give what a person sees.

Month and day names are English. The formats whose look depends on the reader's own settings
(built-in 14 and 22) are written in ISO order, which nobody can misread.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"$"#,##0', 6: '"$"#,##0', 7: '"$"#,##0.00',
    8: '"$"#,##0.00', 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "yyyy-mm-dd",
    15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)", 41: "#,##0", 42: '"$"#,##0', 43: "#,##0.00", 44: '"$"#,##0.00', 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAST_SERIAL = 2_958_466  # the year 10000

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]|'
    r"\[(?P<elapsed>h+|m+|s+)\]|\[(?P<bracket>[^\]]*)\]|(?P<general>General)|(?P<half>AM/PM|A/P)|"
    r"(?P<exponent>E[+-])|(?P<date>y+|m+|d+|h+|s+|e+|b+|g+)|(?P<digit>[0#?])|(?P<text>@)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+)$")
_SECTION = re.compile(r'(?:"[^"]*"?|\\.|\[[^\]]*\]?|[^;"\\\[])*')


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Section:
    tokens: tuple[_Token, ...]
    condition: tuple[str, float] | None = None
    colour: str | None = None

    @property
    def is_date(self) -> bool:
        return any(token.kind in ("date", "elapsed") for token in self.tokens)

    @property
    def has_text(self) -> bool:
        return any(token.kind == "text" for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a cell shows; ``colour`` where the format paints it."""

    text: str
    colour: str | None = None


def shown(value: float, code: str, *, is_1904: bool = False) -> Shown:
    """A number as the format code shows it."""
    sections = _sections(code)
    section, is_negated = _section_for(value, sections)
    if section is None:
        return Shown("#" * 8)
    if not section.tokens:
        return Shown("", section.colour)
    if any(token.kind == "general" for token in section.tokens):
        text = _with_general(section, abs(value) if is_negated else value)
    elif section.is_date:
        text = _date(value, section, is_1904=is_1904)
    else:
        text = _number(abs(value) if is_negated or value < 0 else value, section)
        if value < 0 and not is_negated and any(letter in "123456789" for letter in text):
            text = f"-{text}"
    return Shown(" ".join(text.split()), section.colour)


def shown_text(text: str, code: str) -> Shown:
    """A text as the format code shows it: only a fourth section, or one with "@", has a say."""
    sections = _sections(code)
    section = sections[3] if len(sections) >= 4 else sections[-1] if sections[-1].has_text else None
    if section is None:
        return Shown(text)
    return Shown("".join(text if token.kind == "text" else _literal(token) for token in section.tokens), section.colour)


def is_date_code(code: str) -> bool:
    return _sections(code)[0].is_date


def general(value: float) -> str:
    """A number in no format: at most eleven digits."""
    if 1e-4 <= abs(value) < 1e9:  # as nearly always
        return f"{value:.10g}"
    if value == int(value) and abs(value) < 1e11:
        return str(int(value))
    text = f"{value:.10g}" if 1e-4 <= abs(value) < 1e11 else f"{value:.5E}"
    if "E" in text.upper():
        mantissa, exponent = text.upper().split("E")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}E{exponent}"
    return text


@functools.lru_cache(maxsize=4096)
def _sections(code: str) -> list[_Section]:
    parts: list[_Section] = []
    at = 0
    while at <= len(code) and len(parts) < 4:
        match = _SECTION.match(code, at)
        assert match is not None
        parts.append(_section(match.group()))
        at = match.end() + 1
    return parts


def _section(code: str) -> _Section:
    tokens: list[_Token] = []
    condition = colour = None
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or "other"
        text = match.group(kind)
        if kind == "bracket":
            if found := _CONDITION.match(text):
                condition = found.group(1), float(found.group(2))
            elif text.isalpha():
                colour = text.lower()
        elif kind == "space":
            tokens.append(_Token("quoted", " "))
        elif kind != "fill":
            tokens.append(_Token(kind, text))
    return _Section(tuple(tokens), condition, colour)


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}


def _section_for(value: float, sections: list[_Section]) -> tuple[_Section | None, bool]:
    """The section that shows the value, and whether it writes the minus itself."""
    if any(section.condition for section in sections):
        for number, section in enumerate(sections[:3]):
            if section.condition is None:
                is_last = number == len(sections[:3]) - 1
                if is_last or number == 1:
                    return section, False
            elif _COMPARE[section.condition[0]](value, section.condition[1]):
                return section, value < 0 and number > 0
        return None, False
    if value < 0 and len(sections) >= 2:
        return sections[1], True
    if value == 0 and len(sections) >= 3:
        return sections[2], False
    return sections[0], False


def _literal(token: _Token) -> str:
    if token.kind in ("quoted", "escaped", "currency", "other"):
        return token.text
    return ""


def _with_general(section: _Section, value: float) -> str:
    return "".join(general(value) if token.kind == "general" else _literal(token) for token in section.tokens)


# ----------------------------------------------------------------------------------------- numbers


def _number(value: float, section: _Section) -> str:
    tokens = section.tokens
    if section.has_text and not any(token.kind == "digit" for token in tokens):
        return "".join(general(value) if token.kind == "text" else _literal(token) for token in tokens)
    if any(token.kind == "exponent" for token in tokens):
        return _scientific(value, tokens)
    slash = next((n for n, token in enumerate(tokens) if token == _Token("other", "/")), None)
    if slash is not None and any(token.kind == "digit" for token in tokens[:slash]):
        return _fraction(value, tokens, slash)
    return _decimal(value, tokens)


def _decimal(value: float, tokens: tuple[_Token, ...]) -> str:
    digits = [n for n, token in enumerate(tokens) if token.kind == "digit"]
    if not digits:
        return "".join(map(_literal, tokens))
    point = next((n for n, token in enumerate(tokens) if token == _Token("other", ".")), None)
    whole = [n for n in digits if point is None or n < point]
    places = [n for n in digits if point is not None and n > point]
    commas = [n for n, token in enumerate(tokens) if token == _Token("other", ",") and n > digits[0]]
    scaling = [n for n in commas if n > digits[-1] and all(m in commas for m in range(digits[-1] + 1, n + 1))]
    has_groups = any(n < digits[-1] for n in commas)
    percents = sum(token == _Token("other", "%") for token in tokens)
    number = Decimal(repr(value)) * 100**percents / 1000 ** len(scaling)
    number = number.quantize(Decimal(1).scaleb(-len(places)), ROUND_HALF_UP)
    integer, _, rest = f"{number:f}".partition(".")
    rest = _trimmed(rest, [tokens[n].text for n in places])
    silent = {*scaling, *(n for n in commas if digits[0] < n < digits[-1])}
    shown_whole = _whole(integer, whole, tokens, has_groups=has_groups, silent=silent)
    return _assembled(tokens, whole, places, point, shown_whole, rest, silent)


def _trimmed(rest: str, marks: list[str]) -> str:
    """Decimals without the trailing zeros that the format does not ask for."""
    end = len(rest)
    while end and rest[end - 1] == "0" and marks[end - 1] != "0":
        end -= 1
    return rest[:end]


def _whole(integer: str, places: list[int], tokens: tuple[_Token, ...], *, has_groups: bool, silent: set[int]) -> str:
    """The digits before the point, with what the format writes between them."""
    least = sum(tokens[n].text == "0" for n in places)
    if integer == "0" and least == 0:
        integer = ""
    integer = integer.rjust(least, "0")
    if has_groups:
        return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", integer)
    if not places or places[-1] - places[0] + 1 == len(places):
        return integer
    written: list[str] = []
    left = list(integer)
    for n in range(places[-1], places[0] - 1, -1):
        if n not in places:
            if n not in silent and left:
                written.append(_literal(tokens[n]))
        elif left:
            written.append(left.pop())
    return "".join(left) + "".join(reversed(written))


def _assembled(
    tokens: tuple[_Token, ...],
    whole: list[int],
    places: list[int],
    point: int | None,
    shown_whole: str,
    rest: str,
    silent: set[int],
) -> str:
    parts: list[str] = []
    start, end = (whole[0], whole[-1]) if whole else (point, point)
    for n, token in enumerate(tokens):
        if n == start:
            parts.append(shown_whole)
        if start is not None and end is not None and start <= n <= end and n != point:
            continue
        if n == point:
            if rest or any(tokens[m].text == "0" for m in places) or not places:
                parts.append(".")
        elif places and n == places[0]:
            parts.append(rest)
        elif token.kind != "digit" and n not in silent:
            parts.append(_literal(token))
    return "".join(parts)


def _scientific(value: float, tokens: tuple[_Token, ...]) -> str:
    at = next(n for n, token in enumerate(tokens) if token.kind == "exponent")
    point = next((n for n, token in enumerate(tokens[:at]) if token.text == "."), at)
    places = sum(token.kind == "digit" for token in tokens[point:at])
    width = sum(token.kind == "digit" for token in tokens[at:])
    mantissa, exponent = f"{value:.{places}E}".split("E")
    sign = "-" if exponent.startswith("-") else "+" if tokens[at].text.endswith("+") else ""
    return f"{mantissa}E{sign}{exponent.lstrip('+-').lstrip('0').rjust(width, '0')}"


def _fraction(value: float, tokens: tuple[_Token, ...], slash: int) -> str:
    after = tokens[slash + 1 :]
    fixed = "".join(token.text for token in after if token.text.isdigit() and token.text != "0")
    width = sum(token.kind == "digit" for token in after)
    has_whole = any(
        token.kind in ("other", "quoted") and token.text == " " and any(t.kind == "digit" for t in tokens[:n])
        for n, token in enumerate(tokens[:slash])
    )
    whole = int(value) if has_whole else 0
    part = Fraction(value - whole)
    part = Fraction(round(part * int(fixed)), int(fixed)) if fixed else part.limit_denominator(10**width - 1)
    if part == 1:
        whole, part = whole + 1, Fraction(0)
    if part == 0:
        return str(whole)
    return f"{whole} {part.numerator}/{part.denominator}" if whole else f"{part.numerator}/{part.denominator}"


# ------------------------------------------------------------------------------------------- dates


def moment(serial: float, *, is_1904: bool = False) -> datetime | None:
    """The moment a serial number stands for, or None where there is none."""
    if not 0 <= serial < LAST_SERIAL:
        return None
    # In spreadsheets 1900 is a leap year, by an old mistake: the days before March are one off.
    start = datetime(1899, 12, 31) if serial < 60 else datetime(1899, 12, 30)
    return (datetime(1904, 1, 1) if is_1904 else start) + timedelta(milliseconds=round(serial * 86_400_000))


def _date(value: float, section: _Section, *, is_1904: bool) -> str:
    when = moment(value, is_1904=is_1904)
    if when is None:
        return "#" * 8
    tokens = _with_minutes(section.tokens)
    has_half = any(token.kind == "half" for token in tokens)
    shows_parts = any(token.kind == "digit" for token in tokens)
    if not shows_parts and any(token.text[0] in "sS" for token in tokens if token.kind in ("date", "elapsed")):
        when += timedelta(milliseconds=500)
    return "".join(_date_part(token, when, value, has_half=has_half) for token in _joined_parts(tokens))


def _with_minutes(tokens: tuple[_Token, ...]) -> list[_Token]:
    """An "m" after hours or before seconds means minutes."""
    dates = [n for n, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    result = list(tokens)
    for at, n in enumerate(dates):
        token = tokens[n]
        if token.kind == "date" and token.text[0] in "mM":
            before = tokens[dates[at - 1]].text[0].lower() if at else ""
            after = tokens[dates[at + 1]].text[0].lower() if at + 1 < len(dates) else ""
            if before == "h" or after == "s":
                result[n] = _Token("minute", token.text)
    return result


def _joined_parts(tokens: list[_Token]) -> list[_Token]:
    """ ".00" after the seconds becomes one token."""
    joined: list[_Token] = []
    for token in tokens:
        if token.kind == "digit" and joined and joined[-1].kind in ("parts",):
            joined[-1] = _Token("parts", joined[-1].text + "0")
        elif token.kind == "digit" and joined and joined[-1] == _Token("other", "."):
            joined[-1] = _Token("parts", "0")
        else:
            joined.append(token)
    return joined


def _date_part(token: _Token, when: datetime, value: float, *, has_half: bool) -> str:
    width = len(token.text)
    if token.kind == "elapsed":
        unit = {"h": 3600, "m": 60, "s": 1}[token.text[0].lower()]
        return str(int(round(value * 86_400, 3) // unit)).rjust(width, "0")
    if token.kind == "minute":
        return f"{when.minute:02d}" if width > 1 else str(when.minute)
    if token.kind == "half":
        text = "AM" if when.hour < 12 else "PM"
        return text if "/" in token.text and len(token.text) > 3 else text[0]
    if token.kind == "parts":
        return f".{when.microsecond // 1000:03d}000"[: width + 1]
    if token.kind != "date":
        return _literal(token)
    hour = (when.hour % 12 or 12) if has_half else when.hour
    match token.text[0].lower():
        case "y" | "e" | "b":
            return f"{when.year % 100:02d}" if width <= 2 and token.text[0] not in "eE" else f"{when.year:04d}"
        case "m":
            return _month(when.month, width)
        case "d":
            name = DAYS[when.weekday()]
            return [str(when.day), f"{when.day:02d}", name[:3], name][min(width, 4) - 1]
        case "h":
            return f"{hour:02d}" if width > 1 else str(hour)
        case "s":
            return f"{when.second:02d}" if width > 1 else str(when.second)
        case _:
            return ""


def _month(month: int, width: int) -> str:
    name = MONTHS[month - 1]
    if width == 5:
        return name[0]
    return [str(month), f"{month:02d}", name[:3], name][min(width, 4) - 1]
