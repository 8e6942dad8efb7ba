"""Sign-in with e-mail and password; who am I."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from fieldproof.api.v1 import present
from fieldproof.api.v1.auth import Anybody, Caller
from fieldproof.api.v1.contract import route
from fieldproof.api.v1.tokens import TokenMade
from fieldproof.core.errors import Unauthenticated
from fieldproof.edge import Body, Payload, payload
from fieldproof.ratelimit import attempt
from fieldproof.services import tokens, users

router = APIRouter(tags=["Account"])
Sent = Annotated[Payload, Depends(payload)]


class SignIn(Body):
    email: Annotated[str, StringConstraints(min_length=3, max_length=320)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=False)]


class Me(BaseModel):
    id: int
    name: str
    email: str


@route(
    router, "POST", "/v1/sign-in", summary="A token for a day, for e-mail and password", body=SignIn, answer=TokenMade,
    status=201, refuses=(Unauthenticated,), is_public=True,
)  # fmt: skip
def sign_in(work: Anybody, sent: Sent, request: Request) -> Response:
    body = sent.read(SignIn)
    attempt(request, "sign-in", body.email)
    user = users.check_password(work, body.email, body.password)
    token, secret = tokens.add_sign_in_token(work, user)
    return present.answer({**present.token(token), "token": secret}, 201)


@route(router, "GET", "/v1/me", summary="Whom the token belongs to", answer=Me, refuses=(Unauthenticated,))
def get_me(work: Caller) -> Response:
    return present.answer({"id": work.actor.user_id, "name": work.actor.name, "email": work.actor.email})
