"""What a start does without, so that the first answer comes soon; how soon is measured in ``bench/starting.py``."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from argon2 import PasswordHasher
from sqlalchemy import text

from fieldproof.db import engine
from fieldproof.services import users
from fieldproof.settings import Settings
from fieldproof.wiring import build
from running import database_folder


def test_a_server_does_not_load_what_only_children_and_migrations_need() -> None:
    told = "import sys, fieldproof.cli.serving; print(*{'alembic', 'lightgbm', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_newest_revision_is_the_one_whose_file_is_last() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(engine.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [engine.newest_revision()]


def test_the_connection_that_migrated_has_its_usual_limits() -> None:
    limits = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
    with (
        database_folder() as folder,
        closing(build(Settings(data_dir=folder))) as parts,
        parts.engine.connect() as used,
    ):
        assert tuple(used.execute(text(limits)).one()) == ("0", "1min")


def test_nobodys_password_costs_as_much_as_anybodys() -> None:
    assert not PasswordHasher().check_needs_rehash(users._NOBODY)
