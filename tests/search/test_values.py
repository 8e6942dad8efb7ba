"""Searching by extracted values: the language, what it finds, and that nothing of it reaches the database as SQL."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from contract.office import Cast, hired
from fieldproof import search
from fieldproof.core import clock
from fieldproof.core.errors import Invalid
from fieldproof.db.models import FieldValue, Result, Session, Template
from fieldproof.search.text import fold
from fieldproof.services import access, reviews
from search.conftest import Desk

_RUNS = sql("SELECT result_id FROM search_results WHERE id = ANY(:numbers)")
VENDORS = ("Acme Ltd", "ACME GmbH", "Northwind", "Müller & Söhne", "100% Fun", "o'Brien", 'say "hi"', "a_b", "\\back")


def run_over(desk: Desk, *rows: dict[str, Any]) -> list[str]:
    """One session with a completed run for each row of values; the runs' ids."""
    made = []
    with desk.server.parts.work() as work:
        template = Template(workspace_id=desk.workspace, name="T", schema_json={}, settings={})
        work.db.add(template)
        work.db.flush()
        for row in rows:
            session = Session(template_id=template.id, workspace_id=desk.workspace, name="S", settings={})
            work.db.add(session)
            work.db.flush()
            made.append(str(add_run(work, session, row).id))
    return made


def add_run(work: Any, session: Session, row: dict[str, Any]) -> Result:
    result = Result(
        id=uuid.uuid4(), session_id=session.id, template_id=session.template_id, workspace_id=session.workspace_id,
        status="completed", config_hash="x", schema_json={}, settings={}, document_refs=[], document_ids=[],
        completed_at=clock.now(),
    )  # fmt: skip
    work.db.add(result)
    work.db.flush()
    for n, (path, value) in enumerate(row.items()):
        work.db.add(
            FieldValue(
                result_id=result.id,
                position=n,
                path=path,
                value=value,
                raw=str(value),
                confidence=0.5,
                reasoning="",
                citations=[{"document_id": str(uuid.uuid4()), "page": 2, "bbox": [0.1, 0.2, 0.3, 0.4]}],
                rivals=[],
                is_supported=True,
            )
        )
    work.db.flush()
    search.index_result(work.db, result)
    return result


@pytest.fixture
def find(desk: Desk) -> Callable[..., Any]:
    return lambda q, expect=200, **more: desk.get(f"/workspaces/{desk.workspace}/values", expect, q=q, **more)


def test_a_question_finds_the_runs_and_shows_why(desk: Desk, find: Callable[..., Any]) -> None:
    cheap, dear = run_over(
        desk,
        {"invoice.total": 120.5, "invoice.vendor": "Acme Ltd", "invoice.due": "2025-12-24"},
        {
            "invoice.total": 9000,
            "invoice.vendor": "ACME GmbH",
            "invoice.due": "2026-03-01",
            "invoice.lines.0.amount": 7,
        },
    )
    found = find('total > 5000 and vendor ~ "acme"')
    assert (found["total"], [run["result_id"] for run in found["data"]]) == (1, [dear])
    values = {v["field"]: v for v in found["data"][0]["values"]}
    assert {name: v["value"] for name, v in values.items()} == {"invoice.total": 9000, "invoice.vendor": "ACME GmbH"}
    assert (values["invoice.total"]["page"], values["invoice.total"]["box"]) == (2, [0.1, 0.2, 0.3, 0.4])
    expected = {
        "due < 2026-01-01": [cheap], "due >= 2025-12-24": [dear, cheap], "total = 9000": [dear], "total != 9000": [cheap],
        "not vendor ~ gmbh": [cheap], 'vendor = "acme ltd"': [cheap], "lines.amount = 7": [dear],
        "invoice.lines.amount < 8 or total < 200": [dear, cheap], "(total<1 or total>1) and due=2026-03-01": [dear],
        "nothing = 1": [], "not nothing = 1": [dear, cheap], "vendor !~ acme": [],
    }  # fmt: skip
    for question, runs in expected.items():
        assert [run["result_id"] for run in find(question)["data"]] == runs, question


@pytest.mark.parametrize(
    "question",
    ["total >", "> 5", "total 5", "total > 5 and", "(total > 5", "total > 5)", "total ~ ", 'vendor = "open', "vendor > acme",
     "and", "total > > 5", "total = 1 total = 2", "x" * 2001, "a=1 " + "or a=1 " * 40, "total > 5; DROP TABLE users", 'a = ""'],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused_with_the_place(find: Callable[..., Any], question: str) -> None:
    problem = find(question, 422)
    assert problem["errors"]["q"]


def test_pages_and_cursors_agree(desk: Desk, find: Callable[..., Any]) -> None:
    runs = run_over(desk, *[{"n": float(n)} for n in range(12)])
    newest = list(reversed(runs))
    paged = [run["result_id"] for page in (1, 2, 3) for run in find("n >= 0", page=page, limit=5)["data"]]
    assert paged == newest
    seen, answer = [], find("n >= 0", limit=5)
    while True:
        seen += [run["result_id"] for run in answer["data"]]
        if answer["next_cursor"] is None:
            break
        answer = find("n >= 0", limit=5, cursor=answer["next_cursor"])
    assert seen == newest
    find("n >= 0", 422, cursor="nonsense")


def test_a_newer_run_of_a_session_takes_the_older_ones_place(desk: Desk, find: Callable[..., Any]) -> None:
    (old,) = run_over(desk, {"total": 1.0})
    assert find("total = 1")["total"] == 1
    with desk.server.parts.work() as work:
        session = work.db.get_one(Session, work.db.get_one(Result, uuid.UUID(old)).session_id)
        add_run(work, session, {"total": 2.0})
    assert (find("total = 1")["total"], find("total = 2")["total"]) == (0, 1)


def test_values_of_a_real_run_are_found_with_page_and_box(server: Any) -> None:
    with hired(server) as people:
        found = _real_run(people)
    values = {v["field"]: v for run in found["data"] for v in run["values"]}
    assert found["total"] == 1
    assert values["invoice.total"]["value"] == 418.88
    assert values["invoice.total"]["page"] == 1 and len(values["invoice.total"]["box"]) == 4


def _real_run(people: Cast) -> Any:
    office = people.office()
    office.invoice_run()
    answer = people.http.get(
        f"/v1/workspaces/{office.workspace}/values",
        params={"q": "total > 400 and date >= 2026-02-03"},
        headers={"Authorization": f"Bearer {office.api.token}"},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


# Against looking at every value

comparison = st.one_of(
    st.tuples(st.just("total"), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.integers(0, 20).map(str)),
    st.tuples(st.just("due"), st.sampled_from(["<", "<=", ">", ">=", "="]), st.dates(date(2026, 1, 1), date(2026, 1, 20)).map(str)),
    st.tuples(st.just("vendor"), st.sampled_from(["~", "!~"]), st.sampled_from(["acme", "a", "ller &", "%", "_", "'", "\\", '"', "zz", "NORTH"])),
    st.tuples(st.just("vendor"), st.sampled_from(["=", "!="]), st.sampled_from(VENDORS)),
)  # fmt: skip
Tree = Any


def trees() -> st.SearchStrategy[Tree]:
    return st.recursive(
        comparison,
        lambda inner: st.one_of(
            st.tuples(st.just("and"), inner, inner),
            st.tuples(st.just("or"), inner, inner),
            st.tuples(st.just("not"), inner),
        ),
        max_leaves=5,
    )


def spelt(tree: Tree) -> str:
    match tree:
        case ("not", inner):
            return f"not ({spelt(inner)})"
        case (("and" | "or") as word, left, right):
            return f"({spelt(left)}) {word} ({spelt(right)})"
        case (name, operator, literal):
            if name == "vendor":
                literal = '"' + literal.replace("\\", "\\\\").replace('"', '\\"') + '"'
            return f"{name} {operator} {literal}"


def holds(tree: Tree, row: dict[str, Any]) -> bool:
    match tree:
        case ("not", inner):
            return not holds(inner, row)
        case ("and", left, right):
            return holds(left, row) and holds(right, row)
        case ("or", left, right):
            return holds(left, row) or holds(right, row)
        case (name, operator, literal):
            if operator.startswith("!"):
                return not holds((name, operator[1:], literal), row)
            value = row[name]
            if operator == "~":
                return fold(literal) in fold(value)
            wanted: Any = float(literal) if name == "total" else fold(literal)
            have = value if name == "total" else fold(value)
            compare = {
                "=": have == wanted,
                "<": have < wanted,
                "<=": have <= wanted,
                ">": have > wanted,
                ">=": have >= wanted,
            }
            return compare[operator]


@pytest.fixture(scope="module")
def ledger(server: Any, tmp_path_factory: Any) -> tuple[Any, int, dict[str, dict[str, Any]]]:
    dice = random.Random(5)
    rows = [
        {"total": float(dice.randint(0, 20)), "due": str(date(2026, 1, 1) + timedelta(dice.randint(0, 19))), "vendor": dice.choice(VENDORS)}
        for _ in range(120)
    ]  # fmt: skip
    person = server.user()
    desk = Desk(server, None, person, server.workspace(person), "")  # type: ignore[arg-type]
    return server, desk.workspace, dict(zip(run_over(desk, *rows), rows, strict=True))


@given(tree=trees())
@settings(max_examples=150, deadline=None)
def test_a_question_finds_what_looking_finds(ledger: Any, tree: Tree) -> None:
    server, workspace, rows = ledger
    expected = {run for run, row in rows.items() if holds(tree, row)}
    with server.parts.work() as work:
        expression = search.parse_value_query(spelt(tree))
        numbers = search.runs_matching(work.db, workspace, expression).runs.tolist()
        found = work.db.execute(_RUNS, {"numbers": numbers}).all()
    assert {str(row[0]) for row in found} == expected
    assert len(numbers) == len(expected) and numbers == sorted(numbers)


@given(text=st.text(alphabet=st.sampled_from("ab12 ()=<>~!\"'\\;-.andort%\n"), max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_question_or_is_refused(text: str) -> None:
    try:
        search.parse_value_query(text)
    except Invalid as error:
        assert error.fields["q"]


def test_a_corrected_value_is_found_by_what_it_is_now(server: Any) -> None:
    with hired(server) as people:
        office = people.office()
        result = office.invoice_run()
        headers = {"Authorization": f"Bearer {office.api.token}"}
        with server.parts.work(people.alice.actor) as work:  # type: ignore[attr-defined]
            reviews.correct(work, access.result(work, result["id"]), "invoice.total", "9999.5")
        found = {
            question: people.http.get(
                f"/v1/workspaces/{office.workspace}/values", params={"q": question}, headers=headers
            ).json()["total"]
            for question in ("total = 9999.5", "total = 418.88")
        }
    assert found == {"total = 9999.5": 1, "total = 418.88": 0}
