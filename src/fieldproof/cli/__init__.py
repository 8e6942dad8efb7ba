"""The command line. Standard output is for what was asked; everything else goes to standard error."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from fieldproof import __version__
from fieldproof.cli.trouble import explained

# Module → its commands. Only the module of the command that was asked is loaded: all of them take a second.
PARTS: dict[str, tuple[str, ...]] = {
    "serving": ("serve", "worker"),
    "demo": ("demo",),
    "accounts": ("user", "token", "key"),
    "templates": ("template",),
    "files": ("extract", "parse"),
    "verifying": ("verify",),
    "benching": ("bench",),
    "assisting": ("mcp",),
    "importing": ("import",),
    "cancelling": ("cancel",),
    "doctor": ("doctor",),
    "configuration": ("settings",),
    "operations": ("backup", "restore", "migrate", "gc"),
    "openapi": ("openapi",),
}


def build(words: Sequence[str]) -> typer.Typer:
    """The command that ``words`` begin with; every command where they begin with none, for the help."""
    app = typer.Typer(
        name="fieldproof", no_args_is_help=False, add_completion=False, pretty_exceptions_enable=False,
        help="Documents to structured data, where every extracted field carries its proof.",
    )  # fmt: skip
    app.callback()(_options)
    asked = [part for part, commands in PARTS.items() if words and words[0] in commands]
    for part in asked or PARTS:
        import_module(f"{__name__}.{part}").add_to(app)
    return app


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"fieldproof {__version__}")
        raise typer.Exit


def _options(
    is_version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None: ...


def main() -> None:
    with explained():
        build(sys.argv[1:])()


if __name__ == "__main__":
    sys.exit(main())
