"""Office files as ZIP packages: checked before anything is unpacked, their XML read without entities."""

from __future__ import annotations

import io
import mimetypes
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]  # it ships no types

from fieldproof.core.document import Attachment, FailureCode
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing.config import ParseConfig

MAX_MEMBERS = 10_000
MAX_RATIO = 400  # unpacked to packed, of a member large enough to matter
MIN_RATIO_BYTES = 64_000_000
MAX_ATTACHMENT_BYTES = 64_000_000
KEPT_BYTES = 16_000_000  # of parts unpacked to be checked, so that they are not unpacked twice

RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_CORE = {
    "{http://purl.org/dc/elements/1.1/}title": "title",
    "{http://purl.org/dc/elements/1.1/}creator": "author",
    "{http://purl.org/dc/elements/1.1/}subject": "subject",
    "{http://purl.org/dc/terms/}created": "created",
    "{http://purl.org/dc/terms/}modified": "modified",
    "{http://openoffice.org/2000/meta}creation-date": "created",
    "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}creation-date": "created",
    "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}initial-creator": "author",
}
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    etree.XMLSyntaxError,
    UnicodeError,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    ValueError,
)


class Package:
    """An open archive. Part names are as stored, without a leading slash."""

    def __init__(self, archive: zipfile.ZipFile, config: ParseConfig, read: dict[str, bytes]) -> None:
        """``read``: parts that were unpacked already."""
        self._archive = archive
        self._config = config
        self._read = read
        self.names = tuple(info.filename for info in archive.infolist() if not info.is_dir())
        self._known = frozenset(self.names)

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def read(self, name: str) -> bytes:
        return self._read[name] if name in self._read else self._archive.read(name)

    def xml(self, name: str) -> Any:
        """The root of a part that is small enough to be held as a tree; None when there is no such part."""
        if name not in self._known:
            return None
        return tree(self._xml_bytes(name))

    def elements(self, name: str, tags: tuple[str, ...]) -> Iterator[Any]:
        """The elements with these tags as they end, from a part of any size. The caller clears them."""
        stream = io.BytesIO(self._xml_bytes(name))
        events = etree.iterparse(
            stream,
            events=("end",),
            tag=tags,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
        )
        is_checked = False
        for _, element in events:
            if not is_checked:
                _refuse_doctype(element)
                is_checked = True
            yield element

    def _xml_bytes(self, name: str) -> bytes:
        """A part, its namespaces those of everyday Office where the file uses the strict ones."""
        content = self.read(name)
        if b"purl.oclc.org/ooxml/" in content:
            content = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", content)
        return content

    def relationships(self, name: str) -> dict[str, tuple[str, str]]:
        """Of a part: id to (the type's last word, the target's part name). External targets are left out."""
        folder, file = posixpath.split(name)
        root = self.xml(f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels")
        found: dict[str, tuple[str, str]] = {}
        for element in root.iter(f"{RELATIONSHIPS}Relationship") if root is not None else ():
            if element.get("TargetMode") == "External":
                continue
            target = element.get("Target", "")
            target = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[element.get("Id", "")] = element.get("Type", "").rsplit("/", 1)[-1], target
        return found

    def main_part(self, usual: str) -> str:
        """The part that the package says is its document; the usual one when it does not say."""
        for kind, target in self.relationships("").values():
            if kind == "officeDocument" and target in self._known:
                return target
        return usual

    def properties(self, name: str = "docProps/core.xml") -> dict[str, str]:
        root = self.xml(name)
        if root is None:
            return {}
        return {
            _CORE[element.tag]: element.text.strip()
            for element in root.iter(*_CORE)
            if element.text and element.text.strip()
        }

    def attachments(self, folder: str) -> list[Attachment]:
        """The files embedded under a folder ("word/embeddings/")."""
        names = [name for name in self.names if name.startswith(folder)][: self._config.max_attachments]
        return [
            Attachment(posixpath.basename(name), media_type_of(name), self.read(name))
            for name in names
            if self._archive.getinfo(name).file_size <= MAX_ATTACHMENT_BYTES
        ]

    def has_pictures(self) -> bool:
        return any("/media/" in name or name.startswith("Pictures/") for name in self.names)


@contextmanager
def opened(path: Path, config: ParseConfig) -> Iterator[Package]:
    """The package at ``path``. Whatever is wrong with it or its XML raises ParsingFailed."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, config)
            yield Package(archive, config, _small_parts(archive))
    except _BROKEN as error:
        raise ParsingFailed(FailureCode.CORRUPT, f"{type(error).__name__} in the office file.") from error


def media_type_of(filename: str) -> str:
    return mimetypes.guess_type(filename, strict=False)[0] or "application/octet-stream"


def tree(content: bytes) -> Any:
    """The root of an XML document held in memory."""
    root = etree.fromstring(content, parser=_parser())
    _refuse_doctype(root)
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)


def _refuse_doctype(element: Any) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise ParsingFailed(FailureCode.CORRUPT, "The office file declares XML entities.")


def _check(archive: zipfile.ZipFile, config: ParseConfig) -> None:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"The archive has more than {MAX_MEMBERS} members.")
    if sum(info.file_size for info in members) > config.max_unpacked_bytes:
        raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, "The archive unpacks to more than the limit.")
    for info in members:
        if info.flag_bits & 0x1:
            raise ParsingFailed(FailureCode.ENCRYPTED)
        if info.file_size > MIN_RATIO_BYTES and info.file_size > MAX_RATIO * max(1, info.compress_size):
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, "The archive unpacks suspiciously.")


def _small_parts(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """What costs little to read: one damaged part means a damaged file, whether it is needed or not."""
    kept: dict[str, bytes] = {}
    room = KEPT_BYTES
    for info in archive.infolist():
        if info.file_size < 1_000_000 and info.filename.endswith((".xml", ".rels")):
            content = archive.read(info)
            room -= len(content)
            if room > 0 and archive.getinfo(info.filename) is info:
                kept[info.filename] = content
    return kept
