"""Who calls: an API key in ``x-api-key``, nowhere else."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from fieldproof.core.actor import Actor
from fieldproof.edge import opener
from fieldproof.services import tokens
from fieldproof.services.work import Work


def api_key(work: Work, request: Request) -> Actor:
    secret = request.headers.get("x-api-key", "").strip()
    return tokens.authenticate(work, secret, kind="key", ip=request.state.ip)


Caller = Annotated[Work, Depends(opener(api_key), scope="function")]
