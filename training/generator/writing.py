"""How values are written: dates, amounts, quantities. A layout keeps to one way, the value stays exact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from .chance import Style

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
_SHORT = {
    "de": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez", "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic", "it": "gen feb mar apr mag giu lug ago set ott nov dic", "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
}  # fmt: skip

DateForm = Callable[[date], str]

_NUMERIC: dict[str, list[str]] = {
    "en-US": ["%m/%d/%Y", "%m/%d/%Y", "%m/%d/%y", "%-m/%-d/%Y", "%-m/%-d/%y", "%m-%d-%Y", "%Y-%m-%d"],
    "en": ["%d/%m/%Y", "%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%-d/%-m/%Y", "%d-%m-%y"],
    "de": ["%d.%m.%Y", "%d.%m.%Y", "%d.%m.%Y", "%d.%m.%y", "%-d.%-m.%Y", "%Y-%m-%d", "%d-%m-%Y"],
    "fr": ["%d/%m/%Y", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d"],
    "es": ["%d/%m/%Y", "%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%-d/%-m/%Y", "%d.%m.%Y"],
    "it": ["%d/%m/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y"],
    "nl": ["%d-%m-%Y", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%-d-%-m-%Y", "%d-%m-%y"],
    "pt": ["%d/%m/%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", "%d.%m.%Y"],
}


def date_form(style: Style, name: str, locale: str, worded: float = 0.3) -> DateForm:
    """A written form of dates; ``worded`` is the share of layouts that write the month's name."""
    language = locale[:2]
    if style.chance(f"{name} worded", worded):
        forms = _worded_forms(language, is_us=locale == "en-US")
        return style.choice(name, forms)
    pattern = style.choice(name, _NUMERIC.get(locale) or _NUMERIC[language])
    return lambda d: _strftime(d, pattern)


def _strftime(d: date, pattern: str) -> str:
    for key, text in (
        ("%-m", str(d.month)), ("%-d", str(d.day)), ("%Y", f"{d.year:04d}"), ("%y", f"{d.year % 100:02d}"), ("%m", f"{d.month:02d}"), ("%d", f"{d.day:02d}"),
    ):  # fmt: skip
        pattern = pattern.replace(key, text)
    return pattern


def month_name(d: date, language: str) -> str:
    return MONTHS[language].split()[d.month - 1]


def _worded_forms(language: str, *, is_us: bool) -> list[DateForm]:
    full = MONTHS[language].split()
    short = _SHORT.get(language, "").split() or [m[:3] for m in full]
    us: list[DateForm] = [
        lambda d: f"{full[d.month - 1]} {d.day}, {d.year}",
        lambda d: f"{full[d.month - 1]} {d.day}, {d.year}",
        lambda d: f"{short[d.month - 1]} {d.day}, {d.year}",
        lambda d: f"{short[d.month - 1]} {d.day:02d}, {d.year}",
        lambda d: f"{full[d.month - 1]} {d.day:02d} {d.year}",
        lambda d: f"{short[d.month - 1]}-{d.day:02d}-{d.year}",
    ]
    if is_us:
        return us
    if language == "en":
        return [
            lambda d: f"{d.day} {full[d.month - 1]} {d.year}",
            lambda d: f"{d.day:02d} {short[d.month - 1]} {d.year}",
            lambda d: f"{d.day:02d}-{short[d.month - 1]}-{d.year}",
            lambda d: f"{d.day:02d}-{short[d.month - 1].upper()}-{d.year % 100:02d}",
            lambda d: f"{d.day}{_ordinal(d.day)} {full[d.month - 1]} {d.year}",
            lambda d: f"{d.day:02d} {short[d.month - 1].upper()} {d.year}",
            *us[:3],
        ]
    if language == "de":
        return [
            lambda d: f"{d.day}. {full[d.month - 1]} {d.year}",
            lambda d: f"{d.day:02d}. {full[d.month - 1]} {d.year}",
            lambda d: f"{d.day}. {short[d.month - 1]}. {d.year}",
        ]
    if language in ("es", "pt"):
        return [
            lambda d: f"{d.day} de {full[d.month - 1]} de {d.year}",
            lambda d: f"{d.day:02d}-{short[d.month - 1]}-{d.year}",
            lambda d: f"{d.day} {full[d.month - 1]} {d.year}",
        ]
    return [
        lambda d: f"{d.day} {full[d.month - 1]} {d.year}",
        lambda d: f"{d.day:02d} {full[d.month - 1]} {d.year}",
        lambda d: f"{d.day} {short[d.month - 1]} {d.year}",
    ]


def _ordinal(day: int) -> str:
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


class Money:
    """Amounts as one layout writes them."""

    def __init__(self, style: Style, name: str, locale: str, currency: str) -> None:
        self.currency = currency
        self._thousands, self._decimal = style.choice(f"{name} marks", _MARKS.get(locale) or _MARKS[locale[:2]])
        symbol = style.choice(f"{name} symbol", _SYMBOLS.get(currency, [currency]))
        self.symbol = symbol
        gap = "" if symbol in "$£€¥" and style.chance(f"{name} glued", 0.6) else " "
        before = [f"{symbol}{gap}{{}}", f"{symbol}{gap}{{}}", f"{currency} {{}}"]
        after = [f"{{}} {symbol}", f"{{}} {symbol}", f"{{}} {currency}", f"{{}}{symbol}"]
        is_before = locale[:2] == "en" or locale in ("pt-BR", "es-MX", "de-CH")
        mostly, rarely = (before, after) if is_before else (after, before)
        self._form = style.choice(f"{name} form", mostly * 3 + rarely[:2])
        self._negative = style.choice(f"{name} negative", ["-{}", "-{}", "-{}", "({})", "{}-", "- {}"])

    def plain(self, amount: float, places: int = 2) -> str:
        """Without the currency."""
        digits = f"{abs(amount):,.{places}f}".replace(",", "\0").replace(".", self._decimal)
        text = digits.replace("\0", self._thousands)
        return self._negative.format(text) if amount < 0 else text

    def with_currency(self, amount: float) -> str:
        return self._form.format(self.plain(amount))

    def quantity(self, amount: float, places: int) -> str:
        return self.plain(amount, places) if places else f"{amount:.0f}"


_MARKS: dict[str, list[tuple[str, str]]] = {
    "en": [(",", "."), (",", "."), (",", "."), ("", ".")], "de": [(".", ","), (".", ","), (".", ","), ("", ",")], "de-CH": [("'", "."), ("'", "."), ("", ".")],
    "fr": [(" ", ","), (" ", ","), ("", ","), (".", ","), ("", ".")], "es": [(".", ","), (".", ","), ("", ",")], "es-MX": [(",", ".")], "it": [(".", ","), (".", ","), ("", ",")],
    "nl": [(".", ","), (".", ","), ("", ",")], "pt": [(".", ","), (" ", ","), ("", ","), (".", ",")],
}  # fmt: skip
_SYMBOLS = {
    "EUR": ["€", "€", "€", "EUR", "Euro"], "USD": ["$", "$", "$", "US$", "USD"], "GBP": ["£", "£", "GBP"], "CHF": ["CHF", "Fr.", "CHF"], "MYR": ["RM", "RM", "MYR"],
    "INR": ["Rs.", "INR", "Rs"], "BRL": ["R$", "R$", "BRL"], "MXN": ["$", "MXN"], "CAD": ["$", "CAD", "C$"], "AUD": ["$", "AUD", "A$"], "SGD": ["S$", "SGD"],
}  # fmt: skip
