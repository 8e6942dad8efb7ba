"""Every screen, with something on it: one table for the screenshots and for axe-core."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

from fieldproof import samples
from fieldproof.core.actor import Role
from fieldproof.db.models import Document, Result, Template, Workspace
from fieldproof.services import learning, members, reviews, tags, templates, webhooks, workspaces
from fieldproof.services.webhooks import EVENTS

PATIENCE_S = 180
MEMBERS = {
    "home": "{base}", "home-empty": "{empty}", "documents": "{base}/documents", "documents-empty": "{empty}/documents",
    "search": "{base}/documents?search=total", "search-nothing": "{base}/documents?search=nowhere",
    "document": "{base}/documents/{document}?search=spectrometer", "document-text": "{base}/documents/{document}?view=text",
    "document-chunks": "{base}/documents/{document}?view=chunks", "document-uses": "{base}/documents/{document}?view=uses",
    "document-readings": "{base}/documents/{document}?view=readings", "document-failed": "{base}/documents/{damaged}",
    "sessions": "{base}/sessions", "sessions-grid": "{base}/sessions?template={template}",
    "sessions-empty": "{empty}/sessions", "session": "{base}/sessions/{session}", "session-failed": "{base}/sessions/{failed}",
    "review-queue": "{base}/review", "review-queue-empty": "{empty}/review", "review": "{base}/results/{result}",
    "review-doubt": "{base}/results/{result}?order=doubt", "review-approved": "{base}/results/{approved}",
    "review-failed": "{base}/results/{failure}", "why": "{base}/results/{result}/values/amounts.total/why",
    "templates": "{base}/templates", "templates-empty": "{empty}/templates", "template-new": "{base}/templates/new",
    "template-from": "{base}/templates/from/{document}", "template": "{base}/templates/{template}?document={document}",
    "template-learnt": "{base}/templates/{template}/learnt", "template-learnt-empty": "{base}/templates/{unused}/learnt",
    "members": "{base}/members", "settings": "{base}/settings", "jobs": "{base}/jobs", "jobs-empty": "{empty}/jobs",
    "audit": "{base}/audit", "webhooks": "{base}/webhooks", "webhook": "{base}/webhooks/{webhook}",
    "webhook-empty": "{base}/webhooks/{quiet}", "tokens": "/tokens", "token-new": "/tokens/new", "account": "/account", "docs": "/docs",
    "workspace-new": "/w/new", "missing": "/nowhere",
}  # fmt: skip
STRANGERS = {"sign-in": "/sign-in", "invitation": "/invite/{invitation}"}
NOBODYS = {"setup": "/setup"}  # of an installation in which nobody has an account
SCREENS = {**MEMBERS, **STRANGERS, **NOBODYS}


@dataclass(frozen=True)
class Stage:
    """A workspace with a bit of everything, as ``alice`` sees it; ``places`` are the parts of addresses."""

    alice: Any
    places: dict[str, Any]

    def path(self, name: str) -> str:
        return SCREENS[name].format(**self.places)


def stage(installation: Any) -> Stage:
    alice = installation.user("alice@example.org", "Alice Quinn", "correct horse battery staple")
    bob = installation.user("bob@example.org", "Bob Okafor")
    place = installation.workspace(alice, "Accounts payable")
    empty = installation.workspace(alice, "Research")
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
        unused = templates.add_template(work, workspace, "Contracts", given["schema_json"])
        invitation = members.add_member(work, workspace, "carol@example.org", Role.USER).invitation
        assert invitation is not None
        link = members.invitation_link(work, invitation)
        template_id = str(template.id)
        webhook = webhooks.add_webhook(work, workspace, "http://127.0.0.1:9/fieldproof", EVENTS)
        quiet = webhooks.add_webhook(work, workspace, "http://127.0.0.1:9/archive", ["result.failed"])
        webhooks.update_webhook(work, quiet, {"is_active": False})
    sessions = _run(installation.url, token, template_id)
    first, second, *_, last = sessions
    with installation.parts.work(alice.actor) as work:
        reviews.approve(work, work.db.get_one(Result, second["results"][0]["id"]), "As printed.")
        document = work.db.get_one(Document, first["documents"][0]["id"])
        tags.set_tags(work, document, ["2026", "Instruments"])
    _learnt(installation, template_id)
    places = {
        "base": f"/w/{place}", "empty": f"/w/{empty}", "template": template_id, "invitation": link.rsplit("/", 1)[1],
        "session": first["id"], "document": first["documents"][0]["id"], "result": first["results"][0]["id"],
        "approved": second["results"][0]["id"], "failed": last["id"], "damaged": last["documents"][0]["id"],
        "failure": last["results"][0]["id"], "webhook": webhook.id, "quiet": quiet.id, "unused": unused.id,
    }  # fmt: skip
    return Stage(alice, places)


def _learnt(installation: Any, template_id: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with installation.parts.work() as work:
            if learning.list_examples(work, work.db.get_one(Template, template_id)):
                return
        time.sleep(0.2)
    raise AssertionError("nothing was learnt in time")


def _run(url: str, token: str, template_id: str) -> list[dict[str, Any]]:
    """The samples and, at last, a broken file, uploaded and run; the sessions when all is done."""
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
