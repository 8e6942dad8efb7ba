"""Log lines: for people by default, as JSON for machines. Never a document's text, never a secret."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

from fieldproof.settings import Settings

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_OURS = ("exception", "stack")  # made by us, over several lines


def configure(settings: Settings) -> None:
    """Our lines and those of the libraries, all to standard error."""
    level = getattr(logging, settings.log_level.upper())
    logging.basicConfig(
        level=max(level, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
    structlog.configure(
        processors=processors(settings.log_format, has_colors=sys.stderr.isatty()),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def processors(log_format: str, *, has_colors: bool = False) -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _on_one_line,
        # A plain trace: the default one of structlog prints local variables, which hold documents and secrets.
        *(
            (structlog.processors.format_exc_info, structlog.processors.JSONRenderer())
            if log_format == "json"
            else (structlog.dev.ConsoleRenderer(colors=has_colors, exception_formatter=structlog.dev.plain_traceback),)
        ),
    ]


def _on_one_line(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Nobody's text begins a line of its own or moves the cursor."""
    return {key: value if key in _OURS else _escaped(value) for key, value in event.items()}


def _escaped(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), value)
