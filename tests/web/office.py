"""A fresh workspace with some of the sample documents extracted, for the tests that look at them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.office import until
from fieldproof import samples
from fieldproof.db.models import Result, Workspace
from fieldproof.services import drops, sessions, templates
from fieldproof.services.drops import DroppedFile
from running import Installation

PATIENCE_MS = 180_000  # documents are read and extracted in the meantime
SAMPLES = {sample.filename: sample for sample in samples.SAMPLES}


@dataclass(frozen=True)
class Office:
    """``sessions``, ``results`` and ``documents``: file name → id."""

    person: Any
    place: int
    template: str
    sessions: dict[str, str]
    results: dict[str, str]
    documents: dict[str, str]

    @property
    def base(self) -> str:
        return f"/w/{self.place}"

    @property
    def review(self) -> str:
        return f"{self.base}/results/{self.results['invoice.pdf']}"


def office(server: Installation, *filenames: str, pdfs: Mapping[str, bytes] | None = None) -> Office:
    """With finished runs over these samples and PDFs, over the invoice if none is named."""
    person = server.user()
    place = server.workspace(person, "Office")
    given = samples.template()
    with server.parts.work(person.actor) as work, tempfile.TemporaryDirectory() as folder:
        workspace = work.db.get_one(Workspace, place)
        template = templates.add_template(work, workspace, given["name"], given["schema_json"])
        names = filenames or (() if pdfs else ("invoice.pdf",))
        files = [_on_disk(Path(folder), name, SAMPLES[name].media_type, SAMPLES[name].read()) for name in names]
        files += [_on_disk(Path(folder), name, "application/pdf", content) for name, content in (pdfs or {}).items()]
        ids = {str(s.name): s.id for s in drops.take(work, workspace, files, template).sessions}
        template_id = str(template.id)
    runs = {name: until(lambda key=key: _newest(server, key), lambda run: run[2]) for name, key in ids.items()}
    return Office(
        person, place, template_id, {name: str(key) for name, key in ids.items()},
        {name: run[0] for name, run in runs.items()}, {name: run[1] for name, run in runs.items()},
    )  # fmt: skip


def result_of(server: Installation, at: Office) -> Result:
    """The invoice's, as it is stored now."""
    with server.parts.work() as work:
        return work.db.get_one(Result, at.results["invoice.pdf"])


def _on_disk(folder: Path, filename: str, media_type: str, content: bytes) -> DroppedFile:
    path = folder / filename
    path.write_bytes(content)
    return DroppedFile(filename, media_type, path)


def _newest(server: Installation, session_id: Any) -> tuple[str, str, bool]:
    with server.parts.work() as work:
        result = sessions.list_results(work, work.db.get_one(sessions.Session, session_id))[0]
        assert result.status != "failed", result.error
        return str(result.id), str(result.document_ids[0]), result.status == "completed"
