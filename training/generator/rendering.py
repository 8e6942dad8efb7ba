"""Drafts as files: a PDF with a text layer, or a picture of one as a scanner sees it."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter
from reportlab.pdfgen.canvas import Canvas

from .draft import Draft
from .paper import Page, Paper

_DPI = 130


def write_document(d: Draft, folder: Path) -> str:
    """Writes the file and gives its name."""
    pdf = pdf_bytes(d.paper)
    if not d.is_scan:
        (folder / "document.pdf").write_bytes(pdf)
        return "document.pdf"
    pictures = scanned(pdf, d.paper, seed=d.layout)
    if len(pictures) == 1:
        pictures[0].save(folder / "document.jpg", quality=70)
        return "document.jpg"
    pictures[0].save(folder / "document.pdf", save_all=True, append_images=pictures[1:], resolution=_DPI)
    return "document.pdf"


def pdf_bytes(paper: Paper) -> bytes:
    """The pages as drawn; the same paper gives the same bytes."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for page in paper.pages:
        canvas.setPageSize((page.width, page.height))
        _draw(canvas, page)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(canvas: Canvas, page: Page) -> None:
    for rule in page.rules:
        canvas.setStrokeGray(rule.grey)
        canvas.setLineWidth(rule.thickness)
        top, bottom = page.height - rule.y0, page.height - rule.y1
        if not rule.is_box:
            canvas.line(rule.x0, top, rule.x1, bottom)
            continue
        if rule.fill:
            canvas.setFillColorRGB(*rule.fill)
        canvas.rect(rule.x0, bottom, rule.x1 - rule.x0, top - bottom, stroke=int(rule.thickness > 0), fill=int(rule.fill is not None))
    for run in page.runs:
        canvas.saveState()
        canvas.translate(run.x, page.height - run.baseline)
        if run.turned:
            canvas.rotate(run.turned)
        text = canvas.beginText(0, 0)
        text.setFont(run.pen.face, run.pen.size)
        text.setHorizScale(run.pen.narrow * 100)
        text.setFillColorRGB(*run.pen.colour)
        text.textOut(run.text)
        canvas.drawText(text)
        canvas.restoreState()


def scanned(pdf: bytes, paper: Paper, seed: str, dpi: int = _DPI) -> list[Image.Image]:
    """Pictures of the pages: grey, tilted as the words are, blurred and speckled."""
    noise = np.random.default_rng(abs(hash_of(seed)))
    out = []
    document = pypdfium2.PdfDocument(pdf)
    for number in range(len(document)):
        picture = document[number].render(scale=dpi / 72).to_pil().convert("L")
        angle = paper.tilts.get(number + 1, 0.0)
        picture = picture.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC, fillcolor=255)
        picture = picture.filter(ImageFilter.GaussianBlur(0.6))
        grain = np.asarray(picture, dtype=np.float32) * 0.93 + 8 + noise.normal(0, 7, (picture.height, picture.width))
        specks = noise.random((picture.height, picture.width)) < 0.0004
        grain[specks] = 40
        out.append(Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8)))
    return out


def hash_of(text: str) -> int:
    value = 0
    for letter in text:
        value = (value * 131 + ord(letter)) % (1 << 61)
    return value
