"""The running parts for one command: settings from the environment, options on top."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from fieldproof.settings import Settings
from fieldproof.wiring import App, build

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the embedded database and the files.", show_default="var")
]


def settings_with(**options: Any) -> Settings:
    """Options that were given win over the environment."""
    return Settings(**{name: value for name, value in options.items() if value is not None})


@contextmanager
def running(**options: Any) -> Iterator[App]:
    with running_with(settings_with(**options)) as parts:
        yield parts


@contextmanager
def running_with(settings: Settings) -> Iterator[App]:
    parts = build(settings)
    try:
        yield parts
    finally:
        parts.close()
