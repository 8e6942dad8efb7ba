"""What a run may cost and did cost. The purse is the caller's; here is only the arithmetic."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from fieldproof.core.result import Usage
from fieldproof.extraction.llm.config import Price
from fieldproof.extraction.llm.errors import BudgetExceeded
from fieldproof.extraction.llm.messages import Ask, Reply, tokens_of


@dataclass(frozen=True, slots=True)
class Spending:
    """Tokens and money of one call: the most it can be, or what it was. ``pages`` stand on a run's first call only."""

    model: str
    input_tokens: int
    output_tokens: int
    cost: Decimal | None  # None where no price is known
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Reservation:
    name: str
    pages: int


class Purse(Protocol):
    """Asked before each call, told after it."""

    def may_spend(self, most: Spending) -> str:
        """Sets the amount aside. Raises: BudgetExceeded, saying which limit and what to do."""
        ...

    def spent(self, reservation: str, actual: Spending) -> None: ...


class OpenPurse:
    """No limit and no account, for callers that keep none."""

    def may_spend(self, most: Spending) -> str:
        return ""

    def spent(self, reservation: str, actual: Spending) -> None:
        return None


class Meter:
    """One run's account, safe to use from several threads."""

    def __init__(
        self, purse: Purse, model: str, price: Price | None, *, most_output: int, max_calls: int, pages: int
    ) -> None:
        self._purse, self._model, self._price = purse, model, price
        self._most_output, self._max_calls = most_output, max_calls
        self._pages = pages
        self._lock = threading.Lock()
        self._calls = self._input = self._output = 0

    def before(self, ask: Ask) -> Reservation:
        """Raises: BudgetExceeded."""
        with self._lock:
            if self._calls >= self._max_calls:
                raise BudgetExceeded(
                    f"The run needs more than {self._max_calls:,} calls of the language model. Split the documents or the "
                    "template, or raise FIELDPROOF_LLM_MAX_CALLS_PER_RUN."
                )
            self._calls += 1
            pages, self._pages = self._pages, 0
        name = self._purse.may_spend(self._spending(_size(ask), self._most_output, pages))
        return Reservation(name, pages)

    def after(self, reservation: Reservation, ask: Ask, reply: Reply) -> None:
        """Servers that count nothing are counted by estimate: nothing is free by mistake."""
        used_input = reply.input_tokens or _size(ask)
        used_output = reply.output_tokens or tokens_of(reply.text)
        with self._lock:
            self._input += used_input
            self._output += used_output
        lost_input, lost_output = reply.lost * _size(ask), reply.lost * self._most_output
        actual = self._spending(used_input + lost_input, used_output + lost_output, reservation.pages)
        self._purse.spent(reservation.name, actual)

    def unknown(self, reservation: Reservation, ask: Ask, lost: int) -> None:
        """No answer came in time: each try may have been read and answered all the same."""
        actual = self._spending(lost * _size(ask), lost * self._most_output, reservation.pages)
        self._purse.spent(reservation.name, actual)

    def refused(self, reservation: Reservation) -> None:
        """The server turned the call away: nothing was read, nothing is charged."""
        self._purse.spent(reservation.name, self._spending(0, 0, 0))

    def usage(self) -> Usage:
        cost = self._price.of(self._input, self._output) if self._price else None
        return Usage(self._input, self._output, None if cost is None else f"{cost.normalize():f}", self._model)

    def _spending(self, input_tokens: int, output_tokens: int, pages: int) -> Spending:
        cost = self._price.of(input_tokens, output_tokens) if self._price else None
        return Spending(self._model, input_tokens, output_tokens, cost, pages)


def _size(ask: Ask) -> int:
    return tokens_of(ask.system) + tokens_of(ask.user) + tokens_of(str(ask.schema))
