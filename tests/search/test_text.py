"""Words as they are indexed and asked for, and what underscores join."""

from __future__ import annotations

import pytest

from fieldproof.search.index import MAX_DISTINCT_WORDS, MAX_SIZE_BYTES, words_for
from fieldproof.search.snippets import best_place, places_in
from fieldproof.search.text import MAX_WORD, Joined, fold, joined_in, parse_query, scope_mark, words_in

WORKSPACE = 17
MARK = scope_mark(WORKSPACE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a b a-b a.b", []), ("see a_b.", ["a_b"]), ("a_b_c", ["a_b_c", "b_c"]), ("a__b", ["a__b"]), ("_a_ __b__ _ ____", []),
     ("_A_b_", ["a_b"]), ("x-a_b/c_d", ["a_b", "c_d"]), ("a_ b a _b", []), ("Über_Maß", ["uber_mass"]),
     ("a\uff3fb", ["a_b"]), ("\u6771\u4eac_\u5927\u962a", ["\u4eac_\u5927"]), ("a_-_b", []), ("a_b\nc_d", ["a_b", "c_d"])],
)  # fmt: skip
def test_underscores_join_words_and_nothing_else_does(text: str, expected: list[str]) -> None:
    assert joined_in(fold(text)) == expected


def test_what_is_joined_is_cut_as_words_are() -> None:
    long = "x" * 40
    assert joined_in(f"{long}_{long}_{long}") == [f"{long}_{'x' * 23}"] * 2
    assert {len(run) for run in joined_in("_".join("ab" * 5_000))} <= set(range(MAX_WORD + 1))


def test_the_index_has_the_words_as_before_and_what_is_joined_beside_them() -> None:
    apart, joined = words_for(["pay invoice number 7"], WORKSPACE), words_for(["pay invoice_number 7"], WORKSPACE)
    assert (joined.pairs, joined.content) == (apart.pairs, apart.content)
    assert set(joined.lexemes) - set(apart.lexemes) == {f"{MARK}invoice_number"}


def test_a_query_has_its_words_and_what_is_joined_in_it() -> None:
    def terms(text: str) -> list[tuple[tuple[str, ...], list[Joined]]]:
        return [(term.words, term.joined) for term in parse_query(text).terms]

    assert terms("a_b") == [(("a", "b"), [Joined("a_b", is_open=True)])]
    assert terms('"a_b"') == [(("a", "b"), [Joined("a_b", is_open=False)])]
    assert terms("a_b c") == [(("a", "b"), [Joined("a_b", is_open=False)]), (("c",), [])]
    assert terms("a_b-c__d_e") == [
        (("a", "b", "c", "d", "e"), [Joined("a_b", is_open=False), Joined("c__d_e", is_open=True)])
    ]
    assert terms("a_b-c") == [(("a", "b", "c"), [Joined("a_b", is_open=False)])]
    assert terms('"foo a_b"') == [(("foo", "a", "b"), [Joined("a_b", is_open=False)])]
    assert terms("a_") == [(("a",), [])] and not parse_query("a_").terms[0].is_open
    assert terms("_a") == [(("a",), [])] and parse_query("_a").terms[0].is_open


def test_joined_words_count_towards_the_most_distinct_ones() -> None:
    known = " ".join(f"w{n}" for n in range(MAX_DISTINCT_WORDS - 3))
    words = words_for([known, "a_b", "c_d", "a_b w1"], WORKSPACE)
    assert len(words.lexemes) == MAX_DISTINCT_WORDS
    assert {f"{MARK}{word}" for word in ("a", "b", "a_b")} <= set(words.lexemes)
    assert f"{MARK}c" not in words.lexemes and words.content.endswith(" \n a b w1 ")


def test_a_document_has_no_more_bytes_of_words_than_postgresql_holds() -> None:
    long = [f"{n:064}" for n in range(20_000)]
    words = words_for([" ".join(long[:10_000]), " ".join(long[10_000:])], WORKSPACE)
    each = len(MARK) + 64
    assert len(words.lexemes) == MAX_SIZE_BYTES // each
    assert [MARK + word for word in words.content.split()] == words.lexemes


def test_a_hit_is_where_the_underscore_is() -> None:
    block = {"content": "An a b is no a_b, an a__b neither.", "meta": {}}
    snippet = best_place(parse_query("a_b"), [(1, block)])
    assert snippet is not None and [snippet.text[a:b] for a, b in snippet.highlights] == ["a", "b"]
    assert snippet.highlights[0][0] == block["content"].index("a_b")
    assert best_place(parse_query("b_a"), [(1, block)]) is None


def test_a_page_s_words_are_hit_where_the_underscore_is() -> None:
    words = ["pay", "a", "b", "a_b", "-", "x_a_bc", "a_", "_b"]
    assert places_in(words, parse_query("a_b").terms) == [3, 5]
    assert places_in(words, parse_query('"b a_b"').terms) == [2, 3]
    assert places_in(words, parse_query('"a b"').terms) == [1, 2, 3, 6, 7]


def test_words_stay_as_they_are() -> None:
    assert words_in(fold("Invoice_Number a__b 東京_b")) == ["invoice", "number", "a", "b", "東", "京", "b"]
