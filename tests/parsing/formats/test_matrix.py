"""Every format: exact words, boxes on the page, places, cells, a picture, and the same bytes each time."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from fieldproof.core import codec
from fieldproof.core.document import BlockKind, PageSource
from fieldproof.parsing import ParseConfig, chunk, render
from parsing.formats.conftest import Read
from parsing.formats.samples import SAMPLES, Sample

every_format = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)


@every_format
def test_text_is_exactly_what_a_reader_sees(sample: Sample, read: Read) -> None:
    assert read(sample.content, sample.name).text == sample.text


@every_format
def test_spans_of_words_point_into_the_text(sample: Sample, read: Read) -> None:
    document = read(sample.content, sample.name)
    for page in document.pages:
        assert page.words
        for word in page.words:
            assert document.text[word.start : word.end] == word.text


@every_format
def test_boxes_lie_on_the_page_and_never_overlap(sample: Sample, read: Read) -> None:
    for page in read(sample.content, sample.name).pages:
        assert page.source is PageSource.LAYOUT
        boxes = [word.box for word in page.words]
        for number, box in enumerate(boxes):
            assert 0 <= box.left < box.right <= 1
            assert 0 <= box.top < box.bottom <= 1
            assert all(box.intersection(other) < 1e-6 for other in boxes[number + 1 :])


@every_format
def test_words_know_their_place_in_the_file(sample: Sample, read: Read) -> None:
    words = [word for page in read(sample.content, sample.name).pages for word in page.words]
    for text, anchor in sample.anchors.items():
        assert anchor in {word.anchor for word in words if word.text == text}


@every_format
def test_words_in_cells_lie_inside_the_cell(sample: Sample, read: Read) -> None:
    for page in read(sample.content, sample.name).pages:
        for block in page.blocks:
            for cell in block.table.cells if block.table else ():
                assert cell.text == " ".join(page.words[index].text for index in cell.words)
                for index in cell.words:
                    assert cell.box is not None
                    assert cell.box.intersection(page.words[index].box) == pytest.approx(
                        page.words[index].box.area, rel=0.02
                    )


@every_format
def test_same_bytes_give_the_same_document(sample: Sample, read: Read) -> None:
    first, second = (read(sample.content, sample.name) for _ in range(2))
    assert codec.dump(first) == codec.dump(second)
    assert chunk(first) == chunk(second)


@every_format
def test_content_decides_not_the_extension(sample: Sample, read: Read) -> None:
    wrong = "file.xls" if not sample.name.endswith((".md", ".tsv")) else sample.name
    assert read(sample.content, wrong).text == sample.text


@every_format
def test_drawn_words_stand_in_their_boxes_and_nowhere_else(sample: Sample, read: Read, tmp_path: Path) -> None:
    document = read(sample.content, sample.name)
    picture = Image.open(io.BytesIO(render(tmp_path / sample.name, 1, 1200, ParseConfig()))).convert("L")
    dark = picture.point(lambda value: 255 if value < 120 else 0)
    boxes = Image.new("L", picture.size, 0)
    for word in document.pages[0].words:
        area = (
            int(word.box.left * picture.width) - 2,
            int(word.box.top * picture.height) - 2,
            int(word.box.right * picture.width) + 3,
            int(word.box.bottom * picture.height) + 3,
        )
        assert dark.crop(area).getbbox() is not None, f"nothing is drawn for {word.text}"
        boxes.paste(255, area)
    assert ImageChops.subtract(dark, boxes).getbbox() is None


def test_headings_lists_tables_and_key_values_are_told_apart(read: Read) -> None:
    kinds = {
        sample.name: {b.kind for p in read(sample.content, sample.name).pages for b in p.blocks} for sample in SAMPLES
    }
    assert {BlockKind.HEADER, BlockKind.HEADING, BlockKind.LIST, BlockKind.TABLE, BlockKind.FOOTER} <= kinds[
        "agreement.docx"
    ]
    assert {BlockKind.HEADING, BlockKind.TABLE} <= kinds["book.xlsx"]
    assert {BlockKind.HEADING, BlockKind.LIST} <= kinds["deck.pptx"]
    assert {BlockKind.HEADING, BlockKind.LIST, BlockKind.TABLE} <= kinds["page.html"]
    assert BlockKind.KEY_VALUE in kinds["letter.eml"]
