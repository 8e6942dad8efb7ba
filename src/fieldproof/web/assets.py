"""Static files: read once, compressed once, cached by the browser for as long as their content stays."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

ROOT = Path(__file__).parent / "static"
HTMX = "vendor/htmx-2.0.11.min.js"
SSE = "vendor/htmx-ext-sse-2.2.4.min.js"
FONT = "vendor/inter-5.3.0-latin-wght.woff2"
STYLES = "app.css"  # all of css/ in one file

_FIRST = ("tokens.css", "base.css", "layout.css", "components.css")
_FOREVER = "public, max-age=31536000, immutable"
_COMPRESSED = (".css", ".js", ".svg")


@dataclass(frozen=True)
class Asset:
    content: bytes
    compressed: bytes | None
    media_type: str
    version: str


def asset_url(name: str) -> str:
    """With the version in it, so that a new release is seen at once."""
    return f"/static/{name}?v={_asset(name).version}"


class StaticFiles:
    """Only what lies under ``static/`` now; a path is looked up in that list, never on the disk."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        name = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix("/static").lstrip("/")
        await _answer(request, name)(scope, receive, send)


def _answer(request: Request, name: str) -> Response:
    if request.method not in ("GET", "HEAD"):
        return PlainTextResponse("Method not allowed", 405, {"Allow": "GET, HEAD"})
    if name not in _names():
        return PlainTextResponse("Not found", 404)
    asset = _asset(name)
    headers = {
        "Cache-Control": _FOREVER if request.query_params.get("v") == asset.version else "no-cache",
        "ETag": f'"{asset.version}"',
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if asset.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.compressed, headers={**headers, "Content-Encoding": "gzip"}, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)


@cache
def _names() -> frozenset[str]:
    files = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file() and path.suffix != ".md")
    return frozenset((*files, STYLES))


@cache
def _asset(name: str) -> Asset:
    content = _styles() if name == STYLES else (ROOT / name).read_bytes()
    suffix = Path(name).suffix
    compressed = gzip.compress(content, 9, mtime=0) if suffix in _COMPRESSED else None
    media_type = {".js": "text/javascript", ".woff2": "font/woff2"}.get(suffix) or mimetypes.guess_type(name)[0]
    return Asset(
        content, compressed, media_type or "application/octet-stream", hashlib.sha256(content).hexdigest()[:12]
    )


def _styles() -> bytes:
    """The font's address carries its version, like every other."""
    folder = ROOT / "css"
    names = [*_FIRST, *sorted(p.name for p in folder.glob("*.css") if p.name not in _FIRST)]
    text = "\n".join((folder / name).read_text() for name in names)
    return text.replace(f"../{FONT}", asset_url(FONT)).encode()
