"""``import``: a folder or a bucket into a workspace of a running server.

Nothing is remembered on this machine: the server is asked by SHA-256 what it has, so the same command again goes on
where the last one broke off, and sends nothing twice.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import obstore
import orjson
import typer
from obstore.store import from_url

from fieldproof.cli.progress import progress
from fieldproof.cli.remote import LOCAL, Remote, Token, Url
from fieldproof.core.errors import FieldproofError, NotFound

AT_ONCE = 4
BATCH = 20  # files that one plan is made for: their links live for five minutes


@dataclass(frozen=True)
class Outcome:
    """``status``: imported | present | failed."""

    file: str
    status: str
    sha256: str | None = None
    document_id: str | None = None
    session_id: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Found:
    """A file of the source, on this machine's disk while its batch is at work."""

    label: str
    path: Path
    sha256: str


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_files)


def import_files(
    source: Annotated[
        str, typer.Argument(help="A file, a folder, or a bucket such as s3://bucket/prefix (gs://, az://).")
    ],
    workspace: Annotated[int, typer.Option(help="The workspace's number.")],
    token: Token,
    template: Annotated[str | None, typer.Option(help="Run this template over each file: its id.")] = None,
    at_once: Annotated[int, typer.Option("--concurrency", min=1, max=32, help="Files sent at once.")] = AT_ONCE,
    is_json: Annotated[bool, typer.Option("--json", help="One line of JSON a file, to standard output.")] = False,
    url: Url = LOCAL,
) -> None:
    """Imports all files of a folder or bucket. Again and again: what is there already is not sent again."""
    files: list[tuple[str, _Source]] = _bucket(source) if "://" in source else _folder(Path(source))
    counts = {"imported": 0, "present": 0, "failed": 0}
    remote = Remote(url, token)
    target = _Target(remote, workspace, template)
    with progress("Importing", len(files)) as advance, ThreadPoolExecutor(at_once) as pool:
        for start in range(0, len(files), BATCH):
            for outcome in _batch(target, files[start : start + BATCH], pool):
                advance()
                counts[outcome.status] += 1
                _tell(outcome, is_json=is_json)
    remote.close()
    typer.echo(", ".join(f"{count} {status}" for status, count in counts.items()) + ".", err=True)
    if counts["failed"]:
        raise typer.Exit(1)


class _Source:
    """One file of the source: where it is, or how it is fetched."""

    def __init__(self, path: Path | None = None, store: Any = None, key: str = "") -> None:
        self._path, self._store, self._key = path, store, key

    def fetched(self, into: Path) -> Path:
        """On this machine's disk."""
        if self._path is not None:
            return self._path
        with into.open("wb") as file:
            for piece in obstore.get(self._store, self._key).stream(min_chunk_size=1 << 20):
                file.write(piece)
        return into


@dataclass(frozen=True)
class _Target:
    remote: Remote
    workspace: int
    template: str | None

    def ask(self, path: str, key: str | None = None, **body: Any) -> list[dict[str, Any]]:
        body = {**body, "template_id": self.template} if self.template else body
        return self.remote.call("POST", f"/v1/workspaces/{self.workspace}/{path}", body, key=key)["data"]


def _folder(place: Path) -> list[tuple[str, _Source]]:
    """By relative path, in order; hidden files are left out."""
    if place.is_file():
        return [(place.name, _Source(place))]
    if not place.is_dir():
        raise NotFound(f"There is no file or folder {place}.")
    paths = sorted(p for p in place.rglob("*") if p.is_file())
    relative = {p.relative_to(place): p for p in paths}
    return [(str(r), _Source(p)) for r, p in relative.items() if not any(part.startswith(".") for part in r.parts)]


def _bucket(url: str) -> list[tuple[str, _Source]]:
    """With the access that the surroundings give: AWS_* variables and their like, or the machine's own role."""
    store = from_url(url)
    keys = sorted(entry["path"] for batch in obstore.list(store) for entry in batch if entry["size"])
    return [(key, _Source(store=store, key=key)) for key in keys]


def _batch(target: _Target, batch: Sequence[tuple[str, _Source]], pool: ThreadPoolExecutor) -> Iterator[Outcome]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fieldproof-import-")))
        hashed = list(pool.map(lambda n: _hashed(batch[n][0], batch[n][1], folder / str(n)), range(len(batch))))
        found = [f for f in hashed if isinstance(f, Found)]
        yield from (o for o in hashed if isinstance(o, Outcome))
        if found:
            yield from _sent(target, found, pool)


def _hashed(label: str, source: _Source, into: Path) -> Found | Outcome:
    try:
        path = source.fetched(into)
        with path.open("rb") as file:
            return Found(label, path, hashlib.file_digest(file, "sha256").hexdigest())
    except (OSError, obstore.exceptions.BaseError) as error:
        return Outcome(label, "failed", error=str(error)[:300])


def _sent(target: _Target, found: Sequence[Found], pool: ThreadPoolExecutor) -> Iterator[Outcome]:
    first: dict[str, Found] = {}
    for file in found:
        first.setdefault(file.sha256, file)
    planned = {p["sha256"]: p for p in target.ask("imports/plan", sha256=list(first))}
    missing = [file for sha256, file in first.items() if planned[sha256]["upload"]]
    sending = pool.map(lambda file: _put(target.remote, file, planned[file.sha256]["upload"]), missing)
    problems = {file.sha256: problem for file, problem in zip(missing, sending, strict=True) if problem}
    ready = [file for file in missing if file.sha256 not in problems]
    unused = [
        f for s, f in first.items() if target.template and planned[s]["document_id"] and not planned[s]["session_id"]
    ]
    taken = _taken(target, ready, unused, planned)
    for file in found:
        is_twin = first[file.sha256] is not file
        if file.sha256 in problems:
            yield Outcome(file.label, "failed", file.sha256, error=problems[file.sha256])
        elif file.sha256 in taken:
            yield _outcome(file, taken[file.sha256], is_twin=is_twin)
        else:
            known = planned[file.sha256]
            yield Outcome(file.label, "present", file.sha256, known["document_id"], known["session_id"])


def _put(remote: Remote, file: Found, upload: dict[str, Any]) -> str | None:
    """Why it could not be sent."""
    try:
        remote.put(upload["url"], file.path, upload["headers"])
    except FieldproofError as error:
        return error.message
    return None


def _taken(
    target: _Target, ready: Sequence[Found], unused: Sequence[Found], planned: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """By hash, what came of each file that was sent, and of each document that no session of the template has yet."""
    if not ready and not unused:
        return {}
    keys = [planned[f.sha256]["upload"]["key"] for f in ready]
    names = [Path(f.label).name for f in ready]
    ids = [planned[f.sha256]["document_id"] for f in unused]
    # Under a key of this very call: repeated after a lost answer it does nothing twice.
    made = target.ask("imports", str(uuid.uuid4()), keys=keys, names=names, document_ids=ids)
    return {file.sha256: one for file, one in zip([*ready, *unused], made, strict=True)}


def _outcome(file: Found, made: dict[str, Any], *, is_twin: bool) -> Outcome:
    if made["error"]:
        return Outcome(file.label, "failed", file.sha256, error=made["error"])
    status = "present" if is_twin else "imported"
    return Outcome(file.label, status, file.sha256, made["document_id"], made["session_id"])


def _tell(outcome: Outcome, *, is_json: bool) -> None:
    if is_json:
        sys.stdout.write(orjson.dumps(asdict(outcome)).decode() + "\n")
    elif outcome.status == "failed":
        print(f"fieldproof: {outcome.file}: {outcome.error}", file=sys.stderr)
