"""Our own list of documents: filters, orders, pages, cursors, counts, fields, and where a search hit."""

from __future__ import annotations

import random
from typing import Any

import pytest

from contract.files import note_pdf, xlsx
from docsense.client import Caller
from search.conftest import Desk
from search.corpus import Paper


def paper(name: str, *pages: str, status: str = "processed") -> Paper:
    return Paper(name, list(pages), status)


def test_filters_narrow_and_totals_follow(desk: Desk) -> None:
    first, second, third = desk.put(
        paper("a.pdf", "alpha"), paper("b.pdf", "beta", status="failed"), paper("c.pdf", "alpha beta", status="queued")
    )
    assert desk.names() == ["c.pdf", "b.pdf", "a.pdf"]
    assert desk.names(status="failed,queued") == ["c.pdf", "b.pdf"]
    assert desk.names(status=["failed", "queued"]) == ["c.pdf", "b.pdf"]
    assert desk.names(not_status="failed") == ["c.pdf", "a.pdf"]
    assert desk.names(search="alpha") == ["c.pdf", "a.pdf"]
    assert desk.names(search="alpha", not_status="queued") == ["a.pdf"]
    assert desk.names(search="alpha", file_type="text") == ["c.pdf", "a.pdf"]
    assert desk.names(search="alpha", file_type="pdf") == []
    assert desk.names(ids=f"{first},{third}") == ["c.pdf", "a.pdf"]
    assert desk.names(ids=second, extension="TXT", size_min=1, size_max=1) == ["b.pdf"]
    assert desk.names(created_from="2020-01-01", created_to="2020-12-31") == []
    assert len(desk.names(created_from="2020-01-01T00:00:00+02:00")) == 3
    assert desk.names(needs_review="true") == [] and len(desk.names(needs_review="false")) == 3
    assert desk.names(has_error="true") == [] and desk.names(pages_min=1) == []
    assert desk.list(status="failed", search="beta", has_error="false")["total"] == 1


def test_sort_orders_by_each_column(desk: Desk) -> None:
    desk.put(paper("Beta.pdf", "x"), paper("alpha.pdf", "x", status="failed"), paper("gamma.pdf", "x"))
    assert desk.names(sort="filename", order="asc") == ["alpha.pdf", "Beta.pdf", "gamma.pdf"]
    assert desk.names(sort="filename") == ["gamma.pdf", "Beta.pdf", "alpha.pdf"]
    assert desk.names(sort="created_at", order="asc") == ["Beta.pdf", "alpha.pdf", "gamma.pdf"]
    assert desk.names(sort="status", order="asc") == ["alpha.pdf", "Beta.pdf", "gamma.pdf"]
    for sort in ("size", "pages", "updated_at", "processed_at"):
        assert sorted(desk.names(sort=sort)) == ["Beta.pdf", "alpha.pdf", "gamma.pdf"]


@pytest.mark.parametrize(
    "asked",
    [{}, {"status": "failed"}, {"search": "word"}, {"sort": "filename", "order": "asc"}, {"sort": "size"},
     {"search": "word", "sort": "updated_at"}, {"sort": "processed_at"}],
)  # fmt: skip
def test_a_cursor_walks_through_all_rows_once_while_new_ones_arrive(desk: Desk, asked: dict[str, Any]) -> None:
    dice = random.Random(3)
    desk.put(*[paper(f"{n:02}.pdf", "word", status=dice.choice(["processed", "failed"])) for n in range(23)])
    expected = desk.names(limit=100, **asked)
    page = desk.list(limit=5, **asked)
    assert page["total"] == len(expected)
    seen = [row["filename"] for row in page["data"]]
    desk.put(paper("zz new.pdf", "word", status="failed"))
    while page["next_cursor"]:
        page = desk.list(limit=5, cursor=page["next_cursor"], **asked)
        seen += [row["filename"] for row in page["data"]]
    assert [name for name in seen if name != "zz new.pdf"] == expected


def test_numbered_pages_hold_each_row_once(desk: Desk) -> None:
    desk.put(*[paper(f"{n}.pdf", "word", status="failed" if n % 5 == 0 else "processed") for n in range(31)])
    for asked in (
        {},
        {"status": "failed"},
        {"search": "word"},
        {"sort": "filename"},
        {"search": "word", "sort": "relevance"},
    ):
        everything = desk.names(limit=100, **asked)
        paged = [name for n in range(1, 9) for name in desk.names(limit=4, page=n, **asked)]
        assert paged == everything[:32]


def test_counts_by_status_and_type_follow_the_filters(desk: Desk) -> None:
    desk.put(paper("a.pdf", "alpha"), paper("b.pdf", "beta", status="failed"), paper("c.pdf", "alpha"))
    assert desk.list(counts="true")["counts"] == {"status": {"failed": 1, "processed": 2}, "file_type": {"text": 3}}
    found = desk.list(counts="true", search="alpha", limit=1)
    assert found["counts"] == {"status": {"processed": 2}, "file_type": {"text": 2}}
    assert desk.list(counts="true", sha256="0" * 64)["counts"] == {"status": {}, "file_type": {}}
    assert "counts" not in desk.list()


def test_only_the_fields_that_are_asked_for_are_sent(desk: Desk) -> None:
    desk.put(paper("a.pdf", "alpha"))
    assert list(desk.list(fields="filename,status")["data"][0]) == ["id", "filename", "status"]


@pytest.mark.parametrize(
    "asked",
    [{"status": "done"}, {"file_type": "pdf,tiff"}, {"limit": 0}, {"limit": 101}, {"page": 0}, {"sort": "magic"},
     {"fields": "secret"}, {"ids": "1"}, {"session": "x"}, {"cursor": "xx"}, {"cursor": "W10"}, {"size_min": -1},
     {"created_from": "soon"}, {"sha256": "abc"}, {"has_error": "perhaps"}, {"search": "x" * 501}, {"tags_any": "a\x00"},
     {"sort": "relevance"}, {"cursor": "eyJ9", "page": 2}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(desk: Desk, asked: dict[str, Any]) -> None:
    path = f"/workspaces/{desk.workspace}/documents"
    assert desk.get(path, 422, **asked)["errors"]


def test_a_cursor_of_another_order_is_refused(desk: Desk) -> None:
    desk.put(*[paper(f"{n}.pdf", "x") for n in range(3)])
    cursor = desk.list(limit=2)["next_cursor"]
    desk.get(f"/workspaces/{desk.workspace}/documents", 422, limit=2, cursor=cursor, sort="size")


def test_relevance_puts_the_document_that_says_it_more_often_first(desk: Desk) -> None:
    desk.put(
        paper("often.pdf", "turbine turbine turbine blade"),
        paper("once.pdf", "one turbine among " + "many other words " * 50),
        paper("turbine.pdf", "nothing"),
        paper("never.pdf", "nothing"),
    )
    found = desk.list(search="turbine", sort="relevance")
    assert found["data"][0]["filename"] == "often.pdf"
    assert found["total"] == 3
    scores = [row["hit"]["score"] for row in found["data"]]
    assert scores == sorted(scores, reverse=True) and min(scores) > 0


def test_a_hit_shows_its_page_its_words_and_its_box(server: Any, desk: Desk) -> None:
    caller = Caller(desk.http, desk.person.token(kind="key", workspace_id=desk.workspace))
    caller.read(
        ("wear.pdf", note_pdf("The Über turbine shows no wear at all.")), ("sheet.xlsx", xlsx([["Naïve", "turbine"]]))
    )
    rows = {row["filename"]: row["hit"] for row in desk.list(search='"uber turbine" show')["data"]}
    hit = rows["wear.pdf"]
    assert list(rows) == ["wear.pdf"] and hit["page"] == 1
    assert [hit["snippet"][a:b] for a, b in hit["highlights"]] == ["Über", "turbine", "shows"]
    left, top, right, bottom = hit["box"]
    assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
    assert len(desk.list(search="turbine")["data"]) == 2


def test_a_hit_with_an_underscore_is_shown_where_it_stands(server: Any, desk: Desk) -> None:
    caller = Caller(desk.http, desk.person.token(kind="key", workspace_id=desk.workspace))
    caller.read(("keys.pdf", note_pdf("The order number is apart, the order_number joined.")))
    for search in ("order_num", '"order_number joined"'):
        (row,) = desk.list(search=search)["data"]
        marked = [row["hit"]["snippet"][a:b] for a, b in row["hit"]["highlights"]]
        assert marked[:2] == ["order", "number"] and row["hit"]["highlights"][0][0] > len("The order number is apart")


def test_outsiders_and_weak_tokens_see_nothing(server: Any, desk: Desk) -> None:
    desk.put(paper("canary.pdf", "canary"))
    charlie = server.user()
    outsider = Desk(server, desk.http, charlie, desk.workspace, charlie.token())
    weak = Desk(server, desk.http, desk.person, desk.workspace, desk.person.token(["templates-read"]))
    for path in ("documents", "tags", "values?q=a=1"):
        absent = outsider.get(f"/workspaces/999999/{path}", 404)
        assert outsider.get(f"/workspaces/{desk.workspace}/{path}", 404) == absent
        weak.get(f"/workspaces/{desk.workspace}/{path}", 403)


def test_a_deleted_document_is_found_no_more(desk: Desk) -> None:
    (document,) = desk.put(paper("gone.pdf", "farewell"))
    assert desk.list(search="farewell")["total"] == 1
    answer = desk.http.delete(f"/extractions/documents/{document}", headers={"Authorization": f"Bearer {desk.token}"})
    assert answer.status_code < 300, answer.text
    assert desk.list(search="farewell")["total"] == desk.list()["total"] == 0


# Tags


def test_tags_are_set_one_by_one_and_in_bulk(desk: Desk) -> None:
    first, second, _ = desk.put(paper("a.pdf", "x"), paper("b.pdf", "x"), paper("c.pdf", "x"))
    assert desk.ask("PUT", f"/documents/{first}/tags", json={"tags": [" paid ", "2026", "paid"]}) == {
        "tags": ["2026", "paid"]
    }
    bulk = {"ids": [first, second], "add": ["urgent"], "remove": ["2026"]}
    assert desk.ask("POST", f"/workspaces/{desk.workspace}/documents/tags", json=bulk) == {"documents": 2}
    assert desk.get(f"/documents/{first}/tags") == {"tags": ["paid", "urgent"]}
    assert desk.get(f"/workspaces/{desk.workspace}/tags")["data"] == [
        {"tag": "paid", "documents": 1}, {"tag": "urgent", "documents": 2},
    ]  # fmt: skip
    assert desk.names(tags_any="paid,urgent") == ["b.pdf", "a.pdf"]
    assert desk.names(tags_all="paid,urgent") == ["a.pdf"]
    assert desk.names(tags_none="paid") == ["c.pdf", "b.pdf"]
    assert [row["tags"] for row in desk.list()["data"]] == [[], ["urgent"], ["paid", "urgent"]]
    assert desk.ask("PUT", f"/documents/{first}/tags", json={"tags": []}) == {"tags": []}


def test_bulk_tags_are_all_or_none(server: Any, desk: Desk) -> None:
    (mine,) = desk.put(paper("mine.pdf", "x"))
    other = server.user()
    foreign = Desk(server, desk.http, other, server.workspace(other), other.token())
    (theirs,) = foreign.put(paper("theirs.pdf", "x"))
    path = f"/workspaces/{desk.workspace}/documents/tags"
    desk.ask("POST", path, 404, json={"ids": [mine, theirs], "add": ["x"]})
    assert desk.get(f"/documents/{mine}/tags") == {"tags": []}
    for bad in ({"ids": []}, {"ids": ["x"], "add": ["a"]}, {"ids": [mine], "add": [""]}, {"ids": [mine], "add": ["a,b"]},
                {"ids": [mine], "add": [f"t{n}" for n in range(51)]}, {"ids": [mine], "add": ["x" * 65]}):  # fmt: skip
        desk.ask("POST", path, 422, json=bad)
    desk.ask("PUT", f"/documents/{theirs}/tags", 404, json={"tags": ["x"]})
