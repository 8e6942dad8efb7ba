"""Every job is delivered twice, as a queue may do that promises "at least once".

FIELDPROOF_TEST_TWICE=after (once more when it is done) or =beside (at the same moment) makes it so for any suite;
``python -m faults.twice serve …`` is ``fieldproof`` in that way, for suites that start processes.
"""

from __future__ import annotations

import contextvars
import functools
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fieldproof.worker.tasks import Handler

ASKED = "FIELDPROOF_TEST_TWICE"


def how() -> str | None:
    asked = os.environ.get(ASKED)
    assert asked in (None, "", "after", "beside"), f"{ASKED} is {asked!r}"
    return asked or None


def double_when_asked() -> None:
    """For all workers of this process."""
    again = {"after": _after, "beside": _beside}.get(how() or "")
    if again is not None:
        from fieldproof.worker.tasks import HANDLERS

        HANDLERS.update({name: again(handler) for name, handler in HANDLERS.items()})


def _after(handler: Handler) -> Handler:
    @functools.wraps(handler)
    def run(*parts: Any, **arguments: Any) -> None:
        for _ in range(2):
            handler(*parts, **arguments)

    return run


def _beside(handler: Handler) -> Handler:
    @functools.wraps(handler)
    def run(*parts: Any, **arguments: Any) -> None:
        with ThreadPoolExecutor(1) as other:
            twin = other.submit(contextvars.copy_context().run, functools.partial(handler, *parts, **arguments))
            handler(*parts, **arguments)
            twin.result()

    return run


def main() -> None:
    double_when_asked()
    from fieldproof.cli import main as fieldproof

    sys.argv[0] = "fieldproof"
    fieldproof()


if __name__ == "__main__":
    main()
