"""What tells that lines are a postal address, and its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from fieldproof.extraction.names import has_legal_form
from fieldproof.extraction.places import is_place
from fieldproof.extraction.plain import BULLETS, small

_STREET_WORD = re.compile(
    r"(?:stra(?:ß|ss)e|str\.|strasse\b|weg\b|allee\b|platz\b|gasse\b|ring\b|ufer\b|damm\b|chauss[eé]e)"
    r"|\b(?:rue|avenue|av\.?|boulevard|bd\.?|place|chemin|all[ée]e|impasse|quai|route|cours|passage|calle|c/|cl\.?|avda\.?|avenida|paseo|plaza|camino|ronda|cuesta|glorieta|pasaje|acceso|callej[oó]n|rambla"
    r"|via|viale|piazza|corso|vicolo|strada|largo|piazzale|contrada|borgo|canale|incrocio|rua|travessa|pra[çc]a|alameda|estrada|beco"
    r"|street|st\.?|road|rd\.?|lane|ln\.?|drive|dr\.?|blvd\.?|way|court|ct\.?|square|sq\.?|parkway|pkwy|highway|hwy|terrace|suite|ste\.?|floor|flr|jalan|jln\.?|lorong|lrg\.?|lebuh(?:raya)?|lingkaran|taman|persiaran|jl\.?|p\.?\s?o\.?\s?box|postfach|bp|plot|block|unit)(?!\w)"
    r"|(?:straat|laan|gracht|kade|plein|singel|dijk|steeg|weg|hof|pad)\b"
)  # of small letters
_POSTCODE_CITY = re.compile(
    r"(?<![\w])(?P<code>(?:[A-Z]{1,2}-)?\d{5}(?:-\d{4})?|(?:[A-Z]{1,2}-)?\d{4}(?: ?[A-Z]{2})?|\d{4}-\d{3}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{3} ?\d{2})"
    r"(?:(?:[ ,]+|\.)(?P<city>[^\W\d_][^\d,;" + BULLETS + r"()\n]{1,40}))?"
)
_US_CITY = re.compile(
    r"(?P<city>[A-Z][\w.' -]{1,30}?),? +(?P<state>(?!(?:EUR|USD|GBP|CHF|MYR|SGD|CAD|AUD|NZD|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF)\b)[A-Z]{2,3}|[A-Z][a-z]+(?: [A-Z][a-z]+)?),? +"
    r"(?P<code>\d{5}(?:-\d{4})?|(?<=(?:NSW|VIC|QLD|TAS|ACT) )\d{4})(?!\d)"
)
_UK_CODE = re.compile(r"(?P<city>[A-Z][\w.' -]{1,30}?),? +(?P<code>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})(?!\w)")
_CITY_CODE = re.compile(r"^(?P<city>[A-Z][\w.' -]{1,30}?) ?, ?(?P<code>\d{5})(?:-\d{4})?[ ,.]*$")
_NUMBERED = re.compile(
    r"^(?:No\.? ?)?\d{1,5}[A-Za-z]?(?:[-/]\d+)?,? [^\W\d_]|[^\W\d_]{3,}.* \d{1,4} ?[A-Za-z]?(?:[-/]\d{1,4})?$",
    re.IGNORECASE,
)

_STREET_CODE = re.compile(
    r"^(?:No\.? ?)?\d[\w &-]{0,8}, ?[A-Z]{1,3} ?\d{1,2}[A-Z]?/\d{1,3}[A-Z]?(?:,|$)", re.IGNORECASE
)  # "109, SS21/1A, "


@dataclass(frozen=True, slots=True)
class AddressParts:
    """Spans of the parts in the line they were read from."""

    postcode: tuple[int, int] | None = None
    city: tuple[int, int] | None = None


@lru_cache(maxsize=8192)
def has_street(text: str) -> bool:
    return len(text) < 120 and bool(_STREET_WORD.search(small(text)) or _STREET_CODE.match(text))


@lru_cache(maxsize=8192)
def is_street_line(text: str) -> bool:
    if len(text) >= 90 or not any(map(str.isdigit, text)):
        return False
    return has_street(text) or (bool(_NUMBERED.match(text.strip())) and not has_legal_form(text))


@lru_cache(maxsize=8192)
def postcode_city(text: str) -> AddressParts:
    if not any(map(str.isdigit, text)):
        return AddressParts()
    for pattern in (_US_CITY, _UK_CODE, _CITY_CODE):
        m = pattern.search(text)
        if m:
            return AddressParts(m.span("code"), _trimmed(text, m.span("city")))
    for m in _POSTCODE_CITY.finditer(text):
        if m["city"]:
            return AddressParts(m.span("code"), _trimmed(text, m.span("city")))
    return AddressParts()


@lru_cache(maxsize=8192)
def is_address_line(text: str) -> bool:
    """A street, a postcode with its city, or a country: what an address goes on with."""
    if len(text) > 90:
        return False
    return is_street_line(text) or postcode_city(text).postcode is not None or is_place(text)


def _trimmed(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Without separators and a dash's tail: "12345 Hausen - Tel" ends after Hausen."""
    piece = re.split(r"\s[-–/•|]\s|\s{2,}| Tel| Fax", text[span[0] : span[1]])[0]
    return span[0], span[0] + len(piece.rstrip(" ,.-–"))
