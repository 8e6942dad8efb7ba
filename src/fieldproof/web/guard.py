"""Before every page: a form must come from our own page, and prove it.

Two independent checks on whatever is not a GET: the browser's own word (Origin, Sec-Fetch-Site)
and a token that only a page of ours could have, bound to the browser's cookie.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from fieldproof.core.errors import Forbidden
from fieldproof.edge import app_of
from fieldproof.web import cookies
from fieldproof.web.forms import Form, read_form

_SAFE = ("GET", "HEAD", "OPTIONS")
_STALE = "This form is no longer valid. Go back, reload the page and send it again."


async def guard(request: Request) -> None:
    """Reads the form into ``request.state.form``. Raises: Forbidden."""
    if request.method in _SAFE:
        return
    if not _is_ours(request):
        raise Forbidden("This form was sent from another site.")
    sent = request.headers.get("x-csrf-token")
    if sent is not None and not is_csrf(request, sent):
        raise Forbidden(_STALE)
    request.state.form = await read_form(request)
    if sent is None and not is_csrf(request, request.state.form.text("csrf")):
        raise Forbidden(_STALE)


def csrf_token(request: Request, visit: str) -> str:
    """For the forms of this browser: bound to the session, or to the visit of who is signed out."""
    return app_of(request).signer.signature("csrf", cookies.read(request, cookies.SIGNED_IN) or visit)


def is_csrf(request: Request, token: str) -> bool:
    bound_to = cookies.read(request, cookies.SIGNED_IN) or cookies.read(request, cookies.VISIT)
    return bool(bound_to) and app_of(request).signer.is_valid(token, "csrf", bound_to)


def form_of(request: Request) -> Form:
    """What the guard has read."""
    return request.state.form


def _is_ours(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None or (origin == "null" and site == "same-origin"):  # null: a browser that hides it
        referer = request.headers.get("referer")
        return site is not None or (referer is not None and _is_our_origin(request, referer))
    return _is_our_origin(request, origin)


def _is_our_origin(request: Request, url: str) -> bool:
    """The public address, or the very host that was asked, as behind a tunnel or on 127.0.0.1."""
    given, public = urlsplit(url), urlsplit(app_of(request).public_url)
    return given.netloc != "" and given.netloc in (public.netloc, request.headers.get("host"))
