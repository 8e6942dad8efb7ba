"""``demo``: the main job on the sample documents, over HTTP, as any client would do it."""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from typing import Annotated, Any

import typer
import uvicorn
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from fieldproof import logs, samples
from fieldproof.cli.parts import DataDir, settings_with
from fieldproof.cli.serving import exit_when_terminated, http_server, listening
from fieldproof.core.actor import Actor
from fieldproof.db.models import Member, Template, Token, User, Workspace
from fieldproof.services import templates, tokens, users, workspaces
from fieldproof.wiring import App, build
from fieldproof.worker import Runner

EMAIL, PASSWORD, NAME = "demo@example.org", "fieldproof-demo", "Demo"
PATIENCE_S = 300


def add_to(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    port: Annotated[int, typer.Option(help="Port to listen on; another one when it is taken.")] = 8000,
    is_brief: Annotated[bool, typer.Option("--exit", help="Stop after the results instead of serving on.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Starts everything, extracts from four sample documents, shows the fields with their proof, and goes on serving."""
    settings = settings_with(data_dir=data_dir, log_level="warning", rate_limit_per_minute=0)
    logs.configure(settings)
    exit_when_terminated()
    console = Console(width=None if sys.stdout.isatty() else 150)
    with _listener(port) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        console.print(f"Starting Fieldproof in [bold]{settings.data_dir}[/] …")
        parts = build(settings, public_url=address)
        runner = Runner(parts)
        server = http_server(parts)
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        try:
            parts.sandbox.start()
            runner.start()
            serving.start()
            _show(console, _Client(address, *_stage(parts)))
            console.print(f"\nThe dashboard: [bold]{address}[/]  (sign in as {EMAIL} / {PASSWORD})")
            if not is_brief:
                console.print("Ctrl-C stops everything.")
                with suppress(KeyboardInterrupt):
                    serving.join()
        finally:
            _stop(server, serving)
            runner.stop()
            parts.close()


class _Client:
    """The Raydocs API with nothing but the standard library."""

    def __init__(self, url: str, token: str, template_id: str) -> None:
        self._url, self._token, self.template_id = url, token, template_id

    def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        return self._send(method, self._url + path, content, headers)

    def upload(self, sample: samples.Sample) -> str:
        signed = self.call("POST", "/vapor/signed-storage-url", {"content_type": sample.media_type})
        headers = {**signed["headers"], "X-Filename": sample.filename}
        self._send("PUT", signed["url"], sample.read(), headers)
        return signed["key"]

    @staticmethod
    def _send(method: str, url: str, content: bytes | None, headers: dict[str, str]) -> Any:
        request = urllib.request.Request(url, content, headers, method=method)  # noqa: S310 (our own address)
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            content = answer.read()
        return json.loads(content) if content else None


def _stage(parts: App) -> tuple[str, str]:
    """Person, workspace and template, made once; a fresh token and the template's id."""
    with parts.work() as work:
        user = users.find_by_email(work, EMAIL) or users.add_user(work, EMAIL, "Demo", PASSWORD)
        work.actor = Actor(user_id=user.id, name=user.name, email=user.email)
        mine = select(Workspace).join(Member).where(Member.user_id == user.id, Workspace.name == NAME)
        workspace = work.db.scalars(mine.limit(1)).one_or_none() or workspaces.add_workspace(work, NAME, "🧾")
        given = samples.template()
        same = select(Template).where(Template.workspace_id == workspace.id, Template.name == given["name"])
        template = work.db.scalars(same.limit(1)).one_or_none() or templates.add_template(
            work, workspace, given["name"], given["schema_json"], description=given["description"]
        )
        for old in work.db.scalars(select(Token).where(Token.user_id == user.id, Token.name == NAME)):
            old.revoked_at = work.now
        owner = work.db.get_one(User, user.id)
        return tokens.add_token(work, owner, NAME)[1], str(template.id)


def _show(console: Console, client: _Client) -> None:
    started = time.monotonic()
    keys = [client.upload(sample) for sample in samples.SAMPLES]
    path = f"/extractions/templates/{client.template_id}/sessions/batch"
    made = client.call("POST", path, {"files": keys, "settings": {"auto_extract": True}})
    for sample, session in zip(samples.SAMPLES, made, strict=True):
        result = _ended(client, session["id"])
        console.print(f"\n[bold]{sample.filename}[/], {sample.what}: {result['title'] or result['error']}")
        console.print(_table(result))
    console.print(f"\nFour documents in {time.monotonic() - started:.1f} s, offline.")


def _ended(client: _Client, session_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        session = client.call("GET", f"/extractions/sessions/{session_id}")
        if session["status"] in ("completed", "failed"):
            return session["results"][0]
        time.sleep(0.2)
    raise RuntimeError("The extraction did not end. Run: fieldproof doctor")


def _table(result: dict[str, Any]) -> Table:
    table = Table("field", "value", "confidence", "page", "quote", box=None, pad_edge=False, header_style="dim")
    for group, fields in result["audit_data"].items():
        for name, entry in fields.items():
            for path, cell in (entry.get("items") or {"": entry}).items():
                source = next(iter(cell["sources"]), {})
                value = _at(result["data"][group][name], path)
                known = "" if cell["confidence"] is None or value is None else f"{cell['confidence']:.2f}"
                label = ".".join(part for part in (group, name, path) if part)
                table.add_row(label, _text(value), known, str(source.get("page", "")), source.get("text", ""))
    return table


def _at(value: Any, path: str) -> Any:
    for part in path.split(".") if path else ():
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def _text(value: Any) -> str:
    return "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _listener(port: int) -> Any:
    try:
        return listening("127.0.0.1", port)
    except OSError:
        return listening("127.0.0.1", 0)


def _stop(server: uvicorn.Server, serving: threading.Thread) -> None:
    server.should_exit = True
    if serving.is_alive():
        serving.join(10)
