"""Identifiers that prove themselves: a check digit, a fixed form, or both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{2,4}){3,8}(?:[ ]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_BIC = re.compile(r"(?<![A-Za-z0-9])[A-Z]{4}(?P<country>[A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![A-Za-z0-9])")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+ ?@ ?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_URL = re.compile(
    r"(?:https?://|www\.)[^\s,;]+|(?<![@\w.])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|de|fr|es|it|nl|pt|eu|co\.uk|io|ch|at|be)(?:/\S*)?(?!\w)"
)
_PHONE = re.compile(
    r"(?P<main>(?<![\w./])(?:\+|00|\(\+?)?\(?\d[\d ()/.\-–]{5,22}\d)(?:,? ?(?:x|ext\.?|extn\.?|Durchwahl) ?\d{1,6})?(?!\w)"
)
_VAT = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:AT) ?U\d{8}|BE ?[01]?\d{3}[. ]?\d{3}[. ]?\d{3}|CHE[- ]?\d{3}\.?\d{3}\.?\d{3}|DE ?\d{3} ?\d{3} ?\d{3}|DK ?\d{8}"
    r"|ES ?[A-Z0-9]\d{7}[A-Z0-9]|FI ?\d{8}|FR ?[A-Z0-9]{2} ?\d{3} ?\d{3} ?\d{3}|GB ?\d{3} ?\d{4} ?\d{2}(?:\d{3})?|IE ?\d[A-Z0-9]\d{5}[A-Z]{1,2}"
    r"|IT ?\d{11}|LU ?\d{8}|NL ?\d{9} ?B ?\d{2}|PL ?\d{10}|PT ?\d{9}|SE ?\d{12}|CZ ?\d{8,10}|[ABCDEFGHJNPQRSUVW]-?\d{8}|[A-Z]?\d{8}[A-Z])(?![A-Za-z0-9])"
)
_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "CH": 21, "CZ": 24, "DE": 22, "DK": 18, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "IE": 22, "IT": 27,
    "LU": 20, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "SE": 24,
}  # fmt: skip


NUMBERED = {
    "invoice_number": "INV FA FAC FACT FACTU FV FT RE RG", "po_number": "PO BC BDC CMD OC ODA", "order_number": "PO BC BDC CMD OC ODA SO AB ORD",
    "quote_number": "QUO QT ANG DEV OFF PRES", "delivery_note_number": "DN LS BL DDT ALB", "customer_number": "CUST KD CLI",
}  # fmt: skip
"""Concept -> how its numbers begin: invoice, purchase order, "bon de commande", Lieferschein …"""
_CALLED = {
    prefix: [c for c, own in NUMBERED.items() if prefix in own.split()]
    for own in NUMBERED.values()
    for prefix in own.split()
}
_PREFIX = re.compile(r"([A-Z]{2,5})[-/ ]?\d")


@dataclass(frozen=True, slots=True)
class FoundIdentifier:
    start: int
    end: int
    kind: str  # iban | bic | email | url | phone | vat
    is_proven: bool  # its check digits agree


def find_identifiers(text: str) -> Iterator[FoundIdentifier]:
    if any(map(str.isdigit, text)):
        for m in _IBAN.finditer(text):
            end = _iban_end(m)
            yield FoundIdentifier(m.start(), end, "iban", is_iban(text[m.start() : end]))
        for m in _VAT.finditer(text):
            yield FoundIdentifier(m.start(), m.end(), "vat", is_vat(m.group()))
        for m in _PHONE.finditer(text):
            if is_phone(m["main"]):
                yield FoundIdentifier(m.start(), m.end(), "phone", m.group().startswith(("+", "00", "(")))
    if "@" in text:
        for m in _EMAIL.finditer(text):
            yield FoundIdentifier(m.start(), m.end(), "email", True)
    if "." in text:
        for m in _URL.finditer(text):
            yield FoundIdentifier(m.start(), m.end(), "url", True)
    for m in _BIC.finditer(text):
        has_digit = any(c.isdigit() for c in m.group())
        if has_digit or (len(m.group()) in (8, 11) and m["country"] in _IBAN_LENGTHS):
            yield FoundIdentifier(m.start(), m.end(), "bic", False)


def is_iban(text: str) -> bool:
    """ISO 13616: the number modulo 97 is 1."""
    compact = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", compact):
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def is_luhn(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    if len(digits) < 2:
        return False
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def prefixed(text: str) -> list[str]:
    """The concepts whose numbers begin as this one does."""
    # A scan takes the first zero of "BC03741" for the letter.
    m = _PREFIX.match(re.sub(r"(?<=[A-Z])O(?=\d)", "0", text))
    return _CALLED.get(m[1], []) if m else []


def is_gtin(text: str) -> bool:
    """A GS1 number of an article or a place, 13 digits: the last one checks the others."""
    if not re.fullmatch(r"\d{13}", text):
        return False
    digits = [int(c) for c in text]
    return (sum(digits[:-1:2]) + 3 * sum(digits[1:-1:2]) + digits[-1]) % 10 == 0


def is_vat(text: str) -> bool:
    """Whether the check digit agrees, for the countries whose rule is known here."""
    compact = re.sub(r"[\s.-]", "", text).upper()
    country, digits = compact[:2], compact[2:]
    if country == "DE" and re.fullmatch(r"\d{9}", digits):
        return _iso7064(digits)
    if country == "IT" and re.fullmatch(r"\d{11}", digits):
        return is_luhn(digits)
    if country == "BE" and re.fullmatch(r"\d{10}", digits):
        return 97 - int(digits[:8]) % 97 == int(digits[8:])
    if country == "FR" and re.fullmatch(r"\d{11}", digits):
        return (12 + 3 * (int(digits[2:]) % 97)) % 97 == int(digits[:2])
    if country == "PT" and re.fullmatch(r"\d{9}", digits):
        check = 11 - sum(int(d) * w for d, w in zip(digits[:8], range(9, 1, -1), strict=True)) % 11
        return int(digits[8]) == (0 if check > 9 else check)
    return False


def is_phone(text: str) -> bool:
    digits = sum(map(str.isdigit, text))
    if (
        not 7 <= digits <= 15
        or re.fullmatch(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}", text)
        or re.fullmatch(r"[\d.,]+", text)
    ):
        return False
    return text.startswith(("+", "0", "(")) or bool(re.search(r"\d{2,4}[ \-–./]\d{2,4}[ \-–./]?\d{2,}", text))


def _iso7064(digits: str) -> bool:
    product = 10
    for d in digits[:8]:
        rest = (int(d) + product) % 10 or 10
        product = 2 * rest % 11
    return (11 - product) % 10 == int(digits[8])


def _iban_end(m: re.Match[str]) -> int:
    """IBANs have a known length per country; what follows is other text."""
    wanted = _IBAN_LENGTHS.get(m.group()[:2])
    seen = 0
    for offset, c in enumerate(m.group()):
        seen += not c.isspace()
        if seen == wanted:
            return m.start() + offset + 1
    return m.end()
