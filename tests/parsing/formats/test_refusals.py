"""Files that cannot be read end with the code that names the remedy."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from fieldproof.core.document import FailureCode
from fieldproof.core.errors import ParsingFailed
from fieldproof.parsing import ParseConfig
from parsing.formats import build
from parsing.formats.build import docx, paragraph, row, table
from parsing.formats.conftest import Read
from parsing.formats.samples import DOCX, MSG_FREE, SAMPLES


def _code(read: Read, content: bytes, filename: str, config: ParseConfig | None = None) -> FailureCode:
    with pytest.raises(ParsingFailed) as failure:
        read(content, filename, config)
    return failure.value.code


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("a.docx", docx("")),
        ("a.docx", docx(paragraph("  "))),
        ("a.xlsx", build.workbook(lambda book: None)),
        ("a.pptx", build.presentation(lambda deck: deck.slides.add_slide(deck.slide_layouts[6]))),
        ("a.html", build.page("<p> </p>")),
        ("a.txt", b" \n\n "),
        ("a.odt", build.opendocument("text", "<text:p/>")),
        ("a.rtf", rb"{\rtf1\ansi\par}"),
    ],
)
def test_nothing_inside_is_empty(filename: str, content: bytes, read: Read) -> None:
    assert _code(read, content, filename) is FailureCode.EMPTY


def test_only_hidden_text_is_no_text(read: Read) -> None:
    content = docx(paragraph(build.run("secret", "<w:vanish/>")))
    assert _code(read, content, "a.docx") is FailureCode.NO_TEXT


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.name.endswith("x")], ids=lambda s: s.name)
def test_truncated_packages_are_corrupt(sample, read: Read) -> None:
    assert _code(read, sample.content[: len(sample.content) * 2 // 3], sample.name) is FailureCode.CORRUPT


def test_a_damaged_part_is_corrupt_even_where_it_is_not_needed(read: Read) -> None:
    content = bytearray(build.archive({**_parts(DOCX), "word/theme/theme1.xml": b"<a/>" * 50}))
    at = content.find(b"word/theme/theme1.xml") + len("word/theme/theme1.xml")
    content[at + 3] ^= 0xFF
    assert _code(read, bytes(content), "a.docx") is FailureCode.CORRUPT


def test_broken_xml_is_corrupt(read: Read) -> None:
    assert _code(read, docx("<w:p>"), "a.docx") is FailureCode.CORRUPT


def test_entities_are_refused(read: Read) -> None:
    parts = _parts(DOCX)
    bomb = '<!DOCTYPE w:document [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    parts["word/document.xml"] = bomb.encode() + docx_document("&b;")
    assert _code(read, build.archive(parts), "a.docx") is FailureCode.CORRUPT


def test_entities_never_reach_other_files(read: Read, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("do not read me")
    parts = _parts(DOCX)
    link = f'<!DOCTYPE w:document [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'
    parts["word/document.xml"] = link.encode() + docx_document("&a;")
    assert _code(read, build.archive(parts), "a.docx") is FailureCode.CORRUPT


def test_tables_nested_beyond_reason_are_refused(read: Read) -> None:
    content = docx("<w:tbl><w:tr><w:tc>" * 400 + paragraph("deep") + "</w:tc></w:tr></w:tbl>" * 400)
    assert _code(read, content, "a.docx") in (FailureCode.CORRUPT, FailureCode.LIMIT_EXCEEDED)


def test_packages_that_unpack_beyond_the_limit_are_refused(read: Read) -> None:
    config = ParseConfig(max_unpacked_bytes=100_000)
    content = docx(paragraph("a" * 200_000))
    assert _code(read, content, "a.docx", config) is FailureCode.LIMIT_EXCEEDED


def test_packages_with_too_many_members_are_refused(read: Read) -> None:
    content = build.archive({**_parts(DOCX), **{f"word/x{number}.xml": "" for number in range(10_050)}})
    assert _code(read, content, "a.docx") is FailureCode.LIMIT_EXCEEDED


def test_encrypted_archives_are_encrypted(read: Read) -> None:
    content = bytearray(DOCX)
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    assert _code(read, bytes(content), "a.docx") is FailureCode.ENCRYPTED


@pytest.mark.parametrize("limit", [{"max_pages": 1}, {"max_words": 50}])
def test_documents_beyond_the_limits_are_refused(limit: dict[str, int], read: Read) -> None:
    content = docx("".join(paragraph(f"paragraph {number}") for number in range(200)))
    assert _code(read, content, "a.docx", replace(ParseConfig(), **limit)) is FailureCode.LIMIT_EXCEEDED


@pytest.mark.parametrize("filename", ["a.csv", "a.xlsx"])
def test_sheets_with_too_many_cells_are_refused(filename: str, read: Read) -> None:
    rows = [["a", "b", "c"], *(["x", str(number), "1"] for number in range(50))]

    def fill(book) -> None:
        for values in rows:
            book.active.append(values)

    content = build.workbook(fill) if filename == "a.xlsx" else "\n".join(map(",".join, rows)).encode()
    assert _code(read, content, filename, ParseConfig(max_cells=100)) is FailureCode.LIMIT_EXCEEDED


def test_a_cell_in_the_last_corner_costs_nothing(read: Read) -> None:
    def fill(book) -> None:
        book.active["A1"] = "near"
        book.active["XFD1048576"] = "far"

    document = read(build.workbook(fill), "a.xlsx")
    assert document.text == "near\n\nfar"
    assert len(document.pages) == 1


def test_claimed_extents_are_not_believed(read: Read) -> None:
    parts = _parts(build.workbook(lambda book: [book.active.append([f"row {number}", number]) for number in range(60)]))
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'<dimension ref="A1:B60"', b'<dimension ref="A1:B1"')
    assert "row 59" in read(build.archive(parts), "a.xlsx").text


def test_endless_spans_cost_nothing(read: Read) -> None:
    wide = '<w:gridSpan w:val="1000000000"/>'
    content = docx(table(row(build.cell("a", wide), build.cell("b")), row(build.cell("c"))))
    assert "a" in read(content, "a.docx").text


def test_a_page_of_html_nested_beyond_reason_ends_in_an_answer(read: Read) -> None:
    content = build.page("<div>" * 5_000 + "deep" + "</div>" * 5_000)
    try:
        assert "deep" in read(content, "a.html").text
    except ParsingFailed as failure:
        assert failure.code in (FailureCode.CORRUPT, FailureCode.LIMIT_EXCEEDED, FailureCode.EMPTY)


def test_mail_with_thousands_of_parts_is_refused(read: Read) -> None:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    head = b"From: a@b.c\r\nSubject: x\r\nDate: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    assert _code(read, head + part * 2_100 + b"--b--\r\n", "a.eml") is FailureCode.LIMIT_EXCEEDED


def test_mail_without_a_body_still_shows_its_headers(read: Read) -> None:
    assert "Subject: Invoice" in read(MSG_FREE.split(b"\n\n")[0] + b"\n\n", "a.eml").text


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def docx_document(text: str) -> bytes:
    return f"<w:document {build.W}><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>".encode()
