"""Outlook messages (.msg): properties are streams of an OLE container, named by their ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from fieldproof.core.document import Attachment
from fieldproof.parsing import ole
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.encoding import decoded
from fieldproof.parsing.mail import Message
from fieldproof.parsing.package import MAX_ATTACHMENT_BYTES, media_type_of

SUBJECT, SENT_AT, RECEIVED_AT = 0x0037, 0x0039, 0x0E06
SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
SHOWN_TO, SHOWN_CC, SHOWN_BCC = 0x0E04, 0x0E03, 0x0E02
BODY, RTF_BODY, HTML_BODY = 0x1000, 0x1009, 0x1013
LONG_NAME, SHORT_NAME, MEDIA_TYPE, CONTENT = 0x3707, 0x3704, 0x370E, 0x3701
CODE_PAGE, BODY_CODE_PAGE = 0x3FFD, 0x3FDE
MAX_EMBEDDING = 5  # messages in messages

_FILETIME_START = datetime(1601, 1, 1, tzinfo=UTC)
_HEADER_BYTES = {"top": 32, "embedded": 24, "attachment": 8}


def read(path: Path, config: ParseConfig) -> Message:
    """The message. Raises ParsingFailed."""
    with ole.opened(path) as container:
        return _Folder(container, [], "top", config).message(0)


class _Folder:
    """A storage with properties: the message, an attachment, a message within."""

    def __init__(self, container: Any, path: list[str], kind: str, config: ParseConfig) -> None:
        self._container = container
        self._path = path
        self._config = config
        self._fixed = self._fixed_properties(_HEADER_BYTES[kind])

    def message(self, depth: int) -> Message:
        sender = self._text(SENDER_NAME) or ""
        address = self._text(SENDER_SMTP) or self._text(SENDER_ADDRESS) or ""
        if address and "@" in address and address != sender:
            sender = f"{sender} <{address}>".strip()
        headers = [
            ("From", sender),
            ("To", self._text(SHOWN_TO)),
            ("Cc", self._text(SHOWN_CC)),
            ("Bcc", self._text(SHOWN_BCC)),
            ("Subject", self._text(SUBJECT)),
            ("Date", self._date()),
        ]
        return Message(
            headers=[
                (name, shown) for name, value in headers if (shown := " ".join((value or "").split("\0")).strip())
            ],
            html=self._html(),
            text=self._text(BODY),
            rtf=self._rtf(),
            attachments=self._attachments(depth),
        )

    def _fixed_properties(self, header_bytes: int) -> dict[int, bytes]:
        """Eight bytes by property id."""
        content = self._stream("__properties_version1.0") or b""
        found: dict[int, bytes] = {}
        for at in range(header_bytes, len(content) - 15, 16):
            found[int.from_bytes(content[at + 2 : at + 4], "little")] = content[at + 8 : at + 16]
        return found

    def _stream(self, name: str) -> bytes | None:
        full = [*self._path, name]
        if not self._container.exists(full) or self._container.get_size(full) > MAX_ATTACHMENT_BYTES:
            return None
        return self._container.openstream(full).read()

    def _text(self, property_id: int) -> str | None:
        content = self._stream(f"__substg1.0_{property_id:04X}001F")
        if content is not None:
            return content.decode("utf-16-le", "replace").rstrip("\0")
        content = self._stream(f"__substg1.0_{property_id:04X}001E")
        return content.decode(self._encoding(), "replace").rstrip("\0") if content is not None else None

    def _binary(self, property_id: int) -> bytes | None:
        return self._stream(f"__substg1.0_{property_id:04X}0102")

    def _encoding(self) -> str:
        for property_id in (CODE_PAGE, BODY_CODE_PAGE):
            page = int.from_bytes(self._fixed.get(property_id, b"")[:4], "little")
            if page == 65_001:
                return "utf-8"
            if 437 <= page <= 1361:
                return f"cp{page}"
        return self._config.default_encoding

    def _html(self) -> str | None:
        content = self._binary(HTML_BODY)
        if content is None:
            return self._text(HTML_BODY)
        page = int.from_bytes(self._fixed.get(BODY_CODE_PAGE, b"")[:4], "little")
        declared = "utf-8" if page == 65_001 else f"cp{page}" if 437 <= page <= 1361 else None
        return decoded(content.rstrip(b"\0"), self._config, declared)[0]

    def _rtf(self) -> bytes | None:
        content = self._binary(RTF_BODY)
        return inflated(content, self._config.max_unpacked_bytes) if content else None

    def _date(self) -> str | None:
        for property_id in (SENT_AT, RECEIVED_AT):
            ticks = int.from_bytes(self._fixed.get(property_id, b""), "little")
            if ticks:
                return format_datetime(_FILETIME_START + timedelta(microseconds=ticks // 10))
        return None

    def _attachments(self, depth: int) -> list[Attachment]:
        level = len(self._path)
        names = sorted(
            {
                entry[level]
                for entry in self._container.listdir(streams=True, storages=True)
                if entry[:level] == self._path and len(entry) > level and entry[level].startswith("__attach_version1.0")
            }
        )
        folders = [
            _Folder(self._container, [*self._path, name], "attachment", self._config)
            for name in names[: self._config.max_attachments]
        ]
        return [found for folder in folders if (found := folder.attachment(depth)) is not None]

    def attachment(self, depth: int) -> Attachment | None:
        filename = self._text(LONG_NAME) or self._text(SHORT_NAME) or "attachment"
        inner = [*self._path, f"__substg1.0_{CONTENT:04X}000D"]
        if self._container.exists(inner):
            if depth >= MAX_EMBEDDING:
                return None
            message = _Folder(self._container, inner, "embedded", self._config).message(depth + 1)
            return Attachment(f"{filename.removesuffix('.msg')}.eml", "message/rfc822", _as_mime(message))
        content = self._binary(CONTENT)
        if not content:
            return None
        return Attachment(filename, self._text(MEDIA_TYPE) or media_type_of(filename), content)


def _as_mime(message: Message) -> bytes:
    """A message within a message, in the form that mail has everywhere."""
    mime = EmailMessage()
    for name, value in message.headers:
        mime[name] = " ".join(value.split())
    mime.set_content(message.text or "")
    if message.html:
        mime.add_alternative(message.html, subtype="html")
        mime.set_boundary("fieldproof-alternative")  # the usual boundary is a random number
    for attachment in message.attachments:
        kind, _, subtype = attachment.media_type.partition("/")
        mime.add_attachment(
            attachment.content, maintype=kind, subtype=subtype or "octet-stream", filename=attachment.filename
        )
    if message.attachments:
        mime.set_boundary("fieldproof-parts")
    return mime.as_bytes()


# ------------------------------------------------------------------------------------ packed bodies

_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans "
    rb"SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par "
    rb"\pard\plain\f0\fs20\b\i\u\tab\tx"
)
_PACKED, _STORED = b"LZFu", b"MELA"


def inflated(content: bytes, limit_bytes: int) -> bytes | None:
    """A compressed RTF body unpacked; None when it is not one.

    Source: MS-OXRTFCP.
    """
    if len(content) < 16:
        return None
    size, kind = int.from_bytes(content[4:8], "little"), content[8:12]
    if kind == _STORED:
        return content[16 : 16 + size]
    if kind != _PACKED or size > limit_bytes:
        return None
    window = bytearray(4096)
    window[: len(_DICTIONARY)] = _DICTIONARY
    write = len(_DICTIONARY)
    output = bytearray()
    at = 16
    while at < len(content) and len(output) < size:
        flags = content[at]
        at += 1
        for bit in range(8):
            if at >= len(content):
                break
            if not flags >> bit & 1:
                byte = content[at]
                at += 1
                output.append(byte)
                window[write] = byte
                write = (write + 1) % 4096
                continue
            if at + 1 >= len(content):
                return bytes(output)
            reference = content[at] << 8 | content[at + 1]
            at += 2
            offset, length = reference >> 4, (reference & 15) + 2
            if offset == write:
                return bytes(output)
            for step in range(length):
                byte = window[(offset + step) % 4096]
                output.append(byte)
                window[write] = byte
                write = (write + 1) % 4096
    return bytes(output)
