"""The command line. Standard output is for what was asked; everything else goes to standard error."""

from __future__ import annotations

import sys

import typer

from fieldproof.cli import (
    accounts,
    cancelling,
    configuration,
    demo,
    doctor,
    files,
    importing,
    openapi,
    operations,
    serving,
    templates,
)
from fieldproof.cli.trouble import explained

app = typer.Typer(
    name="fieldproof", no_args_is_help=False, add_completion=False, pretty_exceptions_enable=False,
    help="Documents to structured data, where every extracted field carries its proof.",
)  # fmt: skip
for part in (
    serving,
    demo,
    accounts,
    templates,
    files,
    importing,
    cancelling,
    doctor,
    configuration,
    operations,
    openapi,
):
    part.add_to(app)


def main() -> None:
    with explained():
        app()


if __name__ == "__main__":
    sys.exit(main())
