"""Suites hold when every job is delivered twice, one after the other and at the same moment (see twice.py)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from faults import twice

ROOT = Path(__file__).resolve().parents[2]
# Not a kill beside a twin: one death of the worker then counts as two attempts, and the document is left alone as it should be.
SUITES = {
    "after": ["tests/contract/test_dedupe_races.py", "tests/journey/test_restart.py"],
    "beside": ["tests/contract/test_dedupe_races.py"],
}
if os.environ.get("FIELDPROOF_FAULTS") == "long":
    SUITES = {
        "after": ["tests/contract", "tests/docsense", "tests/journey", "tests/services", "tests/search"],
        "beside": ["tests/contract", "tests/docsense", "tests/search"],
    }


@pytest.mark.skipif(bool(os.environ.get("FIELDPROOF_TEST_STACK")), reason="the stack's workers are others' processes")
@pytest.mark.parametrize("how", ["after", "beside"])
def test_suites_hold_when_every_job_is_delivered_twice(how: str) -> None:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", *SUITES[how]],
        cwd=ROOT, env=surroundings | {twice.ASKED: how}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:]
