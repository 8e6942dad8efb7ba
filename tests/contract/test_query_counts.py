"""Lists ask the database as often for thirty rows as for three."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
import pytest

from contract.files import note_pdf
from contract.office import Cast, Office
from running import Installation

# With authentication (1) and access (1); lists with pages count their total (1).
LISTS = {
    "listWorkspaces": 2,
    "listWorkspaceUsers": 3,
    "listWorkspaceInvites": 3,
    "listTemplates": 4,
    "listWorkspaceDocuments": 4,
    "listSessionDocuments": 5,
    "listSessionResults": 3,
    "getSession": 5,
}


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.usefixtures("one_process")
def test_a_list_takes_the_same_few_queries_however_long(operation: str, cast: Cast, server: Installation) -> None:
    short, long = filled(cast.office(), 2), filled(cast.office(), 12)
    for office, path in (short, long):
        cast.api(cast.alice).ok(operation, **path)  # the token's last use is noted at most once a minute
        with assert_queries(server, LISTS[operation]):
            office.api.ok(operation, **path)


@contextmanager
def assert_queries(server: Installation, count: int) -> Iterator[None]:
    """Whichever way they came to the driver, in the threads that answer requests; the worker asks as it likes."""
    asked: list[str] = []
    execute: Any = psycopg.Cursor.execute
    dialect: Any = server.parts.engine.dialect
    ping = dialect._dialect_specific_select_one  # of a connection that was not used for a while

    def note(cursor: object, statement: str, *rest: object, **options: object) -> object:
        if threading.current_thread().name.startswith("AnyIO") and statement != ping:
            asked.append(statement)
        return execute(cursor, statement, *rest, **options)

    with patch.object(psycopg.Cursor, "execute", note):
        yield
    assert len(asked) == count, "\n\n".join(asked)


def filled(office: Office, count: int) -> tuple[Office, dict[str, str | int]]:
    template = office.template()["id"]
    session = office.session(template)["id"]
    office.attach(session, *(note_pdf(f"Note {office.workspace} {n}") for n in range(count)))
    for n in range(count):
        office.template(name=f"Template {n}")
        invited = {"email": f"guest{n}.{office.workspace}@example.org", "role": "user"}
        office.api.ok("addWorkspaceUser", json=invited, workspaceId=office.workspace)
        office.cast.server.member(office.workspace, office.cast.server.user(), "readonly")
    for _ in range(min(count, 3)):
        office.api.ok("runExtraction", sessionId=session)
    names = {"workspaceId": office.workspace, "sessionId": session, "templateId": template}
    return office, names
