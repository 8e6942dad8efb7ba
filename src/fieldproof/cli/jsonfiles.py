"""JSON that commands are given as files, and JSON that they print for machines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson

from fieldproof.core.errors import Malformed


def read_json(file: Path) -> Any:
    """Raises: Malformed for what is no JSON."""
    try:
        return orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise Malformed(f"{file.name} is not valid JSON: {error}") from error


def print_json(value: Any) -> None:
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")
