"""How far an address reaches: from any line of it to all of its lines.

An address begins at its first line with a street, a house or a unit, and ends with its city, region or
country. A company's name, a telephone, a registration number and a label end it on either side.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from fieldproof.extraction.addresses import has_street, is_address_line, is_street_line, postcode_city
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.names import has_legal_form, is_trade, person_likeness
from fieldproof.extraction.places import is_place, region_in
from fieldproof.extraction.plain import BULLETS, plain, small
from fieldproof.extraction.view import View

MAX_LINES = 8
_BETWEEN = 2  # lines of a district or a building that may stand between two lines that speak for themselves
_COMMAS = 4  # and as many where each goes on with a comma
_CITY_WORDS = 3
_NAMES_OVER = 3  # lines over an address that may be the name of who has it
_NUMBERS_OVER = 3  # and of a register, a tax office or a telephone that may stand between
_BARE_CODE = re.compile(r"(?:^|[\s,])\d{5}[\s,.]*$")
_LONE_CODE = re.compile(r"\d{5}[,.]?")
_UNIT = re.compile(
    r"^(?:no|lot|unit|level|lvl|block|blk|ground floor|g/f|\d+(?:st|nd|rd|th) floor|floor|suite|p\.? ?o\.? ?box|plot|shop|batu|kampung|kg\.?)\b(?: ?no\b)?[ .:]*(?:[a-z]{1,3}[ .])?[\w&(-]*\d",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\w@\w|www\.|https?:|(?<!\w)(?:tel|fax|phone|ph|telefon|telefono|mobile|hp|h/p|gst|sst|vat|tva|iva|ust|tax|reg|roc|co\.? ?no|company no|invoice"
    r"|receipt|bill|cash|date|time|total|qty|no\.? (?:cukai|siri)|siret|siren|rcs|kvk|btw|p\.? ?iva|c\.?i\.?f|n\.?i\.?f|hrb|steuer-?n(?:umme)?r|ein|iban|bic|e-?mail|email|website|gln|kunden|customer)(?!\w)"
)  # in small letters
_QUARTER = re.compile(
    r"^(?:\d{1,5} ?- ?)?(?:taman|tmn|desa|laman|kampung|kg\.?|bandar|bdr\.?|seksyen)\b"
    r"|\b(?:mall|cent(?:re|er)|plaza|city|galleria|arcade|kompleks|einkaufszentrum)$",
    re.IGNORECASE,
)  # what a line below a city says of where in it: a quarter, a shopping centre
_NUMBER_OF_COMPANY = re.compile(r"^[(<\[][\w -]*\d[\w -]*[)>\]]$")
_TELEPHONE = re.compile(r"(?:^|:\s*)[+(]?\d[\d ()/.-]{6,}$")  # alone, or behind whatever it is called


def address_of(view: View, segment: int) -> list[int]:
    """The segments of the address that this one is a line of, top to bottom; empty where it is none."""
    if not _speaks(view.segments[segment].text):
        return []
    lines = [segment]
    _upwards(view, lines)
    _downwards(view, lines)
    return lines if any(_is_sure(view.segments[i].text) for i in lines) else []


def lines_over(view: View, addresses: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """Line -> (the address that it stands over, how far up): names stand there, and numbers between are passed.

    ``addresses``: the first line of each one -> what to call it.
    """
    over: dict[int, tuple[int, int]] = {}
    for first, address in addresses.items():
        at, up, passed = view.next_above[first], 0, 0
        while at >= 0 and up < _NAMES_OVER and passed <= _NUMBERS_OVER:
            text = view.segments[at].text
            if is_trade(text) or (_ends(text) and not has_legal_form(text)):
                passed += 1
            else:
                up += 1
                if at not in over or over[at][1] > up:
                    over[at] = (address, up)
            at = view.next_above[at]
    return over


def is_somebodys_name(line: str) -> bool:
    """Whether a line over an address is who lives there, or what he does, and no part of it."""
    return is_trade(line) or (has_legal_form(line) and not is_street_line(line))


def _is_sure(text: str) -> bool:
    """A number before a word may be anything; a street's word, a code with its city, a region are an address."""
    return has_street(text) or _has_city(text) or is_place(text)


def _upwards(view: View, lines: list[int]) -> None:
    while len(lines) < MAX_LINES:
        first = view.segments[lines[0]].text
        above, passed = _beyond(view, lines[0], view.next_above)
        if passed and _has_city(first) and has_street(view.segments[passed[0]].text):  # a street without a number
            above, passed = passed[0], []
        passed.reverse()
        text = view.segments[above].text if above >= 0 else ""
        begins = (
            above >= 0
            and not _ends(text)
            and not (passed and _has_city(text))
            and (_is_beginning(text) or (_has_city(first) and _may_be_street(text)))
        )
        if begins and (not _is_beginning(first) or text.rstrip().endswith(",") or (_UNIT.match(text) and not passed)):
            lines[:0] = [above, *passed]
        else:
            return


def _downwards(view: View, lines: list[int]) -> None:
    while len(lines) < MAX_LINES:
        texts = [view.segments[i].text for i in lines]
        below = view.next_below[lines[-1]]
        if below < 0 or _ends(view.segments[below].text):
            return
        text = view.segments[below].text
        has_city = any(_has_city(t) for t in texts)
        may_go_on = (
            _may_stand_between(text)
            or bool(_LONE_CODE.fullmatch(text))
            or (texts[-1].rstrip().endswith(",") and _speaks(text))
        )
        goes_on = may_go_on and _goes_on(texts, text, has_city=has_city)
        if _may_be_house(texts, text) or is_place(text) or goes_on:
            lines.append(below)
            continue
        if has_city:
            if any(map(has_street, texts)) and _may_stand_between(text) and _QUARTER.search(text.strip()):
                lines.append(below)
            return
        below, passed = _beyond(view, lines[-1], view.next_below)
        text = view.segments[below].text if below >= 0 else ""
        is_unit = len(lines) == 1 and bool(_UNIT.match(texts[0]))
        if below < 0 or _ends(text) or not (_has_city(text) or (is_street_line(text) and (not passed or is_unit))):
            return
        lines += [*passed, below]


def _beyond(view: View, line: int, neighbours: list[int]) -> tuple[int, list[int]]:
    """The next line that is more than a district or a building, and those that were passed."""
    passed: list[int] = []
    at = neighbours[line]
    while at >= 0 and _may_stand_between(view.segments[at].text):
        goes_on = view.segments[at].text.rstrip().endswith(",")
        if len(passed) >= (_COMMAS if goes_on else _BETWEEN):
            break
        passed.append(at)
        at = neighbours[at]
    return at, passed


def _goes_on(texts: list[str], below: str, *, has_city: bool) -> bool:
    """Whether a line without a word that speaks for itself still ends the address: the city after its code, a region."""
    last = texts[-1].rstrip()
    if _BARE_CODE.search(last) and not _has_city(last):
        return True
    if _LONE_CODE.fullmatch(below) and any(has_street(t) for t in texts):
        return not has_city
    if last.endswith("," if has_city else (",", ".")) and any(is_street_line(t) or _UNIT.match(t) for t in texts):
        return True  # a scan takes a comma for a full stop
    return has_city and (
        last.endswith(",") or (_has_city(last) and region_in(below) is not None) or _ends_with_place(below)
    )


def _ends_with_place(text: str) -> bool:
    """ "Lumpur, Malaysia": the rest of a city and its country."""
    city, comma, place = text.rpartition(",")
    return bool(comma) and len(city.split()) <= _CITY_WORDS and is_place(place)


def end_before_number(text: str) -> int:
    """Where an address ends in a line that goes on with a telephone or the like ("81750 Johor Bahru, Tel. 07-387"); or 0."""
    found = _ENDS.search(small(text))
    head = text[: found.start()].rstrip(f" ,;{BULLETS}-–/") if found else ""
    return len(head) if _has_city(head) and not has_legal_form(head) else 0


def _may_be_house(texts: list[str], below: str) -> bool:
    """Whether what looked like "12345 City" is a house and its street, as the city with its code stands below it."""
    found = postcode_city(texts[0]).postcode
    own = postcode_city(below).postcode
    return len(texts) == 1 and found is not None and found[0] == 0 and own is not None and own[0] > 0


def _has_city(text: str) -> bool:
    return postcode_city(text).postcode is not None


def _may_be_street(text: str) -> bool:
    """Of a line above a city: a house's number, or a street's word alone."""
    has_number = any(map(str.isdigit, text)) and any(map(str.isalpha, text))
    return len(text) <= 60 and ":" not in text and (has_number or has_street(text))


@lru_cache(maxsize=8192)
def _speaks(text: str) -> bool:
    """Whether a line alone says that it belongs to an address."""
    return not _ends(text) and (is_address_line(text) or bool(_UNIT.match(text)))


def _is_beginning(text: str) -> bool:
    found = postcode_city(text).postcode
    if found and found[0] == 0 and not has_street(text):  # a city behind its code, though it looks like a house
        return False
    return is_street_line(text) or bool(_UNIT.match(text))


@lru_cache(maxsize=8192)
def _may_stand_between(text: str) -> bool:
    """A district, an estate, a building: few words, or some more before a comma; no label, nobody's name."""
    longest, most = (60, 8) if text.rstrip().endswith(",") else (40, 5)
    return (
        len(text) <= longest and len(text.split()) <= most and any(map(str.isalpha, text)) and ":" not in text
        and not _ends(text) and not has_legal_form(text) and not is_trade(text) and person_likeness(text) < 1.0 and not is_place(text)
        and not _speaks(text) and plain(text) not in LEXICON.aliases
    )  # fmt: skip


@lru_cache(maxsize=8192)
def _ends(text: str) -> bool:
    return is_of_no_place(text) or (has_legal_form(text.strip()) and not is_street_line(text.strip()))


def is_of_no_place(text: str) -> bool:
    """Whether a line says something else than where: a telephone, a date, a number of a register or of this paper."""
    bare = text.strip()
    return bool(_ENDS.search(small(bare)) or _NUMBER_OF_COMPANY.match(bare) or _TELEPHONE.search(bare))
