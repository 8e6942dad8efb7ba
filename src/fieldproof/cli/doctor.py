"""``doctor``: is this installation well?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import orjson
import sqlalchemy as sa
import typer
from sqlalchemy import exc

from fieldproof.cli.parts import DataDir, settings_with
from fieldproof.core import clock
from fieldproof.core.errors import FieldproofError
from fieldproof.settings import Settings
from fieldproof.wiring import App, build

MIN_FREE_BYTES = 1_000_000_000
MAX_SKEW_S = 60


@dataclass(frozen=True)
class Finding:
    check: str
    is_well: bool
    says: str


def add_to(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(
    is_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False, data_dir: DataDir = None
) -> None:
    """Checks settings, database, file store, sandbox, clock and disk; exit status 1 when something is wrong."""
    findings = list(_examine(settings_with(data_dir=data_dir)))
    if is_json:
        sys.stdout.write(orjson.dumps([asdict(f) for f in findings], option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.is_well else 'BAD '} {finding.check}: {finding.says}")
    if not all(f.is_well for f in findings):
        raise typer.Exit(1)


def _examine(settings: Settings) -> Iterator[Finding]:
    yield _python()
    try:
        parts = build(settings)
    except (FieldproofError, OSError, RuntimeError, exc.SQLAlchemyError) as error:
        yield Finding("start", False, str(error).splitlines()[0])
        return
    try:
        for name, check in _CHECKS.items():
            try:
                yield Finding(name, *check(parts))
            except Exception as error:  # a check that breaks is a finding, not the end of the examination
                yield Finding(name, False, f"{type(error).__name__}: {error}")
    finally:
        parts.close()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= (3, 11), f"{version}; 3.11 or newer is needed")


def _database(parts: App) -> tuple[bool, str]:
    with parts.engine.connect() as connection:
        version = connection.scalar(sa.text("SHOW server_version_num"))
    where = "embedded" if parts.embedded else "configured"
    return int(version) >= 140_000, f"PostgreSQL {int(version) // 10_000}, {where}; 14 or newer is needed"


def _clock(parts: App) -> tuple[bool, str]:
    with parts.engine.connect() as connection:
        theirs = connection.scalar(sa.text("SELECT clock_timestamp()"))
    skew_s = abs((clock.now() - theirs).total_seconds()) if theirs else 0.0
    return skew_s <= MAX_SKEW_S, f"{skew_s:.1f} s between this machine and the database"


def _storage(parts: App) -> tuple[bool, str]:
    key = "tmp/doctor"
    parts.store.put(key, b"well?")
    answer = parts.store.read(key)
    parts.store.delete(key)
    return answer == b"well?", "written, read and removed a file"


def _disk(parts: App) -> tuple[bool, str]:
    free = shutil.disk_usage(parts.settings.data_dir).free
    return free >= MIN_FREE_BYTES, f"{free / 1e9:.1f} GB free in {parts.settings.data_dir}"


def _secrets(parts: App) -> tuple[bool, str]:
    path = Path(parts.settings.data_dir) / "secret"
    if not path.exists():
        return True, "the secret key is configured"
    is_private = path.stat().st_mode & 0o077 == 0
    return is_private, "the secret key is readable by its owner only" if is_private else f"run: chmod 600 {path}"


def _sandbox(parts: App) -> tuple[bool, str]:
    isolation = parts.sandbox.isolation
    return True, f"children are kept from the network by {isolation}"


def _office(parts: App) -> tuple[bool, str]:
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return True, f"LibreOffice {'found' if found else 'not found: old PowerPoint files cannot be read'}"


_CHECKS: dict[str, Callable[[App], tuple[bool, str]]] = {
    "database": _database, "clock": _clock, "storage": _storage, "disk": _disk, "secrets": _secrets,
    "sandbox": _sandbox, "office": _office,
}  # fmt: skip
