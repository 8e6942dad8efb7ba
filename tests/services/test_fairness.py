"""One workspace's many documents do not stand before another's first."""

from __future__ import annotations

from sqlalchemy import text

from contract.files import note_pdf
from contract.office import Office, hired
from fieldproof.db.models import Session
from fieldproof.services import results
from running import Installation


def test_the_more_a_workspace_has_waiting_the_later_its_next(server: Installation) -> None:
    with hired(server) as cast:
        crowded = priorities(server, cast.office(), 8)
        quiet = priorities(server, cast.office(), 1)
    assert crowded == sorted(crowded, reverse=True)
    assert len(set(crowded)) == 8
    assert quiet[0] >= crowded[0] > crowded[-1]


def priorities(server: Installation, office: Office, count: int) -> list[int]:
    """Of the jobs that one run enqueues, seen before they are committed."""
    session = office.session(office.template()["id"])["id"]
    office.attach(session, *(note_pdf(f"Fair {office.workspace} {n}") for n in range(count)))
    with server.parts.work(office.cast.alice.actor) as work:
        last = work.db.scalar(text("SELECT coalesce(max(id), 0) FROM procrastinate_jobs"))
        results.run(work, work.db.get_one(Session, session))
        query = "SELECT priority FROM procrastinate_jobs WHERE id > :last AND task_name = 'parse_document' ORDER BY id"
        return list(work.db.execute(text(query), {"last": last}).scalars())
