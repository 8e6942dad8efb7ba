"""Draws the four sample documents of src/fieldproof/samples: ``python training/samples.py``.

Invented companies, our own drawing, the same bytes every time. They show what a first user brings: a
digital invoice, a photographed receipt, a Word file, a spreadsheet.
"""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table, TableStyle

ROOT = Path(__file__).resolve().parents[1] / "src" / "fieldproof"
OUT, FONTS = ROOT / "samples", ROOT / "parsing" / "fonts"


def main() -> None:
    OUT.mkdir(exist_ok=True)
    (OUT / "invoice.pdf").write_bytes(invoice())
    (OUT / "receipt.jpg").write_bytes(receipt())
    (OUT / "order.docx").write_bytes(order())
    (OUT / "expenses.xlsx").write_bytes(expenses())


def invoice() -> bytes:
    out = io.BytesIO()
    page = Canvas(out, pagesize=A4, invariant=True)
    page.setTitle("Invoice 2026-1047")
    width, height = A4
    page.setFillColor(colors.HexColor("#12355b"))
    page.rect(0, height - 34 * mm, width, 34 * mm, stroke=0, fill=1)
    page.setFillColor(colors.white)
    page.setFont("Helvetica-Bold", 20)
    page.drawString(20 * mm, height - 19 * mm, "Nordlicht Instruments GmbH")
    page.setFont("Helvetica", 9)
    page.drawString(20 * mm, height - 26 * mm, "Hafenstrasse 12 · 24103 Kiel · Germany · VAT ID DE811907980")
    page.setFillColor(colors.black)
    _lines(page, 20, 250, ["Bill to", "Aurora Research Ltd", "48 Chandlers Row", "Bristol BS1 6QF", "United Kingdom"])
    page.setFont("Helvetica-Bold", 15)
    page.drawString(118 * mm, 250 * mm, "INVOICE")
    facts = [
        ("Invoice number", "NI-2026-1047"), ("Invoice date", "14 October 2026"), ("Due date", "13 November 2026"),
        ("Order number", "PO-88213"), ("Customer number", "C-3319"),
    ]  # fmt: skip
    page.setFont("Helvetica", 10)
    for row, (label, value) in enumerate(facts):
        page.drawString(118 * mm, (242 - 6 * row) * mm, label)
        page.drawRightString(190 * mm, (242 - 6 * row) * mm, value)
    rows = [
        ["Pos", "Description", "Qty", "Unit price", "Amount"],
        ["1", "Spectrometer NL-40, calibrated", "2", "1,480.00", "2,960.00"],
        ["2", "Fibre probe, 2 m", "4", "86.50", "346.00"],
        ["3", "On-site installation (hours)", "6", "95.00", "570.00"],
        ["4", "Calibration certificate", "2", "120.00", "240.00"],
    ]
    table = Table(rows, colWidths=[12 * mm, 82 * mm, 16 * mm, 30 * mm, 30 * mm])
    table.setStyle(
        TableStyle([
            ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 9), ("FONT", (0, 1), (-1, -1), "Helvetica", 9),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black), ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.grey),
            ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
        ])
    )  # fmt: skip
    _, used = table.wrapOn(page, 170 * mm, 100 * mm)
    table.drawOn(page, 20 * mm, 205 * mm - used)
    sums = [("Net amount", "4,116.00"), ("VAT 19 %", "782.04"), ("Total amount EUR", "4,898.04")]
    for row, (label, value) in enumerate(sums):
        page.setFont("Helvetica-Bold" if row == 2 else "Helvetica", 10)
        page.drawString(122 * mm, (160 - 6 * row) * mm, label)
        page.drawRightString(190 * mm, (160 - 6 * row) * mm, value)
    note = [
        "Please pay within 30 days to",
        "IBAN DE89 3704 0044 0532 0130 00 · BIC COBADEFFXXX",
        "Thank you for your order.",
    ]
    _lines(page, 20, 120, note)
    page.showPage()
    page.save()
    return out.getvalue()


def _lines(page: Canvas, left_mm: float, top_mm: float, lines: list[str]) -> None:
    for row, text in enumerate(lines):
        page.setFont("Helvetica-Bold" if row == 0 and len(text) < 12 else "Helvetica", 10)
        page.drawString(left_mm * mm, (top_mm - 5 * row) * mm, text)


def receipt() -> bytes:
    """A till receipt as a phone sees it: grey paper, a little tilt, a little noise."""
    rows = [
        ("Harbour Coffee Roasters", ""), ("9 Quay Street, Galway", ""), ("VAT No IE6388047V", ""), ("", ""),
        ("Receipt No: 004518", ""), ("Date: 03/11/2026 08:42", ""), ("", ""),
        ("2 x Flat white", "7.60"), ("1 x Almond croissant", "3.90"), ("1 x Filter beans 250 g", "12.50"), ("", ""),
        ("Subtotal", "24.00"), ("VAT 13.5 %", "2.85"), ("TOTAL EUR", "24.00"), ("Card ****4417", "24.00"), ("", ""),
        ("Thank you, see you soon", ""),
    ]  # fmt: skip
    paper = Image.new("L", (900, 1300), 244)
    canvas = ImageDraw.Draw(paper)
    font = ImageFont.truetype(str(FONTS / "DejaVuSansMono.ttf"), 34)
    for row, (text, amount) in enumerate(rows):
        canvas.text((70, 70 + 68 * row), text, font=font, fill=40)
        if amount:
            canvas.text((830 - 20.5 * len(amount), 70 + 68 * row), amount, font=font, fill=40)
    chance = random.Random(7)
    tilted = paper.rotate(1.3, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=205)
    noise = Image.frombytes("L", tilted.size, bytes(chance.choices(range(26), k=tilted.width * tilted.height)))
    noisy = Image.composite(tilted, Image.new("L", tilted.size, 0), noise.point(lambda v: 255 - v))
    out = io.BytesIO()
    noisy.filter(ImageFilter.GaussianBlur(0.7)).convert("RGB").save(out, "JPEG", quality=82, dpi=(200, 200))
    return out.getvalue()


def order() -> bytes:
    paragraphs = [
        ("Title", "Purchase order"),
        ("", "Verdant Gardens Cooperative, 3 Orchard Lane, Norwich NR3 1AB"),
        ("", "Order number: VG-7730"),
        ("", "Order date: 21 September 2026"),
        ("", "Supplier: Bramble & Sons Nurseries"),
        ("", "Currency: GBP"),
    ]
    rows = [
        ["Description", "Quantity", "Unit price", "Amount"],
        ["Apple tree, Discovery, 5 l pot", "24", "18.40", "441.60"],
        ["Hedge mix, bare root, bundle of 50", "6", "39.00", "234.00"],
        ["Tree stakes 1.5 m", "30", "2.10", "63.00"],
    ]
    closing = [("", "Net amount: 738.60"), ("", "VAT 20 %: 147.72"), ("", "Total amount: 886.32")]
    body = "".join(_paragraph(*p) for p in paragraphs) + _word_table(rows) + "".join(_paragraph(*p) for p in closing)
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{main}"><w:body>{body}</w:body></w:document>'
    )
    kinds = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = (
        '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kinds}"/></Types>'
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    relations = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{office}" Target="word/document.xml"/></Relationships>'
    )
    parts = {"[Content_Types].xml": types, "_rels/.rels": relations, "word/document.xml": document}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def _paragraph(style: str, text: str) -> str:
    look = "<w:rPr><w:b/><w:sz w:val='36'/></w:rPr>" if style == "Title" else ""
    return f'<w:p><w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def _word_table(rows: list[list[str]]) -> str:
    sides = "".join(
        f'<w:{s} w:val="single" w:sz="4"/>' for s in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    cells = "".join(
        "<w:tr>" + "".join(f"<w:tc>{_paragraph('', cell)}</w:tc>" for cell in row) + "</w:tr>" for row in rows
    )
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in (4800, 1300, 1500, 1500))
    return f"<w:tbl><w:tblPr><w:tblBorders>{sides}</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{cells}</w:tbl>"


def expenses() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": __import__("datetime").datetime(2026, 1, 1)})
        sheet = book.add_worksheet("Expenses")
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 3, 14)
        facts = [("Supplier", "Kestrel Travel Services"), ("Statement number", "KT-2026-09"),
                 ("Statement date", "2026-09-30"), ("Currency", "USD")]  # fmt: skip
        for row, (label, value) in enumerate(facts):
            sheet.write(row, 0, label, bold)
            sheet.write(row, 1, value)
        sheet.write_row(5, 0, ["Description", "Quantity", "Unit price", "Amount"], bold)
        items = [("Flight Boston to Denver", 2, 312.4), ("Hotel, per night", 3, 189.0), ("Taxi", 4, 27.5)]
        for row, (what, count, price) in enumerate(items, 6):
            sheet.write_row(row, 0, [what, count])
            sheet.write_number(row, 2, price, money)
            sheet.write_number(row, 3, round(count * price, 2), money)
        sheet.write(10, 0, "Total amount", bold)
        sheet.write_number(10, 3, round(sum(c * p for _, c, p in items), 2), money)
    return out.getvalue()


if __name__ == "__main__":
    main()
