"""Rendering: one function for pages, one for going on to the next."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from fastapi import Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fieldproof import __version__
from fieldproof.core import clock
from fieldproof.core.actor import Role
from fieldproof.core.errors import Invalid
from fieldproof.core.ids import parse_uuid
from fieldproof.core.signing import Signer
from fieldproof.db.models import Workspace
from fieldproof.services import access, workspaces
from fieldproof.services.work import Work
from fieldproof.web import assets, cookies
from fieldproof.web.guard import csrf_token

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)


def page(
    request: Request, work: Work, template: str, /, *, status: int = 200, problem: Invalid | None = None, **values: Any
) -> Response:
    """The template with what every page shows: the person, the workspaces, messages, the forms' token.

    ``workspace`` among the values is the one the page is about. ``problem`` puts its sentences beside
    the fields (``problems`` in templates); call ``undone`` first.
    """
    here = values.pop("workspace", None)
    visit = cookies.read(request, cookies.VISIT) or cookies.new_visit()
    common = {
        "me": work.actor if work.actor.user_id is not None else None,
        "csrf": csrf_token(request, visit),
        "messages": cookies.unsealed(work.signer, cookies.read(request, cookies.MESSAGE)),
        "problems": problem.fields if problem else {},
        "path": request.url.path,
        "query": request.query_params,
        "now": work.now,
        **_places(request, work, here),
    }
    text = _environment.get_template(template).render({**common, **values})
    response = html(text, 422 if problem else status, request=request)
    if common["messages"]:
        cookies.remove(request, response, cookies.MESSAGE)
    if work.actor.user_id is None and not cookies.read(request, cookies.VISIT):
        cookies.write(request, response, cookies.VISIT, visit)
    if here is not None and cookies.read(request, cookies.PLACE) != str(here.id):
        cookies.write(request, response, cookies.PLACE, str(here.id))
    return response


def go(request: Request, url: str, *messages: str) -> Response:
    """After a form: on to a page, with something to say there."""
    response = RedirectResponse(url, 303)
    if messages:
        signer: Signer = request.app.state.parts.signer
        cookies.write(request, response, cookies.MESSAGE, cookies.sealed(signer, list(messages)))
    return response


def undone(work: Work, error: Invalid) -> Invalid:
    """Takes back what a refused form has changed so far, so that its page can be shown again."""
    work.db.rollback()
    return error


def html(text: str, status: int = 200, *, request: Request | None = None) -> Response:
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",  # with no-referrer, browsers hide the Origin of our own forms, too
    }
    if request is not None and cookies.is_https(request):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return HTMLResponse(text, status, headers)


def counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def render(template: str, /, **values: Any) -> str:
    """A template alone, as for an error or a piece of a live page."""
    return _environment.get_template(template).render(values)


def with_query(query: Any, **changes: Any) -> str:
    """The query string with some parameters changed; None takes one out, and so does an empty text."""
    kept = [(key, value) for key, value in query.multi_items() if key not in changes and value != ""]
    added = [(key, value) for key, value in changes.items() if value not in (None, "")]
    return "?" + urlencode([*kept, *added])


def _places(request: Request, work: Work, here: Workspace | None) -> dict[str, Any]:
    """Where the person is and could go; the last workspace is remembered for pages that are about none."""
    if work.actor.user_id is None:
        return {"workspace": None, "workspaces": [], "role": None, "can_write": False, "is_admin": False}
    mine = workspaces.list_workspaces(work)
    remembered = cookies.read(request, cookies.PLACE)
    workspace = here or next((w for w in mine if str(w.id) == remembered), mine[0] if mine else None)
    role = access.role_in(work, workspace.id) if workspace is not None else None
    return {
        "workspace": workspace, "workspaces": mine, "role": role,
        "can_write": role is not None and role.covers(Role.USER), "is_admin": role is Role.ADMIN,
    }  # fmt: skip


def _moment(moment: datetime | None) -> Markup:
    """A time for people and machines; the reader's own time zone is put in by the page's script."""
    if moment is None:
        return Markup("–")
    text = moment.strftime("%-d %b %Y, %H:%M") + " UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(clock.iso(moment), text, _ago(moment))


def _ago(moment: datetime) -> str:
    seconds = (clock.now() - moment).total_seconds()
    is_past, size = seconds >= 0, abs(seconds)
    for limit, unit_s, unit in ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (30 * 86_400, 86_400, "day")):
        if size < limit:
            count = int(size // unit_s)
            if unit == "s":
                return "just now" if is_past else "in a moment"
            words = f"{count} {unit}{'s' if unit == 'day' and count != 1 else ''}"
            return f"{words} ago" if is_past else f"in {words}"
    return moment.strftime("%-d %b %Y")


def _size(count: int | None) -> str:
    if count is None:
        return "–"
    size, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit in ("B", "kB") or size >= 100 else f"{size:.1f} {unit}"


def _brief(value: Any) -> str:
    """What a log line says, short: of an id, the part that tells it apart."""
    if isinstance(value, list):
        text = ", ".join(_brief(one) for one in value)
    elif isinstance(value, str):
        text = value[:8] if parse_uuid(value) else value
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _build_environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(moment=_moment, size=_size, brief=_brief, path=lambda text: quote(str(text), safe=""))
    environment.globals.update(
        asset=assets.asset_url, assets=assets, with_query=with_query, version=__version__, problems={}, messages=[]
    )
    environment.globals["icon"] = environment.get_template("icons.html").module.icon  # type: ignore[attr-defined]
    environment.globals["forms"] = environment.get_template("forms.html").module
    return environment


_environment = _build_environment()
