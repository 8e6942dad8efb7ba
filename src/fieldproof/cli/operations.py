"""``backup``, ``restore``, ``migrate`` and ``gc``: the installation as a whole."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import obstore
import typer
from rich.console import Console
from rich.progress import Progress

from fieldproof.cli.parts import DataDir, running, running_with, settings_with
from fieldproof.db import dumps
from fieldproof.db.engine import connect
from fieldproof.services import backups, copying, documents
from fieldproof.settings import Settings
from fieldproof.storage import kind_of
from fieldproof.wiring import backup_access, store_of

_PLACE = "A folder, or a bucket: s3://bucket/prefix, gs://…, az://…"


def add_to(app: typer.Typer) -> None:
    for command in (backup, restore, migrate, gc):
        app.command(command.__name__)(command)


def backup(
    place: Annotated[str, typer.Argument(metavar="PLACE", help=f"{_PLACE} What is there already is kept.")],
    data_dir: DataDir = None,
    is_verifying: Annotated[
        bool, typer.Option("--verify", help="Read what a bucket has already, too; in a folder it is always read.")
    ] = False,
) -> None:
    """Copies database and files; can run while others work. The database first: files it names are never rewritten."""
    with running(data_dir=data_dir) as parts, tempfile.TemporaryDirectory(prefix="fieldproof-backup-") as folder:
        url = _url_of(place)
        target = _opened(url, parts.settings)
        with parts.work() as work:
            held = copying.held_keys(work)
        dump = Path(folder) / "database"
        dumps.dump(parts.database_url, dump)
        manifest = backups.put_dump(target, dump)
        is_trusting = kind_of(url) != "file" and not is_verifying
        copies = _copied(copying.copy_blobs(parts.store, target.files, is_trusting=is_trusting))
        with parts.work() as work:
            lost = (held & copying.held_keys(work)) - set(copies.keys)
        backups.finish(target, manifest)
        typer.echo(f"Database and {copies.whole} files are in {place}.", err=True)
        _require_whole(copies, sorted(lost))


def restore(
    place: Annotated[str, typer.Argument(metavar="PLACE", help=_PLACE)],
    data_dir: DataDir = None,
) -> None:
    """Brings a backup into an empty installation; may be repeated until it has ended: the database comes last."""
    url = _url_of(place)
    if kind_of(url) == "file" and not _folder_of(url).is_dir():
        raise typer.BadParameter(f"There is no folder {_folder_of(url)}.")
    with running(data_dir=data_dir) as parts, tempfile.TemporaryDirectory(prefix="fieldproof-restore-") as folder:
        with parts.work() as work:
            copying.require_empty(work)
        source = _opened(url, parts.settings)
        dump = Path(folder) / "database"
        backups.fetch_dump(source, backups.manifest_of(source), dump)
        copies = _copied(copying.copy_blobs(source.files, parts.store))
        dumps.restore(parts.database_url, dump)
        with parts.work() as work:
            lost = copying.missing_blobs(work)
        typer.echo(f"Database and {copies.whole} files are back.", err=True)
        _require_whole(copies, lost)


def migrate(
    source: Annotated[Path, typer.Option("--from", help="The embedded installation's data folder.")] = Path("var"),
    data_dir: DataDir = None,
) -> None:
    """Moves an embedded installation to the configured database and store; may be repeated until it has ended.

    Nothing is taken away from the source. Stop ``serve`` first.
    """
    target = settings_with(data_dir=data_dir)
    if target.database_url is None:
        raise typer.BadParameter("Set FIELDPROOF_DATABASE_URL (and FIELDPROOF_STORAGE_URL) to where it shall go.")
    if not (source / "postgres").is_dir():
        raise typer.BadParameter(f"{source} has no embedded database. Give the installation's folder with --from.")
    # The source as if nothing were configured: its own database, its own folder.
    bare = target.model_copy(update={"database_url": None, "storage_url": None, "data_dir": source})
    with running_with(bare) as parts, tempfile.TemporaryDirectory(prefix="fieldproof-migrate-") as folder:
        copies = _copied(copying.copy_blobs(parts.store, store_of(target)))
        url = target.database_url.get_secret_value()
        if copying.is_filled(connect(url)):
            typer.echo("The new database has people in it already: only files were copied.", err=True)
        else:
            dump = Path(folder) / "database"
            dumps.dump(parts.database_url, dump)
            dumps.restore(url, dump)
            typer.echo(f"The database and {copies.whole} files have moved. {source} is as it was.", err=True)
        with parts.work() as work:
            lost = copying.held_keys(work) - set(copies.keys)
        _require_whole(copies, sorted(lost))


def gc(
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False, data_dir: DataDir = None
) -> None:
    """Removes stored files that nothing refers to."""
    with running(data_dir=data_dir) as parts:
        with parts.work() as work:
            hashes, parsing_ids = copying.orphans(work)
            keys = copying.leftovers(work)
            if not is_dry:
                documents.remove_files(work, hashes, parsing_ids)
                for key in keys:
                    work.store.delete(key)
        count = len(hashes) + len(parsing_ids) + len(keys)
        typer.echo(f"{count} {'would go' if is_dry else 'are gone'}.", err=True)


def _url_of(place: str) -> str:
    return place if "://" in place else Path(place).expanduser().resolve().as_uri()


def _folder_of(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))


def _opened(url: str, settings: Settings) -> backups.Place:
    try:
        return backups.place_at(url, backup_access(settings, url))
    except (ValueError, obstore.exceptions.BaseError) as error:
        reason = str(error).splitlines()[0]
        raise typer.BadParameter(f"{url} is neither a folder nor a bucket that can be opened: {reason}") from error


def _copied(copies: copying.Copies) -> copying.Copies:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Files", total=len(copies.keys))
        for _ in copies.each:
            bar.advance(task)
    return copies


def _require_whole(copies: copying.Copies, lost: Sequence[str]) -> None:
    """Says what could not be copied, since the source does not have it. Raises: Exit."""
    for keys, what in ((copies.damaged, "damaged"), (lost, "missing")):
        if keys:
            typer.echo(f"{len(keys)} originals are {what} and were left out, the first is {keys[0]}.", err=True)
    if copies.damaged or lost:
        raise typer.Exit(1)
