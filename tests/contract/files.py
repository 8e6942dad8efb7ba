"""Small real documents, made on the spot. The same arguments give the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter
from PIL import Image, ImageDraw
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table, TableStyle

PDF = "application/pdf"
PNG = "image/png"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Line:
    description: str
    quantity: int
    unit_price: str
    amount: str


LINES = (
    Line("Copper cable 3x1.5", 4, "12.50", "50.00"),
    Line("Junction box IP65", 10, "3.20", "32.00"),
    Line("Labour, hours", 6, "45.00", "270.00"),
)


def invoice_pdf(number: str = "INV-2026-0117", lines: Sequence[Line] = LINES, total: str = "418.88") -> bytes:
    """A one-page born-digital invoice: header fields, a ruled line item table, totals."""
    out = io.BytesIO()
    page = Canvas(out, pagesize=A4, invariant=True)
    page.setFont("Helvetica-Bold", 18)
    page.drawString(50, 780, "INVOICE")
    page.setFont("Helvetica", 10)
    header = [
        "Northwind Electric Ltd",
        f"Invoice number: {number}",
        "Invoice date: 2026-02-03",
        "Due date: 2026-03-05",
        "Bill to: Harbour Hotel GmbH",
        "Currency: EUR",
    ]
    for row, text in enumerate(header):
        page.drawString(50, 755 - 15 * row, text)
    rows = [["Description", "Quantity", "Unit price", "Amount"]]
    rows += [[line.description, str(line.quantity), line.unit_price, line.amount] for line in lines]
    table = Table(rows, colWidths=[240, 70, 80, 80])
    table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("ALIGN", (1, 0), (-1, -1), "RIGHT")]))
    _, height = table.wrapOn(page, 470, 500)
    table.drawOn(page, 50, 640 - height)
    foot = 640 - height - 30
    for row, text in enumerate(["Subtotal: 352.00", "VAT 19%: 66.88", f"Total: {total}"]):
        page.drawRightString(520, foot - 15 * row, text)
    page.showPage()
    page.save()
    return out.getvalue()


def long_invoice_pdf(pages: int) -> bytes:
    """Its number stands on the first page, its total on the last."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    for number in range(1, pages + 1):
        canvas.drawString(
            60, 780, "Invoice number: LNG-2026-7" if number == 1 else f"Terms and conditions, part {number}"
        )
        for line in range(30):
            canvas.drawString(60, 740 - 20 * line, f"Paragraph {number}.{line} says nothing that anybody needs.")
        if number == pages:
            canvas.drawString(60, 90, "Total amount: EUR 1,234.56")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def note_pdf(text: str) -> bytes:
    """One page with one sentence: the cheapest document that parses, different bytes for every text."""
    out = io.BytesIO()
    page = Canvas(out, pagesize=A4, invariant=True)
    page.drawString(50, 780, text)
    page.showPage()
    page.save()
    return out.getvalue()


def broken_pdf(salt: str = "") -> bytes:
    """Says it is a PDF and is not one behind the header."""
    return b"%PDF-1.7\n" + f"{salt} 1 0 obj << /Type /Catalog /Pages 99 0 R >>".encode() + b"\n\x00\xff garbage"


def png(text: str) -> bytes:
    image = Image.new("RGB", (640, 120), "white")
    ImageDraw.Draw(image).text((20, 40), text, fill="black", font_size=32)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def docx(*paragraphs: str) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    parts = {
        "[Content_Types].xml": (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{DOCX}.main+xml"/></Types>'
        ),
        "_rels/.rels": (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1" Target="word/document.xml" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>'
            "</Relationships>"
        ),
        "word/document.xml": (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
            f"<w:body>{body}</w:body></w:document>"
        ),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def xlsx(rows: Sequence[Sequence[str | float]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Sheet1")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()
