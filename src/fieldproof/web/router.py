"""All pages. A module in ``routes/`` is found by being there; each has a ``router``."""

from __future__ import annotations

import importlib
import pkgutil

from fastapi import APIRouter, Depends
from starlette.types import ASGIApp

from fieldproof.web import routes
from fieldproof.web.assets import StaticFiles
from fieldproof.web.guard import guard

router = APIRouter(include_in_schema=False, dependencies=[Depends(guard)])
for _module in sorted(pkgutil.iter_modules(routes.__path__), key=lambda m: m.name):
    router.include_router(importlib.import_module(f"{routes.__name__}.{_module.name}").router)


def static_files() -> ASGIApp:
    """Style sheets, scripts and the font, to be mounted at ``/static``."""
    return StaticFiles()
