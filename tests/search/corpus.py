"""Documents with known words, in a database, and what a search over them must find by looking at each."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy.orm import Session as Db

from fieldproof import search
from fieldproof.core import clock
from fieldproof.db.models import Deposit, Document
from fieldproof.search.text import Term, fold, parse_query, words_in

WORDS = [
    "invoice",
    "total",
    "due",
    "date",
    "vendor",
    "amount",
    "tax",
    "net",
    "gross",
    "order",
    "number",
    "customer",
    "delivery",
    "street",
    "city",
    "bank",
    "account",
    "über",
    "straße",
    "café",
    "naïve",
    "ÆON",
    "łódź",
    "Ångström",
    "résumé",
    "東京",
    "請求書",
    "счёт",
    "договор",
    "ελληνικά",
    "inv",
    "invoices",
    "invoiced",
    "totals",
    "totally",
    "dues",
    "dated",
    "a",
    "b",
    "c",
    "ab",
    "abc",
    "abd",
    "1",
    "10",
    "100",
    "1000",
    "2026",
    "42",
    "a_b",
    "a_bc",
    "a_b_c",
    "c_a_b",
    "a__b",
    "_a_b_",
    "b_a",
    "invoice_number",
    "Invoice_Number_2",
    "Über_straße",
    "東京_b",
    "a\uff3fb",
]
NAMES = ("Invoice", "lease", "rent roll", "Scan_001", "100% sure", "a_b", "Übersicht", "report (final)", "x.y", "東京")


@dataclass
class Paper:
    """One document as a person sees it."""

    name: str
    pages: list[str]
    status: str = "processed"
    document_id: uuid.UUID = field(default_factory=uuid.uuid4)
    id: int = 0

    def matches(self, text: str) -> bool:
        """By looking: no index, no SQL."""
        query = parse_query(text)
        pages = [_words(page) for page in self.pages]
        in_name = any(needle in fold(self.name) for needle in query.needles)
        in_text = bool(query.terms) and all(any(_stands_in(term, page) for page in pages) for term in query.terms)
        return in_name or (in_text and all(any(j.search(fold(page)) for page in self.pages) for j in _joined(text)))


@cache
def _words(page: str) -> list[str]:
    return words_in(fold(page))


@cache
def _joined(text: str) -> list[re.Pattern[str]]:
    """Each run of words with underscores between them, as it must stand in a text, letter by letter."""
    pieces = [(quoted, loose) for quoted, loose in re.findall(r'"([^"]*)"|([^\s"]+)', text)]
    found = []
    for n, (quoted, loose) in enumerate(pieces):
        folded = fold(quoted or loose)
        for run in re.finditer(r"[^\W_]+(?:_+[^\W_]+)+", folded):
            is_open = bool(loose) and n == len(pieces) - 1 and run.end() == len(folded)
            found.append(re.compile(rf"(?<![^\W_]){re.escape(run[0])}" + ("" if is_open else r"(?![^\W_])")))
    return found


def _stands_in(term: Term, words: Sequence[str]) -> bool:
    size = len(term.words)
    return any(_is_at(term, words[n : n + size]) for n in range(len(words) - size + 1))


def _is_at(term: Term, words: Sequence[str]) -> bool:
    *closed, last = term.words
    *before, at = words
    return before == closed and (at.startswith(last) if term.is_open else at == last)


def random_paper(random_: random.Random) -> Paper:
    pages = [" ".join(random_.choices(WORDS, k=random_.randint(1, 12))) for _ in range(random_.randint(1, 3))]
    name = f"{random_.choice(NAMES)} {random_.randint(1, 50)}.{random_.choice(['pdf', 'PNG', 'csv'])}"
    return Paper(name, pages, random_.choices(["processed", "failed", "queued"], [8, 1, 1])[0])


def store(db: Db, papers: Sequence[Paper], workspace_id: int, user_id: int) -> None:
    """As uploads and readings do it."""
    now = clock.now()
    for paper in papers:
        document = Document(
            id=paper.document_id, workspace_id=workspace_id, filename=paper.name, mime="text/plain", extension="txt",
            category="text", size_bytes=1, sha256=uuid.uuid4().hex, status=paper.status, source_type="upload",
            created_at=now, updated_at=now, created_by=user_id,
        )  # fmt: skip
        deposit = Deposit(user_id=user_id, document_id=document.id, filename=paper.name, created_at=now)
        db.add(document)
        db.flush()
        db.add(deposit)
        db.flush()
        search.add_entry(db, document, paper.name, deposit=deposit, is_first=True)
        search.index_content(db, document, paper.pages)
        paper.id = deposit.id
