"""Who calls: a bearer token, as on the Raydocs surface; links that prove themselves need none."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from fieldproof.core.actor import Actor
from fieldproof.core.errors import Unauthenticated
from fieldproof.edge import opener
from fieldproof.services import tokens
from fieldproof.services.work import Work


def bearer(work: Work, request: Request) -> Actor:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    return tokens.authenticate(work, secret.strip(), ip=request.state.ip)


def anybody(work: Work, request: Request) -> Actor:
    """May do nothing by itself: what such a route allows, it allows by a secret in the call."""
    return Actor(user_id=None, name="anonymous", abilities=frozenset(), ip=request.state.ip)


Caller = Annotated[Work, Depends(opener(bearer), scope="function")]
Anybody = Annotated[Work, Depends(opener(anybody), scope="function")]
