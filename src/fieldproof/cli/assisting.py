"""``mcp``: the services as tools of a language model, over standard input and output."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fieldproof import logs
from fieldproof.cli.parts import DataDir, settings_with
from fieldproof.cli.remote import Token
from fieldproof.mcp import create_server
from fieldproof.services import tokens
from fieldproof.wiring import build
from fieldproof.worker import Runner


def add_to(app: typer.Typer) -> None:
    app.command("mcp")(mcp)


def mcp(
    token: Token,
    folder: Annotated[Path, typer.Option(help="Files to extract from are taken from here only.")] = Path(),
    data_dir: DataDir = None,
    has_worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Whether this process also works on jobs.")
    ] = True,
) -> None:
    """Serves the Model Context Protocol on standard input and output: Fieldproof as tools of a language model."""
    settings = settings_with(data_dir=data_dir)
    logs.configure(settings)
    parts = build(settings)
    runner = Runner(parts) if has_worker else None
    try:
        with parts.work() as work:
            tokens.authenticate(work, token)  # told now, not at the first call
        if runner is not None:
            parts.sandbox.start()
            runner.start()
        create_server(parts, token, folder).run("stdio")
    finally:
        if runner is not None:
            runner.stop()
        parts.close()
