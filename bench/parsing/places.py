"""Where benches find their material."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("FIELDPROOF_SHARED", ROOT.parent / "shared"))
LABELLED = SHARED / "data" / "bench" / "dev"
RESULTS = ROOT / "bench" / "results"
sys.path.insert(0, str(ROOT / "tests"))  # the drawings with truth are shared with the tests


def version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def python_with(package: str) -> tuple[str, str] | None:
    """The interpreter that has the package, and its version: this one, or one of the environments in FIELDPROOF_PEERS.

    Some peers cannot be installed together.
    """
    own = version_of(package)
    if own is not None:
        return sys.executable, own
    ask = f"from importlib.metadata import version; print(version({package!r}))"
    for environment in filter(None, os.environ.get("FIELDPROOF_PEERS", "").split(os.pathsep)):
        python = str(Path(environment) / "bin" / "python")
        done = subprocess.run([python, "-c", ask], capture_output=True, text=True)
        if done.returncode == 0:
            return python, done.stdout.strip()
    return None


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
