"""Access tokens and API keys of the caller."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Caller
from fieldproof.api.v1.contract import route
from fieldproof.core.errors import Forbidden, NotFound, Unauthenticated
from fieldproof.core.ids import parse_int_id
from fieldproof.edge import Body, Payload, payload
from fieldproof.services import tokens

router = APIRouter(tags=["Tokens"])
Sent = Annotated[Payload, Depends(payload)]


class TokenCreate(Body):
    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    kind: Literal["access", "key"] = "access"
    abilities: list[str] | None = None
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    workspace_id: Annotated[int, Field(ge=1, le=2**53)] | None = None


class Token(BaseModel):
    id: int
    kind: Literal["access", "key"]
    name: str
    hint: str
    abilities: list[str]
    workspace_id: int | None
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


class TokenMade(Token):
    token: str


class TokenList(BaseModel):
    data: list[Token]


@route(router, "GET", "/v1/tokens", summary="The caller's living tokens", answer=TokenList, refuses=(Unauthenticated,))
def list_tokens(work: Caller) -> Response:
    return present.answer({"data": [present.token(t) for t in tokens.list_tokens(work)]})


@route(
    router, "POST", "/v1/tokens", summary="A new token or key, shown this once", body=TokenCreate, answer=TokenMade,
    status=201,
)  # fmt: skip
def create_token(work: Caller, sent: Sent) -> Response:
    body = sent.read(TokenCreate)
    token, secret = tokens.add_own_token(
        work, body.name, kind=body.kind, abilities=body.abilities, expires_in_days=body.expires_in_days,
        workspace_id=body.workspace_id,
    )  # fmt: skip
    return present.answer({**present.token(token), "token": secret}, 201)


@route(
    router, "DELETE", "/v1/tokens/{tokenId}", summary="Revokes a token", status=204,
    refuses=(Unauthenticated, Forbidden, NotFound),
)  # fmt: skip
def revoke_token(work: Caller, token_id: Annotated[str, Path(alias="tokenId")]) -> Response:
    number = parse_int_id(token_id)
    if number is None:
        raise NotFound
    tokens.revoke_token(work, number)
    return present.nothing()
