"""Access tokens and API keys: made here, shown once."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from fieldproof.core.actor import ABILITIES
from fieldproof.core.errors import Invalid, NotFound
from fieldproof.core.ids import parse_int_id
from fieldproof.services import tokens
from fieldproof.services.work import Work
from fieldproof.web.auth import Sent, Visitor
from fieldproof.web.forms import FormModel
from fieldproof.web.pages import go, page, undone

router = APIRouter()
EXPIRIES = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Never"))


class TokenForm(FormModel):
    name: Annotated[str, Field(min_length=1, max_length=255)]
    kind: Literal["access", "key"] = "access"
    abilities: list[str] = []
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    workspace_id: Annotated[int, Field(ge=1, le=2**53)] | None = None


@router.get("/tokens")
def show_tokens(request: Request, work: Visitor) -> Response:
    return _tokens_page(request, work)


@router.get("/tokens/new")
def show_new(request: Request, work: Visitor) -> Response:
    return _new_page(request, work)


@router.post("/tokens/new")
def add_token(request: Request, work: Visitor, sent: Sent) -> Response:
    try:
        form = sent.read(TokenForm)
        if not form.abilities and form.kind == "access":
            raise Invalid({"abilities": ["Tick at least one ability."]})
        token, secret = tokens.add_own_token(
            work, form.name, kind=form.kind, abilities=form.abilities or None,
            expires_in_days=form.expires_in_days, workspace_id=form.workspace_id,
        )  # fmt: skip
    except Invalid as error:
        return _new_page(request, work, undone(work, error), sent)
    return page(request, work, "tokens/made.html", status=201, token=token, secret=secret, origin=work.public_url)


@router.post("/tokens/{token_id}/revoke")
def revoke_token(request: Request, work: Visitor, token_id: str) -> Response:
    number = parse_int_id(token_id)
    if number is None:
        raise NotFound
    tokens.revoke_token(work, number)
    return go(request, "/tokens", "Revoked: it opens nothing any more.")


def _tokens_page(request: Request, work: Work) -> Response:
    return page(request, work, "tokens/tokens.html", tokens=tokens.list_tokens(work), abilities=ABILITIES)


def _new_page(request: Request, work: Work, problem: Invalid | None = None, sent: Sent | None = None) -> Response:
    groups: dict[str, list[str]] = {}
    for ability in ABILITIES:
        groups.setdefault(ability.rsplit("-", 1)[0], []).append(ability)
    return page(
        request, work, "tokens/new.html", problem=problem, abilities=ABILITIES, expiries=EXPIRIES, sent=sent,
        kind=(sent.text("kind") if sent else request.query_params.get("kind")) or "access",
    )  # fmt: skip
