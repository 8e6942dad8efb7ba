"""Our kinds of errors as pages."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from fieldproof.core.errors import (
    Broken,
    Conflict,
    FieldproofError,
    Forbidden,
    Gone,
    Invalid,
    LimitExceeded,
    Malformed,
    MethodNotAllowed,
    NotFound,
    ParsingFailed,
    TooManyRequests,
    Transient,
    Unauthenticated,
    UnsupportedMedia,
)
from fieldproof.web import pages

_PAGES: dict[type, tuple[int, str]] = {
    Malformed: (400, "That could not be read"),
    Unauthenticated: (401, "Sign in first"),
    Forbidden: (403, "Not allowed"),
    NotFound: (404, "Nothing here"),
    MethodNotAllowed: (405, "Not possible here"),
    Conflict: (409, "Somebody was quicker"),
    Gone: (410, "Gone"),
    LimitExceeded: (413, "Too large"),
    UnsupportedMedia: (415, "Not accepted here"),
    Invalid: (422, "Something is missing or wrong"),
    ParsingFailed: (422, "The document could not be read"),
    TooManyRequests: (429, "Too fast"),
    Broken: (500, "That is our fault"),
    FieldproofError: (500, "That did not work"),
    Transient: (503, "Busy for a moment"),
}


def error_response(error: FieldproofError, request: Request | None = None) -> Response:
    """A page that says what happened; who is not signed in goes to the sign-in page and comes back."""
    if isinstance(error, Unauthenticated) and request is not None:
        return _to_sign_in(request)
    status, title = next(_PAGES[kind] for kind in type(error).__mro__ if kind in _PAGES)
    message = "There is no such page, or it is not yours to see." if _is_plain_miss(error) else error.message
    fields = error.fields if isinstance(error, Invalid) else {}
    text = pages.render("error.html", status=status, title=title, message=message, fields=fields)
    response = pages.html(text, status, request=request)
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = error.allow
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, Transient):
        response.headers["Retry-After"] = "5"
    return response


def _is_plain_miss(error: FieldproofError) -> bool:
    return isinstance(error, NotFound) and error.message == NotFound.__doc__


def _to_sign_in(request: Request) -> Response:
    target = request.url.path if request.method == "GET" else "/"
    if request.method == "GET" and request.url.query:
        target += f"?{request.url.query}"
    url = "/sign-in" if target == "/" else f"/sign-in?next={quote(target, safe='/')}"
    if request.headers.get("hx-request") == "true":  # a piece of a page: the whole page must go
        return Response(status_code=401, headers={"HX-Redirect": url})
    if request.headers.get("accept", "").startswith("text/event-stream"):
        return Response(status_code=401)
    return RedirectResponse(url, 303)
