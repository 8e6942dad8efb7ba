"""Errors as one readable line, and exit status 1."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import obstore
import pydantic
from sqlalchemy import exc

from fieldproof.core.errors import FieldproofError, Invalid


@contextmanager
def explained() -> Iterator[None]:
    try:
        yield
    except Invalid as error:
        lines = [f"{path}: {text}" for path, texts in error.fields.items() for text in texts]
        _give_up("\n".join(lines) or error.message)
    except FieldproofError as error:
        _give_up(error.message + _reason(error))
    except pydantic.ValidationError as error:
        _give_up("\n".join(f"FIELDPROOF_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()))
    except exc.OperationalError as error:
        _give_up(f"The database does not answer: {error.orig}")
    except (OSError, RuntimeError) as error:
        _give_up(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _reason(error: FieldproofError) -> str:
    """What a file store or a disk said, in its first line: whoever runs a command can do something about it."""
    cause = error.__cause__
    if not isinstance(cause, (OSError, obstore.exceptions.BaseError)):
        return ""
    return f" ({(str(cause).splitlines() or [type(cause).__name__])[0][:300]})"


def _give_up(text: str) -> None:
    print(f"fieldproof: {text}", file=sys.stderr)
    sys.exit(1)
