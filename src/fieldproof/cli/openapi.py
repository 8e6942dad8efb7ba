"""``openapi``: the whole API as one document."""

from __future__ import annotations

import sys

import orjson
import typer


def add_to(app: typer.Typer) -> None:
    app.command("openapi")(openapi)


def openapi() -> None:
    """Prints the OpenAPI document of all three surfaces as JSON."""
    from fieldproof.server import openapi_document  # late: it imports every face

    sys.stdout.write(orjson.dumps(openapi_document(), option=orjson.OPT_INDENT_2).decode() + "\n")
