"""The crash loop in its short form; ``python tests/faults/crash.py --rounds 100`` is the long one."""

from __future__ import annotations

import os

from faults.crash import crash_loop


def test_nothing_acknowledged_is_lost_doubled_or_stuck() -> None:
    outcome = crash_loop(int(os.environ.get("FIELDPROOF_CRASH_ROUNDS", "4")))
    print(outcome)
    assert outcome.acknowledged
