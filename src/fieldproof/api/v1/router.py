"""Our own endpoints, by resource: what neither vendor has."""

from fastapi import APIRouter

from fieldproof.api.v1 import account, health, invitations, sessions, tokens, transfers

router = APIRouter(redirect_slashes=False)
for part in (health, account, tokens, invitations, sessions, transfers):
    router.include_router(part.router)
