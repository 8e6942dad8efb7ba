"""What a file is, told from its content. Reads a bounded part of it; the name only breaks ties between texts."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import olefile

PREFIX_BYTES = 65_536
MAX_ZIP_DIRECTORY_BYTES = 4_000_000
MAX_ZIP_MEMBERS = 20_000


class Category(StrEnum):
    PDF = "pdf"
    IMAGE = "image"
    WORD = "word"
    SLIDES = "slides"
    SHEET = "sheet"
    OPENDOCUMENT = "opendocument"
    LEGACY = "legacy"  # .doc, .ppt, .rtf: read by way of LibreOffice
    MAIL = "mail"
    HTML = "html"
    TEXT = "text"  # plain text, Markdown, CSV, TSV
    ENCRYPTED = "encrypted"  # an Office file behind a password
    EMPTY = "empty"
    OVERSIZED = "oversized"  # a container whose table of contents alone is beyond all measure
    UNSUPPORTED = "unsupported"  # recognised, and not read here
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FileType:
    media_type: str
    extension: str  # the usual one, with its dot
    category: Category


_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

PDF = FileType("application/pdf", ".pdf", Category.PDF)
PNG = FileType("image/png", ".png", Category.IMAGE)
JPEG = FileType("image/jpeg", ".jpg", Category.IMAGE)
TIFF = FileType("image/tiff", ".tiff", Category.IMAGE)
WEBP = FileType("image/webp", ".webp", Category.IMAGE)
GIF = FileType("image/gif", ".gif", Category.IMAGE)
DOCX = FileType(f"{_OFFICE}wordprocessingml.document", ".docx", Category.WORD)
PPTX = FileType(f"{_OFFICE}presentationml.presentation", ".pptx", Category.SLIDES)
XLSX = FileType(f"{_OFFICE}spreadsheetml.sheet", ".xlsx", Category.SHEET)
XLSB = FileType("application/vnd.ms-excel.sheet.binary.macroEnabled.12", ".xlsb", Category.SHEET)
XLS = FileType("application/vnd.ms-excel", ".xls", Category.SHEET)
DOC = FileType("application/msword", ".doc", Category.LEGACY)
PPT = FileType("application/vnd.ms-powerpoint", ".ppt", Category.LEGACY)
RTF = FileType("application/rtf", ".rtf", Category.LEGACY)
ODT = FileType(f"{_ODF}text", ".odt", Category.OPENDOCUMENT)
ODP = FileType(f"{_ODF}presentation", ".odp", Category.OPENDOCUMENT)
ODS = FileType(f"{_ODF}spreadsheet", ".ods", Category.SHEET)
EML = FileType("message/rfc822", ".eml", Category.MAIL)
MSG = FileType("application/vnd.ms-outlook", ".msg", Category.MAIL)
HTML = FileType("text/html", ".html", Category.HTML)
TXT = FileType("text/plain", ".txt", Category.TEXT)
MARKDOWN = FileType("text/markdown", ".md", Category.TEXT)
CSV = FileType("text/csv", ".csv", Category.TEXT)
TSV = FileType("text/tab-separated-values", ".tsv", Category.TEXT)
SVG = FileType("image/svg+xml", ".svg", Category.UNSUPPORTED)
XML = FileType("application/xml", ".xml", Category.UNSUPPORTED)
ZIP = FileType("application/zip", ".zip", Category.UNSUPPORTED)
HUGE_ZIP = FileType("application/zip", ".zip", Category.OVERSIZED)
ENCRYPTED_OFFICE = FileType("application/encrypted", ".bin", Category.ENCRYPTED)
EMPTY = FileType("application/x-empty", "", Category.EMPTY)
UNKNOWN = FileType("application/octet-stream", ".bin", Category.UNKNOWN)

SUPPORTED = (
    PDF, PNG, JPEG, TIFF, WEBP, GIF, DOCX, PPTX, XLSX, XLSB, XLS, DOC, PPT, RTF, ODT, ODP, ODS,
    EML, MSG, HTML, TXT, MARKDOWN, CSV, TSV,
)  # fmt: skip

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"{\\rtf", RTF),
)

_ZIP_CONTENT_TYPES = (
    (b"wordprocessingml.", DOCX),
    (b"ms-word.", DOCX),
    (b"presentationml.", PPTX),
    (b"ms-powerpoint.", PPTX),
    (b"sheet.binary.", XLSB),
    (b"spreadsheetml.", XLSX),
    (b"ms-excel.", XLSX),
)
_ZIP_FOLDERS = ((b"word/", DOCX), (b"ppt/", PPTX), (b"xl/", XLSX))
_ODF_KINDS = (("text", ODT), ("presentation", ODP), ("spreadsheet", ODS))

_OLE_STREAMS = (
    ("EncryptedPackage", ENCRYPTED_OFFICE),
    ("EncryptedSummary", ENCRYPTED_OFFICE),
    ("WordDocument", DOC),
    ("PowerPoint Document", PPT),
    ("Workbook", XLS),
    ("Book", XLS),
    ("__properties_version1.0", MSG),
)


def sniff(path: Path, filename: str | None = None) -> FileType:
    """The type of the file at ``path``. ``filename`` tells Markdown from plain text, and nothing more."""
    with path.open("rb") as stream:
        prefix = stream.read(PREFIX_BYTES)
        if not prefix:
            return EMPTY
        stream.seek(0)
        return _binary_type(prefix, stream) or _text_type(prefix, Path(filename or path.name).suffix.lower())


def _binary_type(prefix: bytes, stream: BinaryIO) -> FileType | None:
    for magic, found in _MAGIC:
        if prefix.startswith(magic):
            return found
    if prefix.startswith(b"RIFF") and prefix[8:12] == b"WEBP":
        return WEBP
    if prefix.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(prefix, stream)
    if prefix.startswith(olefile.MAGIC):
        return _ole_type(stream)
    # A PDF may begin within the first KiB, as every viewer has it; but not inside another format.
    if b"%PDF-" in prefix[:1024] and not _looks_like_html(prefix):
        return PDF
    if prefix.startswith(b"%PDF"):
        return PDF
    return None


def _zip_type(prefix: bytes, stream: BinaryIO) -> FileType:
    size = stream.seek(0, io.SEEK_END)
    if _zip_directory_is_oversized(stream, size):
        return HUGE_ZIP
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            return _zip_type_by_directory(archive)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return _zip_type_by_folder(prefix)


def _zip_directory_is_oversized(stream: BinaryIO, size: int) -> bool:
    """Reads the end record only: member count and directory size before anything is opened."""
    stream.seek(max(0, size - 65_557))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 16:
        return False
    members = int.from_bytes(tail[at + 10 : at + 12], "little")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    return members > MAX_ZIP_MEMBERS or directory > MAX_ZIP_DIRECTORY_BYTES


def _zip_type_by_directory(archive: zipfile.ZipFile) -> FileType:
    names = set(archive.namelist())
    if "mimetype" in names:
        kind = _member_prefix(archive, "mimetype", 200).decode("ascii", "replace")
        for name, found in _ODF_KINDS:
            if kind.startswith(_ODF + name):
                return found
    if "[Content_Types].xml" in names:
        types = _member_prefix(archive, "[Content_Types].xml", 262_144)
        main = re.findall(rb'ContentType="[^"]*?(?:main\+xml|\.main)"', types) or [types]
        for mark, found in _ZIP_CONTENT_TYPES:
            if any(mark in entry for entry in main):
                return found
    for folder, found in _ZIP_FOLDERS:
        if any(name.startswith(folder.decode()) for name in names):
            return found
    return ZIP


def _member_prefix(archive: zipfile.ZipFile, name: str, size_bytes: int) -> bytes:
    with archive.open(name) as member:
        return member.read(size_bytes)


def _zip_type_by_folder(prefix: bytes) -> FileType:
    """A damaged archive still shows the names of its first members."""
    for folder, found in _ZIP_FOLDERS:
        if folder in prefix:
            return found
    return DOCX if b"[Content_Types].xml" in prefix else ZIP


def _ole_type(stream: BinaryIO) -> FileType:
    try:
        with olefile.OleFileIO(stream) as container:
            entries = {entry[0] for entry in container.listdir(streams=True, storages=False)}
            if "WordDocument" in entries and _is_encrypted_word(container):
                return ENCRYPTED_OFFICE
    except Exception:  # olefile raises whatever it stumbles over; a damaged container is still one
        return _ole_type_by_names(stream)
    for name, found in _OLE_STREAMS:
        if name in entries:
            return found
    return UNKNOWN


def _is_encrypted_word(container: olefile.OleFileIO) -> bool:
    """The flag fEncrypted in the file information block, [MS-DOC] 2.5.2."""
    with container.openstream("WordDocument") as stream:
        header = stream.read(12)
    return len(header) == 12 and bool(int.from_bytes(header[10:12], "little") & 0x0100)


def _ole_type_by_names(stream: BinaryIO) -> FileType:
    stream.seek(0)
    content = stream.read(16_000_000)
    for name, found in _OLE_STREAMS:
        if name.encode("utf-16-le") in content:
            return found
    return UNKNOWN


_HTML_START = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta|title|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML_START = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?:\?xml|!DOCTYPE|svg\b)", re.IGNORECASE)
_MAIL_HEADER = re.compile(
    r"^(?:From|To|Cc|Subject|Received|Date|MIME-Version|Return-Path|Message-ID|Delivered-To|Reply-To|"
    r"Content-Type|DKIM-Signature|ARC-Seal|X-[\w-]+):",
    re.IGNORECASE | re.MULTILINE,
)
_MARKDOWN_EXTENSIONS = (".md", ".markdown", ".mdown")


def _looks_like_html(prefix: bytes) -> bool:
    return _HTML_START.search(prefix[:4096]) is not None


def _text_type(prefix: bytes, extension: str) -> FileType:
    if _looks_like_html(prefix):
        return HTML
    if _XML_START.match(prefix):
        return SVG if b"<svg" in prefix[:4096].lower() else XML
    text = _as_text(prefix)
    if text is None:
        return UNKNOWN
    if _looks_like_mail(text):
        return EML
    if extension in _MARKDOWN_EXTENSIONS:
        return MARKDOWN
    separator = _separator(text)
    if separator == "\t" or (extension == ".tsv" and "\t" in text):
        return TSV
    if separator or extension == ".csv":
        return CSV
    return TXT


def _as_text(prefix: bytes) -> str | None:
    """The prefix decoded roughly, or None when it is not text at all."""
    if prefix.startswith((b"\xff\xfe", b"\xfe\xff")):
        return prefix.decode("utf-16", "replace")
    even, odd = prefix[0:2000:2], prefix[1:2000:2]
    for encoding, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(zeros) >= 4 and zeros.count(0) > 0.6 * len(zeros) and letters.count(0) < 0.1 * len(letters):
            return prefix.decode(encoding, "replace")
    controls = sum(prefix.count(code) for code in range(32) if code not in b"\t\n\r\x0c\x1b")
    if controls > 0.001 * len(prefix):
        return None
    return prefix.decode("utf-8", "replace")


def _looks_like_mail(text: str) -> bool:
    head = text.lstrip("\ufeff").split("\n\n", 1)[0].split("\r\n\r\n", 1)[0]
    names = {name.lower() for name in _MAIL_HEADER.findall(head)}
    return _MAIL_HEADER.match(head) is not None and len(names) >= 2 and bool(names & {"from:", "received:", "date:"})


def _separator(text: str) -> str | None:
    """The character that splits nearly every line into the same number (≥ 2) of cells, if there is one."""
    lines = [line for line in text.splitlines()[:60] if line.strip()]
    if len(lines) < 2:
        return None
    for candidate in ("\t", ";", ",", "|"):
        counts = [len(_QUOTED.sub("", line).split(candidate)) for line in lines]
        usual = max(set(counts), key=lambda count: (counts.count(count), count))
        if usual >= 2 and counts.count(usual) >= 0.8 * len(counts) and (usual >= 3 or candidate != ","):
            return candidate
    return None


_QUOTED = re.compile(r'"(?:[^"]|"")*"')
