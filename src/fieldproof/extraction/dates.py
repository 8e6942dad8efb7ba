"""Dates as people write them, in seven languages."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from fieldproof.extraction.plain import plain

_MONTHS = (
    "january jan januar janvier janv enero ene gennaio gen januari janeiro",
    "february feb februar fevrier fevr fev febrero febbraio februari fevereiro",
    "march mar marz maerz mrz mars marzo maart mrt marco",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag mei maio",
    "june jun juni juin jui junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug aout aou agosto ago augustus",
    "september sep sept septembre septiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez decembre diciembre dic dicembre dezembro",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}

_NUMERIC = re.compile(
    r"(?<![\d.,/])(?<!\S-)(?:(?P<y1>\d{4})(?P<s1>\s?[-/.年]\s?)(?P<m1>\d{1,2})\s?[-/.月]\s?(?P<d1>\d{1,2})日?"
    r"|(?P<a>\d{1,2})\s?(?P<s2>[-/.,'])\s?(?P<b>\d{1,2})\s?(?P<s3>[-/.,'])\s?(?P<y2>\d{4}|'?\d{2}))(?![\d%]|[.,/-]\d)"
)
_COMPACT = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")
_WORD = r"(?P<word>[^\W\d_]{3,10})"
_DAY_FIRST = re.compile(
    r"(?<![\d.,])(?P<d>\d{1,2})\s?(?:st|nd|rd|th|er|º|°|\.)?(?:\s+day)?[\s\-./,]*(?:of\s+|de\s+|do\s+)?" + _WORD
    + r"\.?(?:\s+(?:de|del|do))?[\s\-./,']*(?P<y>\d{4}|\d{2})(?![\d,.]\d|\d)",
    re.IGNORECASE,
)  # fmt: skip
_MONTH_FIRST = re.compile(
    r"(?<![^\W\d_])"
    + _WORD
    + r"\.?[\s\-./]*(?P<d>\d{1,2})\s?(?:st|nd|rd|th)?[\s\-./,']+(?P<y>\d{4}|\d{2})(?![\d,.]\d|\d)",
    re.IGNORECASE,
)
_TIME = re.compile(r"[\sT,]*(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?\s*(?P<half>[AaPp][Mm])?")


_YEAR = re.compile(r"\d\d")
_AMERICAN = re.compile(r"\$|\b[A-Z]{2} \d{5}\b|\bZIP\b|(?<!\d)\(\d{3}\) ?\d{3}-\d{4}")
_ELSEWHERE = re.compile(r"€|£|\bRM\b|\bEUR\b|\bGST\b|\bVAT\b|\bMwSt|\bTVA\b|\bIVA\b|Sdn", re.IGNORECASE)


class Order(StrEnum):
    """Of day and month in a document's dates in figures. Where the year stands first, only YDM has the day before the month."""

    DMY = "DMY"
    MDY = "MDY"
    YDM = "YDM"  # 2016-24-01; and 24/01/2016
    YMD = "YMD"  # what 2016-01-24 proves: nothing of 03/04/2016


ORDERS = (Order.DMY, Order.MDY, Order.YDM)  # in which dates may be read


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date at ``start:end`` of the text. ``other`` is the second reading of 03/04/2024."""

    start: int
    end: int
    value: dt.date
    other: dt.date | None = None
    is_ordered: Order | None = None  # the order that this writing proves
    time: dt.time | None = None


@lru_cache(maxsize=4096)  # each line is asked for its order of day and month first, and then for its dates
def find_dates(text: str, order: Order = Order.DMY) -> tuple[FoundDate, ...]:
    """Dates in the text, first the numeric ones; overlapping readings are dropped."""
    kept: list[FoundDate] = []
    for found in _all(text, order):
        if all(found.end <= other.start or found.start >= other.end for other in kept):
            kept.append(found)
    return tuple(kept)


def order_of(texts: list[str], learnt: Order | None = None) -> Order:
    """Day or month first, from dates that leave no doubt; else as ``learnt``; else from the way the document looks."""
    order = proven_order(texts) or learnt
    if order:
        return order
    whole = "\n".join(texts)
    american = len(_AMERICAN.findall(whole)) - 3 * len(_ELSEWHERE.findall(whole))
    return Order.MDY if american > 0 else Order.DMY


def proven_order(texts: Iterable[str]) -> Order | None:
    """The order that dates of a document prove which leave no doubt; None where there are none, or as many of each."""
    proof = Counter(found.is_ordered for text in texts for found in find_dates(text, Order.DMY))
    if proof[Order.YDM] > proof[Order.YMD]:
        return Order.YDM
    if proof[Order.DMY] == proof[Order.MDY]:
        return None
    return max(Order.DMY, Order.MDY, key=lambda order: proof[order])


def parse_date(text: str, order: Order = Order.DMY) -> dt.date | None:
    found = find_dates(text, order)
    return found[0].value if found else None


def is_ambiguous(text: str, order: Order) -> bool:
    """Whether it takes this order of day and month to know which day is meant."""
    return parse_date(text, order) != parse_date(text, Order.DMY if order is Order.MDY else Order.MDY)


def _all(text: str, order: Order) -> Iterator[FoundDate]:
    if not _YEAR.search(text):
        return
    for m in _NUMERIC.finditer(text):
        found = _numeric(m, order)
        if found:
            yield _with_time(text, found)
    for pattern in (_DAY_FIRST, _MONTH_FIRST):
        for m in pattern.finditer(text):
            month = MONTHS.get(plain(m["word"]))
            value = month and _date(m["y"], month, m["d"])
            if value:
                yield _with_time(text, FoundDate(m.start(), m.end(), value))
    for m in _COMPACT.finditer(text):
        value = _date(m["y"], m["m"], m["d"])
        if value:
            yield FoundDate(m.start(), m.end(), value)


def _numeric(m: re.Match[str], order: Order) -> FoundDate | None:
    if m["y1"]:
        month_first, day_first = _date(m["y1"], m["m1"], m["d1"]), _date(m["y1"], m["d1"], m["m1"])
        value = (day_first or month_first) if order is Order.YDM else (month_first or day_first)
        proves = None if month_first and day_first else Order.YDM if day_first else Order.YMD
        return FoundDate(m.start(), m.end(), value, None, proves) if value else None
    if m["s2"] == "," and len(m["y2"]) == 2:  # 1,23,45 is a number, not a date
        return None
    is_code = m["s2"] != m["s3"] or m.string[: m.start()][-1:].isalpha()
    if " " in m[0] and is_code:  # "IC12 - 12/72", "HC03-7 - 15"
        return None
    year = m["y2"].lstrip("'")
    day_first, month_first = _date(year, m["b"], m["a"]), _date(year, m["a"], m["b"])
    if day_first is None and month_first is None:
        return None
    if day_first is None or month_first is None:
        proves = Order.DMY if day_first else Order.MDY
        return FoundDate(m.start(), m.end(), day_first or month_first, None, proves)  # pyright: ignore[reportArgumentType]
    first, second = (month_first, day_first) if order is Order.MDY else (day_first, month_first)
    return FoundDate(m.start(), m.end(), first, second if second != first else None)


def _with_time(text: str, found: FoundDate) -> FoundDate:
    m = _TIME.match(text, found.end)
    if not m:
        return found
    hour = int(m["h"])
    if m["half"]:
        hour = hour % 12 + (12 if m["half"].lower() == "pm" else 0)
    time = dt.time(hour, int(m["m"]), int(m["s"] or 0))
    return FoundDate(found.start, found.end, found.value, found.other, found.is_ordered, time)


def _date(year: str | int, month: str | int, day: str | int) -> dt.date | None:
    y = int(year)
    if y < 100:
        y += 2000 if y < 70 else 1900
    try:
        return dt.date(y, int(month), int(day)) if 1880 <= y <= 2120 else None
    except ValueError:
        return None
