"""The formats that samples.py does not hold: words with boxes, chunks and a picture, whatever the file is called."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from fieldproof.parsing import ParseConfig, chunk, parse, render
from parsing.drawn import Drawing
from parsing.formats.biff import XlsSheet, xls
from parsing.formats.test_legacy import _doc, _msg

CONFIG = ParseConfig(ocr_dpi=100)


def a_pdf(path: Path) -> bytes:
    drawing = Drawing(path)
    drawing.text(60, 100, "Invoice 2041")
    return drawing.save().read_bytes()


def a_picture(**how: object) -> bytes:
    page = Image.new("L", (420, 100), 255)
    ImageDraw.Draw(page).text((20, 25), "Invoice 2041", fill=0, font=ImageFont.load_default(44))
    stream = io.BytesIO()
    page.convert("1" if how.get("compression") else "L").save(stream, dpi=(100, 100), **how)  # type: ignore[arg-type]
    return stream.getvalue()


FILES = {
    "a.pdf": a_pdf,
    "a.png": lambda _: a_picture(format="PNG"),
    "a.jpg": lambda _: a_picture(format="JPEG", quality=92),
    "a.tiff": lambda _: a_picture(format="TIFF", compression="group4"),
    "a.webp": lambda _: a_picture(format="WEBP", lossless=True),
    "a.doc": lambda _: _doc("Invoice 2041\r"),
    "a.xls": lambda _: xls([XlsSheet("Data", [(0, 0, "Invoice", 0), (0, 1, 2041.0, 0)])], ["General"]),
    "a.msg": lambda _: _msg(),
}


@pytest.mark.parametrize("name", FILES)
def test_words_boxes_chunks_and_a_picture(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")  # no LibreOffice
    path, misnamed = tmp_path / name, tmp_path / "file.csv"
    content = FILES[name](tmp_path / "drawn.pdf")
    path.write_bytes(content)
    misnamed.write_bytes(content)
    document = parse(path, CONFIG)
    assert "Invoice" in document.text
    for page in document.pages:
        assert page.words
        assert all(0 <= w.box.left < w.box.right <= 1 and 0 <= w.box.top < w.box.bottom <= 1 for w in page.words)
    assert "Invoice" in chunk(document)[0].content
    assert Image.open(io.BytesIO(render(path, 1, 300, CONFIG))).width > 100
    assert parse(misnamed, CONFIG).text == document.text
