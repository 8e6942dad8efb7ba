"""Which of two numbers is the day, told by what a document's dates say together, where their writing does not tell.

Nothing is due before it is issued nor, but rarely, half a year later, and a number may hold its year and month
("FA11/2016"). An order of day and month under which that fails gives way to one under which it holds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

from fieldproof.extraction.dates import ORDERS, Order, parse_date
from fieldproof.extraction.offers import is_date, speaks_for
from fieldproof.extraction.query import Query

# Two days of one document, and how many days apart they are at most: seldom more, and usually.
_PAIRS = (
    ("invoice_date", "due_date", 185, 100),
    ("order_date", "delivery_date", 185, 100),
    ("period_from", "period_to", math.inf, math.inf),
    ("effective_date", "expiry_date", math.inf, math.inf),
)
_OWN = (("invoice_date", "invoice_number"), ("order_date", "order_number"))
_MONTH = re.compile(
    r"(?<!\d)(?:(?P<year>20\d\d)[-/. ]?(?P<month>0[1-9]|1[0-2])(?=[-/. ]|\d{3}|$)"
    r"|(?P<month_first>0[1-9]|1[0-2])[-/.](?P<year_last>20\d\d)(?!\d))"
)


def doubted(order: Order, queries: Sequence[Query], given: Mapping[tuple[str, ...], str]) -> Order | None:
    """The order in which a document's dates are rather to be read; None where nothing speaks against ``order``.

    ``given``: the path of each field that got a value from this document, and how the value is written there.
    """

    def written(concept: str, is_fit: Callable[[Query], bool] = is_date) -> str:
        asked = speaks_for(queries, concept, is_fit)
        return given.get(queries[asked].path, "") if asked is not None else ""

    others = [o for o in ORDERS if o is not order]
    for first, last, long, usual in _PAIRS:
        days = written(first), written(last)
        if not _are_near(*days, order, long):
            return next((o for o in others if _are_near(*days, o, usual)), None)
    for day, number in _OWN:
        own = written(day), written(number, _is_text)
        if not _agree(*own, order):
            return next((o for o in others if _agree(*own, o)), None)
    return None


def _is_text(query: Query) -> bool:
    return not query.is_date and not query.is_number


def _are_near(first: str, last: str, order: Order, most: float) -> bool:
    one, two = parse_date(first, order), parse_date(last, order)
    return one is None or two is None or 0 <= (two - one).days <= most


def _agree(own: str, number: str, order: Order) -> bool:
    """Whether a number's year and month are those of the day; also where it holds none."""
    day, found = parse_date(own, order), _MONTH.search(number)
    if day is None or found is None:
        return True
    return (day.year, day.month) == (
        int(found["year"] or found["year_last"]),
        int(found["month"] or found["month_first"]),
    )
