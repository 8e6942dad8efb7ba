"""Every screen, with something on it: for the screenshots and for axe-core."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

from fieldproof import samples
from fieldproof.core.actor import Role
from fieldproof.db.models import Workspace
from fieldproof.services import members, templates, workspaces

PATIENCE_S = 180
SCREENS = {
    "home": "{base}", "documents": "{base}/documents", "document": "{base}/documents/{document}",
    "search": "{base}/documents?search=total", "sessions": "{base}/sessions", "session": "{base}/sessions/{session}",
    "review-queue": "{base}/review", "review": "{base}/results/{result}", "members": "{base}/members",
    "settings": "{base}/settings", "jobs": "{base}/jobs", "audit": "{base}/audit", "templates": "{base}/templates",
    "template-new": "{base}/templates/new", "template-from": "{base}/templates/from/{document}",
    "template": "{base}/templates/{template}?document={document}", "tokens": "/tokens", "token-new": "/tokens/new",
    "account": "/account", "docs": "/docs", "workspace-new": "/w/new", "missing": "/nowhere",
}  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """People and a workspace with a bit of everything, and the address of each screen."""

    alice: Any
    workspace: int
    screens: dict[str, str]  # name → path, as alice sees it
    strangers: dict[str, str]  # name → path, for who is signed out


def stage(installation: Any) -> Stage:
    alice = installation.user("alice@example.org", "Alice Quinn", "correct horse battery staple")
    bob = installation.user("bob@example.org", "Bob Okafor")
    place = installation.workspace(alice, "Accounts payable")
    installation.member(place, bob, "readonly")
    token = alice.token()
    alice.key()
    given = samples.template()
    with installation.parts.work(alice.actor) as work:
        workspace = work.db.get_one(Workspace, place)
        workspaces.update_workspace(work, workspace, {"icon": "🧾"})
        template = templates.add_template(
            work, workspace, given["name"], given["schema_json"], description=given["description"]
        )
        invitation = members.add_member(work, workspace, "carol@example.org", Role.USER).invitation
        assert invitation is not None
        link = members.invitation_link(work, invitation)
        template_id = str(template.id)
    sessions = _run(installation.url, token, template_id)
    places = {
        "base": f"/w/{place}", "template": template_id, "session": sessions[0]["id"],
        "document": sessions[0]["documents"][0]["id"], "result": sessions[0]["results"][0]["id"],
    }  # fmt: skip
    screens = {name: path.format(**places) for name, path in SCREENS.items()}
    return Stage(alice, place, screens, {"sign-in": "/sign-in", "invitation": httpx.URL(link).path})


def _run(url: str, token: str, template_id: str) -> list[dict[str, Any]]:
    """The samples and a broken file, uploaded and run; the sessions when all is done."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as http:
        files = [(s.filename, s.media_type, s.read()) for s in samples.SAMPLES]
        files.append(("damaged scan.pdf", "application/pdf", b"%PDF-1.7\n1 0 obj\n<< /Broken"))
        keys = [_upload(http, *file) for file in files]
        body = {"files": keys, "settings": {"auto_extract": True}}
        made = http.post(f"/extractions/templates/{template_id}/sessions/batch", json=body).json()
        return [_ended(http, session["id"]) for session in made]


def _upload(http: httpx.Client, filename: str, media_type: str, content: bytes) -> str:
    signed = http.post("/vapor/signed-storage-url", json={"content_type": media_type}).json()
    headers = {**signed["headers"], "X-Filename": filename}
    httpx.put(signed["url"], content=content, headers=headers, timeout=60).raise_for_status()
    return signed["key"]


def _ended(http: httpx.Client, session_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        session = http.get(f"/extractions/sessions/{session_id}").json()
        if session["status"] in ("completed", "failed"):
            return session
        time.sleep(0.2)
    raise AssertionError("the samples were not extracted in time")
