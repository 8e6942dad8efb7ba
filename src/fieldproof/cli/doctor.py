"""``doctor``: is this installation well?"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from limits.storage import storage_from_string
from sqlalchemy import exc

from fieldproof import __version__
from fieldproof.cli.jsonfiles import print_json
from fieldproof.cli.parts import DataDir, settings_with
from fieldproof.core import clock
from fieldproof.core.errors import FieldproofError
from fieldproof.settings import Settings
from fieldproof.storage import FolderStore
from fieldproof.wiring import App, build

MIN_FREE_BYTES = 1_000_000_000
MAX_SKEW_S = 60
MAX_LAG_S = 60
_AUDIT_TRIGGER = sa.text(
    "SELECT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'audit_events_are_final' AND tgenabled = 'O'"
    " AND tgrelid = 'audit_events'::regclass)"
)


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
    """Checks versions, database, clock, file store, disk, permissions and sandbox; exit status 1 when something is wrong."""
    findings = list(_examine(settings_with(data_dir=data_dir)))
    if is_json:
        print_json([asdict(f) for f in findings])
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
    return Finding(
        "versions", sys.version_info >= (3, 11), f"Fieldproof {__version__}, Python {version}; 3.11 or newer is needed"
    )


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


def _audit_log(parts: App) -> tuple[bool, str]:
    with parts.engine.connect() as connection:
        is_guarded = connection.scalar(_AUDIT_TRIGGER)
        is_superuser = connection.scalar(sa.text("SELECT current_setting('is_superuser') = 'on'"))
    if not is_guarded:
        return False, "its trigger is gone: rows could be changed. Restore it, or look who took it away"
    if is_superuser and parts.embedded is None:
        return True, "rows can only be added; better still, give the database an ordinary user, not a superuser"
    return True, "rows can only be added"


def _replica(parts: App) -> tuple[bool, str]:
    if parts.replica is None:
        return True, "none is configured"
    lag_s = parts.replica.lag_s()
    if lag_s is None:
        return False, "FIELDPROOF_DATABASE_REPLICA_URL leads to a server that is no replica"
    return lag_s <= MAX_LAG_S, f"{lag_s:.1f} s behind"


def _rate_limit(parts: App) -> tuple[bool, str]:
    url = parts.settings.rate_limit_url
    if url.startswith("memory:"):
        return True, "counted in each process for itself"
    is_there = bool(storage_from_string(url, socket_timeout=2, socket_connect_timeout=2).check())
    return is_there, "counted in Redis" if is_there else "Redis does not answer: each process counts for itself"


def _disk(parts: App) -> tuple[bool, str]:
    places = [Path(parts.settings.data_dir), Path(tempfile.gettempdir())]
    free = {place: shutil.disk_usage(place).free for place in places}
    return min(free.values()) >= MIN_FREE_BYTES, ", ".join(
        f"{size / 1e9:.1f} GB free in {p}" for p, size in free.items()
    )


def _permissions(parts: App) -> tuple[bool, str]:
    folder = Path(parts.settings.data_dir)
    private = [folder / "secret", *([parts.store.root] if isinstance(parts.store, FolderStore) else [])]
    wrong = [f"chmod go-rwx {path}" for path in private if path.exists() and path.stat().st_mode & 0o077]
    if folder.stat().st_mode & 0o002:
        wrong.append(f"chmod o-w {folder}")
    with tempfile.TemporaryFile():
        pass  # raises where there is no folder for temporary files
    return not wrong, f"run: {'; '.join(wrong)}" if wrong else "secret key and files are readable by their owner only"


def _sandbox(parts: App) -> tuple[bool, str]:
    isolation = parts.sandbox.isolation
    if isolation == "none":
        return (
            False,
            "children are not kept from the network: allow user namespaces or seccomp, or a container without network",
        )
    return True, f"children are kept from the network by {isolation}"


def _office(parts: App) -> tuple[bool, str]:
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return True, f"LibreOffice {'found' if found else 'not found: old PowerPoint files cannot be read'}"


_CHECKS: dict[str, Callable[[App], tuple[bool, str]]] = {
    "database": _database, "clock": _clock, "audit log": _audit_log, "replica": _replica, "storage": _storage,
    "disk": _disk, "permissions": _permissions, "rate limit": _rate_limit, "sandbox": _sandbox, "office": _office,
}  # fmt: skip
