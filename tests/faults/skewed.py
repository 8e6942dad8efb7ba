"""``fieldproof`` on a machine whose clock is wrong: ``python -m faults.skewed SECONDS worker …``."""

from __future__ import annotations

import sys
from datetime import timedelta

from fieldproof.core import clock


def main() -> None:
    seconds, right = int(sys.argv.pop(1)), clock.now
    clock.now = lambda: right() + timedelta(seconds=seconds)
    from fieldproof.cli import main as fieldproof

    fieldproof()


if __name__ == "__main__":
    main()
