"""Every piece of a document that could be a value, with what it looks like.

A value that is no candidate is lost, so the net is wide: typed finds, whole segments, what
follows a label, parts between separators, stacked lines, and sentence patterns.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from fieldproof.extraction import addresses, names
from fieldproof.extraction.address_blocks import address_of, end_before_number
from fieldproof.extraction.amounts import CURRENCY_CODES, CURRENCY_SIGNS, find_amounts
from fieldproof.extraction.dates import Order, find_dates
from fieldproof.extraction.identifiers import find_identifiers
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.places import find_countries
from fieldproof.extraction.plain import BULLETS
from fieldproof.extraction.prose import find_prose
from fieldproof.extraction.view import Segment, View, joined_text

MAX_CANDIDATES = 12_000  # of one document; a longer one keeps its first and last pages' finds
Pieces = tuple[tuple[int, int], ...]


class Kind:
    """Bits of what a candidate could be. Plain numbers: they are combined a hundred thousand times a document."""

    DATE = 1
    AMOUNT = 2
    MONEY = 4  # shows decimals or a currency
    PERCENT = 8
    ID = 16
    EMAIL = 32
    PHONE = 64
    IBAN = 128
    BIC = 256
    VAT = 512
    URL = 1024
    POSTCODE = 2048
    CITY = 4096
    STREET = 8192
    ADDRESS = 16384
    COMPANY = 32768
    PERSON = 65536
    CURRENCY = 131072
    SEGMENT = 262144  # a whole segment
    REST = 524288  # what follows a label in its segment
    BLOCK = 1048576  # stacked lines
    DURATION = 2097152
    PLACE = 4194304
    PARTY = 8388608
    PART = 16777216  # between separators
    PROVEN = 33554432  # check digits agree
    COUNTRY = 67108864


KIND_OF = {name: bit for name, bit in vars(Kind).items() if name.isupper()}


@dataclass(slots=True)
class Candidate:
    """``pieces`` are token ranges, one per line; ``segment`` is the first piece's."""

    pieces: Pieces
    segment: int
    text: str
    kinds: int
    date: dt.date | None = None
    time: dt.time | None = None
    amount: float | None = None
    code: str | None = None  # currency or country code


def find_candidates(view: View, order: Order) -> tuple[list[Candidate], dict[int, int]]:
    """The candidates, and for every line of a postal address the number of the candidate that is all of it."""
    net = _Net(view, order)
    for index, segment in enumerate(view.segments):
        net.typed(index, segment)
        net.whole(index, segment)
        net.parts(index, segment)
    for index in range(len(view.segments)):
        net.stacked(index)
    for index in range(len(view.segments)):
        net.postal(index)
    for index in range(len(view.segments)):
        net.running(index)
    net.sentences()
    found = net.found()
    number = {id(c): n for n, c in enumerate(found)}
    return found, {line: number[id(c)] for line, c in net.address_at.items()}


_ID = re.compile(r"(?<![\w])(?=[\w./#&-]*\d)[A-Za-z0-9#][\w./&-]*\w|(?<!\w)\d(?!\w)")
_OF_NUMBERS = re.compile(r"[\d.,()\-:'’]")
_SEPARATORS = re.compile(r"\s*(?:[" + BULLETS + r";]|\s[-–—/]\s|,|\t)\s*")
_ENDS_A_LABEL = re.compile(r"[:：=]\s*|\s[-–]\s|\)\s+|#\s*")
_COLON = re.compile(r":\s*(?=\S)")
_LABEL_BEFORE = re.compile(
    r"^(?!(?:no|lot|unit|plot|block|blk|level|suite)\b)[^\W\d_][^\d:]{1,25}:\s*", re.IGNORECASE
)  # "Address: 12 High Street", not "No: 12"
_STRIP = " ,;:" + BULLETS + "*_[]{}\"'“”„«»"


class _Net:
    def __init__(self, view: View, order: Order) -> None:
        self.view = view
        self.order = order
        self.by_place: dict[tuple[Pieces, str], Candidate] = {}
        self.address_at: dict[int, Candidate] = {}  # segment -> the whole address that it is a line of

    def found(self) -> list[Candidate]:
        return list(self.by_place.values())

    def add(self, index: int, pieces: Pieces, text: str, kinds: int) -> Candidate | None:
        text = text.strip(_STRIP)
        if text.count("(") != text.count(")"):
            text = text.strip("() ")
        if not (text[:1].isalnum() or any(map(str.isalnum, text))):
            return None
        place = (pieces, text)
        known = self.by_place.get(place)
        if known is None:
            if len(self.by_place) >= MAX_CANDIDATES:
                return None
            known = self.by_place[place] = Candidate(pieces, index, text, kinds)
        known.kinds |= kinds
        return known

    def span(self, index: int, start: int, end: int, kinds: int) -> Candidate | None:
        segment = self.view.segments[index]
        return self.add(index, (segment.tokens_between(start, end),), segment.text[start:end], kinds)

    # One segment

    def typed(self, index: int, segment: Segment) -> None:
        text = segment.text
        if any(map(str.isdigit, text)):
            self.numbers(index, text)
        for found in find_identifiers(text):
            kind = KIND_OF[found.kind.upper()] | (Kind.PROVEN if found.is_proven else 0)
            self.span(index, found.start, found.end, kind)
        self.currencies(index, segment)

    def numbers(self, index: int, text: str) -> None:
        for date in find_dates(text, self.order):
            candidate = self.span(index, date.start, date.end, Kind.DATE)
            if candidate:
                candidate.date, candidate.time = date.value, date.time
        for amount in find_amounts(text):
            kind = Kind.AMOUNT | (Kind.MONEY if amount.has_decimals or amount.currency else 0)
            candidate = self.span(index, amount.start, amount.end, kind | (Kind.PERCENT if amount.is_percent else 0))
            if candidate and candidate.amount is None:
                candidate.amount, candidate.code = amount.value, amount.currency
        for m in _ID.finditer(text):
            self.span(index, m.start(), m.end(), Kind.ID)

    def currencies(self, index: int, segment: Segment) -> None:
        for place in range(segment.first, segment.last):
            found = _currency_of(self.view.tokens[place].text)
            if found:
                candidate = self.add(index, ((place, place + 1),), found[0], Kind.CURRENCY)
                if candidate:
                    candidate.code = found[1]

    def whole(self, index: int, segment: Segment) -> None:
        self.add(index, (segment.tokens,), segment.text, Kind.SEGMENT | _looks(segment.text))
        for start in self.rest_starts(segment):
            self.span(index, start, len(segment.text), Kind.REST | _looks(segment.text[start:]))

    def rest_starts(self, segment: Segment) -> list[int]:
        """Where a value may begin: after a colon, after a known label, after any word of a short line."""
        starts = {m.end() for m in _ENDS_A_LABEL.finditer(segment.text)}
        words = segment.offsets
        if len(words) <= 9:
            starts.update(words[1:])
        else:
            starts.update(words[k] for k in range(1, 6) if LEXICON.is_label(segment.text[: words[k]].strip()))
        return sorted(s for s in starts if 0 < s < len(segment.text))

    def parts(self, index: int, segment: Segment) -> None:
        text = segment.text
        found = addresses.postcode_city(text)
        if found.postcode:
            self.span(index, *found.postcode, Kind.POSTCODE)
        if found.city:
            self.span(index, *found.city, Kind.CITY)
        end = names.end_of_name(text) if len(text) <= 120 else 0
        if end:
            self.span(index, 0, end, Kind.PART | _looks(text[:end]))
        cuts = [0, *(p for m in _SEPARATORS.finditer(text) for p in m.span()), len(text)]
        if 2 < len(cuts) <= 30:
            starts, ends = cuts[::2], cuts[1::2]
            for start, end in zip(starts, ends, strict=True):
                if end - start > 1:
                    self.span(index, start, end, Kind.PART | _looks(text[start:end]))
            for k in range(2, len(ends)):  # "Muster GmbH, Am Ring 3, 12345 Ort": the address without the name
                self.span(index, starts[1], ends[k], Kind.PART | _looks(text[starts[1] : ends[k]]))
            for end in ends[1:-1]:
                if end <= 70:
                    self.span(index, 0, end, Kind.PART | _looks(text[:end]))
        self.countries(index, segment)

    def countries(self, index: int, segment: Segment) -> None:
        tokens = [t.text for t in self.view.tokens[segment.first : segment.last]]
        for first, last, code in find_countries(tokens):
            if first == 0 or len(segment.text) < 80:
                first, last = segment.first + first, segment.first + last
                candidate = self.add(index, ((first, last),), self.view.joined(first, last), Kind.COUNTRY)
                if candidate:
                    candidate.code = code

    # Several segments

    def stacked(self, index: int) -> None:
        chain = self.view.chain_from(index)
        if len(chain) < 2:
            return
        segments = [self.view.segments[i] for i in chain]
        evidence = [addresses.is_address_line(s.text) for s in segments]
        for count in range(2, len(chain) + 1):
            has_address = any(evidence[:count]) and count <= 7
            if not has_address and count not in (2, 3, len(chain)):
                continue
            kinds = Kind.BLOCK | (Kind.ADDRESS if has_address else 0)
            self.block_and_rest(chain[:count], kinds)

    def postal(self, index: int) -> None:
        lines = address_of(self.view, index)
        known = self.address_at.get(index)
        if not lines or (known and len(known.pieces) >= len(lines)):
            return
        text = self.view.segments[lines[0]].text
        label = _LABEL_BEFORE.match(text)
        below = self.view.next_below[lines[-1]]
        end = end_before_number(self.view.segments[below].text) if below >= 0 else 0
        lines += [below] if end else []
        kinds = Kind.ADDRESS | (Kind.BLOCK if len(lines) > 1 else 0)
        whole = self.block(lines, label.end() if label else 0, kinds, end)
        if whole:
            self.address_at |= dict.fromkeys(lines, whole)

    def running(self, index: int) -> None:
        """A text that runs on over several lines, or entries one below the other."""
        for run in (self.view.run_from(index), self.view.entries_from(index)):
            if len(run) > 1:
                self.block_and_rest(run, Kind.BLOCK)
        segment = self.view.segments[index]
        colon = behind_label(segment.text)
        if colon:
            first, _ = segment.tokens_between(colon, len(segment.text))
            entries = self.view.entries_behind(index, first)
            if len(entries) > 1:
                self.block(entries, colon, Kind.BLOCK)

    def block_and_rest(self, chain: list[int], kinds: int) -> None:
        """Stacked lines, and the same after the label that they begin with."""
        self.block(chain, 0, kinds)
        colon = behind_label(self.view.segments[chain[0]].text)
        if colon:
            self.block(chain, colon, kinds)

    def block(self, chain: list[int], start: int, kinds: int, end: int = 0) -> Candidate | None:
        """Stacked lines from a place in the first one to a place in the last one (0: to its end)."""
        segments = [self.view.segments[i] for i in chain]
        ends = [len(s.text) for s in segments[:-1]] + [end or len(segments[-1].text)]
        starts = [start] + [0] * len(segments[1:])
        pieces = tuple(s.tokens_between(a, b) for s, a, b in zip(segments, starts, ends, strict=True))
        text = " ".join(s.text[a:b] for s, a, b in zip(segments, starts, ends, strict=True))
        return self.add(chain[0], pieces, text, kinds) if len(text) <= 600 else None

    def sentences(self) -> None:
        """Patterns of running text, over the words of the whole document in reading order."""
        text, offsets = joined_text(self.view.tokens)
        owners = self.owners()
        for found in find_prose(text):
            self.sentence(text, offsets, owners, found.start, found.end, KIND_OF[found.kind])
        for date in find_dates(text, self.order):
            if text[date.start : date.end].count(" ") and any(c.isalpha() for c in text[date.start : date.end]):
                candidate = self.sentence(text, offsets, owners, date.start, date.end, Kind.DATE)
                if candidate and candidate.date is None:
                    candidate.date, candidate.time = date.value, date.time

    def sentence(
        self, text: str, offsets: list[int], owners: list[int], start: int, end: int, kind: int
    ) -> Candidate | None:
        first, last = _range(offsets, start, end)
        if last <= first:
            return None
        return self.add(owners[first], self.by_line(first, last, owners), text[start:end], kind)

    def owners(self) -> list[int]:
        owners = [0] * len(self.view.tokens)
        for index, segment in enumerate(self.view.segments):
            owners[segment.first : segment.last] = [index] * (segment.last - segment.first)
        return owners

    def by_line(self, first: int, last: int, owners: list[int]) -> Pieces:
        pieces: list[tuple[int, int]] = []
        for token in range(first, last):
            if pieces and owners[token] == owners[token - 1]:
                pieces[-1] = (pieces[-1][0], token + 1)
            else:
                pieces.append((token, token + 1))
        return tuple(pieces)


@lru_cache(maxsize=8192)
def _looks(text: str) -> int:
    """The kinds of what a text may be as a whole: a company, a person, a street or an address."""
    kinds = 0
    if len(text) > 140:
        return kinds
    if names.has_legal_form(text) or names.names_a_trade(text):
        kinds |= Kind.COMPANY
    if names.person_likeness(text) >= 0.5:
        kinds |= Kind.PERSON
    if addresses.is_street_line(text):
        kinds |= Kind.STREET
        if addresses.postcode_city(text).postcode:
            kinds |= Kind.ADDRESS
    return kinds


@lru_cache(maxsize=8192)
def _currency_of(word: str) -> tuple[str, str] | None:
    """The currency's sign or code in a word, as a value may be read from it, and its code."""
    bare = _OF_NUMBERS.sub("", word)
    code = bare if bare in CURRENCY_CODES else CURRENCY_SIGNS.get(bare.lower()) if len(bare) <= 5 else None
    return (bare if bare.isalnum() else code, code) if code and bare else None


def behind_label(text: str) -> int:
    """Where what follows the first colon begins; 0 where nothing does."""
    colon = _COLON.search(text)
    return colon.end() if colon else 0


def _range(offsets: list[int], start: int, end: int) -> tuple[int, int]:
    return max(0, bisect_right(offsets, start) - 1), bisect_left(offsets, end)
