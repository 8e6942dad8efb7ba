"""Schemas too wide and documents too long for one call; groups that build on each other."""

from __future__ import annotations

import dataclasses
import json
import time

import jsonschema
import pytest

from extraction.llm.conftest import page, value_at
from extraction.llm.server import Says
from extraction.paper import source
from fieldproof.core.document import Block, BlockKind, Cell, Table
from fieldproof.extraction import SourceDocument, llm

FILLER = "The quick brown fox jumps over the lazy dog while nobody looks at clause"


def test_a_schema_of_369_fields_gives_a_valid_answer(model, ask):
    types = ["string", "number", "date", "boolean", "integer"]
    groups = {f"part {g}": {"fields": {f"field {g}-{n}": {"type": types[n % 5]} for n in range(41)}} for g in range(9)}
    lines = [f"Entry {g}-{n}: 12" for g in range(9) for n in range(41)]
    model.facts = {
        f"field_{g}_{n}": Says("12", f"Entry {g}-{n}: 12") for g in range(9) for n in range(41) if n % 5 in (0, 1, 4)
    }
    result = ask({"groups": groups}, [page(*lines[:60]), page(*lines[60:120])])
    assert sum(len(fields) for fields in result.data.values()) == 369
    assert len(result.values) == 369
    jsonschema.validate(result.data, _schema_of(groups))
    assert max(len(s.keys) for s in model.seen) <= 25
    assert result.data["part 0"]["field 0-1"] == 12
    assert result.data["part 8"]["field 8-2"] is None


def test_names_in_any_script_are_kept_apart(model, ask):
    fields = {name: {"type": "string"} for name in ("請求書番号", "合計", "a b", "a_b", "a-b")}
    result = ask(fields)
    assert list(result.data["g"]) == list(fields)
    assert len(set(model.seen[0].keys)) == 5
    assert all(key.isascii() for key in model.seen[0].keys)


def long_document(pages: int, **lines: str):
    """Pages of filler; ``p7="..."`` puts a line on page 7."""
    placed = []
    for number in range(1, pages + 1):
        texts = [f"{FILLER} {number}.{n}" for n in range(40)]
        if f"p{number}" in lines:
            texts[20] = lines[f"p{number}"]
        placed.append([(40.0, 40.0 + 14 * n, text) for n, text in enumerate(texts)])
    return source(*placed)


def test_of_a_long_document_only_the_passages_that_matter_are_sent(model, ask):
    document = long_document(60, p37="Governing law: the laws of Portugal", p52="Kündigungsfrist: 90 Tage")
    model.facts = {
        "jurisdiction": Says("Portugal", "Governing law: the laws of Portugal"),
        "notice": Says("90", "Kündigungsfrist: 90 Tage"),
    }
    schema = {
        "groups": {
            "law": {"search_query": "governing law jurisdiction", "fields": {"jurisdiction": {"type": "string"}}},
            "end": {"fields": {"notice": {"type": "integer", "description": "Kündigungsfrist in Tagen"}}},
        }
    }
    result = ask(schema, [document], config=ask.config(max_document_tokens=3_000))
    assert result.data == {"law": {"jurisdiction": "Portugal"}, "end": {"notice": 90}}
    assert value_at(result, "law", "jurisdiction").citations[0].page == 37
    assert value_at(result, "end", "notice").citations[0].page == 52
    for seen in model.seen:
        assert len(seen.documents) < 12_000
        assert "page 1\n" in seen.documents  # the head of the document is always there


def test_a_list_is_read_from_the_whole_of_a_long_document(model, ask):
    document = long_document(40, p3="Witness: Anna Berg", p21="Witness: Boris Calder", p40="Witness: Chloe Dunn")
    model.rows = lambda seen: [
        Says(line.removeprefix("Witness: "), line) for line in seen.documents.splitlines() if line.startswith("Witness")
    ]
    witnesses = {"type": "array", "items": {"type": "string"}}
    result = ask({"witnesses": witnesses}, [document], config=ask.config(max_document_tokens=3_000))
    assert result.data["g"]["witnesses"] == ["Anna Berg", "Boris Calder", "Chloe Dunn"]
    assert [v.citations[0].page for v in result.values] == [3, 21, 40]
    assert len(model.seen) > 5


def test_two_thousand_rows_come_back_each_with_its_place(model, ask):
    pages = [
        [(40.0, 40.0 + 14 * n, f"2024-01-{1 + n % 28:02} Payment {p * 40 + n:05} {p * 40 + n}.25") for n in range(40)]
        for p in range(50)
    ]
    model.rows = lambda seen: [
        Says({"name": " ".join(line.split()[1:3]), "amount": line.split()[-1]}, line)
        for line in seen.documents.splitlines() if line.startswith("2024")
    ]  # fmt: skip
    lines = {
        "type": "array",
        "items": {"type": "object", "properties": {"name": {"type": "string"}, "amount": {"type": "number"}}},
    }
    result = ask({"lines": lines}, [source(*pages)])
    assert [r["amount"] for r in result.data["g"]["lines"]] == [n + 0.25 for n in range(2_000)]
    assert value_at(result, "g", "lines", 1_999, "amount").citations[0].page == 50
    assert result.warnings == ()


def test_a_group_that_iterates_is_asked_once_for_each_item(model, ask):
    model.rows = [
        Says("Northwind Supplies Ltd", "Northwind Supplies Ltd"),
        Says("Alder Works GmbH", "Alder Works GmbH"),
    ]
    model.facts = {"city": Says("Berlin", "10969 Berlin")}
    schema = {
        "groups": {
            "parties": {"fields": {"names": {"type": "array", "items": {"type": "string"}}}},
            "detail": {"config": {"iterates_on": "parties.names"}, "fields": {"city": {"type": "string"}}},
        }
    }
    result = ask(schema)
    assert result.data["detail"] == [
        {"item": "Northwind Supplies Ltd", "city": "Berlin"},
        {"item": "Alder Works GmbH", "city": "Berlin"},
    ]
    assert value_at(result, "detail", 1, "city").citations[0].text == "Berlin"
    assert ['item = "Alder Works GmbH"' in s.user for s in model.seen].count(True) == 1


def test_a_reference_brings_the_earlier_value_as_data(model, ask):
    model.facts = {
        "supplier": Says("Northwind Supplies Ltd", "Northwind Supplies Ltd"),
        "street": Says("12 Harbour Street", "12 Harbour Street"),
    }
    schema = {
        "groups": {
            "address": {"fields": {"street": {"type": "string", "extraction_prompt": "Street of {{head.supplier}}"}}},
            "head": {"fields": {"supplier": {"type": "string"}}},
        }
    }
    result = ask(schema)
    assert list(result.data) == ["address", "head"]
    later = model.seen[1].user
    assert "Street of [head.supplier]" in later
    assert 'head.supplier = "Northwind Supplies Ltd"' in later


def test_the_model_learns_all_that_the_template_says(model, ask):
    schema = {
        "config": {"system_message": "For all groups"},
        "groups": {
            "sup": {
                "title": "Supplier", "extraction_prompt": "Whoever is paid", "config": {"system_message": "For this group"},
                "fields": {
                    "name": {"type": "string", "title": "Company", "extraction_prompt": "With its legal form"},
                    "place": {"type": "object", "properties": {"city": {"type": "string", "format": "capital letters"}}},
                },
            },
            "buy": {"fields": {"lines": {"type": "array", "description": "Goods", "items": {"type": "object", "properties": {
                "amount": {"type": "number", "description": "Without tax"}}}}}},
        },
    }  # fmt: skip
    ask(schema)
    first, second = (next(s.user for s in model.seen if ("rows" in s.keys) is is_list) for is_list in (False, True))
    for text in (
        "Supplier",
        "sup",
        "Whoever is paid",
        "For this group",
        "Company",
        "With its legal form",
        "of place",
        "capital letters",
    ):
        assert text in first
    assert "For all groups" not in first
    for text in ("For all groups", '"buy"', "Goods", "amount (number). Without tax"):
        assert text in second


def test_several_documents_are_told_apart(model, ask):
    first, second = source([(40, 40, "Order A-1")]), source([(40, 40, "Delivery B-2")], id_="d2")
    model.facts = {"order": Says("A-1", "Order A-1", 1), "delivery": Says("B-2", "Delivery B-2", 2)}
    result = ask({"order": {"type": "string"}, "delivery": {"type": "string"}}, [first, second])
    assert [v.citations[0].document_id for v in result.values] == ["d1", "d2"]


def test_a_title_is_asked_for_once(model, ask):
    model.facts = {"document_title": "Invoice of Northwind", "total": Says("199.20", "Total 199.20")}
    schema = {
        "config": {"extraction_title_prompt": "Kind of document and supplier"},
        "groups": {"a": {"fields": {"total": {"type": "number"}}}, "b": {"fields": {"total": {"type": "number"}}}},
    }
    assert ask(schema).title == "Invoice of Northwind"
    assert sum("document_title" in s.keys for s in model.seen) == 1
    schema["config"]["extraction_title_prompt"] = "Total {{a.total}}"
    assert ask(schema).title == "Total 199.2"


def test_a_document_without_text_costs_nothing(model, ask):
    result = ask({"total": {"type": "number"}, "lines": {"type": "array"}}, [source([])])
    assert result.data == {"g": {"total": None, "lines": []}}
    assert model.seen == []


def test_a_run_that_needs_too_many_calls_is_stopped(model, ask):
    fields = {f"f{n}": {"type": "string"} for n in range(30)}
    with pytest.raises(llm.BudgetExceeded, match="more than 5 calls"):
        ask(fields, config=ask.config(max_fields_per_call=1, max_calls_per_run=5))
    assert len(model.seen) <= 5


def test_questions_are_asked_side_by_side(model, ask):
    model.plan = [_slow] * 4
    started = time.monotonic()
    ask({f"f{n}": {"type": "string"} for n in range(4)}, config=ask.config(max_fields_per_call=1, concurrency=4))
    assert time.monotonic() - started < 1.5


def _slow(handler, seen):
    time.sleep(0.5)
    handler.say(seen, json.dumps(handler.state.filled(seen)))


def _schema_of(groups):
    kinds = {"integer": "integer", "number": "number", "boolean": "boolean"}
    return {
        "type": "object",
        "required": list(groups),
        "properties": {
            name: {
                "type": "object",
                "required": list(group["fields"]),
                "additionalProperties": False,
                "properties": {
                    n: {"type": [kinds.get(f["type"], "string"), "null"]} for n, f in group["fields"].items()
                },
            }
            for name, group in groups.items()
        },
    }


def table_document(pages: int, rows: int) -> SourceDocument:
    """One table over several pages, its header only on the first, as parsers give it."""
    plain = source(
        *[
            [
                (40.0 + 150 * c, 40.0 + 14 * r, text)
                for r, row in enumerate(_cells(p, rows))
                for c, text in enumerate(row)
            ]
            for p in range(pages)
        ]
    )
    made = []
    for page_ in plain.parsed.pages:
        cells = tuple(
            Cell(n // 3, n % 3, "", page_.number, line.box, line.words, is_header=page_.number == 1 and n < 3)
            for n, line in enumerate(page_.lines)
        )
        table = Table(len(cells) // 3, 3, cells, header_rows=int(page_.number == 1), is_continuation=page_.number > 1)
        block = Block(BlockKind.TABLE, "", page_.words[0].start, page_.words[-1].end, table=table)
        made.append(dataclasses.replace(page_, blocks=(block,)))
    return SourceDocument("d1", "d1.pdf", dataclasses.replace(plain.parsed, pages=tuple(made)))


def _cells(page_: int, rows: int) -> list[tuple[str, str, str]]:
    head = [("Article", "Pieces", "Price")] if page_ == 0 else []
    return [*head, *((f"Part {page_}-{r:02}", f"{r + 1}", f"{page_ * 100 + r}.75") for r in range(rows))]


def test_a_table_that_goes_on_brings_its_header_along(model, ask):
    model.rows = lambda seen: [
        Says({"article": line.split(" | ")[0], "price": line.split(" | ")[2]}, line)
        for line in seen.documents.splitlines() if line.startswith("Part")
    ]  # fmt: skip
    item = {"type": "object", "properties": {"article": {"type": "string"}, "price": {"type": "number"}}}
    result = ask(
        {"lines": {"type": "array", "items": item}},
        [table_document(4, 40)],
        config=ask.config(max_document_tokens=500, concurrency=1),
    )
    assert [r["price"] for r in result.data["g"]["lines"]] == [p * 100 + r + 0.75 for p in range(4) for r in range(40)]
    assert result.warnings == ()
    first, *later = model.seen
    assert "Article | Pieces | Price" in first.documents
    assert "with 40 rows under their headers" in first.user
    assert all("<<<header" in s.user and "Article | Pieces | Price" in s.user for s in later)
    assert not any("Article" in s.documents for s in later)
