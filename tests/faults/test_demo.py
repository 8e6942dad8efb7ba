"""A demo that is told to end leaves no database running."""

from __future__ import annotations

import signal
import subprocess

from journey.installation import COMMAND, environment, our_modules, own_folder

PATIENCE_S = 120


def test_a_demo_that_is_terminated_takes_its_database_along():
    with own_folder() as folder:
        demo = subprocess.Popen(
            [*COMMAND, "demo", "--port", "0", "--data-dir", str(folder / "data")],
            env=environment() | our_modules(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            assert demo.stdout is not None
            assert any("Ctrl-C" in line for line in demo.stdout)
            lock = folder / "data" / "postgres" / "postmaster.pid"  # which PostgreSQL takes away as its last act
            assert lock.exists()
            demo.send_signal(signal.SIGTERM)
            assert demo.wait(PATIENCE_S) == 0
            assert not lock.exists()
        finally:
            demo.kill()
            demo.wait()
