"""The index finds exactly what looking at every document finds: sets, order, totals; while documents come and go."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldproof import search
from fieldproof.db.models import Document
from fieldproof.search import Scope
from search.corpus import NAMES, WORDS, Paper, random_paper, store

# The long form: SEARCH_PAPERS=2000 SEARCH_QUERIES=10000.
PAPERS = int(os.environ.get("SEARCH_PAPERS", "300"))
QUERIES = int(os.environ.get("SEARCH_QUERIES", "300"))

word = st.sampled_from(WORDS)
piece = st.one_of(
    word,
    word.map(lambda w: w[: max(1, len(w) - 2)]),
    st.lists(word, min_size=1, max_size=3).map(lambda ws: f'"{" ".join(ws)}"'),
    st.tuples(word, word).map("-".join),
    st.tuples(word, word).map("_".join),
    st.sampled_from(["a_b", "a_", "_a", "a_b_c", "b_c", "a_b-c", '"c a_b"', '"a_b c"', "a__b"]),
    st.sampled_from(NAMES),
    st.sampled_from(["%", "_", "'", '"', "\\", "100%", "a_b", "🙂", "x.y", ":*", "&", "|", "!", "(", "<->"]),
    st.text(max_size=4).filter(lambda t: "\x00" not in t),
)
query = st.lists(piece, min_size=1, max_size=3).map(" ".join)
status = st.sampled_from([(), ("processed",), ("failed", "queued")])


@pytest.fixture(scope="module")
def shelf(server: Any) -> tuple[Any, int, int, list[Paper]]:
    person = server.user()
    workspace = server.workspace(person)
    papers = [random_paper(random.Random(n)) for n in range(PAPERS)]
    with server.parts.work() as work:
        store(work.db, papers, workspace, person.id)
    return server, workspace, person.id, papers


@given(text=query, statuses=status)
@settings(max_examples=QUERIES, deadline=None)
def test_a_search_finds_what_looking_finds(shelf: Any, text: str, statuses: Sequence[str]) -> None:
    server, workspace, user, papers = shelf
    expected = sorted(p.id for p in papers if p.matches(text) and (not statuses or p.status in statuses))
    for scope in (Scope((workspace,)), Scope((workspace,), user)):
        assert find(server, scope, text, statuses) == expected


def test_a_kept_answer_follows_every_change(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldproof.search.matches.WORTH_KEEPING_S", 0)
    person = server.user()
    workspace = server.workspace(person)
    scope, shelf, dice = Scope((workspace,), person.id), [], random.Random(7)
    asked = ["invoice", '"invoice total"', "2026 inv", "a_b", "a_b due", "10"]
    for _ in range(30):
        with server.parts.work() as work:
            match dice.randrange(3):
                case 0:
                    new = [random_paper(dice) for _ in range(3)]
                    store(work.db, new, workspace, person.id)
                    shelf += new
                case 1 if shelf:
                    gone = shelf.pop(dice.randrange(len(shelf)))
                    work.db.delete(work.db.get_one(Document, gone.document_id))
                case 2 if shelf:
                    changed = dice.choice(shelf)
                    changed.pages, changed.status = random_paper(dice).pages, dice.choice(["processed", "failed"])
                    document = work.db.get_one(Document, changed.document_id)
                    document.status = changed.status
                    work.db.flush()
                    search.index_content(work.db, document, changed.pages)
        for text in asked:
            assert find(server, scope, text, ()) == sorted(p.id for p in shelf if p.matches(text))
            failed = sorted(p.id for p in shelf if p.matches(text) and p.status == "failed")
            assert find(server, scope, text, ("failed",)) == failed
        assert pages(server, scope, ()) == sorted((p.id for p in shelf), reverse=True)
        assert pages(server, scope, ("failed",)) == sorted((p.id for p in shelf if p.status == "failed"), reverse=True)


def test_a_search_stays_in_its_workspace(server: Any) -> None:
    people = [server.user(), server.user()]
    workspaces = [server.workspace(person) for person in people]
    for person, workspace, secret in zip(people, workspaces, ("alpha", "omega"), strict=True):
        with server.parts.work() as work:
            store(work.db, [Paper(f"{secret}.pdf", [f"the {secret} clause"])], workspace, person.id)
    mine = Scope((workspaces[0],), people[0].id)
    assert len(find(server, mine, "alpha", ())) == 1
    assert find(server, mine, "omega", ()) == find(server, Scope((workspaces[0],)), '"omega clause"', ()) == []


def find(server: Any, scope: Scope, text: str, statuses: Sequence[str]) -> list[int]:
    with server.parts.work() as work:
        return search.matching(work.db, scope, search.condition_for(search.parse_query(text), scope, statuses)).tolist()


def pages(server: Any, scope: Scope, statuses: Sequence[str]) -> list[int]:
    """All pages of seven rows, one after the other; the total is what they add up to."""
    found: list[int] = []
    with server.parts.work() as work:
        counted = search.counts(work.db, scope, statuses)
        for start in range(0, counted.total + 7, 7):
            found += search.page_ids(work.db, counted, start, 7)
    assert counted.total == len(found)
    return found
