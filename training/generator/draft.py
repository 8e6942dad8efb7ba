"""One document in the making: its paper, what is true about it, and how its layout writes things."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import Any

from .chance import Style
from .labels import label
from .paper import A4, LETTER, Paper, Pen, Piece, Told
from .world import CURRENCIES, WEIGHTED_LOCALES
from .writing import DateForm, Money, date_form


@dataclass
class Fact:
    """A true value. It counts only where it is written down."""

    type: str
    value: Any
    accept: list[Any] = field(default_factory=list)


@dataclass
class Draft:
    """``style`` belongs to the layout, ``luck`` to this document."""

    family: str
    layout: str
    style: Style
    luck: Random
    locale: str
    paper: Paper
    facts: dict[str, Fact] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Fact]]] = field(default_factory=dict)
    members: dict[str, list[tuple[str, list[str]]]] = field(default_factory=dict)
    shown_names: dict[str, str] = field(default_factory=dict)
    is_scan: bool = False
    y: float = 0.0

    @property
    def language(self) -> str:
        return self.locale[:2]

    @property
    def country(self) -> str:
        return self.locale[3:]

    @property
    def date_order(self) -> str:
        return "MDY" if self.locale == "en-US" else "DMY"

    @cached_property
    def pen(self) -> Pen:
        """The body text of this layout."""
        s = self.style
        family = s.choice("font", ("helvetica", "helvetica", "helvetica", "helvetica", "times", "courier"))
        size = s.between("font size", 7.6, 10.4) - (0.8 if family == "courier" else 0)
        return Pen(family, round(size, 1), narrow=round(s.between("narrow", 0.88, 1.04), 2))

    @cached_property
    def margin(self) -> float:
        return round(self.style.between("margin", 30, 72), 1)

    @property
    def right(self) -> float:
        return self.paper.width - self.margin

    @cached_property
    def currency(self) -> str:
        usual = CURRENCIES.get(self.locale, "EUR")
        return self.style.choice("currency", [usual] * 9 + ["EUR", "USD", "GBP"])

    @cached_property
    def money(self) -> Money:
        return Money(self.style, "money", self.locale, self.currency)

    @cached_property
    def date_form(self) -> DateForm:
        return date_form(self.style, "dates", self.locale)

    def label(self, concept: str) -> str:
        return label(self.style, concept, self.language)

    def know(self, concept: str, type_: str, value: Any, *accept: Any) -> None:
        self.facts[concept] = Fact(type_, value, list(accept))

    def text(self, concept: str, value: str, *accept: str) -> Told:
        """A text fact and the piece that says it."""
        if concept not in self.facts:
            self.know(concept, "string", value, *accept)
        return Told(value, (concept,))

    def day(self, concept: str, value: date, form: DateForm | None = None) -> Told:
        self.know(concept, "date", value.isoformat())
        return Told((form or self.date_form)(value), (concept,))

    def amount(self, concept: str, value: float, *, with_currency: bool = False) -> list[Piece]:
        """An amount; its currency sign is not part of the value's place."""
        self.know(concept, "number", round(value, 2))
        return self.amount_pieces((concept,), value, with_currency=with_currency)

    def amount_pieces(self, about: tuple[str, ...], value: float, *, with_currency: bool = False) -> list[Piece]:
        number = self.money.plain(value)
        if not with_currency:
            return [Told(number, about)]
        before, _, after = self.money.with_currency(value).partition(number)
        sign = ("currency",)
        pieces: list[Piece] = []
        for text in (before, number, after):
            bare = text.strip()
            if text is number:
                pieces.append(Told(number, about))
            elif bare:
                lead = text[: len(text) - len(text.lstrip())]
                pieces += [lead, Told(bare, sign), text[len(lead) + len(bare) :]]
        return [p for p in pieces if p]

    def some_day(self, first: int = 2009, last: int = 2025) -> date:
        start = date(first, 1, 1)
        return start + timedelta(days=self.luck.randint(0, (date(last, 12, 28) - start).days))

    def lucky(self, share: float) -> bool:
        return self.luck.random() < share


def draft(family: str, number: str, copy: int, locales: list[str] | None = None, size: tuple[float, float] | None = None) -> Draft:
    """A blank document of one layout; ``number`` names the layout."""
    style = Style(f"{family} {number}")
    locale = style.choice("locale", locales or WEIGHTED_LOCALES)
    paper_size = size or (LETTER if locale in ("en-US", "es-MX") or style.chance("letter", 0.08) else A4)
    return Draft(family, f"gen:{family}:{number}", style, Random(f"{family} {number} {copy}"), locale, Paper(paper_size))
