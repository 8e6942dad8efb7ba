"""Slides keep their geometry; pages of HTML, mails and texts keep their structure."""

from __future__ import annotations

import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from fieldproof.core.document import BlockKind
from fieldproof.core.geometry import Box
from parsing.formats import build
from parsing.formats.conftest import Read


def _place(left: float, top: float, width: float, height: float) -> Box:
    """Inches on a 10 by 7.5 slide as fractions."""
    return Box(left / 10, top / 7.5, (left + width) / 10, (top + height) / 7.5)


def test_words_stand_inside_their_shape(read: Read) -> None:
    def fill(deck) -> None:
        build.slide_with(deck, "Total 42", left=6, top=5, width=3, height=1)

    [page] = read(build.presentation(fill), "a.pptx").pages
    assert (page.width_pt, page.height_pt) == (720, 540)
    shape = _place(6, 5, 3, 1)
    for word in page.words:
        assert shape.intersection(word.box) == pytest.approx(word.box.area, rel=0.01)


def test_groups_move_and_scale_what_they_hold(read: Read) -> None:
    def fill(deck) -> None:
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        group = slide.shapes.add_group_shape()
        group.shapes.add_textbox(Inches(1), Inches(1), Inches(4), Inches(2)).text_frame.text = "inside"
        group.left, group.top, group.width, group.height = Inches(5), Inches(5), Inches(2), Inches(1)

    [page] = read(build.presentation(fill), "a.pptx").pages
    [word] = page.words
    assert _place(5, 5, 2, 1).intersection(word.box) == pytest.approx(word.box.area, rel=0.01)


def test_long_text_shrinks_into_its_shape(read: Read) -> None:
    def fill(deck) -> None:
        build.slide_with(deck, "many words here " * 40, left=1, top=1, width=4, height=1)

    [page] = read(build.presentation(fill), "a.pptx").pages
    assert max(word.box.bottom for word in page.words) <= 2.01 / 7.5
    assert all(word.font_size and word.font_size < 12 for word in page.words)


def test_tables_have_the_slide_s_geometry_and_spans(read: Read) -> None:
    def fill(deck) -> None:
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        table = slide.shapes.add_table(3, 2, Inches(1), Inches(2), Inches(4), Inches(1.5)).table
        for number, text in enumerate(("Item", "Qty", "Bolt", "12", "All", "")):
            table.cell(number // 2, number % 2).text = text
        table.cell(2, 0).merge(table.cell(2, 1))

    [page] = read(build.presentation(fill), "a.pptx").pages
    [block] = page.blocks
    assert block.table is not None
    cells = {cell.text: cell for cell in block.table.cells}
    assert block.table.header_rows == 1
    assert cells["Item"].is_header
    assert cells["All"].column_span == 2
    assert cells["12"].anchor == "slide 1/shape 1/r2c2"
    assert cells["12"].box is not None
    assert cells["12"].box.left == pytest.approx(0.3, abs=0.001)


def test_titles_come_first_and_columns_are_read_across(read: Read) -> None:
    def fill(deck) -> None:
        slide, _ = build.slide_with(deck, "right", left=6, top=3)
        slide.shapes.add_textbox(Inches(1), Inches(3), Inches(3), Inches(1)).text_frame.text = "left"
        titled = deck.slides.add_slide(deck.slide_layouts[5])
        titled.shapes.add_textbox(Inches(1), Inches(0), Inches(3), Inches(0.4)).text_frame.text = "above"
        titled.shapes.title.text = "Title"

    assert read(build.presentation(fill), "a.pptx").text == "left\n\nright\n\nTitle\n\nabove"


def test_charts_show_series_and_values(read: Read) -> None:
    def fill(deck) -> None:
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        data = CategoryChartData()
        data.categories = ["East", "West"]
        data.add_series("Revenue", (19.2, 21.4))
        slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(1), Inches(6), Inches(4), data)

    assert "Revenue: East 19.2, West 21.4" in read(build.presentation(fill), "a.pptx").text


def test_hidden_slides_keep_their_number(read: Read) -> None:
    def fill(deck) -> None:
        first, _ = build.slide_with(deck, "secret")
        first._element.set("show", "0")
        build.slide_with(deck, "shown")

    document = read(build.presentation(fill), "a.pptx")
    assert [page.anchor for page in document.pages] == ["slide 1", "slide 2"]
    assert document.pages[1].words[0].anchor == "slide 2/shape 1"
    assert [(hidden.text, hidden.anchor) for hidden in document.hidden] == [("secret", "slide 1")]


def test_notes_stand_below_the_slide(read: Read) -> None:
    def fill(deck) -> None:
        slide, _ = build.slide_with(deck, "on the slide")
        slide.notes_slide.notes_text_frame.text = "what to say"

    [page] = read(build.presentation(fill), "a.pptx").pages
    assert page.height_pt > 540
    notes = [word for word in page.words if word.anchor == "slide 1/notes"]
    assert [word.text for word in notes] == ["what", "to", "say"]
    assert min(word.box.top for word in notes) * page.height_pt >= 540


def test_html_tables_lists_and_controls(read: Read) -> None:
    body = (
        "<ul><li>one<ul><li>two</ul></ul><ol type=a><li>x<li>y</ol>"
        "<table><thead><tr><th>A<th>B</thead><tbody><tr><td colspan=2>wide</table>"
        "<table role=presentation><tr><td><p>left</p><td>right</table>"
        "<input value=typed><input type=checkbox checked>yes<input type=hidden value=no>"
        "<select><option>first<option selected>second</select><pre>a   b\nc</pre>"
    )
    document = read(build.page(body), "a.html")
    assert document.text == (
        "• one\n\n• two\n\na. x\n\nb. y\n\nA\tB\nwide\n\nleft\n\nright\n\ntyped ☒ yessecond\n\na b\nc"
    )
    table = next(block.table for block in document.pages[0].blocks if block.table)
    assert table is not None
    assert table.header_rows == 1
    assert table.cells[2].column_span == 2


def test_html_declared_encodings(read: Read) -> None:
    content = "<html><head><meta charset=iso-8859-2></head><body>Łódź żółw</body></html>".encode("iso-8859-2")
    assert read(content, "a.html").text == "Łódź żółw"


def test_mail_attachments_are_listed_and_inline_pictures_are_not(read: Read) -> None:
    from email.message import EmailMessage

    inner = EmailMessage()
    inner["Subject"] = "Inner"
    inner.set_content("inner text")
    message = EmailMessage()
    message["From"], message["Subject"], message["Date"] = "a@example.org", "Outer", "Thu, 14 Mar 2024 10:00:00 +0100"
    message.set_content("plain")
    message.add_alternative("<p>rich <img src=cid:logo></p>", subtype="html")
    message.get_payload()[1].add_related(b"PNG", "image", "png", cid="<logo>")
    message.add_attachment(b"a,b\n", maintype="text", subtype="csv", filename="Größe.csv")
    message.add_attachment(inner)
    document = read(message.as_bytes(), "a.eml")
    assert document.text.endswith("rich")
    assert [found.filename for found in document.attachments] == ["Größe.csv", "Inner.eml"]
    assert document.attachments[0].content == b"a,b\n"
    assert "inner text" in read(document.attachments[1].content, "Inner.eml").text


def test_mail_headers_are_key_values(read: Read) -> None:
    blocks = read(build.mail(), "a.eml").pages[0].blocks
    pairs = {block.key: block.value for block in blocks if block.kind is BlockKind.KEY_VALUE}
    assert pairs["Subject"] == "Invoice Müller 17"
    assert pairs["From"] == "Ann Example <ann@example.org>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_of_plain_text(encoding: str, read: Read) -> None:
    text = "Rechnung für Müller über 5 Stück"
    document = read(text.encode(encoding), "a.txt")
    assert document.text == text
    assert bool(document.warnings) == (encoding == "cp1252")


def test_text_columns_stay_in_line(read: Read) -> None:
    document = read(b"Item        Qty   Price\nBolt          2    3.00\nNut           1    0.50\n", "a.txt")
    right = [word.box.right for word in document.pages[0].words if word.text in ("Price", "3.00", "0.50")]
    assert max(right) - min(right) < 0.001


def test_form_feeds_turn_the_page(read: Read) -> None:
    document = read(b"one\n\ftwo\n", "a.txt")
    assert [[word.text for word in page.words] for page in document.pages] == [["one"], ["two"]]
