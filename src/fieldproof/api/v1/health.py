"""For load balancers and supervisors. No token, no rate limit, nothing secret."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from fieldproof import metrics
from fieldproof.api.v1 import present
from fieldproof.api.v1.contract import route
from fieldproof.edge import app_of
from fieldproof.services import health

router = APIRouter(tags=["Health"])


class Alive(BaseModel):
    status: str


class Ready(BaseModel):
    status: str
    database: str
    storage: str


@route(router, "GET", "/healthz", summary="Whether the process answers", answer=Alive, refuses=(), is_public=True)
async def healthz() -> Response:
    # Not in the pool of threads, which may all be waiting for a database.
    return present.answer({"status": "ok"})


@route(
    router, "GET", "/readyz", summary="Whether database and storage answer", answer=Ready, refuses=(), is_public=True
)
def readyz(request: Request) -> Response:
    parts = app_of(request)
    found = health.check(parts.engine, parts.store)
    is_ready = all(v == "ok" for v in found.values())
    status = "ok" if is_ready else "unavailable"
    answer = present.answer({"status": status, "message": status, **found}, 200 if is_ready else 503)
    if not is_ready:
        answer.headers["Retry-After"] = "5"
    return answer


@router.get("/metrics", include_in_schema=False)
def prometheus(request: Request) -> Response:
    """Keep it from the public at the proxy: it tells how busy the installation is, and nothing else."""
    return Response(metrics.text(app_of(request).engine), media_type="text/plain; version=0.0.4; charset=utf-8")
