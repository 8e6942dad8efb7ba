"""One small file of every format, with what a reader sees in it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from openpyxl.styles import Font

from parsing.formats import build
from parsing.formats.build import cell, docx, numbered, paragraph, row, table


@dataclass(frozen=True)
class Sample:
    name: str
    content: bytes
    text: str
    anchors: dict[str, str]  # a word, and the place it must name


def _book(book) -> None:
    sheet = book.active
    sheet.title = "Invoice"
    sheet["A1"] = "Invoice 17"
    sheet["A1"].font = Font(bold=True)
    for line in (
        ["Item", "Due", "Price"],
        ["Bolt", datetime.date(2024, 3, 14), 1234.5],
        ["Nut", datetime.date(2024, 4, 1), 2],
    ):
        sheet.append(line)
    for number in (3, 4):
        sheet.cell(number, 2).number_format = "dd.mm.yyyy"
        sheet.cell(number, 3).number_format = '#,##0.00 "EUR"'


def _deck(deck) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Quarterly report"
    slide.placeholders[1].text = "First point\nSecond point"
    slide.notes_slide.notes_text_frame.text = "Remember to smile"


DOCX = docx(
    paragraph("Service agreement", properties='<w:pStyle w:val="H1"/>')
    + paragraph("Between ", build.run("Acme", "<w:b/>"), " and Bob.")
    + numbered("Scope")
    + numbered("Work", 1)
    + numbered("Fees")
    + table(
        row(cell("Item"), cell("Price"), properties="<w:tblHeader/>"),
        row(cell("Bolt"), cell("3.00")),
    ),
    styles=build.STYLES,
    numbering=build.NUMBERING,
    header1=f"<w:hdr {build.W}>{paragraph('Acme Ltd')}</w:hdr>",
    footer1=f"<w:ftr {build.W}>{paragraph('Confidential')}</w:ftr>",
)
RTF = (
    rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator Word;}\pard Invoice \b No. 17\b0  M\'fcller \u8364?5\par"
    rb"\trowd\intbl Item\cell Price\cell\row\trowd\intbl Bolt\cell 3.00\cell\row\pard Thanks\par}"
)
ODT = build.opendocument(
    "text",
    '<text:h text:outline-level="1">Offer</text:h><text:p>Dear<text:s/>Bob</text:p>'
    "<text:list><text:list-item><text:p>One</text:p></text:list-item></text:list>"
    "<table:table><table:table-row><table:table-cell><text:p>A</text:p></table:table-cell>"
    "<table:table-cell><text:p>B</text:p></table:table-cell></table:table-row></table:table>",
)
ODS = build.opendocument(
    "spreadsheet",
    '<table:table table:name="Data"><table:table-row><table:table-cell><text:p>Item</text:p></table:table-cell>'
    "<table:table-cell><text:p>Price</text:p></table:table-cell></table:table-row><table:table-row>"
    '<table:table-cell><text:p>Bolt</text:p></table:table-cell><table:table-cell office:value-type="float" '
    'office:value="3"><text:p>3,00 €</text:p></table:table-cell></table:table-row>'
    '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/>'
    "</table:table-row></table:table>",
)
ODP = build.opendocument(
    "presentation",
    '<draw:page><draw:frame svg:x="2cm" svg:y="3cm" svg:width="10cm" svg:height="2cm" presentation:class="title">'
    "<draw:text-box><text:p>Welcome</text:p></draw:text-box></draw:frame></draw:page>",
)
HTML = build.page(
    "<h1>Invoice</h1><p>Hello <b>bo</b>ld<br>world</p><ol start=3><li>three</ol>"
    "<table><tr><th>A<th>B<tr><td rowspan=2>1<td>2<tr><td>3</table><script>alert(1)</script>"
)
MARKDOWN = b"# Title\n\nSome **bold** [link](http://example.org).\n\n- one\n\n| A | B |\n|---|---|\n| 1 | x |\n"
MSG_FREE = build.mail(html="<p>Dear <b>Bob</b>,</p><p>see below.</p>", attachment=b"%PDF-1.4 content")

SAMPLES = (
    Sample(
        "agreement.docx",
        DOCX,
        "Acme Ltd\n\nService agreement\n\nBetween Acme and Bob.\n\n1. Scope\n\n1.a) Work\n\n2. Fees\n\n"
        "Item\tPrice\nBolt\t3.00\n\nConfidential",
        {"Service": "p1", "Scope": "p3", "3.00": "t1/r2c2", "Confidential": "footer 1"},
    ),
    Sample(
        "book.xlsx",
        build.workbook(_book),
        "Invoice 17\n\nItem\tDue\tPrice\nBolt\t14.03.2024\t1,234.50 EUR\nNut\t01.04.2024\t2.00 EUR",
        {"17": "Invoice!A1", "14.03.2024": "Invoice!B3", "2.00": "Invoice!C4"},
    ),
    Sample(
        "deck.pptx",
        build.presentation(_deck),
        "Quarterly report\n\nFirst point\n\nSecond point\n\nRemember to smile",
        {"Quarterly": "slide 1/shape 1", "Second": "slide 1/shape 2", "smile": "slide 1/notes"},
    ),
    Sample(
        "page.html",
        HTML,
        "Invoice\n\nHello bold\nworld\n\n3. three\n\nA\tB\n1\t2\n3",
        {"Invoice": "p1", "world": "p2", "2": "t1/r2c2"},
    ),
    Sample(
        "letter.eml",
        MSG_FREE,
        "From: Ann Example <ann@example.org>\n\nTo: bob@example.org\n\nSubject: Invoice Müller 17\n\n"
        "Date: Thu, 14 Mar 2024 10:00:00 +0100\n\nDear Bob,\n\nsee below.",
        {"Müller": "header Subject", "Dear": "part 2/p1"},
    ),
    Sample("letter.rtf", RTF, "Invoice No. 17 Müller €5\n\nItem\tPrice\nBolt\t3.00\n\nThanks", {"Bolt": "t1/r2c1"}),
    Sample("offer.odt", ODT, "Offer\n\nDear Bob\n\n• One\n\nA\tB", {"Dear": "p2", "B": "t1/r1c2"}),
    Sample("data.ods", ODS, "Item\tPrice\nBolt\t3,00 €", {"3,00": "Data!B2"}),
    Sample("talk.odp", ODP, "Welcome", {"Welcome": "slide 1/shape 1"}),
    Sample("notes.txt", "Acme\n\nItem       Qty\nBolt         2\n\nGrüße".encode(), "Acme\n\nItem Qty\nBolt 2\n\nGrüße", {"Bolt": "line 3"}),
    Sample("readme.md", MARKDOWN, "Title\n\nSome bold link.\n\n• one\n\nA\tB\n1\tx", {"Some": "line 3", "x": "line 9"}),
    Sample(
        "list.csv",
        b'Name;Amount\n"Meier; Sons";1.234,50\nAnn;2\nBob;3\nshort\n',
        "Name\tAmount\nMeier; Sons\t1.234,50\nAnn\t2\nBob\t3\nshort",
        {"1.234,50": "B2", "short": "A5"},
    ),
    Sample("list.tsv", b"Name\tAge\nAnn\t31\nBob\t7\n", "Name\tAge\nAnn\t31\nBob\t7", {"31": "B2"}),
)  # fmt: skip
