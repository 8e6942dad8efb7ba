"""Many sessions of one template at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from fieldproof.core.errors import Invalid
from fieldproof.db.models import Session, Template
from fieldproof.services import documents, results, sessions
from fieldproof.services.work import Work


def add_sessions(work: Work, template: Template, keys: Sequence[str], *, is_auto_extract: bool) -> list[Session]:
    """One session for each key, named after its file; with ``is_auto_extract`` each is run at once. All or nothing."""
    if len(keys) > work.settings.max_batch_files:
        raise Invalid({"files": [f"At most {work.settings.max_batch_files} files can be sent in one call."]})
    work.batch_id = uuid.uuid4() if len(keys) > 1 else None
    ingested = documents.ingest(work, template.workspace_id, keys, field="files")
    made: list[Session] = []
    for found in ingested:
        settings = {"auto_extract": is_auto_extract}
        session = sessions.add_session(work, template, found.document.filename, settings)
        origin = frozenset({found.document.id} if found.is_new else ())
        sessions.attach(work, session, [found.document], origin=origin)
        made.append(session)
    if is_auto_extract:
        for session in made:
            results.run(work, session)
    return made


def run(work: Work, template: Template, session_ids: Sequence[str]) -> int:
    """How many runs were queued."""
    work.batch_id = uuid.uuid4() if len(session_ids) > 1 else None
    return len(results.run_many(work, sessions.in_template(work, template, session_ids)))


def remove(work: Work, template: Template, session_ids: Sequence[str]) -> None:
    sessions.remove_sessions(work, sessions.in_template(work, template, session_ids))
