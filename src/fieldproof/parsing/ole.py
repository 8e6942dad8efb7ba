"""OLE containers (.doc, .xls, .msg), opened so that whatever is wrong with one is a typed failure."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import olefile

from fieldproof.core.document import FailureCode
from fieldproof.core.errors import ParsingFailed

# olefile raises whatever it stumbles over.
_BROKEN = (
    OSError,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
    struct.error,
)


@contextmanager
def opened(path: Path) -> Iterator[olefile.OleFileIO]:
    """The container; errors on the way, also in what the caller reads from it, raise ParsingFailed."""
    try:
        with olefile.OleFileIO(str(path)) as container:
            yield container
    except _BROKEN as error:
        raise ParsingFailed(FailureCode.CORRUPT, f"{type(error).__name__} in the file.") from error
