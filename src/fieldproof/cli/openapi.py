"""``openapi``: the whole API as one document."""

from __future__ import annotations

import typer

from fieldproof.cli.jsonfiles import print_json


def add_to(app: typer.Typer) -> None:
    app.command("openapi")(openapi)


def openapi() -> None:
    """Prints the OpenAPI document of all three surfaces as JSON."""
    from fieldproof.server import openapi_document  # late: it imports every face

    print_json(openapi_document())
