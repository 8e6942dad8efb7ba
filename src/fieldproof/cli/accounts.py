"""``user``, ``token`` and ``key``: who may come in."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from fieldproof.cli.parts import DataDir, running
from fieldproof.core.errors import NotFound
from fieldproof.db.models import User
from fieldproof.services import tokens, users
from fieldproof.services.work import Work

user_app = typer.Typer(help="People.", no_args_is_help=True)
token_app = typer.Typer(help="Personal access tokens, for the Raydocs API and /v1.", no_args_is_help=True)
key_app = typer.Typer(help="API keys, for the DocSense API.", no_args_is_help=True)
Email = Annotated[str, typer.Option("--user", help="The owner's e-mail address.")]
Days = Annotated[
    int | None, typer.Option("--expires-in-days", min=1, max=3650, help="Days it lives; for ever if not given.")
]


def add_to(app: typer.Typer) -> None:
    app.add_typer(user_app, name="user")
    app.add_typer(token_app, name="token")
    app.add_typer(key_app, name="key")


@user_app.callback()
def _users() -> None: ...


@token_app.callback()
def _tokens() -> None: ...


@key_app.callback()
def _keys() -> None: ...


@user_app.command("create")
def create_user(
    email: Annotated[str, typer.Argument(help="The e-mail address to sign in with.")],
    name: Annotated[str | None, typer.Option(help="Shown to others.", show_default="the address")] = None,
    password: Annotated[
        str | None, typer.Option(help="At least 10 characters; asked for when it is not given.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Creates a person."""
    if password is None:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    with running(data_dir=data_dir) as parts, parts.work() as work:
        user = users.add_user(work, email, name or email, password)
        typer.echo(f"Created {user.email} (id {user.id}).", err=True)


@token_app.command("create")
def create_token(
    user: Email,
    name: Annotated[str, typer.Option(help="To tell tokens apart.")] = "Command line",
    ability: Annotated[list[str] | None, typer.Option(help="May be repeated.", show_default="all")] = None,
    expires_in_days: Days = None,
    data_dir: DataDir = None,
) -> None:
    """Creates an access token and prints it, once, as the only line of standard output."""
    with running(data_dir=data_dir) as parts:
        with parts.work() as work:
            owner = _owner(work, user)
            expires_at = work.now + timedelta(days=expires_in_days) if expires_in_days is not None else None
            _, secret = tokens.add_token(work, owner, name, abilities=ability or None, expires_at=expires_at)
        typer.echo(secret)


@key_app.command("create")
def create_key(
    user: Email,
    name: Annotated[str, typer.Option(help="To tell keys apart.")] = "Command line",
    expires_in_days: Days = None,
    data_dir: DataDir = None,
) -> None:
    """Creates an API key (x-api-key) and prints it, once, as the only line of standard output."""
    with running(data_dir=data_dir) as parts:
        with parts.work() as work:
            owner = _owner(work, user)
            expires_at = work.now + timedelta(days=expires_in_days) if expires_in_days is not None else None
            _, secret = tokens.add_token(work, owner, name, kind="key", expires_at=expires_at)
        typer.echo(secret)


def _owner(work: Work, email: str) -> User:
    owner = users.find_by_email(work, email)
    if owner is None:
        raise NotFound(f"There is no user {email}. Create one with: fieldproof user create {email}")
    return owner
