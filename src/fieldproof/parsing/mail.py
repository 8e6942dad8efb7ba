"""Mail: MIME messages (.eml) here, Outlook's (.msg) by way of outlook.py. Attachments become documents of their own."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from fieldproof.core.document import Attachment, BlockKind, FailureCode, ParsedDocument
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing import html, text
from fieldproof.parsing.config import ParseConfig
from fieldproof.parsing.encoding import decoded
from fieldproof.parsing.filetype import MSG, FileType
from fieldproof.parsing.flow import Eye, document
from fieldproof.parsing.package import media_type_of
from fieldproof.parsing.typeset import FlowItem, Paragraph
from fieldproof.parsing.wrapping import Run

SHOWN_HEADERS = ("From", "To", "Cc", "Bcc", "Reply-To", "Subject", "Date")
MAX_PARTS = 2_000


@dataclass(slots=True)
class Message:
    """A message from either format: shown headers, the body as HTML or as text, attachments."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    html: str | None = None
    text: str | None = None
    rtf: bytes | None = None
    attachments: list[Attachment] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    body_part: int = 1


def parse(path: Path, config: ParseConfig, kind: FileType) -> ParsedDocument:
    """Headers as key-value blocks, then the body; anchors are "header From" and "part 1/p3"."""
    if kind == MSG:
        from fieldproof.parsing import outlook  # needs the OLE and RTF readers

        message = outlook.read(path, config)
    else:
        message = _read(path, config)
    eye = Eye()
    return document(
        kind.media_type,
        _flow(message, eye),
        config,
        eye,
        attachments=message.attachments,
        properties={name.lower(): value for name, value in message.headers if name in ("Subject", "From", "Date")},
        warnings=message.warnings,
    )


def _flow(message: Message, eye: Eye) -> Iterator[FlowItem]:
    for name, value in message.headers:
        anchor = f"header {name}"
        value = eye.see(value, anchor)
        yield Paragraph([Run(f"{name}: ", True), Run(value)], BlockKind.KEY_VALUE, anchor=anchor, key=name, value=value)
    place = f"part {message.body_part}/"
    root = html.tree(message.html) if message.html else None
    if root is not None:
        yield from html.flow(root, eye, place=place)
    elif message.rtf and not message.text:
        from fieldproof.parsing import rtf  # only Outlook's messages have such bodies

        yield from rtf.flow(message.rtf, eye)
    elif message.text:
        yield from text.plain_flow(message.text, eye, place=place)


def _read(path: Path, config: ParseConfig) -> Message:
    content = path.read_bytes()
    if len(content) > config.max_unpacked_bytes:
        raise ParsingFailed(FailureCode.LIMIT_EXCEEDED)
    try:
        source = email.message_from_bytes(content.lstrip(b"\r\n\xef\xbb\xbf"), policy=email.policy.default)
        assert isinstance(source, EmailMessage)
        return _Reader(config).read(source)
    except (RecursionError, LookupError, ValueError, AttributeError) as error:
        # The parser of the standard library trips over some malformed headers.
        raise ParsingFailed(FailureCode.CORRUPT, f"{type(error).__name__} in the message.") from error


class _Reader:
    """Walks a MIME tree and sorts its leaves into the body and attachments."""

    def __init__(self, config: ParseConfig) -> None:
        self._config = config
        self._message = Message()
        self._parts = 0

    def read(self, source: EmailMessage) -> Message:
        for name in SHOWN_HEADERS:
            for value in source.get_all(name, []):
                shown = " ".join(str(value).split())
                if shown:
                    self._message.headers.append((name, shown))
        self._walk(source)
        return self._message

    def _walk(self, part: EmailMessage) -> None:
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            for child in part.iter_parts():
                if isinstance(child, EmailMessage):
                    self._walk(child)
            return
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise ParsingFailed(FailureCode.LIMIT_EXCEEDED, f"The message has more than {MAX_PARTS} parts.")
        self._leaf(part)

    def _leaf(self, part: EmailMessage) -> None:
        kind = part.get_content_type()
        message = self._message
        is_attached = part.get_content_disposition() == "attachment"
        if kind == "text/html" and message.html is None and not is_attached:
            message.html = self._characters(part)
            message.body_part = self._parts
        elif kind == "text/plain" and not is_attached and part.get_filename() is None:
            if message.text is None:
                message.text = self._characters(part)
                message.body_part = message.body_part if message.html else self._parts
            elif message.html is None:
                message.text += "\n\n" + self._characters(part)
        elif is_attached or part.get_filename() or kind == "message/rfc822":
            self._attach(part, kind)

    def _characters(self, part: EmailMessage) -> str:
        content = part.get_payload(decode=True)
        shown, warning = decoded(
            content if isinstance(content, bytes) else b"", self._config, part.get_content_charset()
        )
        if warning:
            self._message.warnings.append(warning)
        return shown

    def _attach(self, part: EmailMessage, kind: str) -> None:
        # A picture inside the text (a logo) belongs to the text; it is not a document.
        if part.get_content_disposition() != "attachment" and part.get("Content-ID") and kind.startswith("image/"):
            return
        if len(self._message.attachments) >= self._config.max_attachments:
            self._message.warnings.append(f"Only the first {self._config.max_attachments} attachments were taken.")
            return
        name, content = part.get_filename(), part.get_payload(decode=True)
        if kind == "message/rfc822":
            inner = part.get_payload(0)
            content = inner.as_bytes() if isinstance(inner, EmailMessage) else b""
            name = name or f"{_subject(inner)}.eml"
        if isinstance(content, bytes) and content:
            filename = name or f"part-{self._parts}"
            media_type = kind if kind != "application/octet-stream" else media_type_of(filename)
            self._message.attachments.append(Attachment(filename, media_type, content))


def _subject(message: object) -> str:
    subject = str(message.get("Subject", "")) if isinstance(message, EmailMessage) else ""
    return "".join(letter if letter.isalnum() or letter in " -_." else "_" for letter in subject).strip() or "message"
