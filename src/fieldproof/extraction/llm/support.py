"""Whether a place in the text bears a value out, and which of its characters do. Strict: what is only likely is not borne out."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from fieldproof.core.result import Match
from fieldproof.core.schema import FieldType
from fieldproof.extraction.amounts import find_amounts, read_number
from fieldproof.extraction.dates import Order, find_dates
from fieldproof.extraction.plain import key, plain
from fieldproof.extraction.values import duration_of, member_of, truth_of

_TEXT_FLOOR = 93.0
_TIMES = re.compile(
    r"\s*(?:(?P<k>k\b|tsd\b|thousand|tausend|mille\b|mil\b|тыс|千)|(?P<w>万|萬)|(?P<m>mio\b|mln\b|million|millon|milion|mill\b|млн|m\b)"
    r"|(?P<o>億|亿)|(?P<b>bn\b|mrd\b|billion|milliard|miliard|млрд))",
    re.IGNORECASE,
)
_FACTORS = {"k": 1e3, "w": 1e4, "m": 1e6, "o": 1e8, "b": 1e9}
_WITH_UNIT = re.compile(r"(?<![\w.,/-])(\d[\d.,]*\d|\d)(?=[A-Za-zµ°²³]{1,5}(?![\w]))")
_MARK = re.compile(r"(?P<on>[☒☑✓✔✗✘■●]|\[\s?[xX✓]\s?\]|\(\s?[xX]\s?\))|(?P<off>[☐□○◯]|\[\s?_?\s?\]|\(\s\))")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
# Months whose names the readers of dates do not know, by their first letters, from January on.
_MONTHS = tuple(
    row.split()
    for row in (
        "янв фев мар апр ма июн июл авг сен окт ноя дек", "січ лют бер кві тра чер лип сер вер жов лис гру",
        "sty lut mar kwi maj cze lip sie wrz paz lis gru", "led uno bre dub kve cvn cvc srp zar rij lis pro",
        "ιαν φεβ μαρ απρ μα ιουν ιουλ αυγ σεπ οκτ νοε δεκ", "oca sub mar nis may haz tem agu eyl eki kas ara",
        "يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر",
        "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
        "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    )
)  # fmt: skip

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Bearing:
    """``spans`` are the characters of the text that bear the value out."""

    match: Match
    spans: tuple[Span, ...]


def borne_out(
    value: Any, kind: FieldType, text: str, order: Order = Order.DMY, taken: Sequence[Span] = ()
) -> Bearing | None:
    """None where the text does not say the value. Of several places one that is not ``taken`` is preferred."""
    match kind:
        case FieldType.NUMBER | FieldType.CURRENCY | FieldType.INTEGER:
            found = list(_numbers(float(value), _readable(text), order))
            free = [b for b in found if not set(b.spans) & set(taken)]
            return next(iter(free or found), None)
        case FieldType.DATE | FieldType.DATETIME:
            return _date(str(value), text, order)
        case FieldType.BOOLEAN:
            return _truth(bool(value), text)
        case FieldType.ENUM if not isinstance(value, str):
            return _text(str(value), text, order)
        case FieldType.ENUM:
            return _text(value, text, order) or _member(value, text)
        case _:
            return _text(str(value), text, order)


def states_another(kind: FieldType, text: str) -> bool:
    """Whether a place that does not bear a figure or a date out states one of its own, so that it contradicts."""
    if kind in (FieldType.DATE, FieldType.DATETIME):
        return bool(find_dates(_readable(text)))
    is_figure = kind in (FieldType.NUMBER, FieldType.CURRENCY, FieldType.INTEGER)
    return is_figure and any(c.isdigit() for c in text)


def is_derived(value: str, text: str) -> bool:
    """Whether a text may be an inference from this place: it brings no figures of its own."""
    given = set(re.findall(r"\d+", _readable(text)))
    return set(re.findall(r"\d+", _readable(value))) <= given


# Numbers


def _numbers(value: float, text: str, order: Order) -> Iterator[Bearing]:
    parted = "".join(" " if c.isalpha() and c > "\u024f" else c for c in text)
    for amount in find_amounts(parted):
        readings = [amount.value] if amount.other is None else [amount.value, amount.other]
        times = _TIMES.match(text, amount.end)
        if times:
            readings = [r * _FACTORS[times.lastgroup or "k"] for r in readings] + readings
        if amount.is_percent:
            readings += [r / 100 for r in readings]
        if any(_is_same(r, value) for r in readings):
            yield Bearing(Match.NORMALISED, ((amount.start, amount.end),))
    for m in _WITH_UNIT.finditer(parted):
        if _is_same(read_number(m[1])[0], value):
            yield Bearing(Match.NORMALISED, (m.span(1),))
    if value == int(value):
        yield from _whole_numbers(int(value), text, order)


def _whole_numbers(value: int, text: str, order: Order) -> Iterator[Bearing]:
    """A year in a date, a number in words before its unit ("thirty days")."""
    for date in find_dates(text, order):
        if date.value.year == value:
            yield Bearing(Match.NORMALISED, ((date.start, date.end),))
    for m in re.finditer(r"\b(?=(\w+(?:\s\(\d+\))?\s\w+))", text):
        if (duration_of(m[1]) or "").split(" ")[0] == str(value):
            yield Bearing(Match.NORMALISED, (m.span(1),))


def _is_same(a: float, b: float) -> bool:
    return abs(a - b) <= min(1e-6, 1e-9 * max(abs(a), abs(b)))  # what floats lose, no more


def _readable(text: str) -> str:
    """Digits and their marks of any script as ours; every character keeps its place."""
    return "".join(_sign(c) for c in text)


def _sign(c: str) -> str:
    if c <= "\u007f":
        return c
    digit = unicodedata.digit(c, None) if unicodedata.category(c) == "Nd" else None
    return (
        str(digit)
        if digit is not None
        else {"٫": ".", "٬": ",", "．": ".", "，": ",", "：": ":", "／": "/", "－": "-"}.get(c, c)
    )


# Dates


def _date(value: str, text: str, order: Order) -> Bearing | None:
    readable = _readable(text)
    wanted = dt.datetime.fromisoformat(value)
    if wanted.time() != dt.time() and not _has_time(wanted, readable):
        return None
    for found in find_dates(readable, order):
        if wanted.date() in (found.value, found.other):
            return Bearing(Match.EXACT if value in text else Match.NORMALISED, ((found.start, found.end),))
    return _date_in_words(wanted.date(), readable)


def _has_time(wanted: dt.datetime, text: str) -> bool:
    return bool(re.search(rf"(?<!\d)0?{wanted.hour % 12 or 12}(?!\d)|(?<!\d)0?{wanted.hour}(?!\d)", text)) and (
        wanted.minute == 0 or f"{wanted.minute:02}" in text
    )


def _date_in_words(wanted: dt.date, text: str) -> Bearing | None:
    """Day, the month's name, year, as they follow each other in most of the world's languages."""
    names = {names[wanted.month - 1] for names in _MONTHS}
    for m in re.finditer(r"(?<!\d)(\d{1,2})\D{1,4}?([^\W\d_][^\d\s,.]*)[\s,.]*(\d{4})(?!\d)", text):
        is_month = any(plain(m[2]).startswith(plain(n)) for n in names)
        if is_month and (int(m[1]), int(m[3])) == (wanted.day, wanted.year):
            return Bearing(Match.NORMALISED, (m.span(),))
    return None


# Yes and no, choices, texts


def _truth(value: bool, text: str) -> Bearing | None:
    marks = list(_MARK.finditer(text))
    if len(marks) == 1:
        return Bearing(Match.NORMALISED, (marks[0].span(),)) if bool(marks[0]["on"]) is value else None
    said = text.rpartition(":")[2].strip(" .;")
    if truth_of(said) is value and len(said.split()) == 1:
        start = text.rindex(said)
        return Bearing(Match.NORMALISED, ((start, start + len(said)),))
    return None


def _member(value: str, text: str) -> Bearing | None:
    return Bearing(Match.NORMALISED, ((0, len(text)),)) if member_of(text, (value,)) == value else None


def _text(value: str, text: str, order: Order) -> Bearing | None:
    if value in text and _is_bounded(text, *(span := _at(text, value))):
        return Bearing(Match.EXACT, (span,))
    return (
        _same_letters(value, text)
        or _same_words(value, text)
        or _other_writing(value, text, order)
        or _nearly(value, text)
    )


def _at(text: str, value: str) -> Span:
    start = text.index(value)
    return start, start + len(value)


def _is_bounded(text: str, start: int, end: int) -> bool:
    return not any(
        0 < at < len(text)
        and (text[at - 1 : at + 1].isdigit() or (text[at - 1 : at + 1].isalpha() and _is_latin(text[at])))
        for at in (start, end)
    )


def _is_latin(c: str) -> bool:
    return c <= "\u024f"


def _same_letters(value: str, text: str) -> Bearing | None:
    wanted = key(value)
    letters, owners = _letters(text)
    at = letters.find(wanted) if wanted else -1
    while at >= 0:
        start, end = owners[at], owners[at + len(wanted) - 1] + 1
        if _is_bounded(text, start, end):
            return Bearing(Match.NORMALISED, ((start, end),))
        at = letters.find(wanted, at + 1)
    return None


def _letters(text: str) -> tuple[str, list[int]]:
    """The text's letters and digits, and where each of them stands."""
    letters: list[str] = []
    owners: list[int] = []
    for index, c in enumerate(text):
        own = key(c)
        letters.append(own)
        owners += [index] * len(own)
    return "".join(letters), owners


def _same_words(value: str, text: str) -> Bearing | None:
    """The value's words in another order: "John Doe" in "Doe, John"."""
    wanted = plain(value).split()
    if not 1 < len(wanted) <= 12:
        return None
    places = {plain(m.group()): m.span() for m in re.finditer(r"\S+", text)}
    if not all(w in places for w in wanted):
        return None
    return Bearing(Match.NORMALISED, tuple(sorted(dict.fromkeys(places[w] for w in wanted))))


def _other_writing(value: str, text: str, order: Order) -> Bearing | None:
    """A date, a number, a currency or a duration that the schema takes as a text."""
    if _ISO.fullmatch(value):
        try:
            return _date(value, text, order)
        except ValueError:
            return None
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return _first(_numbers(float(value), _readable(text), order))
    if re.fullmatch("[A-Z]{3}", value):
        return _first(Bearing(Match.NORMALISED, ((a.start, a.end),)) for a in find_amounts(text) if a.currency == value)
    if duration_of(text) == value:
        return Bearing(Match.NORMALISED, ((0, len(text)),))
    return None


def _nearly(value: str, text: str) -> Bearing | None:
    wanted = key(value)
    letters, owners = _letters(text)
    if not 12 <= len(wanted) <= len(letters):
        return None
    best = fuzz.partial_ratio_alignment(wanted, letters, score_cutoff=_TEXT_FLOOR)
    if best is None or best.dest_end <= best.dest_start:
        return None
    digits = ["".join(filter(str.isdigit, t)) for t in (wanted, letters[best.dest_start : best.dest_end])]
    span = owners[best.dest_start], owners[best.dest_end - 1] + 1
    return Bearing(Match.FUZZY, (span,)) if digits[0] == digits[1] else None


def _first(found: Iterator[Bearing]) -> Bearing | None:
    return next(found, None)
