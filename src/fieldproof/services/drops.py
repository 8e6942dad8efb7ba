"""Files dropped on the dashboard: taken in one by one, so that one bad file does not stop the others."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from fieldproof import samples
from fieldproof.core.errors import FieldproofError, Invalid
from fieldproof.db.models import Document, Session, Template, Workspace
from fieldproof.services import batches, documents, processing, templates, uploads
from fieldproof.services.work import Work


@dataclass(frozen=True)
class DroppedFile:
    """On this machine's disk until the request ends."""

    filename: str
    media_type: str
    path: Path


@dataclass(frozen=True)
class Taken:
    """``sessions`` of the files that are extracted, ``documents`` of those that are only read; why others were refused."""

    sessions: list[Session]
    documents: list[Document]
    refusals: list[str]


def take(work: Work, workspace: Workspace, files: Sequence[DroppedFile], template: Template | None) -> Taken:
    """With a template each file becomes a session and is run; without one it is read."""
    taken = Taken([], [], [])
    for file in files:
        try:
            with work.db.begin_nested():
                key = _upload(work, file)
                if template is not None:
                    taken.sessions.extend(batches.add_sessions(work, template, [key], is_auto_extract=True))
                else:
                    taken.documents.append(_read(work, workspace, key))
        except FieldproofError as error:
            taken.refusals.append(f"{documents.clean_filename(file.filename) or 'A file'}: {_sentence(error)}")
    return taken


def guess_templates(work: Work, found: Sequence[Document]) -> None:
    """Finds a template for each document once it is read, and runs it."""
    for document in found:
        work.defer("guess_template", document_id=str(document.id))


def load_samples(work: Work, workspace: Workspace) -> Taken:
    """The sample documents under the sample template, which is made if it is not there."""
    given = samples.template()
    same = select(Template).where(Template.workspace_id == workspace.id, Template.name == given["name"])
    template = work.db.scalars(same.limit(1)).one_or_none() or templates.add_template(
        work, workspace, given["name"], given["schema_json"], description=given["description"]
    )
    taken = Taken([], [], [])
    for sample in samples.SAMPLES:
        with tempfile.NamedTemporaryFile(prefix="fieldproof-sample-") as file:
            file.write(sample.read())
            file.flush()
            dropped = DroppedFile(sample.filename, sample.media_type, Path(file.name))
            one = take(work, workspace, [dropped], template)
        taken.sessions.extend(one.sessions)
        taken.refusals.extend(one.refusals)
    return taken


def _upload(work: Work, file: DroppedFile) -> str:
    upload = uploads.add_upload(work, file.media_type)
    work.db.flush()
    with file.path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    uploads.receive(work, upload.upload, file.path, sha256, file.path.stat().st_size, file.filename)
    work.db.flush()
    return upload.key


def _read(work: Work, workspace: Workspace, key: str) -> Document:
    document = documents.ingest(work, workspace.id, [key], field="file", is_single=True)[0].document
    if document.status != "processed":
        processing.request_parsing(work, document, processing.parse_config(work.settings, {}))
    return document


def _sentence(error: FieldproofError) -> str:
    return " ".join(t for ts in error.fields.values() for t in ts) if isinstance(error, Invalid) else error.message
