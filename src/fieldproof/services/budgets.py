"""What language models may cost a workspace in a month, what they did cost, and what they said.

The cap is hard: before each call the most that it can cost is set aside under a lock on the
workspace, so that calls of any number of workers together stay below it. A call that is never settled (its worker died,
or the model did not answer in time) keeps counting with that most: it may have been charged.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import zstandard
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from fieldproof.db.models import ModelCall, ModelRecording, Result, Workspace
from fieldproof.extraction import llm
from fieldproof.services import access
from fieldproof.services.work import Work
from fieldproof.settings import Settings

OpenWork = Callable[[], AbstractContextManager[Work]]


@dataclass(frozen=True)
class Amounts:
    """Pages, tokens and money: of a month, of one call, or as limits, where None is no limit."""

    pages: int | None
    tokens: int | None
    cost: Decimal | None


@dataclass(frozen=True)
class Month:
    """One workspace's calendar month (UTC)."""

    since: datetime
    until: datetime
    used: Amounts
    limits: Amounts


def llm_config(settings: Settings) -> llm.LlmConfig | None:
    """The language model of this installation; None where there is none."""
    if settings.llm_provider is None or settings.llm_model is None:
        return None
    provider = llm.Provider(settings.llm_provider)
    return llm.LlmConfig(
        provider=provider,
        model=settings.llm_model,
        base_url=settings.llm_base_url or llm.BASE_URLS[provider],
        api_key=settings.llm_api_key.get_secret_value() if settings.llm_api_key else None,
        models=tuple(settings.llm_models),
        prices={model: _price(text) for model, text in settings.llm_prices.items()},
        constraint=llm.Constraint(settings.llm_constraint),
        temperature=settings.llm_temperature,
        timeout_s=settings.llm_timeout_s,
        run_timeout_s=settings.llm_run_timeout_s,
        concurrency=settings.llm_concurrency,
        max_output_tokens=settings.llm_max_output_tokens,
        max_document_tokens=settings.llm_max_document_tokens,
        max_fields_per_call=settings.llm_max_fields_per_call,
        max_calls_per_run=settings.llm_max_calls_per_run,
    )


def this_month(work: Work, workspace_id: str | int) -> Month:
    """What the workspace used and may use, for people."""
    return _month(work, access.workspace(work, workspace_id, "workspaces-read"))


def purse(open_work: OpenWork, result_id: uuid.UUID) -> ResultPurse:
    """The purse for one run, as the engine takes it. Each question is a short transaction of its own."""
    return ResultPurse(open_work, result_id)


def keep_recording(work: Work, result_id: uuid.UUID, recording: bytes) -> None:
    """Keeps what the model answered beside the result, if that is still there; it goes with it."""
    held = select(Result.id).where(Result.id == result_id).with_for_update(read=True, key_share=True)
    if work.db.scalar(held) is None:
        return
    content = zstandard.ZstdCompressor(level=6).compress(recording)
    statement = insert(ModelRecording).values(result_id=result_id, content=content, created_at=work.now)
    work.db.execute(
        statement.on_conflict_do_update(index_elements=["result_id"], set_={"content": content, "created_at": work.now})
    )


def recording_of(work: Work, result: Result) -> bytes | None:
    """What the model answered in this result's run, for ``llm.replay_of``."""
    found = work.db.get(ModelRecording, result.id)
    return zstandard.ZstdDecompressor().decompress(found.content) if found else None


class ResultPurse:
    """Implements ``llm.Purse`` over the workspace of one result."""

    def __init__(self, open_work: OpenWork, result_id: uuid.UUID) -> None:
        self._open_work = open_work
        self._result_id = result_id

    def may_spend(self, most: llm.Spending) -> str:
        with self._open_work() as work:
            workspace = self._locked_workspace(work)
            problem = _problem(_month(work, workspace), most)
            if problem:
                raise llm.BudgetExceeded(problem)
            call = ModelCall(
                id=uuid.uuid4(), workspace_id=workspace.id, result_id=self._result_id, model=most.model, pages=most.pages,
                input_tokens=most.input_tokens, output_tokens=most.output_tokens, cost=most.cost, created_at=work.now,
            )  # fmt: skip
            work.db.add(call)
            return str(call.id)

    def spent(self, reservation: str, actual: llm.Spending) -> None:
        with self._open_work() as work:
            call = work.db.get(ModelCall, uuid.UUID(reservation))
            if call is None:  # the workspace was deleted meanwhile
                return
            call.input_tokens, call.output_tokens, call.cost = actual.input_tokens, actual.output_tokens, actual.cost
            call.pages, call.settled_at = actual.pages, work.now

    def _locked_workspace(self, work: Work) -> Workspace:
        query = select(Workspace).join(Result, Result.workspace_id == Workspace.id).where(Result.id == self._result_id)
        found = work.db.scalars(query.with_for_update(of=Workspace, key_share=True)).one_or_none()
        if found is None:
            raise llm.BudgetExceeded("The run was deleted; nothing more is spent on it.")
        return found


def _month(work: Work, workspace: Workspace) -> Month:
    since = work.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    until = since.replace(year=since.year + since.month // 12, month=since.month % 12 + 1)
    tokens = ModelCall.input_tokens + ModelCall.output_tokens
    query = select(func.sum(ModelCall.pages), func.sum(tokens), func.sum(ModelCall.cost)).where(
        ModelCall.workspace_id == workspace.id, ModelCall.created_at >= since
    )
    pages, used, cost = work.db.execute(query).one()
    return Month(
        since, until, Amounts(int(pages or 0), int(used or 0), cost or Decimal(0)), _limits(work.settings, workspace)
    )


def _limits(settings: Settings, workspace: Workspace) -> Amounts:
    """The operator's limits; the workspace's own (``settings.llm_budget``) can only lower them."""
    own = workspace.settings.get("llm_budget")
    own = own if isinstance(own, dict) else {}
    pages = _lower(settings.llm_monthly_pages, own.get("pages"))
    tokens = _lower(settings.llm_monthly_tokens, own.get("tokens"))
    cost = _lower(settings.llm_monthly_cost, own.get("cost"))
    return Amounts(None if pages is None else int(pages), None if tokens is None else int(tokens), cost)


def _lower(limit: Decimal | int, own: Any) -> Decimal | None:
    """0 is no limit for the operator; for a workspace it is nothing at all."""
    limits = [Decimal(limit)] if limit else []
    if isinstance(own, (int, float, str)) and not isinstance(own, bool):
        try:
            number = Decimal(str(own))
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and number >= 0:
            limits.append(number)
    return min(limits, default=None)


def _problem(month: Month, most: llm.Spending) -> str | None:
    """The sentence for the first limit that the call could pass; None when it passes none."""
    used, limits = month.used, month.limits
    if limits.cost is not None and most.cost is None:
        return f"The workspace has a cost limit, and the price of {most.model} is not known. Add it to FIELDPROOF_LLM_PRICES."
    wanted = [
        ("pages", used.pages, most.pages, limits.pages),
        ("tokens", used.tokens, most.input_tokens + most.output_tokens, limits.tokens),
        ("units of money", used.cost, most.cost, limits.cost),
    ]
    for unit, before, more, limit in wanted:
        if limit is not None and (before or 0) + (more or 0) > limit:
            return (
                f"The workspace has used {_shown(before)} of its {_shown(limit)} {unit} for language models this month, and the "
                f"next call may need {_shown(more)}. Raise the limit, wait until {month.until:%Y-%m-%d}, or use the local engine."
            )
    return None


def _shown(amount: Decimal | int | None) -> str:
    if isinstance(amount, Decimal):
        return f"{amount.quantize(Decimal('0.0001')).normalize():f}"
    return f"{amount or 0:,}"


def _price(text: str) -> llm.Price:
    given, taken = text.split("/")
    return llm.Price(Decimal(given), Decimal(taken))
