"""What a workspace may spend on language models: never more, however many runs ask at once."""

from __future__ import annotations

import dataclasses
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, select

from extraction.llm.server import Says, stalls
from fieldproof.core.errors import NotFound
from fieldproof.db.models import ModelCall, Result, Session, Template, Workspace
from fieldproof.extraction import llm
from fieldproof.services import budgets

CALL = llm.Spending("model-a", 1_000, 500, Decimal("0.01"))
FIELDS = {"total": {"type": "number"}}


class Office:
    """A workspace with one run, and the settings that its worker would have."""

    def __init__(self, server, **limits) -> None:
        self.server = server
        self.owner = server.user()
        self.workspace = server.workspace(self.owner)
        self.limits = {"llm_monthly_tokens": 0, **limits}
        self.later = timedelta()
        self.result = self.run()

    def run(self, workspace: int | None = None) -> uuid.UUID:
        workspace = workspace or self.workspace
        with self.server.parts.work() as work:
            template = Template(
                workspace_id=workspace, name="T", schema_json={"groups": {}}, settings={"engine": "llm"}
            )
            work.db.add(template)
            work.db.flush()
            session = Session(workspace_id=workspace, template_id=template.id, name="S", settings={})
            work.db.add(session)
            work.db.flush()
            result = Result(
                session_id=session.id, template_id=template.id, workspace_id=workspace, status="processing", config_hash="",
                schema_json={}, settings={}, document_refs=[], document_ids=[],
            )  # fmt: skip
            work.db.add(result)
            work.db.flush()
            return result.id

    @contextmanager
    def work(self):
        with self.server.parts.work() as work:
            settings = work.settings.model_copy(update=self.limits)
            yield dataclasses.replace(work, settings=settings, now=work.now + self.later)

    def purse(self, result: uuid.UUID | None = None) -> budgets.ResultPurse:
        return budgets.purse(self.work, result or self.result)

    def used(self) -> budgets.Amounts:
        with self.server.parts.work(self.owner.actor) as work:
            return budgets.this_month(work, self.workspace).used


@pytest.fixture
def office(server):
    return lambda **limits: Office(server, **limits)


def test_below_the_cap_calls_are_booked_with_what_they_cost(office):
    desk = office(llm_monthly_tokens=10_000)
    purse = desk.purse()
    reservation = purse.may_spend(dataclasses.replace(CALL, pages=3))
    assert desk.used() == budgets.Amounts(3, 1_500, Decimal("0.01"))
    purse.spent(reservation, llm.Spending("model-a", 800, 20, Decimal("0.002"), 3))
    assert desk.used() == budgets.Amounts(3, 820, Decimal("0.002"))


@pytest.mark.parametrize(
    ("limits", "unit"),
    [
        ({"llm_monthly_tokens": 2_000}, "tokens"),
        ({"llm_monthly_cost": Decimal("0.015")}, "units of money"),
        ({"llm_monthly_pages": 5}, "pages"),
    ],
)
def test_the_call_that_could_pass_the_cap_is_refused_with_the_remedy(office, limits, unit):
    purse = office(**limits).purse()
    purse.may_spend(dataclasses.replace(CALL, pages=3))
    with pytest.raises(llm.BudgetExceeded) as error:
        purse.may_spend(dataclasses.replace(CALL, pages=3))
    assert error.value.code == "budget_exceeded"
    assert unit in error.value.message
    assert "Raise the limit, wait until" in error.value.message


def test_many_runs_at_once_stay_below_the_cap(office):
    desk = office(llm_monthly_tokens=7_500)  # five calls
    runs = [desk.run() for _ in range(4)]

    def spend(number: int) -> bool:
        try:
            desk.purse(runs[number % 4]).may_spend(CALL)
        except llm.BudgetExceeded:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        granted = sum(pool.map(spend, range(20)))
    assert granted == 5
    assert desk.used().tokens == 7_500


def test_a_call_whose_end_is_unknown_keeps_counting(office):
    desk = office(llm_monthly_tokens=2_000)
    desk.purse().may_spend(CALL)  # and the worker dies
    with pytest.raises(llm.BudgetExceeded):
        desk.purse().may_spend(CALL)


def test_a_new_month_starts_anew(office):
    desk = office(llm_monthly_tokens=2_000)
    desk.purse().may_spend(CALL)
    desk.later = timedelta(days=31)
    desk.purse().may_spend(CALL)


def test_workspaces_do_not_share_a_budget(office, server):
    desk = office(llm_monthly_tokens=2_000)
    desk.purse().may_spend(CALL)
    other = desk.run(server.workspace(desk.owner))
    desk.purse(other).may_spend(CALL)


@pytest.mark.parametrize(
    ("own", "granted"),
    [({"tokens": 1_000}, False), ({"tokens": 0}, False), ({"tokens": 10**9}, True), ({"tokens": "x"}, True), (7, True)],
)
def test_a_workspace_can_lower_its_cap_and_not_raise_it(office, own, granted):
    desk = office(llm_monthly_tokens=2_000)
    with desk.server.parts.work() as work:
        work.db.get_one(Workspace, desk.workspace).settings = {"llm_budget": own}
    if granted:
        desk.purse().may_spend(CALL)
    with pytest.raises(llm.BudgetExceeded):
        desk.purse().may_spend(CALL)


def test_a_cost_cap_without_a_price_spends_nothing(office):
    desk = office(llm_monthly_cost=Decimal(5))
    with pytest.raises(llm.BudgetExceeded, match="price of model-a is not known"):
        desk.purse().may_spend(dataclasses.replace(CALL, cost=None))


def test_deleting_a_result_gives_no_budget_back_and_forgets_what_was_said(office):
    desk = office(llm_monthly_tokens=2_000)
    desk.purse().may_spend(CALL)
    with desk.work() as work:
        budgets.keep_recording(work, desk.result, b'{"replies":1}')
        budgets.keep_recording(work, desk.result, b'{"replies":2}')
    with desk.work() as work:
        assert budgets.recording_of(work, work.db.get_one(Result, desk.result)) == b'{"replies":2}'
        work.db.execute(delete(Result).where(Result.id == desk.result))
    assert desk.used().tokens == 1_500
    with desk.work() as work:
        budgets.keep_recording(work, desk.result, b"too late")
    with pytest.raises(llm.BudgetExceeded, match="deleted"):
        desk.purse().may_spend(CALL)


def test_only_members_see_what_a_workspace_used(office, server):
    desk = office()
    with server.parts.work(server.user().actor) as work, pytest.raises(NotFound):
        budgets.this_month(work, desk.workspace)


# The engine with a purse


def test_a_run_stops_before_the_call_that_it_may_not_make(office, ask, model):
    model.facts = {"total": Says("199.20", "Total 199.20")}
    desk = office(llm_monthly_tokens=12_000)
    assert ask(FIELDS, purse=desk.purse()).data["g"]["total"] == 199.2
    assert desk.used() == budgets.Amounts(1, 1_100, Decimal(0))
    with pytest.raises(llm.BudgetExceeded):
        for _ in range(20):
            ask(FIELDS, purse=desk.purse())
    assert desk.used().tokens <= 12_000
    assert desk.used().tokens == 1_100 * len(model.seen)


def test_a_server_that_counts_nothing_is_counted_by_estimate(office, ask, model):
    model.facts = {"total": Says("199.20", "Total 199.20")}
    model.input_tokens = model.output_tokens = 0
    desk = office()
    ask(FIELDS, purse=desk.purse())
    assert desk.used().tokens > 300


def test_calls_that_stall_count_with_their_most_each(office, ask, model):
    model.facts = {"total": Says("199.20", "Total 199.20")}
    desk = office()
    config = ask.config(timeout_s=1.0, tries=2, max_output_tokens=1_000)
    model.plan = [stalls(60)]
    ask(FIELDS, purse=desk.purse(), config=config)
    once = desk.used().tokens
    assert once > 1_000 + 1_100
    model.always = stalls(60)
    with pytest.raises(llm.ModelTimeout):
        ask(FIELDS, purse=desk.purse(), config=config)
    assert desk.used().tokens - once > 2 * 1_000


def test_a_call_that_the_server_turned_away_costs_nothing(office, ask, model):
    model.always = lambda handler, seen: handler.send(401, b"{}")
    desk = office()
    with pytest.raises(llm.ModelRefused):
        ask(FIELDS, purse=desk.purse())
    assert desk.used() == budgets.Amounts(0, 0, Decimal(0))
    with desk.work() as work:
        assert work.db.scalars(select(ModelCall.settled_at).where(ModelCall.result_id == desk.result)).one() is not None
