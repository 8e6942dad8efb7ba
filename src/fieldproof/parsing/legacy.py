"""Formats of old: RTF is read here, .doc and .ppt by way of LibreOffice where it is installed, .doc also without."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from fieldproof.core.document import FailureCode, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing import rtf, worddoc
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.filetype import DOC, PDF, RTF, FileType
from fieldproof.parsing.flow import Eye, document

CONVERSION_TIMEOUT_S = 90
_OF_THE_CONVERSION = ("creator", "producer", "creationdate", "moddate")
NOT_INSTALLED = "Install LibreOffice to read legacy Office files."
READ_PLAINLY = "LibreOffice is not installed: the document was read without its layout, pictures and list numbers."


def parse(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    """The document, on LibreOffice's pages or on virtual ones. Raises ParsingFailed."""
    if kind == RTF:
        return _rich_text(path, config, kind)
    if kind == DOC:
        worddoc.refuse_encrypted(path)
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None and kind == DOC:
        eye = Eye()
        return document(kind.media_type, worddoc.flow(path, config, eye), config, eye, warnings=[READ_PLAINLY])
    if program is None:
        raise ParsingFailed(FailureCode.UNSUPPORTED, NOT_INSTALLED)
    from fieldproof.parsing import pdf  # loads PDFium

    with tempfile.TemporaryDirectory(prefix="fieldproof-") as folder:
        converted = pdf.parse(_as_pdf(program, path, kind, Path(folder)), config, PDF)
    # LibreOffice's own name and the time of the conversion say nothing of the document and differ from run to run.
    own = {name: value for name, value in converted.properties.items() if name not in _OF_THE_CONVERSION}
    return replace(converted, media_type=kind.media_type, properties=own)


def _rich_text(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    content = path.read_bytes()
    if len(content) > config.max_unpacked_bytes:
        raise ParsingFailed(FailureCode.LIMIT_EXCEEDED)
    eye = Eye()
    has_pictures = b"\\pict" in content
    return document(kind.media_type, rtf.flow(content, eye), config, eye, has_pictures=has_pictures)


def _as_pdf(program: str, path: Path, kind: FileType, folder: Path) -> Path:
    """The file converted by LibreOffice in ``folder``, with a profile of its own."""
    source = folder / f"document{kind.extension}"
    shutil.copyfile(path, source)
    profile = folder / "profile"
    _write_settings(profile)
    command = [
        program,
        f"-env:UserInstallation={profile.as_uri()}",
        *("--headless", "--invisible", "--nologo", "--nodefault", "--nolockcheck", "--norestore"),
        *("--convert-to", "pdf", "--outdir", str(folder), str(source)),
    ]
    _run(command, folder)
    converted = source.with_suffix(".pdf")
    if not converted.exists():
        raise ParsingFailed(FailureCode.CORRUPT, "LibreOffice could not convert the file.")
    return converted


def _run(command: list[str], folder: Path) -> None:
    process = subprocess.Popen(  # noqa: S603  # a fixed program with fixed arguments
        command,
        cwd=folder,
        env={"HOME": str(folder), "TMPDIR": str(folder), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(CONVERSION_TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        raise ParsingFailed(FailureCode.TIMEOUT, "LibreOffice took too long.") from error
    finally:
        _end_group(process)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Ends LibreOffice and whatever it started."""
    with contextlib.suppress(ProcessLookupError):  # all of it may have ended by itself
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _write_settings(profile: Path) -> None:
    """Macros off, links never followed."""
    items = (
        ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
        ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
        ("org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
        ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
        ("org.openoffice.Office.Writer/Content/Update", "Link", "2"),
        ("org.openoffice.Office.Calc/Content/Update", "Link", "1"),
    )
    lines = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in items
    )
    target = profile / "user" / "registrymodifications.xcu"
    target.parent.mkdir(parents=True)
    target.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema">{lines}</oor:items>',
        encoding="utf-8",
    )
