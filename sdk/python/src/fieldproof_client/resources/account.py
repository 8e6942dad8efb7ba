from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from fieldproof_client.calls import Mode, Resource, Sent, given, many, nothing, one, operation
from fieldproof_client.models import Me, Token


class Account(Resource[Mode]):
    @operation("GET", "/v1/me", one(Me))
    def me(self) -> Sent:
        """Whom the token belongs to."""
        return Sent()

    @operation("POST", "/v1/sign-in", one(Token))
    def sign_in(self, email: str, password: str) -> Sent:
        """A token for a day; give ``.token`` to a new client."""
        return Sent(json={"email": email, "password": password})


class Tokens(Resource[Mode]):
    @operation("GET", "/v1/tokens", many(Token))
    def list(self) -> Sent:
        return Sent()

    @operation("POST", "/v1/tokens", one(Token))
    def create(
        self,
        name: str,
        *,
        kind: Literal["access", "key"] = "access",
        abilities: Sequence[str] | None = None,
        expires_in_days: int | None = None,
        workspace_id: int | None = None,
    ) -> Sent:
        """The secret is in ``.token``, this once. ``kind="key"`` is an API key for the DocSense surface."""
        wanted = None if abilities is None else [*abilities]
        return Sent(
            json=given(
                name=name, kind=kind, abilities=wanted, expires_in_days=expires_in_days, workspace_id=workspace_id
            )
        )

    @operation("DELETE", "/v1/tokens/{tokenId}", nothing)
    def revoke(self, token_id: int) -> Sent:
        return Sent({"tokenId": token_id})
