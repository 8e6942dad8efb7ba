"""Who looks: the person behind the cookie, or nobody yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request

from fieldproof.core.actor import Actor
from fieldproof.core.errors import Unauthenticated
from fieldproof.edge import app_of, opener
from fieldproof.services import users
from fieldproof.services.work import Work
from fieldproof.web import cookies
from fieldproof.web.forms import Form
from fieldproof.web.guard import form_of


def signed_in(work: Work, request: Request) -> Actor:
    """Raises: Unauthenticated, which the dashboard answers with its sign-in page."""
    return users.authenticate(work, cookies.read(request, cookies.SIGNED_IN), ip=request.state.ip)


def anybody(work: Work, request: Request) -> Actor:
    """The person, or a stranger who may do nothing by himself."""
    try:
        return signed_in(work, request)
    except Unauthenticated:
        return Actor(user_id=None, name="anonymous", abilities=frozenset(), ip=request.state.ip)


@contextmanager
def visit(request: Request) -> Iterator[Work]:
    """For routes that compute between two short Works: the same person, a Work that ends with the block."""
    with app_of(request).work() as work:
        work.actor = signed_in(work, request)
        yield work


Visitor = Annotated[Work, Depends(opener(signed_in), scope="function")]
Anybody = Annotated[Work, Depends(opener(anybody), scope="function")]
Sent = Annotated[Form, Depends(form_of)]
