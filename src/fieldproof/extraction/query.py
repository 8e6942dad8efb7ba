"""What a field looks for, read from its name, title, prompt, type and group."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from fieldproof.core.schema import Field, FieldType, Group
from fieldproof.extraction.candidates import Kind
from fieldproof.extraction.lexicon import LEXICON
from fieldproof.extraction.plain import plain, words_of_name

SHAPES = (
    "text", "id", "date", "time", "amount", "number", "percent", "company", "person", "name", "address", "street", "postcode",
    "city", "country", "place", "email", "phone", "url", "vat", "iban", "bic", "currency", "duration", "title", "boolean", "enum",
)  # fmt: skip
ROLES = (
    "none",
    "seller",
    "buyer",
    "ship_to",
    "bank",
    "holder",
    "registrant",
    "principal",
    "advertiser",
    "agency",
    "party",
)
NUMERIC = (FieldType.NUMBER, FieldType.INTEGER, FieldType.CURRENCY)
_DATES = (FieldType.DATE, FieldType.DATETIME)
ROLE_OF = np.array([ROLES.index(c.role) if c.role else 0 for c in LEXICON.concepts])
_DATE = LEXICON.index["date"]
_DAYS = [c for c, concept in enumerate(LEXICON.concepts) if concept.shape == "date"]
_SAYS_DAY = 0.2  # how well a text is called a date, to be asked as one
_NEARLY_A_DAY = 0.5  # and one of the days of business
_PREPOSITIONS = frozenset(
    ["to", "from", "bis", "von", "a", "au", "de", "du", "al", "hasta", "desde", "da", "tot", "van"]
)
_STOP = frozenset(
    [
        "the",
        "of",
        "a",
        "an",
        "to",
        "for",
        "in",
        "on",
        "at",
        "is",
        "was",
        "by",
        "or",
        "and",
        "that",
        "who",
        "which",
        "whose",
        "as",
        "its",
        "this",
        "be",
        "it",
        "with",
        "from",
        "der",
        "die",
        "das",
        "de",
        "la",
        "le",
        "les",
    ]
)
TRIGRAM_SIZE = 512
_NUMBER = LEXICON.index["number"]
_REFERENCES = frozenset(["ref", "reference", "referenz", "referencia", "riferimento", "key"])
_BETWEEN = re.compile(r"[(),;/:]|\b(?:or|oder|ou|o)\b")
_WHOLE = 0.97  # a name and nothing else
_LISTED = 0.8  # what a name that a prompt lists is worth
_CLEAR = 0.75  # how well a name is known from which its shape may be relied on
_MEANT = 0.8  # how well a name is known from which a field asks for just that
_GENERAL = 0.6  # what a name like "number" is worth as itself where its group makes it a more special one

FITTING: dict[str, int] = {
    "id": Kind.ID, "date": Kind.DATE, "amount": Kind.MONEY, "number": Kind.AMOUNT, "percent": Kind.PERCENT,
    "company": Kind.COMPANY, "person": Kind.PERSON, "name": Kind.COMPANY | Kind.PERSON | Kind.PARTY, "address": Kind.ADDRESS,
    "street": Kind.STREET, "postcode": Kind.POSTCODE, "city": Kind.CITY, "country": Kind.COUNTRY, "place": Kind.PLACE,
    "email": Kind.EMAIL, "phone": Kind.PHONE, "url": Kind.URL, "vat": Kind.VAT, "iban": Kind.IBAN, "bic": Kind.BIC,
    "currency": Kind.CURRENCY, "duration": Kind.DURATION,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    path: tuple[str, ...]
    field: Field
    shape: str
    role: int
    role_weight: float
    concepts: np.ndarray  # weight per concept of the lexicon
    parents: np.ndarray  # weight per more general concept
    related: np.ndarray  # concepts that do not speak against it
    name: str
    name_trigrams: np.ndarray
    words: frozenset[str]  # of name, title and prompt
    group_words: str

    @property
    def is_clear(self) -> bool:
        """Whether the shape may be relied on: the field is called what the lexicon knows, or says its format."""
        return bool(self.field.format) or float(self.concepts.max()) >= _CLEAR

    def means(self, concept: int) -> bool:
        """Whether it asks for what the lexicon calls so."""
        return bool(self.concepts[concept] >= _MEANT)

    @property
    def is_date(self) -> bool:
        return self.field.type in _DATES

    @property
    def is_number(self) -> bool:
        return self.field.type in NUMERIC


def context_of(group: Group) -> str:
    """What a group is called: words that its fields are asked with."""
    return f"{group.name} {group.title or ''}".strip()


def query_of(path: tuple[str, ...], field: Field, context: str = "") -> Query:
    """``context``: names and titles of the group (and objects) around the field."""
    field = _with_stated_type(field)
    name = words_of_name(field.name)
    title = plain(field.title or "")
    prompt = plain(field.description or "")
    group_words = words_of_name(context)
    own = _own_concepts(name, title, prompt, group_words, _listed(field.description or ""))
    role, role_weight = _role(name, title, group_words, prompt)
    parents, related = _relatives(own)
    shape = _shape(field, name, own, role)
    return Query(
        path, field, shape, role, role_weight, own, parents, related,
        name, trigrams(name if not title else f"{name} {title}" if title not in name else name),
        frozenset(w for w in f"{name} {title} {prompt}".split() if w not in _STOP), group_words,
    )  # fmt: skip


@lru_cache(maxsize=50_000)
def trigrams(text: str) -> np.ndarray:
    """A unit vector of hashed trigrams."""
    return trigrams_of([text])[0]


def trigrams_of(texts: Sequence[str]) -> np.ndarray:
    """text x TRIGRAM_SIZE: unit vectors of hashed trigrams."""
    padded = [f"  {text[:60]} " for text in texts]
    joined = "".join(padded)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.intp)
    owner = np.repeat(np.arange(len(texts)), [len(p) for p in padded])
    starts = np.nonzero(owner[:-2] == owner[2:])[0]
    letters = np.stack([codes[starts], codes[starts + 1], codes[starts + 2]])
    one, two, three = _PLACES[np.arange(3)[:, None], np.minimum(letters, 127)]
    places = one ^ two ^ three
    for i in np.nonzero(letters.max(axis=0) > 127)[0].tolist():
        places[i] = _place(joined[starts[i] : starts[i] + 3].encode())
    cells = owner[starts] * TRIGRAM_SIZE + places
    vectors = np.bincount(cells, minlength=len(texts) * TRIGRAM_SIZE).reshape(-1, TRIGRAM_SIZE).astype(np.float32)
    return vectors / np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))


@lru_cache(maxsize=50_000)
def _place(trigram: bytes) -> int:
    return zlib.crc32(trigram) % TRIGRAM_SIZE


def _places_of_letters() -> np.ndarray:
    """place in the trigram x ASCII letter -> what its place is made of by exclusive or: a CRC is linear in its bits."""
    nothing = _place(bytes(3))
    first, second, third = (
        [_place(bytes(at) + bytes([letter]) + bytes(2 - at)) for letter in range(128)] for at in range(3)
    )
    return np.array([first, [p ^ nothing for p in second], [p ^ nothing for p in third]], dtype=np.intp)


_PLACES = _places_of_letters()


def _with_stated_type(field: Field) -> Field:
    """A text whose format is a date is asked as a date."""
    stated = {"date": FieldType.DATE, "date-time": FieldType.DATETIME, "datetime": FieldType.DATETIME}
    kind = stated.get((field.format or "").lower()) if field.type is FieldType.STRING else None
    return replace(field, type=kind) if kind else field


def _listed(prompt: str) -> list[str]:
    """What a prompt gives as names for the value, one beside the other: "Document number (invoice number, receipt number)"."""
    return [plain(part) for part in _BETWEEN.split(prompt)]


def _own_concepts(name: str, title: str, prompt: str, group: str, listed: list[str]) -> np.ndarray:
    own = LEXICON.vector(name)
    own = np.maximum(own, 0.97 * LEXICON.vector(title)) if title else own
    together = LEXICON.vector(f"{group.split()[0] if group else ''} {name}")
    for concept in np.nonzero(together >= _WHOLE)[0]:
        own[concept] = max(own[concept], 0.98 * together[concept])
        if LEXICON.parents[concept] == _NUMBER:  # the "number" of an "invoice" is no number of a customer
            own[_NUMBER] = min(own[_NUMBER], _GENERAL)
    if prompt:
        own = np.maximum(own, 0.85 * LEXICON.vector(" ".join(prompt.split()[:8])))
    for part in listed:
        named = LEXICON.vector(part)
        own = np.maximum(own, np.where(named >= _WHOLE, _LISTED * named, 0.0))
    return own.astype(np.float32)


def _role(name: str, title: str, group: str, prompt: str) -> tuple[int, float]:
    for text, weight in ((f"{name} {title}", 1.0), (group, 0.95), (prompt, 0.8)):
        best = max(((s, -c) for c, s in LEXICON.matches(text.strip()) if ROLE_OF[c]), default=None)
        if best and best[0] >= 0.2:
            return int(ROLE_OF[-best[1]]), weight
    return 0, 0.0


def _relatives(own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    parents = np.zeros_like(own)
    related = own >= 0.3
    for child, parent in enumerate(LEXICON.parents):
        if parent >= 0:
            parents[parent] = max(parents[parent], own[child])
            related[parent] |= own[child] >= 0.3
            related[child] |= own[parent] >= 0.6
    return parents, related


def _shape(field: Field, name: str, own: np.ndarray, role: int) -> str:
    if field.type in _DATES:
        return "date"
    if field.type is FieldType.BOOLEAN:
        return "boolean"
    if field.enum:
        return "enum"
    best = _head_shape(name, own) or _best_shape(own)
    if best == "id" and not _is_about_a_number(name, own):
        best = "text"
    if field.type in NUMERIC:
        return best if best in ("amount", "percent") else "amount" if field.type is FieldType.CURRENCY else "number"
    stated = re.sub(r"[^a-z]", "", (field.format or "").lower())
    if stated in SHAPES:
        return stated
    return "text" if best == "date" and not _is_about_a_day(own) else best


def _is_about_a_day(own: np.ndarray) -> bool:
    """A text that is hardly called like a date is none: "Copies to", "salary received for lobbying"."""
    return bool(own[_DATE] >= _SAYS_DAY) or any(own[c] >= _NEARLY_A_DAY for c in _DAYS)


def _is_about_a_number(name: str, own: np.ndarray) -> bool:
    """A name that only reminds of a number's asks for one if a word of it says so: a "project leader" is no project's number."""
    return own.max() >= _CLEAR or any(map(_is_number, name.split()))


def _is_number(word: str) -> bool:
    return word in _REFERENCES or any(c == _NUMBER and score >= _WHOLE for c, score in LEXICON.matches(word))


def _head_shape(name: str, own: np.ndarray) -> str | None:
    """The last word says what is asked: a "signer title" is a title."""
    words = name.split()
    if len(words) < 2 or own.max() >= 0.97 or words[-1] in _PREPOSITIONS:
        return None
    for concept, score in LEXICON.matches(words[-1]):
        shape = LEXICON.concepts[concept].shape
        if score >= 0.9 and own[concept] >= 0.25 and not ROLE_OF[concept] and shape not in ("name", "id"):
            return shape
    return None


def _best_shape(own: np.ndarray) -> str:
    """The clearest concept decides; a party's role ("supplier address") yields to what is asked of it."""
    order = np.argsort(-own, kind="stable")
    best = own[order[0]]
    if best < 0.25:
        return "text"
    for c in order:
        if own[c] < max(0.25, 0.55 * best):
            break
        if not ROLE_OF[c]:
            return LEXICON.concepts[c].shape
    return LEXICON.concepts[order[0]].shape
