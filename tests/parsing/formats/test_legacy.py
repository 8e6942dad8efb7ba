"""Old formats: .doc read plainly or by LibreOffice, .xls, .msg and .rtf."""

from __future__ import annotations

import struct
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reportlab.pdfgen import canvas

from fieldproof.core.document import BlockKind, FailureCode
from fieldproof.core.errors import ParsingFailed
from parsing.formats.conftest import Read
from parsing.formats.ole import container

TEXT = "Offer\rDear Bob\x13 PAGE \x141\x15, hello secret\rItem\x07Price\x07\x07Bolt\x073.00\x07\x07Bye\r"


def _doc(text: str, *, flags: int = 0x0200) -> bytes:
    """A Word 97 file: the text in one piece, a heading style, a hidden run, and row ends."""
    start, head = 2048, bytearray(2048)
    struct.pack_into("<HH", head, 0, 0xA5EC, 0x00C1)
    struct.pack_into("<H", head, 0x0A, flags)
    struct.pack_into("<I", head, 0x4C, len(text))
    clx = (
        b"\x02"
        + struct.pack("<I", 16)
        + struct.pack("<II", 0, len(text))
        + struct.pack("<HIH", 0, start * 2 | 0x40000000, 0)
    )
    look_page, shape_page = 5, 6  # in units of 512 bytes
    looks = struct.pack("<III", start, start + len(text), look_page)
    shapes = struct.pack("<III", start, start + len(text), shape_page)
    table = clx + looks + shapes
    struct.pack_into("<II", head, 0x1A2, 0, len(clx))
    struct.pack_into("<II", head, 0xFA, len(clx), len(looks))
    struct.pack_into("<II", head, 0x102, len(clx) + len(looks), len(shapes))
    body = text.encode("cp1252").ljust(512, b"\0")
    return container({"WordDocument": bytes(head) + body + _looks(text, start) + _shapes(text, start), "1Table": table})


def _looks(text: str, start: int) -> bytes:
    at = text.find("secret")
    page = bytearray(512)
    page[511] = 1
    if at >= 0:
        struct.pack_into("<II", page, 0, start + at, start + at + len("secret"))
        page[8] = 100
        page[200:204] = b"\x03" + struct.pack("<HB", 0x083C, 1)
    return bytes(page)


def _shapes(text: str, start: int) -> bytes:
    """Every paragraph's style; the first is a heading, an empty cell is the end of a row."""
    page = bytearray(512)
    ends = [n for n, letter in enumerate(text) if letter in "\r\x07"]
    page[511] = len(ends)
    first = 0
    for number, end in enumerate(ends):
        struct.pack_into("<I", page, 4 * number, start + first)
        is_row_end = text[end] == "\x07" and first == end
        page[4 * (len(ends) + 1) + 13 * number] = 220 if is_row_end else 230 if number == 0 else 240
        first = end + 1
    struct.pack_into("<I", page, 4 * len(ends), start + first)
    page[440:446] = b"\x03" + struct.pack("<HHB", 0, 0x2417, 1)
    page[460:464] = b"\x02" + struct.pack("<HB", 1, 0)
    page[480:484] = b"\x02" + struct.pack("<HB", 0, 0)
    return bytes(page)


@pytest.fixture
def without_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")


@pytest.fixture
def libreoffice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A stand-in for LibreOffice: writes a PDF and notes how it was called."""
    pdf, programs = tmp_path / "converted.pdf", tmp_path / "bin"
    page = canvas.Canvas(str(pdf))
    page.drawString(72, 720, "Converted by LibreOffice")
    page.save()
    programs.mkdir()
    program = programs / "soffice"
    program.write_text(
        f"#!{sys.executable}\nimport os, shutil, sys\nfrom pathlib import Path\n"
        f"Path({str(tmp_path / 'call.txt')!r}).write_text(' '.join(sys.argv) + repr(sorted(os.environ)))\n"
        f"shutil.copyfile({str(pdf)!r}, Path(sys.argv[-1]).with_suffix('.pdf'))\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    return tmp_path / "call.txt"


@pytest.mark.usefixtures("without_libreoffice")
def test_doc_is_read_without_libreoffice_and_says_so(read: Read) -> None:
    document = read(_doc(TEXT), "offer.doc")
    assert document.text == "Offer\n\nDear Bob1, hello\n\nItem\tPrice\nBolt\t3.00\n\nBye"
    assert [(hidden.text, hidden.reason, hidden.anchor) for hidden in document.hidden] == [("secret", "vanish", "p2")]
    assert document.pages[0].blocks[0].kind is BlockKind.HEADING
    assert "LibreOffice" in document.warnings[0]


@pytest.mark.usefixtures("without_libreoffice")
def test_doc_behind_a_password_is_encrypted(read: Read) -> None:
    with pytest.raises(ParsingFailed) as failure:
        read(_doc(TEXT, flags=0x0300), "offer.doc")
    assert failure.value.code is FailureCode.ENCRYPTED


@pytest.mark.usefixtures("without_libreoffice")
def test_ppt_asks_for_libreoffice(read: Read) -> None:
    with pytest.raises(ParsingFailed) as failure:
        read(container({"PowerPoint Document": b"\0" * 5_000}), "old.ppt")
    assert failure.value.code is FailureCode.UNSUPPORTED
    assert "Install LibreOffice" in failure.value.message


def test_libreoffice_converts_when_it_is_installed(read: Read, libreoffice: Path) -> None:
    document = read(container({"PowerPoint Document": b"\0" * 5_000}), "old.ppt")
    assert document.text == "Converted by LibreOffice"
    assert document.media_type == "application/vnd.ms-powerpoint"
    call = libreoffice.read_text()
    assert "-env:UserInstallation=file:///" in call
    assert "--headless" in call


def test_libreoffice_that_writes_nothing_means_corrupt(read: Read, libreoffice: Path) -> None:
    program = next((libreoffice.parent / "bin").iterdir())
    program.write_text(f"#!{sys.executable}\n")
    with pytest.raises(ParsingFailed) as failure:
        read(container({"PowerPoint Document": b"\0" * 5_000}), "old.ppt")
    assert failure.value.code is FailureCode.CORRUPT


def _fixed(properties: dict[int, bytes], head: int) -> bytes:
    entries = b"".join(struct.pack("<HHI", 0x0040, key, 6) + value.ljust(8, b"\0") for key, value in properties.items())
    return b"\0" * head + entries


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _msg(**streams) -> bytes:
    sent = int((datetime(2024, 3, 14, 9, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
    return container(
        {
            "__properties_version1.0": _fixed({0x0039: sent.to_bytes(8, "little")}, 32),
            "__substg1.0_0037001F": _wide("Invoice 17"),
            "__substg1.0_0C1A001F": _wide("Ann"),
            "__substg1.0_5D01001F": _wide("ann@example.org"),
            "__substg1.0_0E04001F": _wide("Bob"),
            "__substg1.0_1000001F": _wide("Dear Bob,\r\n\r\nsee attachment.\r\n"),
            "__attach_version1.0_#00000000": {
                "__properties_version1.0": b"\0" * 8,
                "__substg1.0_3707001F": _wide("invoice.pdf"),
                "__substg1.0_37010102": b"%PDF-1.4 content",
            },
            **streams,
        }
    )


def test_msg_shows_headers_body_and_attachments(read: Read) -> None:
    document = read(_msg(), "mail.msg")
    assert document.text == (
        "From: Ann <ann@example.org>\n\nTo: Bob\n\nSubject: Invoice 17\n\nDate: Thu, 14 Mar 2024 09:00:00 +0000\n\n"
        "Dear Bob,\n\nsee attachment."
    )
    [attachment] = document.attachments
    assert (attachment.filename, attachment.media_type) == ("invoice.pdf", "application/pdf")
    assert attachment.content == b"%PDF-1.4 content"


def test_msg_prefers_its_html_body(read: Read) -> None:
    html = b"<p>Dear <b>Bob</b></p><p style='display:none'>secret</p>"
    document = read(_msg(**{"__substg1.0_10130102": html}), "mail.msg")
    assert document.text.endswith("Dear Bob")
    assert [hidden.text for hidden in document.hidden] == ["secret"]


def test_msg_within_msg_becomes_a_mail(read: Read) -> None:
    inner = {
        "__properties_version1.0": b"\0" * 24,
        "__substg1.0_0037001F": _wide("Inner"),
        "__substg1.0_1000001F": _wide("inner body"),
    }
    folder = {
        "__properties_version1.0": b"\0" * 8,
        "__substg1.0_3707001F": _wide("Inner.msg"),
        "__substg1.0_3701000D": inner,
    }
    document = read(_msg(**{"__attach_version1.0_#00000001": folder}), "mail.msg")
    attachment = document.attachments[1]
    assert (attachment.filename, attachment.media_type) == ("Inner.eml", "message/rfc822")
    assert "inner body" in read(attachment.content, "inner.eml").text


def test_msg_with_a_packed_body(read: Read) -> None:
    # The example of MS-OXRTFCP, section 4.1.1.
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    streams = {"__substg1.0_1000001F": b"", "__substg1.0_10090102": packed}
    assert read(_msg(**streams), "mail.msg").text.endswith("hello world")


def test_rtf_keeps_encodings_fonts_and_hidden_runs(read: Read) -> None:
    content = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}}"
        rb"{\colortbl;\red255\green255\blue255;\red0\green0\blue128;}"
        rb"{\f1\'cf\'f0\'e8\'e2\'e5\'f2} \u26085?\u26412?{\v secret}{\cf1 pale}{\cf1\chcbpat2 shown}{\fs2 tiny}"
        rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}{\pict 00ff}\par}"
    )
    document = read(content, "letter.rtf")
    assert document.text == "Привет 日本shownlink"
    assert [(hidden.text, hidden.reason) for hidden in document.hidden] == [
        ("secret", "vanish"),
        ("pale", "colour"),
        ("tiny", "size"),
    ]


def test_rtf_nested_beyond_reason_is_refused(read: Read) -> None:
    with pytest.raises(ParsingFailed) as failure:
        read(rb"{\rtf1 " + b"{" * 10_000 + b"x", "letter.rtf")
    assert failure.value.code is FailureCode.LIMIT_EXCEEDED
