"""Patterns that people write into templates: matched in linear time, whatever they are.

RE2 has neither look-around nor backreferences, which are what makes other engines take years over a short text.
"""

from __future__ import annotations

import functools

import re2

MAX_LENGTH = 1_000
_options = re2.Options()
_options.log_errors = False
_options.max_mem = 8 << 20  # bytes of one compiled pattern


@functools.lru_cache(maxsize=256)
def compiled(pattern: str) -> re2.Pattern | None:  # pyright: ignore[reportAttributeAccessIssue]
    """None for what is no pattern, or one that cannot be matched in linear time."""
    if len(pattern) > MAX_LENGTH:
        return None
    try:
        return re2.compile(pattern, _options)
    except re2.error:
        return None


def problem(pattern: str) -> str | None:
    """What to tell who wrote it; None when there is nothing wrong."""
    if len(pattern) > MAX_LENGTH:
        return f"A pattern may have at most {MAX_LENGTH:,} characters."
    if compiled(pattern) is None:
        return "This is no regular expression, or it uses look-around or backreferences, which are not supported."
    return None
