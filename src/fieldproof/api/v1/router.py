"""Our own endpoints, by resource: what neither vendor has."""

from fastapi import APIRouter

from fieldproof.api.v1 import (
    account,
    cancelling,
    documents,
    examples,
    health,
    imports,
    invitations,
    pages,
    retention,
    reviews,
    sessions,
    tags,
    tokens,
    transfers,
    values,
    webhooks,
)

router = APIRouter(redirect_slashes=False)
for part in (
    health,
    account,
    tokens,
    invitations,
    sessions,
    cancelling,
    transfers,
    documents,
    imports,
    tags,
    values,
    reviews,
    examples,
    pages,
    webhooks,
    retention,
):
    router.include_router(part.router)
