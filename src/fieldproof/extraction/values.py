"""From a candidate to the value that the schema asks for."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from rapidfuzz import fuzz

from fieldproof.core.schema import Field, FieldType
from fieldproof.extraction.addresses import has_street, postcode_city
from fieldproof.extraction.amounts import parse_amount
from fieldproof.extraction.candidates import Candidate, Kind
from fieldproof.extraction.dates import Order, parse_date
from fieldproof.extraction.names import can_be_company, has_legal_form
from fieldproof.extraction.plain import key, plain
from fieldproof.extraction.prose import is_contract_word

_NUMBERS = {
    word: number
    for number, words in {
        1: "one ein eine eines un une uno una een um uma", 2: "two zwei deux dos due twee dois duas", 3: "three drei trois tres tre drie",
        4: "four vier quatre cuatro quattro quatro", 5: "five funf cinq cinco cinque vijf", 6: "six sechs seis sei zes", 7: "seven sieben sept",
        8: "eight acht huit", 9: "nine neun neuf", 10: "ten zehn dix diez dieci tien dez", 12: "twelve zwolf douze doce dodici twaalf doze",
        18: "eighteen", 20: "twenty", 24: "twentyfour", 30: "thirty", 36: "thirtysix", 60: "sixty", 90: "ninety",
    }.items()
    for word in words.split()
}  # fmt: skip
_DURATION = re.compile(
    r"(?P<number>[^\W\d_]+|\d+)\s*(?:\d{1,3}\s+|(?:one|two|three|four|five|six|ten|twelve)\s+)?(?:calendar |full |consecutive |business )?"
    r"(?P<unit>days?|weeks?|months?|years?|tagen?|wochen?|monaten?|jahren?|jours?|mois|ans?|annees?|dias?|meses|mes|anos?|giorni|mesi|mese"
    r"|ann[oi]|dagen|weken|maanden|maand|jaren|jaar)$"
)

_TRUE = frozenset(
    [
        "yes",
        "true",
        "x",
        "y",
        "ja",
        "oui",
        "si",
        "sim",
        "vrai",
        "wahr",
        "verdadero",
        "vero",
        "checked",
        "on",
        "1",
        "☒",
        "☑",
        "✓",
        "✔",
    ]
)
_FALSE = frozenset(
    ["no", "false", "n", "nein", "non", "nao", "nee", "faux", "falsch", "falso", "unchecked", "off", "0", "☐"]
)


def value_of(candidate: Candidate, field: Field, shape: str) -> Any:
    """The JSON value, or None where the candidate can't be read as the field's type."""
    match field.type:
        case FieldType.DATE:
            return candidate.date.isoformat() if candidate.date else None
        case FieldType.DATETIME:
            if candidate.date is None:
                return None
            return dt.datetime.combine(candidate.date, candidate.time or dt.time()).isoformat()
        case FieldType.NUMBER | FieldType.CURRENCY:
            return _number(candidate.amount)
        case FieldType.INTEGER:
            amount = candidate.amount
            return int(amount) if amount is not None and amount == int(amount) else None
        case FieldType.BOOLEAN:
            return truth_of(candidate.text)
        case FieldType.ENUM:
            return member_of(candidate.text, field.enum)
        case _:
            if shape == "currency" and candidate.code:
                return candidate.code
            return (shape == "duration" and duration_of(candidate.text)) or candidate.text


_POSTCODE = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9 -]{2,9}", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)\d{1,2}([/.])\d{1,2}\1(?:\d{2}|\d{4})(?!\d)")
_IBAN_FORM = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")


def is_plausible(candidate: Candidate, shape: str) -> bool:
    """Whether a text can be what is asked for at all; a person is no postcode, however well a label fits."""
    text = candidate.text
    match shape:
        case "postcode":
            return bool(_POSTCODE.fullmatch(text))
        case "city":
            return any(map(str.isalpha, text)) and not has_legal_form(text) and not set("@:") & set(text)
        case "street":
            return ":" not in text and (has_street(text) or postcode_city(text).postcode is None)
        case "company" | "name":
            return can_be_company(text)
        case "place":
            return plain(text) not in ("state", "the state", "commonwealth") and not is_contract_word(text)
        case "iban":
            is_proven = candidate.kinds & Kind.IBAN and candidate.kinds & Kind.PROVEN
            return bool(is_proven or _IBAN_FORM.fullmatch(text))
        case "vat":
            return any(map(str.isdigit, text))
        case "duration":
            return bool(candidate.kinds & Kind.DURATION)
        case "id":
            is_day = candidate.date is not None and not text.isdigit()
            if is_day or candidate.kinds & (Kind.URL | Kind.EMAIL) or (" " in text and _DAY.search(text)):
                return False
            return any(map(str.isdigit, text)) or " " not in text
        case _:
            return True


def typed(text: str, field: Field, order: Order) -> Any:
    """A text (a table's cell) as the field's type."""
    match field.type:
        case FieldType.DATE | FieldType.DATETIME:
            found = parse_date(text, order)
            return found.isoformat() if found else None
        case FieldType.NUMBER | FieldType.CURRENCY:
            return _number(parse_amount(text))
        case FieldType.INTEGER:
            amount = parse_amount(text)
            return int(amount) if amount is not None and amount == int(amount) else None
        case FieldType.BOOLEAN:
            return truth_of(text)
        case FieldType.ENUM:
            return member_of(text, field.enum)
        case _:
            return text or None


def duration_of(text: str) -> str | None:
    """ "two (2) years" -> "2 years"."""
    m = _DURATION.search(plain(text))
    if not m:
        return None
    number = re.findall(r"\d+", m.group()) or [_NUMBERS.get(w) for w in plain(m["number"]).split()]
    if not number or number[-1] is None:
        return None
    count, unit = int(number[-1]), m["unit"]
    if unit in ("day", "days", "week", "weeks", "month", "months", "year", "years"):
        unit = unit.rstrip("s") + ("" if count == 1 else "s")
    return f"{count} {unit}"


def truth_of(text: str) -> bool | None:
    words = plain(text).split() or [text.strip()]
    if words[0] in _TRUE:
        return True
    return False if words[0] in _FALSE else None


def member_of(text: str, members: tuple[Any, ...]) -> Any:
    """The member that the text names: the same letters, contained as words, or nearly so."""
    own = key(text)
    for member in members:
        if member is not None and key(str(member)) == own and own:
            return member
    words = f" {plain(text)} "
    contained = [m for m in members if m is not None and plain(str(m)) and f" {plain(str(m))} " in words]
    if contained:
        return max(contained, key=lambda m: len(str(m)))
    scored = [(fuzz.ratio(plain(str(m)), plain(text)), str(m), m) for m in members if m is not None and len(str(m)) > 3]
    best = max(scored, default=None, key=lambda s: s[:2])
    return best[2] if best and best[0] >= 85 else None


def _number(amount: float | None) -> int | float | None:
    if amount is None:
        return None
    return int(amount) if amount == int(amount) and abs(amount) < 1e15 else round(amount, 6)
