"""``cancel``: calls work of a running server off."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from fieldproof.cli.remote import LOCAL, Remote, Token, Url


class Kind(StrEnum):
    RESULT = "result"
    SESSION = "session"
    DOCUMENT = "document"


def add_to(app: typer.Typer) -> None:
    app.command("cancel")(cancel)


def cancel(
    kind: Annotated[Kind, typer.Argument(help="A run (result), all runs of a session, or the reading of a document.")],
    row_id: Annotated[str, typer.Argument(metavar="ID")],
    token: Token,
    with_documents: Annotated[
        bool, typer.Option("--with-documents", help="Stop reading its documents too, unless other runs wait for them.")
    ] = False,
    url: Url = LOCAL,
) -> None:
    """Cancels what has not ended. Again and again with the same outcome."""
    body = None if kind is Kind.DOCUMENT else {"with_documents": with_documents}
    said = Remote(url, token).call("POST", f"/v1/{kind}s/{row_id}/cancel", body)
    count = said.get("cancelled", 1)
    typer.echo(f"{count} {'is' if count == 1 else 'are'} cancelled.", err=True)
