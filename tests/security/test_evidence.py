"""docs/security.md names every threat, docs/reliability.md every fault, and both only tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("security", "reliability")}
ROWS = [
    line for page in PAGES.values() for line in page.splitlines()
    if line.startswith("| ") and not line.startswith(("| id ", "| row "))
]  # fmt: skip


@pytest.mark.parametrize(("page", "letter", "count"), [("security", "T", 33), ("reliability", "F", 42)])
def test_every_threat_and_fault_has_a_row(page: str, letter: str, count: int) -> None:
    named = re.findall(rf"^\| ({letter}-\d+) \|", PAGES[page], re.MULTILINE)
    assert named == [f"{letter}-{n}" for n in range(1, count + 1)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_row_names_tests_that_exist(row: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
    assert named or "| not shown: " in row
    for path, name in named:
        assert name in _tests(path), f"{path}::{name}"


@cache
def _tests(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
