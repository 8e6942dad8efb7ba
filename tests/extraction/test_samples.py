"""What a first user sees: the four sample documents with the sample template, and labels said plainly."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contract.files import invoice_pdf
from contract.schemas import INVOICE
from fieldproof.core.result import Extraction
from fieldproof.core.schema import parse_schema
from fieldproof.extraction import SourceDocument, extract
from fieldproof.parsing import ParseConfig, parse
from fieldproof.samples import SAMPLES, template

EXPECTED: dict[str, dict[str, Any]] = {
    "invoice.pdf": {
        "document.supplier": "Nordlicht Instruments GmbH", "document.number": "NI-2026-1047",
        "document.date": "2026-10-14", "document.due_date": "2026-11-13", "document.currency": "EUR",
        "amounts.net": 4116, "amounts.tax": 782.04, "amounts.total": 4898.04,
    },
    "receipt.jpg": {
        "document.supplier": "Harbour Coffee Roasters", "document.number": "004518", "document.date": "2026-11-03",
        "document.due_date": None,
        "document.currency": "EUR", "amounts.net": None, "amounts.tax": 2.85, "amounts.total": 24,
    },
    "order.docx": {
        "document.supplier": "Bramble & Sons Nurseries", "document.number": "VG-7730", "document.date": "2026-09-21",
        "document.currency": "GBP", "amounts.net": 738.6, "amounts.tax": 147.72, "amounts.total": 886.32,
    },
    "expenses.xlsx": {
        "document.supplier": "Kestrel Travel Services", "document.number": "KT-2026-09", "document.date": "2026-09-30",
        "document.currency": "USD", "amounts.total": 1301.8,
    },
}  # fmt: skip
LINES = {
    "invoice.pdf": [(2, 1480, 2960), (4, 86.5, 346), (6, 95, 570), (2, 120, 240)],
    "order.docx": [(24, 18.4, 441.6), (6, 39, 234), (30, 2.1, 63)],
    "expenses.xlsx": [(2, 312.4, 624.8), (3, 189, 567), (4, 27.5, 110)],
}

TITLES = {
    "invoice.pdf": "Nordlicht Instruments GmbH · NI-2026-1047 · 2026-10-14",
    "receipt.jpg": "004518 · Harbour Coffee Roasters · 2026-11-03",  # no address for a heading
    "order.docx": "Purchase order · VG-7730 · Bramble & Sons Nurseries · 2026-09-21",
    "expenses.xlsx": "KT-2026-09 · Kestrel Travel Services · 2026-09-30",  # no label for a heading
}


@pytest.mark.parametrize("name", TITLES)
def test_a_sample_is_named(name: str) -> None:
    assert found(name).title == TITLES[name]


@pytest.mark.parametrize(("name", "path"), [(n, p) for n, paths in EXPECTED.items() for p in paths])
def test_a_sample_is_read_right(name: str, path: str) -> None:
    group, field = path.split(".")
    assert found(name).data[group][field] == EXPECTED[name][path]


@pytest.mark.parametrize("name", LINES)
def test_a_sample_has_its_lines(name: str) -> None:
    lines = found(name).data["items"]["lines"]
    assert [(x["quantity"], x["unit_price"], x["amount"]) for x in lines] == LINES[name]


@pytest.mark.parametrize("number", ["A1", "B7", "INV-NEW", "A-1", "7", "2026/11", "X 100-B"])
def test_what_stands_right_after_its_label_is_found_whatever_it_looks_like(number: str) -> None:
    extraction = of(invoice_pdf(number), "invoice.pdf", INVOICE)
    assert extraction.data["invoice"]["number"] == number


@cache
def found(name: str) -> Extraction:
    sample = next(s for s in SAMPLES if s.filename == name)
    return of(sample.read(), name, template()["schema_json"])


def of(content: bytes, name: str, schema: dict[str, Any]) -> Extraction:
    with tempfile.NamedTemporaryFile(suffix=name) as file:
        file.write(content)
        file.flush()
        parsed = parse(Path(file.name), ParseConfig(), name)
    return extract([SourceDocument("d", name, parsed)], parse_schema(schema))
