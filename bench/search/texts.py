"""Made-up documents that read like real ones to an index: Zipfian words, 1 to 30 pages. The same number, the same document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

WORDS_PER_PAGE = 70
MEAN_PAGES = 2.2
VOCABULARY = 60_000
_KNOWN = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "for",
    "total",
    "invoice",
    "date",
    "number",
    "amount",
    "due",
    "tax",
    "vendor",
    "customer",
    "order",
    "payment",
    "account",
    "net",
    "gross",
    "delivery",
    "address",
    "street",
    "city",
    "country",
    "bank",
    "terms",
    "conditions",
    "contract",
    "party",
    "service",
    "period",
    "balance",
    "reference",
]
_SYLLABLES = ["ba", "be", "bi", "bo", "bu", "da", "de", "di", "do", "du", "fa", "fe", "ga", "go", "ka", "ke", "ki", "ko", "la", "le", "li", "lo", "lu", "ma", "me", "mi", "mo", "na", "ne", "ni", "no", "pa", "pe", "po", "ra", "re", "ri", "ro", "sa", "se", "si", "so", "ta", "te", "ti", "to", "va", "ve", "vi", "vo"]  # fmt: skip
_KINDS = ("invoice", "lease", "rent roll", "statement", "contract", "receipt", "scan", "report")
_EXTENSIONS = (("pdf", "pdf"), ("docx", "word"), ("csv", "excel"), ("PNG", "image"))
_VENDORS = ("Acme", "Northwind", "Globex", "Initech", "Umbrella", "Stark", "Wayne", "Hooli", "Vandelay", "Soylent")
_FORMS = ("Ltd", "GmbH", "Inc", "SARL", "BV")


@dataclass(frozen=True, slots=True)
class Sample:
    number: int
    name: str
    category: str
    status: str
    pages: list[str]
    vendor: str
    total: float
    due: date
    reference: str


@cache
def vocabulary() -> np.ndarray:
    """Most frequent first."""
    dice = np.random.default_rng(1)
    made: dict[str, None] = dict.fromkeys(_KNOWN)
    while len(made) < VOCABULARY:
        made["".join(dice.choice(_SYLLABLES, dice.integers(2, 6)))] = None
    return np.array(list(made), dtype=object)


@cache
def _cumulated() -> np.ndarray:
    weights = 1 / (np.arange(VOCABULARY) + 2.7)
    return np.cumsum(weights / weights.sum())


def samples(first: int, count: int) -> list[Sample]:
    """Documents ``first`` … ``first + count``; whole batches only, so that a batch is always the same."""
    dice = np.random.default_rng([2, first])
    page_counts = np.minimum(dice.geometric(1 / MEAN_PAGES, count), 30)
    words = vocabulary()[np.searchsorted(_cumulated(), dice.random(int(page_counts.sum()) * WORDS_PER_PAGE))].tolist()
    kinds, extensions = dice.integers(0, len(_KINDS), count), dice.choice(4, count, p=[0.7, 0.12, 0.1, 0.08])
    vendors, forms = dice.integers(0, 200, count), dice.integers(0, 5, count)
    totals, days = np.round(dice.lognormal(6.5, 1.4, count), 2), dice.integers(0, 1500, count)
    states = dice.choice(3, count, p=[0.95, 0.03, 0.02])
    made: list[Sample] = []
    at = 0
    for n in range(count):
        number = first + n
        pages = []
        for _ in range(page_counts[n]):
            pages.append(" ".join(words[at : at + WORDS_PER_PAGE]))
            at += WORDS_PER_PAGE
        extension, category = _EXTENSIONS[extensions[n]]
        vendor = f"{_VENDORS[vendors[n] % 10]} {vocabulary()[100 + vendors[n]]} {_FORMS[forms[n]]}"
        reference = f"INV-{2020 + number % 7}-{number:07d}"
        pages[0] = f"{reference} {vendor} {pages[0]}"
        name = f"{_KINDS[kinds[n]]} {words[at - 1]} {number:07d}.{extension}"
        status = ("processed", "failed", "queued")[states[n]]
        made.append(
            Sample(
                number,
                name,
                category,
                status,
                pages,
                vendor,
                float(totals[n]),
                date(2023, 1, 1) + timedelta(days=int(days[n])),
                reference,
            )
        )
    return made
