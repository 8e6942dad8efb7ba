"""``backup``, ``restore``, ``migrate`` and ``gc``: the installation as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from fieldproof.cli.parts import DataDir, running, running_with, settings_with
from fieldproof.db import dumps
from fieldproof.db.engine import connect
from fieldproof.services import copying, documents
from fieldproof.storage import open_store
from fieldproof.wiring import store_of


def add_to(app: typer.Typer) -> None:
    for command in (backup, restore, migrate, gc):
        app.command(command.__name__)(command)


def backup(
    folder: Annotated[Path, typer.Argument(help="A new or earlier backup's folder; files already there are kept.")],
    data_dir: DataDir = None,
) -> None:
    """Copies database and files; can run while others work. The database first: files it names are never rewritten."""
    _require_folder(folder)
    with running(data_dir=data_dir) as parts:
        folder.mkdir(parents=True, exist_ok=True)
        dumps.dump(parts.database_url, folder / "database.dump")
        count = _copied(copying.copy_blobs(parts.store, open_store(f"file://{(folder / 'files').resolve()}", folder)))
        typer.echo(f"Database and {count} files are in {folder}.", err=True)


def restore(
    folder: Annotated[Path, typer.Argument(help="A backup's folder.")],
    data_dir: DataDir = None,
) -> None:
    """Brings a backup into an empty installation."""
    _require_folder(folder)
    with running(data_dir=data_dir) as parts:
        with parts.work() as work:
            copying.require_empty(work)
        dumps.restore(parts.database_url, folder / "database.dump")
        count = _copied(copying.copy_blobs(open_store(f"file://{(folder / 'files').resolve()}", folder), parts.store))
        with parts.work() as work:
            problems = copying.missing_blobs(work)
        typer.echo(f"Database and {count} files are back.", err=True)
        if problems:
            typer.echo(f"{len(problems)} originals are missing, the first is {problems[0]}.", err=True)
            raise typer.Exit(1)


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
    # The source as if nothing were configured: its own database, its own folder.
    with running_with(
        target.model_copy(update={"database_url": None, "storage_url": None, "data_dir": source})
    ) as parts:
        new_store = store_of(target)
        count = _copied(copying.copy_blobs(parts.store, new_store))
        dump = source / "migrate.dump"
        dumps.dump(parts.database_url, dump)
    url = target.database_url.get_secret_value()
    if copying.is_filled(connect(url)):
        typer.echo("The new database has people in it already: only files were copied.", err=True)
        return
    dumps.restore(url, dump)
    dump.unlink()
    typer.echo(f"The database and {count} files have moved. {source} is as it was.", err=True)


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


def _require_folder(folder: Path) -> None:
    if ":/" in str(folder):
        raise typer.BadParameter("Give a folder: addresses are not taken. Copy the folder to a bucket by other means.")


def _copied(copies: copying.Copies) -> int:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Files", total=copies.total)
        for _ in copies.each:
            bar.advance(task)
    return copies.total
