"""Documents that were read before underscores were indexed: the migration makes them findable by them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import insert, text

from fieldproof import search
from fieldproof.db import engine
from fieldproof.db.models import Chunk, Parsing
from fieldproof.search import Scope
from fieldproof.search.index import MAX_DISTINCT_WORDS
from fieldproof.settings import Settings
from fieldproof.wiring import build
from running import Installation, database_folder
from search.corpus import Paper, store

ASKED = ("a_b", "a_b_c", "b_c", "über_maß", "東京_b", "plain", "net_total")


@pytest.fixture
def own() -> Iterator[Installation]:
    """A database of its own, whose revision may go back and forth."""
    with database_folder() as folder:
        parts = build(Settings(data_dir=folder))
        try:
            yield Installation("", parts)
        finally:
            parts.close()


def test_documents_read_before_are_found_by_their_underscores(
    own: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldproof.search.matches.WORTH_KEEPING_S", 0)
    person = own.user()
    workspace = own.workspace(person)
    papers = [
        Paper("one.txt", ["see a_b here", "and a b_c there, A_B_C"]),
        Paper("two.txt", ["see a b here", "plain"]),
        Paper("three.txt", ["Über\uff3fMaß und 東京_b"]),
        Paper("four.txt", [f"page {n} has net_total_{n}" for n in range(250)]),
        Paper("unread.txt", ["a_b"]),
    ]
    with own.parts.work() as work:
        store(work.db, papers, workspace, person.id)
        for paper in papers[:-1]:
            add_reading(work.db, paper.document_id, ["an_older_one"], finished="2020-01-01")
            add_reading(work.db, paper.document_id, paper.pages, finished="2021-01-01")
    wanted = words(own, papers)
    as_before(own, papers)
    before = {asked: find(own, workspace, asked) for asked in ASKED}
    assert before == {asked: [papers[1].id] if asked == "plain" else [] for asked in ASKED}

    engine.migrate(own.parts.engine)

    assert words(own, papers[:-1]) == wanted[:-1]
    for asked in ASKED:
        assert find(own, workspace, asked) == [p.id for p in papers[:-1] if p.matches(asked)], asked
    assert find(own, workspace, "older_one") == []


def test_a_document_with_as_many_words_as_fit_keeps_them(own: Installation) -> None:
    person = own.user()
    paper = Paper("full.txt", [" ".join(f"w{n}" for n in range(MAX_DISTINCT_WORDS - 3)), "a_b c_d"])
    with own.parts.work() as work:
        store(work.db, [paper], own.workspace(person), person.id)
        add_reading(work.db, paper.document_id, [*paper.pages, "w1_w2"], finished="2021-01-01")
    full = words(own, [paper])
    rewind(own)
    engine.migrate(own.parts.engine)
    assert words(own, [paper]) == full and len(full[0]) == MAX_DISTINCT_WORDS


def add_reading(db: Any, document_id: uuid.UUID, pages: Sequence[str], *, finished: str) -> None:
    parsing = Parsing(
        document_id=document_id, config_hash=finished, config={}, status="ready", parser_version="2",
        created_at=finished, updated_at=finished, finished_at=finished,
    )  # fmt: skip
    db.add(parsing)
    db.flush()
    rows = [
        {
            "id": uuid.uuid4(), "parsing_id": parsing.id, "document_id": document_id, "index": n, "blocks": [],
            "content": page, "first_page": n, "last_page": n, "start": 0, "end": 1, "token_count": 1,
        }
        for n, page in enumerate(pages)
    ]  # fmt: skip
    db.execute(insert(Chunk), rows)


def as_before(own: Installation, papers: Sequence[Paper]) -> None:
    """Entries and revision as the release before left them."""
    with own.parts.work() as work:
        for paper in papers:
            work.db.execute(
                text(
                    "UPDATE search_entries SET words = ts_delete(words, ARRAY(SELECT w FROM unnest(tsvector_to_array(words)) w"
                    " WHERE w LIKE '%\\_%')) WHERE document_id = :id"
                ),
                {"id": paper.document_id},
            )
    rewind(own)


def rewind(own: Installation) -> None:
    with own.parts.work() as work:
        work.db.execute(text("UPDATE alembic_version SET version_num = '0011'"))


def words(own: Installation, papers: Sequence[Paper]) -> list[list[str]]:
    sql = text("SELECT tsvector_to_array(words) FROM search_entries WHERE document_id = :id")
    with own.parts.work() as work:
        return [work.db.scalars(sql, {"id": paper.document_id}).one() for paper in papers]


def find(own: Installation, workspace: int, asked: str) -> list[int]:
    scope = Scope((workspace,))
    with own.parts.work() as work:
        return search.matching(work.db, scope, search.condition_for(search.parse_query(asked), scope)).tolist()
