"""``template``: what to extract, from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fieldproof.cli.jsonfiles import read_json
from fieldproof.cli.parts import DataDir, running
from fieldproof.core.errors import Malformed, NotFound
from fieldproof.db.models import Workspace
from fieldproof.services import templates

template_app = typer.Typer(help="Templates.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(template_app, name="template")


@template_app.callback()
def _templates() -> None: ...


@template_app.command("add")
def add_template(
    file: Annotated[Path, typer.Argument(help="A schema, or {name, description, schema_json, settings}, as JSON.")],
    workspace: Annotated[int, typer.Option(help="The workspace's number.")],
    name: Annotated[str | None, typer.Option(help="The template's name.", show_default="the file's")] = None,
    data_dir: DataDir = None,
) -> None:
    """Adds a template to a workspace and prints its id."""
    given = read_template(file)
    with running(data_dir=data_dir) as parts:
        with parts.work() as work:
            row = work.db.get(Workspace, workspace)
            if row is None:
                raise NotFound(f"There is no workspace {workspace}.")
            template = templates.add_template(
                work, row, name or given.get("name") or file.stem, given["schema_json"],
                description=given.get("description"), settings=given.get("settings"),
            )  # fmt: skip
        typer.echo(str(template.id))


def read_template(file: Path) -> dict[str, Any]:
    """``schema_json`` and what else the file says. Raises: Malformed for what is no JSON object."""
    value = read_json(file)
    if not isinstance(value, dict):
        raise Malformed(f"{file.name} must hold a JSON object.")
    for key in ("schema_json", "schema"):
        if key in value and "groups" not in value:
            return {**value, "schema_json": value[key]}
    return {"schema_json": value}
