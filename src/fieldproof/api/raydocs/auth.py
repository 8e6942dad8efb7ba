"""Who calls: a bearer token."""

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


Caller = Annotated[Work, Depends(opener(bearer), scope="function")]
