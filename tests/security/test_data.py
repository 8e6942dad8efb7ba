"""What is on the disk and in the database, and what a hostile file does there."""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from contract.files import DOCX, note_pdf
from contract.office import Office, hired
from fieldproof.core.document import FailureCode
from fieldproof.core.errors import ParsingFailed
from fieldproof.db.models import Document
from fieldproof.parsing import ParseConfig
from fieldproof.parsing.child import PRELOAD, parse_to_bytes
from fieldproof.sandbox import Limits, Sandbox
from fieldproof.settings import Settings
from running import Installation

_HEAD = '<?xml version="1.0"?>'
_TYPES = (
    f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)
_WORDS = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>{}</w:t>'
    "</w:r></w:p></w:body></w:document>"
)


@pytest.fixture(scope="module")
def office(server: Installation) -> Iterator[Office]:
    with hired(server) as cast:
        yield cast.office()


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(Limits(), preload=PRELOAD) as one:
        yield one


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events"]
)
def test_the_audit_log_only_grows(server: Installation, statement: str) -> None:
    """With the very connection that the application uses."""
    server.workspace(server.user())
    with server.parts.engine.connect() as connection:
        before = connection.scalar(sa.text("SELECT count(*) FROM audit_events"))
        with pytest.raises(exc.DBAPIError, match="never changed or deleted"):
            connection.execute(sa.text(statement))
        connection.rollback()
        assert connection.scalar(sa.text("SELECT count(*) FROM audit_events")) == before > 0


def test_every_change_of_rights_is_in_the_audit_log(server: Installation, office: Office) -> None:
    with hired(server) as cast:
        one = cast.office()
        one.api.ok(
            "updateWorkspaceUserRole", json={"role": "readonly"}, workspaceId=one.workspace, userId=cast.ursula.id
        )
        one.api.ok("removeWorkspaceUser", workspaceId=one.workspace, userId=cast.bob.id)
    with server.parts.engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT action, actor, user_id, ip FROM audit_events WHERE workspace_id = :w ORDER BY id"),
            {"w": one.workspace},
        ).all()
    actions = [row.action for row in found]
    assert "workspace.created" in actions
    assert len([a for a in actions if a.startswith("member.")]) >= 2
    changed = [row for row in found if row.action.startswith("member.")]
    assert all(row.user_id == one.cast.alice.id and row.ip == "127.0.0.1" for row in changed)


def test_stored_files_have_names_of_our_own(server: Installation, office: Office) -> None:
    office.document(note_pdf("Stored"))
    root = Path(server.parts.store.root)  # type: ignore[attr-defined]
    ours = re.compile(
        r"blobs/[0-9a-f]{2}/[0-9a-f]{64}|parsed/[0-9a-f-]{36}/\d+(-pages/\d+-\d+\.webp)?|tmp/[\w-]+|\.part-\w+"
    )
    names = [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()]
    assert names
    assert [n for n in names if not ours.fullmatch(n)] == []


def test_what_is_stored_is_its_owners_only(server: Installation, office: Office) -> None:
    office.document(note_pdf("Private"))
    root = Path(server.parts.store.root)  # type: ignore[attr-defined]
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in (root / "blobs").rglob("*") if p.is_file()} == {0o600}
    assert stat.S_IMODE((server.parts.settings.data_dir / "secret").stat().st_mode) == 0o600


def test_the_hash_is_of_the_bytes_that_we_stored(server: Installation, office: Office) -> None:
    content = note_pdf("Hash")
    lies = {"Content-MD5": "AAAA", "ETag": '"0"', "x-amz-checksum-sha256": "AAAA", "x-amz-content-sha256": "0" * 64}
    key = office.upload(content, **lies)
    made = office.api.ok("createWorkspaceDocument", json={"key": key}, workspaceId=office.workspace)["document"]
    with server.parts.work() as work:
        document = work.db.get_one(Document, made["id"])
        assert document.sha256 == hashlib.sha256(content).hexdigest()


def test_a_damaged_original_is_healed_by_the_next_upload(server: Installation, office: Office) -> None:
    content = note_pdf("Healed")
    path = Path(server.parts.store.root) / "blobs" / (sha := hashlib.sha256(content).hexdigest())[:2] / sha  # type: ignore[attr-defined]
    office.document(content)
    path.write_bytes(b"x" * len(content))
    office.document(content)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;]>',
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
    ids=["file", "dtd", "parameter", "entities"],
)  # fmt: skip
def test_a_document_that_declares_entities_is_refused(box: Sandbox, tmp_path: Path, doctype: str) -> None:
    path = _docx(tmp_path, {"word/document.xml": _HEAD + doctype + _WORDS.format("&e; &b;")})
    with pytest.raises(ParsingFailed) as refused:
        box.run(parse_to_bytes, str(path), ParseConfig(), path.name)
    assert refused.value.code == FailureCode.CORRUPT


def test_members_with_paths_are_written_nowhere(server: Installation, office: Office, tmp_path: Path) -> None:
    """A zip slip has nothing to slip into: members are read in memory by name, never unpacked to a disk."""
    name = f"fieldproof-slip-{os.getpid()}"
    members = {f"../../../../tmp/{name}": "x", f"/tmp/{name}": "x", f"..\\..\\tmp\\{name}": "x"}
    path = _docx(tmp_path, {"word/document.xml": _HEAD + _WORDS.format("Slip"), **members})
    session = office.session()["id"]
    office.attach(session, path.read_bytes(), mime=DOCX)
    office.run(session)
    assert not Path("/tmp", name).exists()
    assert list(server.parts.settings.data_dir.rglob(f"*{name}*")) == []


def test_a_short_secret_key_is_refused() -> None:
    for key in ("secret", "changeme", "x" * 31):
        with pytest.raises(ValueError, match="at least 32"):
            Settings(secret_key=key)  # type: ignore[arg-type]
    assert Settings().host == "127.0.0.1"


def _docx(folder: Path, members: dict[str, str]) -> Path:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELATIONS, **members}.items():
            archive.writestr(name, text)
    path = folder / "hostile.docx"
    path.write_bytes(out.getvalue())
    return path
