from fastapi import APIRouter

from fieldproof.api.docsense import documents

router = APIRouter(redirect_slashes=False, include_in_schema=False)
router.include_router(documents.router)
