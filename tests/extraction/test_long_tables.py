from __future__ import annotations

from datetime import date, timedelta

import pytest

from extraction.paper import source
from fieldproof.core import codec
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import extract

ROWS_PER_PAGE = 44
SCHEMA = parse_schema(
    {
        "groups": {
            "statement": {
                "fields": {
                    "closing_balance": {"type": "number"},
                    "transactions": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "date": {"type": "date"},
                                "description": {"type": "string"},
                                "debit": {"type": "number"},
                                "credit": {"type": "number"},
                                "balance": {"type": "number"},
                            },
                        },
                    },
                }
            }
        }
    }
)


def statement(count: int):
    """Pages of a bank statement and the rows they show; every seventh description runs over two lines."""
    pages, truth, balance, day = [], [], 1000.0, date(2023, 1, 2)
    page, y = _page(1), 120.0
    for n in range(count):
        if y > 120 + 15 * ROWS_PER_PAGE:
            pages.append(page)
            page, y = _page(len(pages) + 1), 120.0
        amount = round(5 + (n * 37 % 900) + (n % 100) / 100, 2)
        is_credit = n % 3 == 0
        balance = round(balance + (amount if is_credit else -amount), 2)
        row = {
            "date": day.isoformat(), "description": f"Card payment {n:05d}", "debit": None if is_credit else amount,
            "credit": amount if is_credit else None, "balance": balance,
        }  # fmt: skip
        page += [
            (40, y, day.strftime("%d.%m.%Y")),
            (120, y, f"Card payment {n:05d}"),
            (340 if not is_credit else 420, y, f"{amount:,.2f}"),
            (500, y, f"{balance:,.2f}"),
        ]
        y += 15
        if n % 7 == 3:
            page.append((120, y, "Branch office"))
            row["description"] += " Branch office"
            y += 15
        truth.append(row)
        day += timedelta(days=n % 2)
    page.append((300, y + 15, "Closing balance"))
    page.append((500, y + 15, f"{balance:,.2f}"))
    return [*pages, page], truth


def _page(number: int):
    header = [
        (40, 100, "Date"),
        (120, 100, "Description"),
        (340, 100, "Debit"),
        (420, 100, "Credit"),
        (500, 100, "Balance"),
    ]
    return [(40, 30, "Harbour Bank"), (480, 30, f"Page {number}"), *header]


@pytest.mark.parametrize("count", [1000, 2000])
def test_every_row_of_a_long_statement_and_no_other(count):
    pages, truth = statement(count)
    result = extract([source(*pages)], SCHEMA)
    assert result.data["statement"]["transactions"] == truth


def test_the_ledger_names_every_source_row_once():
    pages, truth = statement(200)
    rows = extract([source(*pages)], SCHEMA).ledgers[0].rows
    used = [r.item for r in rows if r.outcome == "used"]
    assert used == list(range(len(truth)))
    assert sum(r.outcome == "continuation" for r in rows) == sum(t["description"].endswith("office") for t in truth)


def test_the_same_bytes_in_five_runs():
    pages, _ = statement(150)
    assert len({codec.extraction_to_json(extract([source(*pages)], SCHEMA)) for _ in range(5)}) == 1


def test_a_removed_row_breaks_the_running_balance():
    pages, _ = statement(120)
    lost = [p for p in pages[1] if p[1] != 120 + 15 * 9]
    result = extract([source(pages[0], lost, *pages[2:])], SCHEMA)
    assert not result.ledgers[0].is_complete
    assert any("balance" in check for check in result.ledgers[0].checks)
