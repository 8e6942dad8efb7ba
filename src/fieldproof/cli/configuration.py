"""``settings``: what can be set, and what is."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import SecretStr

from fieldproof.cli.parts import settings_with
from fieldproof.settings import Settings

_HEAD = """# Settings

Environment variables; each may also stand in the file that `<NAME>_FILE` names, as containers hand secrets over. Written by
`fieldproof settings --markdown`; a test compares.

| variable | default | meaning |
|---|---|---|
"""


def add_to(app: typer.Typer) -> None:
    app.command("settings")(settings)


def settings(
    is_markdown: Annotated[bool, typer.Option("--markdown", help="As docs/settings.md has it.")] = False,
) -> None:
    """Lists every setting, its value here and what it means."""
    typer.echo(markdown() if is_markdown else _values(settings_with()), nl=not is_markdown)


def markdown() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default in (None, []) else f"`{default}`"
        rows.append(f"| `{_variable(name)}` | {shown} | {(field.description or '').replace('|', chr(92) + '|')} |\n")
    return _HEAD + "".join(rows)


def _values(found: Settings) -> str:
    lines = []
    for name, field in Settings.model_fields.items():
        value = getattr(found, name)
        shown = "(set)" if isinstance(value, SecretStr) else value
        lines.append(f"{_variable(name)}={'' if shown is None else shown}\n    {field.description}")
    return "\n".join(lines)


def _variable(name: str) -> str:
    return f"FIELDPROOF_{name.upper()}"
