"""``fieldproof`` that kills (KILL) or stops (STOP) itself, at one place and once:

    python -m faults.dying ARMED SIGNAL PLACE WHEN NTH serve …

before or after (WHEN) the NTH time that it comes to PLACE, counted from the moment when the file ARMED is there.
"""

from __future__ import annotations

import functools
import itertools
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from fieldproof.storage import FolderStore

PLACES = {"commit": (Session, "commit"), "store": (FolderStore, "put")}


def main() -> None:
    armed, name, place, when, nth = sys.argv[1:6]
    sys.argv[:6] = ["fieldproof"]
    set_up(Path(armed), signal.Signals[f"SIG{name}"], place, when, int(nth))
    from fieldproof.cli import main as fieldproof

    fieldproof()


def set_up(armed: Path, fatal: signal.Signals, place: str, when: str, nth: int) -> None:
    owner, name = PLACES[place]
    real, times = getattr(owner, name), itertools.count(1)

    @functools.wraps(real)
    def dying(*arguments: Any, **options: Any) -> Any:
        is_last = armed.exists() and next(times) == nth
        if is_last and when == "before":
            os.kill(os.getpid(), fatal)
        done = real(*arguments, **options)
        if is_last:
            os.kill(os.getpid(), fatal)
        return done

    setattr(owner, name, dying)


if __name__ == "__main__":
    main()
