"""Every operation of the contract, by resource."""

from fastapi import APIRouter

from fieldproof.api.raydocs import batches, documents, results, sessions, templates, workspaces

router = APIRouter(redirect_slashes=False)
for part in (workspaces, templates, sessions, batches, documents, results):
    router.include_router(part.router)
