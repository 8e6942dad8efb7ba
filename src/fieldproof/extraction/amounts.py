"""Numbers and money as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CURRENCY_SIGNS = {
    "€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "zł": "PLN", "kč": "CZK",
    "rm": "MYR", "chf": "CHF", "us$": "USD", "c$": "CAD", "ca$": "CAD", "a$": "AUD", "s$": "SGD", "r$": "BRL", "hk$": "HKD",
    "rs": "INR", "sfr": "CHF", "fr": "CHF", "euro": "EUR", "euros": "EUR", "eur": "EUR",
}  # fmt: skip
CURRENCY_CODES = frozenset(
    [
        "EUR",
        "USD",
        "GBP",
        "CHF",
        "JPY",
        "CNY",
        "INR",
        "AUD",
        "CAD",
        "NZD",
        "SEK",
        "NOK",
        "DKK",
        "PLN",
        "CZK",
        "HUF",
        "RON",
        "BGN",
        "TRY",
        "RUB",
        "BRL",
        "MXN",
        "ARS",
        "CLP",
        "COP",
        "PEN",
        "ZAR",
        "SGD",
        "HKD",
        "MYR",
        "THB",
        "IDR",
        "PHP",
        "VND",
        "KRW",
        "AED",
        "SAR",
        "ILS",
        "EGP",
        "NGN",
        "KES",
        "MAD",
        "TND",
        "ISK",
        "UAH",
        "HRK",
        "TWD",
        "QAR",
        "KWD",
    ]
)

_SIGN = r"(?:US\$|CA\$|C\$|A\$|S\$|HK\$|R\$|[€$£¥₹₽₩]|RM|EUR|USD|GBP|CHF|MYR|CAD|AUD|SGD|INR|PLN|SEK|NOK|DKK|Rs\.?)"
_BODY = r"\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,4})?|\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})|\d+(?:[.,]\d{1,4})?|[.,]\d{2}"
_AMOUNT = re.compile(
    rf"(?<![\w.,/])(?P<open>\(\s?)?(?P<minus>[-–−]\s?)?(?P<before>{_SIGN})?\s?(?P<minus2>[-–−])?\s?"
    rf"(?P<body>{_BODY})(?P<dash>,-|\.-|,–|\.–)?(?P<after_minus>-(?![\w]))?\s?(?P<after>%|{_SIGN}(?!\w)|zł|kr\b)?"
    r"(?P<close>\s?\))?(?P<side>\s?(?:CR|DR|Cr|Dr|[SH])\b)?(?![\w]|[./-]\d)",
)


@dataclass(frozen=True, slots=True)
class FoundAmount:
    start: int
    end: int
    value: float
    has_decimals: bool
    currency: str | None
    is_percent: bool
    other: float | None = None  # 1.234 may be a thousand or a little more than one


def find_amounts(text: str) -> Iterator[FoundAmount]:
    """Every number that stands on its own, with its sign and currency."""
    for m in _AMOUNT.finditer(text):
        value, has_decimals, other = read_number(m["body"])
        is_negative = bool(m["minus"] or m["minus2"] or m["after_minus"] or (m["open"] and m["close"]))
        sign = (m["before"] or m["after"] or "").strip()
        start = m.start("body") if m["open"] and not m["close"] else m.start()
        end = m.end() if not m["close"] or m["open"] else m.start("close")
        start += len(text[start:end]) - len(text[start:end].lstrip())
        factor = -1.0 if is_negative else 1.0
        yield FoundAmount(
            start,
            start + len(text[start:end].rstrip()),
            factor * value,
            has_decimals or bool(m["dash"]),
            None if sign == "%" or not sign else currency_code(sign),
            sign == "%",
            None if other is None else factor * other,
        )


def read_number(body: str) -> tuple[float, bool, float | None]:
    """Value, whether it shows decimals, and the other reading of an ambiguous writing."""
    digits = re.sub(r"[ '’\u00a0\u202f]", "", body)
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:  # the last mark is the decimal one, even where a scan mixed the others: 1.488,126.23
        whole, decimals = digits[: max(comma, point)], digits[max(comma, point) + 1 :]
        return float(f"{re.sub('[.,]', '', whole)}.{decimals}"), True, None
    mark = "," if comma >= 0 else "." if point >= 0 else ""
    if not mark:
        return float(digits), False, None
    head, _, tail = digits.rpartition(mark)
    if digits.count(mark) > 1:
        return float(digits.replace(mark, "")), False, None
    as_decimal = float(f"{head or 0}.{tail}")
    if len(tail) == 3 and head not in ("", "0"):
        as_thousands = float(head + tail)
        return (as_thousands, False, as_decimal)
    return as_decimal, True, None


def parse_amount(text: str) -> float | None:
    found = next(find_amounts(text), None)
    return found.value if found else None


def currency_code(sign: str) -> str | None:
    if sign.upper() in CURRENCY_CODES:
        return sign.upper()
    return CURRENCY_SIGNS.get(sign.lower().rstrip("."))
